package scoring

import (
	"testing"
	"time"

	"wardwatch/scoring/chart"
	"wardwatch/ward"
)

var eight = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

// at makes a live device reading of the given minute after eight o'clock.
func at(minute float64, values ...ward.Value) *ward.Reading {
	t := eight.Add(time.Duration(minute * float64(time.Minute)))
	for i := range values {
		if values[i].At.IsZero() {
			values[i].At = t
		}
	}
	return &ward.Reading{Taken: t, At: t, Arrived: t, Values: values}
}

func val(v ward.Vital, n float64) ward.Value { return ward.Value{Vital: v, Number: n} }

// well is a complete set that scores 0; sick one that scores 13 without consciousness.
func well() []ward.Value {
	return []ward.Value{val(ward.RR, 16), val(ward.SpO2, 98), val(ward.O2Source, 0), val(ward.SBP, 120), val(ward.HR, 70), val(ward.ACVPU, 0), val(ward.Temp, 37)}
}

type bedside struct {
	t     testing.TB
	p     Policy
	stay  *ward.Stay
	state State
	last  ward.Score
	wake  int64
}

func newBed(t testing.TB) *bedside { return &bedside{t: t, p: DefaultPolicy(lib)} }

// lib are the charts that are part of the program.
var lib = func() *chart.Library {
	l, err := chart.Embedded()
	if err != nil {
		panic(err)
	}
	return l
}()

// The parts of NEWS2, in the order of its chart.
const (
	inRR = iota
	inSpO2
	inO2
	inSBP
	inHR
	inConsciousness
	inTemp
)

func (w *bedside) read(r *ward.Reading) ward.Score {
	w.state, w.last, w.wake = Step(&w.p, w.stay, w.state, r, r.Arrived)
	return w.last
}

func (w *bedside) wait(minute float64) ward.Score {
	w.state, w.last, w.wake = Step(&w.p, w.stay, w.state, nil, eight.Add(time.Duration(minute*float64(time.Minute))))
	return w.last
}

func TestCompleteSetScores(t *testing.T) {
	s := newBed(t).read(at(0, well()...))
	if !s.Complete || s.Total != 0 || s.Band != ward.Low {
		t.Fatalf("got %+v", s)
	}
}

// Promise 1: each input, when it goes stale, becomes unknown and never 0 points.
func TestStaleInputIsUnknown(t *testing.T) {
	first := newBed(t).read(at(0, well()...))
	for i, part := range first.PartList() {
		b := newBed(t)
		b.read(at(0, well()...))
		d, _ := b.p.StaleAfter(part.Input)
		limit := d.Minutes()
		if d == 5*time.Hour { // a complete set of 0 points: the next is due after 12 h, plus a quarter
			limit = 15 * 60
		}
		just := b.wait(limit)
		if just.Parts[i].State != ward.Present {
			t.Errorf("%v at its limit of %v min: %v, want present", part.Input, limit, just.Parts[i].State)
		}
		past := b.wait(limit + 0.01)
		if past.Parts[i].State != ward.Stale || past.Complete || past.Band == ward.Low {
			t.Errorf("%v past its limit: part %v complete %v band %v; want stale, incomplete, not low", part.Input, past.Parts[i].State, past.Complete, past.Band)
		}
	}
}

// Promise 1: a lost input holds the band, marked, until a newer set with that input clears it.
func TestLostInputHoldsTheBand(t *testing.T) {
	b := newBed(t)
	sick := append(well(), val(ward.ACVPU, float64(ward.Confused)))
	sick[0] = val(ward.RR, 22)
	if s := b.read(at(0, sick...)); s.Total != 5 || s.Band != ward.Medium {
		t.Fatalf("start: %d %v", s.Total, s.Band)
	}
	hours5 := 60 * 5.1 // consciousness is stale now, the rest is fresh and well
	fresh := func() []ward.Value { w := well(); return append(w[:5], w[6]) }
	s := b.read(at(hours5, fresh()...))
	if s.Complete || s.LowerBound != 0 || s.Band != ward.Medium || !s.Held {
		t.Fatalf("consciousness stale: lower bound %d band %v held %v; want 0, medium, held", s.LowerBound, s.Band, s.Held)
	}
	s = b.read(at(hours5+1, val(ward.RR, 30), val(ward.SpO2, 90), val(ward.SBP, 95)))
	if s.Band != ward.High || s.Held {
		t.Fatalf("worse: %v held %v", s.Band, s.Held)
	}
	s = b.read(at(hours5+2, fresh()...))
	if s.Band != ward.Medium || !s.Held {
		t.Fatalf("better again, consciousness still unknown: %v held %v; want medium held", s.Band, s.Held)
	}
	s = b.read(at(hours5+3, val(ward.ACVPU, 0)))
	if !s.Complete || s.Band != ward.Low || s.Held {
		t.Fatalf("charted alert: %+v", s)
	}
}

