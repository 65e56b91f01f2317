package report

import (
	"html/template"
	"slices"
	"strings"

	"wardwatch/scoring/backtest"
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
	say := []template.HTML{b.both("plain.burden", strong(p.Name), figure(calls.Value, 2), figure(calls.Low, 2), figure(calls.High, 2))}
	if b.r.Set.Events == 0 {
		return join(append(say, b.both("plain.noevents")))
	}
	a := &p.Accuracy[0]
	warned := "plain.warned"
	if !b.r.Set.Timed {
		warned = "plain.warned.untimed"
	}
	say = append(say, b.both(warned, percent(a.Sensitivity.Value, 0), b.event("who"), percent(a.Sensitivity.Low, 0), percent(a.Sensitivity.High, 0)))
	if a.Lead.Median.Known() {
		say = append(say, b.both("plain.lead", figure(a.Lead.Median, 0)))
	}
	if s := a.Specificity; s.Value.Known() {
		say = append(say, b.both("plain.false", percent(1-s.Value, 0), percent(1-s.High, 0), percent(1-s.Low, 0)))
	}
	if r := p.Matched[0].Ratio; r.Value.Known() {
		k, less := "plain.fewer", func(n stat.Number) number { return percent(1-n, 0) }
		if r.Value > 1 {
			k, less = "plain.more", func(n stat.Number) number { return percent(n-1, 0) }
		}
		ends := []number{less(r.High), less(r.Low)}
		if r.Value > 1 {
			ends[0], ends[1] = ends[1], ends[0]
		}
		say = append(say, b.both(k, less(r.Value), ends[0], ends[1]))
	}
	return join(say)
}

func join(parts []template.HTML) (out template.HTML) {
	for i, p := range parts {
		if i > 0 {
			out += " "
		}
		out += p
	}
	return out
}

// event is the set's event in a family of words.
func (b *builder) event(family string) key {
	if _, ok := b.catalogue[family+"."+b.r.Set.Event]; ok {
		return key(family + "." + b.r.Set.Event)
	}
	return key(family + ".event")
}

func (b *builder) facts() []fact {
	s := &b.r.Set
	add := func(k string, v any) fact { return fact{b.both(k), b.plain(v)} }
	facts := []fact{
		add("set.layout", s.Layout), add("set.event", b.event("event")),
		add("set.patients", s.Patients), add("set.followed", s.Followed),
	}
	events := fact{b.both("set.events"), b.plain(s.Events)}
	if s.Prevalence.Known() {
		events.Value += " (" + b.plain(percent(s.Prevalence, 1)) + " %)"
	}
	facts = append(facts, events, add("set.days", figure(s.PatientDays, 0)), add("set.rows", int(s.Rows)))
	if s.LabelledRows > 0 {
		facts = append(facts, add("set.labelled", int(s.LabelledRows)),
			fact{b.both("set.positive"), b.plain(int(s.PositiveRows)) + " (" + b.plain(percent(s.RowShare, 2)) + " %)"})
	}
	if len(b.r.Policies) > 0 && b.r.Policies[0].LowerBound.Known() {
		facts = append(facts, fact{b.both("set.lower"), b.plain(percent(b.r.Policies[0].LowerBound, 1)) + " %"})
	}
	return facts
}

func (b *builder) lacks() template.HTML {
	return template.HTML(template.HTMLEscapeString(strings.Join(b.r.Set.Lacks, ", ")))
}

func (b *builder) skipped() template.HTML {
	if len(b.r.Set.Skipped) == 0 {
		return b.both("set.skipped.none")
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
		parts = append(parts, template.HTML(template.HTMLEscapeString(r))+" "+b.plain(int(b.r.Set.Skipped[r])))
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

func (b *builder) method() []template.HTML {
	m := &b.r.Method
	return []template.HTML{
		b.both("method.call"),
		b.both("method.staff", figure(m.Accept, 0), figure(m.Bedside, 0), figure(m.Quiet, 0)),
		b.both("method.crossing"), b.both("method.matched"), b.both("method.sens", m.PPVHorizon), b.both("method.lead"),
		b.both("method.rows", figure(m.LabelWindow, 0)), b.both("method.last"), b.both("method.values"),
		b.both("method.intervals", m.Resamples, int(m.Seed)),
	}
}
