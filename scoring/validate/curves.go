package validate

import (
	"math"

	"wardwatch/scoring/backtest/stat"
)

// curveStep is how far a curve moves between two of its points that are kept.
const curveStep = 0.01

func (m *measurer) curves() Curves {
	c := Curves{Model: m.curve(m.model), News2: m.curve(m.news2), Logistic: []CurvePoint{}}
	if m.logistic != nil {
		c.Logistic = m.curve(m.logistic)
	}
	return c
}

// curve is a score at each threshold, thinned. Empty without rows of both kinds.
func (m *measurer) curve(of *stat.Ranked) []CurvePoint {
	out := []CurvePoint{}
	pos, neg := m.totals()
	if pos == 0 || neg == 0 {
		return out
	}
	var kept CurvePoint
	of.Descend(stat.Once(m.people), func(at stat.Reach) bool {
		p := CurvePoint{
			Threshold: stat.Number(at.Threshold), Sensitivity: stat.Number(at.Events / pos),
			FalseRate: stat.Number((at.Rows - at.Events) / neg), Precision: stat.Number(at.Events / at.Rows),
		}
		if p.Sensitivity-kept.Sensitivity >= curveStep || p.FalseRate-kept.FalseRate >= curveStep || at.Rows == pos+neg {
			out = append(out, p)
			kept = p
		}
		return true
	})
	return out
}

func (s *study) totals() (pos, neg float64) {
	for i := range s.rows {
		if s.rows[i].Event {
			pos++
		} else {
			neg++
		}
	}
	return pos, neg
}

// decisionSteps is how many thresholds the decision curve has.
const decisionSteps = 20

// decisionTop is the highest threshold of the decision curve: a round figure over eight times the prevalence
// and over the model's own threshold. Who would act only at more would not use such a model. The
// eight is ours.
func decisionTop(prevalence, threshold float64) float64 {
	top := max(min(8*prevalence, 0.5), 1.2*threshold)
	for _, round := range []float64{0.01, 0.02, 0.05, 0.1, 0.2, 0.5} {
		if top <= round {
			return round
		}
	}
	return 0.9
}

// decision works out net benefits.
func (m *measurer) decision(r *Report) {
	pos, neg := m.totals()
	prevalence := pos / (pos + neg)
	top := decisionTop(prevalence, m.threshold)
	r.Decision = make([]Decision, decisionSteps)
	var into []sink
	for i := range r.Decision {
		d := &r.Decision[i]
		t := math.Round(1e6*top*float64(i+1)/decisionSteps) / 1e6
		d.Threshold, d.All = stat.Number(t), stat.Number(prevalence-(1-prevalence)*odds(t))
		into = append(into, whole(&d.Model), whole(&d.News2), whole(&d.Better))
	}
	rows := m.count(everyRow)
	thresholds := r.Decision
	m.ask(len(into), func(drawn []uint8, out []float64) {
		n := total(rows, drawn)
		reference := m.news2.At(drawn, news2Least)
		next := len(thresholds) - 1
		var above stat.Reach
		settle := func(down float64) {
			for ; next >= 0 && float64(thresholds[next].Threshold) > down; next-- {
				t := float64(thresholds[next].Threshold)
				out[3*next], out[3*next+1] = benefit(above, t, n), benefit(reference, t, n)
				out[3*next+2] = out[3*next] - out[3*next+1]
			}
		}
		m.model.Descend(drawn, func(at stat.Reach) bool {
			settle(at.Threshold)
			above = at
			return next >= 0
		})
		settle(math.Inf(-1))
	}, into...)
}

func odds(p float64) float64 { return p / (1 - p) }

// benefit is the net benefit per row of acting on what was reached.
func benefit(at stat.Reach, threshold, rows float64) float64 {
	return (at.Events - (at.Rows-at.Events)*odds(threshold)) / rows
}
