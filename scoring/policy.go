package scoring

import (
	"fmt"
	"time"

	"wardwatch/ward"
)

// Policy is the set of limits the engine works by. Figures without a source are proposals for
// local clinicians to sign; the version is stored with every score.
type Policy struct {
	Version string

	// Fresh is how long a value of each input counts, from when it was measured; past it the
	// input is stale and gives no points.
	Fresh [NumInputs]time.Duration
	// FreshManual is the same for values charted by a person.
	FreshManual [NumInputs]time.Duration

	// Silence is how long a place's device may say nothing before its signal is lost.
	Silence time.Duration

	// Believe is the range outside which a value is not believed: it gives no points.
	Believe [ward.NumVitals]Range
	// CheckBelow asks for the patient to be checked at once when a vital is under it.
	CheckBelow [ward.NumVitals]float64
}

// Range is inclusive.
type Range struct{ Min, Max float64 }

// DefaultPolicy is our proposal for a ward with continuous monitors. RR, SpO2 and HR from a
// device count for 5 min, a cuff pressure for 60 min, a continuous temperature for 30 min; what a
// person charts counts for the 4-hourly round of NEWS2 1–4 plus a quarter.
func DefaultPolicy() Policy {
	p := Policy{Version: "default-1", Silence: time.Minute}
	p.Fresh = [NumInputs]time.Duration{
		InRR: 5 * time.Minute, InSpO2: 5 * time.Minute, InHR: 5 * time.Minute,
		InSBP: time.Hour, InTemp: 30 * time.Minute,
		InO2: 5 * time.Hour, InConsciousness: 5 * time.Hour,
	}
	for i := range p.FreshManual {
		p.FreshManual[i] = 5 * time.Hour
	}
	p.Believe = [ward.NumVitals]Range{
		ward.HR: {15, 300}, ward.PR: {15, 300}, ward.RR: {1, 80}, ward.SpO2: {50, 100},
		ward.SBP: {30, 300}, ward.DBP: {10, 200}, ward.MAP: {20, 250}, ward.Temp: {25, 45},
		ward.EtCO2: {0, 150}, ward.FiO2: {0.21, 1}, ward.O2Flow: {0, 80},
		ward.ACVPU: {0, 4}, ward.O2Source: {0, float64(ward.Ventilator)},
	}
	p.CheckBelow[ward.HR], p.CheckBelow[ward.PR] = 30, 30
	p.CheckBelow[ward.RR] = 5
	p.CheckBelow[ward.SpO2] = 70
	p.CheckBelow[ward.SBP] = 50
	return p
}

// Check reports what is wrong with a policy, with the remedy.
func (p *Policy) Check() error {
	for i := range NumInputs {
		if p.Fresh[i] <= 0 || p.FreshManual[i] <= 0 {
			return fmt.Errorf("staleness of %s must be more than zero, for example 5m", i)
		}
	}
	if p.Silence <= 0 {
		return fmt.Errorf("silence must be more than zero, for example 1m")
	}
	return nil
}

// SetFresh sets one input's staleness for values from every source; ok is false when there is no
// such input.
func (p *Policy) SetFresh(input string, d time.Duration) (ok bool) {
	for i := range NumInputs {
		if i.String() == input {
			p.Fresh[i], p.FreshManual[i] = d, d
			return true
		}
	}
	return false
}

func (p *Policy) fresh(i Input, s ward.Source) time.Duration {
	if s == ward.FromDevice {
		return p.Fresh[i]
	}
	return p.FreshManual[i]
}

// believed says whether a value may give points.
func (p *Policy) believed(v ward.Value) bool {
	r := p.Believe[v.Vital]
	return v.Quality == ward.Good && v.Number >= r.Min && v.Number <= r.Max
}

// tooLow says whether a value asks for the patient to be checked, whatever its quality: a value
// that low is never only a technical matter.
func (p *Policy) tooLow(v ward.Value) bool {
	return v.Quality != ward.Invalid && v.Number < p.CheckBelow[v.Vital]
}
