package backtest

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func minute(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }

// One episode as the desk writes it down: only the first telling and the rise are calls.
func TestWhatCountsAsACall(t *testing.T) {
	news2 := func(told ward.Band) ward.Cause { return ward.Cause{Code: "news2", Band: told, Told: told} }
	lost := ward.Cause{Code: "signal_lost", Band: ward.Medium, Told: ward.Medium}
	waiting := ward.Cause{Code: "news2", Band: ward.Medium}
	steps := []struct {
		what   string
		told   time.Time
		level  int
		causes []ward.Cause
		audit  string
	}{
		{"a candidate tells nobody", time.Time{}, 0, []ward.Cause{waiting}, ""},
		{"the first telling", minute(2), 1, []ward.Cause{news2(ward.Medium)}, "alert.tell"},
		{"somebody accepted", minute(2), 1, []ward.Cause{news2(ward.Medium)}, "alert.accept"},
		{"the ladder climbed", minute(12), 2, []ward.Cause{news2(ward.Medium)}, "alert.escalate"},
		{"the score rose", minute(20), 1, []ward.Cause{news2(ward.High)}, "alert.tell"},
		{"a review without news", minute(90), 1, []ward.Cause{news2(ward.High)}, "alert.review"},
		{"a snooze ended", minute(95), 1, []ward.Cause{news2(ward.High)}, "alert.wake"},
		{"a new cause, milder than the old", minute(99), 1, []ward.Cause{news2(ward.High), lost}, "alert.tell"},
	}
	s := &staff{how: DefaultResponder()}
	var l listener
	l.reset(s, nil)
	for _, x := range steps {
		c := &ward.Change{Alert: ward.Alert{ID: "a", Kind: ward.Clinical, State: ward.Active, Level: x.level, Told: x.told, Causes: x.causes}}
		if x.audit != "" {
			c.Audit = []ward.AuditEntry{{Deed: x.audit}}
		}
		l.committed(c)
	}
	want := []alert{
		{minute(2), ward.Clinical, ward.Medium, "news2"},
		{minute(20), ward.Clinical, ward.High, "news2"},
		{minute(99), ward.Clinical, ward.Medium, "signal_lost"},
	}
	if !slices.Equal(l.alerts, want) {
		t.Errorf("calls: %v, want %v", l.alerts, want)
	}
	if l.escalations != 1 || l.reviews != 2 {
		t.Errorf("%d escalations and %d reviews, want 1 and 2", l.escalations, l.reviews)
	}
}

// never misses a telling, so that a story can be followed.
func prompt() Responder {
	r := DefaultResponder()
	r.Miss = 0
	return r
}

func toldOf(id ward.AlertID, kind ward.AlertKind, at time.Time, roles ...ward.Role) *ward.Alert {
	a := &ward.Alert{ID: id, Kind: kind, Told: at}
	for _, role := range roles {
		a.Duties = append(a.Duties, ward.Duty{Role: role, Told: at})
	}
	return a
}

// The staff of the model: told at 12:00, the nurse and the doctor accepted at 12:02, the set that the rung
// asks for charted 12:08, both at the bedside 12:10; the nurse in charge sees that they come; closed an hour after the score went under the alerting bands.
func TestTheStaff(t *testing.T) {
	desk := &simpleDesk{}
	s := &staff{how: prompt()}
	s.scored(ward.Medium, noon)
	a := toldOf("a", ward.Clinical, noon, ward.RoleNurse, ward.RoleCharge, ward.RoleDoctor)
	a.ConfirmDue = minute(10)
	s.told(a)
	for m := range 200 {
		if m == 30 {
			s.scored(ward.Low, minute(m))
		}
		if err := s.act(desk, minute(m)); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"12:02:00 accept", "12:02:00 accept", "12:08:00 set by nurse", "12:10:00 at_bedside", "12:10:00 at_bedside", "13:30:00 resolve"}
	if !slices.Equal(desk.deeds, want) {
		t.Errorf("did %v, want %v", desk.deeds, want)
	}
	if !s.due().IsZero() {
		t.Error("something is still to be done")
	}
}

// A doctor told of something high says, once somebody is there, that a plan is in place; a nurse does not.
func TestTheStaffPlan(t *testing.T) {
	for _, x := range []struct {
		role ward.Role
		band ward.Band
		want []string
	}{
		{ward.RoleDoctor, ward.High, []string{"accept", "at_bedside", "plan"}},
		{ward.RoleDoctor, ward.Medium, []string{"accept", "at_bedside"}},
		{ward.RoleCharge, ward.High, []string{"accept", "at_bedside"}},
	} {
		desk := &simpleDesk{}
		s := &staff{how: prompt()}
		s.how.Plan = 4 * time.Hour
		a := toldOf("a", ward.Clinical, noon, x.role)
		a.Band = x.band
		s.told(a)
		if err := s.act(desk, minute(20)); err != nil {
			t.Fatal(err)
		}
		var did []string
		for _, d := range desk.deeds {
			did = append(did, strings.TrimPrefix(d, "12:20:00 "))
		}
		if !slices.Equal(did, x.want) {
			t.Errorf("%s, %s: did %v, want %v", x.role, x.band, did, x.want)
		}
	}
}

