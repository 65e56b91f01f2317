package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"wardwatch/cmd/wardwatch/incident"
	"wardwatch/store/book/audit"
	"wardwatch/ward"
)

// What is done now and then, in real time.
const (
	checkpointEvery = 30 * time.Second
	lookEvery       = time.Second // for changes to the book by another process
	recallEvery     = 5 * time.Second
	pruneEvery      = 10 * time.Minute
	headEvery       = time.Hour        // the audit's head is signed once a day; this is how often we look
	testEvery       = time.Minute      // whether the daily test messages are due
	downtimeLook    = 20 * time.Second // whether the lists for downtime are due
)

// startUpkeep starts what looks after the rest.
func (a *App) startUpkeep(ctx context.Context) error {
	if err := a.openDowntime(); err != nil {
		return err
	}
	w := &watch{a: a, bad: map[string]time.Time{}, conds: a.conditions(), since: a.clock.now()}
	a.undo.task(ctx, "watch", w.run)
	a.undo.task(ctx, "upkeep", func(ctx context.Context) error {
		every(ctx, map[time.Duration]func(context.Context){
			checkpointEvery: func(context.Context) { a.loop.call(func(context.Context) { a.checkpoint() }) },
			lookEvery:       a.lookForChanges,
			recallEvery:     a.recall,
			pruneEvery:      a.prune,
			headEvery:       a.signHead,
			testEvery:       a.testDaily,
			downtimeLook:    a.writeDowntime,
		})
		return nil
	})
	a.prune(ctx)
	a.signHead(ctx)
	a.writeDowntime(ctx)
	return nil
}

// every runs each job at its interval, one at a time, until ctx ends.
func every(ctx context.Context, jobs map[time.Duration]func(context.Context)) {
	type job struct {
		due   time.Time
		every time.Duration
		do    func(context.Context)
	}
	var list []job
	now := time.Now()
	for d, f := range jobs {
		list = append(list, job{now.Add(d), d, f})
	}
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			for i := range list {
				if !now.Before(list[i].due) {
					list[i].due = now.Add(list[i].every)
					list[i].do(ctx)
				}
			}
		}
	}
}

// lookForChanges takes up what another process (the command line) wrote into the book.
func (a *App) lookForChanges(ctx context.Context) {
	before := a.book.Generation()
	if err := a.book.Reload(ctx); err != nil {
		a.log.Error("reading the book's changes", "error", err)
		return
	}
	if a.book.Generation() != before {
		a.staysChanged(ctx)
		a.endRevoked(ctx)
	}
	if a.influx != nil {
		a.journal.Hold("influx", a.influx.Position())
	}
}

// endRevoked ends the connections of devices whose credential was taken back.
func (a *App) endRevoked(ctx context.Context) {
	if a.broker == nil {
		return
	}
	list, err := a.book.Credentials(ctx)
	if err != nil {
		a.log.Error("reading the credentials", "error", err)
	}
	for _, c := range list {
		if !c.Revoked.IsZero() && a.broker.Kick(c.User) > 0 {
			a.log.Info("a revoked credential's connection was ended", "user", c.User)
		}
	}
}

// recall fills the tiles' trends anew once a backlog has come in.
func (a *App) recall(ctx context.Context) {
	if !a.loop.late.Swap(false) {
		return
	}
	if err := a.server.Recall(ctx); err != nil {
		a.log.Error("filling the board's trends", "error", err)
	}
}

// staysChanged brings screens, beds and alerts in line with the book after any change to stays.
func (a *App) staysChanged(ctx context.Context) {
	if a.server != nil {
		if err := a.server.Refresh(ctx); err != nil {
			a.log.Error("refreshing the board", "error", err)
		}
	}
	a.loop.call(a.settleStays)
	a.knowByFindings(ctx)
	if a.imaging != nil {
		a.imaging.StaysChanged()
	}
}

// settleStays runs in the loop. A stay that has ended leaves its bed and its alerts; one that has
// moved takes its alerts along; an order (SpO2 scale, care) is scored at once.
func (a *App) settleStays(ctx context.Context) {
	now := a.clock.now()
	for _, id := range a.loop.engine.Stays() {
		if s := a.book.LookUp(id); s == nil || !s.Ended.IsZero() {
			a.loop.engine.Forget(id)
		} else {
			a.loop.engine.Rescore(id, now)
		}
	}
	if stays, err := a.book.StaysOn(ctx, ""); err != nil {
		a.log.Error("reading the stays: comfort care is followed from the last reading", "error", err)
	} else {
		a.loop.retry(ctx, "desk", func() error { return a.desk.Stays(ctx, stays, now) })
	}
	for _, alert := range a.desk.Open() {
		if alert.Stay == "" {
			continue
		}
		s := a.book.LookUp(alert.Stay)
		switch {
		case s == nil || !s.Ended.IsZero():
			a.loop.retry(ctx, "desk", func() error { return a.desk.StayEnded(ctx, alert.Stay, now, endReason(s)) })
		case s.Place != alert.Place:
			a.loop.retry(ctx, "desk", func() error { return a.desk.StayMoved(ctx, alert.Stay, s.Place, now) })
		}
	}
}

