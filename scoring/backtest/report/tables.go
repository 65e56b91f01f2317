package report

import (
	"html/template"
	"math"
	"strings"

	"wardwatch/scoring/backtest"
	"wardwatch/scoring/backtest/report/page"
	"wardwatch/scoring/backtest/stat"
)

func (b *builder) accuracy() page.Table {
	t := page.Table{Head: b.Head("accuracy.way", "accuracy.band", "accuracy.perday", "accuracy.sens")}
	for _, h := range b.r.Method.Horizons {
		if b.r.Set.Timed {
			t.Head = append(t.Head, b.Both("accuracy.within", h))
		}
	}
	t.Head = append(t.Head, b.Head("accuracy.spec", "accuracy.ppvp", "accuracy.ppva", "accuracy.lead")...)
	for i := range b.r.Policies {
		p := &b.r.Policies[i]
		for j := range p.Accuracy {
			t.Rows = append(t.Rows, b.accuracyRow(page.Name(p.Name), &p.Accuracy[j]))
		}
		if b.repeats(i) {
			continue
		}
		for j := range p.Crossing {
			t.Rows = append(t.Rows, b.accuracyRow(b.crossingName(p), &p.Crossing[j]))
		}
	}
	return t
}

// repeats says whether a policy's crossings are those of the first, as when only its alerting differs.
func (b *builder) repeats(policy int) bool {
	p, first := &b.r.Policies[policy], &b.r.Policies[0]
	for j := range p.Crossing {
		x, y := &p.Crossing[j], &first.Crossing[j]
		if policy == 0 || x.Alerts != y.Alerts || x.Sensitivity != y.Sensitivity || x.Specificity != y.Specificity {
			return false
		}
	}
	return true
}

// crossingName names the comparator; where all are alike there is no doubt whose scores it has.
func (b *builder) crossingName(p *backtest.Policy) template.HTML {
	for i := range b.r.Policies {
		if i > 0 && !b.repeats(i) {
			return b.Both("accuracy.crossing.of", p.Name)
		}
	}
	return b.Both("accuracy.crossing")
}

func (b *builder) accuracyRow(way template.HTML, a *backtest.Accuracy) []template.HTML {
	row := []template.HTML{way, b.Word("band", a.Band), b.Estimate(a.PerDay, 1, 2), b.Estimate(a.Sensitivity, 100, 1)}
	if b.r.Set.Timed {
		for _, w := range a.Within {
			row = append(row, b.Estimate(w.Sensitivity, 100, 1))
		}
	}
	lead := template.HTML("–")
	if a.Lead.Median.Known() {
		lead = b.Plain(page.Figure(a.Lead.Median, 1)) + " <small>(" + b.Plain(page.Figure(a.Lead.Lower, 1)) + "–" + b.Plain(page.Figure(a.Lead.Upper, 1)) + ")</small>"
	}
	return append(row, b.Estimate(a.Specificity, 100, 1), b.Estimate(a.PPVPatient, 100, 1), b.Estimate(a.PPVAlert, 100, 1), lead)
}

