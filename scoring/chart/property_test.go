package chart

import (
	"fmt"
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

// anySet draws a set within the limits of each input, with any of them unknown, on a coarse grid so that
// limits are hit often.
func anySet(t *rapid.T) Set {
	var s Set
	for i := range NumInputs {
		if rapid.Bool().Draw(t, "unknown "+i.String()) {
			continue
		}
		s.Put(i, anyNumber(t, i))
	}
	s.Scale2 = rapid.Bool().Draw(t, "scale2")
	return s
}

func anyNumber(t *rapid.T, i Input) float64 {
	low, high, _ := i.Limits()
	if i.Codes() != nil {
		return float64(rapid.IntRange(0, int(high)).Draw(t, i.String()))
	}
	switch i {
	case Temp:
		low, high = 33, 42
	case SpO2:
		low = 80
	case RR:
		high = 80
	case HR, SBP:
		low, high = 30, 240
	case Age:
		high = 240
	}
	x := rapid.Float64Range(low, high).Draw(t, i.String())
	return max(low, 0.1, min(high, math.Round(x*10)/10)) // a 0 that something is divided by has its own test
}

// Dropping any input leaves a lower bound that is true, and never makes a person look better than what
// is certain: a band is never low while anything is missing.
func TestDroppingAnInputNeverReassures(t *testing.T) {
	lib := embedded(t)
	rapid.Check(t, func(t *rapid.T) {
		c, _ := lib.Find(rapid.SampledFrom(lib.IDs()).Draw(t, "chart"))
		s := anySet(t)
		whole := c.Score(&s)
		in := Input(rapid.IntRange(0, int(NumInputs)-1).Draw(t, "drop"))
		less := s
		less.Drop(in)
		r := c.Score(&less)
		if r.LowerBound > whole.LowerBound && !c.valued {
			t.Fatalf("%s without %s: the lower bound rose from %d to %d", c.ID(), in, whole.LowerBound, r.LowerBound)
		}
		if !r.Complete && r.Band == ward.Low {
			t.Fatalf("%s without %s: low, but incomplete: %+v", c.ID(), in, r)
		}
		if !c.valued && r.Band != ward.Unknown && r.Band > whole.Band {
			t.Fatalf("%s without %s: the band rose from %v to %v", c.ID(), in, whole.Band, r.Band)
		}
		if s.Known == less.Known && r != whole {
			t.Fatalf("%s: the same set gave two results", c.ID())
		}
		if c.Reads()&(1<<in) == 0 && r != whole {
			t.Fatalf("%s says it does not read %s, but its result changed", c.ID(), in)
		}
	})
}

// A complete result is the same whatever is added to inputs that the chart does not read, and its parts
// add up.
func TestPartsAddUp(t *testing.T) {
	lib := embedded(t)
	rapid.Check(t, func(t *rapid.T) {
		c, _ := lib.Find(rapid.SampledFrom(lib.IDs()).Draw(t, "chart"))
		s := anySet(t)
		r := c.Score(&s)
		sum := 0
		for _, p := range r.Points {
			sum += p
		}
		if sum != r.LowerBound || int(r.Known)>>len(c.Parts()) != 0 {
			t.Fatalf("%s: %+v does not add up", c.ID(), r)
		}
		if (len(c.Missing(&s, r)) == 0) != r.Complete {
			t.Fatalf("%s: complete %v, but missing is %v", c.ID(), r.Complete, c.Missing(&s, r))
		}
		for _, in := range c.Missing(&s, r) {
			if s.Has(in) || c.Reads()&(1<<in) == 0 {
				t.Fatalf("%s asks for %s, which is known or not read", c.ID(), in)
			}
		}
	})
}

// What the result asks for completes it.
func TestGivingWhatIsMissingCompletes(t *testing.T) {
	lib := embedded(t)
	rapid.Check(t, func(t *rapid.T) {
		c, _ := lib.Find(rapid.SampledFrom(lib.IDs()).Draw(t, "chart"))
		s := anySet(t)
		if s.Has(Age) {
			s.Number[Age] = math.Mod(s.Number[Age], 192)
		}
		for range int(NumInputs) {
			missing := c.Missing(&s, c.Score(&s))
			if len(missing) == 0 {
				return
			}
			x := anyNumber(t, missing[0])
			if missing[0] == Age {
				x = math.Mod(x, 192)
			}
			s.Put(missing[0], x)
		}
		t.Fatalf("%s still asks for %v", c.ID(), c.Missing(&s, c.Score(&s)))
	})
}

// Bands are of rounded values: half up, to the printed precision, on whichever side of a half binary
// falls.
func TestRoundingIsHalfUp(t *testing.T) {
	for _, id := range []string{"news2", "mews-subbe-2001"} {
		c := find(t, id)
		points := func(in Input, number float64) int {
			var s Set
			s.Put(in, number)
			return c.Score(&s).LowerBound
		}
		for _, in := range []Input{RR, SpO2, SBP, HR} {
			for n := 1.0; n < 230; n++ {
				if points(in, n+0.4999) != points(in, n) || points(in, n-0.5) != points(in, n) {
					t.Errorf("%s: %s around %g is not rounded half up", id, in, n)
				}
			}
		}
		for tenths := 330; tenths < 420; tenths++ {
			n := float64(tenths) / 10
			half, err := strconv.ParseFloat(fmt.Sprintf("%.1f5", n), 64)
			if err != nil {
				t.Fatal(err)
			}
			worked := half * 9 / 5 * 5 / 9 // through Fahrenheit and back: 39.05 comes out a hair below
			if points(Temp, half-0.0001) != points(Temp, n) || points(Temp, half) != points(Temp, n+0.1) || points(Temp, worked) != points(Temp, n+0.1) {
				t.Errorf("%s: a temperature of %g is not rounded half up", id, half)
			}
		}
	}
}

func TestScoreDoesNotAllocate(t *testing.T) {
	lib := embedded(t)
	s := given(t, "age_months=40 rr=30 spo2=93 o2_device=hfnc o2=yes o2_flow=40 fio2=0.5 hfnc_hours=4 resp_distress=mild hr=120 sbp=95 dbp=50 cap_refill=2 consciousness=A temp=38 pao2=80 ventilated=no gcs=15 wbc=9")
	for _, id := range lib.IDs() {
		c, _ := lib.Find(id)
		if n := testing.AllocsPerRun(100, func() { c.Score(&s) }); n != 0 {
			t.Errorf("%s allocates %g times a score", id, n)
		}
	}
}
