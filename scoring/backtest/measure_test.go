package backtest

import (
	"math"
	"slices"
	"testing"
	"time"

	"wardwatch/scoring"
	"wardwatch/scoring/backtest/stat"
	"wardwatch/ward"
)

// Five patients, each watched for two days, worked by hand.
//
//	a  event at hour 40; called at 10 (medium), 30 (high) and, too late, 44
//	b  event at hour 40; called only at 41
//	c  no event; called at 5 and 6 (medium)
//	d  no event; never called; the score crossed at 7 and came back at once
//	e  not followed; called at 1
func fivePatients() []patient {
	hour := func(h int) time.Time { return noon.Add(time.Duration(h) * time.Hour) }
	call := func(h int, b ward.Band) alert { return alert{hour(h), ward.Clinical, b, "news2"} }
	up := func(h int, b ward.Band) crossing { return crossing{hour(h), b} }
	p := func(id string, age float64, sex ward.Sex, followed, event bool, t track) patient {
		t.last, t.worst, t.judged, t.lower = []bin{noBin}, []bin{noBin}, []int32{0}, []int32{0}
		t.rowCells = make([][]stat.Cell, 1)
		x := patient{id: id, age: age, sex: sex, followed: followed, event: event, days: 2, tracks: []track{t}, eventAt: hour(48)}
		if event {
			x.timed, x.eventAt = true, hour(40)
		}
		return x
	}
	return []patient{
		p("a", 70, ward.Female, true, true, track{
			alerts: []alert{call(10, ward.Medium), call(30, ward.High), call(44, ward.High)},
			rises:  []crossing{up(10, ward.Medium), up(12, ward.Medium), up(30, ward.High)},
		}),
		p("b", 30, ward.Male, true, true, track{
			alerts: []alert{call(41, ward.High)}, rises: []crossing{up(39, ward.Medium), up(41, ward.High)},
			highest: 4, highestBand: ward.LowMedium, parts: []string{"rr", "temp"}, seen: 1,
		}),
		p("c", 50, ward.Female, true, false, track{
			alerts: []alert{call(5, ward.Medium), call(6, ward.Medium), {hour(8), ward.Technical, ward.Medium, "silent_device"}},
			rises:  []crossing{up(5, ward.Medium), up(6, ward.Medium), up(9, ward.LowMedium)},
		}),
		p("d", math.NaN(), ward.SexUnknown, true, false, track{rises: []crossing{up(7, ward.Medium)}}),
		p("e", 90, ward.Male, false, false, track{alerts: []alert{call(1, ward.Medium)}}),
	}
}

func measured(t *testing.T) *Policy {
	t.Helper()
	return measuredOf(t, fivePatients())
}

