// Package drift asks whether a learned model still meets what it was trained for: whether what is
// measured looks as it did in training, whether as many events come as it expects, whether it alerts
// as it used to. It is pure: rows in, verdicts out.
//
// A check speaks against a model only when a shift is both large enough to matter and larger than
// chance. Chance is reckoned with people, not with hours: the hours of one person resemble each
// other, and a ward of forty beds that is counted in hours seems to drift every week.
package drift

import (
	"fmt"
	"iter"
	"math"
	"time"

	"wardwatch/ward"
)

// Row is what a model said of one stay in one hour, and what came of it.
type Row struct {
	Stay      ward.StayID
	Hour      time.Time
	Value     float64 // calibrated probability; says nothing when Withheld
	Threshold float64
	Withheld  ward.Withheld
	Inputs    map[string]float64 // newest values of those known
	Settled   bool               // whether the event came is known
	Event     bool
}

// Input is what the training rows had of one input. One that contradicts itself is never judged.
type Input struct {
	Name    string
	Edges   []float64 // between bins, ascending: a value equal to an edge lies above it
	Shares  []float64 // of the known values in each bin, one more than Edges
	Missing float64   // share of rows without the input
}

// Rules are the limits of the checks.
type Rules struct {
	Recent      time.Duration // how much of the end of the period is held against training and against the time before
	LeastPeople int           // fewest people before inputs and alerts are judged

	WatchPSI, ActPSI         float64 // population stability index of an input
	WatchMissing, ActMissing float64 // rise of the share of rows without an input
	WatchRatio, ActRatio     float64 // events observed over expected, or the reverse
	LeastEvents              float64 // people with an event, observed or expected, before the ratio is judged
	ActRate                  float64 // person-days with an alert, over those of the time before
	BaselineDays             int     // fewest days before Recent for alerts to be held against

	WatchSure, ActSure float64 // how sure it must be that a shift is not chance, 0–1
}

// Default is the rules as they stand. PSI under 0.1 is commonly read as little change and over 0.25
// as a change that calls for action, without regard to how many were looked at (Yurdakul, Naranjo,
// J Risk Model Validation 2020); we act at 0.2. The levels of chance and all other figures are our
// proposals, for local clinicians to sign.
func Default() Rules {
	return Rules{
		Recent: 7 * 24 * time.Hour, LeastPeople: 30,
		WatchPSI: 0.1, ActPSI: 0.2,
		WatchMissing: 0.1, ActMissing: 0.2,
		WatchRatio: 1.25, ActRatio: 2, LeastEvents: 10,
		ActRate: 2, BaselineDays: 14,
		WatchSure: 0.95, ActSure: 0.999,
	}
}

// Measure is what a check looks at.
type Measure string

// Measures.
const (
	// PSI is the population stability index of an input's values over the bins of the training data.
	// Its range is what chance alone gives.
	PSI Measure = "psi"
	// Missing is the share of rows without an input. Its range is what chance alone gives.
	Missing Measure = "missing"
	// ObservedExpected is events over those that the model expected. Its range is the interval of the
	// ratio itself.
	ObservedExpected Measure = "observed_expected"
	// AlertRate is the share of person-days with an alert. Its range is the control limits.
	AlertRate Measure = "alert_rate"
)

// Verdict is what a check says of the model.
type Verdict string

// Verdicts.
const (
	TooLittle Verdict = "too_little" // to tell
	OK        Verdict = "ok"
	Watch     Verdict = "watch"
	Breach    Verdict = "breach" // treating staff should not be shown the model any more
)

// Advice is what to do about a check that is not OK.
type Advice string

// Advice, one piece a measure.
const (
	NoAdvice      Advice = ""
	Wait          Advice = "wait"           // more people or more events are needed
	ComparePeople Advice = "compare_people" // PSI: other people than in training, other devices, other units
	CheckDevices  Advice = "check_devices"  // Missing: sensors, cuffs, charting
	Recalibrate   Advice = "recalibrate"    // ObservedExpected: the model expects too many events here, or too few
	ReviewAlerts  Advice = "review_alerts"  // AlertRate: other people, or a threshold that does not fit here
)

// Check is the verdict of one check. All numbers are finite.
type Check struct {
	Measure   Measure
	Input     string // of PSI and Missing
	Verdict   Verdict
	Value     float64
	Usual     float64 // what Value would be without drift
	Low, High float64 // see Measure
	People    int     // that the check rests on
	Advice    Advice
}

// String is the check in short, for a log or the reason of a closed gate.
func (c Check) String() string {
	of := string(c.Measure)
	if c.Input != "" {
		of += " of " + c.Input
	}
	return fmt.Sprintf("%s %.2f, usual %.2f", of, c.Value, c.Usual)
}

// Day is one day of the alert rate's control chart.
type Day struct {
	Until     time.Time
	People    int // with a prediction
	Alerted   int // of them with an alert
	Low, High float64
	Recent    bool // held against the limits, which come from the days before
}

// Report is what the checks say of a period.
type Report struct {
	Rows, People int
	Checks       []Check
	Days         []Day // oldest first; empty when there is too little to draw limits from
}

// Breaches are the checks for which treating staff should not be shown the model any more; the model
// goes on silently, so that it can be seen to recover.
func (r Report) Breaches() []Check {
	var out []Check
	for _, c := range r.Checks {
		if c.Verdict == Breach {
			out = append(out, c)
		}
	}
	return out
}

// Judge judges the rows of one version of a model in a period that ends at to. Rows may come in any
// order; those at to or after it are left out.
func Judge(rows iter.Seq[Row], training []Input, r Rules, to time.Time) Report {
	t := newTally(training, r, to)
	for row := range rows {
		t.add(&row)
	}
	out := Report{Rows: t.rows, People: len(t.people)}
	for i := range t.inputs {
		out.Checks = append(out.Checks, t.inputs[i].psi(r))
	}
	for i := range t.inputs {
		out.Checks = append(out.Checks, t.inputs[i].missing(r))
	}
	out.Checks = append(out.Checks, t.ratio(r))
	var rate Check
	rate, out.Days = t.rate(r, to)
	out.Checks = append(out.Checks, rate)
	return out
}

// meant reports whether the row is of a person whom the model is for and whose inputs were looked at.
func (r *Row) meant() bool {
	switch r.Withheld {
	case ward.NotWithheld, ward.WithheldTooLittle, ward.WithheldPattern, ward.WithheldRange, ward.WithheldDrift:
		return true
	}
	return false
}

// says reports whether the row holds a prediction.
func (r *Row) says() bool { return r.Withheld == ward.NotWithheld && r.Value >= 0 && r.Value <= 1 }

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
