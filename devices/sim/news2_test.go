package sim

import (
	"math"
	"testing"
	"time"

	"wardwatch/ward"
)

// chart is what a nurse would have on the paper chart: the last value of each vital.
type chart map[ward.Vital]float64

func (c chart) write(r *ward.Reading) {
	for _, v := range r.Values {
		c[v.Vital] = v.Number
	}
}

// news2 is the RCP chart (December 2017, scale 1), written from the printed table and sharing
// nothing with the product. worst is the highest single parameter.
func (c chart) news2() (total, worst int) {
	points := func(x float64, bands ...[3]float64) int {
		for _, b := range bands {
			if x >= b[0] && x <= b[1] {
				return int(b[2])
			}
		}
		panic("a value between two bands")
	}
	inf := math.Inf(1)
	onOxygen := c[ward.O2Source] != float64(ward.RoomAir)
	each := []int{
		points(c[ward.RR], [3]float64{-inf, 8, 3}, [3]float64{9, 11, 1}, [3]float64{12, 20, 0}, [3]float64{21, 24, 2}, [3]float64{25, inf, 3}),
		points(c[ward.SpO2], [3]float64{-inf, 91, 3}, [3]float64{92, 93, 2}, [3]float64{94, 95, 1}, [3]float64{96, inf, 0}),
		points(c[ward.SBP], [3]float64{-inf, 90, 3}, [3]float64{91, 100, 2}, [3]float64{101, 110, 1}, [3]float64{111, 219, 0}, [3]float64{220, inf, 3}),
		points(c[ward.HR], [3]float64{-inf, 40, 3}, [3]float64{41, 50, 1}, [3]float64{51, 90, 0}, [3]float64{91, 110, 1}, [3]float64{111, 130, 2}, [3]float64{131, inf, 3}),
		points(c[ward.Temp], [3]float64{-inf, 35.0, 3}, [3]float64{35.1, 36.0, 1}, [3]float64{36.1, 38.0, 0}, [3]float64{38.1, 39.0, 1}, [3]float64{39.1, inf, 2}),
	}
	if onOxygen {
		each = append(each, 2)
	}
	if c[ward.ACVPU] != float64(ward.Awake) {
		each = append(each, 3)
	}
	for _, p := range each {
		total += p
		worst = max(worst, p)
	}
	return total, worst
}

// What a clinician expects of each scenario, whoever the person is.
func TestScenariosReachTheirBandInTime(t *testing.T) {
	expected := []struct {
		scenario  string
		minute    int
		low, high int // NEWS2, ends included
	}{
		{"stable", 30, 0, 3}, {"stable", 300, 0, 3},
		{"mild_fever", 30, 0, 4}, {"mild_fever", 200, 0, 4},
		{"sepsis", 4, 0, 3}, {"sepsis", 32, 5, 20}, {"sepsis", 42, 7, 20}, {"sepsis", 65, 10, 20},
		{"respiratory_failure", 4, 0, 3}, {"respiratory_failure", 37, 6, 20}, {"respiratory_failure", 70, 9, 20},
		{"rising_oxygen_need", 4, 0, 3}, {"rising_oxygen_need", 30, 2, 6}, {"rising_oxygen_need", 80, 2, 6},
		{"haemorrhage", 4, 0, 3}, {"haemorrhage", 30, 5, 20}, {"haemorrhage", 52, 10, 20},
		{"opioid_respiratory_depression", 4, 0, 3}, {"opioid_respiratory_depression", 30, 7, 20}, {"opioid_respiratory_depression", 45, 9, 20},
		{"recovery", 1, 4, 9}, {"recovery", 50, 0, 4}, {"recovery", 90, 0, 3},
	}
	const beds = 40 // that many different people
	wards, charts := map[string]*Ward{}, map[string]map[ward.BedID]chart{}
	for _, e := range expected {
		w := wards[e.scenario]
		if w == nil {
			w = everyBed(t, e.scenario, beds, 1)
			wards[e.scenario], charts[e.scenario] = w, map[ward.BedID]chart{}
		}
		write(charts[e.scenario], w.Step(w.o.Start.Add(time.Duration(e.minute)*time.Minute)))
		for b, c := range charts[e.scenario] {
			if got, _ := c.news2(); got < e.low || got > e.high {
				t.Errorf("%s, bed %s, minute %d: NEWS2 %d, expected %d to %d: %v", e.scenario, b, e.minute, got, e.low, e.high, c)
			}
		}
	}
}

