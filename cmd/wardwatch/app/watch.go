package app

import (
	"context"
	"net/http"
	"time"

	"wardwatch/ward"
)

// watch looks after Wardwatch itself: silence is an alarm. Every few seconds it compares each
// condition with its limit, tells every screen what changed, and raises or ends the technical
// alert. While nothing is wrong it pings the outside heartbeat, so that our own end rings there.
type watch struct {
	a      *App
	conds  []condition
	bad    map[string]time.Time
	pinged time.Time
}

// condition is one thing that may be wrong. bad returns a detail without anything identifying.
type condition struct {
	code  string
	bad   func(now time.Time) (bool, string)
	warns bool // somebody must look, but Wardwatch does its work: it stays ready
}

const (
	watchEvery     = 2 * time.Second
	heartbeatEvery = 30 * time.Second
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
		w.a.concern(c.code, bad, ward.Place{}, detail)
	}
	if len(w.bad) == 0 && now.Sub(w.pinged) >= heartbeatEvery {
		w.pinged = now
		w.ping(ctx)
	}
}

func (w *watch) ping(ctx context.Context) {
	if w.a.config.HeartbeatURL == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.a.config.HeartbeatURL, nil)
	if err != nil {
		w.a.log.Error("heartbeat", "error", err)
		return
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.a.log.Warn("heartbeat did not get out", "error", err)
		return
	}
	_ = resp.Body.Close()
}
