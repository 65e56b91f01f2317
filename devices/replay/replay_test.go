package replay

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/devices"
	"wardwatch/ward"
)

var start = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

func recorded(patient string, at time.Time, hr float64) ward.Reading {
	return ward.Reading{Place: ward.Place{Bed: ward.BedID(patient)}, Device: "bedside", Taken: at, At: at,
		Values: []ward.Value{{Vital: ward.HR, Number: hr, At: at}, {Vital: ward.SBP, Number: 120, At: at.Add(-10 * time.Minute)}}}
}

func sequence(rs ...ward.Reading) iter.Seq2[ward.Reading, error] {
	return func(yield func(ward.Reading, error) bool) {
		for _, r := range rs {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// Two patients whose dates were shifted decades apart, one after the other as a file holds them.
func shifted() iter.Seq2[ward.Reading, error] {
	a := time.Date(2101, 3, 1, 5, 0, 0, 0, time.UTC)
	b := time.Date(2154, 7, 9, 22, 30, 0, 0, time.UTC)
	return sequence(recorded("p9", a, 80), recorded("p9", a.Add(time.Minute), 81), recorded("p9", a.Add(3*time.Minute), 82),
		recorded("p4", b, 100), recorded("p4", b.Add(2*time.Minute), 101))
}

func options() Options { return Options{Ward: "icu", Start: start, Boot: "r1"} }

// line is one message as a reader sees it.
func line(r ward.Reading) string {
	return fmt.Sprintf("%s %s %s#%d hr=%g sbp-age=%s", r.Taken.Sub(start), r.Place.Bed, r.Device, r.Seq, r.Values[0].Number, r.Taken.Sub(r.Values[1].At))
}

func TestEachPatientStartsAtTheStart(t *testing.T) {
	p, err := New(shifted(), options())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"0s 01 01-bedside#1 hr=80 sbp-age=10m0s",
		"0s 02 02-bedside#1 hr=100 sbp-age=10m0s",
		"1m0s 01 01-bedside#2 hr=81 sbp-age=10m0s",
		"2m0s 02 02-bedside#2 hr=101 sbp-age=10m0s",
		"3m0s 01 01-bedside#3 hr=82 sbp-age=10m0s",
	}
	for i, r := range p.Readings {
		if got := line(r); got != want[i] {
			t.Errorf("message %d: %s, want %s", i, got, want[i])
		}
	}
	if x := p.Patients[1]; x.Recorded != "p4" || x.Place != (ward.Place{Ward: "icu", Bed: "02"}) || x.Readings != 2 || x.First != start || x.Last != start.Add(2*time.Minute) {
		t.Errorf("patient: %+v", x)
	}
}

func TestTogetherKeepsDistances(t *testing.T) {
	o := options()
	o.Align = Together
	day := time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC)
	p, err := New(sequence(recorded("b", day.Add(time.Hour), 1), recorded("a", day, 2)), o)
	if err != nil {
		t.Fatal(err)
	}
	if p.Readings[0].Taken != start || p.Readings[1].Taken != start.Add(time.Hour) || p.Readings[1].Place.Bed != "01" {
		t.Errorf("%s, %s", line(p.Readings[0]), line(p.Readings[1]))
	}
}

func TestNoBedForALaterPatient(t *testing.T) {
	o := options()
	o.Beds = 1
	p, err := New(shifted(), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Patients) != 1 || len(p.Readings) != 3 || p.Skipped != 2 {
		t.Errorf("%d patients, %d readings, %d skipped", len(p.Patients), len(p.Readings), p.Skipped)
	}
}

func TestWhatCannotBeLaidOut(t *testing.T) {
	bad := errors.New("row 7: no time")
	rows := func(yield func(ward.Reading, error) bool) { yield(ward.Reading{}, bad) }
	if _, err := New(rows, options()); err == nil {
		t.Error("an empty recording was taken")
	}
	same := options()
	same.Bed = func(int) ward.BedID { return "1" }
	for _, o := range []Options{{}, {Ward: "a b", Start: start, Boot: "x"}, {Ward: "a", Boot: "x"}, {Ward: "a", Start: start}, same} {
		if _, err := New(shifted(), o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}

// clock stands still unless it is waited on.
type clock struct{ now time.Time }

func (c *clock) until(ctx context.Context, t time.Time) error {
	c.now = t
	return ctx.Err()
}

func TestPace(t *testing.T) {
	wall := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		speed float64
		want  []time.Duration // of each message after the first
	}{
		{1, []time.Duration{0, 0, time.Minute, 2 * time.Minute, 3 * time.Minute}},
		{60, []time.Duration{0, 0, time.Second, 2 * time.Second, 3 * time.Second}},
		{0, []time.Duration{0, 0, 0, 0, 0}},
	} {
		p, err := New(shifted(), options())
		if err != nil {
			t.Fatal(err)
		}
		k := &clock{wall}
		var at []time.Duration
		var last Progress
		err = p.Run(context.Background(), Pace{Speed: c.speed, Now: func() time.Time { return k.now }, Until: k.until,
			Send:     func(context.Context, string, []byte) error { at = append(at, k.now.Sub(wall)); return nil },
			Progress: func(g Progress) { last = g }})
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(at) != fmt.Sprint(c.want) {
			t.Errorf("speed %g: sent at %v, want %v", c.speed, at, c.want)
		}
		if last.Sent != 5 || last.Of != 5 || last.At != start.Add(3*time.Minute) || last.Behind != 0 {
			t.Errorf("speed %g: %+v", c.speed, last)
		}
	}
}

func TestASlowBrokerShowsAsBehind(t *testing.T) {
	p, err := New(shifted(), options())
	if err != nil {
		t.Fatal(err)
	}
	k := &clock{start}
	var worst time.Duration
	err = p.Run(context.Background(), Pace{Speed: 60, Now: func() time.Time { return k.now }, Until: k.until,
		Send:     func(context.Context, string, []byte) error { k.now = k.now.Add(2 * time.Second); return nil },
		Progress: func(g Progress) { worst = max(worst, g.Behind) }})
	if err != nil || worst != 7*time.Second {
		t.Errorf("behind %s, %v", worst, err)
	}
}

func TestRunEnds(t *testing.T) {
	p, err := New(shifted(), options())
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return start }
	broken := errors.New("broken")
	if err := p.Run(context.Background(), Pace{Now: now, Send: func(context.Context, string, []byte) error { return broken }}); !errors.Is(err, broken) {
		t.Errorf("a failing Send: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	sent := 0
	err = p.Run(ctx, Pace{Speed: 1, Now: now, Send: func(context.Context, string, []byte) error { sent++; cancel(); return nil }})
	if !errors.Is(err, context.Canceled) || sent != 1 {
		t.Errorf("cancelled: %v after %d", err, sent)
	}
	if err := p.Run(context.Background(), Pace{}); err == nil {
		t.Error("Run without Send")
	}
}

// Whatever the recording: what is decoded at the other end is the plan, in order of time, and
// each line of device, boot and seq counts from 1 without a gap.
func TestTheWireCarriesThePlan(t *testing.T) {
	var d devices.Decoder
	rapid.Check(t, func(t *rapid.T) {
		var rs []ward.Reading
		for i := range rapid.IntRange(1, 5).Draw(t, "patients") {
			at := time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "admitted"))
			for range rapid.IntRange(1, 8).Draw(t, "readings") {
				r := recorded(fmt.Sprintf("p%d", i), at, float64(rapid.IntRange(0, 400).Draw(t, "hr")))
				r.Device = ward.DeviceID(rapid.SampledFrom([]string{"", "bedside", "cuff"}).Draw(t, "device"))
				rs = append(rs, r)
				at = at.Add(time.Duration(rapid.Int64Range(0, 1e6).Draw(t, "gap")) * time.Millisecond)
			}
		}
		o := options()
		o.Align = Align(rapid.IntRange(0, 1).Draw(t, "align"))
		p, err := New(sequence(rs...), o)
		if err != nil {
			t.Fatal(err)
		}
		next := map[string]uint64{}
		var last time.Time
		i := 0
		err = p.Run(context.Background(), Pace{Now: func() time.Time { return start }, Send: func(_ context.Context, topic string, payload []byte) error {
			place, kind, err := devices.ParseTopic(topic)
			out, fault := d.Decode(payload, nil)
			if err != nil || kind != devices.Vitals || fault != nil || len(out) != 1 || out[0].Faults != nil {
				t.Fatalf("%s %s: %v %v", topic, payload, err, fault)
			}
			r, want := out[0].Reading, p.Readings[i]
			key := place.String() + string(r.Device)
			next[key]++
			if place != want.Place || r.Taken != want.Taken || r.Values[0] != want.Values[0] || r.Values[1] != want.Values[1] || r.Seq != next[key] || r.Boot != "r1" {
				t.Fatalf("%s %+v\nwant %+v", topic, r, want)
			}
			if r.Taken.Before(last) || r.Taken.Before(start) {
				t.Fatal("out of order")
			}
			last = r.Taken
			i++
			return nil
		}})
		if err != nil || i != len(rs) {
			t.Fatalf("%d of %d sent, %v", i, len(rs), err)
		}
	})
}