// write keeps the charts of a whole ward.
func write(charts map[ward.BedID]chart, ms []Message) {
	for _, m := range ms {
		if m.Reading == nil {
			continue
		}
		b := m.Reading.Place.Bed
		if charts[b] == nil {
			charts[b] = chart{}
		}
		charts[b].write(m.Reading)
	}
}

func TestCalmPeopleNeverAlarm(t *testing.T) {
	for _, scenario := range []string{"stable", "mild_fever"} {
		w := everyBed(t, scenario, 12, 1)
		charts := map[ward.BedID]chart{}
		for _, m := range w.Step(w.o.Start.Add(18 * time.Hour)) {
			write(charts, []Message{m})
			if m.Reading == nil {
				continue
			}
			b := m.Reading.Place.Bed
			if total, worst := charts[b].news2(); total >= 5 || worst >= 3 || len(m.Reading.Alarms) > 0 {
				t.Fatalf("%s, bed %s at %v: NEWS2 %d, worst parameter %d, alarms %v", scenario, b, m.Reading.At, total, worst, m.Reading.Alarms)
			}
		}
	}
}

// The scenario that a score of vital signs alone does not show.
func TestRisingOxygenNeedKeepsSpO2Steady(t *testing.T) {
	w := everyBed(t, "rising_oxygen_need", 10, 1)
	devices := map[ward.BedID][]ward.O2Device{}
	for _, m := range w.Step(w.o.Start.Add(80 * time.Minute)) {
		if m.Reading == nil {
			continue
		}
		if v, _ := m.Reading.Value(ward.SpO2); v.Number < 93 {
			t.Fatalf("SpO2 %v at %v", v.Number, m.Reading.At)
		}
		v, _ := m.Reading.Value(ward.O2Source)
		seen := devices[m.Reading.Place.Bed]
		if d := ward.O2Device(v.Number); len(seen) == 0 || seen[len(seen)-1] != d {
			devices[m.Reading.Place.Bed] = append(seen, d)
		}
	}
	want := []ward.O2Device{ward.RoomAir, ward.NasalCannula, ward.SimpleMask, ward.Venturi, ward.HFNC}
	for b, got := range devices {
		if len(got) != len(want) {
			t.Fatalf("bed %s: %v", b, got)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("bed %s: %v", b, got)
			}
		}
	}
}

// With a pace of 40 a sepsis is seen in about a minute.
func TestPaceShowsDeteriorationInAMinute(t *testing.T) {
	w := everyBed(t, "sepsis", 20, 40)
	charts := map[ward.BedID]chart{}
	write(charts, w.Step(w.o.Start.Add(75*time.Second)))
	for b, c := range charts {
		if got, _ := c.news2(); got < 7 {
			t.Errorf("bed %s: NEWS2 %d after 75 s: %v", b, got, c)
		}
	}
}

func TestOpioidsRaiseTheMonitorsOwnAlarms(t *testing.T) {
	w := everyBed(t, "opioid_respiratory_depression", 10, 1)
	on := map[ward.BedID]map[string]bool{}
	for _, m := range w.Step(w.o.Start.Add(60 * time.Minute)) {
		if m.Reading == nil {
			continue
		}
		b := m.Reading.Place.Bed
		if on[b] == nil {
			on[b] = map[string]bool{}
		}
		for _, a := range m.Reading.Alarms {
			if on[b][a.Code] == a.On {
				t.Fatalf("bed %s: %s said twice that it is %v", b, a.Code, a.On)
			}
			on[b][a.Code] = a.On
		}
	}
	for b, codes := range on {
		if !codes["apnoea"] || !codes["desaturation"] {
			t.Errorf("bed %s: alarms at the end %v", b, codes)
		}
	}
}

func everyBed(t testing.TB, scenario string, beds int, pace float64) *Ward {
	t.Helper()
	o := Options{Beds: beds, Seed: 7, Pace: pace, Interval: 20 * time.Second, Scenarios: map[ward.BedID]string{}}
	if pace > 1 {
		o.Interval = time.Second
	}
	for i := range beds {
		o.Scenarios[DefaultBedName(i)] = scenario
	}
	w, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}
