package book

import (
	"context"
	"sync/atomic"
	"time"

	"wardwatch/ward"
)

// How the roster in memory is kept. All are ours.
const (
	rosterBack  = 3 * 24 * time.Hour // before now: what was taken in before a crash is scored at its own time
	rosterAhead = 3 * 24 * time.Hour // after now: how long it serves when the book cannot be read
	rosterEvery = time.Hour          // how often it moves on with the clock
)

// roster is the duty roster in memory.
type roster struct {
	now atomic.Pointer[ward.Roster]
	at  time.Time // when the shifts in it were read; guarded by Book.reload
}

// Roster is who may answer for which duty around now, from memory: the same pointer as long as
// nothing has changed. It must not be changed.
func (b *Book) Roster() *ward.Roster { return b.roster.now.Load() }

// loadRoster reads the roster anew. The caller holds b.reload.
func (b *Book) loadRoster(ctx context.Context) error {
	people, err := b.People(ctx)
	if err != nil {
		return err
	}
	return b.loadShifts(ctx, people)
}

func (b *Book) loadShifts(ctx context.Context, people []ward.Person) error {
	now := b.now()
	shifts, err := b.ShiftsBetween(ctx, now.Add(-rosterBack), now.Add(rosterAhead))
	if err != nil {
		return err
	}
	defaults, err := b.AllDefaults(ctx)
	if err != nil {
		return err
	}
	b.roster.now.Store(&ward.Roster{Shifts: shifts, Defaults: defaults, People: people})
	b.roster.at = now
	return nil
}

// rosterOld says whether the clock has moved on, or was put back, since the shifts were read.
func (b *Book) rosterOld() bool {
	return b.now().Sub(b.roster.at).Abs() >= rosterEvery
}

// staffChanged brings the people of the roster up to date after a commit, dutyChanged its shifts and
// defaults. When that fails, the next Reload loads everything.
func (b *Book) staffChanged(ctx context.Context) {
	b.refreshRoster(ctx, func(ctx context.Context) error {
		people, err := b.People(ctx)
		if err != nil {
			return err
		}
		was := b.Roster()
		b.roster.now.Store(&ward.Roster{Shifts: was.Shifts, Defaults: was.Defaults, People: people})
		return nil
	})
}

func (b *Book) dutyChanged(ctx context.Context) {
	b.refreshRoster(ctx, func(ctx context.Context) error { return b.loadShifts(ctx, b.Roster().People) })
}

func (b *Book) refreshRoster(ctx context.Context, load func(context.Context) error) {
	ctx = context.WithoutCancel(ctx) // what is committed must show, whoever has hung up meanwhile
	b.reload.Lock()
	defer b.reload.Unlock()
	if err := load(ctx); err != nil {
		b.foreign = -1
		b.log.Error("the duty roster in memory could not be refreshed; it is loaded anew", "error", err)
	}
}
