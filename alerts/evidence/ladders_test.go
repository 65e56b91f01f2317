package evidence

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

// as gives the telling last told its own cause and band.
func (s *story) as(cause string, band ward.Band) *story {
	e := &s.Audit[len(s.Audit)-1]
	who, _, _ := strings.Cut(e.Detail, ";")
	e.Detail = who + "; " + cause + " " + band.String()
	for i := range s.Notices {
		if n := &s.Notices[i]; n.Made.Equal(e.At) {
			n.Band = band
		}
	}
	return s
}

// late are the limits that were not kept, in words.
func late(g Goals, s *story) string {
	m := NewMeter(Span{From: minute(-60), To: minute(24 * 60), Zone: zone}, g)
	m.Add(s.Case)
	var got []string
	for _, b := range m.Report().Breaches {
		got = append(got, fmt.Sprintf("%s %s:%g", b.Kind, b.What, b.Late/60))
	}
	return strings.Join(got, ", ")
}

// Who charts a patient has taken them on; a nurse who does is at the bedside while nothing high is
// known. Somebody in no duty has taken on nothing.
func TestWhoChartsHasCome(t *testing.T) {
	nurse, doctor := ward.RoleNurse, ward.RoleDoctor
	g := Goals{Limits: []Limit{
		{Kind: ward.Clinical, Band: ward.Medium, Accept: 10 * time.Minute, Bedside: time.Hour},
		{Kind: ward.Clinical, Band: ward.High, Accept: 3 * time.Minute, Bedside: 30 * time.Minute, Must: []ward.Role{doctor}},
	}}
	told := func(band ward.Band, roles ...ward.Role) *story {
		return begin("K", 0).tell(0, 1, 1, roles...).as("news2", band)
	}
	for _, c := range []struct {
		what string
		s    *story
		want string
	}{
		{"the nurse charts at medium", told(ward.Medium, nurse).do(4, "n", doChart, nurse).close(170, "", "score fell"), ""},
		{"the doctor charts at medium, and nobody says that they are there", told(ward.Medium, nurse, doctor).do(4, "d", doChart, doctor).close(170, "", "score fell"), "clinical bedside:106"},
		{"somebody charts in no duty", told(ward.Medium, nurse).do(4, "x", doChart, "").close(170, "", "score fell"), "clinical accept:160"},
		{"the nurse charts at high: nobody has come yet, and the doctor must accept", told(ward.High, nurse, doctor).do(2, "n", doChart, nurse).close(63, "", "score fell"), "clinical accept:60, clinical bedside:31"},
		{"the doctor charts at high and comes", told(ward.High, nurse, doctor).do(2, "d", doChart, doctor).do(9, "d", ward.DoBedside, doctor).close(63, "", "score fell"), ""},
	} {
		if got := late(g, c.s); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
	r := measured(t, told(ward.Medium, nurse).do(4, "n", doChart, nurse).close(170, "", "score fell"))
	if r.Tellings[0].Answer != "accepted" || r.Rows[0].Bedside != ms(minute(4)) {
		t.Errorf("%+v %+v", r.Tellings[0], r.Rows[0])
	}
}

// A round is held against the ladder on which it was told, whatever the alert has become since.
func TestEachRoundHasItsOwnLadder(t *testing.T) {
	nurse, doctor := ward.RoleNurse, ward.RoleDoctor
	const m = time.Minute
	g := Goals{Limits: []Limit{
		{Kind: ward.Clinical, Band: ward.LowMedium, Accept: 30 * m},
		{Kind: ward.Clinical, Band: ward.High, Accept: 3 * m},
		{Kind: ward.DeviceRaise, Band: ward.High, Accept: 1 * m},
		{Comfort: true, Accept: 10 * m},
		{Cause: "symptom_severe", Comfort: true, Accept: 5 * m},
		{Cause: "care_review_due", Comfort: true, Accept: 60 * m},
	}}
	comfort := func(s *story) *story { s.Comfort = []Spell{{From: minute(-300)}}; return s }
	deviceAfterScore := begin("K", 0).tell(0, 1, 1, nurse).do(2, "n", ward.DoAccept, nurse).
		tell(20, 1, 1, nurse).as("device:asystole", ward.High).do(22, "n", ward.DoAccept, nurse).close(40, "", "device alarm ended")
	deviceAfterScore.Alert.Kind = ward.DeviceRaise
	scoreAfterDevice := begin("K", 0).tell(0, 1, 1, nurse).as("device:asystole", ward.High).do(2, "n", ward.DoAccept, nurse).
		tell(20, 1, 1, nurse).do(22, "n", ward.DoAccept, nurse).close(40, "", "score fell")
	before := begin("K", 0).tell(0, 1, 1, nurse).as("device:asystole", ward.High).do(2, "n", ward.DoAccept, nurse).close(40, "", "x")
	before.Comfort = []Spell{{From: minute(-300), To: minute(0)}, {From: minute(1)}}
	for _, c := range []struct {
		what string
		s    *story
		want string
	}{
		{"a monitor's alarm after a score", deviceAfterScore, "device_alarm accept:1"},
		{"a score after a monitor's alarm", scoreAfterDevice, "device_alarm accept:1"},
		{"a symptom check is due", comfort(begin("K", 0).tell(0, 1, 1, nurse).as("symptom_check_due", ward.LowMedium).do(20, "n", ward.DoAccept, nurse).close(40, "", "done")), "clinical accept:10"},
		{"a severe symptom", comfort(begin("K", 0).tell(0, 1, 1, nurse).as("symptom_severe", ward.Medium).do(7, "n", ward.DoAccept, nurse).close(40, "", "done")), "clinical accept:2"},
		{"the order is due to be looked at", comfort(begin("K", 0).tell(0, 1, 1, doctor).as("care_review_due", ward.LowMedium).do(50, "d", ward.DoAccept, doctor).close(55, "", "done")), ""},
		{"a monitor's alarm in comfort care", comfort(begin("K", 0).tell(0, 1, 1, nurse).as("device:asystole", ward.High).do(8, "n", ward.DoAccept, nurse).close(40, "", "x")), ""},
		{"a monitor's alarm between two spells of comfort care", before, "device_alarm accept:1"},
	} {
		if got := late(g, c.s); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}
