package app

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"wardwatch/ward"
)

// rosterOf is a roster that names nobody, but for what it is told.
type rosterOf struct {
	how  ward.Holding
	kept map[ward.Role]bool
	said []string
	h    *holes
}

func newRosterOf(how ward.Holding, kept ...ward.Role) *rosterOf {
	r := &rosterOf{how: how, kept: map[ward.Role]bool{}}
	for _, role := range kept {
		r.kept[role] = true
	}
	r.h = newHoles(
		func(role ward.Role, _ ward.StayID, _ ward.Place, _ time.Time) ward.OnDuty {
			return ward.OnDuty{Role: role, How: r.how}
		},
		func(_ ward.WardID, role ward.Role) bool { return r.kept[role] })
	return r
}

func (r *rosterOf) look(a *ward.Alert) {
	r.h.look(time.Time{}, func(code string, bad bool, p ward.Place, _ string) {
		r.h.note(a) // whoever is told may be waiting for the loop, which notes
		r.said = append(r.said, fmt.Sprintf("%s %s %v", p.Ward, code, bad))
	})
}

func toldBelowTheRoster(now time.Time) *ward.Alert {
	return &ward.Alert{Place: ward.Place{Ward: "A", Bed: "7"}, Told: now, Duties: []ward.Duty{
		{Role: ward.RoleDoctor, Told: now, How: ward.HeldByDefault},
		{Role: ward.RoleNurse, Told: now, How: ward.HeldByAll}, // no roster is kept of nurses
		{Role: ward.RoleCharge, Told: now, How: ward.HeldByRoster},
		{Role: ward.RoleLead, Told: now.Add(-time.Hour), How: ward.HeldByNobody}, // an older telling
	}}
}

// TestAHoleInTheRoster: an alert that reached somebody by default, because nobody is on duty, is told
// once as a technical concern of the ward, and ends when the roster names somebody. A ward that keeps
// no roster for a duty is left in peace.
func TestAHoleInTheRoster(t *testing.T) {
	r := newRosterOf(ward.HeldByDefault, ward.RoleDoctor)
	a := toldBelowTheRoster(time.Date(2026, 11, 22, 22, 0, 0, 0, time.UTC))
	r.h.note(a)
	for range 3 { // told once, however often it is looked at and met again
		r.look(a)
		r.h.note(a)
	}
	r.how = ward.HeldByRoster
	r.look(&ward.Alert{})
	r.look(&ward.Alert{})
	if want := []string{"A nobody_on_duty:doctor_on_duty true", "A nobody_on_duty:doctor_on_duty false"}; !slices.Equal(r.said, want) {
		t.Errorf("said %q, want %q", r.said, want)
	}
}

// TestADutyThatNobodyHas: where there is nobody at all to tell, it is said, roster or not.
func TestADutyThatNobodyHas(t *testing.T) {
	r := newRosterOf(ward.HeldByNobody)
	a := toldBelowTheRoster(time.Date(2026, 11, 22, 22, 0, 0, 0, time.UTC))
	r.h.note(a)
	r.look(&ward.Alert{})
	if want := []string{"A nobody_on_duty:doctor_on_duty true", "A nobody_on_duty:nurse true"}; !slices.Equal(r.said, want) {
		t.Errorf("said %q, want %q", r.said, want)
	}
}

// TestAHoleOverARestart: what was told before a restart ends after it, and is not told again.
func TestAHoleOverARestart(t *testing.T) {
	r := newRosterOf(ward.HeldByDefault, ward.RoleDoctor)
	r.h.restore([]ward.Alert{{Place: ward.Place{Ward: "A"}, Causes: []ward.Cause{{Code: codeNobodyOnDuty + ":" + string(ward.RoleDoctor)}}}})
	r.look(&ward.Alert{})
	if len(r.said) > 0 {
		t.Errorf("told again: %q", r.said)
	}
	r.how = ward.HeldByRoster
	r.look(&ward.Alert{})
	if want := []string{"A nobody_on_duty:doctor_on_duty false"}; !slices.Equal(r.said, want) {
		t.Errorf("said %q, want %q", r.said, want)
	}
}