// A set that never had consciousness may rise and fall on what it has.
func TestPartialSetMayFallByItself(t *testing.T) {
	b := newBed(t)
	five := well()[:5]
	b.read(at(0, five...))
	if s := b.read(at(1, val(ward.RR, 30), val(ward.SpO2, 88))); s.Band != ward.Medium {
		t.Fatalf("lower bound %d band %v", s.LowerBound, s.Band)
	}
	if s := b.read(at(2, val(ward.RR, 16), val(ward.SpO2, 97))); s.Band != ward.Unknown || s.Held {
		t.Fatalf("band %v held %v; want unknown, not held", s.Band, s.Held)
	}
}

// Promise 1: a value too low to believe is not scored and asks for the patient to be checked.
func TestTooLowToBelieve(t *testing.T) {
	for _, c := range []struct {
		v     ward.Vital
		n     float64
		in    int
		check string
		state ward.PartState
	}{
		{ward.RR, 0, inRR, "rr", ward.Implausible},
		{ward.SpO2, 40, inSpO2, "spo2", ward.Implausible},
		{ward.HR, 0, inHR, "hr", ward.Implausible},
		{ward.SBP, 20, inSBP, "sbp", ward.Implausible},
		{ward.RR, 4, inRR, "rr", ward.Present}, // believed: it scores 3, and the patient is checked
		{ward.SpO2, 65, inSpO2, "spo2", ward.Present},
		{ward.RR, 200, inRR, "", ward.Implausible}, // too high to believe: unknown, nothing more
	} {
		b := newBed(t)
		b.read(at(0, well()...))
		s := b.read(at(1, val(c.v, c.n)))
		part := s.Parts[c.in]
		if s.Check != c.check || part.State != c.state || s.Band == ward.Low {
			t.Errorf("%v %v: check %q part %v band %v; want %q, %v, not low", c.v, c.n, s.Check, part.State, s.Band, c.check, c.state)
		}
	}
}

// What a nurse charted stands until it is charted again or expires; a monitor may only raise it.
func TestChartedConsciousnessOutranksTheDevice(t *testing.T) {
	charted := func(minute float64, level ward.Consciousness) *ward.Reading {
		r := at(minute, val(ward.ACVPU, float64(level)))
		r.Source = ward.Manual
		return r
	}
	b := newBed(t)
	b.read(at(0, well()...))
	b.read(charted(1, ward.Voice))
	if s := b.read(at(2, val(ward.ACVPU, float64(ward.Awake)))); s.Parts[inConsciousness].Points != 3 {
		t.Fatal("the monitor's A replaced the charted V")
	}
	if s := b.read(at(3, val(ward.ACVPU, float64(ward.Pain)))); s.Parts[inConsciousness].Number != float64(ward.Pain) {
		t.Fatal("the monitor may say worse")
	}
	b.read(charted(4, ward.Voice))
	if s := b.read(charted(5, ward.Awake)); s.Parts[inConsciousness].Points != 0 {
		t.Fatal("charted again")
	}
	b.read(charted(6, ward.Voice))
	if s := b.read(at(6+5*60+1, val(ward.ACVPU, float64(ward.Awake)))); s.Parts[inConsciousness].Points != 0 {
		t.Fatal("the charted level has expired")
	}
}

// A nurse who writes "new confusion, a minute ago" is not overruled by what the monitor said since.
func TestWhatTheNurseSawOutranksWhatTheMonitorSaidSince(t *testing.T) {
	b := newBed(t)
	b.read(at(0, well()...))
	b.read(at(2, val(ward.ACVPU, float64(ward.Awake))))
	r := at(1, val(ward.ACVPU, float64(ward.Confused)))
	r.Source, r.Arrived = ward.Manual, minutes(3)
	if s := b.read(r); s.Parts[inConsciousness].Points != 3 {
		t.Fatalf("the charted confusion gives %d points", s.Parts[inConsciousness].Points)
	}
	if s := b.read(at(4, val(ward.ACVPU, float64(ward.Awake)))); s.Parts[inConsciousness].Points != 3 {
		t.Fatal("the monitor's next A replaced it")
	}
}

