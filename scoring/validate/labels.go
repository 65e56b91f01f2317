package validate

import (
	"fmt"
	"math"

	"wardwatch/ward"
)

// Hour is one hourly row of one patient's record. NaN: not measured in that hour.
type Hour struct {
	Hour   int32   // of the stay
	RR     float64 // /min
	SpO2   float64 // %
	FiO2   float64 // fraction
	Sepsis bool    // the set's own label, which turns on six hours before onset
}

// Label is what a row counts as.
type Label struct {
	Eligible bool // the row is measured on
	Event    bool
	// HoursToEvent is from this row to the onset of sepsis, for every eligible row of a patient who
	// has one, or, on a row labelled with respiratory decline, to its first bad hour. NaN: none.
	HoursToEvent float64
	Oxygen       Oxygen
}

// Oxygen is whether more of it was given within six hours of a row without respiratory decline, which may have
// hidden one: the inspired fraction up by 0.2 or more, or from below to 0.6 or more.
type Oxygen uint8

// What is known of the oxygen. It takes a fraction recorded within the last eight hours and one in
// the next six.
const (
	OxygenUnknown Oxygen = iota
	OxygenSame
	OxygenMore
)

// The definitions of the labels. They bind: models are trained on them.
const (
	sepsisLead = 6 // the set's label turns on so many hours before onset, and rows from onset on are dropped

	declineAhead = 6 // hours that are looked at
	declineLeast = 2 // of them bad
	declineSeen  = 3 // of them observed, at the least
	badRR        = 30
	badSpO2      = 90
	calmRR       = 24 // a row with more is not eligible: the decline has come already
	calmSpO2     = 92
)

// Labels labels the rows of one patient for a task. The rows must stand in the order of their hours;
// hours may be left out.
func Labels(task ward.Task, hours []Hour) ([]Label, error) {
	for i := 1; i < len(hours); i++ {
		if hours[i].Hour <= hours[i-1].Hour {
			return nil, fmt.Errorf("validate: hour %d stands after hour %d: sort a patient's rows by hour and leave one for each", hours[i].Hour, hours[i-1].Hour)
		}
	}
	switch task {
	case ward.Deterioration:
		return deterioration(hours), nil
	case ward.RespiratoryDecline:
		return decline(hours), nil
	}
	return nil, fmt.Errorf("validate: there are no labels for the task %q: use %q or %q", task, ward.Deterioration, ward.RespiratoryDecline)
}

// deterioration is the set's label as it stands; rows from onset on are dropped.
func deterioration(hours []Hour) []Label {
	out := make([]Label, len(hours))
	onset := math.NaN()
	for i := range hours {
		if hours[i].Sepsis {
			onset = float64(hours[i].Hour + sepsisLead)
			break
		}
	}
	for i := range hours {
		to := onset - float64(hours[i].Hour)
		if to <= 0 {
			out[i] = Label{HoursToEvent: math.NaN()}
			continue
		}
		out[i] = Label{Eligible: true, Event: hours[i].Sepsis, HoursToEvent: to}
	}
	return out
}

// decline is RR ≥ 30 or SpO2 ≤ 90 in at least two of the next six hours, of a patient who is calm now.
func decline(hours []Hour) []Label {
	out := make([]Label, len(hours))
	for i := range hours {
		bad, seen, first := 0, 0, math.NaN()
		for _, h := range ahead(hours, i) {
			if h.bad() {
				if bad == 0 {
					first = float64(h.Hour - hours[i].Hour)
				}
				bad++
			}
			if h.observed() {
				seen++
			}
		}
		out[i] = Label{HoursToEvent: math.NaN(), Eligible: hours[i].calm() && seen >= declineSeen}
		if out[i].Eligible && bad >= declineLeast {
			out[i].Event, out[i].HoursToEvent = true, first
		}
	}
	oxygen(hours, out)
	return out
}

// ahead are the rows of the next six hours.
func ahead(hours []Hour, i int) []Hour {
	end := i + 1
	for end < len(hours) && hours[end].Hour-hours[i].Hour <= declineAhead {
		end++
	}
	return hours[i+1 : end]
}

// A comparison with NaN is false: what was not measured is neither bad nor calm.
func (h *Hour) bad() bool      { return h.RR >= badRR || h.SpO2 <= badSpO2 }
func (h *Hour) calm() bool     { return h.RR <= calmRR && h.SpO2 >= calmSpO2 }
func (h *Hour) observed() bool { return !math.IsNaN(h.RR) || !math.IsNaN(h.SpO2) }

// When more oxygen counts as a decline that it hides: ours, a proposal for local clinicians.
const (
	moreOxygen = 0.2
	muchOxygen = 0.6
	oxygenAge  = 8 // hours for which a recorded fraction holds
)

// oxygen finds the rows of respiratory decline that more oxygen may hide. Recorded fractions outside
// 0.2–1.0 are not believed.
func oxygen(hours []Hour, labels []Label) {
	last, at := math.NaN(), int32(0)
	for i := range hours {
		if f := hours[i].FiO2; believed(f) {
			last, at = f, hours[i].Hour
		}
		if !labels[i].Eligible || labels[i].Event || math.IsNaN(last) || hours[i].Hour-at > oxygenAge {
			continue
		}
		for _, h := range ahead(hours, i) {
			switch {
			case !believed(h.FiO2):
			// Fractions have two decimals: from 0.4 to 0.6 must not fail for a rounding in binary.
			case h.FiO2 >= last+moreOxygen-0.001, last < muchOxygen && h.FiO2 >= muchOxygen:
				labels[i].Oxygen = OxygenMore
			case labels[i].Oxygen == OxygenUnknown:
				labels[i].Oxygen = OxygenSame
			}
		}
	}
}

func believed(fio2 float64) bool { return fio2 >= 0.2 && fio2 <= 1 }
