package backtest

import (
	"math"

	"wardwatch/scoring/backtest/stat"
	"wardwatch/ward"
)

// What a score is judged on.
const (
	OnRows  = "rows"    // each labelled row
	OnLast  = "last"    // one a patient: at the last reading before the event
	OnWorst = "worst"   // one a patient: the worst before the event
	OnDay   = "day_one" // one a patient: the data set's own worst values of the first day
)

// mostCurve is how many points of a curve are reported.
const mostCurve = 80

// scores judges every scale on whatever the set has: labelled rows, patients with an outcome.
func (m *measurer) scores(p *Policy, scales []scale) {
	type question struct {
		scale int
		on    string
	}
	var ask []question
	for _, on := range []string{OnRows, OnLast, OnWorst, OnDay} {
		for s := range scales {
			ask = append(ask, question{s, on})
		}
	}
	found := []Score{}
	var from []*stat.Clusters
	for _, q := range ask {
		c := m.clusters(q.scale, scales[q.scale].bins, q.on, func(*patient) bool { return true })
		counts := c.Counts()
		pos, neg := counts.Totals()
		if pos == 0 || neg == 0 {
			continue
		}
		s := &scales[q.scale]
		found = append(found, Score{
			Score: s.id, On: q.on, N: int(pos + neg), Events: int(pos), Step: s.step, LowerBound: m.lowerBound(q.scale),
			Prevalence: stat.Number(pos / (pos + neg)), Curve: curve(s, &counts),
		})
		from = append(from, c)
	}
	p.Scores = found
	for i := range found {
		m.ask(from[i].Discrimination(), &found[i].AUROC, &found[i].AUPRC)
	}
}

// clusters gathers one scale's counts of the patients that are to be kept.
func (m *measurer) clusters(scale, bins int, on string, keep func(*patient) bool) *stat.Clusters {
	c := stat.NewClusters(bins)
	for i := range m.all {
		p, t := &m.all[i], m.track(i)
		if !keep(p) {
			c.Add()
			continue
		}
		switch on {
		case OnRows:
			c.Add(t.rowCells[scale]...)
		case OnLast:
			c.Add(one(p, t.last[scale])...)
		case OnWorst:
			c.Add(one(p, t.worst[scale])...)
		case OnDay:
			b := noBin
			if p.dayOne != nil {
				b = p.dayOne[scale]
			}
			c.Add(one(p, b)...)
		}
	}
	return c
}

// one is a patient as a single row.
func one(p *patient, b bin) []stat.Cell {
	if !p.followed || b == noBin {
		return nil
	}
	if p.event {
		return []stat.Cell{{Bin: uint16(b), Pos: 1}}
	}
	return []stat.Cell{{Bin: uint16(b), Neg: 1}}
}

// curve is the score at each threshold, thinned where a scale is finer than a plot.
func curve(s *scale, c *stat.Counts) []CurvePoint {
	cuts := c.Cuts()
	out := make([]CurvePoint, 0, min(len(cuts), mostCurve+1))
	every := max(1, (len(cuts)+mostCurve-1)/mostCurve)
	for i, cut := range cuts {
		if i%every != 0 && i != len(cuts)-1 {
			continue
		}
		out = append(out, CurvePoint{
			stat.Number(s.value(cut.Bin)), stat.Number(cut.Sensitivity), stat.Number(cut.FalseRate), stat.Number(cut.Precision),
		})
	}
	return out
}

// groups measures the policy by age band and sex.
func (m *measurer) groups(p *Policy) {
	on := OnWorst
	for i := range m.all {
		if m.all[i].labelled > 0 {
			on = OnRows
			break
		}
	}
	var members []func(*patient) bool
	add := func(by, name string, is func(*patient) bool) {
		for i := range m.all {
			if is(&m.all[i]) {
				p.Groups = append(p.Groups, Group{By: by, Name: name})
				members = append(members, is)
				return
			}
		}
	}
	for _, name := range ageBands() {
		add("age", name, func(x *patient) bool { return ageBand(x.age) == name })
	}
	for _, sex := range []ward.Sex{ward.Female, ward.Male, ward.OtherSex, ward.SexUnknown} {
		add("sex", sexName(sex), func(x *patient) bool { return x.sex == sex })
	}
	for i := range p.Groups {
		m.group(&p.Groups[i], on, members[i])
	}
}

func (m *measurer) group(g *Group, on string, member func(*patient) bool) {
	counts, under := make([]float64, len(m.all)), make([]float64, len(m.all))
	var quiet, warned, fair int
	for i := range m.all {
		p := &m.all[i]
		if !member(p) {
			continue
		}
		g.Patients++
		v := verdictOf(p, m.told(i, ward.LowMedium))
		counts[i], under[i] = float64(v.n), m.days[i]
		switch {
		case !p.followed:
		case p.event:
			g.Events++
			if v.warned {
				warned++
			}
		default:
			quiet++
			if v.n == 0 {
				fair++
			}
		}
	}
	g.Sensitivity = stat.Proportion(warned, g.Events)
	g.Specificity = stat.Proportion(fair, quiet)
	g.PPVPatient = stat.Proportion(warned, warned+quiet-fair)
	m.ask(stat.Ratio(counts, under), &g.PerDay)
	var auprc stat.Estimate
	m.ask(m.clusters(0, pointBins, on, member).Discrimination(), &g.AUROC, &auprc)
}

// ageBands are the groups of age in the report, in years.
func ageBands() []string { return []string{"0-15", "16-44", "45-64", "65-79", "80+", unknownGroup} }

const unknownGroup = "unknown"

func ageBand(years float64) string {
	switch {
	case math.IsNaN(years) || years < 0:
		return unknownGroup
	case years < 16:
		return "0-15"
	case years < 45:
		return "16-44"
	case years < 65:
		return "45-64"
	case years < 80:
		return "65-79"
	}
	return "80+"
}

func sexName(s ward.Sex) string {
	if s == ward.SexUnknown {
		return unknownGroup
	}
	return string(s)
}
