package page

import (
	"math"
	"strings"
	"testing"

	"wardwatch/scoring/backtest/stat"
)

func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		n      Number
		vi, en string
	}{
		{Number{0.7123, 3}, "0,712", "0.712"}, {Number{1234567, 0}, "1.234.567", "1,234,567"}, {Number{-1234.5, 1}, "-1.234,5", "-1,234.5"},
		{Number{math.NaN(), 2}, "–", "–"}, {Number{math.Inf(1), 2}, "–", "–"}, {Number{-0.001, 1}, "0,0", "0.0"}, {Number{999, 0}, "999", "999"},
	} {
		if vi, en := c.n.In("vi"), c.n.In("en"); vi != c.vi || en != c.en {
			t.Errorf("%v is %s and %s, want %s and %s", c.n, vi, en, c.vi, c.en)
		}
	}
}

func TestEstimates(t *testing.T) {
	c := Catalogue{}
	for _, e := range []struct {
		of   stat.Estimate
		want string
	}{
		{stat.Estimate{Value: 0.5, Low: 0.4, High: 0.6}, ">0.50<"}, {stat.Estimate{Value: 0.5, Low: 0.4, High: 0.6}, "</span>–<span"},
		{stat.Estimate{Value: 0.5, Low: -0.4, High: 0.6}, "</span>; <span"}, {stat.NoEstimate(), "–"},
	} {
		if got := string(c.Estimate(e.of, 1, 2)); !strings.Contains(got, e.want) {
			t.Errorf("%v is %s, want %s in it", e.of, got, e.want)
		}
	}
}

func TestTicks(t *testing.T) {
	for _, most := range []float64{0.05, 0.1, 0.3, 1, 1.7, 2.15, 9, 40, 123} {
		at := ticks(0, most)
		if len(at) < 4 || len(at) > 12 || at[len(at)-1] > most*1.001 {
			t.Errorf("up to %v: %v", most, at)
		}
	}
	if at := ticks(-0.012, 0.01); at[0] < -0.012 || at[0] > -0.008 {
		t.Errorf("under 0: %v", at)
	}
}
