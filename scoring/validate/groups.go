package validate

import (
	"cmp"
	"math"
	"slices"

	"wardwatch/scoring/backtest/stat"
	"wardwatch/ward"
)

// UnknownGroup holds those whose age or sex is not known.
const UnknownGroup = "unknown"

// ageBands are the groups of age, in years.
func ageBands() []string { return []string{"0-17", "18-44", "45-64", "65-79", "80+", UnknownGroup} }

func ageBand(years float64) string {
	switch {
	case math.IsNaN(years) || years < 0:
		return UnknownGroup
	case years < 18:
		return "0-17"
	case years < 45:
		return "18-44"
	case years < 65:
		return "45-64"
	case years < 80:
		return "65-79"
	}
	return "80+"
}

// groups measures the model by age band and sex; bands without a row are left out.
func (m *measurer) groups(r *Report) {
	type part struct {
		by, name string
		of       *study
	}
	var parts []part
	add := func(by, name string, is func(*Row) bool) {
		if s := m.where(is); len(s.rows) > 0 {
			parts = append(parts, part{by, name, s})
		}
	}
	for _, name := range ageBands() {
		add(ByAge, name, func(r *Row) bool { return ageBand(r.Age) == name })
	}
	for _, sex := range []ward.Sex{ward.Female, ward.Male, ward.OtherSex, ward.SexUnknown} {
		add(BySex, cmp.Or(string(sex), UnknownGroup), func(r *Row) bool { return r.Sex == sex })
	}
	r.Groups = make([]Group, len(parts))
	for i, p := range parts {
		r.Groups[i].By, r.Groups[i].Name = p.by, p.name
		m.group(p.of, &r.Groups[i])
	}
}

func (m *measurer) group(s *study, g *Group) {
	alerts := func(r *Row) bool { return r.P >= m.threshold }
	rows, events, called := s.count(everyRow), s.count(hasEvent), s.count(alerts)
	hits := s.count(func(r *Row) bool { return r.Event && alerts(r) })
	pos, neg := s.totals()
	g.N, g.Events, g.Patients, g.EventPatients = int(pos+neg), int(pos), some(rows), some(events)
	g.Sensitivity = stat.Proportion(some(hits), g.EventPatients)
	m.ask(2, func(drawn []uint8, out []float64) { out[0], out[1] = s.model.Discrimination(drawn) }, whole(&g.AUROC), whole(&g.AUPRC))
	m.slope(s, &g.Slope)
	m.ratio(events, s.sums(func(r *Row) float64 { return r.P }), whole(&g.ObservedExpected))
	m.ratio(hits, called, whole(&g.PPV))
	m.ratio(called, s.days(), whole(&g.PerDay))
}

// withheld counts what staff would not see, and measures what they would.
func (m *measurer) withheld(r *Report) {
	w := &r.Withheld
	w.Reasons = []WithheldReason{}
	at := map[ward.Withheld]int{}
	for i := range m.rows {
		row := &m.rows[i]
		if row.Withheld == ward.NotWithheld {
			continue
		}
		if _, ok := at[row.Withheld]; !ok {
			at[row.Withheld] = len(w.Reasons)
			w.Reasons = append(w.Reasons, WithheldReason{Reason: row.Withheld})
		}
		reason := &w.Reasons[at[row.Withheld]]
		reason.Rows++
		w.Rows++
		if row.Event {
			reason.Events++
		}
	}
	w.Share = stat.Proportion(w.Rows, len(m.rows)).Value
	slices.SortFunc(w.Reasons, func(a, b WithheldReason) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Reason, b.Reason))
	})
	if w.Rows == 0 {
		return
	}
	w.Alerting = &Alerting{}
	m.alerting(w.Alerting, m.threshold, func(row *Row) bool { return row.Withheld == ward.NotWithheld && row.P >= m.threshold })
	if kept := m.where(func(row *Row) bool { return row.Withheld == ward.NotWithheld }); len(kept.rows) > 0 {
		w.Kept = &Headline{}
		m.headline(kept, w.Kept)
	}
}

// masked counts the rows where more oxygen may have hidden a decline; absent where no row tells.
func (m *measurer) masked(r *Report) {
	more := func(row *Row) bool { return row.Oxygen == OxygenMore }
	same := func(row *Row) bool { return row.Oxygen == OxygenSame }
	rows, others := m.count(more), m.count(same)
	once := stat.Once(m.people)
	known := total(rows, once) + total(others, once)
	if known == 0 {
		return
	}
	x := &Masked{Known: int(known), Rows: int(total(rows, once)), People: some(rows)}
	r.Masked = x
	alerts := func(of func(*Row) bool) []float64 {
		return m.count(func(row *Row) bool { return of(row) && row.P >= m.threshold })
	}
	m.ratio(alerts(more), rows, whole(&x.Alerted))
	m.ratio(alerts(same), others, whole(&x.Others))
}
