package app

import (
	"context"
	"fmt"
	"time"

	"wardwatch/scoring"
	"wardwatch/store/checkpoint"
	"wardwatch/ward"
)

// saved is what the checkpoint file holds: every bed, and every crossing that waited out its
// persistence, as they stood when all readings up to Position had been scored.
type saved struct {
	Position uint64
	Beds     []scoring.BedState
	Ahead    []ward.Alert
}

// recover brings the beds back: the checkpoint first, then every later reading of the journal is
// scored again at its recorded time of arrival, so that one acknowledged but not yet scored still
// raises its alert. The roll-ups may have missed earlier ones; they know which.
func (a *App) recover(ctx context.Context) error {
	var cp saved
	if _, err := checkpoint.Load(a.path("checkpoint"), &cp); err != nil {
		a.log.Warn("recovery starts from the journal alone", "error", err)
	}
	if cp.Position > a.journal.End() {
		a.log.Warn("the checkpoint is ahead of the journal, which has been cut: starting from the journal alone")
		cp = saved{}
	}
	a.loop.engine.Restore(cp.Beds)
	a.desk.Restore(cp.Ahead)
	a.loop.done.Store(cp.Position)
	began, again := time.Now(), 0
	for from := min(cp.Position, a.trend.Position()) + 1; from < a.journal.End() && ctx.Err() == nil; {
		batch, next, err := a.reread(from, cp.Position)
		if err != nil {
			return fmt.Errorf("reading the journal back: %w", err)
		}
		if next == from {
			break
		}
		a.loop.take(ctx, batch)
		from, again = next, again+len(batch)
	}
	a.log.Info("recovered", "beds", a.loop.engine.Beds(), "scored_again", again, "took", time.Since(began).Round(time.Millisecond))
	return nil
}

const recoverBatch = 1024

// reread takes the next readings of the journal: those after scored are returned to be scored,
// older ones are only rolled up.
func (a *App) reread(from, scored uint64) (batch []ward.Reading, next uint64, err error) {
	batch, next = make([]ward.Reading, 0, recoverBatch), from
	err = a.journal.Read(from, recoverBatch, func(after uint64, record ward.Record) bool {
		next = after
		switch r := record.Reading; {
		case r == nil:
		case r.Position <= scored:
			a.trend.Add(r)
		default:
			batch = append(batch, *r)
		}
		return true
	})
	return batch, next, err
}

// checkpoint runs in the loop, so that beds, crossings and position belong together.
func (a *App) checkpoint() {
	position := a.loop.done.Load()
	cp := saved{Position: position, Beds: a.loop.engine.Checkpoint(), Ahead: a.desk.Ahead()}
	if err := checkpoint.Save(a.path("checkpoint"), cp, a.power()); err != nil {
		a.log.Error("no checkpoint: recovery will take longer", "error", err)
		return
	}
	a.journal.Hold("recovery", min(position, a.trend.Position()))
}
