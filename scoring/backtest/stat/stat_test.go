package stat

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func bootstrap(t testing.TB, patients, resamples int, seed uint64, workers int, statistics ...Statistic) [][]Estimate {
	t.Helper()
	found, err := Bootstrap(t.Context(), patients, resamples, seed, workers, statistics)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.IsNaN(got) != math.IsNaN(want) || math.Abs(got-want) > 1e-9 {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// Worked by hand: scores 0 0 1 2 without the event, 1 2 2 with it.
// Pairs won: 1 beats 0,0 and ties 1 → 2.5 of 4; each 2 beats 0,0,1 and ties 2 → 3.5 of 4.
// AUROC = (2.5+3.5+3.5)/12. Thresholds: ≥2: 2 of 3 found, precision 2/3; ≥1: 3 of 3, 3/5.
// AUPRC = 2/3·2/3 + 1/3·3/5.
func TestByHand(t *testing.T) {
	c := Counts{Pos: []float64{0, 1, 2}, Neg: []float64{2, 1, 1}}
	near(t, "AUROC", c.AUROC(), 9.5/12)
	near(t, "AUPRC", c.AUPRC(), 2./3*2/3+1./3*3/5)
	cuts := c.Cuts()
	want := []Cut{{2, 2. / 3, 1. / 4, 2. / 3}, {1, 1, 2. / 4, 3. / 5}, {0, 1, 1, 3. / 7}}
	if !slices.Equal(cuts, want) {
		t.Errorf("cuts are %v, want %v", cuts, want)
	}
}

func TestNothingToTell(t *testing.T) {
	for _, c := range []Counts{{Pos: []float64{0, 0}, Neg: []float64{3, 1}}, {Pos: []float64{3, 1}, Neg: []float64{0, 0}}, NewCounts(3)} {
		near(t, "AUROC", c.AUROC(), math.NaN())
		near(t, "AUPRC", c.AUPRC(), math.NaN())
		if c.Cuts() != nil {
			t.Error("a curve was drawn from nothing")
		}
	}
}

func countsOf(t *rapid.T) Counts {
	n := rapid.IntRange(1, 8).Draw(t, "bins")
	some := rapid.SliceOfN(rapid.IntRange(0, 6), n, n)
	c := NewCounts(n)
	for i, v := range some.Draw(t, "pos") {
		c.Pos[i] = float64(v)
	}
	for i, v := range some.Draw(t, "neg") {
		c.Neg[i] = float64(v)
	}
	return c
}

// Every pair of rows is compared, and every threshold tried, one by one.
func TestAgainstBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := countsOf(t)
		pos, neg := c.Totals()
		if pos == 0 || neg == 0 {
			return
		}
		won := 0.0
		for i, p := range c.Pos {
			for j, n := range c.Neg {
				switch {
				case i > j:
					won += p * n
				case i == j:
					won += p * n / 2
				}
			}
		}
		if got := c.AUROC(); math.Abs(got-won/(pos*neg)) > 1e-12 {
			t.Fatalf("AUROC is %v, want %v", got, won/(pos*neg))
		}
		sum, before := 0.0, 0.0
		for k := len(c.Pos) - 1; k >= 0; k-- {
			tp, all := 0.0, 0.0
			for i := k; i < len(c.Pos); i++ {
				tp += c.Pos[i]
				all += c.Pos[i] + c.Neg[i]
			}
			if all == 0 {
				continue
			}
			sum += (tp/pos - before) * tp / all
			before = tp / pos
		}
		if got := c.AUPRC(); math.Abs(got-sum) > 1e-12 {
			t.Fatalf("AUPRC is %v, want %v", got, sum)
		}
		area, x, y := 0.0, 0.0, 0.0
		for _, cut := range c.Cuts() {
			area += (cut.FalseRate - x) * (cut.Sensitivity + y) / 2
			x, y = cut.FalseRate, cut.Sensitivity
		}
		if math.Abs(area-c.AUROC()) > 1e-12 {
			t.Fatalf("the ROC curve's area is %v, AUROC %v", area, c.AUROC())
		}
	})
}

// The scores of a patient drawn twice count twice, those of a patient not drawn not at all.
func TestClusters(t *testing.T) {
	c := NewClusters(3)
	c.Add(Cell{0, 0, 2}, Cell{2, 1, 0})
	c.Add()
	c.Add(Cell{1, 3, 1})
	sum := NewCounts(3)
	c.sum([]uint8{2, 1, 0}, &sum)
	if !slices.Equal(sum.Pos, []float64{0, 0, 2}) || !slices.Equal(sum.Neg, []float64{4, 0, 0}) {
		t.Errorf("got %v", sum)
	}
	all := c.Counts()
	if !slices.Equal(all.Pos, []float64{0, 3, 1}) || !slices.Equal(all.Neg, []float64{2, 1, 0}) {
		t.Errorf("got %v", all)
	}
}

