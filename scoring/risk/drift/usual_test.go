package drift

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"wardwatch/ward"
)

// A ward whose people differ from training in the same way all the time has not drifted; one whose
// last week differs from its weeks before has.
func TestAWardIsHeldAgainstItself(t *testing.T) {
	to := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	training := []Input{{Name: "hr", Edges: []float64{60, 80, 100}, Shares: []float64{0.25, 0.25, 0.25, 0.25}}}
	week := func(people, weeksAgo int, hr float64) (rows []Row) {
		for p := range people {
			for h := range 24 {
				rows = append(rows, Row{
					Stay: ward.StayID(fmt.Sprint(weeksAgo, "-", p)), Hour: to.Add(-time.Duration(weeksAgo)*7*24*time.Hour - time.Duration(h+1)*time.Hour),
					Value: 0.01, Threshold: 0.1, Inputs: map[string]float64{"hr": hr + float64(p%20)},
				})
			}
		}
		return rows
	}
	for _, c := range []struct {
		name   string
		before int // people in the week before
		was    float64
		is     float64
		own    bool
		want   Verdict
	}{
		{"other people than in training, as always", 80, 105, 105, true, OK},
		{"other people than last week", 80, 65, 105, true, Breach},
		{"too few before: held against training", 20, 105, 105, false, Breach},
	} {
		rows := append(week(c.before, 1, c.was), week(80, 0, c.is)...)
		usual, own := Usual(slices.Values(rows), training, Default(), to)
		if own != c.own {
			t.Errorf("%s: own %v", c.name, own)
		}
		report := Judge(slices.Values(rows), usual, Default(), to)
		if got := report.Checks[0]; got.Measure != PSI || got.Verdict != c.want {
			t.Errorf("%s: %+v, want %s", c.name, got, c.want)
		}
	}
}
