package registry

import (
	"maps"
	"time"

	"wardwatch/ward"
)

// Replace swaps the whole picture for a new one.
func (r *Registry) Replace(places []Place, stays []ward.Stay) {
	r.mu.Lock()
	defer r.mu.Unlock()
	old := *r.beds.Load()
	beds := make(map[ward.Place]*bed, len(places))
	for _, p := range places {
		b := &bed{}
		b.now.Store(newRows(p, old[p.Place]))
		beds[p.Place] = b
	}
	people := make(map[ward.StayID]*ward.Stay, len(stays))
	for i := range stays {
		people[stays[i].ID] = &stays[i]
	}
	r.beds.Store(&beds)
	r.stays.Store(&people)
	r.strangers.met(beds)
}

// SetPlace swaps what is known of one place.
func (r *Registry) SetPlace(p Place) {
	r.mu.Lock()
	defer r.mu.Unlock()
	old := *r.beds.Load()
	b := old[p.Place]
	if b != nil {
		b.now.Store(newRows(p, b))
		return
	}
	b = &bed{}
	b.now.Store(newRows(p, nil))
	beds := maps.Clone(old)
	beds[p.Place] = b
	r.beds.Store(&beds)
	r.strangers.met(beds)
}

// SetStays swaps what is known of some stays.
func (r *Registry) SetStays(stays ...ward.Stay) {
	r.mu.Lock()
	defer r.mu.Unlock()
	people := maps.Clone(*r.stays.Load())
	for i := range stays {
		people[stays[i].ID] = &stays[i]
	}
	r.stays.Store(&people)
}

// newRows builds a place's rows. Hearings newer than the book's are carried over from before.
func newRows(p Place, before *bed) *rows {
	w := &rows{since: p.Since.UnixMilli(), lyings: make([]lying, len(p.Lyings)), attached: make([]*attached, len(p.Attached))}
	for i, l := range p.Lyings {
		w.lyings[i] = lying{stay: l.Stay, from: l.From.UnixMilli(), to: end(l.To)}
	}
	for i, row := range p.Attached {
		a := &attached{row: row, from: row.From.UnixMilli(), to: end(row.To)}
		a.kept.Store(row.Seen.UnixMilli())
		a.seen.Store(row.Seen.UnixMilli())
		if before != nil {
			for _, was := range before.now.Load().attached {
				if was.row.Row == row.Row {
					a.seen.Store(max(was.seen.Load(), a.seen.Load()))
				}
			}
		}
		w.attached[i] = a
	}
	return w
}

func end(t time.Time) int64 {
	if t.IsZero() {
		return forever
	}
	return t.UnixMilli()
}
