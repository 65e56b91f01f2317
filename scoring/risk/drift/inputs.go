package drift

import (
	"math"
	"slices"
)

// psi compares the input's values with the training data's: the sum over bins of
// (observed − expected) · ln(observed / expected).
func (t *inputTally) psi(r Rules) Check {
	c := Check{Measure: PSI, Input: t.Name, Verdict: TooLittle, Advice: Wait, People: len(t.known)}
	n := t.known.effective()
	if r.tooFew(t.known) || !t.sound() {
		return c
	}
	total, used := float64(t.known.total()), 0
	for i, expected := range t.Shares {
		observed := float64(t.bins[i]) / total
		if expected > 0 {
			used++
		}
		a, b := smooth(observed, n, len(t.bins)), smooth(expected, n, len(t.bins))
		c.Value += (a - b) * math.Log(a/b)
	}
	c.High = psiByChance(used, n, r.WatchSure)
	c.Verdict, c.Advice = OK, NoAdvice
	switch {
	case c.Value >= r.ActPSI && c.Value > psiByChance(used, n, r.ActSure):
		c.Verdict, c.Advice = Breach, ComparePeople
	case c.Value >= r.WatchPSI && c.Value > c.High:
		c.Verdict, c.Advice = Watch, ComparePeople
	}
	return c
}

// smooth adds half an observation to each bin: the logarithm of an empty one is not a number.
func smooth(share, n float64, bins int) float64 {
	return (share*n + 0.5) / (n + 0.5*float64(bins))
}

// psiByChance is the PSI that n observations of an unchanged population stay under with this
// probability: n times PSI is then about chi-squared with one degree of freedom fewer than bins
// (Yurdakul, Naranjo, J Risk Model Validation 2020). Training data are many, and add next to nothing.
func psiByChance(bins int, n, sure float64) float64 {
	return chiSquared(max(1, bins-1), sure) / n
}

// missing compares how often the input is not known with how often it was not in training. Knowing
// more is no harm.
func (t *inputTally) missing(r Rules) Check {
	c := Check{Measure: Missing, Input: t.Name, Verdict: TooLittle, Advice: Wait, People: len(t.all)}
	if r.tooFew(t.all) || !t.sound() {
		return c
	}
	n, all := t.all.effective(), float64(t.all.total())
	c.Value, c.Usual = 1-float64(t.known.total())/all, t.Missing
	usual := smooth(t.Missing, n, 2)
	error := math.Sqrt(usual * (1 - usual) / n)
	c.High = min(1, t.Missing+normal(r.WatchSure)*error)
	c.Verdict, c.Advice = OK, NoAdvice
	rise := c.Value - t.Missing
	switch {
	case rise >= r.ActMissing && rise > normal(r.ActSure)*error:
		c.Verdict, c.Advice = Breach, CheckDevices
	case rise >= r.WatchMissing && c.Value > c.High:
		c.Verdict, c.Advice = Watch, CheckDevices
	}
	return c
}

// sound reports whether what training had of the input can be held against.
func (in *Input) sound() bool {
	if len(in.Shares) != len(in.Edges)+1 || !slices.IsSorted(in.Edges) || !slices.ContainsFunc(in.Shares, func(s float64) bool { return s > 0 }) {
		return false
	}
	share := func(s float64) bool { return s >= 0 && s <= 1 }
	return share(in.Missing) && !slices.ContainsFunc(in.Edges, math.IsNaN) && !slices.ContainsFunc(in.Shares, func(s float64) bool { return !share(s) })
}
