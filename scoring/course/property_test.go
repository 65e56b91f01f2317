package course

import (
	"bytes"
	"encoding/gob"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

// sample is one value at a second of some days.
type sample struct {
	input  int
	number float64
	second int64
}

const dayOne = 495_888 * hourS // a midnight

// life draws values of a stay: mostly minutes apart, now and then hours or days.
func life(t *rapid.T, n int) []sample {
	var out []sample
	second := int64(dayOne)
	for range rapid.IntRange(0, n).Draw(t, "n") {
		longest := rapid.SampledFrom([]int64{60, 3600, 10 * hourS, 40 * hourS}).Draw(t, "gap up to")
		second += rapid.Int64Range(0, longest).Draw(t, "gap")
		out = append(out, sample{
			rapid.IntRange(0, numInputs-1).Draw(t, "input"),
			float64(rapid.IntRange(1, 300_000).Draw(t, "thousandths")) / 1000,
			second,
		})
	}
	return out
}

func (c *Course) takeAll(samples []sample) {
	for _, s := range samples {
		c.Take(inputs[s.input], s.number, s.second*1000)
	}
}

func planOf(t testing.TB, names []string) *Plan {
	t.Helper()
	plan, err := Default().Compile(names)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func fill(plan *Plan, c *Course, hour int64) []float32 {
	out := make([]float32, plan.Len())
	plan.Fill(c, Who{nan, nan}, time.Unix(hour*hourS, 0), out)
	return out
}

func same(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return x == y || x != x && y != y })
}

// plainly is a feature told the slow way, from all values of all hours.
func plainly(samples []sample, name string, hour int64) float64 {
	words := strings.Split(name, ".")
	of := Default().signals[words[0]]
	slot := func(input int8, h int64) float64 {
		sum, n := 0., 0.
		for _, s := range samples {
			if int8(s.input) == input && s.second/hourS == h {
				sum, n = sum+math.Round(s.number*1000), n+1
			}
		}
		return math.Floor(sum/n+0.5) / 1000 // 0/0 when there is none
	}
	back := int64(24)
	if last := words[len(words)-1]; last == nameAll {
		back = hour - dayOne/hourS + 1
	} else if len(last) == 1 {
		back = int64(last[0] - '0')
	}
	var x, at []float64
	for h := max(hour-back+1, dayOne/hourS); h <= hour; h++ {
		a, b := slot(of.a, h), nan
		if of.b != none {
			b = slot(of.b, h)
		}
		if y := of.from(a, b); y == y {
			x, at = append(x, y), append(at, float64(h))
		}
	}
	return plainStatistic(words[1], x, at)
}

func plainStatistic(of string, x, at []float64) float64 {
	least := map[string]int{"sd": 2, "slope": 3}[of]
	if len(x) < max(least, 1) {
		return nan
	}
	mean := func(x []float64) (m float64) {
		for _, y := range x {
			m += y / float64(len(x))
		}
		return m
	}
	squares := func(x, y []float64) (sum float64) {
		for i := range x {
			sum += (x[i] - mean(x)) * (y[i] - mean(y))
		}
		return sum
	}
	switch of {
	case "last":
		return x[len(x)-1]
	case "mean":
		return mean(x)
	case "min":
		return slices.Min(x)
	case "max":
		return slices.Max(x)
	case "sd":
		return math.Sqrt(squares(x, x) / float64(len(x)-1))
	case "slope":
		return squares(x, at) / squares(at, at)
	}
	n := 0.
	for _, y := range x {
		if of == "over" && y >= 90 || of == "under" && y <= 90 {
			n++
		}
	}
	return n / float64(len(x))
}

// A course gives what all values of all hours give, at the newest moment and for days after it.
func TestFeaturesEqualThePlainWay(t *testing.T) {
	var names []string
	for _, signal := range []string{"hr", "rr", "sf", "shock_index", "pulse_pressure"} {
		for _, rest := range []string{".last.6", ".mean.3", ".min.24", ".max.24", ".sd.24", ".slope.24", ".slope.6", ".over.90.24", ".under.90.6", ".mean.all", ".min.all", ".max.all", ".sd.all"} {
			names = append(names, signal+rest)
		}
	}
	plan := planOf(t, names)
	rapid.Check(t, func(t *rapid.T) {
		samples := life(t, 80)
		if len(samples) == 0 {
			return
		}
		late := rapid.IntRange(0, len(samples)).Draw(t, "late from")
		until := samples[len(samples)-1].second / hourS
		var c Course
		var kept []sample // what is late by more than the look-back is ignored
		for _, s := range append(slices.Clone(samples[late:]), samples[:late]...) {
			if head := int64(c.Step / perHour); head-s.second/hourS < hours {
				kept = append(kept, s)
			}
			c.takeAll([]sample{s})
		}
		hour := until + rapid.Int64Range(0, 30).Draw(t, "hours after")
		for i, got := range fill(plan, &c, hour) {
			want := plainly(kept, names[i], hour)
			if math.IsNaN(want) != math.IsNaN(float64(got)) || math.Abs(float64(got)-want) > 2e-6*math.Max(1, math.Abs(want)) {
				t.Errorf("%s: %v, the plain way %v", names[i], got, want)
			}
		}
	})
}

