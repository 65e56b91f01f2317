package evidence

import (
	"time"

	"wardwatch/ward"
)

// A night, and how much makes one unit of it: ours, for local clinicians to sign. The usual night in
// Vietnamese hospitals is on call, without a shift of its own, so the hours of sleep stand for it.
const (
	nightFrom = 22 // o'clock, local
	nightTo   = 6
	nightLong = 8 * time.Hour
	nightBeds = 40
)

// atNight says whether a moment is one of a night.
func atNight(t time.Time) bool { return t.Hour() >= nightFrom || t.Hour() < nightTo }

// exposure is how long beds held patients: what rates are divided by.
type exposure struct {
	beds  map[ward.Place]time.Duration
	all   time.Duration
	night time.Duration
}

// exposed adds up lyings within a span, hour by hour of its zone. Rows of one place that overlap count
// twice: two people are two patients.
func exposed(lyings []ward.Lying, s Span) exposure {
	x := exposure{beds: map[ward.Place]time.Duration{}}
	for _, l := range lyings {
		from, to := l.From, l.To
		if from.Before(s.From) {
			from = s.From
		}
		if to.IsZero() || to.After(s.To) {
			to = s.To
		}
		if to.After(s.Now) {
			to = s.Now
		}
		if !from.Before(to) {
			continue
		}
		d := to.Sub(from)
		x.beds[l.Place] += d
		x.all += d
		x.night += nightWithin(from.In(s.Zone), to)
	}
	return x
}

// nightWithin is how much of a time lies at night. It walks from clock hour to clock hour, so a change
// of the clocks counts as it was lived.
func nightWithin(from, to time.Time) (night time.Duration) {
	for from.Before(to) {
		next := from.Add(time.Hour - time.Duration(from.Minute())*time.Minute - time.Duration(from.Second())*time.Second - time.Duration(from.Nanosecond()))
		if next.After(to) {
			next = to
		}
		if atNight(from) {
			night += next.Sub(from)
		}
		from = next
	}
	return night
}

func days(d time.Duration) float64 { return d.Hours() / 24 }

// bedNights is in units of forty beds and one night.
func (x *exposure) bedNights() float64 {
	return float64(x.night) / float64(nightLong) / nightBeds
}
