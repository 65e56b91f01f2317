package backtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/scoring"
	"wardwatch/scoring/chart"
	"wardwatch/ward"
)

func library(t testing.TB) *chart.Library {
	t.Helper()
	lib, err := chart.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

func defaultPolicy(t testing.TB) *scoring.Policy {
	p := scoring.DefaultPolicy(library(t))
	return &p
}

// adultCharts are those that a bedside set of an adult can be judged by.
func adultCharts(t testing.TB) []*chart.Chart {
	var out []*chart.Chart
	for _, id := range []string{"news2", "news", "mews-subbe-2001", "qsofa", "sirs", "sofa", "rox", "rox-hr", "sf", "si", "msi"} {
		c, ok := library(t).Find(id)
		if !ok {
			t.Fatalf("there is no chart %s", id)
		}
		out = append(out, c)
	}
	return out
}

var bed = ward.Place{Ward: "recorded", Bed: "1"}

// reading is a set at a minute; an input left out is not measured.
func reading(at time.Time, source ward.Source, values map[ward.Vital]float64) Row {
	r := ward.Reading{Place: bed, At: at, Taken: at, Arrived: at, Source: source}
	for v := range ward.NumVitals {
		if x, ok := values[v]; ok {
			r.Values = append(r.Values, ward.Value{Vital: v, Number: x, At: at})
		}
	}
	return Row{Reading: r}
}

func well() map[ward.Vital]float64 {
	return map[ward.Vital]float64{ward.RR: 16, ward.SpO2: 97, ward.SBP: 120, ward.HR: 75, ward.Temp: 37, ward.ACVPU: 0, ward.O2Source: 0}
}

func ill() map[ward.Vital]float64 {
	v := well()
	v[ward.RR], v[ward.SpO2], v[ward.HR] = 26, 91, 115 // 3 + 3 + 2
	return v
}

func cases(list ...Case) iter.Seq2[Case, error] {
	return func(yield func(Case, error) bool) {
		for _, c := range list {
			rows := make([]Row, len(c.Rows))
			copy(rows, c.Rows)
			c.Rows = rows
			if !yield(c, nil) {
				return
			}
		}
	}
}

func arm(p *scoring.Policy, made *[]*simpleDesk) Arm {
	return Arm{Name: "one", Policy: p, NewDesk: func(_ *ward.Stay, committed func(*ward.Change)) (Desk, error) {
		d := &simpleDesk{committed: committed}
		if made != nil {
			*made = append(*made, d)
		}
		return d, nil
	}}
}

// Ill from 12:00 to 14:00, then well: told at 12:02, accepted at 12:04, at the bedside at 12:12,
// and the record ends at 16:00. One call in a sixth of a day.
func TestOnePatient(t *testing.T) {
	var desks []*simpleDesk
	c := Case{ID: "a", AgeYears: 60, Sex: ward.Female, Followed: true, Event: true, EventAt: minute(240), End: minute(240)}
	for m := 0; m < 240; m++ {
		v := well()
		if m < 120 {
			v = ill()
		}
		c.Rows = append(c.Rows, reading(minute(m), ward.FromDevice, v))
	}
	r, err := Run(t.Context(), cases(c), []Arm{arm(defaultPolicy(t), &desks)}, Options{Workers: 1, Resamples: 10, Responder: prompt()})
	if err != nil {
		t.Fatal(err)
	}
	p := &r.Policies[0]
	is(t, "calls per patient-day", p.Burden.Interruptive.Value, 6)
	is(t, "lead", p.Accuracy[0].Lead.Median, 4-2./60)
	is(t, "sensitivity", p.Accuracy[0].Sensitivity.Value, 1)
	if got := strings.Join(desks[0].deeds, ", "); got != "12:04:00 accept, 12:12:00 at_bedside" {
		t.Errorf("the staff did %s", got)
	}
	is(t, "share of time in the high band", p.TimeInBand["high"], 0.5)
	is(t, "share of time in the low band", p.TimeInBand["low"], 0.5)
	is(t, "crossings per patient-day", p.Crossing[0].PerDay.Value, 6)
	is(t, "band changes per patient-day", p.BandChanges.Value, 6)
	if r.Set.Events != 1 || r.Set.Rows != 240 || !r.Set.Timed {
		t.Errorf("the set is %+v", r.Set)
	}
}

// The engine, ticked every second, and the backtest, jumping, give the same scores at the same
// moments for the same input.
func TestTheSameScoresAsLive(t *testing.T) {
	policy := defaultPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		c := Case{ID: "a", AgeYears: rapid.Float64Range(0, 95).Draw(t, "age"), Rows: drawRows(t)}
		c.End = c.Rows[len(c.Rows)-1].Reading.Arrived.Add(time.Hour)
		if !c.prepare() {
			t.Fatal("no rows")
		}
		desk := &simpleDesk{committed: func(*ward.Change) {}}
		a := Arm{Policy: policy, NewDesk: func(*ward.Stay, func(*ward.Change)) (Desk, error) { return desk, nil }}
		if _, err := newDriver([]Arm{a}, Options{}.withDefaults()).drive(&c); err != nil {
			t.Fatal(err)
		}
		live := liveScores(policy, &c)
		if len(live) != len(desk.scores) {
			t.Fatalf("live gave %d scores, the backtest %d", len(live), len(desk.scores))
		}
		for i := range live {
			if live[i] != desk.scores[i] {
				t.Fatalf("score %d: live\n%+v\nbacktest\n%+v", i, live[i], desk.scores[i])
			}
		}
	})
}

