package app

import (
	"context"
	"fmt"
	"time"

	"wardwatch/scoring"
	"wardwatch/store/checkpoint"
	"wardwatch/ward"
)

// saved is what the checkpoint file holds: every bed as it stood when all readings up to Position
// had been scored. Reread is the older position from which open minutes are rolled up anew.
type saved struct {
	Position uint64
	Reread   uint64
	Beds     []scoring.BedState
	Ahead    []ward.Alert // crossings that were waiting out their persistence
}

// openMinutes is how far back the roll-ups of unfinished minutes may begin.
const openMinutes = 3 * time.Minute

// recover brings the beds back: the checkpoint first, then every later reading of the journal is
// scored again at its recorded time of arrival, so that one acknowledged but not yet scored still
// raises its alert.
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
	began, batch := time.Now(), make([]ward.Reading, 0, recoverBatch)
	flush := func() {
		a.loop.take(ctx, batch)
		batch = make([]ward.Reading, 0, recoverBatch)
	}
	from, count := min(cp.Reread, cp.Position), 0
	a.loop.done.Store(cp.Position)
	for from < a.journal.End() && ctx.Err() == nil {
		next := from
		err := a.journal.Read(from, recoverBatch, func(after uint64, r *ward.Reading, _ *ward.Score) bool {
			next = after
			switch {
			case r == nil:
			case r.Position <= cp.Position:
				a.loop.trend.Add(r)
			default:
				batch, count = append(batch, *r), count+1
			}
			return true
		})
		if err != nil {
			return fmt.Errorf("reading the journal back: %w", err)
		}
		if next == from {
			break
		}
		from = next
		flush()
	}
	a.log.Info("recovered", "beds", a.loop.engine.Beds(), "scored_again", count, "took", time.Since(began).Round(time.Millisecond))
	return nil
}

const recoverBatch = 1024

// checkpointer saves the beds now and then, and remembers where open minutes began.
type checkpointer struct {
	marks []mark // oldest first
}

type mark struct {
	at       time.Time
	position uint64
}

// reread notes the present position and returns the one of openMinutes ago.
func (c *checkpointer) reread(now time.Time, position uint64) uint64 {
	c.marks = append(c.marks, mark{now, position})
	for len(c.marks) > 1 && now.Sub(c.marks[1].at) >= openMinutes {
		c.marks = c.marks[1:]
	}
	return c.marks[0].position
}

// checkpoint runs in the loop: it copies the beds there and writes the file before it returns, so
// that two never overlap.
func (a *App) checkpoint() {
	position := a.loop.done.Load()
	cp := saved{Position: position, Reread: a.marks.reread(a.clock.now(), position), Beds: a.loop.engine.Checkpoint(), Ahead: a.desk.Ahead()}
	if err := checkpoint.Save(a.path("checkpoint"), cp, a.config.Durability == "power"); err != nil {
		a.log.Error("no checkpoint: recovery will take longer", "error", err)
		return
	}
	a.journal.Hold("recovery", cp.Reread)
}
