package scoring

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"wardwatch/ward"
)

func set(rr, spo2, o2, sbp, hr float64, acvpu ward.Consciousness, temp float64, scale2 bool) Inputs {
	in := Inputs{Scale2: scale2}
	for i, n := range []float64{rr, spo2, o2, sbp, hr, float64(acvpu), temp} {
		in.Set(Input(i), n)
	}
	return in
}

// Worked by hand from RCP NEWS2 (2017), charts 1 and 2.
func TestNEWS2WorkedExamples(t *testing.T) {
	const air, oxygen = 0, 1
	for _, c := range []struct {
		in    Inputs
		total int
		band  ward.Band
	}{
		{set(18, 96, air, 120, 80, ward.Awake, 37.0, false), 0, ward.Low},
		{set(25, 91, oxygen, 90, 131, ward.Voice, 35.0, false), 20, ward.High},
		{set(20, 95, air, 110, 91, ward.Awake, 38.1, false), 4, ward.Low},
		{set(12, 93, air, 111, 51, ward.Awake, 36.1, true), 0, ward.Low},
		{set(12, 93, oxygen, 111, 51, ward.Awake, 36.1, true), 3, ward.Low},
		{set(12, 97, oxygen, 111, 51, ward.Awake, 36.1, true), 5, ward.Medium},
		{set(12, 87, air, 220, 50, ward.Confused, 36.0, true), 9, ward.High},
		{set(8, 96, air, 219, 90, ward.Awake, 38.0, false), 3, ward.LowMedium},
		{set(20.5, 95.5, air, 110.5, 90.5, ward.Awake, 36.05, false), 3, ward.Low}, // rounded half up: 21, 96, 111, 91, 36.1
	} {
		p := ScoreNEWS2(&c.in)
		if !p.Complete || p.LowerBound != c.total || p.Band() != c.band {
			t.Errorf("%v: got %d %v, want %d %v", c.in, p.LowerBound, p.Band(), c.total, c.band)
		}
	}
}

// chart1 is the chart as it is printed, one row a point value and a range: a second telling of
// NEWS2 that shares no code with the first.
var chart1 = map[Input][]struct{ lo, hi, points float64 }{
	InRR:   {{0, 8, 3}, {9, 11, 1}, {12, 20, 0}, {21, 24, 2}, {25, 99, 3}},
	InSpO2: {{0, 91, 3}, {92, 93, 2}, {94, 95, 1}, {96, 100, 0}},
	InSBP:  {{0, 90, 3}, {91, 100, 2}, {101, 110, 1}, {111, 219, 0}, {220, 400, 3}},
	InHR:   {{0, 40, 3}, {41, 50, 1}, {51, 90, 0}, {91, 110, 1}, {111, 130, 2}, {131, 400, 3}},
	InTemp: {{20, 35.0, 3}, {35.1, 36.0, 1}, {36.1, 38.0, 0}, {38.1, 39.0, 1}, {39.1, 50, 2}},
}

var chart1Scale2 = []struct{ lo, hi, points float64 }{{0, 83, 3}, {84, 85, 2}, {86, 87, 1}, {88, 92, 0}, {93, 94, 1}, {95, 96, 2}, {97, 100, 3}}

func printedPoints(i Input, n float64, scale2, onO2 bool) int {
	switch i {
	case InO2:
		return int(n) * 2
	case InConsciousness:
		if n > 0 {
			return 3
		}
		return 0
	}
	rows := chart1[i]
	if i == InSpO2 && scale2 {
		if n >= 93 && !onO2 {
			return 0
		}
		rows = chart1Scale2
	}
	for _, r := range rows {
		if n >= r.lo && n <= r.hi {
			return int(r.points)
		}
	}
	panic(fmt.Sprint("no row for ", i, n))
}

// The full grid: both ends of every band of every parameter, both scales, every subset of inputs
// missing, against the printed chart.
func TestNEWS2FullGrid(t *testing.T) {
	values := [NumInputs][]float64{
		InRR: {0, 8, 9, 11, 12, 20, 21, 24, 25, 60}, InSpO2: {70, 83, 84, 85, 86, 87, 88, 91, 92, 93, 94, 95, 96, 97, 100},
		InO2: {0, 1}, InSBP: {50, 90, 91, 100, 101, 110, 111, 219, 220, 300},
		InHR: {30, 40, 41, 50, 51, 90, 91, 110, 111, 130, 131, 200}, InConsciousness: {0, 1, 2, 3, 4},
		InTemp: {34, 35.0, 35.1, 36.0, 36.1, 38.0, 38.1, 39.0, 39.1, 41},
	}
	check := func(n [NumInputs]float64, missing uint8, scale2 bool) {
		in := Inputs{Scale2: scale2}
		want, single3, onO2 := 0, false, missing&(1<<InO2) == 0 && n[InO2] == 1
		for i := range NumInputs {
			if missing&(1<<i) != 0 {
				continue
			}
			in.Set(i, n[i])
			p := printedPoints(i, n[i], scale2, onO2)
			want += p
			single3 = single3 || p == 3
		}
		got := ScoreNEWS2(&in)
		if got.LowerBound != want || got.Complete != (missing == 0) || got.Single3 != single3 {
			t.Fatalf("%v missing %07b scale2 %v: got %+v, want %d single3 %v", n, missing, scale2, got, want, single3)
		}
	}
	var walk func(i Input, n [NumInputs]float64, each func([NumInputs]float64))
	walk = func(i Input, n [NumInputs]float64, each func([NumInputs]float64)) {
		if i == NumInputs {
			each(n)
			return
		}
		for _, v := range values[i] {
			n[i] = v
			walk(i+1, n, each)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	walk(0, [NumInputs]float64{}, func(n [NumInputs]float64) {
		check(n, 0, false)
		check(n, 0, true)
		if random.IntN(20) == 0 {
			missing := uint8(random.IntN(128))
			check(n, missing, false)
			check(n, missing, true)
		}
	})
	for missing := range uint8(128) { // every subset, on a set of sick and one of well values
		check([NumInputs]float64{25, 91, 1, 90, 131, 2, 35}, missing, false)
		check([NumInputs]float64{25, 97, 1, 90, 131, 2, 35}, missing, true)
		check([NumInputs]float64{16, 98, 0, 120, 70, 0, 37}, missing, false)
	}
}

// Taking any input away never makes a set look better than it is: below a trigger it is unknown.
func TestMissingInputIsNeverNormal(t *testing.T) {
	for i := range NumInputs {
		in := set(16, 98, 0, 120, 70, ward.Awake, 37, false)
		in.Known[i] = false
		if p := ScoreNEWS2(&in); p.Complete || p.Band() != ward.Unknown {
			t.Errorf("without %v: complete %v, band %v; want incomplete and unknown", i, p.Complete, p.Band())
		}
	}
}

func BenchmarkNEWS2(b *testing.B) {
	in := set(22, 93, 1, 105, 96, ward.Awake, 38.4, false)
	b.ReportAllocs()
	for b.Loop() {
		if ScoreNEWS2(&in).LowerBound != 9 {
			b.Fatal("wrong score")
		}
	}
}
