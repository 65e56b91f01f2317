package duty

import (
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the test's zones, on machines without any

	"wardwatch/ward"
)

var hanoi = zone("Asia/Ho_Chi_Minh")

func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

// clock is a time as people on the ward write it.
func clock(text string) time.Time { return clockIn(text, hanoi) }

func clockIn(text string, z *time.Location) time.Time {
	t, err := time.ParseInLocation("02/01 15:04:05", text, z)
	if err != nil {
		t, err = time.ParseInLocation("02/01 15:04", text, z)
	}
	if err != nil {
		panic(err)
	}
	return time.Date(2026, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, z)
}

// The staff of the tables below, by the duties of their access unless said otherwise.
func staff() []ward.Person {
	return []ward.Person{
		{ID: "lan", Access: ward.AccessNurse, Wards: []ward.WardID{"a9"}},
		{ID: "mai", Access: ward.AccessNurse, Wards: []ward.WardID{"a9"}},
		{ID: "hoa", Access: ward.AccessNurse, Wards: []ward.WardID{"b1"}},
		{ID: "left", Access: ward.AccessNurse, Wards: []ward.WardID{"a9"}, Disabled: true},
		{ID: "truong", Access: ward.AccessCharge, Wards: []ward.WardID{"a9"}},
		{ID: "binh", Access: ward.AccessDoctor, Wards: []ward.WardID{"a9"}},
		{ID: "chi", Access: ward.AccessDoctor},
		{ID: "giam", Access: ward.AccessDoctor, Duties: []ward.Role{ward.RoleLead}},
		{ID: "hstc", Access: ward.AccessDoctor, Duties: []ward.Role{ward.RoleICU, ward.RoleDoctor}},
		{ID: "ky", Access: ward.AccessEngineer},
		{ID: "tap", Access: ward.AccessEngineer, Wards: []ward.WardID{"b1"}},
	}
}

// shift reads "ward role person from - to"; * is the whole hospital.
func shift(line string) ward.Shift {
	f := strings.Fields(line)
	if f[0] == "*" {
		f[0] = ""
	}
	return ward.Shift{Ward: ward.WardID(f[0]), Role: ward.Role(f[1]), Person: ward.PersonID(f[2]), From: clock(f[3] + " " + f[4]), To: clock(f[6] + " " + f[7])}
}

func roster(lines ...string) *ward.Roster {
	r := &ward.Roster{People: staff()}
	for _, l := range lines {
		r.Shifts = append(r.Shifts, shift(l))
	}
	return r
}

func withDefault(r *ward.Roster, w ward.WardID, role ward.Role, who ...ward.PersonID) *ward.Roster {
	r.Defaults = append(r.Defaults, ward.DutyDefault{Ward: w, Role: role, People: who})
	return r
}

// told is an answer as a line: how, and who.
func told(d ward.OnDuty) string {
	out := string(d.How) + ":"
	for _, p := range d.People {
		out += " " + string(p)
	}
	return out
}

