package validate

import (
	"cmp"
	"math"
	"slices"

	"wardwatch/scoring/backtest/stat"
)

// The smooth curve: how many points, between which shares of the rows, and the share of the events
// that bears on a point. The share is ours.
const (
	smoothPoints = 41
	smoothFrom   = 0.01
	smoothTo     = 0.999
	smoothSpan   = 0.25
)

// smooth is a local logistic regression of the event on the predicted log-odds (Loader, Local Regression
// and Likelihood, 1999), weighed by the tricube. Events, and not rows, set its width, as they are
// what is scarce. It has no bias where the model is calibrated. The points stand in order.
func smooth(points []grouped) []SmoothPoint {
	out := []SmoothPoint{}
	lowest, highest := atShare(points, smoothFrom), atShare(points, smoothTo)
	var local []grouped
	for k := range smoothPoints {
		x := lowest + (highest-lowest)*float64(k)/(smoothPoints-1)
		local = around(points, x, local[:0])
		l := fit(local)
		if observed := stat.Number(sigmoid(l.intercept + l.slope*x)); observed.Known() {
			out = append(out, SmoothPoint{stat.Number(sigmoid(x)), observed})
		}
	}
	return out
}

// atShare is the log-odds under which that share of the rows lies.
func atShare(points []grouped, share float64) float64 {
	n := 0.0
	for _, p := range points {
		n += p.pos + p.neg
	}
	below := 0.0
	for _, p := range points {
		below += p.pos + p.neg
		if below >= share*n {
			return p.x
		}
	}
	return math.NaN()
}

// around appends the points near x, weighed by how near.
func around(points []grouped, x float64, to []grouped) []grouped {
	width := widthAround(points, x)
	for _, p := range points {
		u := math.Abs(p.x-x) / width
		if u < 1 {
			w := 1 - u*u*u
			w *= w * w
			to = append(to, grouped{p.x, w * p.pos, w * p.neg})
		}
	}
	return to
}

// widthAround is how far from x the smoothSpan nearest events reach.
func widthAround(points []grouped, x float64) float64 {
	near := slices.Clone(points)
	slices.SortFunc(near, func(a, b grouped) int { return cmp.Compare(math.Abs(a.x-x), math.Abs(b.x-x)) })
	events := 0.0
	for _, p := range near {
		events += p.pos
	}
	within := 0.0
	for _, p := range near {
		within += p.pos
		if within >= smoothSpan*events {
			return math.Abs(p.x-x) + 1./binsPerLogit // so that the last one still weighs something
		}
	}
	return 0
}