func measuredOf(t *testing.T, all []patient) *Policy {
	t.Helper()
	r, err := measure(t.Context(), all, []Arm{{Name: "one", Policy: &scoring.Policy{Version: "v"}}}, Options{Resamples: 50}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	return &r.Policies[0]
}

func is(t *testing.T, what string, got stat.Number, want float64) {
	t.Helper()
	if got.Known() != stat.Number(want).Known() || math.Abs(float64(got)-want) > 1e-9 {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestAccuracyByHand(t *testing.T) {
	p := measured(t)
	all, high := &p.Accuracy[0], &p.Accuracy[2]
	if all.Band != "low_medium" || high.Band != "high" {
		t.Fatalf("bands are %s and %s", all.Band, high.Band)
	}
	is(t, "calls per patient-day", all.PerDay.Value, 7./10)
	is(t, "technical calls per patient-day", p.Burden.Technical.Value, 1./10)
	is(t, "sensitivity", all.Sensitivity.Value, 1./2)
	is(t, "sensitivity in 24 h", all.Within[0].Sensitivity.Value, 1./2) // a at hour 30
	is(t, "sensitivity in 6 h", all.Within[2].Sensitivity.Value, 0)
	is(t, "specificity", all.Specificity.Value, 1./2)
	is(t, "PPV by patient", all.PPVPatient.Value, 1./2) // a, but c too
	is(t, "PPV by call", all.PPVAlert.Value, 1./4)      // of a's two and c's two, one within 24 h
	is(t, "median lead", all.Lead.Median, 30)
	is(t, "median lead in the last day", all.LeadDay.Median, 10)
	is(t, "calls in the high band per patient-day", high.PerDay.Value, 3./10)
	is(t, "lead of high calls", high.Lead.Median, 10)

	crossing := &p.Crossing[0]
	is(t, "crossings per patient-day", crossing.PerDay.Value, 9./10)
	is(t, "their sensitivity", crossing.Sensitivity.Value, 1)
	is(t, "their specificity", crossing.Specificity.Value, 0)
}

func TestMissedByHand(t *testing.T) {
	p := measured(t)
	if len(p.Missed) != 1 {
		t.Fatalf("missed %v", p.Missed)
	}
	m := p.Missed[0]
	if m.Case != "b" || m.Points != 4 || m.Band != "low_medium" || !m.Told || !slices.Equal(m.Lacks, []string{"temp"}) {
		t.Errorf("got %+v", m)
	}
}

func TestGroupsByHand(t *testing.T) {
	p := measured(t)
	found := map[string]Group{}
	for _, g := range p.Groups {
		found[g.By+" "+g.Name] = g
	}
	is(t, "calls of women", found["sex female"].PerDay.Value, 5./4)
	is(t, "sensitivity in women", found["sex female"].Sensitivity.Value, 1)
	is(t, "sensitivity in men", found["sex male"].Sensitivity.Value, 0)
	is(t, "calls at 65 to 79", found["age 65-79"].PerDay.Value, 3./2)
	if g := found["age unknown"]; g.Patients != 1 || g.Events != 0 {
		t.Errorf("age unknown: %+v", g)
	}
	if _, ok := found["age 0-15"]; ok {
		t.Error("a group without anybody is reported")
	}
}

// The policy warns of one of two. The crossings into all bands warn of both; of one warn those into
// the high band, at 0.2 a day. In the high band alone policy and crossings warn of the same one.
func TestMatchedByHand(t *testing.T) {
	p := measured(t)
	all, high := p.Matched[0], p.Matched[2]
	is(t, "sensitivity", all.Sensitivity, 0.5)
	is(t, "crossings at it", all.Crossing, 0.2)
	is(t, "ratio", all.Ratio.Value, 0.7/0.2)
	is(t, "ratio in the high band", high.Ratio.Value, 0.3/0.2)
}

// A second policy that calls once where the first calls three times, for the same patient.
func TestAgainstTheFirstPolicy(t *testing.T) {
	all := fivePatients()
	for i := range all {
		second := all[i].tracks[0]
		second.alerts = nil
		if all[i].id == "a" {
			second.alerts = all[i].tracks[0].alerts[:1]
		}
		all[i].tracks = append(all[i].tracks, second)
	}
	arms := []Arm{{Name: "one", Policy: &scoring.Policy{}}, {Name: "two", Policy: &scoring.Policy{}}}
	r, err := measure(t.Context(), all, arms, Options{Resamples: 50}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	is(t, "the first against itself", r.Policies[0].Matched[0].FirstRatio.Value, math.NaN())
	is(t, "the second against the first", r.Policies[1].Matched[0].FirstRatio.Value, 1./7)
}

func TestAtSensitivity(t *testing.T) {
	family := []operating{{10, 100}, {6, 30}, {6, 25}, {2, 5}}
	for _, c := range []struct{ warned, want, strict float64 }{
		{12, 100, 100}, {10, 100, 100}, {8, 65, 65}, {6, 25, 25}, {4, 15, 15}, {2, 5, 5}, {1, 2.5, 2.5}, {0, math.NaN(), math.NaN()},
	} {
		is(t, "alerts", stat.Number(atSensitivity(family, c.warned)), c.want)
		is(t, "alerts of the strictest", stat.Number(strictest(family, c.warned)), c.strict)
	}
	same := []operating{{6, 30}, {6, 25}, {6, 9}}
	is(t, "the same band", stat.Number(atSensitivity(same, 6)), 30)
	is(t, "the strictest", stat.Number(strictest(same, 6)), 9)
	is(t, "of nobody", stat.Number(atSensitivity([]operating{{}, {}}, 1)), 0)
}

// Where the time of the event is not known, any call in the record counts, and nothing is said of
// hours.
func TestWithoutTimes(t *testing.T) {
	all := fivePatients()
	for i := range all {
		all[i].timed, all[i].eventAt = false, noon.Add(48*time.Hour)
	}
	p := measuredOf(t, all)
	a := &p.Accuracy[0]
	is(t, "sensitivity", a.Sensitivity.Value, 1)
	is(t, "sensitivity in 24 h", a.Within[0].Sensitivity.Value, math.NaN())
	is(t, "median lead", a.Lead.Median, math.NaN())
	is(t, "PPV by call", a.PPVAlert.Value, 4./6)
}
