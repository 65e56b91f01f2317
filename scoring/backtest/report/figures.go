package report

import (
	"cmp"
	"html/template"
	"math"
	"slices"

	"wardwatch/scoring/backtest"
	"wardwatch/scoring/backtest/stat"
)

// accuracyPlot sets calls against patients warned of.
func (b *builder) accuracyPlot() template.HTML {
	if b.r.Set.Events == 0 {
		return ""
	}
	a := axes{yMax: 1, yPercent: true, xMax: 0.1}
	var lines []series
	add := func(s series) {
		for _, p := range s.points {
			a.xMax = max(a.xMax, p.x)
		}
		lines = append(lines, s)
	}
	for i := range b.r.Policies {
		p := &b.r.Policies[i]
		own := series{name: name(p.Name), points: operating(p.Accuracy), line: true, marks: true}
		if i == 0 {
			own.labels = []string{"short.low_medium", "short.medium", "short.high"}
		}
		add(own)
		if !b.repeats(i) {
			add(series{name: b.crossingName(p), points: operating(p.Crossing), line: true, marks: true})
		}
	}
	sweep := series{name: b.both("accuracy.sweep", b.r.Policies[0].Name), line: true}
	for _, p := range b.r.Policies[0].Sweep {
		if x := (point{float64(p.PerDay), float64(p.Sensitivity)}); x.x <= 1.5*a.xMax {
			sweep.points = append(sweep.points, x)
		}
	}
	add(sweep)
	a.xMax *= 1.05
	return b.plot(b.both("accuracy.plot"), a, lines, math.NaN(), false)
}

func operating(of []backtest.Accuracy) (out []point) {
	for i := range of {
		out = append(out, point{float64(of[i].PerDay.Value), float64(of[i].Sensitivity.Value)})
	}
	return out
}

// leadPlot counts patients by how early the first call came; empty where no time is known.
func (b *builder) leadPlot() template.HTML {
	var out template.HTML
	for i := range b.r.Policies {
		p := &b.r.Policies[i]
		bins := p.Accuracy[0].LeadBins
		most := 0
		for _, l := range bins {
			most = max(most, l.Patients)
		}
		var rows []bar
		for _, l := range bins {
			label := b.plain(l.From) + "–" + b.plain(figure(l.To, 0)) + " h: "
			if !l.To.Known() {
				label = "≥ " + b.plain(l.From) + " h: "
			}
			rows = append(rows, bar{label + b.plain(l.Patients), []part{{float64(l.Patients) / float64(max(most, 1)), "b-count"}}})
		}
		if len(rows) > 0 {
			out += "<h3>" + name(p.Name) + "</h3>" + bars(rows)
		}
	}
	if out == "" {
		return ""
	}
	return template.HTML("<p>") + b.both("lead.plot") + "</p>" + out
}

// mostCurves is how many scores a plot can hold and still be read.
const mostCurves = 5

// scores are the tables of discrimination with the curves of the best few.
func (b *builder) scores() (out []discrimination) {
	for i := range b.r.Policies {
		p := &b.r.Policies[i]
		for _, on := range []string{backtest.OnRows, backtest.OnWorst, backtest.OnLast, backtest.OnDay} {
			var of []backtest.Score
			for _, s := range p.Scores {
				if s.On == on {
					of = append(of, s)
				}
			}
			if len(of) > 0 {
				out = append(out, b.discrimination(p, on, of))
			}
		}
	}
	return out
}

func (b *builder) discrimination(p *backtest.Policy, on string, of []backtest.Score) discrimination {
	slices.SortStableFunc(of, func(x, y backtest.Score) int {
		if live := cmp.Compare(rank(&x), rank(&y)); live != 0 {
			return live
		}
		return cmp.Compare(y.AUROC.Value, x.AUROC.Value)
	})
	d := discrimination{titled: titled{Title: name(p.Name) + ": " + b.both("score."+on)}}
	d.Table.Head = append(b.head("score.score", "score.n", "score.events", "score.prevalence", "score.lower"), "AUROC", "AUPRC")
	var roc, pr []series
	drawn := map[stat.Number]bool{} // a score that says the same as another would only hide it
	for i := range of {
		s := &of[i]
		d.Table.Rows = append(d.Table.Rows, []template.HTML{b.scoreName(s), b.plain(s.N), b.plain(s.Events), b.plain(percent(s.Prevalence, 2)),
			b.plain(percent(s.LowerBound, 0)), b.estimate(s.AUROC, 1, 3), b.estimate(s.AUPRC, 1, 3)})
		if len(roc) < mostCurves && !drawn[s.AUROC.Value] {
			drawn[s.AUROC.Value] = true
			r, q := b.curves(s)
			roc, pr = append(roc, r), append(pr, q)
		}
	}
	if on != backtest.OnLast {
		whole := axes{1, 1, true, true}
		d.ROC = b.plot(b.both("score.roc"), whole, roc, math.NaN(), true)
		d.PR = b.plot(b.both("score.pr"), axes{1, prTop(pr), true, true}, pr, float64(of[0].Prevalence), false)
	}
	return d
}

// rank puts the live score first.
func rank(s *backtest.Score) int {
	if s.Score == backtest.Live {
		return 0
	}
	return 1
}

func (b *builder) scoreName(s *backtest.Score) template.HTML {
	if s.Score == backtest.Live {
		return b.both("score.live")
	}
	return name(s.Score)
}

func (b *builder) curves(s *backtest.Score) (roc, pr series) {
	roc, pr = series{name: b.scoreName(s), line: true, points: []point{{0, 0}}}, series{name: b.scoreName(s), line: true}
	for _, c := range s.Curve {
		roc.points = append(roc.points, point{float64(c.FalseRate), float64(c.Sensitivity)})
		if c.Sensitivity >= 0.02 { // the precision of the first few positives jumps about
			pr.points = append(pr.points, point{float64(c.Sensitivity), float64(c.Precision)})
		}
	}
	return roc, pr
}

// prTop is the top of the precision axis: rare events need a finer one.
func prTop(lines []series) float64 {
	top := 0.0
	for _, l := range lines {
		for _, p := range l.points {
			top = max(top, p.y)
		}
	}
	for _, round := range []float64{0.05, 0.1, 0.2, 0.5} {
		if top <= round {
			return round
		}
	}
	return 1
}