// liveScores drives the engine as the live loop does: readings as they arrive, the clock each second.
func liveScores(p *scoring.Policy, c *Case) (scores []ward.Score) {
	stay := c.stay()
	e := scoring.NewEngine(scoring.Options{
		Policy: *p,
		Stay:   func(ward.StayID) *ward.Stay { return stay },
		Scored: func(s *ward.Score, _ *ward.Reading) { scores = append(scores, *s) },
		Record: func([]ward.Score) {},
	})
	i := 0
	for now := c.Start; now.Before(c.End); now = now.Add(time.Second) {
		for i < len(c.Rows) && !c.Rows[i].Reading.Arrived.After(now) {
			e.Take([]ward.Reading{c.Rows[i].Reading})
			i++
		}
		e.Tick(now)
	}
	return scores
}

func drawRows(t *rapid.T) (rows []Row) {
	at := noon
	n := rapid.IntRange(1, 6).Draw(t, "rows")
	for range n {
		source := rapid.SampledFrom([]ward.Source{ward.FromDevice, ward.Manual, ward.HIS}).Draw(t, "source")
		v := map[ward.Vital]float64{}
		for vital := range ward.NumVitals {
			x, ok := well()[vital]
			if !ok || vital != ward.HR && !rapid.Bool().Draw(t, "measured") {
				continue
			}
			if v[vital] = x; rapid.Bool().Draw(t, "ill") {
				v[vital] = ill()[vital]
			}
		}
		row := reading(at, source, v)
		row.Reading.Arrived = at.Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "delay")) * time.Second)
		rows = append(rows, row)
		gap := rapid.OneOf(rapid.IntRange(3, 3000), rapid.SampledFrom([]int{60, 61, 300, 301, 302}))
		at = at.Add(time.Duration(gap.Draw(t, "gap")) * time.Second)
	}
	return rows
}

// someCases are cinc2019-like: hourly rows with gaps, a tenth of the patients with an event.
func someCases(patients int) []Case {
	rng := rand.New(rand.NewPCG(1, 2))
	var out []Case
	for i := range patients {
		c := Case{ID: fmt.Sprintf("p%d", i), AgeYears: 20 + 70*rng.Float64(), Sex: ward.Female, Followed: true, Event: i%10 == 0}
		if i%3 == 0 {
			c.Sex = ward.Male
		}
		hours := 20 + rng.IntN(40)
		sick := 0.0
		for h := range hours {
			if c.Event {
				sick += 1.5 * rng.Float64() / float64(hours) * 10
			}
			v := map[ward.Vital]float64{ward.HR: math.Round(80 + 3*sick + 12*rng.NormFloat64())}
			if rng.IntN(10) > 0 {
				v[ward.RR] = math.Round(17 + sick + 3*rng.NormFloat64())
				v[ward.SpO2] = min(100, math.Round(97-sick/2+2*rng.NormFloat64()))
				v[ward.SBP] = math.Round(122 - sick + 15*rng.NormFloat64())
				v[ward.DBP] = math.Round(70 + 8*rng.NormFloat64())
				v[ward.MAP] = math.Round((v[ward.SBP] + 2*v[ward.DBP]) / 3)
			}
			if rng.IntN(4) == 0 {
				v[ward.Temp] = 37 + rng.NormFloat64()/2
			}
			row := reading(noon.Add(time.Duration(h)*time.Hour), ward.HIS, v)
			row.Reading.Place.Bed = ward.BedID(c.ID)
			row.Label = Negative
			if c.Event && h > hours-10 {
				row.Label = Positive
			}
			c.Rows = append(c.Rows, row)
		}
		if c.Event {
			c.EventAt = c.Rows[hours-10].Reading.Arrived.Add(7 * time.Hour)
		}
		c.End = noon.Add(time.Duration(hours) * time.Hour)
		out = append(out, c)
	}
	return out
}

func TestAnyNumberOfWorkers(t *testing.T) {
	list := someCases(40)
	var first []byte
	for _, workers := range []int{1, 3} {
		r, err := Run(t.Context(), cases(list...), []Arm{arm(defaultPolicy(t), nil)}, Options{Workers: workers, Resamples: 70, Charts: adultCharts(t)})
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b
		} else if string(first) != string(b) {
			t.Error("the report depends on the number of workers")
		}
	}
}

