package validate

import (
	"cmp"
	"math"
	"slices"

	"wardwatch/scoring/backtest/stat"
)

// nearest is how near to 0 or 1 a prediction is taken to be at most, so that it has log-odds.
const nearest = 1e-9

func logit(p float64) float64 {
	p = min(max(p, nearest), 1-nearest)
	return math.Log(p / (1 - p))
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// Predicted log-odds are sorted into bins this wide for the resamples; the figure itself uses every
// row as it is.
const (
	binsPerLogit = 64
	lowestLogit  = -21 // under that of nearest
	logitBins    = 2 * -lowestLogit * binsPerLogit
)

func logitBin(x float64) int { return int((x - lowestLogit) * binsPerLogit) }

// binned are a study's rows by bin of predicted log-odds.
type binned struct {
	x       []float64 // the mean log-odds of each bin
	cell    []uint16  // of each row: twice its bin, and one more where it has the event
	patient []int32   // of each row
	room    []float64 // by cell
	points  []grouped
}

func (s *study) binned() *binned {
	b := &binned{x: make([]float64, logitBins), cell: make([]uint16, len(s.rows)), patient: s.patient, room: make([]float64, 2*logitBins)}
	n := make([]float64, logitBins)
	for i := range s.rows {
		x := logit(s.rows[i].P)
		bin := logitBin(x)
		b.x[bin] += x
		n[bin]++
		b.cell[i] = uint16(2 * bin)
		if s.rows[i].Event {
			b.cell[i]++
		}
	}
	for i := range b.x {
		b.x[i] /= max(n[i], 1)
	}
	return b
}

// drawn are the bins of drawn patients. They hold until the next call.
func (b *binned) drawn(drawn []uint8) []grouped {
	clear(b.room)
	for i, c := range b.cell {
		b.room[c] += float64(drawn[b.patient[i]])
	}
	b.points = b.points[:0]
	for i, x := range b.x {
		if pos, neg := b.room[2*i+1], b.room[2*i]; pos+neg > 0 {
			b.points = append(b.points, grouped{x, pos, neg})
		}
	}
	return b.points
}

// calibration fits the event on the predicted log-odds.
func (m *measurer) calibration(s *study, h *Headline) {
	exact := fit(s.exactly())
	h.Calibration.Slope, h.Calibration.Intercept = stat.Number(exact.slope), stat.Number(exact.intercept)
	h.Calibration.InTheLarge = stat.Number(inTheLarge(s.exactly()))
	b := s.binned()
	m.ask(3, func(drawn []uint8, out []float64) {
		points := b.drawn(drawn)
		line := fit(points)
		out[0], out[1], out[2] = line.slope, line.intercept, inTheLarge(points)
	}, only(&h.Intervals.Slope), only(&h.Intervals.Intercept), only(&h.Intervals.InTheLarge))
}

// slope asks for the calibration slope alone.
func (m *measurer) slope(s *study, into *stat.Estimate) {
	value := stat.Number(fit(s.exactly()).slope)
	b := s.binned()
	m.ask(1, func(drawn []uint8, out []float64) { out[0] = fit(b.drawn(drawn)).slope }, func(e stat.Estimate) { *into = stat.Estimate{Value: value, Low: e.Low, High: e.High} })
}

// grouped are rows with the same predicted log-odds: how many with the event and how many without.
type grouped struct{ x, pos, neg float64 }

func (s *study) exactly() []grouped {
	out := make([]grouped, len(s.rows))
	for i := range s.rows {
		out[i].x = logit(s.rows[i].P)
		if s.rows[i].Event {
			out[i].pos = 1
		} else {
			out[i].neg = 1
		}
	}
	return out
}

// calibrationCurve compares predictions with what came, by tenths of the rows and smoothly.
func (m *measurer) calibrationCurve(c *CalibrationCurve) {
	order := make([]int32, len(m.rows))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(m.rows[a].P, m.rows[b].P) })
	const tenths = 10
	c.Deciles = make([]Decile, 0, tenths) // the statistics point into it: it must not move
	from := 0
	for k := 1; k <= tenths; k++ {
		to := k * len(order) / tenths
		if to <= from {
			continue
		}
		for to < len(order) && m.rows[order[to]].P == m.rows[order[to-1]].P {
			to++
		}
		c.Deciles = append(c.Deciles, Decile{})
		m.decile(&c.Deciles[len(c.Deciles)-1], order[from:to])
		from = to
	}
	c.Smooth = smooth(m.binned().drawn(stat.Once(m.people)))
}

func (m *measurer) decile(d *Decile, rows []int32) {
	n, events := make([]float64, m.people), make([]float64, m.people)
	sum := 0.0
	for _, i := range rows {
		n[m.patient[i]]++
		sum += m.rows[i].P
		if m.rows[i].Event {
			events[m.patient[i]]++
			d.Events++
		}
	}
	d.N, d.Predicted = len(rows), stat.Number(sum/float64(len(rows)))
	wilson := stat.Proportion(d.Events, d.N)
	d.Wilson = Interval{wilson.Low, wilson.High}
	m.ratio(events, n, whole(&d.Observed))
}
