package report

import (
	"cmp"
	"html/template"
	"math"
	"slices"

	"wardwatch/scoring/backtest"
	"wardwatch/scoring/backtest/report/page"
	"wardwatch/scoring/backtest/stat"
)

// accuracyPlot sets calls against patients warned of.
func (b *builder) accuracyPlot() template.HTML {
	if b.r.Set.Events == 0 {
		return ""
	}
	a := page.Axes{YMax: 1, YPercent: true, XMax: 0.1}
	var lines []page.Series
	add := func(s page.Series) {
		for _, p := range s.Points {
			a.XMax = max(a.XMax, p.X)
		}
		lines = append(lines, s)
	}
	for i := range b.r.Policies {
		p := &b.r.Policies[i]
		own := page.Series{Name: page.Name(p.Name), Points: operating(p.Accuracy), Line: true, Marks: true}
		if i == 0 {
			own.Labels = []string{"short.low_medium", "short.medium", "short.high"}
		}
		add(own)
		if !b.repeats(i) {
			add(page.Series{Name: b.crossingName(p), Points: operating(p.Crossing), Line: true, Marks: true})
		}
	}
	sweep := page.Series{Name: b.Both("accuracy.sweep", b.r.Policies[0].Name), Line: true}
	for _, p := range b.r.Policies[0].Sweep {
		if x := (page.Point{X: float64(p.PerDay), Y: float64(p.Sensitivity)}); x.X <= 1.5*a.XMax {
			sweep.Points = append(sweep.Points, x)
		}
	}
	add(sweep)
	a.XMax *= 1.05
	return b.Plot(b.Both("accuracy.plot"), a, lines, math.NaN(), false)
}

func operating(of []backtest.Accuracy) (out []page.Point) {
	for i := range of {
		out = append(out, page.Point{X: float64(of[i].PerDay.Value), Y: float64(of[i].Sensitivity.Value)})
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
			label := b.Plain(l.From) + "–" + b.Plain(page.Figure(l.To, 0)) + " h: "
			if !l.To.Known() {
				label = "≥ " + b.Plain(l.From) + " h: "
			}
			rows = append(rows, bar{label + b.Plain(l.Patients), []part{{float64(l.Patients) / float64(max(most, 1)), "b-count"}}})
		}
		if len(rows) > 0 {
			out += "<h3>" + page.Name(p.Name) + "</h3>" + bars(rows)
		}
	}
	if out == "" {
		return ""
	}
	return template.HTML("<p>") + b.Both("lead.plot") + "</p>" + out
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
	d := discrimination{titled: titled{Title: page.Name(p.Name) + ": " + b.Both("score."+on)}}
	d.Table.Head = append(b.Head("score.score", "score.n", "score.events", "score.prevalence", "score.lower"), "AUROC", "AUPRC")
	var roc, pr []page.Series
	drawn := map[stat.Number]bool{} // a score that says the same as another would only hide it
	for i := range of {
		s := &of[i]
		d.Table.Rows = append(d.Table.Rows, []template.HTML{b.scoreName(s), b.Plain(s.N), b.Plain(s.Events), b.Plain(page.Percent(s.Prevalence, 2)),
			b.Plain(page.Percent(s.LowerBound, 0)), b.Estimate(s.AUROC, 1, 3), b.Estimate(s.AUPRC, 1, 3)})
		if len(roc) < mostCurves && !drawn[s.AUROC.Value] {
			drawn[s.AUROC.Value] = true
			r, q := b.curves(s)
			roc, pr = append(roc, r), append(pr, q)
		}
	}
	if on != backtest.OnLast {
		whole := page.Axes{XMax: 1, YMax: 1, XPercent: true, YPercent: true}
		d.ROC = b.Plot(b.Both("score.roc"), whole, roc, math.NaN(), true)
		d.PR = b.Plot(b.Both("score.pr"), page.Axes{XMax: 1, YMax: page.RoundUp(page.Highest(pr)), XPercent: true, YPercent: true}, pr, float64(of[0].Prevalence), false)
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
		return b.Both("score.live")
	}
	return page.Name(s.Score)
}

func (b *builder) curves(s *backtest.Score) (roc, pr page.Series) {
	roc, pr = page.Series{Name: b.scoreName(s), Line: true, Points: []page.Point{{}}}, page.Series{Name: b.scoreName(s), Line: true}
	for _, c := range s.Curve {
		roc.Points = append(roc.Points, page.Point{X: float64(c.FalseRate), Y: float64(c.Sensitivity)})
		if c.Sensitivity >= 0.02 { // the precision of the first few positives jumps about
			pr.Points = append(pr.Points, page.Point{X: float64(c.Sensitivity), Y: float64(c.Precision)})
		}
	}
	return roc, pr
}
