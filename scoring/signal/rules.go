// Package signal judges single values before anything is scored: is it possible at this age, does
// the device itself trust it, does it fit the other values, and is it an artefact that everybody at
// a bedside knows. What is not believed gives no points and keeps its reason. Values that vary from
// second to second are taken as the median of the last minute of believed samples.
//
// What needs a perfusion index, a motion flag, a lead-off signal, the site of a probe or a waveform is
// not judged: none of these reach us. The device's own word on a value (its quality) stands in.
//
// It is pure: what the rules remember of a place is a plain value that the caller keeps, and the
// time is that of the samples.
package signal

import (
	"fmt"
	"time"

	"wardwatch/ward"
)

// Rules are the limits that values are judged by. A rule with Off set judges nothing. Figures
// without a source are proposals of ours for local clinicians to sign.
type Rules struct {
	Believe []Believe // what is possible, by age; the first that fits a person is used

	Window    time.Duration // over which HR, PR, RR and SpO2 of a device are taken as a median; at most MaxWindow
	GoodShare float64       // of the samples in the window that must be believed, 0–1

	PressureOrder PressureOrder
	PulseMismatch PulseMismatch
	SuddenFall    SuddenFall
	Cardiac       Cardiac
	Stuck         Stuck
	ProbeOff      ProbeOff
	Flush         Flush
	Damped        Damped
}

// Believe is what is possible at an age. A value outside is never scored.
type Believe struct {
	MinMonths, MaxMonths int // age in completed months, from, up to but not including; MaxMonths 0: no upper end
	Range                [ward.NumVitals]Range
}

// Range is inclusive; the zero Range has no limits.
type Range struct{ Min, Max float64 }

// Holds reports whether x is within.
func (r Range) Holds(x float64) bool { return r == Range{} || x >= r.Min && x <= r.Max }

// PressureOrder refuses a set of pressures whose diastolic, mean and systolic are out of order or
// closer together than a pulse.
type PressureOrder struct {
	Off      bool
	MinPulse float64 // systolic less diastolic, mmHg
}

// PulseMismatch suspects the saturation while the rates from ECG and oximeter disagree.
type PulseMismatch struct {
	Off   bool
	Share float64       // of the ECG rate: they disagree by more than this …
	Beats float64       // … or by more than this, beats/min
	For   time.Duration // for longer than this
	Most  time.Duration // and no longer: a pulse that keeps missing beats, as in atrial fibrillation, is the patient's own
}

// SuddenFall suspects a saturation that fell faster than blood can while the signal was poor. What
// has lasted is believed.
type SuddenFall struct {
	Off    bool
	Points float64       // more than this, percentage points
	Within time.Duration // in less than this
	For    time.Duration // how long it stays suspect
}

// Cardiac suspects a respiratory rate by chest impedance that follows the heart.
type Cardiac struct {
	Off   bool
	Share float64       // of the heart rate: closer than this
	For   time.Duration // for longer than this
}

// Stuck suspects a rate or saturation that has not moved at all. It can only be told of numbers
// with a fraction: whole ones repeat in health, and no waveform reaches us to tell them apart.
type Stuck struct {
	Off   bool
	After time.Duration
}

// ProbeOff suspects a temperature of a device that falls faster than a body can.
type ProbeOff struct {
	Off    bool
	Fall   float64       // more than this, °C
	Within time.Duration // in this or less
	For    time.Duration // after it, what is still as low is believed
}

// Flush knows an arterial line that is being flushed.
type Flush struct {
	Off     bool
	SBPOver float64 // mmHg
	MAPOver float64 // mmHg: the pressure of the bag
}

// Damped knows an arterial line that has lost its pulse.
type Damped struct {
	Off            bool
	MaxPulse       float64 // systolic less diastolic under this, mmHg …
	MAPMin, MAPMax float64 // … while the mean is as in life, mmHg
}

