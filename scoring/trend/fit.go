package trend

import (
	"math"
	"slices"
	"time"

	"github.com/sajari/regression"
)

// Point is one value at one moment.
type Point struct {
	At    time.Time
	Value float64
}

// Bounds of a fit.
const (
	leastPoints = 6
	leastSpan   = time.Hour
	mostPoints  = 60  // the library's memory grows with the square of the points
	mostValue   = 1e6 // nothing measured at a bedside is beyond it
	flat        = 1e-12
)

// Line is the least-squares line through points. Its numbers are always finite.
type Line struct {
	At     time.Time     // the newest point
	Points int           // that were used
	Span   time.Duration // from the oldest to the newest point
	Slope  float64       // in the values' unit an hour
	SE     float64       // standard error of Slope, widened where neighbours are alike
	Level  float64       // of the line at At
	SD     float64       // of the values around the line
	DF     float64       // degrees of freedom that SE rests on; at least 1

	newest       float64 // value at At
	centre, mean float64 // the point that the line turns around: hours from At, value
	spread       float64 // standard deviation of the times, hours
	n            float64 // points after averaging
	alike        float64 // how much neighbours share, 0–1
}

// Fit draws the line by ordinary least squares. Points that are not finite or beyond anything that is
// measured are left out; their order does not matter, and more than 60 are averaged in runs. ok is
// false when fewer than 6 are left, they span less than an hour, or no line can be trusted.
func Fit(points []Point) (Line, bool) {
	points = usable(points)
	if len(points) < leastPoints {
		return Line{}, false
	}
	newest := points[len(points)-1]
	line := Line{At: newest.At, Points: len(points), Span: newest.At.Sub(points[0].At), newest: newest.Value}
	if line.Span < leastSpan {
		return Line{}, false
	}
	hours, values := columns(points, newest.At)
	if len(hours) > mostPoints {
		hours, values = thin(hours), thin(values)
	}
	x, y := standard(hours), standard(values)
	line.centre, line.mean, line.spread = x.mean, y.mean, x.sd
	if x.sd == 0 {
		return Line{}, false
	}
	n := float64(len(hours))
	slope, ok := 0.0, true
	if y.sd > flat*y.most {
		slope, ok = solve(x.of, y.of)
	} else {
		y.sd = 0
	}
	if !ok {
		return Line{}, false
	}
	alike, squares := residuals(x.of, y.of, slope)
	line.n, line.alike, line.DF = n, alike, freedom(n, alike)
	line.Slope = slope * y.sd / x.sd
	line.Level = y.mean - line.Slope*x.mean
	line.SD = y.sd * math.Sqrt(squares/(n-2))
	line.SE = y.sd * math.Sqrt(squares/line.DF/n) / x.sd
	if !line.finite() {
		return Line{}, false
	}
	return line, true
}

// rounded is the line through values that a device has rounded: scatter of this standard deviation
// comes on top, which no neighbour shares. So what falls between two whole numbers never makes a
// slope certain.
func (l Line) rounded(sd float64) Line {
	own, all := l.SD*l.SD, l.SD*l.SD+sd*sd
	if all == 0 {
		return l
	}
	l.alike *= own / all
	l.DF = freedom(l.n, l.alike)
	l.SD = math.Sqrt(all)
	l.SE = math.Sqrt(all*(l.n-2)/l.DF/l.n) / l.spread
	return l
}

// Interval holds the slope with 95 % confidence.
func (l Line) Interval() (low, high float64) {
	half := student(l.DF) * l.SE
	return l.Slope - half, l.Slope + half
}

// crosses is when the line is at a value, in hours from At, with the 95 % interval of that time
// (Fieller EC, J R Stat Soc B 1954;16:175): both the slope and the height of the line are uncertain.
// The slope's own interval must not hold 0, and the value must lie ahead of the points' middle.
func (l Line) crosses(value float64) (about, early, late float64) {
	rise, wide := value-l.mean, student(l.DF)*l.SE
	sure := (l.Slope - wide) * (l.Slope + wide)
	half := wide * math.Sqrt(rise*rise+l.spread*l.spread*sure)
	far := rise*l.Slope + half
	near := (rise - wide*l.spread) * (rise + wide*l.spread) / far // both ends' product, so that nothing cancels out
	return l.centre + rise/l.Slope, l.centre + near, l.centre + far/sure
}

