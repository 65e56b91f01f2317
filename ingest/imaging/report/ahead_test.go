package report

import (
	"slices"
	"testing"
	"time"

	"wardwatch/ward"
)

// A sender whose clock runs ahead does not speak louder than everybody until then.
func TestTimesAreNotAhead(t *testing.T) {
	received := time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)
	for _, c := range []struct{ said, want time.Duration }{{-time.Hour, -time.Hour}, {4 * time.Minute, 4 * time.Minute}, {6 * time.Minute, 0}, {48 * time.Hour, 0}} {
		at := received.Add(c.said)
		r := ward.ImagingReport{
			Study:    ward.Study{UID: "1.2"},
			Findings: []ward.Finding{{Model: "m", Code: "c", Produced: at, Acquired: at}},
			Reads:    []ward.Read{{Code: "c", At: at}},
			Retracts: []ward.Retraction{{Code: "c", At: at}},
		}
		if err := Finish(&r, Options{Source: "s", Received: received}); err != nil {
			t.Fatal(err)
		}
		want := received.Add(c.want)
		if f := r.Findings[0]; !f.Acquired.Equal(want) || slices.Contains(f.Warnings, ward.WarnTimeAhead) != (c.said != c.want) {
			t.Errorf("taken %v: %+v", c.said, f)
		}
		if !r.Findings[0].Produced.Equal(want) || !r.Reads[0].At.Equal(want) || !r.Retracts[0].At.Equal(want) {
			t.Errorf("said %v: %+v", c.said, r)
		}
	}
}
