package chart

import (
	"fmt"
	"math/bits"
	"testing"

	"wardwatch/ward"
)

// news2Order is the order of the chart's parts, each of which reads one input.
var news2Order = [...]Input{RR, SpO2, O2, SBP, HR, Consciousness, Temp}

func news2Set(rr, spo2, o2, sbp, hr float64, acvpu ward.Consciousness, temp float64, scale2 bool) Set {
	s := Set{Scale2: scale2}
	for i, n := range []float64{rr, spo2, o2, sbp, hr, float64(acvpu), temp} {
		s.Put(news2Order[i], n)
	}
	return s
}

// Worked by hand from RCP NEWS2 (2017), charts 1 and 2.
func TestNEWS2WorkedExamples(t *testing.T) {
	const air, oxygen = 0, 1
	news2 := find(t, "news2")
	for _, c := range []struct {
		in    Set
		total int
		band  ward.Band
	}{
		{news2Set(18, 96, air, 120, 80, ward.Awake, 37.0, false), 0, ward.Low},
		{news2Set(25, 91, oxygen, 90, 131, ward.Voice, 35.0, false), 20, ward.High},
		{news2Set(20, 95, air, 110, 91, ward.Awake, 38.1, false), 4, ward.Low},
		{news2Set(12, 93, air, 111, 51, ward.Awake, 36.1, true), 0, ward.Low},
		{news2Set(12, 93, oxygen, 111, 51, ward.Awake, 36.1, true), 3, ward.Low},
		{news2Set(12, 97, oxygen, 111, 51, ward.Awake, 36.1, true), 5, ward.Medium},
		{news2Set(12, 87, air, 220, 50, ward.Confused, 36.0, true), 9, ward.High},
		{news2Set(8, 96, air, 219, 90, ward.Awake, 38.0, false), 3, ward.LowMedium},
		{news2Set(20.5, 95.5, air, 110.5, 90.5, ward.Awake, 36.05, false), 3, ward.Low}, // rounded half up: 21, 96, 111, 91, 36.1
		{news2Set(20.49, 96, air, 111, 90.49, ward.Awake, 38.049, false), 0, ward.Low},  // 20, 96, 111, 90, 38.0
	} {
		r := news2.Score(&c.in)
		if !r.Complete || r.LowerBound != c.total || r.Band != c.band {
			t.Errorf("%v: got %d %v, want %d %v", c.in, r.LowerBound, r.Band, c.total, c.band)
		}
	}
}

type printedRow struct{ lo, hi, points float64 }

// chart1 is the chart as it is printed, one row a point value and a range: a second telling of
// NEWS2 that shares nothing with the chart file or the code that reads it.
var chart1 = map[Input][]printedRow{
	RR:   {{0, 8, 3}, {9, 11, 1}, {12, 20, 0}, {21, 24, 2}, {25, 99, 3}},
	SpO2: {{0, 91, 3}, {92, 93, 2}, {94, 95, 1}, {96, 100, 0}},
	SBP:  {{0, 90, 3}, {91, 100, 2}, {101, 110, 1}, {111, 219, 0}, {220, 400, 3}},
	HR:   {{0, 40, 3}, {41, 50, 1}, {51, 90, 0}, {91, 110, 1}, {111, 130, 2}, {131, 400, 3}},
	Temp: {{20, 35.0, 3}, {35.1, 36.0, 1}, {36.1, 38.0, 0}, {38.1, 39.0, 1}, {39.1, 50, 2}},
}

var chart1Scale2 = []printedRow{{0, 83, 3}, {84, 85, 2}, {86, 87, 1}, {88, 92, 0}, {93, 94, 1}, {95, 96, 2}, {97, 100, 3}}

func printed(rows []printedRow, n float64) int {
	for _, r := range rows {
		if n >= r.lo && n <= r.hi {
			return int(r.points)
		}
	}
	panic(fmt.Sprint("no row for ", n))
}

// telling is what the printed chart says of one set: by part, and which parts can be told.
type telling struct {
	points [7]int
	known  uint8
}

// tell looks the set up by hand. With the oxygen unknown, scale 2 cannot be read above its target:
// on air it would be 0, on oxygen more.
func tell(values [7]float64, missing uint8, scale2 bool) (w telling) {
	for i, in := range news2Order {
		if missing&(1<<i) != 0 {
			continue
		}
		n := values[i]
		w.known |= 1 << i
		switch {
		case in == O2:
			w.points[i] = int(n) * 2
		case in == Consciousness && n > 0:
			w.points[i] = 3
		case in == Consciousness:
		case in == SpO2 && scale2 && n >= 93 && missing&(1<<2) != 0:
			w.known &^= 1 << i
		case in == SpO2 && scale2 && n >= 93 && values[2] == 0:
		case in == SpO2 && scale2:
			w.points[i] = printed(chart1Scale2, n)
		default:
			w.points[i] = printed(chart1[in], n)
		}
	}
	return w
}

