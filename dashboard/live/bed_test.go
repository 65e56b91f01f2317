package live

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"
	"time"

	"wardwatch/ward"
)

func TestWhatAModeShowsOfAPerson(t *testing.T) {
	l := aWard(t, 2, always(noon))
	other := person(2)
	other.GivenName = "TÊN1" // same name, other case
	l.SetStays("icu", []ward.Stay{person(1), other})
	for _, c := range []struct {
		mode     Names
		name     string
		year     bool
		sameName bool
	}{
		{NamesGiven, "Tên1", true, true},
		{NamesInitials, "N.V.T.", false, true},
		{NamesNone, "", false, false},
	} {
		st := tileOf(t, l, c.mode, 1).Stay
		if st.Name != c.name || (st.BirthYear != nil) != c.year || st.SameName != c.sameName {
			t.Errorf("%s: name %q, birth year %v, same name %v", c.mode, st.Name, st.BirthYear, st.SameName)
		}
		if st.Age == nil || *st.Age != 76 {
			t.Errorf("%s: age %v, want 76", c.mode, st.Age)
		}
		all, _ := json.Marshal(st)
		if bytes.Contains(all, []byte("BN-")) {
			t.Errorf("%s: the hospital number is on the board", c.mode)
		}
	}
}

// Promise 7: what is uncertain is never shown under a name.
func TestApartIsNeverUnderAName(t *testing.T) {
	l := aWard(t, 1, always(noon))
	publish(l, reading(1, noon, 18))
	for _, why := range []ward.Apart{ward.AtBoundary, ward.Unconfirmed, ward.EmptyBed} {
		r := reading(1, noon.Add(time.Second), 33)
		r.Stay, r.Apart = "", why
		publish(l, r)
		x := tileOf(t, l, NamesGiven, 1)
		if x.Apart != why.String() || x.Vitals["rr"].V != 33 {
			t.Errorf("%v: apart %q, rr %v: the reading is not shown as kept apart", why, x.Apart, x.Vitals["rr"].V)
		}
		if st := x.Stay; st == nil || st.ID != "s1" || st.Name != "" || st.BirthYear != nil || st.Age != nil || st.Sex != "" {
			t.Errorf("%v: a reading of unknown origin is shown under %+v", why, st)
		}
	}
	publish(l, reading(1, noon.Add(2*time.Second), 19))
	x := tileOf(t, l, NamesGiven, 1)
	if x.Apart != "" || x.Stay.Name != "Tên1" || x.Vitals["rr"].V != 19 {
		t.Errorf("settled again: apart %q, name %q, rr %v", x.Apart, x.Stay.Name, x.Vitals["rr"].V)
	}
}

// A stray monitor that spoke once must not hide a person for good.
func TestWhatIsApartIsForgottenInTime(t *testing.T) {
	l := aWard(t, 1, always(noon))
	r := reading(1, noon, 33)
	r.Stay, r.Apart = "", ward.Unconfirmed
	publish(l, r)
	for _, c := range []struct {
		after time.Duration
		name  string
	}{{looseLife, ""}, {looseLife + time.Second, "Tên1"}} {
		charted := reading(1, noon.Add(c.after), 18)
		charted.Source, charted.Device = ward.Manual, ""
		publish(l, charted)
		if x := tileOf(t, l, NamesGiven, 1); x.Stay.Name != c.name {
			t.Errorf("after %v: named %q, want %q", c.after, x.Stay.Name, c.name)
		}
	}
	if x := tileOf(t, l, NamesGiven, 1); x.Vitals["rr"].V != 18 || x.Apart != "" {
		t.Errorf("%+v", x)
	}
}

func TestAnotherPersonStartsWithAnEmptyTile(t *testing.T) {
	l := aWard(t, 2, always(noon))
	publish(l, reading(1, noon, 31))
	publish(l, score(1, 9, noon))
	next := person(7)
	next.Place = place(1)
	l.SetStays("icu", []ward.Stay{next})
	publish(l, reading(1, noon.Add(time.Second), 32)) // still names the person who left
	publish(l, score(1, 9, noon.Add(time.Second)))
	x := tileOf(t, l, NamesGiven, 1)
	if x.Stay.ID != "s7" || len(x.Vitals) != 0 || x.Score != nil {
		t.Errorf("the next person's tile holds the last one's figures: %+v", x)
	}
	for _, v := range x.Spark.RR {
		if !math.IsNaN(v) {
			t.Fatal("the next person's line holds the last one's breaths")
		}
	}
}

func TestOlderNewsChangesNothing(t *testing.T) {
	l := aWard(t, 1, always(noon))
	publish(l, reading(1, noon, 20))
	old := reading(1, noon.Add(-time.Minute), 12)
	old.Late = true
	publish(l, old)
	if v := tileOf(t, l, NamesGiven, 1).Vitals["rr"]; v.V != 20 {
		t.Errorf("rr %v: a late reading replaced a newer one", v.V)
	}
	a := &ward.Alert{ID: "A1", Place: place(1), State: ward.Accepted, Version: 3}
	publish(l, a)
	publish(l, &ward.Alert{ID: "A1", Place: place(1), State: ward.Active, Version: 2})
	if got := tileOf(t, l, NamesGiven, 1).Alerts; len(got) != 1 || got[0].State != "accepted" {
		t.Errorf("an older version of the alert replaced a newer: %+v", got)
	}
}

