package trend

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// every10 are values at every ten minutes, the last at noon.
func every10(values ...float64) []Point {
	points := make([]Point, len(values))
	for i, v := range values {
		points[i] = Point{noon.Add(-time.Duration(len(values)-1-i) * 10 * time.Minute), v}
	}
	return points
}

// Six hours of points along a line, with scatter.
func scattered(seed uint64, n int, level, slope, sd float64) []Point {
	r := rand.New(rand.NewPCG(seed, 1))
	values := make([]float64, n)
	for i := range values {
		values[i] = level + slope*float64(i-n+1)/6 + sd*r.NormFloat64()
	}
	return every10(values...)
}

// What the library answers nonsense to, without an error.
func TestFitRefusesNonsense(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	same := every10(1, 2, 3, 4, 5, 6, 7)
	for i := range same {
		same[i].At = noon
	}
	for _, c := range []struct {
		name   string
		points []Point
		ok     bool
	}{
		{"nothing", nil, false},
		{"five points", every10(1, 2, 3, 4, 5), false},
		{"six points in 50 min", every10(1, 2, 3, 4, 5, 6), false},
		{"seven points in an hour", every10(1, 2, 3, 4, 5, 6, 7), true},
		{"all at one time", same, false},
		{"not numbers", every10(nan, nan, nan, nan, nan, nan, nan, nan), false},
		{"too few are numbers", every10(1, 2, nan, 4, inf, 6, -inf, 7), false},
		{"enough are numbers", every10(1, nan, 2, inf, 3, 4, -inf, 5, 6), true},
		{"beyond anything that is measured", every10(1e300, 2e300, 3e300, 4e300, 5e300, 6e300, 7e300), false},
		{"constant", every10(96, 96, 96, 96, 96, 96, 96), true},
		{"zero", every10(0, 0, 0, 0, 0, 0, 0), true},
		{"tiny", every10(1e-300, 2e-300, 3e-300, 4e-300, 5e-300, 6e-300, 7e-300), true},
		{"the least there is", every10(5e-324, 0, 5e-324, 0, 5e-324, 0, 5e-324), false},
		{"huge beside tiny", every10(1e6, 1e-300, -1e6, 1e-300, 1e6, 0, 1), true},
	} {
		line, ok := Fit(c.points)
		if ok != c.ok {
			t.Errorf("%s: %v %+v", c.name, ok, line)
		}
		sane(t, c.name, c.points, line, ok)
	}
	for _, same := range []float64{0, 96, 0.1, -1e6} {
		if line, _ := Fit(every10(same, same, same, same, same, same, same)); line.Slope != 0 || line.SE != 0 || far(line.Level, same) {
			t.Errorf("constant %v: %+v", same, line)
		}
	}
}

// sane is what holds of any fit of anything.
func sane(t interface {
	Errorf(string, ...any)
}, name string, points []Point, line Line, ok bool) {
	if !ok {
		if line != (Line{}) {
			t.Errorf("%s: refused, yet %+v", name, line)
		}
		return
	}
	low, high := line.Interval()
	for _, x := range []float64{line.Slope, line.SE, line.Level, line.SD, line.DF, low, high} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			t.Errorf("%s: not finite: %+v", name, line)
		}
	}
	least, most := math.Inf(1), math.Inf(-1)
	for _, p := range points {
		if math.Abs(p.Value) <= mostValue {
			least, most = min(least, p.Value), max(most, p.Value)
		}
	}
	const hair = 1e-6
	reach := most - least
	if line.SE < 0 || line.SD < 0 || line.DF < 1 || low > high ||
		line.SD > reach*1.5+hair || // the scatter is within what was measured
		line.Level < least-4*reach-hair || line.Level > most+4*reach+hair {
		t.Errorf("%s: nonsense: %+v", name, line)
	}
}

// The formulas of the textbook, in their plainest form.
func exactly(points []Point) (slope, se, level, sd float64) {
	n, newest := float64(len(points)), points[len(points)-1].At
	var mx, my float64
	for _, p := range points {
		mx += p.At.Sub(newest).Hours() / n
		my += p.Value / n
	}
	var sxx, sxy float64
	for _, p := range points {
		x := p.At.Sub(newest).Hours() - mx
		sxx += x * x
		sxy += x * (p.Value - my)
	}
	slope = sxy / sxx
	level = my - slope*mx
	var squares, products, before float64
	for _, p := range points {
		e := p.Value - level - slope*p.At.Sub(newest).Hours()
		squares += e * e
		products += e * before
		before = e
	}
	alike := products / squares
	alike = max(0, min(1, alike+(2+6*alike)/n))
	df := max(1, n*(1-alike)/(1+alike)-2)
	return slope, math.Sqrt(squares / df / sxx), level, math.Sqrt(squares / (n - 2))
}

func TestFitIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(7, mostPoints).Draw(t, "points")
		points := scattered(rapid.Uint64().Draw(t, "seed"), n,
			rapid.Float64Range(10, 200).Draw(t, "level"), rapid.Float64Range(-10, 10).Draw(t, "slope"), rapid.Float64Range(0.1, 10).Draw(t, "sd"))
		line, ok := Fit(points)
		slope, se, level, sd := exactly(points)
		if !ok || far(line.Slope, slope) || far(line.SE, se) || far(line.Level, level) || far(line.SD, sd) {
			t.Fatalf("%+v; want slope %v ± %v, level %v, sd %v", line, slope, se, level, sd)
		}
	})
}