// risk is the band of what was told (RCP NEWS2, chart 2).
func (w telling) risk() (total int, single3 bool, band ward.Band) {
	for _, p := range w.points {
		total += p
		single3 = single3 || p == 3
	}
	switch {
	case total >= 7:
		return total, single3, ward.High
	case total >= 5:
		return total, single3, ward.Medium
	case single3:
		return total, single3, ward.LowMedium
	case w.known != 0x7f:
		return total, single3, ward.Unknown
	}
	return total, single3, ward.Low
}

// walk visits every combination of one value an input.
func walk(values [7][]float64, visit func([7]float64)) {
	var n [7]float64
	var next func(int)
	next = func(i int) {
		if i == len(values) {
			visit(n)
			return
		}
		for _, v := range values[i] {
			n[i] = v
			next(i + 1)
		}
	}
	next(0)
}

func checkTold(t *testing.T, c *Chart, n [7]float64, missing uint8, scale2 bool) {
	s := Set{Scale2: scale2}
	for i, in := range news2Order {
		if missing&(1<<i) == 0 {
			s.Put(in, n[i])
		}
	}
	want := tell(n, missing, scale2)
	total, single3, band := want.risk()
	got := c.Score(&s)
	if [7]int(got.Points[:7]) != want.points || got.Known != want.known || got.LowerBound != total ||
		got.Complete != (want.known == 0x7f) || got.Single3 != single3 || got.Band != band {
		t.Fatalf("%v missing %07b scale2 %v: got %+v, want %+v, %d points, single 3 %v, %v", n, missing, scale2, got, want, total, single3, band)
	}
}

// One value in every band of every input, both scales, every subset of the inputs missing.
func TestNEWS2FullGridWithEverySubsetMissing(t *testing.T) {
	news2 := find(t, "news2")
	const gone = -1 // stands for a missing input, so that each subset is visited once a grid point of the rest
	values := [7][]float64{
		{gone, 8, 10, 16, 21, 30}, {gone, 80, 84, 87, 91, 92, 93, 95, 96, 98}, {gone, 0, 1},
		{gone, 90, 91, 105, 120, 220}, {gone, 40, 45, 70, 91, 130, 131}, {gone, 0, 1, 2, 3, 4}, {gone, 35.0, 35.5, 37, 39.0, 39.1},
	}
	subsets := map[uint8]bool{}
	walk(values, func(n [7]float64) {
		var missing uint8
		for i := range n {
			if n[i] == gone {
				missing |= 1 << i
			}
		}
		subsets[missing] = true
		checkTold(t, news2, n, missing, false)
		checkTold(t, news2, n, missing, true)
	})
	if len(subsets) != 128 {
		t.Errorf("%d subsets were tried, want 128", len(subsets))
	}
}

// Both ends of every band of every measured input together, both scales.
func TestNEWS2FullGridOfBandEnds(t *testing.T) {
	if testing.Short() {
		t.Skip("the grid of band ends takes seconds")
	}
	news2 := find(t, "news2")
	values := [7][]float64{
		{0, 8, 9, 11, 12, 20, 21, 24, 25, 60}, {70, 83, 84, 85, 86, 87, 88, 91, 92, 93, 94, 95, 96, 97, 100}, {0, 1},
		{50, 90, 91, 100, 101, 110, 111, 219, 220, 300}, {30, 40, 41, 50, 51, 90, 91, 110, 111, 130, 131, 200}, {0},
		{34, 35.0, 35.1, 36.0, 36.1, 38.0, 38.1, 39.0, 39.1, 41},
	}
	walk(values, func(n [7]float64) {
		checkTold(t, news2, n, 0, false)
		checkTold(t, news2, n, 0, true)
	})
}

// Taking any input away never makes a well set look well: it is unknown.
func TestNEWS2MissingInputIsNeverNormal(t *testing.T) {
	news2 := find(t, "news2")
	for _, in := range news2Order {
		s := news2Set(16, 98, 0, 120, 70, ward.Awake, 37, false)
		s.Drop(in)
		r := news2.Score(&s)
		if r.Complete || r.Band != ward.Unknown || r.Verdict != "" || bits.OnesCount8(r.Known) != 6 {
			t.Errorf("without %v: got %+v; want incomplete and unknown", in, r)
		}
		if missing := news2.Missing(&s, r); len(missing) != 1 || missing[0] != in {
			t.Errorf("without %v: missing is %v", in, missing)
		}
	}
}

func BenchmarkNEWS2(b *testing.B) {
	news2 := find(b, "news2")
	s := news2Set(22, 93, 1, 105, 96, ward.Awake, 38.4, false)
	b.ReportAllocs()
	for b.Loop() {
		if news2.Score(&s).LowerBound != 9 {
			b.Fatal("wrong score")
		}
	}
}

func BenchmarkNPEWS(b *testing.B) {
	c := find(b, "npews-england")
	s := given(b, "age_months=40 rr=30 spo2=93 o2_device=nasal_cannula o2=yes o2_flow=2 resp_distress=mild hr=120 sbp=95 cap_refill=2 consciousness=A")
	b.ReportAllocs()
	for b.Loop() {
		if c.Score(&s).LowerBound != 4 {
			b.Fatal("wrong score")
		}
	}
}
