package agreement

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"wardwatch/ward"
)

// Shift is how far one thing about a model has moved between two times.
type Shift struct {
	Model, Version string
	What           string // "score:CODE", or "device", "modality", "age", "sex" of what it is given
	Before, After  int    // how many there were
	PSI            float64
	Limit          float64 // from which on it is a breach
	Chance         float64 // what chance alone stays under, 99 times of 100
	Verdict        Verdict
}

// Verdict says whether somebody must look.
type Verdict string

// Verdicts.
const (
	OK        Verdict = "ok"
	Watch     Verdict = "watch"
	Breach    Verdict = "breach"
	TooLittle Verdict = "too_little"
)

// Limits of a Shift; the two of the index are customary (Siddiqi, Credit Risk Scorecards, 2006), the
// rest ours.
const (
	leastOfEach = 50
	watchPSI    = 0.10
	breachPSI   = 0.25
	scoreBins   = 10
)

// Drift compares what models were given and said from the moment at on with what they were and said
// before.
func Drift(rows []ward.AgreementRow, at time.Time) []Shift {
	type key struct{ model, version, what string }
	shares := map[key]*[2]map[string]int{}
	scores := map[key]*[2][]float64{}
	for i := range rows {
		r := &rows[i]
		side := 0
		if !r.Received.Before(at) {
			side = 1
		}
		for what, value := range map[string]string{"device": r.Device, "modality": r.Modality, "age": ageBand(r), "sex": string(r.Sex)} {
			k := key{r.Model, r.Version, what}
			if shares[k] == nil {
				shares[k] = &[2]map[string]int{{}, {}}
			}
			shares[k][side][value]++
		}
		k := key{r.Model, r.Version, "score:" + r.Code}
		if scores[k] == nil {
			scores[k] = &[2][]float64{}
		}
		scores[k][side] = append(scores[k][side], r.Score)
	}
	for k, s := range scores {
		shares[k] = binned(s[0], s[1])
	}
	out := make([]Shift, 0, len(shares))
	for k, s := range shares {
		out = append(out, shift(Shift{Model: k.model, Version: k.version, What: k.what}, s[0], s[1]))
	}
	slices.SortFunc(out, func(a, b Shift) int {
		return cmp.Or(cmp.Compare(a.Model, b.Model), cmp.Compare(a.Version, b.Version), cmp.Compare(a.What, b.What))
	})
	return out
}

// binned counts scores by the deciles of those from before.
func binned(before, after []float64) *[2]map[string]int {
	sorted := slices.Sorted(slices.Values(before))
	var edges []float64
	for i := 1; i < scoreBins && len(sorted) > 0; i++ {
		edges = append(edges, sorted[i*len(sorted)/scoreBins])
	}
	edges = slices.Compact(edges)
	count := func(of []float64) map[string]int {
		m := map[string]int{}
		for _, x := range of {
			bin, _ := slices.BinarySearchFunc(edges, x, func(edge, x float64) int {
				if edge <= x {
					return -1
				}
				return 1
			})
			m[strconv.Itoa(bin)]++
		}
		return m
	}
	return &[2]map[string]int{count(before), count(after)}
}

// shift is the population stability index of two counts, half a count added to each bin so that an
// empty one is finite.
func shift(s Shift, before, after map[string]int) Shift {
	s.Limit = breachPSI
	bins := map[string]bool{}
	for v, n := range before {
		bins[v], s.Before = true, s.Before+n
	}
	for v, n := range after {
		bins[v], s.After = true, s.After+n
	}
	if s.Before < leastOfEach || s.After < leastOfEach {
		s.Verdict = TooLittle
		return s
	}
	k := float64(len(bins))
	for _, v := range slices.Sorted(maps.Keys(bins)) {
		a := (float64(after[v]) + 0.5) / (float64(s.After) + k/2)
		b := (float64(before[v]) + 0.5) / (float64(s.Before) + k/2)
		s.PSI += (a - b) * math.Log(a/b)
	}
	if len(bins) > 1 {
		s.Chance = distuv.ChiSquared{K: k - 1}.Quantile(0.99) * (1/float64(s.Before) + 1/float64(s.After))
	}
	switch {
	case s.PSI >= breachPSI && s.PSI > s.Chance:
		s.Verdict = Breach
	case s.PSI >= watchPSI && s.PSI > s.Chance:
		s.Verdict = Watch
	default:
		s.Verdict = OK
	}
	return s
}
