package trend

import (
	"time"

	"wardwatch/ward"
)

// Rules are when a trend may be spoken of. Figures without a source are proposals of ours for local
// clinicians to sign.
type Rules struct {
	Window time.Duration // how far back points count
	Fresh  time.Duration // the newest point may be this old
	Reach  time.Duration // the farthest that a limit is foretold
	Latest time.Duration // the range's far end: beyond it, the vital may not get there at all
	Vitals [ward.NumVitals]Rule
}

// Rule is what holds for one vital; the zero Rule says nothing of it.
type Rule struct {
	Matters   float64 // the least change over the points that means something to a clinician, in the vital's unit
	Low, High float64 // the limits it may be heading for; 0: none
}

// Default are the rules for adults. The limits are where NEWS2 gives 3 points to the single vital
// (RCP 2017, chart 1: RR ≤8 and ≥25, SpO2 ≤91, SBP ≤90 and ≥220, pulse ≤40 and ≥131). The rest are
// proposals of ours.
func Default() Rules {
	r := Rules{Window: 6 * time.Hour, Fresh: 20 * time.Minute, Reach: 12 * time.Hour, Latest: 24 * time.Hour}
	r.Vitals[ward.SpO2] = Rule{Matters: 2, Low: 91}
	r.Vitals[ward.RR] = Rule{Matters: 4, Low: 8, High: 25}
	r.Vitals[ward.HR] = Rule{Matters: 15, Low: 40, High: 131}
	r.Vitals[ward.SBP] = Rule{Matters: 15, Low: 90, High: 220}
	return r
}

// Scale2 are the rules for a person on SpO2 scale 2: 3 points from 83 % down (RCP 2017, chart 1).
func (r Rules) Scale2() Rules {
	r.Vitals[ward.SpO2].Low = 83
	return r
}

// With are the rules with a person's own limits of one vital. A side that the order leaves open
// keeps its limit.
func (r Rules) With(l ward.Limit) Rules {
	if l.Vital >= ward.NumVitals {
		return r
	}
	if l.Low > 0 {
		r.Vitals[l.Vital].Low = l.Low
	}
	if l.High > 0 {
		r.Vitals[l.Vital].High = l.High
	}
	return r
}
