package drift

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

func anyRows(t *rapid.T) []Row {
	number := rapid.OneOf(rapid.Float64(), rapid.Float64Range(-1, 11), rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, 1}))
	n := rapid.SampledFrom([]int{0, 1, 5, 30, 150}).Draw(t, "how many")
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Row {
		r := Row{Stay: ward.StayID(rapid.StringMatching(`[a-d][a-z]?`).Draw(t, "stay")), Hour: end.Add(-time.Duration(rapid.IntRange(-5, 24*30).Draw(t, "hour")) * time.Hour),
			Value: number.Draw(t, "value"), Threshold: number.Draw(t, "threshold"), Settled: rapid.Bool().Draw(t, "settled"), Event: rapid.Bool().Draw(t, "event"),
			Withheld: rapid.SampledFrom([]ward.Withheld{ward.NotWithheld, ward.NotWithheld, ward.WithheldRange, ward.WithheldAge}).Draw(t, "withheld")}
		if rapid.Bool().Draw(t, "known") {
			r.Inputs = map[string]float64{"hr": number.Draw(t, "hr")}
		}
		return r
	}), n, n).Draw(t, "rows")
}

func anyRules(t *rapid.T) Rules {
	r := Default()
	r.LeastPeople, r.BaselineDays, r.LeastEvents = rapid.IntRange(0, 5).Draw(t, "people"), rapid.IntRange(0, 5).Draw(t, "days"), float64(rapid.IntRange(0, 3).Draw(t, "events"))
	return r
}

// Whatever comes in, every number that goes out is one, PSI is no less than 0, and the order of the
// rows does not matter.
func TestWhateverComesIn(t *testing.T) {
	odd := []Input{
		{Name: "hr", Edges: []float64{math.NaN()}, Shares: []float64{0.5, 0.5}}, {Name: "hr"}, {Name: "hr", Edges: []float64{2, 1}, Shares: []float64{0.2, 0.3, 0.5}},
		{Name: "hr", Edges: []float64{1}, Shares: []float64{math.Inf(1), 0}}, {Name: "hr", Edges: []float64{1}, Shares: []float64{0.5, 0.5}, Missing: math.NaN()},
		{Name: "hr", Shares: []float64{1}}, {Name: "hr", Edges: []float64{0, 0, 1, 1}, Shares: []float64{0, 0, 0.4, 0, 0.6}, Missing: 1},
	}
	rapid.Check(t, func(t *rapid.T) {
		rows, rules := anyRows(t), anyRules(t)
		training := []Input{tenths("hr"), rapid.SampledFrom(odd).Draw(t, "odd input")}
		r := Judge(slices.Values(rows), training, rules, end)
		if len(r.Checks) != 2*len(training)+2 {
			t.Fatalf("%d checks", len(r.Checks))
		}
		for _, c := range r.Checks {
			for _, x := range []float64{c.Value, c.Usual, c.Low, c.High} {
				if math.IsNaN(x) || math.IsInf(x, 0) || x < 0 {
					t.Fatalf("%+v", c)
				}
			}
		}
		for _, d := range r.Days {
			if !(d.Low >= 0 && d.Low <= d.High && d.High <= 1) {
				t.Fatalf("%+v", d)
			}
		}
		again := Judge(slices.Values(rapid.Permutation(rows).Draw(t, "another order")), training, rules, end)
		for i, c := range again.Checks {
			was := r.Checks[i]
			if c.Verdict != was.Verdict || math.Abs(c.Value-was.Value) > 1e-9*max(1, was.Value) || c.People != was.People {
				t.Fatalf("in another order %+v, was %+v", c, was)
			}
		}
	})
}

// The training population itself has a PSI of 0, whatever its bins.
func TestTheSamePopulationHasNoPSI(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bins := rapid.SliceOfN(rapid.IntRange(0, 50), 2, 10).Draw(t, "bins")
		total := 0
		for _, n := range bins {
			total += n
		}
		if total == 0 {
			t.Skip()
		}
		in := inputTally{bins: bins, known: hours{}}
		for i, n := range bins {
			in.Shares = append(in.Shares, float64(n)/float64(total))
			if i > 0 {
				in.Edges = append(in.Edges, float64(i))
			}
		}
		for i := range total {
			in.known[ward.StayID(fmt.Sprint(i))] = 1
		}
		rules := Default()
		rules.LeastPeople = 1
		if c := in.psi(rules); math.Abs(c.Value) > 1e-12 || c.Verdict != OK {
			t.Fatalf("%+v", c)
		}
	})
}
