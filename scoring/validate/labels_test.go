package validate

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"wardwatch/ward"
)

var none = math.NaN()

// vitals makes hours from RR and SpO2, one a row, from hour 1 on.
func vitals(pairs ...[2]float64) []Hour {
	out := make([]Hour, len(pairs))
	for i, p := range pairs {
		out[i] = Hour{Hour: int32(i + 1), RR: p[0], SpO2: p[1], FiO2: none}
	}
	return out
}

func labels(t *testing.T, task ward.Task, hours []Hour) []Label {
	t.Helper()
	out, err := Labels(task, hours)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The first row of each record is judged.
func TestRespiratoryDecline(t *testing.T) {
	calm, bad, low, blank := [2]float64{18, 96}, [2]float64{30, 96}, [2]float64{18, 90}, [2]float64{none, none}
	for _, c := range []struct {
		what            string
		hours           []Hour
		eligible, event bool
		first           float64
	}{
		{"two bad hours", vitals(calm, calm, bad, calm, low), true, true, 2},
		{"one bad hour", vitals(calm, calm, bad, calm, calm), true, false, none},
		{"the second bad hour is the seventh", vitals(calm, calm, calm, bad, calm, calm, calm, bad), true, false, none},
		{"the second bad hour is the sixth", vitals(calm, calm, calm, bad, calm, calm, bad), true, true, 3},
		{"just not bad", vitals(calm, [2]float64{29.9, 90.1}, [2]float64{29, 91}, calm), true, false, none},
		{"half a row counts as observed", vitals(calm, blank, [2]float64{none, 80}, [2]float64{31, none}, [2]float64{none, 97}), true, true, 2},
		{"two observed hours are too few", vitals(calm, bad, blank, bad), false, false, none},
		{"nothing follows", vitals(calm), false, false, none},
		{"fast already", vitals([2]float64{25, 96}, bad, bad, bad), false, false, none},
		{"low already", vitals([2]float64{18, 91}, bad, bad, bad), false, false, none},
		{"at the edge of calm", vitals([2]float64{24, 92}, bad, bad, bad), true, true, 1},
		{"RR not measured now", vitals([2]float64{none, 96}, bad, bad, bad), false, false, none},
	} {
		got := labels(t, ward.RespiratoryDecline, c.hours)[0]
		if got.Eligible != c.eligible || got.Event != c.event || !same(got.HoursToEvent, c.first) {
			t.Errorf("%s: %+v, want eligible %v, event %v, after %v h", c.what, got, c.eligible, c.event, c.first)
		}
	}
	// Hours that are not in the file pass all the same.
	gap := vitals(calm, calm, bad, bad)
	gap[3].Hour = 8
	if got := labels(t, ward.RespiratoryDecline, gap)[0]; got.Eligible || got.Event {
		t.Errorf("hour 8 is not within six hours of hour 1: %+v", got)
	}
}

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

// The label turns on at hour 4, six hours before onset at hour 10: rows from then on are dropped.
func TestDeterioration(t *testing.T) {
	hours := make([]Hour, 12)
	for i := range hours {
		hours[i] = Hour{Hour: int32(i + 1), Sepsis: i+1 >= 4}
	}
	for i, l := range labels(t, ward.Deterioration, hours) {
		hour := i + 1
		if l.Eligible != (hour < 10) || l.Event != (hour >= 4 && hour < 10) {
			t.Errorf("hour %d: %+v", hour, l)
		}
		if l.Eligible && l.HoursToEvent != float64(10-hour) {
			t.Errorf("hour %d is %v h before onset", hour, l.HoursToEvent)
		}
	}
	for i := range hours {
		hours[i].Sepsis = false
	}
	for _, l := range labels(t, ward.Deterioration, hours) {
		if !l.Eligible || l.Event || !math.IsNaN(l.HoursToEvent) {
			t.Errorf("without sepsis: %+v", l)
		}
	}
}

// FiO2 by hour; the first row with a fraction is judged.
func TestMoreOxygen(t *testing.T) {
	for _, c := range []struct {
		what string
		fio2 []float64
		want Oxygen
	}{
		{"up by 0.2", []float64{0.4, none, 0.6, none}, OxygenMore},
		{"up by 0.2, which binary fractions miss", []float64{0.28, none, 0.48, none}, OxygenMore},
		{"up by less", []float64{0.3, none, 0.45, none}, OxygenSame},
		{"to 0.6 from just below", []float64{0.55, none, 0.6, none}, OxygenMore},
		{"stays at 0.6", []float64{0.6, none, 0.6, none}, OxygenSame},
		{"down", []float64{0.6, none, 0.4, none}, OxygenSame},
		{"up, then down", []float64{0.3, 0.5, 0.3, none}, OxygenMore},
		{"not recorded again", []float64{0.4, none, none, none}, OxygenUnknown},
		{"not recorded before", []float64{none, none, 0.6, none}, OxygenUnknown},
		{"not a fraction", []float64{0.4, 60, -50, none}, OxygenUnknown},
		{"after six hours", []float64{0.4, none, none, none, none, none, none, 0.8}, OxygenUnknown},
	} {
		var hours []Hour
		for i, f := range c.fio2 {
			hours = append(hours, Hour{Hour: int32(i + 1), RR: 18, SpO2: 96, FiO2: f})
		}
		if got := labels(t, ward.RespiratoryDecline, hours)[0].Oxygen; got != c.want {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}

func TestLabelsRefuse(t *testing.T) {
	twice := []Hour{{Hour: 3}, {Hour: 3}}
	if _, err := Labels(ward.Deterioration, twice); err == nil {
		t.Error("an hour that stands twice was taken")
	}
	if _, err := Labels("mortality", nil); err == nil {
		t.Error("a task without a definition was taken")
	}
}

// On the development part of CinC 2019 set B both readers of the definitions must count alike; the
// figures are those of the training code.
func TestLabelsOnRealData(t *testing.T) {
	root := os.Getenv("WARDWATCH_TESTDATA")
	if root == "" {
		t.Skip("WARDWATCH_TESTDATA is not set: the tables above ran, the real data did not")
	}
	people := readCinC(t, filepath.Join(root, "cinc2019-sepsis-setB", "dev.csv.gz"))
	for _, c := range []struct {
		task         ward.Task
		rows, events int
	}{{ward.Deterioration, 530418, 4689}, {ward.RespiratoryDecline, 326347, 6998}} {
		rows, events, oxygen := 0, 0, map[Oxygen]int{}
		for _, hours := range people {
			for _, l := range labels(t, c.task, hours) {
				if l.Eligible {
					rows++
				}
				if l.Event {
					events++
				}
				oxygen[l.Oxygen]++
			}
		}
		t.Logf("%s: %d patients, %d rows, %d events; oxygen risen in %d rows, not in %d", c.task, len(people), rows, events, oxygen[OxygenMore], oxygen[OxygenSame])
		if rows != c.rows || events != c.events {
			t.Errorf("%s: %d rows with %d events, want %d with %d", c.task, rows, events, c.rows, c.events)
		}
	}
}

func readCinC(t *testing.T, name string) (people [][]Hour) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := csv.NewReader(z)
	lines.ReuseRecord = true
	head, err := lines.Read()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range head {
		column[name] = i
	}
	last := ""
	for {
		r, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return people
		} else if err != nil {
			t.Fatal(err)
		}
		number := func(name string) float64 {
			if text := r[column[name]]; text != "" {
				v, err := strconv.ParseFloat(text, 64)
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
			return none
		}
		if r[0] != last {
			people, last = append(people, nil), r[0]
		}
		hours := &people[len(people)-1]
		*hours = append(*hours, Hour{Hour: int32(number("ICULOS")), RR: number("Resp"), SpO2: number("O2Sat"), FiO2: number("FiO2"), Sepsis: number("SepsisLabel") == 1})
	}
}
