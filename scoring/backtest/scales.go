package backtest

import (
	"math"
	"slices"
	"time"

	"wardwatch/scoring"
	"wardwatch/scoring/chart"
	"wardwatch/ward"
)

// bin is a score's place on its scale, higher meaning more ill.
type bin int16

const noBin bin = -1 // the score says nothing

func noBins(n int) []bin {
	out := make([]bin, n)
	for i := range out {
		out[i] = noBin
	}
	return out
}

// Live is the id under which the policy's own live score stands among the scores: whichever chart
// the policy chose for the person, with its staleness, medians and limits of belief.
const Live = "live"

// scale is one score that is judged. Index 0 is always the live one.
type scale struct {
	id      string
	chart   *chart.Chart // nil: the live score
	step    float64      // a bin's width; 1 for points
	bins    int
	falling bool // a lower value is worse
}

const (
	pointBins = 48
	valueBins = 512
)

// scalesOf are the live score and the charts. Charts that give a value and no points are judged by
// the value, rounded to a step fine enough not to be seen in an AUROC.
func scalesOf(charts []*chart.Chart) []scale {
	out := []scale{{id: Live, step: 1, bins: pointBins}}
	for _, c := range charts {
		s := scale{id: c.ID(), chart: c, step: 1, bins: pointBins}
		switch c.ID() {
		case "rox":
			s.step, s.bins, s.falling = 0.1, valueBins, true
		case "rox-hr":
			s.step, s.bins, s.falling = 0.1, valueBins, true
		case "sf":
			s.step, s.bins, s.falling = 1, valueBins, true
		case "si", "msi":
			s.step, s.bins = 0.01, valueBins
		}
		out = append(out, s)
	}
	return out
}

// points says whether the scale counts points, so that a set with gaps has a lower bound.
func (s *scale) points() bool { return s.bins == pointBins }

// at is the bin of a number.
func (s *scale) at(x float64) bin {
	b := int(math.Round(x / s.step))
	b = max(0, min(b, s.bins-1))
	if s.falling {
		b = s.bins - 1 - b
	}
	return bin(b)
}

// value is the number that a bin stands for.
func (s *scale) value(b int) float64 {
	if s.falling {
		b = s.bins - 1 - b
	}
	return float64(b) * s.step
}

// evaluate finds every scale's bin at a moment, from what the engine believes then.
func (r *run) evaluate(now time.Time) {
	d := r.d
	d.bins[0], d.whole[0] = noBin, r.score.Complete
	if r.score.Chart != "" && r.score.Refused == ward.NotRefused {
		d.bins[0] = d.scales[0].at(float64(r.score.LowerBound))
	}
	if len(d.scales) > 1 {
		set := scoring.Believed(r.arm.Policy, &r.state, r.stay, now)
		d.charts(&set, r.stay.Pregnancy)
	}
}

// charts finds the bin of every chart in a set.
func (d *driver) charts(set *chart.Set, pregnancy ward.Pregnancy) {
	for i := 1; i < len(d.scales); i++ {
		s := &d.scales[i]
		d.bins[i] = noBin
		if s.chart.Refuses(int(set.Number[chart.Age]), set.Has(chart.Age), pregnancy) != ward.NotRefused {
			continue
		}
		result := s.chart.Score(set)
		d.whole[i] = result.Complete
		switch {
		case s.points():
			d.bins[i] = s.at(float64(result.LowerBound))
		case result.HasValue:
			d.bins[i] = s.at(result.Value)
		}
	}
}

// dayOne judges a case's set of the first day; nil without one.
func (d *driver) dayOne(c *Case) []bin {
	if c.DayOne.Known == 0 {
		return nil
	}
	set := c.DayOne
	if c.AgeYears >= 0 { // not when it is NaN
		set.Put(chart.Age, math.Floor(c.AgeYears*12))
	}
	d.bins[0] = noBin
	d.charts(&set, ward.NotPregnant)
	return slices.Clone(d.bins)
}
