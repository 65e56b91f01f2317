package scoring

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/scoring/course"
	"wardwatch/ward"
)

// assessed is an assessment of the one person of these tests.
func assessed(at time.Time, risks ...ward.Risk) *ward.Assessment {
	return &ward.Assessment{At: at, Risks: risks}
}

func sepsisRisk(value float64) ward.Risk {
	return ward.Risk{Task: ward.Deterioration, Model: "m", Value: value, Threshold: 0.10}
}

// What assessments say, one after another every five minutes, and whether the flag is up after each.
func TestConcern(t *testing.T) {
	silent, withheld := sepsisRisk(0.9), sepsisRisk(0.9)
	silent.Silent, withheld.Withheld = true, ward.WithheldRange
	type told struct {
		risk ward.Risk
		up   bool
	}
	for _, c := range []struct {
		name  string
		after []told
	}{
		{"under the threshold", []told{{sepsisRisk(0.099), false}}},
		{"at the threshold", []told{{sepsisRisk(0.10), true}}},
		{"back under it before people were told", []told{{sepsisRisk(0.2), true}, {sepsisRisk(0.099), false}}},
		{"a little under it once people were told: goes on", []told{{sepsisRisk(0.2), true}, {sepsisRisk(0.2), true}, {sepsisRisk(0.2), true}, {sepsisRisk(0.081), true}}},
		{"under the margin: over", []told{{sepsisRisk(0.2), true}, {sepsisRisk(0.2), true}, {sepsisRisk(0.2), true}, {sepsisRisk(0.079), false}}},
		{"withheld now: neither confirmed nor over", []told{{sepsisRisk(0.2), true}, {withheld, true}}},
		{"withheld from the first", []told{{withheld, false}}},
		{"silent: treating staff see nothing", []told{{silent, false}}},
		{"made silent again: withdrawn at once", []told{{sepsisRisk(0.2), true}, {silent, false}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := DefaultPolicy(lib)
			s, now := State{}, eight
			for i, x := range c.after {
				s.judge(&p, assessed(now, x.risk))
				var score ward.Score
				s, score, _ = Step(&p, nil, s, nil, now)
				if up := flag(score, "risk:deterioration") != nil; up != x.up {
					t.Fatalf("after assessment %d: flag %v, want %v", i, up, x.up)
				}
				now = now.Add(p.Models.Every)
			}
		})
	}
}

// A raised risk whose model falls silent is held, marked, until an assessment says that it is over.
func TestAConcernIsHeld(t *testing.T) {
	p := DefaultPolicy(lib)
	s := State{}
	s.judge(&p, assessed(eight, sepsisRisk(0.2)))
	for _, c := range []struct {
		after time.Duration
		held  bool
	}{{0, false}, {2 * p.Models.Every, false}, {2*p.Models.Every + time.Second, true}, {48 * time.Hour, true}} {
		_, score, _ := Step(&p, nil, s, nil, eight.Add(c.after))
		if f := flag(score, "risk:deterioration"); f == nil || f.Held != c.held {
			t.Errorf("after %v: %+v, want held %v", c.after, f, c.held)
		}
	}
	s.judge(&p, assessed(eight.Add(48*time.Hour), sepsisRisk(0.01)))
	if _, score, _ := Step(&p, nil, s, nil, eight.Add(48*time.Hour)); flag(score, "risk:deterioration") != nil {
		t.Error("not over although an assessment says so")
	}
}

// measured is a view by one row that rests on what is measured.
func measured(band ward.Band, complete bool) ward.Respiratory {
	return ward.Respiratory{Table: "1", Band: band, Complete: complete, Rows: []ward.RespiratoryRow{{Code: "oxygen_40", Band: band}}}
}