func TestAnAlertIsShownWhileItTellsSomebody(t *testing.T) {
	for _, c := range []struct {
		state ward.AlertState
		shown bool
	}{
		{ward.Candidate, false}, {ward.Persisted, true}, {ward.Active, true}, {ward.Delivered, true}, {ward.Seen, true},
		{ward.Accepted, true}, {ward.AtBedside, true}, {ward.Snoozed, true}, {ward.Suppressed, true}, {ward.Resolved, false},
	} {
		l := aWard(t, 1, always(noon))
		publish(l, &ward.Alert{ID: "A", Place: place(1), State: c.state, Version: 1})
		if got := len(tileOf(t, l, NamesGiven, 1).Alerts) == 1; got != c.shown {
			t.Errorf("%s: shown %v, want %v", c.state, got, c.shown)
		}
	}
}

func TestAnAlertMovesWithItsStay(t *testing.T) {
	l := aWard(t, 2, always(noon))
	l.SetWard(ward.Ward{ID: "er"}, []ward.Bed{{Place: ward.Place{Ward: "er", Bed: "9"}}})
	for version, to := range []ward.Place{place(1), place(2), {Ward: "er", Bed: "9"}} {
		publish(l, &ward.Alert{ID: "A", Place: to, State: ward.Active, Version: int64(version)})
		shown := 0
		for _, id := range []ward.WardID{"icu", "er"} {
			v, _ := l.Snapshot(id, NamesGiven)
			for _, x := range v.Tiles {
				shown += len(x.Alerts)
				if len(x.Alerts) > 0 && (string(id) != string(to.Ward) || x.Bed != string(to.Bed)) {
					t.Errorf("shown at %s/%s, want %s", id, x.Bed, to)
				}
			}
		}
		if shown != 1 {
			t.Errorf("at %s: shown %d times", to, shown)
		}
	}
}

func TestDeviceAlarmsComeAndGo(t *testing.T) {
	l := aWard(t, 1, always(noon))
	alarms := func(as ...ward.DeviceAlarm) []AlarmView {
		r := reading(1, noon, 20)
		r.Alarms = as
		publish(l, r)
		return tileOf(t, l, NamesGiven, 1).Alarms
	}
	if got := alarms(ward.DeviceAlarm{Code: "asystole", Priority: ward.HighPriority, On: true}); len(got) != 1 || got[0].Priority != "high" {
		t.Fatalf("on: %+v", got)
	}
	if got := alarms(); len(got) != 1 {
		t.Fatalf("a reading without alarms ended one: %+v", got)
	}
	if got := alarms(ward.DeviceAlarm{Code: "asystole"}); len(got) != 0 {
		t.Fatalf("off: %+v", got)
	}
}

func TestADeviceThatSpeaksIsThere(t *testing.T) {
	l := aWard(t, 1, always(noon))
	publish(l, reading(1, noon, 20))
	publish(l, &ward.DeviceStatus{Place: place(1), Device: "mon-1", State: ward.DeviceOffline, At: noon.Add(time.Second), Battery: -1})
	if d := tileOf(t, l, NamesGiven, 1).Device; d.State != "offline" || d.Battery != nil {
		t.Fatalf("after its last will: %+v", d)
	}
	publish(l, reading(1, noon.Add(2*time.Second), 20))
	if d := tileOf(t, l, NamesGiven, 1).Device; d.State != "online" {
		t.Fatalf("it speaks again: %+v", d)
	}
}

func TestAnIncompleteScoreHasNoTotal(t *testing.T) {
	l := aWard(t, 1, always(noon))
	s := score(1, 5, noon)
	s.Complete, s.Band, s.Parts[6] = false, ward.Medium, ward.Part{Input: "temp"}
	publish(l, s)
	v := tileOf(t, l, NamesGiven, 1).Score
	if v.Total != nil || v.LowerBound != 5 || v.Have != 6 || v.Need != 7 || v.Parts[6].Value != nil || v.Parts[6].State != "missing" {
		t.Errorf("%+v", v)
	}
}

func TestTrend(t *testing.T) {
	const hour = time.Hour
	type at struct {
		after  time.Duration
		points int
		have   int
	}
	n := func(x int) *int { return &x }
	for _, c := range []struct {
		name   string
		before []at
		now    at
		want   *int
	}{
		{"the first score says nothing", nil, at{0, 3, 7}, nil},
		{"too young", []at{{0, 1, 7}}, at{5 * time.Minute, 3, 7}, nil},
		{"rising", []at{{0, 1, 7}, {hour, 2, 7}}, at{2 * hour, 6, 7}, n(5)},
		{"falling", []at{{0, 6, 7}}, at{hour, 2, 7}, n(-4)},
		{"falling only because an input was lost", []at{{0, 6, 7}}, at{hour, 4, 6}, nil},
		{"rising though an input was lost", []at{{0, 3, 7}}, at{hour, 4, 6}, n(1)},
		{"older than four hours is forgotten", []at{{0, 9, 7}, {5 * hour, 2, 7}}, at{6 * hour, 3, 7}, n(1)},
	} {
		var s spark
		for _, x := range c.before {
			s.putScore(x.points, x.have, noon.Add(x.after))
		}
		now := noon.Add(c.now.after)
		s.putScore(c.now.points, c.now.have, now)
		got := s.trend(c.now.points, c.now.have, now)
		if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}
