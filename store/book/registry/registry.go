// Package registry answers, for every reading, whose it is: who lay at the place when it was
// measured, and whether the device at the place is the one somebody has confirmed there. It is a
// picture in memory of the book's dated rows, read without locks and replaced row by row.
package registry

import (
	"sync"
	"sync/atomic"
	"time"

	"wardwatch/ward"
)

// Registry is the picture. The zero value is not ready; use New.
type Registry struct {
	gap time.Duration

	beds  atomic.Pointer[map[ward.Place]*bed]
	stays atomic.Pointer[map[ward.StayID]*ward.Stay]
	mu    sync.Mutex // one change at a time

	strangers strangers
}

// bed is replaced inside, not in the map: the map is copied only when a place is new.
type bed struct{ now atomic.Pointer[rows] }

// rows is what is known of one place. It is never changed, except for the times in seen.
type rows struct {
	since    int64 // older times are not covered; ms
	lyings   []lying
	attached []*attached
}

type lying struct {
	stay     ward.StayID
	from, to int64 // ms; to is forever while the person lies there
}

type attached struct {
	row      Attached
	from, to int64
	seen     atomic.Int64 // when the device was last heard there; ms
	kept     atomic.Int64 // as the book has it
}

const forever = int64(1)<<62 - 1

// Attached is an attachment as the book keeps it.
type Attached struct {
	Row int64 // its number in the book
	ward.Attachment
	Seen time.Time // when the device was last heard there
}

// Place is everything the book knows of one place since a time.
type Place struct {
	Place    ward.Place
	Since    time.Time
	Lyings   []ward.Lying
	Attached []Attached
}

// New is an empty picture. A device heard again after more than gap must be confirmed anew.
func New(gap time.Duration) *Registry {
	r := &Registry{gap: gap}
	r.beds.Store(&map[ward.Place]*bed{})
	r.stays.Store(&map[ward.StayID]*ward.Stay{})
	r.strangers.init()
	return r
}

// Resolve says who lay at a place at a time known to within an uncertainty, when d reported it;
// an empty d is a source that does not name itself (a person, the hospital system). The stay is
// empty, with the reason, whenever it is not certain. For a place in the book it takes no lock and
// allocates nothing.
//
// In order: the place is not in the book; a different stay held the place, or nobody did, somewhere within the
// uncertainty, or the time is older than the picture; nobody lay there; no confirmed attachment
// of d to the place covers the time, or d was silent for longer than the gap before it.
func (r *Registry) Resolve(p ward.Place, d ward.DeviceID, at time.Time, within time.Duration) (ward.StayID, ward.Apart) {
	b := (*r.beds.Load())[p]
	if b == nil {
		return "", r.strangers.judge(p, at.UnixMilli())
	}
	now := b.now.Load()
	ms := at.UnixMilli()
	margin := int64((within + time.Millisecond - 1) / time.Millisecond)
	if ms-margin < now.since {
		return "", ward.AtBoundary
	}
	var stay ward.StayID
	for i := range now.lyings {
		l := &now.lyings[i]
		if near(ms, l.from, margin) || near(ms, l.to, margin) {
			return "", ward.AtBoundary
		}
		if l.from <= ms && ms < l.to {
			stay = l.stay
		}
	}
	if stay == "" {
		return "", ward.EmptyBed
	}
	if d != "" && !now.trusts(d, ms, r.gap.Milliseconds()) {
		return "", ward.Unconfirmed
	}
	return stay, ward.NotApart
}

// near reports whether a boundary lies within the margin of a time. With no margin a time on the
// boundary itself belongs, by the half-open rows, to one side for certain.
func near(ms, boundary, margin int64) bool {
	return margin > 0 && boundary >= ms-margin && boundary <= ms+margin
}

func (w *rows) trusts(d ward.DeviceID, ms, gap int64) bool {
	for _, a := range w.attached {
		if a.row.Device == d && a.row.Confirmed && a.from <= ms && ms < a.to && ms-a.seen.Load() <= gap {
			return true
		}
	}
	return false
}

// Heard notes that a device has spoken for a place, and reports whether that is news which the
// book must judge. Not news: a place not in the book, a device that is attached there without a
// long gap, or that waits there for somebody to confirm it.
func (r *Registry) Heard(d ward.DeviceID, p ward.Place, at time.Time) (news bool) {
	b := (*r.beds.Load())[p]
	if b == nil || d == "" {
		return false
	}
	ms := at.UnixMilli()
	for _, a := range b.now.Load().attached {
		if a.row.Device != d || ms < a.from || ms >= a.to {
			continue
		}
		seen := a.seen.Load()
		if a.row.Confirmed && ms-seen > r.gap.Milliseconds() {
			return true
		}
		for ms > seen && !a.seen.CompareAndSwap(seen, ms) {
			seen = a.seen.Load()
		}
		return false
	}
	return true
}

// Seen is when a row's device was last heard, newer perhaps than the book knows.
func (r *Registry) Seen(p ward.Place, row int64) (time.Time, bool) {
	if b := (*r.beds.Load())[p]; b != nil {
		for _, a := range b.now.Load().attached {
			if a.row.Row == row {
				return time.UnixMilli(a.seen.Load()).UTC(), true
			}
		}
	}
	return time.Time{}, false
}

// Sighting is a time of hearing that the book does not have yet.
type Sighting struct {
	Row  int64
	Seen time.Time
	done *attached
}

// Kept notes that the book has it now.
func (s Sighting) Kept() { s.done.kept.Store(s.Seen.UnixMilli()) }

// Unkept lists the rows whose device was heard at least a while later than the book knows.
func (r *Registry) Unkept(while time.Duration) []Sighting {
	var out []Sighting
	for _, b := range *r.beds.Load() {
		for _, a := range b.now.Load().attached {
			if seen := a.seen.Load(); seen-a.kept.Load() >= max(1, while.Milliseconds()) {
				out = append(out, Sighting{Row: a.row.Row, Seen: time.UnixMilli(seen).UTC(), done: a})
			}
		}
	}
	return out
}

// LookUp finds a stay; nil when the picture has none. The stay must not be changed.
func (r *Registry) LookUp(id ward.StayID) *ward.Stay { return (*r.stays.Load())[id] }
