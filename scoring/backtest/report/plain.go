package report

import (
	"html/template"
	"slices"
	"strings"

	"wardwatch/scoring/backtest"
	"wardwatch/scoring/backtest/report/page"
	"wardwatch/scoring/backtest/stat"
)

// sentences say what each policy would have done, for a reader who reads nothing else.
func (b *builder) sentences() []template.HTML {
	var out []template.HTML
	for i := range b.r.Policies {
		out = append(out, b.sentence(&b.r.Policies[i]))
	}
	return out
}

func (b *builder) sentence(p *backtest.Policy) template.HTML {
	calls := p.Burden.Interruptive
	say := []template.HTML{b.Both("plain.burden", page.Strong(p.Name), page.Figure(calls.Value, 2), page.Figure(calls.Low, 2), page.Figure(calls.High, 2))}
	if b.r.Set.Events == 0 {
		return page.Join(append(say, b.Both("plain.noevents")))
	}
	a := &p.Accuracy[0]
	warned := "plain.warned"
	if !b.r.Set.Timed {
		warned = "plain.warned.untimed"
	}
	say = append(say, b.Both(warned, page.Percent(a.Sensitivity.Value, 0), b.event("who"), page.Percent(a.Sensitivity.Low, 0), page.Percent(a.Sensitivity.High, 0)))
	if a.Lead.Median.Known() {
		say = append(say, b.Both("plain.lead", page.Figure(a.Lead.Median, 0)))
	}
	if s := a.Specificity; s.Value.Known() {
		say = append(say, b.Both("plain.false", page.Percent(1-s.Value, 0), page.Percent(1-s.High, 0), page.Percent(1-s.Low, 0)))
	}
	if r := p.Matched[0].Ratio; r.Value.Known() {
		k, less := "plain.fewer", func(n stat.Number) page.Number { return page.Percent(1-n, 0) }
		if r.Value > 1 {
			k, less = "plain.more", func(n stat.Number) page.Number { return page.Percent(n-1, 0) }
		}
		ends := []page.Number{less(r.High), less(r.Low)}
		if r.Value > 1 {
			ends[0], ends[1] = ends[1], ends[0]
		}
		say = append(say, b.Both(k, less(r.Value), ends[0], ends[1]))
	}
	return page.Join(append(say, b.goalSentences(p)...))
}

// goalSentences say what nurses and the doctor on duty would have met, against the goals.
func (b *builder) goalSentences(p *backtest.Policy) (say []template.HTML) {
	for i := range p.Burden.Goals {
		g := &p.Burden.Goals[i]
		if g.Value.Value.Known() {
			say = append(say, b.Both("plain."+g.Name, page.Figure(g.Value.Value, 1), page.Figure(g.AtMost, 0), page.Key("goal.is."+g.Met)))
		}
	}
	return say
}

// event is the set's event in a family of words.
func (b *builder) event(family string) page.Key {
	if _, ok := b.Catalogue[family+"."+b.r.Set.Event]; ok {
		return page.Key(family + "." + b.r.Set.Event)
	}
	return page.Key(family + ".event")
}

func (b *builder) facts() []page.Fact {
	s := &b.r.Set
	add := func(k string, v any) page.Fact { return page.Fact{Name: b.Both(k), Value: b.Plain(v)} }
	facts := []page.Fact{
		add("set.layout", s.Layout), add("set.event", b.event("event")),
		add("set.patients", s.Patients), add("set.followed", s.Followed),
	}
	events := page.Fact{Name: b.Both("set.events"), Value: b.Plain(s.Events)}
	if s.Prevalence.Known() {
		events.Value += " (" + b.Plain(page.Percent(s.Prevalence, 1)) + " %)"
	}
	facts = append(facts, events, add("set.days", page.Figure(s.PatientDays, 0)), add("set.rows", int(s.Rows)))
	if s.LabelledRows > 0 {
		facts = append(facts, add("set.labelled", int(s.LabelledRows)),
			page.Fact{Name: b.Both("set.positive"), Value: b.Plain(int(s.PositiveRows)) + " (" + b.Plain(page.Percent(s.RowShare, 2)) + " %)"})
	}
	if len(b.r.Policies) > 0 && b.r.Policies[0].LowerBound.Known() {
		facts = append(facts, page.Fact{Name: b.Both("set.lower"), Value: b.Plain(page.Percent(b.r.Policies[0].LowerBound, 1)) + " %"})
	}
	return facts
}

func (b *builder) lacks() template.HTML {
	return template.HTML(template.HTMLEscapeString(strings.Join(b.r.Set.Lacks, ", ")))
}

func (b *builder) skipped() template.HTML {
	if len(b.r.Set.Skipped) == 0 {
		return b.Both("set.skipped.none")
	}
	var reasons []string
	for r := range b.r.Set.Skipped {
		reasons = append(reasons, r)
	}
	slices.SortFunc(reasons, func(x, y string) int {
		return int(b.r.Set.Skipped[y]-b.r.Set.Skipped[x])*2 + strings.Compare(x, y)
	})
	var parts []template.HTML
	for _, r := range reasons {
		parts = append(parts, template.HTML(template.HTMLEscapeString(r))+" "+b.Plain(int(b.r.Set.Skipped[r])))
	}
	var out template.HTML
	for i, p := range parts {
		if i > 0 {
			out += ", "
		}
		out += p
	}
	return out
}

// plans says whether doctors of the model put reviews off.
func (b *builder) plans() template.HTML {
	if b.r.Method.Plan > 0 {
		return b.Both("method.plan", page.Figure(b.r.Method.Plan/60, 1))
	}
	return b.Both("method.plan.none")
}

// night says how pages at night were counted.
func (b *builder) night() template.HTML {
	if b.r.Set.Clock {
		return b.Both("night.clock")
	}
	return b.Both("night.third")
}

func (b *builder) method() []template.HTML {
	m := &b.r.Method
	return []template.HTML{
		b.Both("method.call"),
		b.Both("method.staff", page.Figure(m.Accept, 0), page.Figure(m.Charted, 0), page.Figure(m.Bedside, 0), page.Figure(m.Quiet, 0)),
		b.plans(), b.Both("method.miss", page.Percent(m.Miss, 0)), b.Both("method.told"), b.night(),
		b.Both("method.crossing"), b.Both("method.matched"), b.Both("method.sens", m.PPVHorizon), b.Both("method.lead"),
		b.Both("method.rows", page.Figure(m.LabelWindow, 0)), b.Both("method.last"), b.Both("method.values"),
		b.Both("method.intervals", m.Resamples, int(m.Seed)),
	}
}