// Default are the rules for a general ward. Ranges: the "hard reject" column of our survey of MIMIC
// and vendor limits, wider for children (SPOT lets a respiratory rate up to 150 in); the saturation
// is refused under 50 % where others take 30 %, since oximeters are not calibrated so low. The
// artefact rules and their figures are proposals of ours.
func Default() Rules {
	adult := [ward.NumVitals]Range{
		ward.HR: {15, 300}, ward.PR: {15, 300}, ward.RR: {1, 80}, ward.SpO2: {50, 100},
		ward.SBP: {30, 300}, ward.DBP: {10, 200}, ward.MAP: {20, 250}, ward.Temp: {25, 45},
		ward.EtCO2: {0, 150}, ward.FiO2: {0.21, 1}, ward.O2Flow: {0, 80},
		ward.ACVPU: {0, float64(ward.Unresponsive)}, ward.O2Source: {0, float64(ward.Ventilator)},
		ward.RespDistress: {0, float64(ward.SevereDistress)}, ward.CapRefill: {0, 20},
	}
	child := adult
	child[ward.RR] = Range{1, 150}
	child[ward.HR], child[ward.PR] = Range{20, 320}, Range{20, 320}
	child[ward.SBP], child[ward.DBP], child[ward.MAP] = Range{20, 250}, Range{8, 180}, Range{12, 220}
	const sixteen = 16 * 12
	return Rules{
		Believe:       []Believe{{0, sixteen, child}, {sixteen, 0, adult}},
		Window:        time.Minute,
		GoodShare:     0.5,
		PressureOrder: PressureOrder{MinPulse: 10},
		PulseMismatch: PulseMismatch{Share: 0.20, Beats: 20, For: 15 * time.Second, Most: 5 * time.Minute},
		SuddenFall:    SuddenFall{Points: 8, Within: 10 * time.Second, For: 30 * time.Second},
		Cardiac:       Cardiac{Share: 0.05, For: time.Minute},
		Stuck:         Stuck{After: 10 * time.Minute},
		ProbeOff:      ProbeOff{Fall: 0.5, Within: time.Minute, For: 30 * time.Minute},
		Flush:         Flush{SBPOver: 300, MAPOver: 250},
		Damped:        Damped{MaxPulse: 10, MAPMin: 40, MAPMax: 100},
	}
}

// Check reports what is wrong with the rules; the error names the field and the remedy.
func (r *Rules) Check() error {
	if r.Window <= 0 || r.Window > MaxWindow {
		return fmt.Errorf("signal.window is %v: give more than zero and at most %v, for example 60s", r.Window, MaxWindow)
	}
	if !(r.GoodShare > 0 && r.GoodShare <= 1) {
		return fmt.Errorf("signal.good_share is %v: give a share over 0 and at most 1, for example 0.5", r.GoodShare)
	}
	if err := r.checkBelieve(); err != nil {
		return err
	}
	for _, f := range []struct {
		name  string
		off   bool
		given bool
	}{
		{"pressure_order", r.PressureOrder.Off, r.PressureOrder.MinPulse > 0},
		{"pulse_mismatch", r.PulseMismatch.Off, r.PulseMismatch.Share > 0 && r.PulseMismatch.Beats > 0 && r.PulseMismatch.For > 0 && r.PulseMismatch.Most > r.PulseMismatch.For},
		{"sudden_fall", r.SuddenFall.Off, r.SuddenFall.Points > 0 && r.SuddenFall.Within > 0 && r.SuddenFall.For > 0},
		{"cardiac", r.Cardiac.Off, r.Cardiac.Share > 0 && r.Cardiac.For > 0},
		{"stuck", r.Stuck.Off, r.Stuck.After > 0},
		{"probe_off", r.ProbeOff.Off, r.ProbeOff.Fall > 0 && r.ProbeOff.Within > 0 && r.ProbeOff.For > 0},
		{"flush", r.Flush.Off, r.Flush.SBPOver > 0 && r.Flush.MAPOver > 0},
		{"damped", r.Damped.Off, r.Damped.MaxPulse > 0 && r.Damped.MAPMin < r.Damped.MAPMax},
	} {
		if !f.off && !f.given {
			return fmt.Errorf("signal.%s: every figure must be more than zero; or switch the rule off", f.name)
		}
	}
	return nil
}

func (r *Rules) checkBelieve() error {
	for i := range r.Believe {
		b := &r.Believe[i]
		if b.MinMonths < 0 || b.MaxMonths != 0 && b.MaxMonths <= b.MinMonths {
			return fmt.Errorf("signal.believe[%d]: the ages %d to %d months leave nobody: give the lower one first, 0 for no upper end", i, b.MinMonths, b.MaxMonths)
		}
		for v, x := range b.Range {
			if x != (Range{}) && !(x.Min < x.Max) {
				return fmt.Errorf("signal.believe[%d].%s: %v to %v leaves nothing: give the lower number first", i, ward.Vital(v), x.Min, x.Max)
			}
		}
	}
	return nil
}

// ranges finds what is possible at an age in months; nil when the rules say nothing of it.
func (r *Rules) ranges(months int) *[ward.NumVitals]Range {
	for i := range r.Believe {
		b := &r.Believe[i]
		if months >= b.MinMonths && (b.MaxMonths == 0 || months < b.MaxMonths) {
			return &b.Range
		}
	}
	return nil
}