func (l Line) finite() bool {
	for _, x := range [...]float64{l.Slope, l.SE, l.Level, l.SD} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return false
		}
	}
	return true
}

// usable are the points that can be measured values, oldest first.
func usable(points []Point) []Point {
	kept := make([]Point, 0, len(points))
	for _, p := range points {
		if math.Abs(p.Value) <= mostValue { // false for NaN
			kept = append(kept, p)
		}
	}
	slices.SortFunc(kept, func(a, b Point) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		switch { // so that the result does not depend on the order of equal times
		case a.Value < b.Value:
			return -1
		case a.Value > b.Value:
			return 1
		}
		return 0
	})
	return kept
}

// columns are the times in hours from the newest, and the values.
func columns(points []Point, newest time.Time) (hours, values []float64) {
	hours, values = make([]float64, len(points)), make([]float64, len(points))
	for i, p := range points {
		hours[i], values[i] = p.At.Sub(newest).Hours(), p.Value
	}
	return hours, values
}

// thin averages runs of neighbours until few enough are left. What lies on a line stays on it.
func thin(all []float64) []float64 {
	run := (len(all) + mostPoints - 1) / mostPoints
	var out []float64
	for part := range slices.Chunk(all, run) {
		out = append(out, mean(part))
	}
	return out
}

// standardised is a column with its mean taken off, in standard deviations. The library loses
// itself in large offsets and unequal scales.
type standardised struct {
	of       []float64
	mean, sd float64
	most     float64 // greatest absolute value before
}

func standard(all []float64) standardised {
	s := standardised{of: make([]float64, len(all)), mean: mean(all)}
	far := 0.0
	for _, x := range all {
		s.most = max(s.most, math.Abs(x))
		far = max(far, math.Abs(x-s.mean))
	}
	if far == 0 {
		return s
	}
	squares := 0.0
	for i, x := range all {
		s.of[i] = (x - s.mean) / far // first by the farthest, so that no square underflows
		squares += s.of[i] * s.of[i]
	}
	sd := math.Sqrt(squares / float64(len(all)))
	for i := range s.of {
		s.of[i] /= sd
	}
	s.sd = far * sd
	return s
}

func mean(all []float64) float64 {
	sum := 0.0
	for _, x := range all {
		sum += x
	}
	return sum / float64(len(all))
}

// solve is the slope of standardised columns, which is their correlation: what is beyond ±1 is
// no answer.
func solve(x, y []float64) (slope float64, ok bool) {
	const hair = 1e-9
	var r regression.Regression
	for i := range x {
		r.Train(regression.DataPoint(y[i], []float64{x[i]}))
	}
	if err := r.Run(); err != nil {
		return 0, false
	}
	slope = r.Coeff(1)
	return max(-1, min(1, slope)), math.Abs(slope) <= 1+hair && math.Abs(r.Coeff(0)) <= hair
}

// residuals are the sum of squares around the line, and how alike neighbours are there (lag-1
// autocorrelation, 0–1; less than none counts as none). The line itself takes likeness out of a short
// series; what is put back here is ours, found by simulation (see TestHowOftenItIsRight).
func residuals(x, y []float64, slope float64) (alike, squares float64) {
	products, before := 0.0, 0.0
	for i := range x {
		e := y[i] - slope*x[i]
		squares += e * e
		products += e * before
		before = e
	}
	if squares == 0 {
		return 0, 0
	}
	alike = products / squares
	alike += (2 + 6*alike) / float64(len(x))
	return max(0, min(1, alike)), squares
}

// freedom are the degrees of freedom that are left when neighbours are alike: n(1−ρ)/(1+ρ) of the n
// points count (Santer BD et al., J Geophys Res 2000;105:7337), less two. At least 1, where
// nothing is certain of a slope any more.
func freedom(n, alike float64) float64 { return max(1, n*(1-alike)/(1+alike)-2) }

// student is the 97.5th centile of Student's t. Between two whole degrees of freedom, and past 30,
// it is that of the lower: wider, never narrower.
func student(df float64) float64 {
	t := [...]float64{
		12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
		2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
		2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
	}
	return t[min(int(df), len(t))-1]
}
