package course

import (
	"math"
	"testing"
	"time"
	"unsafe"

	"wardwatch/ward"
)

// said is one value: of which vital, what, and when on the 21st ("08:15"), or a day or two after
// ("+1 08:15").
type said struct {
	when   string
	vital  ward.Vital
	number float64
}

func clock(t testing.TB, when string) time.Time {
	t.Helper()
	day := 21
	if when[0] == '+' {
		day, when = day+int(when[1]-'0'), when[3:]
	}
	at, err := time.Parse("15:04:05", (when + ":00")[:8])
	if err != nil {
		t.Fatal(err)
	}
	return time.Date(2026, 11, day, at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
}

func courseOf(t testing.TB, values ...said) *Course {
	t.Helper()
	var c Course
	for _, v := range values {
		c.Take(v.vital, v.number, clock(t, v.when).UnixMilli())
	}
	return &c
}

// feature is one feature at a moment.
func feature(t testing.TB, c *Course, name, when string) float64 {
	t.Helper()
	return featureAt(t, c, name, clock(t, when))
}

func featureAt(t testing.TB, c *Course, name string, at time.Time) float64 {
	t.Helper()
	var out [1]float32
	planOf(t, []string{name}).Fill(c, Who{64, 1}, at, out[:])
	return float64(out[0])
}

var nan = math.NaN()

func TestAMorningOnTheWard(t *testing.T) {
	c := courseOf(t,
		said{"04:10", ward.RR, 16},
		said{"05:10", ward.RR, 18}, said{"05:40", ward.RR, 20}, // the hour's value is 19
		said{"07:20", ward.RR, 24}, // nothing at six
		said{"08:05", ward.RR, 28},
		said{"08:05", ward.PR, 101},
		said{"07:00", ward.HR, 95}, said{"07:00", ward.PR, 90},
		said{"08:00", ward.SpO2, 94}, said{"08:00", ward.FiO2, 0.4},
		said{"05:05", ward.SpO2, 97}, said{"05:05", ward.FiO2, 0},
		said{"07:30", ward.SBP, 110}, said{"07:30", ward.DBP, 70},
	)
	for _, x := range []struct {
		name, when string
		want       float64
	}{
		{"age", "08:10", 64}, {"male", "08:10", 1},
		{"rr.last.1", "08:10", 28}, {"rr.last.1", "09:00", nan}, {"rr.last.2", "09:00", 28},
		{"rr.last.24", "+1 07:59", 28}, {"rr.last.24", "+1 08:00", nan}, // the look-back is 24 hours, this one among them
		{"rr.mean.2", "08:10", 26}, {"rr.mean.3", "08:10", 26}, {"rr.mean.4", "08:10", 23.666667},
		{"rr.min.4", "08:10", 19}, {"rr.max.4", "08:10", 28}, {"rr.min.24", "08:10", 16},
		{"rr.sd.1", "08:10", nan}, {"rr.sd.2", "08:10", 2.828427},
		{"rr.slope.3", "08:10", nan},      // two hours say nothing of a slope
		{"rr.slope.4", "08:10", 2.928571}, // 19, –, 24, 28: least squares by hand, 41/14
		{"rr.over.24.4", "08:10", 2. / 3}, {"rr.over.24.001.4", "08:10", 1. / 3}, {"rr.under.19.24", "08:10", 0.5},
		{"rr.mean.all", "08:10", 21.75}, {"rr.min.all", "08:10", 16}, {"rr.max.all", "08:10", 28}, {"rr.sd.all", "08:10", 5.315073},
		{"rr.mean.all", "+2 20:00", 21.75}, {"rr.mean.24", "+2 20:00", nan},
		{"hr.last.1", "08:10", 101}, {"hr.mean.2", "08:10", 98}, // the heart rate goes before the pulse rate
		{"shock_index.last.24", "08:10", 0.863636}, // 95/110 at seven: the pulse rate is not in it
		{"pulse_pressure.last.24", "08:10", 40}, {"rate_ratio.last.24", "08:10", 3.958333}, {"sf.last.1", "08:10", 235},
		{"sf.last.1", "05:30", nan}, // 0 is no fraction
		{"temp.last.24", "08:10", nan}, {"temp.mean.all", "08:10", nan}, {"temp.over.38.24", "08:10", nan},
	} {
		if got := feature(t, c, x.name, x.when); !equal(float32(got), x.want) {
			t.Errorf("%s at %s: %v, want %v", x.name, x.when, got, x.want)
		}
	}
}

func TestLabResults(t *testing.T) {
	var c Course
	for _, l := range []struct {
		name   string
		number float64
		when   string
	}{
		{"lactate", 4.1, "06:30"}, {"lactate", 2.2, "03:00"}, // an older sample reported later is not the newest
		{"base_excess", -6, "07:00"}, {"lactate", nan, "08:00"}, {"lactate", math.Inf(1), "08:00"}, {"procalcitonin", 9, "08:00"},
	} {
		c.TakeLab(&ward.Lab{Name: l.name, Number: l.number, At: clock(t, l.when)})
	}
	for _, x := range []struct {
		name, when string
		want       float64
	}{
		{"lab.lactate.24", "08:00", 4.1}, {"lab.lactate.2", "07:59", 4.1}, {"lab.lactate.2", "08:00", nan},
		{"lab.lactate.48", "+2 05:59", 4.1}, {"lab.lactate.48", "+2 06:00", nan},
		{"lab.lactate.24", "05:00", nan}, // not yet taken
		{"lab.base_excess.24", "08:00", -6}, {"lab.ph.24", "08:00", nan},
	} {
		if got := feature(t, &c, x.name, x.when); !equal(float32(got), x.want) {
			t.Errorf("%s at %s: %v, want %v", x.name, x.when, got, x.want)
		}
	}
}

// Unknown is not normal: what a course was never told, or cannot be, is NaN and never a number.
func TestNothingKnownIsNoNumber(t *testing.T) {
	var empty Course
	names := manyFeatures()
	plan := planOf(t, names)
	out := make([]float32, plan.Len())
	refused := courseOf(t,
		said{"08:00", ward.RR, nan}, said{"08:00", ward.RR, math.Inf(1)}, said{"08:00", ward.RR, -1}, said{"08:00", ward.RR, 1e9},
		said{"08:00", ward.O2Flow, 4}, said{"08:00", ward.ACVPU, 1}, said{"08:00", ward.NumVitals, 1}, said{"08:00", ward.Vital(200), 1},
	)
	for _, c := range []*Course{&empty, refused} {
		plan.Fill(c, Who{nan, nan}, clock(t, "09:00"), out)
		for i, x := range out {
			if x == x {
				t.Errorf("%s is %v of a person nothing is known of", names[i], x)
			}
		}
	}
}

func TestLateAndWrongTimes(t *testing.T) {
	morning := []said{{"06:30", ward.RR, 20}, {"08:30", ward.RR, 30}}
	with := func(more ...said) *Course { return courseOf(t, append(morning[:2:2], more...)...) }
	at := func(unixMS int64) *Course { c := with(); c.Take(ward.RR, 40, unixMS); return c }
	for _, x := range []struct {
		what       string
		c          *Course
		name, when string
		want       float64
	}{
		{"late, in its own hour", with(said{"06:50", ward.RR, 24}), "rr.min.24", "08:40", 22},
		{"late, in an hour that was empty", with(said{"07:00", ward.RR, 10}), "rr.mean.24", "08:40", 20},
		{"23 hours late", with(said{"+1 05:00", ward.RR, 30}, said{"06:50", ward.RR, 24}), "rr.min.24", "+1 05:00", 22},
		{"late by more than the look-back: ignored", with(said{"+1 06:00", ward.RR, 30}, said{"06:50", ward.RR, 24}), "rr.min.all", "+1 06:00", 20},
		{"two days ahead: only itself in the look-back", with(said{"+2 09:00", ward.RR, 14}), "rr.mean.24", "+2 09:00", 14},
		{"two days ahead: what was before is not forgotten", with(said{"+2 09:00", ward.RR, 14}), "rr.mean.all", "+2 09:00", 64. / 3},
		{"a little ahead of the moment: not yet", with(said{"09:01", ward.RR, 40}), "rr.last.24", "08:59", 30},
		{"asked of a time before all", with(), "rr.last.24", "05:00", nan},
		{"asked of a time before the look-back", with(said{"+2 09:00", ward.RR, 14}), "rr.mean.all", "08:40", nan},
		{"at no time", at(0), "rr.max.all", "08:40", 30},
		{"before 1970", at(-1), "rr.max.all", "08:40", 30},
		{"at the end of time", at(math.MaxInt64), "rr.max.all", "08:40", 30},
	} {
		if got := feature(t, x.c, x.name, x.when); !equal(float32(got), x.want) {
			t.Errorf("%s: %s is %v, want %v", x.what, x.name, got, x.want)
		}
	}
}

// Recorded data may count its hours from 0: the beginning of time is a time like others.
func TestTheBeginningOfTime(t *testing.T) {
	var c Course
	for h := range int64(5) {
		c.Take(ward.RR, 16, hourAt(h).Add(25*time.Minute).UnixMilli())
	}
	if got := featureAt(t, &c, "rr.mean.24", hourAt(4)); got != 16 {
		t.Errorf("mean %v, want 16", got)
	}
	if got := c.Points(ward.RR, hourAt(4).Add(30*time.Minute)); len(got) != 5 {
		t.Errorf("points %v, want 5", got)
	}
	for _, before := range []int64{-1, -2, -30} {
		if got := featureAt(t, &c, "rr.mean.24", hourAt(before)); got == got {
			t.Errorf("mean %v of a time before all", got)
		}
		if _, _, ok := Default().Newest(&c, "rr", hourAt(before)); ok || len(c.Points(ward.RR, hourAt(before))) != 0 {
			t.Error("something is known of a time before all")
		}
	}
}

// The mean of an hour stays right however much a device sends, and weighs the newest more where
// there is no more room.
func TestFastDevices(t *testing.T) {
	begin := clock(t, "08:00").UnixMilli()
	for _, x := range []struct {
		hertz  int64
		within float64
	}{{1, 0}, {4, 0}, {250, 0.5}} {
		var c Course
		n := 3600 * x.hertz
		for i := range n {
			c.Take(ward.HR, 298+float64(i%5), begin+i*1000/x.hertz)
		}
		if got := feature(t, &c, "hr.mean.1", "08:59"); math.Abs(got-300) > x.within+1e-4 {
			t.Errorf("%d values a second: mean %v, want 300", x.hertz, got)
		}
	}
}

// The same value every hour varies by nothing and leads nowhere, exactly: trees split at 0.
func TestSteadyIsExactlyZero(t *testing.T) {
	for _, number := range []float64{36.7, 0.21, 93.333, 117} {
		var c Course
		begin := clock(t, "00:30")
		for h := range 60 {
			c.Take(ward.MAP, number, begin.Add(time.Duration(h)*time.Hour).UnixMilli())
			for _, name := range []string{"map.sd.24", "map.sd.3", "map.sd.all", "map.slope.24", "map.slope.6"} {
				if got := featureAt(t, &c, name, begin.Add(time.Duration(h)*time.Hour)); got != 0 && h >= 3 {
					t.Errorf("%v every hour: %s is %v", number, name, got)
				}
			}
		}
	}
}

// So is what rises and falls again, although its sums are not exact.
func TestThereAndBackLeadsNowhere(t *testing.T) {
	var c Course
	begin := clock(t, "00:30")
	for h := range 24 {
		from := min(h, 23-h)
		c.Take(ward.Temp, 36.2+float64(from*from)*0.007, begin.Add(time.Duration(h)*time.Hour).UnixMilli())
	}
	if got := feature(t, &c, "temp.slope.24", "23:30"); got != 0 || math.Signbit(got) {
		t.Errorf("slope %v", got)
	}
}

func TestNewest(t *testing.T) {
	c := courseOf(t,
		said{"05:50", ward.SpO2, 97}, said{"07:10", ward.SpO2, 93}, said{"07:40", ward.SpO2, 91},
		said{"05:20", ward.FiO2, 0.5}, said{"06:30", ward.HR, 90}, said{"07:30", ward.PR, 96}, said{"07:50", ward.SBP, 120},
	)
	c.TakeLab(&ward.Lab{Name: "lactate", Number: 3, At: clock(t, "04:00")})
	for _, x := range []struct {
		signal, when string
		value        float64
		age          time.Duration
		ok           bool
	}{
		{"spo2", "08:00", 92, 20 * time.Minute, true},
		{"spo2", "+1 06:59", 92, 23*time.Hour + 19*time.Minute, true},
		{"spo2", "+1 07:00", 0, 0, false},
		{"spo2", "07:30", 92, 0, true}, // never younger than now
		{"hr", "08:00", 96, 30 * time.Minute, true},
		{"sf", "08:00", 194, 3 * time.Hour, true}, // at five, when both were known: the hour's beginning, SpO2's own time is no longer kept
		{"sf", "05:59", 194, 59 * time.Minute, true},
		{"shock_index", "08:00", 0, 0, false}, // never in the same hour
		{"lab.lactate", "08:00", 3, 4 * time.Hour, true}, {"lab.lactate", "03:00", 0, 0, false}, {"lab.ph", "08:00", 0, 0, false}, {"lab.gold", "08:00", 0, 0, false},
		{"temp", "08:00", 0, 0, false}, {"bp", "08:00", 0, 0, false}, {"", "08:00", 0, 0, false},
	} {
		value, age, ok := Default().Newest(c, x.signal, clock(t, x.when))
		if math.Abs(value-x.value) > 1e-6 || age != x.age || ok != x.ok {
			t.Errorf("%s at %s: %v, %v ago, %v; want %v, %v ago, %v", x.signal, x.when, value, age, ok, x.value, x.age, x.ok)
		}
	}
	if _, _, ok := Default().Newest(&Course{}, "hr", clock(t, "08:00")); ok {
		t.Error("something is known of nobody")
	}
}

// Each bed keeps one: the size is bought from the memory of the whole bed.
func TestSize(t *testing.T) {
	if size := unsafe.Sizeof(Course{}); size > 2500 {
		t.Errorf("a course takes %d bytes, more than 2,500", size)
	} else {
		t.Logf("a course takes %d bytes", size)
	}
}