func far(a, b float64) bool { return math.Abs(a-b) > 1e-9*max(1, math.Abs(a), math.Abs(b)) }

// Moving all values moves the line; stretching them stretches it; moving the clock changes nothing;
// nor does the order of the points.
func TestFitMovesWithItsPoints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := scattered(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(7, 80).Draw(t, "points"), 90, rapid.Float64Range(-5, 5).Draw(t, "slope"), 2)
		line, ok := Fit(points)
		shift, scale := rapid.Float64Range(-500, 500).Draw(t, "shift"), rapid.SampledFrom([]float64{-3, -1, 0.01, 2, 100}).Draw(t, "scale")
		later := time.Duration(rapid.IntRange(-1e6, 1e6).Draw(t, "later")) * time.Second
		moved := slices.Clone(points)
		for i := range moved {
			moved[i] = Point{moved[i].At.Add(later), moved[i].Value*scale + shift}
		}
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(moved), func(i, j int) { moved[i], moved[j] = moved[j], moved[i] })
		other, same := Fit(moved)
		if !ok || !same || far(other.Slope, line.Slope*scale) || far(other.SE, line.SE*math.Abs(scale)) || far(other.Level, line.Level*scale+shift) ||
			!other.At.Equal(line.At.Add(later)) || other.Span != line.Span || other.Points != line.Points {
			t.Fatalf("%+v\n%+v", line, other)
		}
	})
}

// The time of crossing and its interval are Fieller's: at both ends the line's own 95 % band is at
// the value, no more and no less.
func TestCrossingsAreWhereTheBandIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slope := rapid.Float64Range(0.5, 5).Draw(t, "slope")
		line, ok := Fit(scattered(rapid.Uint64().Draw(t, "seed"), 36, 90, slope, rapid.Float64Range(0.1, 2).Draw(t, "sd")))
		if low, _ := line.Interval(); !ok || low <= 0.01 {
			return
		}
		value := line.Level + rapid.Float64Range(0.1, 20).Draw(t, "ahead")
		about, early, late := line.crosses(value)
		if math.Abs(line.Level+line.Slope*about-value) > 1e-6 || !(early < about && about < late) {
			t.Fatalf("%v, %v–%v of %+v", about, early, late, line)
		}
		for _, hours := range []float64{early, late} {
			off := math.Abs(line.Level + line.Slope*hours - value)
			band := student(line.DF) * line.SE * math.Hypot(line.spread, hours-line.centre)
			if math.Abs(off-band) > 1e-6*max(1, off) {
				t.Fatalf("at %v h the line is off by %v, its band is %v", hours, off, band)
			}
		}
	})
}

// More than sixty points are averaged in runs; those on a line stay on it.
func TestFitOfManyPoints(t *testing.T) {
	var points []Point
	for i := range 6 * 3600 {
		at := noon.Add(-time.Duration(i) * time.Second)
		points = append(points, Point{at, 90 - 2*at.Sub(noon).Hours()})
	}
	line, ok := Fit(points)
	if !ok || far(line.Slope, -2) || far(line.Level, 90) || line.Points != len(points) || line.Span != 6*time.Hour-time.Second || line.n != mostPoints {
		t.Errorf("%+v", line)
	}
}

// Neighbours that are alike make a slope less certain.
func TestAlikeNeighboursWidenTheInterval(t *testing.T) {
	alternating := every10(95, 96, 95, 96, 95, 96, 95, 96, 95, 96, 95, 96)
	grouped := every10(95, 95, 96, 96, 96, 95, 95, 95, 96, 96, 96, 95)
	a, _ := Fit(alternating)
	b, _ := Fit(grouped)
	if a.DF != 10 || b.DF > 6 || b.SE < a.SE*1.3 {
		t.Errorf("%+v\n%+v", a, b)
	}
}

// Every eight bytes are a time, every eight more a value.
func FuzzFit(f *testing.F) {
	encode := func(points []Point) (raw []byte) {
		for _, p := range points {
			raw = binary.LittleEndian.AppendUint64(raw, uint64(p.At.Unix()))
			raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(p.Value))
		}
		return raw
	}
	f.Add(encode(every10(96, 95, 96, 94, 95, 93, 94, 92)))
	f.Add(encode(every10(1, 1, 1, 1, 1, 1, 1)))
	f.Add(encode(every10(math.NaN(), 1e308, -1e308, 5e-324, math.Inf(1), 0, 1, 2, 3)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var points []Point
		for ; len(raw) >= 16 && len(points) < 200; raw = raw[16:] {
			seconds := int64(binary.LittleEndian.Uint64(raw)) % (1 << 40)
			points = append(points, Point{time.Unix(seconds, 0), math.Float64frombits(binary.LittleEndian.Uint64(raw[8:]))})
		}
		line, ok := Fit(points)
		sane(t, "fuzz", points, line, ok)
		for _, p := range points {
			spoken(t, points, p.At)
		}
	})
}

func BenchmarkFit36(b *testing.B) {
	points := scattered(1, 36, 95, -0.5, 0.7)
	b.ReportAllocs()
	for b.Loop() {
		Fit(points)
	}
}