// Told again while on the way: nobody starts anew. Told again after having been there: they go again.
func TestTheStaffToldAgain(t *testing.T) {
	for _, x := range []struct {
		again int // minutes after noon
		want  []string
	}{
		{1, []string{"12:02:00 accept", "12:10:00 at_bedside"}},
		{5, []string{"12:02:00 accept", "12:07:00 accept", "12:10:00 at_bedside"}},
		{30, []string{"12:02:00 accept", "12:10:00 at_bedside", "12:32:00 accept", "12:40:00 at_bedside"}},
	} {
		desk := &simpleDesk{}
		s := &staff{how: prompt()}
		s.scored(ward.High, noon)
		for m := range 100 {
			if m == 0 || m == x.again {
				s.told(toldOf("a", ward.Clinical, minute(m), ward.RoleDoctor))
			}
			if err := s.act(desk, minute(m)); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(desk.deeds, x.want) {
			t.Errorf("told again after %d min: did %v, want %v", x.again, desk.deeds, x.want)
		}
	}
}

// Nobody walks to a bed for a technical alert, and nobody acts on one that has ended.
func TestTheStaffLeaveAlone(t *testing.T) {
	desk := &simpleDesk{}
	s := &staff{how: prompt()}
	s.told(toldOf("t", ward.Technical, noon, ward.RoleEngineer))
	s.told(toldOf("over", ward.Clinical, noon, ward.RoleNurse))
	s.ended("over")
	if err := s.act(desk, minute(300)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(desk.deeds, []string{"17:00:00 accept"}) {
		t.Errorf("did %v", desk.deeds)
	}
}

// Who misses a telling does nothing about it. So many miss as were asked for, the same ones in every
// run, others by another seed; a role that accepted is not asked again.
func TestTheStaffMiss(t *testing.T) {
	missed := func(how Responder, n int) (which []int) {
		s := &staff{how: how, stay: "p1"}
		for i := range n {
			before := len(s.tasks)
			s.told(toldOf(ward.AlertID(strconv.Itoa(i)), ward.Technical, minute(i), ward.RoleNurse))
			if len(s.tasks) == before {
				which = append(which, i)
			}
		}
		return which
	}
	how := prompt()
	if got := missed(how, 100); len(got) != 0 {
		t.Errorf("nobody should miss anything, but %d did", len(got))
	}
	how.Miss = 0.3
	first := missed(how, 2000)
	if share := float64(len(first)) / 2000; math.Abs(share-0.3) > 0.03 {
		t.Errorf("a share of %.3f missed", share)
	}
	if !slices.Equal(first, missed(how, 2000)) {
		t.Error("another run missed others")
	}
	if how.Seed = 2; slices.Equal(first, missed(how, 2000)) {
		t.Error("another seed missed the same")
	}
	s := &staff{how: prompt()}
	a := toldOf("a", ward.Clinical, noon, ward.RoleNurse)
	a.Duties[0].Accepted = noon
	if s.told(a); len(s.tasks) != 0 {
		t.Errorf("who has accepted is to do %v", s.tasks)
	}
}

// Every crossing counts the score, the flags and the values too low to believe, each when it steps
// up and not while it stays.
func TestEveryCrossingCounts(t *testing.T) {
	flag := func(code string, b ward.Band) ward.Flag { return ward.Flag{Code: code, Band: b} }
	steps := []struct {
		what  string
		band  ward.Band
		check string
		flags []ward.Flag
		want  []ward.Band // crossings so far
	}{
		{"calm", ward.Low, "", nil, nil},
		{"the score crosses", ward.Medium, "", nil, []ward.Band{ward.Medium}},
		{"it stays, oxygen need rises", ward.Medium, "", []ward.Flag{flag(ward.FlagOxygenRise, ward.Medium)}, []ward.Band{ward.Medium, ward.Medium}},
		{"both stay", ward.Medium, "", []ward.Flag{flag(ward.FlagOxygenRise, ward.Medium)}, []ward.Band{ward.Medium, ward.Medium}},
		{"oxygen is over, a value too low", ward.Low, "spo2", nil, []ward.Band{ward.Medium, ward.Medium, ward.High}},
		{"oxygen need rises anew", ward.Low, "spo2", []ward.Flag{flag(ward.FlagOxygenRise, ward.Medium)}, []ward.Band{ward.Medium, ward.Medium, ward.High, ward.Medium}},
	}
	var got track
	m := meter{t: &got, p: &patient{}}
	for i, x := range steps {
		s := ward.Score{At: minute(i), Band: x.band, Check: x.check}
		s.NFlags = copy(s.Flags[:], x.flags)
		m.score(&s)
		var bands []ward.Band
		for _, c := range got.rises {
			bands = append(bands, c.band)
		}
		if !slices.Equal(bands, x.want) {
			t.Errorf("%s: crossings %v, want %v", x.what, bands, x.want)
		}
	}
}
