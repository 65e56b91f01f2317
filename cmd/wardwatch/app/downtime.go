package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"wardwatch/dashboard/live"
	"wardwatch/dashboard/locale"
	"wardwatch/dashboard/paper"
	"wardwatch/ward"
)

// downtime writes each ward's list as a PDF into a folder that another machine can hold, so that a
// ward without screens still knows who lies where and what was last known of them.
type downtime struct {
	dir   string
	every time.Duration
	zone  *time.Location

	wards    func(context.Context) ([]ward.Ward, error)
	snapshot func(ward.WardID, live.Names) (live.SnapshotView, bool)
	written  atomic.Int64 // when every list was last written, in Unix milliseconds; 0: never
}

// newDowntime checks at the start that the folder can be written: later nobody would look.
func newDowntime(dir string, every time.Duration, zone *time.Location) (*downtime, error) {
	if every < time.Minute {
		return nil, &ward.Error{Code: ward.BadInput, Message: "the lists for downtime would be written too often", Hint: "give --downtime-every a minute or more"}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the folder of the lists for downtime: %w", err)
	}
	return &downtime{dir: dir, every: every, zone: zone}, nil
}

func (a *App) openDowntime() (err error) {
	if a.config.DowntimeDir == "" {
		return nil
	}
	a.downtime, err = newDowntime(a.config.DowntimeDir, a.config.DowntimeEvery, a.rules.Scoring.Zone)
	if err == nil {
		a.downtime.wards, a.downtime.snapshot = a.book.Wards, a.live.Snapshot
	}
	return err
}

func (a *App) writeDowntime(ctx context.Context) {
	if a.downtime == nil {
		return
	}
	if err := a.downtime.write(ctx, a.clock.now()); err != nil {
		a.log.Error("the lists for downtime", "error", err)
	}
}

// write writes all that are due. What fails is tried again at the next look, and the others go on.
func (d *downtime) write(ctx context.Context, now time.Time) error {
	last := time.UnixMilli(d.written.Load())
	if wait := now.Sub(last); wait >= 0 && wait < d.every {
		return nil
	}
	wards, err := d.wards(ctx)
	if err != nil {
		return fmt.Errorf("listing the wards: %w", err)
	}
	var failed []error
	for _, w := range wards {
		if v, ok := d.snapshot(w.ID, live.NamesGiven); ok {
			failed = append(failed, d.one(&v, now))
		}
	}
	if err := errors.Join(failed...); err != nil {
		return err
	}
	d.written.Store(now.UnixMilli())
	return nil
}

// one replaces a ward's list whole: a reader never sees half of one.
func (d *downtime) one(v *live.SnapshotView, now time.Time) error {
	pdf, err := paper.Ward(v, paper.Sheet{Lang: locale.Vietnamese, Zone: d.zone, Now: now, Next: now.Add(d.every)})
	if err != nil {
		return fmt.Errorf("drawing the list of ward %s: %w", v.Ward.ID, err)
	}
	file := filepath.Join(d.dir, v.Ward.ID+".pdf")
	part := file + ".part"
	if err := os.WriteFile(part, pdf, 0o600); err != nil {
		return fmt.Errorf("writing the list of ward %s: %w", v.Ward.ID, err)
	}
	return os.Rename(part, file)
}

// stale says that the lists are older than they promise to be.
func (d *downtime) stale(now, since time.Time) bool {
	return now.Sub(later(time.UnixMilli(d.written.Load()), since)) > d.every+downtimeGrace
}

// downtimeGrace is how late a list may be before somebody is told; ours.
const downtimeGrace = 5 * time.Minute