// Rows of one patient that all say the same carry one patient's weight: the interval must be as
// wide as if each had one row, and not shrink with the number of rows.
func TestIntervalsRespectPatients(t *testing.T) {
	width := func(rows uint32) float64 {
		c := NewClusters(4)
		for i := range 60 {
			pos, neg := uint32(0), rows
			if i%3 == 0 {
				pos, neg = rows, 0
			}
			c.Add(Cell{uint16(i * 7 % 4), pos, neg})
		}
		e := bootstrap(t, 60, 400, 1, 2, c.Discrimination())[0][0]
		return float64(e.High - e.Low)
	}
	near(t, "the width with 50 rows a patient", width(50), width(1))
	if width(1) < 0.1 {
		t.Error("the interval of 60 patients is too narrow to be believed")
	}
}

// The bootstrap of a mean must agree with the textbook: mean ± 1.96 standard errors.
func TestBootstrapOfAMean(t *testing.T) {
	const n = 400
	over, under := make([]float64, n), make([]float64, n)
	sum, squares := 0.0, 0.0
	for i := range over {
		over[i], under[i] = float64(i*37%10), 1
		sum += over[i]
		squares += over[i] * over[i]
	}
	mean := sum / n
	half := 1.959964 * math.Sqrt((squares/n-mean*mean)/n)
	e := bootstrap(t, n, 4000, 7, 2, Ratio(over, under))[0][0]
	near(t, "the mean", float64(e.Value), mean)
	if math.Abs(float64(e.Low)-(mean-half)) > half/10 || math.Abs(float64(e.High)-(mean+half)) > half/10 {
		t.Errorf("interval %v to %v, textbook %v to %v", e.Low, e.High, mean-half, mean+half)
	}
}

func TestTheSameForAnyNumberOfWorkers(t *testing.T) {
	over, under := []float64{1, 0, 4, 2, 2}, []float64{1, 2, 1, 1, 3}
	one := bootstrap(t, 5, 130, 3, 1, Ratio(over, under), Ratio(under, over))
	four := bootstrap(t, 5, 130, 3, 4, Ratio(over, under), Ratio(under, over))
	for i := range one {
		if !slices.Equal(one[i], four[i]) {
			t.Errorf("one worker says %v, four say %v", one[i], four[i])
		}
	}
}

func TestBootstrapOfNobody(t *testing.T) {
	e := bootstrap(t, 0, 100, 1, 2, Ratio(nil, nil))[0][0]
	if e.Value.Known() || e.Low.Known() {
		t.Errorf("nobody has a figure: %v", e)
	}
}

func TestBootstrapStops(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Bootstrap(ctx, 5, 100, 1, 2, []Statistic{Ratio([]float64{1, 2, 3, 4, 5}, []float64{1, 1, 1, 1, 1})}); !errors.Is(err, context.Canceled) {
		t.Errorf("it went on: %v", err)
	}
}

func TestQuartiles(t *testing.T) {
	for _, c := range []struct {
		values               []float64
		lower, median, upper float64
	}{
		{nil, math.NaN(), math.NaN(), math.NaN()},
		{[]float64{3}, 3, 3, 3},
		{[]float64{4, 1, 3, 2}, 1.75, 2.5, 3.25},
		{[]float64{1, 2, 3, 4, 5}, 2, 3, 4},
	} {
		q := QuartilesOf(c.values)
		near(t, "the lower quartile", float64(q.Lower), c.lower)
		near(t, "the median", float64(q.Median), c.median)
		near(t, "the upper quartile", float64(q.Upper), c.upper)
	}
}

// Wilson's interval as tabulated by Newcombe (1998): 81 of 263, and 0 of 20.
func TestProportion(t *testing.T) {
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{{81, 263, 0.2553, 0.3662}, {0, 20, 0, 0.1611}, {20, 20, 0.8389, 1}} {
		e := Proportion(c.k, c.n)
		if math.Abs(float64(e.Low)-c.low) > 5e-5 || math.Abs(float64(e.High)-c.high) > 5e-5 {
			t.Errorf("%d of %d: %v to %v, want %v to %v", c.k, c.n, e.Low, e.High, c.low, c.high)
		}
	}
	if Proportion(0, 0).Value.Known() {
		t.Error("none of none is not a share")
	}
}

func TestNumberInJSON(t *testing.T) {
	b, err := json.Marshal([]Number{0.25, Unknown(), Number(math.Inf(1)), 1.0 / 3})
	if err != nil || string(b) != "[0.25,null,null,0.333333]" {
		t.Fatalf("%s, %v", b, err)
	}
	var back []Number
	if err := json.Unmarshal(b, &back); err != nil || back[0] != 0.25 || back[1].Known() {
		t.Errorf("%v, %v", back, err)
	}
}

func BenchmarkBootstrap(b *testing.B) {
	c := NewClusters(48)
	for i := range 10000 {
		c.Add(Cell{uint16(i % 9), uint32(i % 2), 10}, Cell{uint16(i % 5), 0, 12}, Cell{uint16(i % 3), 0, 9})
	}
	for b.Loop() {
		bootstrap(b, 10000, 64, 1, 1, c.Discrimination())
	}
}
