package trend

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

// Ten-minute means of a nurse's chart, the last at noon, and what may be said of them.
func TestWhatMayBeSaid(t *testing.T) {
	falling := []float64{97, 96.8, 97, 96.5, 96.3, 96.4, 96, 95.7, 95.9, 95.4, 95.3, 95, 94.8, 94.9, 94.4, 94.3, 94.1, 93.9}
	for _, c := range []struct {
		name   string
		vital  ward.Vital
		values []float64
		age    time.Duration // of the newest
		rules  Rules
		means  ward.TrendMeans
		limit  float64
		reach  string // in whole half hours; "" none
	}{
		{"SpO2 falls 1.2 %/h from 94, 91 is ahead", ward.SpO2, falling, 0, Default(), ward.TrendFalling, 91, "2h30m0s"},
		{"the same ten minutes later", ward.SpO2, falling, 10 * time.Minute, Default(), ward.TrendFalling, 91, "2h30m0s"},
		{"the newest is 20 min old", ward.SpO2, falling, 20 * time.Minute, Default(), ward.TrendFalling, 91, "2h30m0s"},
		{"the newest is older", ward.SpO2, falling, 21 * time.Minute, Default(), ward.TrendUnknown, 0, ""},
		{"on scale 2, 83 is ahead", ward.SpO2, falling, 0, Default().Scale2(), ward.TrendFalling, 83, "9h30m0s"},
		{"the person's own limit", ward.SpO2, falling, 0, Default().With(ward.Limit{Vital: ward.SpO2, Low: 88}), ward.TrendFalling, 88, "5h30m0s"},
		{"the person's own limit is passed", ward.SpO2, falling, 0, Default().With(ward.Limit{Vital: ward.SpO2, Low: 95}), ward.TrendFalling, 0, ""},
		{"a blip over a limit that the line has passed", ward.SpO2, append(ramp(17, 94, 90.9), 92), 0, Default(), ward.TrendFalling, 0, ""},
		{"a blip under a limit that the line has not passed", ward.SpO2, append(ramp(17, 97, 93), 90), 0, Default(), ward.TrendFalling, 0, ""},
		{"it rises, where no limit is", ward.SpO2, mirror(falling, 188), 0, Default(), ward.TrendRising, 0, ""},
		{"only five", ward.SpO2, falling[:5], 0, Default(), ward.TrendUnknown, 0, ""},
		{"less than an hour", ward.SpO2, falling[:6], 0, Default(), ward.TrendUnknown, 0, ""},
		{"a clear fall that does not matter", ward.SpO2, stretch(falling, 0.4), 0, Default(), ward.TrendSteady, 0, ""},
		{"no clear direction", ward.SpO2, []float64{97, 93, 96, 94, 97, 92, 96, 93, 95, 96}, 0, Default(), ward.TrendSteady, 0, ""},
		{"constant", ward.SpO2, []float64{95, 95, 95, 95, 95, 95, 95, 95}, 0, Default(), ward.TrendSteady, 0, ""},
		{"RR rises 2/h from 20, 25 is ahead", ward.RR, ramp(18, 14, 20), 0, Default(), ward.TrendRising, 25, "2h30m0s"},
		{"RR at its limit", ward.RR, ramp(18, 19, 25), 0, Default(), ward.TrendRising, 0, ""},
		{"RR falls, 8 is ahead", ward.RR, ramp(18, 18, 12), 0, Default(), ward.TrendFalling, 8, "2h0m0s"},
		{"HR rises 10/h from 100, 131 is ahead", ward.HR, ramp(18, 70, 100), 0, Default(), ward.TrendRising, 131, "3h0m0s"},
		{"HR rises 5/h from 70: over 12 h away", ward.HR, ramp(25, 50, 70), 0, Default(), ward.TrendRising, 0, ""},
		{"SBP falls 10/h from 105, 90 is ahead", ward.SBP, ramp(18, 135, 105), 0, Default(), ward.TrendFalling, 90, "1h30m0s"},
		{"nothing is said of temperature", ward.Temp, ramp(18, 36, 40), 0, Default(), ward.TrendUnknown, 0, ""},
		{"no such vital", ward.NumVitals, ramp(18, 36, 40), 0, Default(), ward.TrendUnknown, 0, ""},
	} {
		points := every10(c.values...)
		at := noon.Add(c.age)
		got := Of(c.vital, points, at, c.rules)
		reach := ""
		if got.Reach != 0 {
			reach = got.Reach.Round(30 * time.Minute).String()
		}
		if got.Means != c.means || got.Limit != c.limit || reach != c.reach {
			t.Errorf("%s: %+v", c.name, got)
		}
		spoken(t, points, at)
	}
}

func ramp(n int, from, to float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = from + (to-from)*float64(i)/float64(n-1)
	}
	return out
}

func mirror(values []float64, around float64) (out []float64) {
	for _, v := range values {
		out = append(out, around-v)
	}
	return out
}

// stretch takes the change of values to a share of it.
func stretch(values []float64, share float64) (out []float64) {
	for _, v := range values {
		out = append(out, values[0]+(v-values[0])*share)
	}
	return out
}

// A range says how sure the reach is; far out it has no end.
func TestTheRange(t *testing.T) {
	clear := Of(ward.SpO2, scattered(3, 36, 94, -0.6, 0.1), noon, Default())
	rough := Of(ward.SpO2, scattered(3, 36, 94, -0.6, 0.6), noon, Default())
	if clear.Reach == 0 || rough.Reach == 0 || clear.Late-clear.Early > rough.Late-rough.Early {
		t.Errorf("less scatter, wider range:\n%+v\n%+v", clear, rough)
	}
	open := Of(ward.SpO2, scattered(7, 36, 93.5, -0.5, 1.9), noon, Default())
	if open.Reach == 0 || open.Early >= open.Reach || open.Late != 0 {
		t.Errorf("a slope that is nearly none has no latest time: %+v", open)
	}
	// Values that repeat to the last digit are no more certain than a device shows them.
	bare := Of(ward.SpO2, every10(ramp(12, 96.2, 94)...), noon, Default())
	if bare.SE == 0 || bare.Early >= bare.Reach || bare.Late <= bare.Reach {
		t.Errorf("a bare extrapolation: %+v", bare)
	}
}

