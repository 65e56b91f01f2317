package ingest

import (
	"fmt"
	"testing"
	"time"

	"wardwatch/ward"
)

// However far off a clock is, its live values are true on arrival: one dated into the future would
// never go stale, and would stand before every later one.
func TestValuesOfAFarClockAreTrueOnArrival(t *testing.T) {
	for _, year := range []string{"0001", "0902", "1700", "1970", "2100", "2319", "6026", "9999"} {
		b := newBench(t)
		b.take(&message{topic: "ward/v1/icu/1/vitals", qos: 1, id: 1, payload: fmt.Appendf(nil,
			`{"device":"m","time":"%s-06-01T00:20:00Z","vitals":{"hr":80,"sbp":120},"measured":{"sbp":"%s-06-01T00:05:00Z"}}`, year, year)})
		r := b.delivered[0]
		hr, _ := r.Value(ward.HR)
		sbp, _ := r.Value(ward.SBP)
		if r.Clock != ward.ClockImpossible || !r.At.Equal(b.now) || !hr.At.Equal(b.now) || !sbp.At.Equal(b.now.Add(-15*time.Minute)) {
			t.Errorf("year %s: clock %v, true at %v, hr at %v, sbp at %v; want impossible, now, now and 15 min before", year, r.Clock, r.At, hr.At, sbp.At)
		}
	}
}
