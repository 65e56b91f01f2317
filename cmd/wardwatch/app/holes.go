package app

import (
	"cmp"
	"maps"
	"slices"
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

// holes are those found, until the roster is mended. Wards that keep no roster for a duty have none:
// what they do by custom is no fault.
type holes struct {
	onDuty func(ward.Role, ward.StayID, ward.Place, time.Time) ward.OnDuty
	roster func() *ward.Roster

	mu    sync.Mutex
	found map[hole]bool // whether it has been told
}

func newHoles(onDuty func(ward.Role, ward.StayID, ward.Place, time.Time) ward.OnDuty, roster func() *ward.Roster) *holes {
	return &holes{onDuty: onDuty, roster: roster, found: map[hole]bool{}}
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

// look reports each hole once, and its end when the roster names somebody again.
func (h *holes) look(now time.Time, concern func(code string, bad bool, p ward.Place, detail string)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, x := range slices.SortedFunc(maps.Keys(h.found), func(a, b hole) int { return cmp.Or(cmp.Compare(a.ward, b.ward), cmp.Compare(a.role, b.role)) }) {
		place := ward.Place{Ward: x.ward}
		open := below(h.onDuty(x.role, "", place, now).How) && h.kept(x)
		switch told := h.found[x]; {
		case open && !told:
			h.found[x] = true
			concern(codeNobodyOnDuty+":"+string(x.role), true, place, "the roster names nobody for this duty now")
		case !open:
			delete(h.found, x)
			if told {
				concern(codeNobodyOnDuty+":"+string(x.role), false, place, "")
			}
		}
	}
}

// kept says whether anybody keeps the ward's roster for the duty.
func (h *holes) kept(x hole) bool {
	return slices.ContainsFunc(h.roster().Shifts, func(s ward.Shift) bool {
		return s.Role == x.role && (s.Ward == x.ward || s.Ward == "")
	})
}
