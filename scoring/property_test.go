package scoring

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/scoring/chart"
	"wardwatch/ward"
)

// ranges are what the histories below draw values from: well and sick, possible and not.
var ranges = map[ward.Vital][2]int{
	ward.RR: {0, 35}, ward.SpO2: {45, 100}, ward.O2Source: {0, 8}, ward.FiO2: {21, 60}, ward.O2Flow: {0, 15}, ward.SBP: {40, 230},
	ward.DBP: {30, 120}, ward.HR: {20, 140}, ward.PR: {20, 140}, ward.ACVPU: {0, 4}, ward.Temp: {34, 40},
}

var drawn = []ward.Vital{ward.RR, ward.SpO2, ward.O2Source, ward.FiO2, ward.O2Flow, ward.SBP, ward.DBP, ward.HR, ward.PR, ward.ACVPU, ward.Temp}

// drawReading is any reading of a device or set of a person at the minute; some entered afterwards.
func drawReading(t *rapid.T, minute float64) *ward.Reading {
	var values []ward.Value
	all := rapid.Bool().Draw(t, "all")
	for _, v := range drawn {
		if all || rapid.Bool().Draw(t, v.String()) {
			n := float64(rapid.IntRange(ranges[v][0], ranges[v][1]).Draw(t, "n"))
			if v == ward.FiO2 {
				n /= 100
			}
			x := val(v, n)
			x.Quality = ward.Quality(rapid.SampledFrom([]int{0, 0, 0, 0, 0, 1, 2}).Draw(t, "quality"))
			values = append(values, x)
		}
	}
	r := at(minute, values...)
	switch rapid.IntRange(0, 5).Draw(t, "source") {
	case 0:
		r.Source = ward.Manual
	case 1:
		r.Source, r.Arrived = ward.Manual, r.At.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "entered"))*time.Minute)
	}
	return r
}

// drawStay is a person with some orders; the children's chart is signed.
func drawBed(t *rapid.T) *bedside {
	b := newBed(nil)
	b.p.Charts = append(b.p.Charts, ChartRule{Who: Who{0, sixteen, No}, Chart: mustFind("npews-england")})
	b.stay = &ward.Stay{
		BirthDate: eight.AddDate(0, -rapid.SampledFrom([]int{5, 30, 100, 160, 191, 192, 700}).Draw(t, "months"), -3),
		Admitted:  eight,
		Scale:     ward.SpO2Scale{Number: rapid.IntRange(1, 2).Draw(t, "scale")},
	}
	if rapid.Bool().Draw(t, "limits") {
		b.stay.Limits = []ward.Limit{
			{Vital: ward.SpO2, Low: 88, Usual: 93, Until: eight.Add(9 * time.Hour)}, {Vital: ward.HR, Low: 50, High: 110, Until: eight.Add(30 * time.Hour)},
		}
	}
	return b
}

func mustFind(id string) *chart.Chart {
	c, _ := lib.Find(id)
	return c
}

// drawGap is the minutes between two readings: a second as well as a shift.
func drawGap(t *rapid.T) float64 {
	return rapid.SampledFrom([]float64{0, 1.0 / 60, 2.0 / 60, 0.5, 1, 3, 6, 20, 70, 250, 400}).Draw(t, "gap")
}

// Time that passes with nothing new never lowers the band, whatever came before: not through
// staleness, nor a stand-in for a lost input, nor the interval of the observations.
func TestALongerGapNeverScoresBetter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawBed(t)
		minute := 0.0
		for range rapid.IntRange(1, 14).Draw(t, "readings") {
			minute += drawGap(t)
			r := drawReading(t, minute)
			b.read(r)
			minute = max(minute, r.Arrived.Sub(eight).Minutes())
			probe, band := *b, b.last.Band
			for _, later := range []float64{0.1, 1.1, 5.1, 10, 31, 76, 301, 901, 2000} {
				if got := probe.wait(minute + later).Band; got < band {
					t.Fatalf("after %v min of nothing the band fell from %v to %v", later, band, got)
				}
				band = probe.last.Band
			}
		}
	})
}

