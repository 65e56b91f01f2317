package main

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardwatch/scoring/backtest"
	"wardwatch/scoring/backtest/stat"
	"wardwatch/ward"
)

// labelledSet is CinC 2019 where the real data is at hand, otherwise a small set made up in its layout.
func labelledSet(t *testing.T) (file string, patients int) {
	t.Helper()
	if dir := os.Getenv("WARDWATCH_TESTDATA"); dir != "" {
		t.Log("on the real CinC 2019 rows")
		return filepath.Join(dir, "cinc2019-sepsis-setB", "dev.csv.gz"), 500
	}
	t.Log("on a made-up set: WARDWATCH_TESTDATA is not set")
	rng := rand.New(rand.NewPCG(3, 3))
	var b strings.Builder
	b.WriteString("patient,HR,O2Sat,Temp,SBP,MAP,DBP,Resp,EtCO2,FiO2,Age,Gender,ICULOS,SepsisLabel\n")
	for p := range 60 {
		for h := 1; h <= 30; h++ {
			label, worse := 0, 0.0
			if p%5 == 0 {
				worse = float64(h) / 10
				if h > 20 {
					label = 1
				}
			}
			temp := ""
			if h%4 == 1 {
				temp = fmt.Sprintf("%.1f", 37+rng.NormFloat64()/2+worse/3)
			}
			fmt.Fprintf(&b, "p%d,%.0f,%.0f,%s,%.0f,,,%.0f,,,60,1,%d,%d\n", p, 85+6*worse+12*rng.NormFloat64(), min(100, 96-worse+2*rng.NormFloat64()),
				temp, 120-5*worse+14*rng.NormFloat64(), 17+2*worse+3*rng.NormFloat64(), h, label)
		}
	}
	file = filepath.Join(t.TempDir(), "rows.csv")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, 60
}

// firstOf reads so many patients and no more.
func firstOf(t *testing.T, set *recordedSet, patients int) (list []backtest.Case) {
	t.Helper()
	for one, err := range set.cases("all") {
		if err != nil {
			t.Fatal(err)
		}
		if list = append(list, one); len(list) == patients {
			break
		}
	}
	return list
}

func eachOf(list []backtest.Case) iter.Seq2[backtest.Case, error] {
	return func(yield func(backtest.Case, error) bool) {
		for _, one := range list {
			if !yield(one, nil) {
				return
			}
		}
	}
}

// A second, plain telling of what the report says of NEWS2 on labelled rows: each value counts for
// five hours (the four-hourly round and a quarter), points from the RCP's table, AUROC by counting.
func TestRowsAgainstAPlainCount(t *testing.T) {
	file, patients := labelledSet(t)
	c := backtestCmd{recordedFlags: recordedFlags{Data: file, Layout: "cinc2019"}}
	set, err := c.open(&bar{})
	if err != nil {
		t.Fatal(err)
	}
	counts := stat.NewCounts(21)
	list := firstOf(t, set, patients)
	for i := range list {
		countPlainly(&counts, list[i].Rows)
	}
	c.Scores, c.Resamples = []string{"news2"}, 20
	r, err := c.measure(t.Context(), eachOf(list), &bar{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range r.Policies[0].Scores {
		if s.Score != "news2" || s.On != backtest.OnRows {
			continue
		}
		pos, neg := counts.Totals()
		if s.Events != int(pos) || s.N != int(pos+neg) {
			t.Errorf("the report has %d of %d rows before the event, a plain count %.0f of %.0f", s.Events, s.N, pos, pos+neg)
		}
		if math.Abs(float64(s.AUROC.Value)-counts.AUROC()) > 0.002 {
			t.Errorf("AUROC %v, by a plain count %v", s.AUROC.Value, counts.AUROC())
		}
		t.Logf("%d rows, AUROC %v, by a plain count %.4f", s.N, s.AUROC.Value, counts.AUROC())
		return
	}
	t.Error("NEWS2 was not judged on rows")
}

// points of the RCP's table, as upper ends and what they give.
func points(x float64, ends []float64, gives ...int) int {
	for i, end := range ends {
		if x <= end {
			return gives[i]
		}
	}
	return gives[len(ends)]
}

func countPlainly(counts *stat.Counts, rows []backtest.Row) {
	score := map[ward.Vital]func(float64) int{
		ward.RR:   func(x float64) int { return points(x, []float64{8, 11, 20, 24}, 3, 1, 0, 2, 3) },
		ward.SpO2: func(x float64) int { return points(x, []float64{91, 93, 95}, 3, 2, 1, 0) },
		ward.SBP:  func(x float64) int { return points(x, []float64{90, 100, 110, 219}, 3, 2, 1, 0, 3) },
		ward.HR:   func(x float64) int { return points(x, []float64{40, 50, 90, 110, 130}, 3, 1, 0, 1, 2, 3) },
		ward.Temp: func(x float64) int { return points(x, []float64{35, 36, 38, 39}, 3, 1, 0, 1, 2) },
		ward.FiO2: func(x float64) int { return points(x, []float64{0.21}, 0, 2) },
	}
	last := map[ward.Vital]ward.Value{}
	var positive time.Time
	for _, row := range rows {
		at := row.Reading.At
		for _, v := range row.Reading.Values {
			last[v.Vital] = v
		}
		if row.Label == backtest.Positive && positive.IsZero() {
			positive = at
		}
		if !positive.IsZero() && !at.Before(positive.Add(6*time.Hour)) {
			continue
		}
		total := 0
		for vital, of := range score {
			if v, ok := last[vital]; ok && at.Sub(v.At) <= 5*time.Hour {
				total += of(v.Number)
			}
		}
		if row.Label == backtest.Positive {
			counts.Pos[total]++
		} else {
			counts.Neg[total]++
		}
	}
}

// The sets with other shapes of outcome: deaths with a time, a first day's values.
func TestOtherRealSets(t *testing.T) {
	dir := os.Getenv("WARDWATCH_TESTDATA")
	if dir == "" {
		t.Skip("needs the real data: WARDWATCH_TESTDATA is not set")
	}
	for file, judged := range map[string]string{
		filepath.Join("mimic3-demo-vitals", "dev_vitals.csv.gz"): backtest.OnWorst,
		filepath.Join("eicu-demo", "obs.csv.gz"):                 backtest.OnDay,
	} {
		c := backtestCmd{recordedFlags: recordedFlags{Data: filepath.Join(dir, file)}, Scores: []string{"news2"}, Resamples: 20}
		set, err := c.open(&bar{})
		if err != nil {
			t.Fatal(err)
		}
		r, err := c.measure(t.Context(), eachOf(firstOf(t, set, 300)), &bar{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Set.Events == 0 || !r.Set.Timed {
			t.Errorf("%s: no deaths with a time: %+v", file, r.Set)
		}
		found := stat.Unknown()
		for _, s := range r.Policies[0].Scores {
			if s.On == judged && s.Score == "news2" {
				found = s.AUROC.Value
			}
		}
		if !(found > 0.55 && found < 0.97) {
			t.Errorf("%s: AUROC of NEWS2 (%s) for death is %v", file, judged, found)
		}
	}
}
