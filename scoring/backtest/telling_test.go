package backtest

import (
	"slices"
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
	l.reset(s)
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

// The staff of the model: told at 12:00, accepted 12:02, at the bedside 12:10, closed an hour
// after the score went under the alerting bands.
func TestTheStaff(t *testing.T) {
	desk := &simpleDesk{}
	s := &staff{how: DefaultResponder()}
	s.scored(ward.Medium, noon)
	a := &ward.Alert{ID: "a", Kind: ward.Clinical, Told: noon, Duties: []ward.Duty{{Role: ward.RoleDoctor}}}
	s.told(a)
	for m := range 200 {
		if m == 30 {
			s.scored(ward.Low, minute(m))
		}
		if err := s.act(desk, minute(m)); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"12:02:00 accept", "12:10:00 at_bedside", "13:30:00 resolve"}
	if !slices.Equal(desk.deeds, want) {
		t.Errorf("did %v, want %v", desk.deeds, want)
	}
	if !s.due().IsZero() {
		t.Error("something is still to be done")
	}
}

// Nobody walks to a bed for a technical alert, and nobody acts on one that has ended.
func TestTheStaffLeaveAlone(t *testing.T) {
	desk := &simpleDesk{}
	s := &staff{how: DefaultResponder()}
	s.told(&ward.Alert{ID: "t", Kind: ward.Technical, Told: noon})
	s.told(&ward.Alert{ID: "over", Kind: ward.Clinical, Told: noon})
	s.ended("over")
	if err := s.act(desk, minute(300)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(desk.deeds, []string{"17:00:00 accept"}) {
		t.Errorf("did %v", desk.deeds)
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