// An input that is lost, to a value that is not believed, never lowers the band.
func TestADoubtedValueNeverLowersTheBand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawBed(t)
		minute := 0.0
		for range rapid.IntRange(1, 10).Draw(t, "readings") {
			minute += drawGap(t)
			r := drawReading(t, minute)
			b.read(r)
			minute = max(minute, r.Arrived.Sub(eight).Minutes())
			for _, v := range drawn {
				probe := *b
				bad := val(v, 3)
				bad.Quality = ward.Invalid
				if got := probe.read(at(minute+1.0/60, bad)).Band; got < b.last.Band {
					t.Fatalf("losing %v lowered the band from %v to %v", v, b.last.Band, got)
				}
			}
		}
	})
}

// The same readings give the same scores, however often time is let pass in between, and whether or
// not the state was written down and read back on the way.
func TestTicksAndRestartsChangeNoScore(t *testing.T) {
	show := func(s ward.Score) string { return fmt.Sprintf("%+v", s) }
	rapid.Check(t, func(t *rapid.T) {
		plain := drawBed(t)
		busy := *plain
		now := eight
		// until lets time pass for a bed as the engine does: whenever it is due, and at extra moments.
		until := func(b *bedside, from, to time.Time, extra []time.Time) {
			for {
				next := to
				if b.wake != 0 && b.wake < to.UnixMilli() {
					next = time.UnixMilli(max(b.wake, from.UnixMilli()))
				}
				for _, e := range extra {
					if e.After(from) && e.Before(next) {
						next = e
					}
				}
				if !next.Before(to) || !next.After(from) {
					return
				}
				b.state, b.last, b.wake = Step(&b.p, b.stay, b.state, nil, next)
				from = next
			}
		}
		minute := 0.0
		for range rapid.IntRange(1, 10).Draw(t, "readings") {
			minute = max(minute, now.Sub(eight).Minutes()) + drawGap(t)
			r := drawReading(t, minute)
			var extra []time.Time
			for range rapid.IntRange(0, 4).Draw(t, "ticks") {
				extra = append(extra, now.Add(time.Duration(rapid.Int64Range(1, int64(7*time.Hour)).Draw(t, "tick"))))
			}
			until(plain, now, r.Arrived, nil)
			until(&busy, now, r.Arrived, extra)
			now = r.Arrived
			if rapid.Bool().Draw(t, "restart") {
				busy.state = rewritten(t, busy.state)
			}
			if got, want := show(busy.read(r)), show(plain.read(r)); got != want {
				t.Fatalf("at %v\n%s\nwant\n%s", r.Arrived, got, want)
			}
		}
	})
}

// rewritten is the state as a checkpoint gives it back.
func rewritten(t *rapid.T, s State) (back State) {
	var file bytes.Buffer
	if err := gob.NewEncoder(&file).Encode(s); err != nil {
		t.Fatal(err)
	}
	if err := gob.NewDecoder(&file).Decode(&back); err != nil {
		t.Fatal(err)
	}
	if back != s {
		t.Fatalf("written %+v, read %+v", s, back)
	}
	return back
}

// What is believed is what is scored.
func TestBelievedIsWhatIsScored(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawBed(t)
		minute := 0.0
		for range rapid.IntRange(1, 6).Draw(t, "readings") {
			minute += drawGap(t)
			r := drawReading(t, minute)
			s := b.read(r)
			minute = max(minute, r.Arrived.Sub(eight).Minutes())
			set := Believed(&b.p, &b.state, b.stay, r.Arrived)
			c := mustFind(s.Chart)
			result := c.Score(&set)
			if s.Refused == "" && (result.LowerBound != s.LowerBound || result.Complete != s.Complete) {
				t.Fatalf("%d %v on what is believed, %d %v scored", result.LowerBound, result.Complete, s.LowerBound, s.Complete)
			}
		}
	})
}