// Only a view that lacks nothing ends its concern, or makes it milder.
func TestAViewThatLacksSomethingEndsNothing(t *testing.T) {
	p := DefaultPolicy(lib)
	for _, c := range []struct {
		name string
		then ward.Respiratory
		want ward.Band // Low: no flag
	}{
		{"a forecast is withheld, the rest is well", measured(ward.Low, false), ward.High},
		{"saturation lost, a mild row is left", measured(ward.LowMedium, false), ward.High},
		{"saturation lost, a graver row is left", measured(ward.Medium, false), ward.High},
		{"nothing is known", ward.Respiratory{Table: "1"}, ward.High},
		{"complete, and milder", measured(ward.Medium, true), ward.Medium},
		{"complete, and well", measured(ward.Low, true), ward.Low},
	} {
		s := State{}
		now := eight
		for range 4 { // people have been told
			s.judge(&p, &ward.Assessment{At: now, Respiratory: measured(ward.High, true)})
			now = now.Add(p.Models.Every)
		}
		s.judge(&p, &ward.Assessment{At: now, Respiratory: c.then})
		_, score, _ := Step(&p, nil, s, nil, now)
		got := ward.Low
		if f := flag(score, ward.FlagRespiratory); f != nil {
			got = f.Band
		}
		if got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// The respiratory view speaks from medium up, in its own band.
func TestTheRespiratoryView(t *testing.T) {
	p := DefaultPolicy(lib)
	for _, c := range []struct {
		view ward.Respiratory
		want ward.Band // Low: no flag
	}{
		{ward.Respiratory{Table: "1", Band: ward.Unknown}, ward.Low},
		{measured(ward.LowMedium, false), ward.Low},
		{measured(ward.Medium, false), ward.Medium},
		{measured(ward.High, false), ward.High},
		{ward.Respiratory{Table: "1", Rows: []ward.RespiratoryRow{{Code: "oxygen_40", Band: ward.High, Silent: true}}}, ward.Low},
	} {
		s := State{}
		s.judge(&p, &ward.Assessment{At: eight, Respiratory: c.view})
		_, score, _ := Step(&p, nil, s, nil, eight)
		got := ward.Low
		if f := flag(score, ward.FlagRespiratory); f != nil {
			got = f.Band
		}
		if got != c.want {
			t.Errorf("%+v: %v, want %v", c.view, got, c.want)
		}
	}
}

// Promise 6: whatever a model says, band and points stay as the chart has them, and no other flag goes.
func TestAModelNeverLowers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawBed(t)
		minute := 0.0
		for range rapid.IntRange(1, 6).Draw(t, "readings") {
			minute += drawGap(t)
			r := drawReading(t, minute)
			b.read(r)
			minute = max(minute, r.Arrived.Sub(eight).Minutes())
		}
		p, s, now := &b.p, b.state, minutes(minute)
		_, before, _ := Step(p, b.stay, s, nil, now)
		for range rapid.IntRange(1, 5).Draw(t, "assessments") {
			r := sepsisRisk(rapid.Float64Range(0, 1).Draw(t, "value"))
			r.Task = rapid.SampledFrom(ward.Tasks).Draw(t, "task")
			r.Silent = rapid.Bool().Draw(t, "silent")
			r.Withheld = rapid.SampledFrom([]ward.Withheld{ward.NotWithheld, ward.WithheldSlow, ward.WithheldRange}).Draw(t, "withheld")
			a := assessed(now, r)
			a.Respiratory = measured(rapid.SampledFrom([]ward.Band{ward.Low, ward.Unknown, ward.Medium, ward.High}).Draw(t, "band"), rapid.Bool().Draw(t, "complete"))
			s.judge(p, a)
		}
		_, after, _ := Step(p, b.stay, s, nil, now)
		if after.Band != before.Band || after.LowerBound != before.LowerBound || after.Complete != before.Complete || after.Held != before.Held || after.Check != before.Check {
			t.Fatalf("the chart says %v, and after an assessment %v", before, after)
		}
		for _, f := range before.FlagList() {
			if flag(after, f.Code) == nil && after.NFlags < ward.MaxFlags {
				t.Fatalf("%s is gone", f.Code)
			}
		}
	})
}

