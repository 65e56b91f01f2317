package live

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wardwatch/ward"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// aWard is a picture of one ward with beds 1 to n, and a person "s<n>" in each.
func aWard(t testing.TB, n int, now func() time.Time) *Live {
	t.Helper()
	l := New(Options{Now: now, Version: "v1", Limits: map[string]time.Duration{"rr": time.Minute}})
	var beds []ward.Bed
	var stays []ward.Stay
	for i := 1; i <= n; i++ {
		p := place(i)
		beds = append(beds, ward.Bed{Place: p, Label: fmt.Sprint("Giường ", i), Order: i})
		stays = append(stays, person(i))
	}
	l.SetWard(ward.Ward{ID: "icu", Name: "Hồi sức"}, beds)
	l.SetStays("icu", stays)
	return l
}

func place(i int) ward.Place { return ward.Place{Ward: "icu", Bed: ward.BedID(fmt.Sprint(i))} }

func person(i int) ward.Stay {
	return ward.Stay{
		ID: ward.StayID(fmt.Sprint("s", i)), HospitalID: fmt.Sprint("BN-", 1000+i), FamilyName: "Nguyễn Văn", GivenName: fmt.Sprint("Tên", i),
		BirthDate: time.Date(1950, 1, 2, 0, 0, 0, 0, time.UTC), Place: place(i),
	}
}

func reading(bed int, at time.Time, rr float64) *ward.Reading {
	return &ward.Reading{
		Place: place(bed), Device: ward.DeviceID(fmt.Sprint("mon-", bed)), Source: ward.FromDevice, Taken: at, Arrived: at, At: at,
		Stay:   ward.StayID(fmt.Sprint("s", bed)),
		Values: []ward.Value{{Vital: ward.RR, Number: rr, At: at}, {Vital: ward.SpO2, Number: 96, At: at}},
	}
}

func score(bed, points int, at time.Time) *ward.Score {
	s := &ward.Score{Place: place(bed), Stay: ward.StayID(fmt.Sprint("s", bed)), At: at, Chart: "news2", Total: points, LowerBound: points, Complete: true, NParts: 7}
	for i, input := range []string{"rr", "spo2", "o2", "sbp", "hr", "consciousness", "temp"} {
		s.Parts[i] = ward.Part{Input: input, State: ward.Present, Number: 1, At: at}
	}
	return s
}

func publish(l *Live, what any) {
	switch x := what.(type) {
	case *ward.Reading:
		l.Publish(ward.Event{Ward: x.Place.Ward, At: x.Arrived, Reading: x})
	case *ward.Score:
		l.Publish(ward.Event{Ward: x.Place.Ward, At: x.At, Score: x})
	case *ward.Alert:
		l.Publish(ward.Event{Ward: x.Place.Ward, Alert: x})
	case *ward.DeviceStatus:
		l.Publish(ward.Event{Ward: x.Place.Ward, At: x.At, Status: x})
	case *ward.Assessment:
		l.Publish(ward.Event{Ward: x.Place.Ward, At: x.At, Assessment: x})
	case *ward.Stay:
		l.Publish(ward.Event{Ward: x.Place.Ward, Stay: x})
	}
}

// tileOf is the bed's tile as a screen in this mode would have it.
func tileOf(t *testing.T, l *Live, m Names, bed int) Tile {
	t.Helper()
	v, ok := l.Snapshot("icu", m)
	if !ok {
		t.Fatal("no such ward")
	}
	for _, x := range v.Tiles {
		if x.Bed == fmt.Sprint(bed) {
			return x
		}
	}
	t.Fatalf("no tile of bed %d", bed)
	return Tile{}
}

func always(at time.Time) func() time.Time { return func() time.Time { return at } }

func TestBedsOutsideTheBookAreBounded(t *testing.T) {
	l := aWard(t, 1, always(noon))
	for i := 100; i < 400; i++ {
		r := reading(i, noon, 20)
		r.Stay, r.Apart = "", ward.UnknownBed
		publish(l, r)
	}
	v, _ := l.Snapshot("icu", NamesGiven)
	if len(v.Tiles) != 1+maxStrangers {
		t.Errorf("%d tiles, want %d", len(v.Tiles), 1+maxStrangers)
	}
	if last := v.Tiles[len(v.Tiles)-1]; last.Apart != "unknown_bed" || last.Stay != nil {
		t.Errorf("%+v", last)
	}
	if got := l.strangers.Load(); got != 300-maxStrangers {
		t.Errorf("%d refused were counted, want %d", got, 300-maxStrangers)
	}
}

// One value that JSON cannot hold must not cost a ward its screens.
func TestNumbersThatJSONCannotHold(t *testing.T) {
	l := aWard(t, 1, always(noon))
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		publish(l, reading(1, noon, bad))
		s := score(1, 3, noon)
		s.Parts[0].Number = bad
		publish(l, s)
		publish(l, &ward.DeviceStatus{Place: place(1), Device: "mon-1", Battery: bad, At: noon})
		scr, err := l.Subscribe("icu", NamesGiven, "")
		if err != nil {
			t.Fatal(err)
		}
		if events, _, err := scr.Take(); err != nil || len(events) != 1 {
			t.Fatalf("%v: %d events, %v", bad, len(events), err)
		}
		scr.Close()
	}
}

