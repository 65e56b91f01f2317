package trend

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"wardwatch/ward"
)

// course is one vital of one person.
type course struct {
	vital  ward.Vital
	points []Point
}

// recorded reads the courses of the MIMIC-III demo, charted about hourly.
func recorded(t *testing.T, file string) (out []course) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	const stay, minute, signal, value = 1, 2, 3, 5 // columns
	type key struct {
		stay  string
		vital ward.Vital
	}
	all := map[key][]Point{}
	rows := csv.NewReader(z)
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		v, ok := map[string]ward.Vital{"SpO2": ward.SpO2, "RR": ward.RR, "HR": ward.HR, "SBP": ward.SBP}[row[signal]]
		at, badTime := strconv.Atoi(row[minute])
		x, badValue := strconv.ParseFloat(row[value], 64)
		if !ok || badTime != nil || badValue != nil || x <= 0 || x > 300 {
			continue
		}
		k := key{row[stay], v}
		all[k] = append(all[k], Point{noon.Add(time.Duration(at) * time.Minute), x})
	}
	for k, points := range all {
		slices.SortFunc(points, func(a, b Point) int { return a.At.Compare(b.At) })
		out = append(out, course{k.vital, points})
	}
	return out
}

// generated are people on their way to a limit, and people who stay where they are.
func generated() (out []course) {
	for seed := range uint64(40) {
		points := scattered(seed, 36, 96, 0, 0.8)
		if seed%2 == 0 {
			points = scattered(seed, 72, 88, -0.8, 0.8)
		}
		out = append(out, course{ward.SpO2, points})
	}
	return out
}

// tally counts, over moments two hours apart, what came within six hours.
type tally struct{ moments, came, said, saidCame int }

func (n *tally) take(c course, rules Rules, t *testing.T) {
	r := rules.Vitals[c.vital]
	last := time.Time{}
	for i, now := range c.points {
		if now.At.Sub(last) < 2*time.Hour || now.Value <= r.Low || r.High != 0 && now.Value >= r.High {
			continue
		}
		got := Of(c.vital, c.points[max(0, i-100):i+1], now.At, rules)
		if got.Means == ward.TrendUnknown {
			continue
		}
		last = now.At
		came := false
		for _, p := range c.points[i+1:] {
			if p.At.Sub(now.At) > 6*time.Hour {
				break
			}
			came = came || p.Value <= r.Low || r.High != 0 && p.Value >= r.High
		}
		n.moments++
		if came {
			n.came++
		}
		if got.Late != 0 && got.Reach <= 6*time.Hour {
			n.said++
			if came {
				n.saidCame++
			}
		}
	}
	spoken(t, c.points[:min(len(c.points), 60)], c.points[min(len(c.points), 60)-1].At)
}

// Of people who are said to reach a limit within six hours, with a range that ends, more do than of
// all: not many more. A line drawn on is weak evidence, and is spoken of as such.
func TestWhatIsSaidComesMoreOften(t *testing.T) {
	courses, from := generated(), "a small generated set"
	if dir := os.Getenv("WARDWATCH_TESTDATA"); dir != "" {
		from = "the MIMIC-III demo"
		courses = recorded(t, filepath.Join(dir, "mimic3-demo-vitals", "dev_vitals.csv.gz"))
	}
	counts := map[ward.Vital]*tally{}
	for _, c := range courses {
		if counts[c.vital] == nil {
			counts[c.vital] = &tally{}
		}
		counts[c.vital].take(c, Default(), t)
	}
	came, expected := 0.0, 0.0
	for v, n := range counts {
		t.Logf("%s: %s: of %d moments %d came to a limit within 6 h; said of %d, came to %d", from, v, n.moments, n.came, n.said, n.saidCame)
		came += float64(n.saidCame)
		expected += float64(n.said) * float64(n.came) / float64(max(1, n.moments))
	}
	if came < 10 || came <= expected {
		t.Errorf("%s: %v came to their limit, where chance would be %.1f", from, came, expected)
	}
}