func endReason(s *ward.Stay) string {
	if s == nil || s.EndReason == "" {
		return "stay ended"
	}
	return s.EndReason
}

func (a *App) prune(ctx context.Context) {
	if holds, err := a.book.Holds(ctx); err != nil {
		a.log.Error("nothing is pruned: the legal holds cannot be read", "error", err)
		return
	} else {
		a.journal.Retain("legal", incident.Retained(holds))
	}
	if _, err := a.journal.Prune(a.clock.now()); err != nil {
		a.log.Error("pruning the journal", "error", err)
	}
	if a.imaging == nil {
		return
	}
	if err := a.imaging.Prune(ctx); err != nil {
		a.log.Error("pruning what imaging sources sent", "error", err)
	}
}

// signHead signs the audit's head once a day into a file that can be carried elsewhere, so that
// cutting the log's tail shows.
func (a *App) signHead(ctx context.Context) {
	now := a.clock.now()
	if now.Format(time.DateOnly) == a.signed {
		return
	}
	key, err := audit.LoadKey(a.path("audit.key"))
	if err == nil {
		_, err = a.book.ExportHead(ctx, a.path("heads"), key, now)
	}
	if err != nil {
		a.log.Error("signing the audit's head", "error", err)
		return
	}
	a.signed = now.Format(time.DateOnly)
}

// conditions are what the watch looks at.
func (a *App) conditions() []condition {
	list := []condition{
		{code: "ingest_stalled", bad: func(time.Time) (bool, string) { return failed(a.ingest.Ready()) }},
		{code: "storage_stalled", bad: func(time.Time) (bool, string) {
			return a.loop.stalled.Load(), "the book or the journal cannot be written"
		}},
		{code: "disk_low", bad: func(now time.Time) (bool, string) { return a.journal.Space(now).Low, "free some space" }},
		{code: "notices_behind", bad: func(now time.Time) (bool, string) {
			n, err := a.book.PendingBehind(context.Background(), now.Add(-noticesBehind))
			return err == nil && n > 0, "alerts are due and have not left"
		}},
		{code: "channel_down", warns: true, shown: true, bad: func(time.Time) (bool, string) {
			names := a.telling.fare.failing(a.telling.set.Describe())
			return len(names) > 0, "the last try failed: " + strings.Join(names, ", ")
		}},
		{code: "models_missing", warns: true, bad: func(now time.Time) (bool, string) {
			x := a.assessor.Load()
			if x == nil { // switched off
				return false, ""
			}
			return x.missing(now)
		}},
		{code: "imaging_down", warns: true, bad: a.imagingDown},
		{code: "unknown_beds", warns: true, bad: func(now time.Time) (bool, string) {
			return a.book.Crowded(now.Add(-crowdedFor)), "a sender names too many beds that are not in the book"
		}},
	}
	if a.broker != nil {
		list = append(list,
			condition{code: "broker_down", bad: func(time.Time) (bool, string) { return failed(a.broker.Ready()) }},
			condition{code: "forbidden_publish", warns: true, bad: a.forbidden})
	}
	if a.downtime != nil {
		up := a.clock.now()
		list = append(list, condition{code: "downtime_stale", warns: true, bad: func(now time.Time) (bool, string) {
			return a.downtime.stale(now, up), "the wards' lists for downtime are old: look at the folder"
		}})
	}
	if a.influx != nil {
		list = append(list, condition{code: "influx_lag", warns: true, bad: func(time.Time) (bool, string) {
			behind, age, _ := a.influx.Lag()
			return behind > 0 && age > influxLagLimit, "InfluxDB is behind; the journal keeps everything"
		}})
	}
	return list
}

// forbiddenFor is how long a publish without the right to it shows.
const forbiddenFor = 10 * time.Minute

// forbidden says who lately published where the credential does not let it: the broker acknowledges
// and drops that, so that a monitor set up wrongly would look healthy.
func (a *App) forbidden(time.Time) (bool, string) {
	for _, v := range a.broker.Violations() {
		if time.Since(v.Last) < forbiddenFor {
			return true, fmt.Sprintf("%s publishes to %s, which its credential does not allow", v.User, v.Subject)
		}
	}
	return false, ""
}

func failed(err error) (bool, string) {
	if err == nil {
		return false, ""
	}
	return true, err.Error()
}