func (b *builder) matched() page.Table {
	t := page.Table{Head: b.Head("accuracy.way", "accuracy.band", "accuracy.sens", "accuracy.perday", "matched.ratio", "matched.sweep")}
	several := len(b.r.Policies) > 1
	if several {
		t.Head = append(t.Head, b.Both("matched.first", b.r.Policies[0].Name))
	}
	for i := range b.r.Policies {
		p := &b.r.Policies[i]
		for j := range p.Matched {
			m := &p.Matched[j]
			if !m.Ratio.Value.Known() {
				continue
			}
			row := []template.HTML{page.Name(p.Name), b.Word("band", m.Band), b.Plain(page.Percent(m.Sensitivity, 1)), b.Plain(page.Figure(m.PerDay, 2)),
				b.Estimate(m.Ratio, 1, 2), b.Estimate(m.SweepRatio, 1, 2)}
			if several {
				row = append(row, b.Estimate(m.FirstRatio, 1, 2))
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

func (b *builder) burden() page.Table {
	t := page.Table{Head: []template.HTML{b.Both("accuracy.perday")}}
	lines := []struct {
		key string
		of  func(*backtest.Policy) stat.Estimate
	}{
		{"burden.patient", func(p *backtest.Policy) stat.Estimate { return p.Burden.Interruptive }},
		{"burden.technical", func(p *backtest.Policy) stat.Estimate { return p.Burden.Technical }},
		{"burden.escalation", func(p *backtest.Policy) stat.Estimate { return p.Burden.Escalations }},
		{"burden.review", func(p *backtest.Policy) stat.Estimate { return p.Burden.Reviews }},
		{"burden.flicker", func(p *backtest.Policy) stat.Estimate { return p.BandChanges }},
	}
	for i := range b.r.Policies {
		t.Head = append(t.Head, page.Name(b.r.Policies[i].Name))
	}
	for _, l := range lines {
		row := []template.HTML{b.Both(l.key)}
		for i := range b.r.Policies {
			row = append(row, b.Estimate(l.of(&b.r.Policies[i]), 1, 2))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// roles are the tellings of each role, of every policy beside each other: in all, and for what.
func (b *builder) roles() page.Table {
	t := page.Table{Head: b.Head("accuracy.way", "role.role", "role.perday", "role.night", "role.calls", "role.climbs", "role.reviews", "role.technical", "role.notices")}
	for i := range b.r.Policies {
		p := &b.r.Policies[i]
		for j := range p.Burden.Roles {
			r := &p.Burden.Roles[j]
			row := []template.HTML{page.Name(p.Name), b.Word("role", r.Role), b.Estimate(r.PerDay, 1, 2), b.Estimate(r.Night, 1, 1)}
			for _, n := range []stat.Number{r.Calls, r.Climbs, r.Reviews, r.Technical, r.Notices} {
				row = append(row, b.Plain(page.Figure(n, 2)))
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

// rungs are the rounds of telling by rung.
func (b *builder) rungs() page.Table {
	t := page.Table{Head: b.Head("accuracy.way", "rung.rung", "rung.rounds", "rung.perday")}
	for i := range b.r.Policies {
		p := &b.r.Policies[i]
		for j, r := range p.Burden.Rungs {
			name := b.Plain(r.Rung)
			if j == len(p.Burden.Rungs)-1 {
				name = b.Both("rung.beyond", r.Rung)
			}
			t.Rows = append(t.Rows, []template.HTML{page.Name(p.Name), name, b.Plain(r.Rounds), b.Estimate(r.PerDay, 1, 3)})
		}
	}
	return t
}

// goals set the burden against the goals.
func (b *builder) goals() page.Table {
	t := page.Table{Head: b.Head("accuracy.way", "goal.goal", "goal.most", "goal.value", "goal.met", "goal.sens")}
	for i := range b.r.Policies {
		p := &b.r.Policies[i]
		for j := range p.Burden.Goals {
			g := &p.Burden.Goals[j]
			t.Rows = append(t.Rows, []template.HTML{page.Name(p.Name), b.Word("goal", g.Name), b.Plain(page.Figure(g.AtMost, 0)),
				b.Estimate(g.Value, 1, 2), b.Word("met", g.Met), b.Estimate(g.Sensitivity, 100, 1)})
		}
	}
	return t
}

// shares are the calls of each policy by kind, band and cause.
func (b *builder) shares() (out []titled) {
	for i := range b.r.Policies {
		p := &b.r.Policies[i]
		for _, by := range []struct {
			key, family string
			of          []backtest.Share
		}{
			{"burden.kind", "kind", p.Burden.Kinds}, {"burden.bandcol", "band", p.Burden.Bands}, {"burden.cause", "cause", p.Burden.Causes},
		} {
			if len(by.of) == 0 {
				continue
			}
			t := page.Table{Head: []template.HTML{b.Both(by.key), b.Both("burden.calls"), b.Both("accuracy.perday")}}
			for _, s := range by.of {
				t.Rows = append(t.Rows, []template.HTML{b.Word(by.family, s.Name), b.Plain(s.Alerts), b.Estimate(s.PerDay, 1, 3)})
			}
			out = append(out, titled{page.Name(p.Name) + ": " + b.Both(by.key), t})
		}
	}
	return out
}

// bands of the live score in the order of the plot.
var bands = [...]string{"low", "unknown", "low_medium", "medium", "high"}

func (b *builder) timePlot() template.HTML {
	var rows []bar
	for i := range b.r.Policies {
		p := &b.r.Policies[i]
		r := bar{name: page.Name(p.Name)}
		for _, band := range bands {
			if s := p.TimeInBand[band]; s.Known() {
				r.parts = append(r.parts, part{float64(s), "b-" + band})
			}
		}
		rows = append(rows, r)
	}
	return bars(rows)
}

func (b *builder) time() page.Table {
	t := page.Table{Head: []template.HTML{""}}
	for _, band := range bands {
		swatch := template.HTML(`<svg class="swatch" aria-hidden="true"><rect class="b-` + band + `" width="100%" height="100%"/></svg>`)
		t.Head = append(t.Head, swatch+b.Word("band", band))
	}
	t.Head = append(t.Head, b.Both("time.complete"))
	for i := range b.r.Policies {
		p := &b.r.Policies[i]
		row := []template.HTML{page.Name(p.Name)}
		for _, band := range bands {
			row = append(row, b.Plain(page.Percent(p.TimeInBand[band], 1))+" %")
		}
		t.Rows = append(t.Rows, append(row, b.Plain(page.Percent(p.Complete, 1))+" %"))
	}
	return t
}

func (b *builder) groups() page.Table {
	t := page.Table{Head: b.Head("accuracy.way", "group.group", "set.patients", "set.events", "accuracy.perday", "accuracy.sens", "accuracy.spec", "accuracy.ppvp")}
	t.Head = append(t.Head, "AUROC")
	for i := range b.r.Policies {
		p := &b.r.Policies[i]
		for j := range p.Groups {
			g := &p.Groups[j]
			t.Rows = append(t.Rows, []template.HTML{page.Name(p.Name), b.groupName(g), b.Plain(g.Patients), b.Plain(g.Events),
				b.Estimate(g.PerDay, 1, 2), b.Estimate(g.Sensitivity, 100, 1), b.Estimate(g.Specificity, 100, 1), b.Estimate(g.PPVPatient, 100, 1), b.Estimate(g.AUROC, 1, 3)})
		}
	}
	return t
}

func (b *builder) groupName(g *backtest.Group) template.HTML {
	switch {
	case g.Name == "unknown":
		return b.Both("group." + g.By + ".unknown")
	case g.By == "age":
		return b.Both("group.age", strings.ReplaceAll(g.Name, "-", "–"))
	}
	return b.Word("group", g.Name)
}

// mostMissed is how many missed patients the page lists; the JSON file has them all.
const mostMissed = 200

func (b *builder) missed() (out []missed) {
	for i := range b.r.Policies {
		p := &b.r.Policies[i]
		if len(p.Missed) == 0 {
			continue
		}
		m := missed{Summary: b.Both("missed.summary", p.Name, len(p.Missed), b.r.Set.Events)}
		m.Table.Head = b.Head("missed.case", "missed.age", "missed.points", "missed.band", "missed.lacks")
		for j := range p.Missed[:min(len(p.Missed), mostMissed)] {
			m.Table.Rows = append(m.Table.Rows, b.missedRow(&p.Missed[j]))
		}
		if more := len(p.Missed) - mostMissed; more > 0 {
			m.More = b.Both("missed.more", more)
		}
		out = append(out, m)
	}
	return out
}

func (b *builder) missedRow(m *backtest.Missed) []template.HTML {
	lacks := page.Name(strings.Join(m.Lacks, ", "))
	if m.Told {
		lacks += " <small>" + b.Both("missed.later") + "</small>"
	}
	age := b.Plain(page.Figure(stat.Number(math.Floor(float64(m.Age))), 0))
	return []template.HTML{page.Name(m.Case), age, b.Plain(m.Points), b.Word("band", m.Band), lacks}
}
