package report

import (
	"html/template"
	"strings"

	"wardwatch/scoring/backtest/report/page"
	"wardwatch/scoring/backtest/stat"
	"wardwatch/scoring/validate"
)

func estimate(v stat.Number, i validate.Interval) stat.Estimate {
	return stat.Estimate{Value: v, Low: i.Low, High: i.High}
}

// scores sets the model beside what it must beat.
func (b *builder) scores(h *validate.Headline) page.Table {
	t := page.Table{Head: append(b.Head("score.score"), "AUROC", "AUPRC")}
	t.Head = append(t.Head, b.Head("score.lessauroc", "score.lessauprc")...)
	iv := &h.Intervals
	t.Rows = append(t.Rows, []template.HTML{b.Both("score.model"), b.Estimate(estimate(h.AUROC, iv.AUROC), 1, 3), b.Estimate(estimate(h.AUPRC, iv.AUPRC), 1, 3), "", ""})
	beside := func(name string, auroc, auprc stat.Estimate, less *validate.Difference) {
		t.Rows = append(t.Rows, []template.HTML{b.Both(name), b.Estimate(auroc, 1, 3), b.Estimate(auprc, 1, 3), b.Estimate(less.AUROC, 1, 3), b.Estimate(less.AUPRC, 1, 3)})
	}
	news2 := &h.Reference.News2
	beside("score.news2", estimate(news2.AUROC, iv.News2AUROC), estimate(news2.AUPRC, iv.News2AUPRC), &h.Differences.News2)
	if l := h.Reference.Logistic; l != nil {
		beside("score.logistic", estimate(l.AUROC, *iv.LogisticAUROC), estimate(l.AUPRC, *iv.LogisticAUPRC), h.Differences.Logistic)
	}
	return t
}

func (b *builder) unscored() template.HTML {
	if n := b.r.Reference.News2.Unscored; n > 0 {
		return b.Both("score.unscored", n)
	}
	return ""
}

// everySensitivity is how far apart the rows of the curves' table stand.
const everySensitivity = 0.05

// points is the table of the ROC and precision-recall curves.
func (b *builder) points() page.Table {
	t := page.Table{Head: b.Head("score.score", "score.threshold", "measure.sensrows", "measure.false", "measure.ppv")}
	add := func(name string, decimals int, of []validate.CurvePoint) {
		next := stat.Number(everySensitivity)
		for i, p := range of {
			if p.Sensitivity < next && i < len(of)-1 {
				continue
			}
			next = p.Sensitivity + everySensitivity
			t.Rows = append(t.Rows, []template.HTML{b.Both(name), b.Plain(page.Figure(p.Threshold, decimals)),
				b.Plain(page.Percent(p.Sensitivity, 1)), b.Plain(page.Percent(p.FalseRate, 1)), b.Plain(page.Percent(p.Precision, 1))})
		}
	}
	add("score.model", 4, b.r.Curves.Model)
	add("score.news2.short", 0, b.r.Curves.News2)
	add("score.logistic", 4, b.r.Curves.Logistic)
	return t
}

func (b *builder) calibration() page.Table {
	c, iv := &b.r.Calibration, &b.r.Intervals
	t := page.Table{Head: b.Head("calibration.measure", "calibration.value", "calibration.ideal")}
	for _, row := range []struct {
		key      string
		of       stat.Estimate
		decimals int
		ideal    template.HTML
	}{
		{"calibration.slope", estimate(c.Slope, iv.Slope), 2, "1"},
		{"calibration.intercept", estimate(c.Intercept, iv.Intercept), 2, "0"},
		{"calibration.large", estimate(c.InTheLarge, iv.InTheLarge), 2, "0"},
		{"calibration.oe", estimate(c.ObservedExpected, iv.ObservedExpected), 2, "1"},
		{"calibration.brier", estimate(b.r.Brier, iv.Brier), 4, b.Both("calibration.smaller")},
		{"calibration.scaled", estimate(b.r.ScaledBrier, iv.ScaledBrier), 3, "1"},
	} {
		t.Rows = append(t.Rows, []template.HTML{b.Both(row.key), b.Estimate(row.of, 1, row.decimals), row.ideal})
	}
	return t
}

func (b *builder) deciles() page.Table {
	t := page.Table{Head: b.Head("calibration.decile", "group.n", "set.events", "calibration.predicted", "calibration.observed", "calibration.wilson")}
	for i := range b.r.CalibrationCurve.Deciles {
		d := &b.r.CalibrationCurve.Deciles[i]
		t.Rows = append(t.Rows, []template.HTML{b.Plain(i + 1), b.Plain(d.N), b.Plain(d.Events), b.Plain(page.Percent(d.Predicted, 2)),
			b.Estimate(d.Observed, 100, 2), b.Plain(page.Percent(d.Wilson.Low, 2)) + "–" + b.Plain(page.Percent(d.Wilson.High, 2))})
	}
	return t
}