// The order in which the values of an hour come is of no account.
func TestOrderWithinAnHour(t *testing.T) {
	plan := planOf(t, manyFeatures())
	rapid.Check(t, func(t *rapid.T) {
		var before, one, other Course
		before.takeAll(life(t, 20))
		one, other = before, before
		begin := int64(max(before.Step/perHour, dayOne/hourS)) + 1
		var values []sample
		for range rapid.IntRange(1, 40).Draw(t, "values") {
			values = append(values, sample{
				rapid.IntRange(0, numInputs-1).Draw(t, "input"), float64(rapid.IntRange(1, 300_000).Draw(t, "thousandths")) / 1000,
				begin*hourS + rapid.Int64Range(0, hourS-1).Draw(t, "second"),
			})
		}
		one.takeAll(values)
		other.takeAll(rapid.Permutation(values).Draw(t, "shuffled"))
		if !same(fill(plan, &one, begin), fill(plan, &other, begin)) {
			t.Error("the order within an hour changed a feature")
		}
		for _, signal := range []string{"hr", "sf", "shock_index"} {
			at := time.Unix((begin+1)*hourS, 0)
			_, a, _ := Default().Newest(&one, signal, at)
			if _, b, _ := Default().Newest(&other, signal, at); a != b {
				t.Errorf("the order within an hour changed the age of %s: %v and %v", signal, a, b)
			}
		}
	})
}

// What comes after a moment changes nothing that is told of it, as far as the course still reaches
// back to it; where it does not, nothing is told.
func TestTheFutureChangesNothing(t *testing.T) {
	names := manyFeatures()
	plan := planOf(t, names)
	rapid.Check(t, func(t *rapid.T) {
		var c Course
		past := life(t, 30)
		c.takeAll(past)
		if len(past) == 0 {
			return
		}
		moment := int64(c.Step / perHour)
		was := fill(plan, &c, moment)
		for _, s := range life(t, 10) {
			s.second = (moment+1)*hourS + s.second - dayOne
			c.takeAll([]sample{s})
		}
		gone := int64(c.Step/perHour) - moment
		for i, x := range fill(plan, &c, moment) {
			p, err := parsePart(0, strings.Split(names[i], ".")[1:])
			whole := err == nil && (p.hours == 0 && gone < hours || p.hours != 0 && int64(p.hours)+gone <= hours)
			switch {
			case whole && !equal(x, float64(was[i])):
				t.Errorf("%s of hour %d became %v from %v by what came later", names[i], moment, x, was[i])
			case gone >= hours && x == x:
				t.Errorf("%s is %v of a moment that is no longer known", names[i], x)
			}
		}
	})
}

// A checkpoint keeps a course as it is.
func TestCheckpoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c, back Course
		c.takeAll(life(t, 60))
		c.TakeLab(&ward.Lab{Name: "ph", Number: 7.31, At: time.Unix(dayOne, 0)})
		var b bytes.Buffer
		if err := gob.NewEncoder(&b).Encode(&c); err != nil {
			t.Fatal(err)
		}
		if err := gob.NewDecoder(&b).Decode(&back); err != nil {
			t.Fatal(err)
		}
		if c != back {
			t.Error("a course came back from a checkpoint as another")
		}
	})
}

// Filling writes to nothing but its output, so that courses can be read side by side.
func TestFillReadsOnly(t *testing.T) {
	plan := planOf(t, manyFeatures())
	rapid.Check(t, func(t *rapid.T) {
		var c Course
		c.takeAll(life(t, 60))
		was := c
		fill(plan, &c, rapid.Int64Range(dayOne/hourS-30, dayOne/hourS+100).Draw(t, "hour"))
		if c != was {
			t.Error("filling changed the course")
		}
	})
}
