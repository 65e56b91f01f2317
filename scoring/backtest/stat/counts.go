package stat

import "math"

// Counts says how many rows with and without the event stand at each value of a score. Values are
// bins in order of rising risk.
type Counts struct {
	Pos []float64 // rows with the event, by bin
	Neg []float64 // rows without it, by bin
}

// NewCounts returns empty counts over the bins.
func NewCounts(bins int) Counts { return Counts{make([]float64, bins), make([]float64, bins)} }

// Clear empties the counts.
func (c *Counts) Clear() {
	clear(c.Pos)
	clear(c.Neg)
}

// Totals is the number of rows with and without the event.
func (c *Counts) Totals() (pos, neg float64) {
	for i := range c.Pos {
		pos += c.Pos[i]
		neg += c.Neg[i]
	}
	return pos, neg
}

// AUROC is the chance that a row with the event scores higher than one without; rows that score
// alike count half (Mann–Whitney). NaN without rows of both kinds.
func (c *Counts) AUROC() float64 {
	below, wins := 0.0, 0.0
	pos, neg := 0.0, 0.0
	for i := range c.Pos {
		wins += c.Pos[i] * (below + c.Neg[i]/2)
		below += c.Neg[i]
		pos += c.Pos[i]
		neg += c.Neg[i]
	}
	if pos == 0 || neg == 0 {
		return math.NaN()
	}
	return wins / (pos * neg)
}

// AUPRC is the average precision: the sum over thresholds, from the highest down, of the gain in
// sensitivity times the precision there. Rows that score alike enter together, so that their order
// does not matter. NaN without rows of both kinds.
func (c *Counts) AUPRC() float64 {
	pos, neg := c.Totals()
	if pos == 0 || neg == 0 {
		return math.NaN()
	}
	tp, fp, sum := 0.0, 0.0, 0.0
	for i := len(c.Pos) - 1; i >= 0; i-- {
		tp += c.Pos[i]
		fp += c.Neg[i]
		if c.Pos[i] > 0 {
			sum += c.Pos[i] * tp / (tp + fp)
		}
	}
	return sum / pos
}

// Cut is what a score does when every row in a bin or above it counts as positive.
type Cut struct {
	Bin         int
	Sensitivity float64
	FalseRate   float64 // share of the rows without the event that count as positive
	Precision   float64 // NaN where nothing counts as positive
}

// Cuts are the points of the ROC and precision-recall curves, from the strictest threshold down.
// Bins in which nothing stands are left out.
func (c *Counts) Cuts() []Cut {
	pos, neg := c.Totals()
	if pos == 0 || neg == 0 {
		return nil
	}
	var cuts []Cut
	tp, fp := 0.0, 0.0
	for i := len(c.Pos) - 1; i >= 0; i-- {
		if c.Pos[i]+c.Neg[i] == 0 {
			continue
		}
		tp += c.Pos[i]
		fp += c.Neg[i]
		cuts = append(cuts, Cut{i, tp / pos, fp / neg, tp / (tp + fp)})
	}
	return cuts
}
