package report

import (
	"html/template"
	"math"

	"wardwatch/scoring/backtest/report/page"
	"wardwatch/scoring/backtest/stat"
	"wardwatch/scoring/validate"
)

// curves are the ROC and precision-recall curves, beside each other.
func (b *builder) curves() (roc, pr template.HTML) {
	if len(b.r.Curves.Model) == 0 {
		return "", ""
	}
	var across, recall []page.Series
	add := func(name string, of []validate.CurvePoint) {
		if len(of) == 0 {
			return
		}
		x, y := page.Series{Name: b.Both(name), Line: true, Points: []page.Point{{}}}, page.Series{Name: b.Both(name), Line: true}
		for _, p := range of {
			x.Points = append(x.Points, page.Point{X: float64(p.FalseRate), Y: float64(p.Sensitivity)})
			if p.Sensitivity >= 0.02 { // the precision of the first few alerts jumps about
				y.Points = append(y.Points, page.Point{X: float64(p.Sensitivity), Y: float64(p.Precision)})
			}
		}
		across, recall = append(across, x), append(recall, y)
	}
	add("score.model", b.r.Curves.Model)
	add("score.news2.short", b.r.Curves.News2)
	add("score.logistic", b.r.Curves.Logistic)
	whole := page.Axes{XMax: 1, YMax: 1, XPercent: true, YPercent: true}
	roc = b.Plot(b.Both("score.roc"), whole, across, math.NaN(), true)
	whole.YMax = page.RoundUp(page.Highest(recall))
	return roc, b.Plot(b.Both("score.pr"), whole, recall, float64(b.r.Prevalence), false)
}

// calibrationPlot sets the tenths and the smooth curve against the diagonal.
func (b *builder) calibrationPlot() template.HTML {
	tenths := page.Series{Name: b.Both("calibration.deciles"), Marks: true}
	most := 0.0
	for _, d := range b.r.CalibrationCurve.Deciles {
		p := page.Point{X: float64(d.Predicted), Y: float64(d.Observed.Value)}
		spread := page.Spread{Low: p.Y, High: p.Y}
		if d.Observed.Low.Known() && d.Observed.High.Known() {
			spread = page.Spread{Low: float64(d.Observed.Low), High: float64(d.Observed.High)}
		}
		tenths.Points, tenths.Spread = append(tenths.Points, p), append(tenths.Spread, spread)
		most = max(most, p.X, spread.High)
	}
	line := page.Series{Name: b.Both("calibration.smooth"), Line: true}
	top := page.RoundUp(most)
	for _, p := range b.r.CalibrationCurve.Smooth {
		if float64(p.Predicted) <= top && float64(p.Observed) <= top {
			line.Points = append(line.Points, page.Point{X: float64(p.Predicted), Y: float64(p.Observed)})
		}
	}
	return b.Plot(b.Both("calibration.plot"), page.Axes{XMax: top, YMax: top, XPercent: true, YPercent: true}, []page.Series{tenths, line}, math.NaN(), true)
}

// perThousand rows is how net benefit is shown.
const perThousand = 1000

// decisionPlot shows net benefits as far down as a fifth of the best: further down lies only harm.
func (b *builder) decisionPlot() template.HTML {
	model, news2, all := page.Series{Name: b.Both("score.model"), Line: true}, page.Series{Name: b.Both("score.news2_5"), Line: true}, page.Series{Name: b.Both("decision.all"), Line: true}
	a := page.Axes{XPercent: true}
	for _, d := range b.r.Decision {
		x := float64(d.Threshold)
		a.XMax = x
		for _, s := range []struct {
			of *page.Series
			y  stat.Number
		}{{&model, d.Model.Value}, {&news2, d.News2.Value}, {&all, d.All}} {
			s.of.Points = append(s.of.Points, page.Point{X: x, Y: perThousand * float64(s.y)})
		}
	}
	lines := []page.Series{model, news2, all}
	best := page.Highest(lines)
	if best <= 0 {
		return ""
	}
	a.YMax = 1.05 * best
	a.YMin = -a.YMax / 5
	for i := range lines {
		lines[i].Points = above(lines[i].Points, a.YMin)
	}
	return b.Plot(b.Both("decision.plot"), a, lines, 0, false)
}

// above cuts a falling line where it leaves the plot.
func above(points []page.Point, least float64) []page.Point {
	for i, p := range points {
		if p.Y >= least {
			continue
		}
		if i == 0 {
			return nil
		}
		before := points[i-1]
		part := (before.Y - least) / (before.Y - p.Y)
		return append(points[:i:i], page.Point{X: before.X + part*(p.X-before.X), Y: least})
	}
	return points
}
