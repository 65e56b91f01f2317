package validate

import "math"

// line is a logistic regression on log-odds: NaN where it has no end, as when a threshold parts the
// rows with the event from the others, or when all predictions are alike.
type line struct{ intercept, slope float64 }

func noLine() line { return line{math.NaN(), math.NaN()} }

// How long Newton's method is followed, and the change that ends it.
const (
	fitSteps = 60
	fitEnd   = 1e-10
)

// fit is the line that makes the groups likeliest, by Newton's method.
func fit(points []grouped) line {
	n, pos, mean := 0.0, 0.0, 0.0
	for i := range points {
		w := points[i].pos + points[i].neg
		n += w
		pos += points[i].pos
		mean += w * points[i].x
	}
	if pos == 0 || pos == n {
		return noLine()
	}
	mean /= n
	// About the mean the two are nearly independent, and from a flat line the way is safe.
	at := line{math.Log(pos / (n - pos)), 0}
	likely := likelihood(points, at, mean)
	for range fitSteps {
		step, ok := newton(points, at, mean)
		if !ok {
			return noLine()
		}
		next := line{at.intercept + step.intercept, at.slope + step.slope}
		l := likelihood(points, next, mean)
		for half := 0; l < likely && half < 30 && !step.small(); half++ {
			step.intercept, step.slope = step.intercept/2, step.slope/2
			next = line{at.intercept + step.intercept, at.slope + step.slope}
			l = likelihood(points, next, mean)
		}
		at, likely = next, l
		if step.small() {
			return line{at.intercept - at.slope*mean, at.slope}
		}
	}
	return noLine()
}

func (l line) small() bool { return math.Abs(l.intercept) < fitEnd && math.Abs(l.slope) < fitEnd }

// newton is one step towards the likeliest line; not ok where the way is lost.
func newton(points []grouped, at line, mean float64) (step line, ok bool) {
	var ga, gb, haa, hab, hbb float64
	for i := range points {
		x, w := points[i].x-mean, points[i].pos+points[i].neg
		p := sigmoid(at.intercept + at.slope*x)
		g, h := points[i].pos-w*p, w*p*(1-p)
		ga += g
		gb += g * x
		haa += h
		hab += h * x
		hbb += h * x * x
	}
	det := haa*hbb - hab*hab
	if !(det > 1e-12*haa*hbb) || haa < 1e-9 {
		return line{}, false
	}
	return line{(hbb*ga - hab*gb) / det, (haa*gb - hab*ga) / det}, true
}

func likelihood(points []grouped, at line, mean float64) (sum float64) {
	for i := range points {
		z := at.intercept + at.slope*(points[i].x-mean)
		// log p = −log(1+e^−z), written so that nothing overflows.
		soft := math.Log1p(math.Exp(-math.Abs(z)))
		sum -= points[i].pos*(soft+max(-z, 0)) + points[i].neg*(soft+max(z, 0))
	}
	return sum
}

// inTheLarge is the intercept with the slope held at 1. NaN without rows of both kinds.
func inTheLarge(points []grouped) float64 {
	pos, neg := 0.0, 0.0
	for i := range points {
		pos += points[i].pos
		neg += points[i].neg
	}
	if pos == 0 || neg == 0 {
		return math.NaN()
	}
	// The expected events rise with the intercept, so halving the range cannot miss.
	low, high := -60., 60.
	for high-low > fitEnd {
		middle := (low + high) / 2
		expected := 0.0
		for i := range points {
			expected += (points[i].pos + points[i].neg) * sigmoid(points[i].x+middle)
		}
		if expected < pos {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}
