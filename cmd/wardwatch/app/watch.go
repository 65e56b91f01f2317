package app

import (
	"context"
	"net/http"
	"slices"
	"time"

	"wardwatch/alerts/outgoing"
	"wardwatch/ward"
)

// watch looks after Wardwatch itself: silence is an alarm. Every few seconds it compares each
// condition with its limit, tells every screen what changed, and raises or ends the technical
// alert. While every ward is fed and scored and notices leave in time it pings the outside
// heartbeat, so that our own end rings there.
type watch struct {
	a      *App
	conds  []condition
	bad    map[string]time.Time
	pinged time.Time
	since  time.Time // when the program came up
	quiet  []ward.WardID
}

// condition is one thing that may be wrong. bad returns a detail without anything identifying.
type condition struct {
	code  string
	bad   func(now time.Time) (bool, string)
	warns bool // somebody must look, but Wardwatch does its work: it stays ready
	shown bool // shown only: the desk raises its technical alert by itself
}

const (
	watchEvery     = 2 * time.Second
	heartbeatEvery = 30 * time.Second
	heardWithin    = 24 * time.Hour   // ours: a device silent for longer feeds nobody
	influxLagLimit = 2 * time.Minute  // ours: history that late is worth knowing
	noticesBehind  = time.Minute      // ours: a notice due so long ago is not being sent
	crowdedFor     = 10 * time.Minute // ours: how long beds that were too many are spoken of
)

func (w *watch) run(ctx context.Context) error {
	every := time.NewTicker(watchEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-every.C:
			w.look(ctx)
		}
	}
}

func (w *watch) look(ctx context.Context) {
	now := w.a.clock.now()
	for _, c := range w.conds {
		bad, detail := c.bad(now)
		since, was := w.bad[c.code]
		if bad == was {
			continue
		}
		if bad {
			since = now
			w.bad[c.code] = now
			w.a.log.Error("condition", "code", c.code, "detail", detail)
		} else {
			delete(w.bad, c.code)
			w.a.log.Info("condition is over", "code", c.code)
		}
		w.a.live.Publish(ward.Event{At: now, System: &ward.System{Code: c.code, Bad: bad, Since: since, Detail: detail}})
		if !c.shown {
			w.a.concern(c.code, bad, ward.Place{}, detail)
		}
	}
	w.a.telling.holes.look(now, w.a.concern)
	if w.a.config.HeartbeatURL == "" || now.Sub(w.pinged) < heartbeatEvery || !w.beating(ctx, now) {
		return
	}
	w.pinged = now
	w.ping(ctx)
}

// beating says whether Wardwatch does its work in every ward. What only asks for a look is not the
// outside watch's matter.
func (w *watch) beating(ctx context.Context, now time.Time) bool {
	for _, c := range w.conds {
		if _, bad := w.bad[c.code]; bad && !c.warns {
			return false
		}
	}
	monitored, err := w.a.monitored(ctx, now)
	if err != nil {
		w.a.log.Error("heartbeat: the book cannot be read", "error", err)
		return false
	}
	quiet := w.a.loop.pulse.missing(monitored, w.since, now)
	if !slices.Equal(quiet, w.quiet) {
		w.a.log.Warn("heartbeat: wards that are not fed or not scored keep it silent", "wards", quiet)
		w.quiet = quiet
	}
	return len(quiet) == 0
}

// monitored are the wards from which readings must come: somebody lies there, not away, at a device
// that has been heard there within a day.
func (a *App) monitored(ctx context.Context, now time.Time) (map[ward.WardID]bool, error) {
	list, err := a.book.AttachedSince(ctx, now)
	wards := map[ward.WardID]bool{}
	for _, x := range list {
		if !x.To.IsZero() || now.Sub(x.Seen) > heardWithin {
			continue
		}
		id, apart := a.book.Resolve(x.Place, x.Device, now, 0)
		if s := a.book.LookUp(id); apart == ward.NotApart && s != nil && s.Ended.IsZero() && !now.Before(s.Off.Until) {
			wards[x.Place.Ward] = true
		}
	}
	return wards, err
}

func (w *watch) ping(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.a.config.HeartbeatURL, nil)
	if err != nil { // its address is its secret: neither is logged
		w.a.log.Error("heartbeat: the address cannot be used")
		return
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.a.log.Warn("heartbeat did not get out", "error", outgoing.Plain(err))
		return
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		w.a.log.Warn("heartbeat was refused", "status", resp.StatusCode)
	}
}
