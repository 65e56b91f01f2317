package duty

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

var (
	someRoles = []ward.Role{ward.RoleNurse, ward.RoleDoctor, ward.RoleLead, ward.RoleEngineer}
	someWards = []ward.WardID{"", "a9", "b1"}
	someIDs   = []ward.PersonID{"p1", "p2", "p3", "p4", "p5"}
)

func drawPeople(t *rapid.T) (people []ward.Person) {
	for _, id := range someIDs {
		people = append(people, ward.Person{ID: id, Disabled: rapid.IntRange(0, 3).Draw(t, "disabled") == 0,
			Access: rapid.SampledFrom([]ward.Access{ward.AccessNurse, ward.AccessDoctor, ward.AccessEngineer, ward.AccessDisplay}).Draw(t, "access"),
			Duties: rapid.SliceOfN(rapid.SampledFrom(someRoles), 0, 2).Draw(t, "duties"),
			Wards:  rapid.SliceOfN(rapid.SampledFrom(someWards[1:]), 0, 1).Draw(t, "wards")})
	}
	return people
}

func drawTime(t *rapid.T, what string) time.Time {
	return clock("21/11 00:00").Add(time.Duration(rapid.IntRange(0, 48).Draw(t, what)) * time.Hour)
}

func drawRoster(t *rapid.T) *ward.Roster {
	r := &ward.Roster{People: drawPeople(t)}
	for range rapid.IntRange(0, 8).Draw(t, "shifts") {
		from := drawTime(t, "from")
		r.Shifts = append(r.Shifts, ward.Shift{Ward: rapid.SampledFrom(someWards).Draw(t, "ward"), Role: rapid.SampledFrom(someRoles).Draw(t, "role"),
			Person: rapid.SampledFrom(someIDs).Draw(t, "person"), From: from, To: from.Add(time.Duration(rapid.IntRange(1, 36).Draw(t, "hours")) * time.Hour)})
	}
	for range rapid.IntRange(0, 3).Draw(t, "defaults") {
		withDefault(r, rapid.SampledFrom(someWards).Draw(t, "ward"), rapid.SampledFrom(someRoles).Draw(t, "role"), rapid.SliceOfN(rapid.SampledFrom(someIDs), 1, 2).Draw(t, "people")...)
	}
	return r
}

// Whatever the roster: nobody is named who may not sign in or does not work there; somebody is named
// whenever anybody has the duty; and the answer is the one that reading the roster line by line gives.
func TestWhoeverIsToldMayBeTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRoster(t)
		role, w, at := rapid.SampledFrom(someRoles).Draw(t, "asked role"), rapid.SampledFrom(someWards).Draw(t, "asked ward"), drawTime(t, "at")
		s := ward.Stay{Nurse: rapid.SampledFrom([]ward.PersonID{"p1", "p2", "p3", ""}).Draw(t, "nurse"), NurseSince: drawTime(t, "since"), Doctor: rapid.SampledFrom([]ward.PersonID{"p1", "p2", "p3", ""}).Draw(t, "doctor")}
		got := Resolve(role, s, ward.Place{Ward: w, Bed: "01"}, at, New(r))

		if !slices.IsSorted(got.People) || len(slices.Compact(slices.Clone(got.People))) != len(got.People) {
			t.Fatalf("not sorted, or twice: %v", got.People)
		}
		for _, id := range got.People {
			if !may(r, id, w) {
				t.Fatalf("%s is told and may not be (%s)", id, got.How)
			}
		}
		anybody := slices.ContainsFunc(r.People, func(p ward.Person) bool { return p.Holds(role) && may(r, p.ID, w) })
		if anybody && len(got.People) == 0 || (len(got.People) == 0) != (got.How == ward.HeldByNobody) {
			t.Fatalf("somebody has the duty: %v; told %v by %s", anybody, got.People, got.How)
		}
		on := onDuty(r, role, w, at)
		switch {
		case got.How == ward.HeldByRoster && !slices.Equal(on, got.People),
			got.How == ward.HeldByAssignment && len(on) > 0 && !slices.Contains(on, got.People[0]),
			got.How != ward.HeldByRoster && got.How != ward.HeldByAssignment && len(on) > 0:
			t.Fatalf("on duty are %v; told are %v by %s", on, got.People, got.How)
		}
	})
}

func may(r *ward.Roster, id ward.PersonID, w ward.WardID) bool {
	return slices.ContainsFunc(r.People, func(p ward.Person) bool { return p.ID == id && !p.Disabled && (w == "" || p.MayEnter(w)) })
}

// onDuty reads the roster line by line.
func onDuty(r *ward.Roster, role ward.Role, w ward.WardID, at time.Time) (who []ward.PersonID) {
	for _, s := range r.Shifts {
		if s.Role == role && (s.Ward == "" || s.Ward == w) && !at.Before(s.From) && at.Before(s.To) && may(r, s.Person, w) {
			who = append(who, s.Person)
		}
	}
	slices.Sort(who)
	return slices.Compact(who)
}
