package drift

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"wardwatch/ward"
)

var end = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

// tenths is an input of ten equal bins between 0 and 10, never missing.
func tenths(name string) Input {
	in := Input{Name: name}
	for i := range 10 {
		in.Shares = append(in.Shares, 0.1)
		if i > 0 {
			in.Edges = append(in.Edges, float64(i))
		}
	}
	return in
}

// ofTheWard makes days of a ward: so many people at a time, each for two days, an hour a row. make says
// what a person's row holds; by default values as in training, a risk of 1 %, no alert.
func ofTheWard(people, days int, make func(r *Row, rng *rand.Rand)) []Row {
	rng := rand.New(rand.NewPCG(1, uint64(people*1000+days)))
	var rows []Row
	for h := range days * 24 {
		at := end.Add(-time.Duration(days*24-h) * time.Hour)
		for p := range people {
			r := Row{Stay: ward.StayID(fmt.Sprintf("%d-%d", p, h/48)), Hour: at, Value: 0.01, Threshold: 0.05, Settled: true,
				Inputs: map[string]float64{"hr": 10 * rng.Float64()}}
			if make != nil {
				make(&r, rng)
			}
			rows = append(rows, r)
		}
	}
	return rows
}

func check(t *testing.T, r Report, m Measure, input string) Check {
	t.Helper()
	for _, c := range r.Checks {
		if c.Measure == m && c.Input == input {
			return c
		}
	}
	t.Fatalf("no check of %s %s", m, input)
	return Check{}
}