func TestWhoIsTold(t *testing.T) {
	day, night := "a9 nurse lan 21/11 07:00 - 21/11 19:00", "a9 nurse mai 21/11 19:00 - 22/11 07:00"
	lanSince := func(at string) ward.Stay { return ward.Stay{Nurse: "lan", NurseSince: clock(at)} }
	cases := []struct {
		name   string
		role   ward.Role
		ward   ward.WardID
		stay   ward.Stay
		roster *ward.Roster
		at     string
		want   string
	}{
		{"the patient's own nurse, on duty by the roster", "nurse", "a9", lanSince("21/11 07:05"), roster(day, "a9 nurse mai 21/11 07:00 - 21/11 19:00", night), "21/11 10:00", "assigned: lan"},
		{"on duty in charge of the ward, she keeps her own patient", "nurse", "a9", lanSince("21/11 07:05"), roster("a9 nurse_charge lan 21/11 07:00 - 21/11 19:00", "a9 nurse mai 21/11 07:00 - 21/11 19:00"), "21/11 10:00", "assigned: lan"},
		{"she has gone home: the night's nurse", "nurse", "a9", lanSince("21/11 07:05"), roster(day, night), "21/11 19:00", "roster: mai"},
		{"the last second of her shift is hers", "nurse", "a9", lanSince("21/11 07:05"), roster(day, night), "21/11 18:59:59", "assigned: lan"},
		{"the first moment of a shift is in it", "nurse", "a9", ward.Stay{}, roster(day, night), "21/11 07:00", "roster: lan"},
		{"its end is not", "nurse", "a9", ward.Stay{}, roster(day), "21/11 19:00", "all: lan mai"},
		{"nor is it while somebody else's is longer", "nurse", "a9", ward.Stay{}, roster(day, "b1 nurse hoa 21/11 07:00 - 22/11 07:00"), "21/11 19:00", "all: lan mai"},
		{"a night shift after midnight", "nurse", "a9", ward.Stay{}, roster(day, night), "22/11 03:00", "roster: mai"},
		{"a patient of nobody: both who are on duty", "nurse", "a9", ward.Stay{}, roster(day, "a9 nurse mai 21/11 07:00 - 21/11 19:00"), "21/11 10:00", "roster: lan mai"},
		{"a long shift under a short later one", "nurse", "a9", ward.Stay{}, roster("a9 nurse lan 20/11 12:00 - 21/11 18:00", "a9 nurse mai 21/11 09:00 - 21/11 10:00"), "21/11 17:00", "roster: lan"},
		{"on the roster twice, told once", "nurse", "a9", ward.Stay{}, roster(day, "* nurse lan 21/11 06:00 - 21/11 12:00"), "21/11 10:00", "roster: lan"},

		{"no roster is kept: her assignment counts", "nurse", "a9", lanSince("21/11 07:00"), roster(), "21/11 15:00", "assigned: lan"},
		{"for 16 hours", "nurse", "a9", lanSince("21/11 07:00"), roster(), "21/11 23:00", "assigned: lan"},
		{"and no longer", "nurse", "a9", lanSince("21/11 07:00"), roster(), "21/11 23:00:01", "all: lan mai"},
		{"an assignment of nobody knows when", "nurse", "a9", ward.Stay{Nurse: "lan"}, roster(), "21/11 10:00", "all: lan mai"},
		{"the roster is kept and has a hole now: her assignment counts", "nurse", "a9", lanSince("21/11 07:00"), roster(day), "21/11 20:00", "assigned: lan"},
		{"assigned, but may not sign in any more", "nurse", "a9", ward.Stay{Nurse: "left", NurseSince: clock("21/11 07:00")}, roster(), "21/11 10:00", "all: lan mai"},
		{"assigned, but of another ward", "nurse", "a9", ward.Stay{Nurse: "hoa", NurseSince: clock("21/11 07:00")}, roster(), "21/11 10:00", "all: lan mai"},
		{"a nurse is not the patient's doctor", "doctor_on_duty", "a9", lanSince("21/11 07:00"), roster("a9 doctor_on_duty binh 21/11 07:00 - 22/11 07:00"), "21/11 10:00", "roster: binh"},
		{"the patient's own doctor", "doctor_on_duty", "a9", ward.Stay{Doctor: "chi", DoctorSince: clock("21/11 07:00")}, roster("a9 doctor_on_duty binh 21/11 07:00 - 22/11 07:00", "* doctor_on_duty chi 21/11 07:00 - 22/11 07:00"), "21/11 10:00", "assigned: chi"},
		{"whose doctor has gone home", "doctor_on_duty", "a9", ward.Stay{Doctor: "chi", DoctorSince: clock("21/11 07:00")}, roster("a9 doctor_on_duty binh 21/11 16:00 - 22/11 07:00"), "21/11 20:00", "roster: binh"},

		{"the only one on the roster may not sign in: nobody is on duty", "nurse", "a9", ward.Stay{}, roster("a9 nurse left 21/11 07:00 - 21/11 19:00"), "21/11 10:00", "all: lan mai"},
		{"and does not stand in the way of her assignment", "nurse", "a9", lanSince("21/11 07:00"), roster("a9 nurse left 21/11 07:00 - 21/11 19:00"), "21/11 10:00", "assigned: lan"},
		{"the roster of another ward", "nurse", "a9", ward.Stay{}, roster("b1 nurse hoa 21/11 07:00 - 21/11 19:00"), "21/11 10:00", "all: lan mai"},

		{"a hole: the ward's default", "nurse", "a9", ward.Stay{}, withDefault(roster(), "a9", "nurse", "mai"), "21/11 10:00", "default: mai"},
		{"a default who may not sign in is none", "nurse", "a9", ward.Stay{}, withDefault(roster(), "a9", "nurse", "left"), "21/11 10:00", "all: lan mai"},
		{"the hospital's default, where the ward has none", "duty_lead", "a9", ward.Stay{}, withDefault(roster(), "", "duty_lead", "giam"), "21/11 10:00", "default: giam"},
		{"the ward's own comes first", "nurse", "a9", ward.Stay{}, withDefault(withDefault(roster(), "", "nurse", "lan"), "a9", "nurse", "mai"), "21/11 10:00", "default: mai"},
		{"a default of another ward", "nurse", "a9", ward.Stay{}, withDefault(roster(), "b1", "nurse", "hoa"), "21/11 10:00", "all: lan mai"},

		{"the duty lead of the whole hospital", "duty_lead", "a9", ward.Stay{}, roster("* duty_lead giam 21/11 07:00 - 22/11 07:00"), "21/11 10:00", "roster: giam"},
		{"intensive care of the whole hospital", "intensive_care", "b1", ward.Stay{}, roster("* intensive_care hstc 21/11 07:00 - 22/11 07:00"), "21/11 10:00", "roster: hstc"},
		{"a doctor for the hospital beside the ward's own", "doctor_on_duty", "a9", ward.Stay{}, roster("* doctor_on_duty chi 21/11 07:00 - 22/11 07:00", "a9 doctor_on_duty binh 21/11 07:00 - 22/11 07:00"), "21/11 10:00", "roster: binh chi"},
		{"duties that somebody is listed with, not those of their access", "doctor_on_duty", "a9", ward.Stay{}, roster(), "21/11 10:00", "all: binh chi hstc"},
		{"the nurse in charge is no nurse unless listed", "nurse_charge", "a9", ward.Stay{}, roster(), "21/11 10:00", "all: truong"},
		{"nobody has the duty here", "nurse_charge", "b1", ward.Stay{}, roster(), "21/11 10:00", "nobody:"},

		{"a fault of the whole system: the engineer on duty", "engineer", "", ward.Stay{}, roster("* engineer ky 21/11 07:00 - 22/11 07:00"), "21/11 10:00", "roster: ky"},
		{"and without one every engineer, of whatever ward", "engineer", "", ward.Stay{}, roster(), "21/11 10:00", "all: ky tap"},
		{"a ward's fault: not another ward's engineer", "engineer", "a9", ward.Stay{}, roster(), "21/11 10:00", "all: ky"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := Resolve(c.role, c.stay, ward.Place{Ward: c.ward, Bed: "01"}, clock(c.at), New(c.roster))
			if told(got) != c.want || got.Role != c.role {
				t.Errorf("%s, want %s", told(got), c.want)
			}
		})
	}
}