// Rows from six hours after the first positive one are dropped; the set says what it lacks.
func TestRowsAndInputs(t *testing.T) {
	c := Case{ID: "a", AgeYears: 60, Followed: true, Event: true, EventAt: minute(60 * 12)}
	for h := range 12 {
		row := reading(minute(60*h), ward.HIS, map[ward.Vital]float64{ward.HR: 90})
		row.Label = Negative
		if h >= 3 {
			row.Label = Positive
		}
		c.Rows = append(c.Rows, row)
	}
	r, err := Run(t.Context(), cases(c), []Arm{arm(defaultPolicy(t), nil)}, Options{Resamples: 10})
	if err != nil {
		t.Fatal(err)
	}
	if s := r.Set; s.Rows != 12 || s.LabelledRows != 9 || s.PositiveRows != 6 {
		t.Errorf("%d rows, %d labelled, %d positive; want 12, 9, 6", s.Rows, s.LabelledRows, s.PositiveRows)
	}
	if r.Set.Values["hr"] != 12 || strings.Contains(strings.Join(r.Set.Lacks, " "), "hr") || len(r.Set.Lacks) != int(ward.NumVitals)-1 {
		t.Errorf("lacks %v", r.Set.Lacks)
	}
	for _, s := range r.Policies[0].Scores {
		if s.On == OnRows && s.N != 9 {
			t.Errorf("%s was judged on %d rows", s.Score, s.N)
		}
	}
}

func TestRunEnds(t *testing.T) {
	one := someCases(1)[0]
	bad := errors.New("disk on fire")
	failing := Arm{Name: "failing", Policy: defaultPolicy(t), NewDesk: func(_ *ward.Stay, committed func(*ward.Change)) (Desk, error) {
		return &simpleDesk{committed: committed, fail: bad}, nil
	}}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for _, x := range []struct {
		what  string
		ctx   context.Context
		cases iter.Seq2[Case, error]
		arms  []Arm
		want  string
	}{
		{"no policy", t.Context(), cases(one), nil, "no policy"},
		{"two of one name", t.Context(), cases(one), []Arm{arm(defaultPolicy(t), nil), arm(defaultPolicy(t), nil)}, "each its own name"},
		{"a bad file", t.Context(), func(yield func(Case, error) bool) { yield(Case{}, bad) }, []Arm{arm(defaultPolicy(t), nil)}, "disk on fire"},
		{"a desk that fails", t.Context(), cases(one), []Arm{failing}, "patient 1: policy failing: disk on fire"},
		{"cancelled", stopped, cases(someCases(30)...), []Arm{arm(defaultPolicy(t), nil)}, "canceled"},
		{"nobody", t.Context(), cases(), []Arm{arm(defaultPolicy(t), nil)}, "no patient"},
	} {
		_, err := Run(x.ctx, x.cases, x.arms, Options{Workers: 2, Resamples: 5})
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v", x.what, err)
		}
	}
}

// On every scale a worse score stands higher, and a bin says which value it stands for.
func TestScales(t *testing.T) {
	worse := map[string][2]float64{"rox": {8, 3}, "rox-hr": {9, 4}, "sf": {400, 150}, "si": {0.6, 1.2}, "msi": {0.8, 1.5}}
	for _, s := range scalesOf(adultCharts(t)) {
		x, ok := worse[s.id]
		if !ok {
			x = [2]float64{2, 9}
		}
		if s.at(x[0]) >= s.at(x[1]) {
			t.Errorf("%s: %v is not worse than %v", s.id, x[1], x[0])
		}
		for _, v := range x {
			if got := s.value(int(s.at(v))); math.Abs(got-v) > s.step/2+1e-9 {
				t.Errorf("%s: the bin of %v stands for %v", s.id, v, got)
			}
		}
		if lowest, highest := s.at(-1e9), s.at(1e9); min(lowest, highest) != 0 || int(max(lowest, highest)) != s.bins-1 {
			t.Errorf("%s: the ends are %d and %d", s.id, lowest, highest)
		}
	}
}

// quietDesk costs nothing, so that the benchmark shows the engine and the driver.
type quietDesk struct{}

func (quietDesk) Observe(*ward.Score, []ward.DeviceAlarm) error { return nil }
func (quietDesk) Tick(time.Time) error                          { return nil }
func (quietDesk) Due() time.Time                                { return time.Time{} }
func (quietDesk) Act(ward.Action) error                         { return nil }
func (quietDesk) Charted(*ward.Observation, ward.Role) error    { return nil }

func benchmark(b *testing.B, charts []*chart.Chart) {
	list := someCases(200)
	rows := 0
	for i := range list {
		rows += len(list[i].Rows)
		list[i].prepare()
	}
	a := Arm{Policy: defaultPolicy(b), NewDesk: func(*ward.Stay, func(*ward.Change)) (Desk, error) { return quietDesk{}, nil }}
	d := newDriver([]Arm{a}, Options{Charts: charts}.withDefaults())
	b.ReportAllocs()
	for b.Loop() {
		for i := range list {
			if _, err := d.drive(&list[i]); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkDriveLiveScore(b *testing.B) { benchmark(b, nil) }
func BenchmarkDriveAllCharts(b *testing.B) { benchmark(b, adultCharts(b)) }
