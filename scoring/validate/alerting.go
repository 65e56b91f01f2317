package validate

import (
	"wardwatch/scoring/backtest/stat"
)

// alerting measures what alerting on such rows does.
func (m *measurer) alerting(a *Alerting, threshold float64, alerts func(*Row) bool) {
	right := func(r *Row) bool { return r.Event && alerts(r) }
	rows, hits := m.count(alerts), m.count(right)
	events, quiet := m.count(hasEvent), m.count(noEvent)
	fair := m.count(func(r *Row) bool { return !r.Event && !alerts(r) })
	a.Threshold = stat.Number(threshold)
	for _, n := range rows {
		a.Alerts += int(n)
	}
	a.SensitivityPatients = stat.Proportion(some(hits), some(events))
	m.ratio(rows, m.days(), whole(&a.PerDay))
	m.ratio(hits, events, whole(&a.SensitivityRows))
	m.ratio(fair, quiet, whole(&a.Specificity))
	m.ratio(hits, rows, whole(&a.PPV))
	a.Lead = m.lead(right)
	a.LeadDay = m.lead(func(r *Row) bool { return r.HoursToEvent <= dayRows && alerts(r) })
}

// lead is how long before the event a patient's first such row comes. Where a patient has several events,
// that row is before the first that was seen coming.
func (s *study) lead(is func(*Row) bool) stat.Quartiles {
	first := make(map[int32]*Row)
	for i := range s.rows {
		r := &s.rows[i]
		if !(r.HoursToEvent > 0) || !is(r) {
			continue
		}
		if f := first[s.patient[i]]; f == nil || r.Hour < f.Hour {
			first[s.patient[i]] = r
		}
	}
	hours := make([]float64, 0, len(first))
	for _, r := range first {
		hours = append(hours, r.HoursToEvent)
	}
	return stat.QuartilesOf(hours)
}

// fixedRates are the alerts per patient-day at which sensitivities are compared: 1, 2 and 5 per ten.
// They are ours.
func fixedRates() []float64 { return []float64{0.1, 0.2, 0.5} }

// matched compares sensitivities where all alert equally often.
func (m *measurer) matched(r *Report) {
	rows := m.count(everyRow)
	often := []func(drawn []uint8) float64{func(drawn []uint8) float64 { return m.news2.At(drawn, news2Least).Rows }}
	r.Matched = []Matched{{At: AtNews2, PerDay: stat.Number(often[0](stat.Once(m.people)) / float64(len(m.rows)) * dayRows)}}
	for _, rate := range fixedRates() {
		r.Matched = append(r.Matched, Matched{At: AtFixed, PerDay: stat.Number(rate)})
		often = append(often, func(drawn []uint8) float64 { return rate / dayRows * total(rows, drawn) })
	}
	for i := range r.Matched {
		x := &r.Matched[i]
		m.sensitivities(m.model, often[i], &x.Model)
		m.sensitivities(m.news2, often[i], &x.News2)
		if m.logistic != nil {
			x.Logistic = &Sensitivities{}
			m.sensitivities(m.logistic, often[i], x.Logistic)
		}
	}
}

func (m *measurer) sensitivities(of *stat.Ranked, alerts func(drawn []uint8) float64, into *Sensitivities) {
	events := m.count(hasEvent)
	patients := make([]float64, len(events))
	for i, n := range events {
		if n > 0 {
			patients[i] = 1
		}
	}
	m.ask(2, func(drawn []uint8, out []float64) {
		at := within(of, drawn, alerts(drawn))
		out[0], out[1] = at.Events/total(events, drawn), at.Patients/total(patients, drawn)
	}, whole(&into.Rows), whole(&into.Patients))
}

// within is what a score does with so many alerts. Between two thresholds it is interpolated in a
// straight line.
func within(of *stat.Ranked, drawn []uint8, alerts float64) stat.Reach {
	var stricter, found stat.Reach
	of.Descend(drawn, func(at stat.Reach) bool {
		found = at
		if at.Rows < alerts {
			stricter = at
			return true
		}
		return false
	})
	if found.Rows <= alerts {
		return found
	}
	part := (alerts - stricter.Rows) / (found.Rows - stricter.Rows)
	found.Rows = alerts
	found.Events = stricter.Events + part*(found.Events-stricter.Events)
	found.Patients = stricter.Patients + part*(found.Patients-stricter.Patients)
	return found
}