// once is a number drawn once for each stay.
func once(r *Row) float64 {
	h := uint64(14695981039346656037)
	for _, c := range []byte(r.Stay) {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return rand.New(rand.NewPCG(h, 7)).Float64()
}

// struck reports whether the row is one of the six that an event of its person marks; that share of
// people has one, so that 1 % of rows are marked when it is 8 %.
func struck(r *Row, share float64) bool { return once(r) < share && r.Hour.Unix()/3600%48 < 6 }

func TestEachCheckByItsScenario(t *testing.T) {
	week := end.Add(-7 * 24 * time.Hour)
	for _, tc := range []struct {
		name    string
		rows    []Row
		measure Measure
		input   string
		want    Verdict
	}{
		{"values as in training", ofTheWard(40, 28, nil), PSI, "hr", OK},
		{"every heart rate a little higher", ofTheWard(40, 28, func(r *Row, _ *rand.Rand) { r.Inputs["hr"] += 0.75 }), PSI, "hr", Watch},
		{"every heart rate half the range higher", ofTheWard(40, 28, func(r *Row, _ *rand.Rand) { r.Inputs["hr"] += 5 }), PSI, "hr", Breach},
		{"temperature in Fahrenheit since a week", ofTheWard(40, 28, func(r *Row, _ *rand.Rand) {
			if !r.Hour.Before(week) {
				r.Inputs["hr"] = r.Inputs["hr"]*1.8 + 32
			}
		}), PSI, "hr", Breach},
		{"the same until a week ago", ofTheWard(40, 28, func(r *Row, _ *rand.Rand) {
			if r.Hour.Before(week) {
				r.Inputs["hr"] += 5
			}
		}), PSI, "hr", OK},
		{"half the range higher, in children, for whom the model is not", ofTheWard(40, 28, func(r *Row, _ *rand.Rand) {
			if once(r) < 0.5 {
				r.Withheld, r.Inputs["hr"] = ward.WithheldAge, 99
			}
		}), PSI, "hr", OK},
		{"a week of eight people", ofTheWard(2, 28, func(r *Row, _ *rand.Rand) { r.Inputs["hr"] += 5 }), PSI, "hr", TooLittle},

		{"known in every row, as in training", ofTheWard(40, 28, nil), Missing, "hr", OK},
		{"missing in every seventh person", ofTheWard(40, 28, func(r *Row, _ *rand.Rand) {
			if once(r) < 0.15 {
				delete(r.Inputs, "hr")
			}
		}), Missing, "hr", Watch},
		{"missing in every other person", ofTheWard(40, 28, func(r *Row, _ *rand.Rand) {
			if once(r) < 0.5 {
				delete(r.Inputs, "hr")
			}
		}), Missing, "hr", Breach},
		{"not a number in every other person", ofTheWard(40, 28, func(r *Row, _ *rand.Rand) {
			if once(r) < 0.5 {
				r.Inputs["hr"] = math.NaN()
			}
		}), Missing, "hr", Breach},
		{"withheld with nothing known in every other person", ofTheWard(40, 28, func(r *Row, _ *rand.Rand) {
			if once(r) < 0.5 {
				r.Withheld, r.Inputs = ward.WithheldTooLittle, nil
			}
		}), Missing, "hr", Breach},
		{"known more often than in training", ofTheWard(40, 28, nil), Missing, "temp", OK},

		{"as many events as expected", ofTheWard(40, 28, func(r *Row, _ *rand.Rand) { r.Event = struck(r, 0.08) }), ObservedExpected, "", OK},
		{"no event where 45 people were expected to have one", ofTheWard(40, 28, nil), ObservedExpected, "", Breach},
		{"half as many again", ofTheWard(40, 28, func(r *Row, _ *rand.Rand) { r.Event = struck(r, 0.12) }), ObservedExpected, "", Watch},
		{"four times as many", ofTheWard(40, 28, func(r *Row, _ *rand.Rand) { r.Event = struck(r, 0.32) }), ObservedExpected, "", Breach},
		{"a day: 2 people were expected to have one", ofTheWard(40, 1, nil), ObservedExpected, "", TooLittle},
		{"outcomes not known yet", ofTheWard(40, 28, func(r *Row, _ *rand.Rand) { r.Settled = false }), ObservedExpected, "", TooLittle},
		{"withheld", ofTheWard(40, 28, func(r *Row, _ *rand.Rand) { r.Withheld = ward.WithheldRange }), ObservedExpected, "", TooLittle},

		{"one person in ten has an alert", ofTheWard(40, 28, func(r *Row, _ *rand.Rand) {
			if once(r) < 0.1 {
				r.Value = 0.05
			}
		}), AlertRate, "", OK},
		{"one in ten, since a week three in ten", ofTheWard(40, 28, func(r *Row, _ *rand.Rand) {
			if once(r) < 0.1 || once(r) < 0.3 && !r.Hour.Before(week) {
				r.Value = 0.05
			}
		}), AlertRate, "", Breach},
		{"one in ten, since a week nobody", ofTheWard(80, 28, func(r *Row, _ *rand.Rand) {
			if once(r) < 0.2 && r.Hour.Before(week) {
				r.Value = 0.05
			}
		}), AlertRate, "", Watch},
		{"one in ten, one day half of them", ofTheWard(40, 28, func(r *Row, _ *rand.Rand) {
			if once(r) < 0.1 || once(r) < 0.5 && r.Hour.After(end.Add(-30*time.Hour)) {
				r.Value = 0.05
			}
		}), AlertRate, "", Watch},
		{"two weeks in all", ofTheWard(40, 14, nil), AlertRate, "", TooLittle},
	} {
		t.Run(tc.name, func(t *testing.T) {
			temp := tenths("temp")
			temp.Missing = 0.9
			training := []Input{tenths("hr"), temp}
			if tc.input == "temp" {
				for i := range tc.rows {
					tc.rows[i].Inputs["temp"] = 5
				}
			}
			c := check(t, Judge(slices.Values(tc.rows), training, Default(), end), tc.measure, tc.input)
			if c.Verdict != tc.want {
				t.Errorf("%s: %+v, want %s", c, c, tc.want)
			}
			if (c.Verdict == OK) != (c.Advice == NoAdvice) || (c.Verdict == TooLittle) != (c.Advice == Wait) {
				t.Errorf("verdict %s with advice %q", c.Verdict, c.Advice)
			}
		})
	}
}

func TestBreachesAreTheReasonsToFallBack(t *testing.T) {
	r := Judge(slices.Values(ofTheWard(40, 28, func(r *Row, _ *rand.Rand) {
		r.Event = struck(r, 0.08)
		if once(r) < 0.5 {
			delete(r.Inputs, "hr")
		}
	})), []Input{tenths("hr")}, Default(), end)
	got := r.Breaches()
	if len(got) != 1 || got[0].String() != "missing of hr 0.47, usual 0.00" {
		t.Errorf("%v", got)
	}
	if none := Judge(slices.Values([]Row(nil)), []Input{tenths("hr")}, Default(), end); none.Breaches() != nil || none.Days != nil {
		t.Errorf("%+v", none)
	}
}

// The chart names its days, and the days held against the limits do not make them.
func TestDaysOfTheControlChart(t *testing.T) {
	rows := ofTheWard(40, 28, func(r *Row, _ *rand.Rand) {
		if once(r) < 0.1 || r.Hour.After(end.Add(-8*24*time.Hour)) && once(r) < 0.4 {
			r.Value = 0.05
		}
	})
	days := Judge(slices.Values(rows), nil, Default(), end).Days
	if len(days) != 28 || !days[27].Until.Equal(end) || days[20].Recent || !days[21].Recent || days[5].People != 40 {
		t.Fatalf("%d days: %+v", len(days), days)
	}
	for _, d := range days {
		if d.High != days[0].High || d.High > 0.35 {
			t.Errorf("%+v: limits differ or took the recent days in", d)
		}
	}
}

// Ten thousand hours of one person are no more than one person.
func TestHoursOfFewPeopleAreNotMany(t *testing.T) {
	var rows []Row
	for p := range 30 {
		for h := range 160 {
			rows = append(rows, Row{Stay: ward.StayID(fmt.Sprint(p)), Hour: end.Add(-time.Duration(h+1) * time.Hour), Inputs: map[string]float64{"hr": float64(p % 5)}})
		}
	}
	in := tenths("hr")
	c := check(t, Judge(slices.Values(rows), []Input{in}, Default(), end), PSI, "hr")
	if c.High < 0.5 || c.People != 30 {
		t.Errorf("30 people for a week: chance alone gives up to %.2f", c.High)
	}
}

// Wards without drift, many times: how often they are called drifting. The promise of Default is
// one breach in a thousand checks; a person's hours are all alike here, which is the worst case.
func TestFalseAlarms(t *testing.T) {
	const wards = 100
	in := tenths("hr")
	watch, breach := 0, 0
	for w := range wards {
		rng := rand.New(rand.NewPCG(3, uint64(w)))
		usual := map[ward.StayID]float64{}
		rows := ofTheWard(20, 7, func(r *Row, _ *rand.Rand) {
			if _, ok := usual[r.Stay]; !ok {
				usual[r.Stay] = 10 * rng.Float64()
			}
			r.Inputs["hr"] = usual[r.Stay]
		})
		switch check(t, Judge(slices.Values(rows), []Input{in}, Default(), end), PSI, "hr").Verdict {
		case Watch:
			watch++
		case Breach:
			breach++
		}
	}
	t.Logf("%d wards of 80 people a week without drift: %d watched, %d breached", wards, watch, breach)
	if breach > 1 || watch > wards/10 {
		t.Errorf("%d watched and %d breached of %d without drift", watch, breach, wards)
	}
}

func TestPSIAgainstWorkedFigures(t *testing.T) {
	in := inputTally{Input: Input{Edges: []float64{1, 2, 3}, Shares: []float64{0.25, 0.25, 0.25, 0.25}}, known: hours{}, bins: []int{1000, 2000, 3000, 4000}}
	for p := range 10_000 {
		in.known[ward.StayID(fmt.Sprint(p))] = 1
	}
	// (0.1−0.25)·ln(0.1/0.25) + (0.2−0.25)·ln(0.2/0.25) + (0.3−0.25)·ln(0.3/0.25) + (0.4−0.25)·ln(0.4/0.25)
	if c := in.psi(Default()); math.Abs(c.Value-0.2282) > 5e-4 || c.Verdict != Breach {
		t.Errorf("%+v, want 0.2282", c)
	}
}

// Whole numbers lie on edges, and two sorts of people fill two bins: counted as training counts them,
// a value on an edge lies above it.
func TestValuesOnAnEdge(t *testing.T) {
	sex := Input{Name: "sex", Edges: []float64{0, 0, 0, 0, 1, 1, 1, 1, 1}, Shares: []float64{0, 0, 0, 0, 0.4, 0, 0, 0, 0, 0.6}}
	rows := ofTheWard(50, 7, func(r *Row, _ *rand.Rand) { r.Inputs["sex"] = float64(min(1, int(once(r)*5/2))) })
	if c := check(t, Judge(slices.Values(rows), []Input{sex}, Default(), end), PSI, "sex"); c.Verdict != OK || c.Value > 0.02 || c.High > 0.03 {
		t.Errorf("%+v", c)
	}
}

// Ninety hours marked by fifteen people's events where forty-five were expected: twice as many, yet
// fifteen people may come by chance where seven and a half were expected, once in a hundred times.
func TestEventsAreReckonedWithPeople(t *testing.T) {
	tl := tally{expected: 45, observed: 90, struck: map[ward.StayID]struct{}{}}
	for i := range 15 {
		tl.struck[ward.StayID(fmt.Sprint(i))] = struct{}{}
	}
	c := tl.ratio(Default())
	if c.Verdict != Watch || c.Value != 2 || math.Abs(c.Low-8.395/7.5) > 0.01 || math.Abs(c.High-24.740/7.5) > 0.01 || c.People != 15 {
		t.Errorf("%+v", c)
	}
}

// Against tables: R's qnorm, qchisq and the exact limits qchisq(α/2, 2n)/2 and qchisq(1−α/2, 2n+2)/2.
func TestChanceAgainstTables(t *testing.T) {
	near := func(what string, got, want, within float64) {
		t.Helper()
		if math.Abs(got-want) > within*math.Max(want, 0.1) {
			t.Errorf("%s: %.4f, want %.4f", what, got, want)
		}
	}
	near("z 0.975", normal(0.975), 1.95996, 1e-5)
	near("z 0.999", normal(0.999), 3.09023, 1e-5)
	near("chi-squared 1, 0.95", chiSquared(1, 0.95), 3.8415, 0.03)
	near("chi-squared 9, 0.95", chiSquared(9, 0.95), 16.919, 0.002)
	near("chi-squared 9, 0.999", chiSquared(9, 0.999), 27.877, 0.01)
	for _, tc := range []struct {
		n         int
		low, high float64
	}{{0, 0, 3.6889}, {5, 1.6235, 11.6683}, {10, 4.7954, 18.3904}, {50, 37.1110, 65.9186}} {
		low, high := byar(tc.n, 0.95)
		near(fmt.Sprint("lower limit of ", tc.n), low, tc.low, 0.02)
		near(fmt.Sprint("upper limit of ", tc.n), high, tc.high, 0.01)
	}
}

// A month of a ward of forty beds.
func BenchmarkJudge(b *testing.B) {
	rows := ofTheWard(40, 28, nil)
	training := []Input{tenths("hr"), tenths("rr"), tenths("spo2"), tenths("bp"), tenths("temp")}
	b.ReportAllocs()
	for b.Loop() {
		Judge(slices.Values(rows), training, Default(), end)
	}
	b.ReportMetric(float64(len(rows)), "rows")
}
