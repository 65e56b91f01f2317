package app

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"wardwatch/ward"
)

// TestAHoleInTheRoster: an alert that reached somebody by default, because nobody is on duty, is told
// once as a technical concern of the ward, and ends when the roster names somebody. A ward that keeps
// no roster for a duty is left in peace.
func TestAHoleInTheRoster(t *testing.T) {
	now := time.Date(2026, 11, 22, 22, 0, 0, 0, time.UTC)
	roster := &ward.Roster{Shifts: []ward.Shift{{Ward: "A", Role: ward.RoleDoctor, Person: "binh", From: now.Add(-12 * time.Hour), To: now.Add(-time.Hour)}}}
	how := ward.HeldByDefault
	h := newHoles(
		func(role ward.Role, _ ward.StayID, p ward.Place, _ time.Time) ward.OnDuty {
			return ward.OnDuty{Role: role, How: how}
		}, func() *ward.Roster { return roster })
	var said []string
	concern := func(code string, bad bool, p ward.Place, _ string) {
		said = append(said, fmt.Sprintf("%s %s %v", p.Ward, code, bad))
	}
	told := ward.Alert{Place: ward.Place{Ward: "A", Bed: "7"}, Told: now, Duties: []ward.Duty{
		{Role: ward.RoleDoctor, Told: now, How: ward.HeldByDefault},
		{Role: ward.RoleNurse, Told: now, How: ward.HeldByAll}, // no roster is kept of nurses
		{Role: ward.RoleCharge, Told: now, How: ward.HeldByRoster},
		{Role: ward.RoleLead, Told: now.Add(-time.Hour), How: ward.HeldByNobody}, // an older telling
	}}
	h.note(&told)
	for range 3 { // told once, however often it is looked at and met again
		h.look(now, concern)
		h.note(&told)
	}
	how = ward.HeldByRoster
	h.look(now, concern)
	h.look(now, concern)
	if want := []string{"A nobody_on_duty:doctor_on_duty true", "A nobody_on_duty:doctor_on_duty false"}; !slices.Equal(said, want) {
		t.Errorf("said %q, want %q", said, want)
	}
}