func TestATimeToComeIsNeverPast(t *testing.T) {
	for _, hours := range []float64{-1e300, -1.25e9, -0.1, 0, 0.001} {
		if got := ahead(hours); got != time.Minute {
			t.Errorf("%v h: %v", hours, got)
		}
	}
}

// Points to come, and those older than the window, say nothing.
func TestOnlyTheWindowCounts(t *testing.T) {
	points := scattered(5, 30, 94, -0.6, 0.2)
	want := Of(ward.SpO2, points, noon, Default())
	more := append([]Point{{noon.Add(time.Minute), 50}, {noon.Add(-6*time.Hour - time.Second), 50}}, points...)
	if got := Of(ward.SpO2, more, noon, Default()); got != want || got.Means != ward.TrendFalling {
		t.Errorf("%+v\n%+v", got, want)
	}
}

// spoken is what holds of anything that is ever said of a trend.
func spoken(t interface {
	Errorf(string, ...any)
}, points []Point, at time.Time) {
	rules := Default()
	for v := range ward.NumVitals {
		got := Of(v, points, at, rules)
		r := &rules.Vitals[v]
		for _, x := range []float64{got.Slope, got.SE, got.Limit} {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				t.Errorf("%s: not finite: %+v", v, got)
			}
		}
		said := got.Means == ward.TrendRising || got.Means == ward.TrendFalling
		switch {
		case got.Vital != v,
			said && (at.Sub(got.At) > rules.Fresh || got.At.After(at) || got.Points < leastPoints || got.Span < leastSpan),
			said && math.Abs(got.Slope)*got.Span.Hours() < r.Matters,
			got.Means == ward.TrendRising && got.Slope <= 0, got.Means == ward.TrendFalling && got.Slope >= 0,
			!said && (got.Limit != 0 || got.Reach != 0 || got.Early != 0 || got.Late != 0),
			(got.Limit == 0) != (got.Reach == 0), (got.Reach == 0) != (got.Early == 0),
			got.Reach != 0 && (got.Early > got.Reach || got.Late != 0 && got.Late < got.Reach || got.Reach > rules.Reach || got.Late > rules.Latest),
			got.Limit != 0 && got.Means == ward.TrendRising && got.Limit != r.High,
			got.Limit != 0 && got.Means == ward.TrendFalling && got.Limit != r.Low:
			t.Errorf("%s at %s: nonsense: %+v", v, at, got)
		}
	}
}

func TestNothingNonsensicalIsEverSaid(t *testing.T) {
	number := rapid.OneOf(rapid.Float64(), rapid.Float64Range(0, 250), rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, 96, 1e308, 5e-324}))
	rapid.Check(t, func(t *rapid.T) {
		points := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Point {
			return Point{noon.Add(-time.Duration(rapid.IntRange(-30, 420).Draw(t, "minutes ago")) * time.Minute), number.Draw(t, "value")}
		}), 0, 100).Draw(t, "points")
		line, ok := Fit(points)
		sane(t, "any", points, line, ok)
		spoken(t, points, noon)
	})
}

// neighbours is scatter around a level in which each value remembers the one before.
func neighbours(r *rand.Rand, n int, level, slope, sd, memory float64) []Point {
	values, e := make([]float64, n), r.NormFloat64()*sd
	for i := range values {
		values[i] = level + slope*float64(i-n+1)/6 + e
		e = memory*e + math.Sqrt(1-memory*memory)*sd*r.NormFloat64()
	}
	return every10(values...)
}

// Where nothing is happening a direction is seldom seen; where a steady fall is, its time lies in
// the range it is given. Ten-minute means over six hours.
func TestHowOftenItIsRight(t *testing.T) {
	const people = 400
	for _, c := range []struct {
		memory     float64
		mostAlarms float64 // share of steady people said to be going somewhere
		leastRight float64 // share of ranges that hold the true time
	}{
		{0, 0.05, 0.93},
		{0.5, 0.08, 0.90},
		{0.8, 0.13, 0.80},
	} {
		r := rand.New(rand.NewPCG(7, 7))
		rules := Default()
		rules.Vitals[ward.SpO2].Matters = 1e-9 // so that only certainty decides
		alarms, said, right := 0, 0, 0
		for range people {
			if m := Of(ward.SpO2, neighbours(r, 36, 95, 0, 1, c.memory), noon, rules).Means; m != ward.TrendSteady {
				alarms++
			}
			got := Of(ward.SpO2, neighbours(r, 36, 94, -0.8, 0.7, c.memory), noon, Default())
			if got.Reach == 0 {
				continue
			}
			said++
			truth := time.Duration(3 / 0.8 * float64(time.Hour))
			if got.Early <= truth && (got.Late == 0 || truth <= got.Late) {
				right++
			}
		}
		share, holds := float64(alarms)/people, float64(right)/float64(said)
		t.Logf("memory %v: steady people said to move %.3f; of %d ranges %.3f hold the true time", c.memory, share, said, holds)
		if share > c.mostAlarms || holds < c.leastRight || said < people/2 {
			t.Errorf("memory %v: %.3f (at most %.2f) and %.3f (at least %.2f) of %d", c.memory, share, c.mostAlarms, holds, c.leastRight, said)
		}
	}
}
