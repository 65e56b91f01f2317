package app

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"wardwatch/ward"
)

// codeNobodyOnDuty is the technical concern that somebody was told of an alert whom the roster does
// not name, because it names nobody. The duty follows after a colon.
const codeNobodyOnDuty = "nobody_on_duty"

// hole is a duty of a ward for which the roster named nobody when an alert was told.
type hole struct {
	ward ward.WardID
	role ward.Role
}

// holes are those found, until the roster is mended. Where nobody has ever kept a roster for a duty,
// what they do by custom is no fault, as long as somebody has the duty at all.
type holes struct {
	onDuty func(ward.Role, ward.StayID, ward.Place, time.Time) ward.OnDuty
	kept   func(ward.WardID, ward.Role) bool // whether a roster is kept of the duty; may ask the book

	mu    sync.Mutex
	found map[hole]bool // whether it has been told
}

func newHoles(onDuty func(ward.Role, ward.StayID, ward.Place, time.Time) ward.OnDuty, kept func(ward.WardID, ward.Role) bool) *holes {
	return &holes{onDuty: onDuty, kept: kept, found: map[hole]bool{}}
}

// restore takes up the holes that were told before a restart, so that their end is told as well.
func (h *holes) restore(open []ward.Alert) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range open {
		for _, c := range open[i].Causes {
			if role, ok := strings.CutPrefix(c.Code, codeNobodyOnDuty+":"); ok && c.Live() {
				h.found[hole{open[i].Place.Ward, ward.Role(role)}] = true
			}
		}
	}
}

// note keeps the holes that the telling of an alert met.
func (h *holes) note(a *ward.Alert) {
	for i := range a.Duties {
		d := &a.Duties[i]
		if !d.Told.Equal(a.Told) || !below(d.How) || a.Place.Ward == "" {
			continue
		}
		h.mu.Lock()
		if at := (hole{a.Place.Ward, d.Role}); !h.found[at] {
			h.found[at] = false
		}
		h.mu.Unlock()
	}
}

// below says that the roster named nobody.
func below(how ward.Holding) bool {
	return how == ward.HeldByDefault || how == ward.HeldByAll || how == ward.HeldByNobody
}

// look reports each hole once, and its end when the roster names somebody again. Nothing is locked
// while it asks and reports: whoever is told may wait for somebody who notes a hole.
func (h *holes) look(now time.Time, concern func(code string, bad bool, p ward.Place, detail string)) {
	for _, x := range h.known() {
		place := ward.Place{Ward: x.ward}
		how := h.onDuty(x.role, "", place, now).How
		open := how == ward.HeldByNobody || below(how) && h.kept(x.ward, x.role)
		switch code := codeNobodyOnDuty + ":" + string(x.role); h.settle(x, open) {
		case told:
			concern(code, true, place, "the roster names nobody for this duty now")
		case over:
			concern(code, false, place, "")
		}
	}
}

// What is to be said of a hole.
type news int

const (
	nothing news = iota
	told
	over
)

func (h *holes) known() []hole {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.SortedFunc(maps.Keys(h.found), func(a, b hole) int { return cmp.Or(cmp.Compare(a.ward, b.ward), cmp.Compare(a.role, b.role)) })
}

// settle notes whether a hole is open, and says what is new about it.
func (h *holes) settle(x hole, open bool) news {
	h.mu.Lock()
	defer h.mu.Unlock()
	before := h.found[x]
	switch {
	case open && !before:
		h.found[x] = true
		return told
	case open:
		return nothing
	}
	delete(h.found, x)
	if before {
		return over
	}
	return nothing
}
