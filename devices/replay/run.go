package replay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wardwatch/devices"
)

// Pace says how a plan is sent.
type Pace struct {
	// Send hands one message over. It may wait; the replay then falls behind its pace and says so.
	Send func(ctx context.Context, topic string, payload []byte) error

	Speed    float64                                      // moved time over wall time: 1 is life, 60 an hour a minute; 0: as fast as Send takes it
	Now      func() time.Time                             // the wall clock
	Origin   time.Time                                    // wall moment that the plan's start stands for; what is due already is sent at once. Zero: when Run begins
	Until    func(ctx context.Context, t time.Time) error // waits until the wall clock shows t; nil: a timer
	Progress func(Progress)                               // told at most once a second of wall time, and at the end; may be nil
}

// Progress is how far a replay has come.
type Progress struct {
	Sent, Of int
	At       time.Time     // moved time of the last message sent
	Behind   time.Duration // how late, by the wall clock, it was sent
}

// Run sends the plan's readings in order, the first at once, until the end, the first error of
// Send, or ctx ends.
func (p *Plan) Run(ctx context.Context, o Pace) error {
	if o.Send == nil || o.Now == nil || o.Speed < 0 {
		return errors.New("replay: Send and Now are required, and Speed must not be negative")
	}
	if o.Until == nil {
		o.Until = func(ctx context.Context, t time.Time) error { return sleep(ctx, t.Sub(o.Now())) }
	}
	origin, start := o.Origin, p.Readings[0].Taken
	if origin.IsZero() {
		origin = o.Now()
	}
	var payload []byte
	told := o.Now()
	for i := range p.Readings {
		r := &p.Readings[i]
		due := origin
		if o.Speed > 0 {
			due = origin.Add(time.Duration(float64(r.Taken.Sub(start)) / o.Speed))
			if o.Now().Before(due) {
				if err := o.Until(ctx, due); err != nil {
					return err
				}
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		payload = devices.Encode(make([]byte, 0, len(payload)+64), r)
		if err := o.Send(ctx, devices.Topic(r.Place, devices.Vitals), payload); err != nil {
			return fmt.Errorf("replay: message %d of %d: %w", i+1, len(p.Readings), err)
		}
		last := i == len(p.Readings)-1
		if now := o.Now(); o.Progress != nil && (last || now.Sub(told) >= time.Second) {
			told = now
			o.Progress(progress(i+1, len(p.Readings), r.Taken, now, due, o.Speed))
		}
	}
	return nil
}

func progress(sent, of int, at, now, due time.Time, speed float64) Progress {
	g := Progress{Sent: sent, Of: of, At: at}
	if speed > 0 {
		g.Behind = max(0, now.Sub(due))
	}
	return g
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
