package drift

import (
	"iter"
	"time"
)

// Usual is what a ward itself usually measures: the inputs of the rows before the recent ones, in
// the bins of training. While those are of fewer than Rules.LeastPeople people it is what training
// had, and own is false: a ward is no intensive care, and differs from the first day. Chance is
// reckoned as if what is usual were known exactly.
func Usual(rows iter.Seq[Row], training []Input, r Rules, to time.Time) (usual []Input, own bool) {
	before := newTally(training, r, to.Add(-r.Recent))
	before.recent = time.Time{}
	for row := range rows {
		before.add(&row)
	}
	if len(before.people) < r.LeastPeople {
		return training, false
	}
	for i := range before.inputs {
		usual = append(usual, before.inputs[i].usual())
	}
	return usual, true
}

// usual is the input as the rows had it; shares of none when it was never known.
func (t *inputTally) usual() Input {
	out := Input{Name: t.Name, Edges: t.Edges, Shares: make([]float64, len(t.bins)), Missing: 1}
	known, all := float64(t.known.total()), float64(t.all.total())
	if all > 0 {
		out.Missing = 1 - known/all
	}
	for i, n := range t.bins {
		if known > 0 {
			out.Shares[i] = float64(n) / known
		}
	}
	return out
}
