package live

import (
	"testing"
	"time"

	"wardwatch/ward"
)

// Promise 7: what is known of a person is their own, never what came while it was uncertain whose it is,
// and never another's who lies where they lay.
func TestWhatIsKnownOfAPerson(t *testing.T) {
	l := aWard(t, 2, always(noon))
	publish(l, reading(1, noon, 18))
	publish(l, score(1, 6, noon))
	apart := reading(1, noon.Add(time.Second), 33)
	apart.Stay, apart.Apart = "", ward.Unconfirmed
	publish(l, apart)
	k, ok := l.KnownOf(place(1), "s1")
	if !ok || k.Score == nil || k.Score.LowerBound != 6 || k.View == nil || k.Apart != ward.Unconfirmed.String() {
		t.Fatalf("%v %+v", ok, k)
	}
	if len(k.Vitals) != 2 || k.Vitals[0].Vital != ward.RR || k.Vitals[0].Number != 18 || !k.Vitals[0].At.Equal(noon) {
		t.Errorf("%+v", k.Vitals)
	}
	for name, at := range map[ward.StayID]ward.Place{"s2": place(1), "s1": place(2), "": place(1), "s9": {Ward: "nowhere", Bed: "1"}} {
		if k, ok := l.KnownOf(at, name); ok {
			t.Errorf("%q at %s: %+v", name, at, k)
		}
	}
}

// Holes in the roster are marked, and staff are named only where names are.
func TestWhoHasAnAlertAndAPatient(t *testing.T) {
	l := aWard(t, 1, always(noon))
	l.SetPeople([]ward.Person{{ID: "lan", Name: "Trần Lan"}})
	s := person(1)
	s.Nurse, s.Doctor = "lan", "lan"
	l.SetStays("icu", []ward.Stay{s})
	a := ward.Alert{ID: "A", Place: place(1), State: ward.Accepted, Duties: []ward.Duty{
		{Role: ward.RoleNurse, Told: noon, How: ward.HeldByDefault, People: []ward.PersonID{"lan"}},
		{Role: ward.RoleDoctor, Told: noon, How: ward.HeldByRoster, Accepted: noon.Add(time.Minute), By: "lan", OnWay: noon.Add(2 * time.Minute)},
	}}
	publish(l, &a)
	x := tileOf(t, l, NamesGiven, 1)
	v := x.Alerts[0]
	if v.Owner == nil || v.Owner.Name != "Trần Lan" || *v.OnWay != noon.Add(2*time.Minute).UnixMilli() || !v.Unrostered {
		t.Errorf("%+v", v)
	}
	if v.Roles[0].How != "default" || len(v.Roles[0].People) != 1 || v.Roles[0].People[0].Name != "Trần Lan" || v.Roles[1].People == nil {
		t.Errorf("%+v", v.Roles)
	}
	if x.Stay.Nurse == nil || x.Stay.Nurse.Name != "Trần Lan" {
		t.Errorf("%+v", x.Stay.Nurse)
	}
	if d := tileOf(t, l, NamesNone, 1).Stay.Doctor; d == nil || d.ID != "lan" || d.Name != "" {
		t.Errorf("%+v", d)
	}
	for how, hole := range map[ward.Holding]bool{"": false, ward.HeldByAssignment: false, ward.HeldByRoster: false, ward.HeldByDefault: true, ward.HeldByAll: true, ward.HeldByNobody: true} {
		if Unrostered(how) != hole {
			t.Errorf("%q: %v", how, !hole)
		}
	}
}