func TestRememberFillsTheLines(t *testing.T) {
	l := aWard(t, 1, always(noon))
	var minutes []ward.Minute
	for i := range 60 {
		minutes = append(minutes, ward.Minute{Start: noon.Add(time.Duration(i-60) * time.Minute), Vital: ward.RR, Mean: 20, Count: 60})
	}
	l.Remember(place(1), "s1", minutes, []ward.ScoreMinute{{Start: noon.Add(-time.Hour), Points: 4, Complete: true, Known: true}})
	sp := tileOf(t, l, NamesGiven, 1).Spark
	known := 0
	for _, v := range sp.RR {
		if !math.IsNaN(v) {
			known++
		}
	}
	if known < 29 || known > 31 || len(sp.RR) != sparkSlots {
		t.Errorf("%d of %d steps known, want about 30 of %d", known, len(sp.RR), sparkSlots)
	}
	publish(l, score(1, 6, noon))
	if got := tileOf(t, l, NamesGiven, 1).Score.Trend; got == nil || *got != 2 {
		t.Errorf("trend %v, want +2", got)
	}
}

// eventOf splits what goes on the wire.
func eventOf(t fataler, raw []byte) (name, id string, data []byte) {
	t.Helper()
	if !bytes.HasSuffix(raw, []byte("\n\n")) || bytes.Count(raw, []byte("\n")) != 4 {
		t.Fatalf("not one event: %q", raw)
	}
	for _, line := range strings.Split(string(raw), "\n") {
		key, value, _ := strings.Cut(line, ": ")
		switch key {
		case "event":
			name = value
		case "id":
			id = value
		case "data":
			data = []byte(value)
		}
	}
	return name, id, data
}

func TestFirstChangeAtOnceThenPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := aWard(t, 3, time.Now)
		defer l.Close()
		s, err := l.Subscribe("icu", NamesGiven, "")
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		events, more, _ := s.Take()
		if name, _, _ := eventOf(t, events[0]); name != "snapshot" {
			t.Fatalf("first event is %s", name)
		}
		time.Sleep(time.Second)

		began := time.Now()
		publish(l, reading(1, began, 20))
		<-more
		if wait := time.Since(began); wait != 0 {
			t.Errorf("the first change waited %v", wait)
		}
		events, more, _ = s.Take()
		if len(events) != 1 {
			t.Fatalf("%d events", len(events))
		}
		publish(l, reading(2, began, 21))
		publish(l, reading(2, began, 22))
		publish(l, reading(3, began, 23))
		<-more
		if wait := time.Since(began); wait != DefaultPace {
			t.Errorf("the following changes came after %v, want %v", wait, DefaultPace)
		}
		events, _, _ = s.Take()
		_, _, data := eventOf(t, events[0])
		var d DeltaView
		if err := json.Unmarshal(data, &d); err != nil || len(events) != 1 || len(d.Tiles) != 2 || d.Tiles[0].Vitals["rr"].V != 22 || d.System != nil {
			t.Errorf("%d events, %s, %v", len(events), data, err)
		}
	})
}

// TestAFaultOfTheWholeWard: a technical alert without a bed has no tile; the ward's board shows it
// with the states of Wardwatch itself, those of other wards do not, and it goes when it ends.
func TestAFaultOfTheWholeWard(t *testing.T) {
	l := New(Options{Now: func() time.Time { return noon }})
	defer l.Close()
	for _, w := range []ward.WardID{"A", "B"} {
		l.SetWard(ward.Ward{ID: w}, nil)
	}
	shown := func(w ward.WardID) (codes []string) {
		v, _ := l.Snapshot(w, NamesNone)
		for _, s := range v.System {
			codes = append(codes, s.Code)
		}
		return codes
	}
	storm := ward.Alert{ID: "x", Place: ward.Place{Ward: "A"}, Kind: ward.Technical, State: ward.Active, Causes: []ward.Cause{{Code: "many:silent_device"}}}
	l.Publish(ward.Event{Ward: "A", At: noon, Alert: &storm})
	l.Publish(ward.Event{At: noon, System: &ward.System{Code: "influx_lag", Bad: true}})
	if got := shown("A"); !slices.Equal(got, []string{"influx_lag", "many:silent_device"}) {
		t.Errorf("ward A shows %q", got)
	}
	if got := shown("B"); !slices.Equal(got, []string{"influx_lag"}) {
		t.Errorf("ward B shows %q", got)
	}
	storm.State = ward.Resolved
	l.Publish(ward.Event{Ward: "A", At: noon, Alert: &storm})
	if got := shown("A"); !slices.Equal(got, []string{"influx_lag"}) {
		t.Errorf("after its end ward A shows %q", got)
	}
}