// An assessment of somebody who has left or moved since says nothing.
func TestJudgeTheRightPerson(t *testing.T) {
	for _, c := range []struct {
		name string
		a    ward.Assessment
		stay *ward.Stay
		want bool
	}{
		{"the same person, the same bed", ward.Assessment{Stay: "a", Place: bed1}, nil, true},
		{"somebody who has left", ward.Assessment{Stay: "b", Place: bed1}, nil, false},
		{"discharged since", ward.Assessment{Stay: "a", Place: bed1}, &ward.Stay{ID: "a", Ended: eight}, false},
		{"moved since", ward.Assessment{Stay: "a", Place: ward.Place{Ward: "W", Bed: "2"}}, nil, false},
		{"nobody", ward.Assessment{Place: bed1}, nil, false},
	} {
		told := false
		e := NewEngine(Options{
			Policy: DefaultPolicy(lib), Stay: func(ward.StayID) *ward.Stay { return c.stay }, Record: func([]ward.Score) {},
			Scored: func(s *ward.Score, _ *ward.Reading) { told = told || flag(*s, "risk:deterioration") != nil },
		})
		e.Take([]ward.Reading{reading(0, "a", 1, val(ward.HR, 80))})
		c.a.At, c.a.Risks = eight, []ward.Risk{sepsisRisk(0.5)}
		e.Judge(&c.a, eight)
		if told != c.want {
			t.Errorf("%s: told %v", c.name, told)
		}
	}
}

// A backlog is never scored, but models know what was in its hours.
func TestABacklogIsHistoryForModels(t *testing.T) {
	scored := 0
	anna := &ward.Stay{ID: "a", Place: ward.Place{Ward: "W", Bed: "9"}} // has moved since
	e := NewEngine(Options{
		Policy: DefaultPolicy(lib), Stay: func(ward.StayID) *ward.Stay { return anna }, Record: func([]ward.Score) {},
		Scored: func(*ward.Score, *ward.Reading) { scored++ },
	})
	r := reading(-180, "a", 7, val(ward.RR, 26))
	r.Late, r.Arrived = true, eight
	e.Take([]ward.Reading{r})
	e.Take([]ward.Reading{r}) // a crash brings it again
	subjects := e.Subjects(eight)
	if scored != 0 || len(subjects) != 1 || subjects[0].Place != anna.Place {
		t.Fatalf("%d scores, subjects %v", scored, subjects)
	}
	value, age, ok := course.Default().Newest(&subjects[0].Course, "rr", eight)
	if !ok || value != 26 || age != 3*time.Hour {
		t.Fatalf("%v, %v old, %v", value, age, ok)
	}
}

// Training believes what the shipped policy believes.
func TestTheSpecificationIsThePolicys(t *testing.T) {
	p := DefaultPolicy(lib)
	spec := course.Default()
	adult := p.Signal.Believe[len(p.Signal.Believe)-1]
	for v, span := range spec.Believes() {
		if r := adult.Range[v]; r.Min != span[0] || r.Max != span[1] {
			t.Errorf("%s: the policy believes %v, training %v", v, r, span)
		}
	}
	if p.Signal.PressureOrder.MinPulse != spec.MinPulse() {
		t.Errorf("pulse pressure: the policy %v, training %v", p.Signal.PressureOrder.MinPulse, spec.MinPulse())
	}
}

// A backlog of somebody who has gone brings nobody back.
func TestABacklogOfSomebodyGone(t *testing.T) {
	e := NewEngine(Options{
		Policy: DefaultPolicy(lib), Record: func([]ward.Score) {}, Scored: func(*ward.Score, *ward.Reading) {},
		Stay: func(ward.StayID) *ward.Stay { return &ward.Stay{ID: "a", Ended: eight} },
	})
	r := reading(-180, "a", 7, val(ward.RR, 26))
	r.Late, r.Arrived = true, eight
	e.Take([]ward.Reading{r})
	if n := len(e.Subjects(eight)); n != 0 || e.Beds() != 0 {
		t.Fatalf("%d subjects, %d beds", n, e.Beds())
	}
}