// Shock narrows the pulse pressure, and so does a damped line: the pressure is doubted, and somebody
// must look.
func TestALowPressureInDoubtIsChecked(t *testing.T) {
	for _, c := range []struct {
		sbp, dbp float64
		check    string
	}{
		{62, 55, "sbp"},
		{118, 112, ""},
	} {
		b := newBed(t)
		b.read(at(0, well()...))
		s := b.read(at(1, val(ward.SBP, c.sbp), val(ward.DBP, c.dbp)))
		if s.Check != c.check || s.Doubts[ward.SBP] == ward.Believed {
			t.Errorf("%v/%v: check %q, doubt %q; want check %q", c.sbp, c.dbp, s.Check, s.Doubts[ward.SBP], c.check)
		}
	}
}

func TestPoorQualityGivesNoPoints(t *testing.T) {
	b := newBed(t)
	b.read(at(0, well()...))
	poor := val(ward.SpO2, 97)
	poor.Quality = ward.Poor
	if s := b.read(at(1, poor)); s.Parts[inSpO2].State != ward.Implausible || s.Complete {
		t.Fatalf("%+v", s.Parts[inSpO2])
	}
}

// Promise 5: silence is noticed by time alone, at its moment.
func TestSilenceIsLost(t *testing.T) {
	b := newBed(t)
	b.read(at(0, well()...))
	if due := time.UnixMilli(b.wake); due.Sub(eight) > b.p.Silence+time.Millisecond {
		t.Fatalf("wakes after %v, want by %v", due.Sub(eight), b.p.Silence)
	}
	if s := b.wait(1); s.Lost {
		t.Fatal("lost within the limit")
	}
	if s := b.wait(1.01); !s.Lost {
		t.Fatal("not lost past the limit")
	}
	if s := b.read(at(2, val(ward.HR, 70))); s.Lost {
		t.Fatal("lost though it speaks again")
	}
}

func TestOxygen(t *testing.T) {
	type entry struct {
		minute float64
		v      ward.Vital
		n      float64
	}
	for name, c := range map[string]struct {
		entries []entry
		want    string
	}{
		"nothing charted is unknown":           {nil, "unknown"},
		"room air":                             {[]entry{{0, ward.O2Source, float64(ward.RoomAir)}}, "air"},
		"nasal cannula":                        {[]entry{{0, ward.O2Source, float64(ward.NasalCannula)}}, "oxygen"},
		"fraction of air":                      {[]entry{{0, ward.FiO2, 0.21}}, "air"},
		"fraction above air":                   {[]entry{{0, ward.FiO2, 0.28}}, "oxygen"},
		"flow":                                 {[]entry{{0, ward.O2Flow, 2}}, "oxygen"},
		"room air charted later ends a flow":   {[]entry{{0, ward.O2Flow, 2}, {10, ward.O2Source, 0}}, "air"},
		"a flow later than room air is oxygen": {[]entry{{0, ward.O2Source, 0}, {10, ward.O2Flow, 2}}, "oxygen"},
		"cannula with a gas module at 0.21":    {[]entry{{0, ward.O2Source, 1}, {10, ward.FiO2, 0.21}}, "oxygen"},
		"a device gone stale, its flow is not": {[]entry{{-295, ward.O2Source, 1}, {-60, ward.O2Flow, 2}}, "oxygen"},
		"a device gone stale uncovers no air":  {[]entry{{-295, ward.O2Source, 1}, {-60, ward.FiO2, 0.21}}, "unknown"},
		"stale is unknown":                     {[]entry{{-400, ward.O2Source, 1}}, "unknown"},
	} {
		b := newBed(t)
		for _, e := range c.entries {
			b.read(at(e.minute, val(e.v, e.n)))
		}
		part := b.wait(11).Parts[inO2]
		got := "unknown"
		if part.State == ward.Present {
			got = map[float64]string{0: "air", 1: "oxygen"}[part.Number]
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestPulseStandsInForHeartRate(t *testing.T) {
	b := newBed(t)
	s := b.read(at(0, val(ward.PR, 120)))
	if p := s.Parts[inHR]; p.State != ward.Present || p.Points != 2 {
		t.Fatalf("%+v", p)
	}
	if p := b.read(at(1, val(ward.HR, 70))).Parts[inHR]; p.Points != 0 {
		t.Fatalf("the ECG has the word: %+v", p)
	}
}