func (b *builder) smooth() page.Table {
	t := page.Table{Head: b.Head("calibration.predicted", "calibration.observed")}
	for _, p := range b.r.CalibrationCurve.Smooth {
		t.Rows = append(t.Rows, []template.HTML{b.Plain(page.Percent(p.Predicted, 2)), b.Plain(page.Percent(p.Observed, 2))})
	}
	return t
}

func (b *builder) alerting() page.Table {
	t := page.Table{Head: b.Head("alerting.way", "measure.perday", "measure.senspatients", "measure.sensrows", "measure.spec", "measure.ppv", "measure.lead", "measure.leadday")}
	add := func(way template.HTML, a *validate.Alerting) {
		t.Rows = append(t.Rows, []template.HTML{way, b.Estimate(a.PerDay, 1, 2), b.Estimate(a.SensitivityPatients, 100, 1), b.Estimate(a.SensitivityRows, 100, 1),
			b.Estimate(a.Specificity, 100, 1), b.Estimate(a.PPV, 100, 1), b.quartiles(&a.Lead), b.quartiles(&a.LeadDay)})
	}
	add(b.Both("alerting.model", page.Percent(b.r.Alerting.Threshold, 1)), &b.r.Alerting)
	if shown := b.r.Withheld.Alerting; shown != nil {
		add(b.Both("alerting.shown"), shown)
	}
	add(b.Both("score.news2_5"), &b.r.News2Alerting)
	return t
}

func (b *builder) quartiles(q *stat.Quartiles) template.HTML {
	if q.N == 0 {
		return "–"
	}
	return b.Estimate(stat.Estimate{Value: q.Median, Low: q.Lower, High: q.Upper}, 1, 0)
}

func (b *builder) ratio() template.HTML {
	if !b.r.AlertsRatio.Known() {
		return ""
	}
	return b.Both("alerting.ratio", page.Figure(b.r.AlertsRatio, 2))
}

func (b *builder) matched() page.Table {
	t := page.Table{Head: b.Head("matched.at", "score.score", "measure.senspatients", "measure.sensrows")}
	for i := range b.r.Matched {
		m := &b.r.Matched[i]
		at := b.Plain(page.Figure(m.PerDay, 1))
		if m.At == validate.AtNews2 {
			at = b.Plain(page.Figure(m.PerDay, 2)) + " (" + b.Both("matched.news2") + ")"
		}
		add := func(name string, s *validate.Sensitivities) {
			t.Rows = append(t.Rows, []template.HTML{at, b.Both(name), b.Estimate(s.Patients, 100, 1), b.Estimate(s.Rows, 100, 1)})
			at = ""
		}
		add("score.model", &m.Model)
		add("score.news2.short", &m.News2)
		if m.Logistic != nil {
			add("score.logistic", m.Logistic)
		}
	}
	return t
}

func (b *builder) decision() page.Table {
	t := page.Table{Head: b.Head("decision.threshold", "score.model", "score.news2_5", "decision.all", "decision.better")}
	for i := range b.r.Decision {
		d := &b.r.Decision[i]
		t.Rows = append(t.Rows, []template.HTML{b.Plain(page.Percent(d.Threshold, 2)), b.Estimate(d.Model, perThousand, 2), b.Estimate(d.News2, perThousand, 2),
			b.Plain(page.Figure(perThousand*d.All, 2)), b.Estimate(d.Better, perThousand, 2)})
	}
	return t
}

func (b *builder) groups() page.Table {
	t := page.Table{Head: append(b.Head("group.group", "group.n", "set.events", "set.patients", "set.eventpatients"), "AUROC", "AUPRC")}
	t.Head = append(t.Head, b.Head("group.slope", "group.oe", "measure.senspatients", "measure.ppv", "measure.perday")...)
	for i := range b.r.Groups {
		g := &b.r.Groups[i]
		t.Rows = append(t.Rows, []template.HTML{b.groupName(g), b.Plain(g.N), b.Plain(g.Events), b.Plain(g.Patients), b.Plain(g.EventPatients),
			b.Estimate(g.AUROC, 1, 3), b.Estimate(g.AUPRC, 1, 3), b.Estimate(g.Slope, 1, 2), b.Estimate(g.ObservedExpected, 1, 2),
			b.Estimate(g.Sensitivity, 100, 1), b.Estimate(g.PPV, 100, 1), b.Estimate(g.PerDay, 1, 2)})
	}
	return t
}

func (b *builder) groupName(g *validate.Group) template.HTML {
	switch {
	case g.Name == validate.UnknownGroup:
		return b.Both("group." + g.By + ".unknown")
	case g.By == validate.ByAge:
		return b.Both("group.age", strings.ReplaceAll(g.Name, "-", "–"))
	}
	return b.Word("group", g.Name)
}

func (b *builder) withheld() page.Table {
	t := page.Table{Head: b.Head("withheld.reason", "group.n", "set.events")}
	for _, w := range b.r.Withheld.Reasons {
		t.Rows = append(t.Rows, []template.HTML{b.Word("reason", string(w.Reason)), b.Plain(w.Rows), b.Plain(w.Events)})
	}
	return t
}
