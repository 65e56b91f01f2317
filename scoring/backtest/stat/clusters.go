package stat

// Cell is a patient's rows in one bin of a score.
type Cell struct {
	Bin      uint16
	Pos, Neg uint32
}

// Clusters are the counts of one score, kept by patient so that patients can be drawn again.
type Clusters struct {
	bins  int
	start []int // where each patient's cells begin
	cells []Cell
}

// NewClusters returns clusters over the bins, without patients.
func NewClusters(bins int) *Clusters { return &Clusters{bins: bins} }

// Add appends the next patient, who may have no cells at all.
func (c *Clusters) Add(cells ...Cell) {
	c.start = append(c.start, len(c.cells))
	c.cells = append(c.cells, cells...)
}

// Patients is how many were added.
func (c *Clusters) Patients() int { return len(c.start) }

// Counts are the counts over all patients.
func (c *Clusters) Counts() Counts {
	sum := NewCounts(c.bins)
	c.sum(Once(c.Patients()), &sum)
	return sum
}

func (c *Clusters) sum(drawn []uint8, into *Counts) {
	for i, n := range drawn {
		if n == 0 {
			continue
		}
		w := float64(n)
		end := len(c.cells)
		if i+1 < len(c.start) {
			end = c.start[i+1]
		}
		for _, cell := range c.cells[c.start[i]:end] {
			into.Pos[cell.Bin] += w * float64(cell.Pos)
			into.Neg[cell.Bin] += w * float64(cell.Neg)
		}
	}
}

// Discrimination works out AUROC and AUPRC over resampled patients, in this order.
func (c *Clusters) Discrimination() Statistic {
	room := NewCounts(c.bins)
	return Statistic{2, func(drawn []uint8, out []float64) {
		room.Clear()
		c.sum(drawn, &room)
		out[0], out[1] = room.AUROC(), room.AUPRC()
	}}
}
