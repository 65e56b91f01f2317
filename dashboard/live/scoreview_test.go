package live

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

func TestFlagsBesideThePoints(t *testing.T) {
	l := aWard(t, 1, always(noon))
	s := score(1, 3, noon)
	s.Flags[0] = ward.Flag{Code: "limit:spo2:low", Band: ward.Medium, Number: 84, Limit: 86, Since: noon.Add(-time.Minute), Held: true}
	s.Flags[1] = ward.Flag{Code: ward.FlagOxygenDevice, Band: ward.Medium, Number: math.NaN(), Since: noon}
	s.NFlags = 2
	publish(l, s)
	f := tileOf(t, l, NamesGiven, 1).Score.Flags
	if len(f) != 2 || f[0].Code != "limit:spo2:low" || f[0].Band != "medium" || *f[0].Number != 84 || *f[0].Limit != 86 || *f[0].Since != noon.Add(-time.Minute).UnixMilli() || !f[0].Held {
		t.Fatalf("%+v", f)
	}
	if f[1].Number != nil || f[1].Held {
		t.Errorf("%+v", f[1])
	}
}

func TestTheChartedSetBesideTheLiveScore(t *testing.T) {
	l := aWard(t, 1, always(noon))
	publish(l, score(1, 5, noon))
	if c := tileOf(t, l, NamesGiven, 1).Score.Charted; c != nil {
		t.Errorf("nobody has charted, and it shows %+v", c)
	}
	live := score(1, 5, noon)
	live.Charted = ward.Charted{At: noon.Add(-time.Hour), Total: 2, LowerBound: 2, Complete: true, Band: ward.Low, Due: noon.Add(3 * time.Hour)}
	publish(l, live)
	own := score(1, 2, noon.Add(-time.Hour)) // the same set as a score of its own, for history
	own.Origin = ward.OriginCharted
	publish(l, own)
	v := tileOf(t, l, NamesGiven, 1).Score
	if *v.Total != 5 || *v.At != noon.UnixMilli() {
		t.Errorf("the charted score replaced the live one: %+v", v)
	}
	if c := v.Charted; c == nil || *c.Total != 2 || c.Band != "low" || !c.Complete || *c.Due != noon.Add(3*time.Hour).UnixMilli() {
		t.Errorf("%+v", c)
	}
	live.Charted = ward.Charted{At: noon, LowerBound: 3, Total: 99, Band: ward.Unknown, Partial: "asleep"}
	publish(l, live)
	if c := tileOf(t, l, NamesGiven, 1).Score.Charted; c.Total != nil || c.LowerBound != 3 || c.Partial != "asleep" || c.Due != nil {
		t.Errorf("a partial set: %+v", c)
	}
}

// A value that is not believed says why, both as it was sent and as the score used it.
// Before the first set a bed without a monitor says when that is due; a whole monitored ward would be
// overdue until its first round.
func TestTheFirstSetIsDue(t *testing.T) {
	l := aWard(t, 1, always(noon))
	s := score(1, 0, noon)
	s.Charted.Due = noon.Add(time.Hour)
	for _, monitored := range []bool{false, true} {
		s.LastData = time.Time{}
		if monitored {
			s.LastData = noon
		}
		publish(l, s)
		c := tileOf(t, l, NamesGiven, 1).Score.Charted
		if (c == nil) != monitored || c != nil && (c.At != nil || *c.Due != s.Charted.Due.UnixMilli()) {
			t.Errorf("monitored %v: %+v", monitored, c)
		}
	}
}

func TestADoubtedValueSaysWhy(t *testing.T) {
	l := aWard(t, 1, always(noon))
	publish(l, reading(1, noon, 18))
	s := score(1, 0, noon)
	s.Doubts[ward.SpO2] = ward.PulseMismatch
	s.Parts[1].State, s.Parts[1].Doubt = ward.Implausible, ward.PulseMismatch
	publish(l, s)
	x := tileOf(t, l, NamesGiven, 1)
	if x.Vitals["spo2"].Doubt != "pulse_mismatch" || x.Score.Parts[1].Doubt != "pulse_mismatch" || x.Vitals["rr"].Doubt != "" {
		t.Errorf("%+v %+v", x.Vitals, x.Score.Parts)
	}
	if raw, _ := json.Marshal(x); strings.Count(string(raw), `"doubt"`) != 2 {
		t.Errorf("a believed value carries a doubt: %s", raw)
	}
}

// Limits are a person's: they stand while they are in force, and not beside figures that may be
// another's.
func TestLimitsOnATile(t *testing.T) {
	now := noon
	l := aWard(t, 1, func() time.Time { return now })
	l.SetPeople([]ward.Person{{ID: "d1", Name: "BS Lan"}})
	st := person(1)
	st.Limits = []ward.Limit{{Vital: ward.SpO2, Low: 86, Usual: 90, By: "d1", Reason: "COPD", Since: noon, Until: noon.Add(time.Hour)}}
	l.SetStays("icu", []ward.Stay{st})
	shown := func(m Names) []LimitView { return tileOf(t, l, m, 1).Stay.Limits }
	if got := shown(NamesInitials); len(got) != 1 || got[0].Vital != "spo2" || *got[0].Low != 86 || got[0].High != nil || *got[0].Usual != 90 || got[0].By != "BS Lan" || got[0].Reason != "COPD" {
		t.Errorf("%+v", got)
	}
	if got := shown(NamesNone); len(got) != 1 || got[0].Reason != "" {
		t.Errorf("where names are hidden: %+v", got)
	}
	r := reading(1, noon, 18)
	r.Stay, r.Apart = "", ward.Unconfirmed
	publish(l, r)
	if got := shown(NamesGiven); got == nil || len(got) != 0 {
		t.Errorf("beside figures of unknown origin: %+v", got)
	}
	publish(l, reading(1, noon, 18))
	now = noon.Add(time.Hour)
	if got := shown(NamesGiven); len(got) != 0 {
		t.Errorf("lapsed: %+v", got)
	}
}
