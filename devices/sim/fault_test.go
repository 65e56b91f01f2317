package sim

import (
	"math"
	"slices"
	"testing"
	"time"

	"wardwatch/ward"
)

// faulty is what bed 02 of three sends in ten minutes with the fault, and without it.
func faulty(t *testing.T, fault string) (with, without []Message) {
	t.Helper()
	o := Options{Beds: 3, Seed: 11, Start: start(), Scenarios: map[ward.BedID]string{}}
	own := func(o Options) (out []Message) {
		w := must(t, o)
		for _, m := range w.Step(start().Add(10*time.Minute + 500*time.Millisecond)) {
			if m.Reading == nil && m.Topic == "ward/v1/SIM/02/status" || m.Reading != nil && m.Reading.Device == "mon-02" {
				out = append(out, m)
			}
		}
		return out
	}
	without = own(o)
	o.Faults = map[ward.BedID][]string{"02": {fault}}
	return own(o), without
}

func readings(ms []Message) (out []*ward.Reading) {
	for _, m := range ms {
		if m.Reading != nil {
			out = append(out, m.Reading)
		}
	}
	return out
}

func after(rs []*ward.Reading, d time.Duration) *ward.Reading {
	i := slices.IndexFunc(rs, func(r *ward.Reading) bool { return !r.At.Before(start().Add(d)) })
	return rs[i]
}

func TestProbeOff(t *testing.T) {
	with, _ := faulty(t, "probe_off")
	rs := readings(with)
	if _, ok := after(rs, 30*time.Second).Value(ward.SpO2); !ok {
		t.Error("gone before its time")
	}
	if v, _ := after(rs, time.Minute+2*time.Second).Value(ward.SpO2); v.Quality != ward.Poor {
		t.Errorf("coming off: %+v", v)
	}
	if _, ok := after(rs, 2*time.Minute).Value(ward.SpO2); ok {
		t.Error("SpO2 without a probe")
	}
	if v, ok := after(rs, 4*time.Minute+30*time.Second).Value(ward.SpO2); !ok || v.Quality != ward.Good {
		t.Errorf("back on: %+v", v)
	}
	for _, r := range rs {
		if len(r.Alarms) > 0 {
			t.Fatalf("an alarm of a poor value: %v", r.Alarms)
		}
	}
}

func TestMotionIsMarkedPoor(t *testing.T) {
	with, without := faulty(t, "motion")
	a, b := readings(with), readings(without)
	changed := 0
	for i := range a {
		got, _ := a[i].Value(ward.HR)
		want, _ := b[i].Value(ward.HR)
		if got.Number != want.Number {
			changed++
			if got.Quality != ward.Poor {
				t.Fatalf("an artefact that is not marked: %+v", got)
			}
		}
	}
	if changed < 60 {
		t.Errorf("%d artefacts in ten minutes", changed)
	}
}

func TestDuplicatesHaveTheSameBytes(t *testing.T) {
	with, without := faulty(t, "duplicate")
	times := map[string]int{}
	for _, m := range with {
		times[string(m.Payload)]++
	}
	twice := 0
	for _, m := range without {
		n := times[string(m.Payload)]
		if n == 0 {
			t.Fatal("a message was lost or changed")
		}
		if n > 1 {
			twice++
		}
	}
	if len(times) != len(without) || twice < 20 {
		t.Errorf("%d of %d messages sent more than once", twice, len(without))
	}
}

func TestReorderedLosesNothing(t *testing.T) {
	with, without := faulty(t, "reordered")
	overtaken := 0
	var highest uint64
	seen := map[uint64]bool{}
	for _, r := range readings(with) {
		if r.Seq < highest {
			overtaken++
		}
		highest = max(highest, r.Seq)
		seen[r.Seq] = true
	}
	if missing := len(readings(without)) - len(seen); missing > 1 { // one may still wait
		t.Errorf("%d missing", missing)
	}
	if overtaken < 20 {
		t.Errorf("%d overtaken", overtaken)
	}
}

func TestLateBurstSendsTheBacklogAtOnce(t *testing.T) {
	with, without := faulty(t, "late_burst")
	arrived := map[time.Time]int{}
	late := 0
	for _, r := range readings(with) {
		arrived[r.Arrived]++
		if r.Arrived.Sub(r.At) > time.Minute {
			late++
		}
	}
	burst := 0
	for _, n := range arrived {
		burst = max(burst, n)
	}
	if burst != 121 { // two minutes and the message of the moment
		t.Errorf("burst of %d", burst)
	}
	if late < 50 || len(with) > len(without) {
		t.Errorf("%d late; %d of %d sent", late, len(with), len(without))
	}
}

func TestWrongClocks(t *testing.T) {
	with, _ := faulty(t, "skewed_clock")
	for _, r := range readings(with) {
		if r.Taken.Sub(r.At) != 7*time.Minute {
			t.Fatalf("%v for %v", r.Taken, r.At)
		}
		if v, _ := r.Value(ward.SBP); v.At.After(r.Taken) || r.Taken.Sub(v.At) > 5*time.Minute {
			t.Fatalf("cuff %v, message %v", v.At, r.Taken)
		}
	}
	with, _ = faulty(t, "dead_clock")
	for _, r := range readings(with) {
		if r.Taken.UTC().Year() != 1970 || r.Taken.Unix() != r.At.Unix()-start().Unix() {
			t.Fatalf("%v for %v", r.Taken, r.At)
		}
	}
}

func TestSilentLeavesItsLastWill(t *testing.T) {
	with, _ := faulty(t, "silent")
	last := with[len(with)-1]
	if !last.Retained || !slices.ContainsFunc(with, func(m Message) bool { return m.Reading != nil }) {
		t.Fatalf("ends with %s", last.Payload)
	}
	rs := readings(with)
	if gone := rs[len(rs)-1].At.Sub(start()); gone > time.Minute {
		t.Errorf("spoke until %v", gone)
	}
	if n := len(with) - len(rs); n != 2 { // online, offline
		t.Errorf("%d status messages", n)
	}
}

func TestMovedMeasuresTheNeighbour(t *testing.T) {
	o := Options{Beds: 3, Seed: 5, Start: start(), Scenarios: map[ward.BedID]string{"03": "haemorrhage"}, Faults: map[ward.BedID][]string{"02": {"moved"}}}
	there := map[time.Time]float64{} // bed 03 by its own monitor
	own, moved := 0, 0
	for _, m := range must(t, o).Step(start().Add(40 * time.Minute)) {
		if m.Reading == nil {
			continue
		}
		hr, _ := m.Reading.Value(ward.HR)
		if m.Reading.Device == "mon-03" {
			there[m.Reading.At.Truncate(time.Second)] = hr.Number
			continue
		}
		if m.Reading.Device != "mon-02" {
			continue
		}
		if m.Reading.At.Before(start().Add(time.Minute)) {
			own++
			if m.Topic != "ward/v1/SIM/02/vitals" {
				t.Fatalf("moved early: %s", m.Topic)
			}
			continue
		}
		moved++
		if m.Topic != "ward/v1/SIM/03/vitals" || m.Reading.Place.Bed != "03" {
			t.Fatalf("%s", m.Topic)
		}
		second := m.Reading.At.Truncate(time.Second)
		now, before := there[second], there[second.Add(-time.Second)]
		if math.Abs(hr.Number-now) > 0 && math.Abs(hr.Number-before) > 0 {
			t.Fatalf("heart rate %v; the person in 03 has %v", hr.Number, now)
		}
	}
	if own == 0 || moved == 0 {
		t.Errorf("%d own, %d moved", own, moved)
	}
}
