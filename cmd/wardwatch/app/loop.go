package app

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"wardwatch/alerts"
	"wardwatch/dashboard/live"
	"wardwatch/scoring"
	"wardwatch/store/journal"
	"wardwatch/store/trend"
	"wardwatch/ward"
)

// loop is the one goroutine in which every bed lives: committed readings come in, scores, alerts
// and screen events go out, strictly in the journal's order. What cannot be kept is retried here
// for ever, which holds back everything before it as far as the acknowledgement to the devices.
type loop struct {
	log     *slog.Logger
	now     func() time.Time
	engine  *scoring.Engine
	desk    *alerts.Desk
	journal *journal.Journal
	trend   *trend.Trend
	live    *live.Live
	pulse   *pulse
	probe   func(string)

	batches chan []ward.Reading
	calls   chan func(context.Context)
	done    atomic.Uint64 // journal position up to which everything is scored
	stalled atomic.Bool   // the book or the journal cannot be written
	late    atomic.Bool   // history has come in since the tiles' trends were last filled
	ctx     context.Context
}

// Bounds of the queues into the loop: when they are full the sender waits.
const (
	batchQueue = 64
	callQueue  = 256
)

func (l *loop) open(ctx context.Context) {
	l.batches = make(chan []ward.Reading, batchQueue)
	l.calls = make(chan func(context.Context), callQueue)
	l.ctx = ctx
}

// deliver hands a committed batch over; it waits while the loop is behind.
func (l *loop) deliver(batch []ward.Reading) {
	l.pulse.feed(batch)
	select {
	case l.batches <- batch:
	case <-l.ctx.Done(): // stopping: the journal has it, recovery scores it
	}
}

// call runs f in the loop, without waiting for it.
func (l *loop) call(f func(context.Context)) {
	select {
	case l.calls <- f:
	case <-l.ctx.Done():
	}
}

// run lives until ctx ends. Each tick lets time pass for everything.
func (l *loop) run(ctx context.Context, ticks <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			return
		case batch := <-l.batches:
			l.take(ctx, batch)
		case f := <-l.calls:
			f(ctx)
		case <-ticks:
			l.tick(ctx, l.now())
		}
	}
}

// take scores one batch and shows it.
func (l *loop) take(ctx context.Context, batch []ward.Reading) {
	for i := range batch {
		l.trend.Add(&batch[i])
		switch {
		case batch[i].Apart == ward.Crowded: // kept, and no more
		case batch[i].Late:
			l.late.Store(true)
		default:
			l.live.Publish(ward.Event{Ward: batch[i].Place.Ward, At: batch[i].Arrived, Reading: &batch[i]})
		}
	}
	l.engine.Take(batch)
	l.pulse.score(batch)
	if n := len(batch); n > 0 && ctx.Err() == nil {
		l.done.Store(max(l.done.Load(), batch[n-1].Position))
	}
	l.probe("scored")
}

func (l *loop) tick(ctx context.Context, now time.Time) {
	l.engine.Tick(now)
	l.retry(ctx, "desk", func() error { return l.desk.Tick(ctx, now) })
	if err := l.trend.Tick(now); err != nil {
		l.log.Error("minute roll-ups cannot be written", "error", err)
	}
}

// scored passes a score on to the desk and the screens.
func (l *loop) scored(s *ward.Score, r *ward.Reading) {
	var alarms []ward.DeviceAlarm
	if r != nil {
		alarms = r.Alarms
	}
	if l.desk.Observe(l.ctx, s, alarms) != nil {
		l.retry(l.ctx, "desk", func() error { return l.desk.Observe(l.ctx, s, alarms) })
	}
	l.trend.AddScore(s)
	l.live.Publish(ward.Event{Ward: s.Place.Ward, At: s.At, Score: s})
}

// record keeps scores in the journal, from where they go to InfluxDB.
func (l *loop) record(scores []ward.Score) {
	l.retry(l.ctx, "journal", func() error { return l.journal.AppendScores(scores) })
}

// Waits between tries while something cannot be kept.
const (
	firstWait = 50 * time.Millisecond
	lastWait  = 2 * time.Second
)

// retry tries f until it succeeds or the loop is stopping; meanwhile everything waits and says so.
// The second try comes at once: an alert whose id was taken is decided anew, which is no trouble.
func (l *loop) retry(ctx context.Context, what string, f func() error) {
	if f() == nil {
		return
	}
	for wait := firstWait; ; wait = min(2*wait, lastWait) {
		err := f()
		if err == nil {
			l.stalled.Store(false)
			return
		}
		if ctx.Err() != nil {
			return
		}
		if !l.stalled.Swap(true) {
			l.log.Error("cannot keep what must be kept: everything waits", "what", what, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}
