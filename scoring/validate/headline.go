package validate

import (
	"cmp"
	"math"

	"wardwatch/scoring/backtest/stat"
)

// headline measures one study.
func (m *measurer) headline(s *study, h *Headline) {
	rows, events := s.count(everyRow), s.count(hasEvent)
	h.N, h.Patients, h.EventPatients = len(s.rows), some(rows), some(events)
	h.Reference.News2.Name = cmp.Or(m.reference, News2Name)
	for i := range s.rows {
		if s.rows[i].Event {
			h.Events++
		}
		if s.rows[i].News2 == Unscored {
			h.Reference.News2.Unscored++
		}
	}
	h.Prevalence = stat.Proportion(h.Events, h.N).Value
	m.discrimination(s, h)
	m.accuracy(s, h, rows, events)
	m.calibration(s, h)
	m.ask(1, func(drawn []uint8, out []float64) { out[0] = alertsRatio(s, drawn) }, apart(&h.AlertsRatio, &h.Intervals.AlertsRatio))
}

// discrimination sets the model beside its references on the same draws.
func (m *measurer) discrimination(s *study, h *Headline) {
	news2, iv := &h.Reference.News2.Discrimination, &h.Intervals
	m.ask(6, func(drawn []uint8, out []float64) {
		out[0], out[1] = s.model.Discrimination(drawn)
		out[2], out[3] = s.news2.Discrimination(drawn)
		out[4], out[5] = out[0]-out[2], out[1]-out[3]
	}, apart(&h.AUROC, &iv.AUROC), apart(&h.AUPRC, &iv.AUPRC), apart(&news2.AUROC, &iv.News2AUROC), apart(&news2.AUPRC, &iv.News2AUPRC),
		whole(&h.Differences.News2.AUROC), whole(&h.Differences.News2.AUPRC))
	if s.logistic == nil {
		return
	}
	plain, less := &Discrimination{}, &Difference{}
	h.Reference.Logistic, h.Differences.Logistic = plain, less
	iv.LogisticAUROC, iv.LogisticAUPRC = &Interval{}, &Interval{}
	m.ask(4, func(drawn []uint8, out []float64) {
		auroc, auprc := s.model.Discrimination(drawn)
		out[0], out[1] = s.logistic.Discrimination(drawn)
		out[2], out[3] = auroc-out[0], auprc-out[1]
	}, apart(&plain.AUROC, iv.LogisticAUROC), apart(&plain.AUPRC, iv.LogisticAUPRC), whole(&less.AUROC), whole(&less.AUPRC))
}

// accuracy is the Brier score, the same against always saying the prevalence, and events over
// expected ones.
func (m *measurer) accuracy(s *study, h *Headline, rows, events []float64) {
	expected := s.sums(func(r *Row) float64 { return r.P })
	squares := s.sums(func(r *Row) float64 {
		if r.Event {
			return (1 - r.P) * (1 - r.P)
		}
		return r.P * r.P
	})
	m.ask(3, func(drawn []uint8, out []float64) {
		n, y := total(rows, drawn), total(events, drawn)
		brier, share := total(squares, drawn)/n, y/n
		out[0], out[1] = brier, 1-brier/(share*(1-share))
		out[2] = y / total(expected, drawn)
	}, apart(&h.Brier, &h.Intervals.Brier), apart(&h.ScaledBrier, &h.Intervals.ScaledBrier),
		apart(&h.Calibration.ObservedExpected, &h.Intervals.ObservedExpected))
}

// alertsRatio is the model's alerts over those of NEWS2 ≥ 5 at its highest threshold that finds as
// many event patients. NaN where NEWS2 finds nobody.
func alertsRatio(s *study, drawn []uint8) float64 {
	reference := s.news2.At(drawn, news2Least)
	if reference.Patients == 0 {
		return math.NaN()
	}
	ratio := math.NaN()
	s.model.Descend(drawn, func(at stat.Reach) bool {
		ratio = at.Rows / reference.Rows
		return at.Patients < reference.Patients
	})
	return ratio
}
