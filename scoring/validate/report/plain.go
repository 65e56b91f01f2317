package report

import (
	"html/template"
	"maps"
	"slices"

	"wardwatch/scoring/backtest/report/page"
	"wardwatch/scoring/backtest/stat"
	"wardwatch/scoring/validate"
)

// sentences say what the model is and is worth, for a reader who reads nothing else. What it is and
// where it was trained comes first.
func (b *builder) sentences() []template.HTML {
	r := b.r
	what := []template.HTML{b.Both("plain.what."+string(r.Task), page.Strong(r.Model.ID))}
	if r.Model.Foreign {
		what = append(what, b.Both("plain.foreign"))
	} else {
		what = append(what, b.Both("plain.trained", r.Model.N, r.Model.Patients))
	}
	out := []template.HTML{page.Join(what)}
	if r.Events == 0 {
		return append(out, b.Both("plain.noevents"))
	}
	if r.Set.Training {
		return append(out, b.Both("plain.training"))
	}
	out = append(out, page.Join(b.better()))
	out = append(out, page.Join(b.alerts()))
	return append(out, page.Join(b.trust()))
}

// better says how the model compares with what it must beat.
func (b *builder) better() []template.HTML {
	r := b.r
	say := []template.HTML{b.Both("plain.auroc", page.Percent(r.AUROC, 0), page.Percent(r.Intervals.AUROC.Low, 0), page.Percent(r.Intervals.AUROC.High, 0),
		page.Percent(r.Reference.News2.AUROC, 0))}
	doubts := b.doubts("score.news2.short", &r.Differences.News2)
	if r.Differences.Logistic != nil {
		doubts = append(doubts, b.doubts("score.logistic", r.Differences.Logistic)...)
	}
	switch {
	case len(doubts) > 0:
		return append(say, doubts...)
	case r.Differences.Logistic == nil:
		return append(say, b.Both("plain.onlynews2"))
	}
	return append(say, b.Both("plain.beats"))
}

// doubts says when the model is not better than a reference, or perhaps not, by either measure.
func (b *builder) doubts(name page.Key, d *validate.Difference) []template.HTML {
	switch {
	case !(d.AUROC.Value > 0) || !(d.AUPRC.Value > 0):
		return []template.HTML{b.Both("plain.worse", name)}
	case !(d.AUROC.Low > 0) || !(d.AUPRC.Low > 0):
		return []template.HTML{b.Both("plain.unsure", name)}
	}
	return nil
}

// alerts says what alerting by the model does.
func (b *builder) alerts() (say []template.HTML) {
	r := b.r
	if r.AlertsRatio.Known() {
		say = append(say, b.often(r.AlertsRatio, r.Intervals.AlertsRatio))
	}
	a := &r.Alerting
	say = append(say, b.Both("plain.alerts", page.Percent(a.Threshold, 1), page.Figure(a.PerDay.Value, 1), page.Percent(a.SensitivityPatients.Value, 0), page.Percent(a.PPV.Value, 0)))
	if a.Lead.Median.Known() {
		say = append(say, b.Both("plain.lead", page.Figure(a.Lead.Median, 0)))
	}
	return say
}

// often compares the model's alerts with those of NEWS2 at the same sensitivity.
func (b *builder) often(ratio stat.Number, i validate.Interval) template.HTML {
	switch {
	case i.High < 1:
		return b.Both("plain.fewer", page.Percent(1-ratio, 0), page.Percent(1-i.High, 0), page.Percent(1-i.Low, 0))
	case i.Low > 1:
		return b.Both("plain.more", page.Percent(ratio-1, 0), page.Percent(i.Low-1, 0), page.Percent(i.High-1, 0))
	}
	return b.Both("plain.same", page.Figure(ratio, 2), page.Figure(i.Low, 2), page.Figure(i.High, 2))
}

// trust says how far the figure can be taken at its word, and how often there is none.
func (b *builder) trust() []template.HTML {
	r := b.r
	oe := r.Intervals.ObservedExpected
	say := []template.HTML{b.Both("plain.calibration", page.Percent(r.Calibration.ObservedExpected, 0), page.Percent(oe.Low, 0), page.Percent(oe.High, 0))}
	if r.Withheld.Rows > 0 {
		say = append(say, b.Both("plain.withheld", page.Percent(r.Withheld.Share, 1)))
	}
	return say
}

func (b *builder) facts() []page.Fact {
	r := b.r
	fact := func(k string, v any) page.Fact { return page.Fact{Name: b.Both(k), Value: b.Plain(v)} }
	events := fact("set.events", r.Events)
	events.Value += " (" + b.Plain(page.Percent(r.Prevalence, 2)) + " %)"
	threshold := fact("set.threshold", page.Percent(r.Model.Threshold, 1))
	threshold.Value += " %"
	return []page.Fact{
		fact("set.model", r.Model.ID), fact("set.version", r.Model.Version), fact("set.trained", r.Model.TrainedAt), threshold,
		fact("set.layout", r.Set.Layout), fact("set.read", r.Set.Rows), fact("set.n", r.N), events,
		fact("set.patients", r.Patients), fact("set.eventpatients", r.EventPatients),
	}
}

func (b *builder) skipped() (out template.HTML) {
	for i, reason := range slices.Sorted(maps.Keys(b.r.Set.Skipped)) {
		if i > 0 {
			out += ", "
		}
		out += page.Name(reason) + " " + b.Plain(int(b.r.Set.Skipped[reason]))
	}
	if out == "" {
		return b.Both("set.skipped.none")
	}
	return out
}

func (b *builder) masked() template.HTML {
	x := b.r.Masked
	if x == nil {
		return ""
	}
	return b.Both("masked.text", x.Known, x.Rows, x.People, page.Percent(x.Alerted.Value, 1), page.Percent(x.Alerted.Low, 1), page.Percent(x.Alerted.High, 1),
		page.Percent(x.Others.Value, 1))
}

func (b *builder) method() []template.HTML {
	m := &b.r.Method
	return []template.HTML{
		b.Both("method.label." + string(b.r.Task)), b.Both("method.news2"), b.Both("method.alert"), b.Both("method.ratio"), b.Both("method.matched"),
		b.Both("method.smooth"), b.Both("method.intervals", m.Resamples, int(m.Seed)),
	}
}