// In a zone that puts its clock back at 03:00, a night shift has an hour more, and the hour that is
// there twice is in it twice.
func TestANightOnWhichTheClockIsChanged(t *testing.T) {
	berlin := zone("Europe/Berlin")
	r := New(&ward.Roster{People: staff(), Shifts: []ward.Shift{
		{Ward: "a9", Role: ward.RoleNurse, Person: "mai", From: clockIn("24/10 22:00", berlin), To: clockIn("25/10 06:00", berlin)},
		{Ward: "a9", Role: ward.RoleNurse, Person: "lan", From: clockIn("25/10 06:00", berlin), To: clockIn("25/10 14:00", berlin)},
	}})
	from := clockIn("24/10 22:00", berlin)
	for hour, want := range []string{"mai", "mai", "mai", "mai", "mai", "mai", "mai", "mai", "mai", "lan"} {
		at := from.Add(time.Duration(hour) * time.Hour)
		if got := told(Resolve(ward.RoleNurse, ward.Stay{}, ward.Place{Ward: "a9"}, at, r)); got != "roster: "+want {
			t.Errorf("%s: %s, want %s", at.In(berlin).Format("15:04 MST"), got, want)
		}
	}
}

func TestNoRosterAtAll(t *testing.T) {
	got := Resolve(ward.RoleNurse, ward.Stay{Nurse: "lan", NurseSince: clock("21/11 07:00")}, ward.Place{Ward: "a9"}, clock("21/11 08:00"), New(nil))
	if told(got) != "nobody:" {
		t.Errorf("%s", told(got))
	}
}

// memory is a book in memory.
type memory struct {
	roster *ward.Roster
	stays  map[ward.StayID]*ward.Stay
}

func (m *memory) Roster() *ward.Roster             { return m.roster }
func (m *memory) LookUp(id ward.StayID) *ward.Stay { return m.stays[id] }

func TestTheFinderFollowsTheBook(t *testing.T) {
	m := &memory{roster(), map[ward.StayID]*ward.Stay{"s1": {Nurse: "lan", NurseSince: clock("21/11 07:00")}}}
	f := NewFinder(m)
	at, bed := clock("21/11 10:00"), ward.Place{Ward: "a9", Bed: "01"}
	for _, c := range []struct {
		stay ward.StayID
		want string
	}{{"s1", "assigned: lan"}, {"", "all: lan mai"}, {"gone", "all: lan mai"}} {
		if got := told(f.OnDuty(ward.RoleNurse, c.stay, bed, at)); got != c.want {
			t.Errorf("stay %q: %s, want %s", c.stay, got, c.want)
		}
	}
	m.roster = roster("a9 nurse mai 21/11 07:00 - 21/11 19:00")
	if got := told(f.OnDuty(ward.RoleNurse, "s1", bed, at)); got != "roster: mai" {
		t.Errorf("after the roster was changed: %s", got)
	}
}

// A hospital of 2,000 people on 40 wards, with two weeks of shifts.
func BenchmarkOnDuty(b *testing.B) {
	r := &ward.Roster{}
	start := clock("14/11 07:00")
	for i := range 2000 {
		w := ward.WardID(fmt.Sprint("w", i%40))
		p := ward.Person{ID: ward.PersonID(fmt.Sprint("p", i)), Access: ward.AccessNurse, Wards: []ward.WardID{w}}
		r.People = append(r.People, p)
		for d := range 14 {
			from := start.Add(time.Duration(d)*24*time.Hour + time.Duration(i%3)*8*time.Hour)
			r.Shifts = append(r.Shifts, ward.Shift{Ward: w, Role: ward.RoleNurse, Person: p.ID, From: from, To: from.Add(8 * time.Hour)})
		}
	}
	f := NewFinder(&memory{roster: r})
	at := clock("21/11 10:00")
	b.Run("look up", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f.OnDuty(ward.RoleNurse, "", ward.Place{Ward: "w7"}, at)
		}
	})
	b.Run("sort anew", func(b *testing.B) {
		for b.Loop() {
			New(r)
		}
	})
}
