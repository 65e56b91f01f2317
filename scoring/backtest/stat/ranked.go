package stat

import (
	"cmp"
	"math"
	"slices"
)

// Ranked are the rows of one score in order, the highest first, each with its patient, so that patients
// can be drawn again without sorting again. Nothing is rounded: rows are alike only when their
// scores are equal.
type Ranked struct {
	rows   []ranked
	scores []float64 // in the same order
}

// ranked is a row: its patient, then one bit each for what it is.
type ranked uint32

const (
	rankedEvent ranked = 1 << iota // the row has the event
	rankedFirst                    // the highest row with the event of its patient: from here down the patient is found
	rankedLast                     // the last of the rows that score alike
	rankedShift = iota
)

// Rank orders rows. The patients are numbered from 0 to at most 2²⁹−1, as they share a word with
// what the row is; a score must not be NaN.
func Rank(score []float64, patient []int32, event []bool) *Ranked {
	order := make([]int32, len(score))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(score[b], score[a]), cmp.Compare(a, b)) })
	r := &Ranked{rows: make([]ranked, len(order)), scores: make([]float64, len(order))}
	found := make(map[int32]bool)
	for k, i := range order {
		row := ranked(patient[i]) << rankedShift
		if event[i] {
			row |= rankedEvent
			if !found[patient[i]] {
				found[patient[i]] = true
				row |= rankedFirst
			}
		}
		if k == len(order)-1 || score[order[k+1]] != score[i] {
			row |= rankedLast
		}
		r.rows[k], r.scores[k] = row, score[i]
	}
	return r
}

// Rows is how many rows there are.
func (r *Ranked) Rows() int { return len(r.rows) }

// Discrimination is AUROC and AUPRC over drawn patients, as Counts works them out. NaN without rows
// of both kinds.
func (r *Ranked) Discrimination(drawn []uint8) (auroc, auprc float64) {
	tp, fp, lost, gained := 0.0, 0.0, 0.0, 0.0
	pos, neg := 0.0, 0.0 // of the rows that score alike
	for _, row := range r.rows {
		w := float64(drawn[row>>rankedShift])
		if row&rankedEvent != 0 {
			pos += w
		} else {
			neg += w
		}
		if row&rankedLast == 0 {
			continue
		}
		lost += pos * (fp + neg/2)
		tp += pos
		fp += neg
		if pos > 0 {
			gained += pos * tp / (tp + fp)
		}
		pos, neg = 0, 0
	}
	if tp == 0 || fp == 0 {
		return math.NaN(), math.NaN()
	}
	return 1 - lost/(tp*fp), gained / tp
}

// Reach is what calling every row at or over a threshold does, over drawn patients.
type Reach struct {
	Threshold float64
	Rows      float64 // called
	Events    float64 // called rows with the event
	Patients  float64 // patients with a called row that has the event
}

// Descend calls f with one threshold after the other, from the strictest down, until it says no.
// Rows that score alike are called together.
func (r *Ranked) Descend(drawn []uint8, f func(Reach) bool) {
	var at Reach
	for i, row := range r.rows {
		w := float64(drawn[row>>rankedShift])
		at.Rows += w
		if row&rankedEvent != 0 {
			at.Events += w
			if row&rankedFirst != 0 {
				at.Patients += w
			}
		}
		if row&rankedLast == 0 {
			continue
		}
		at.Threshold = r.scores[i]
		if !f(at) {
			return
		}
	}
}

// At is what calling every row at or over a threshold does.
func (r *Ranked) At(drawn []uint8, threshold float64) Reach {
	last := Reach{Threshold: threshold}
	r.Descend(drawn, func(at Reach) bool {
		if at.Threshold < threshold {
			return false
		}
		last, last.Threshold = at, threshold
		return true
	})
	return last
}
