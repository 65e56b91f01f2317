package course

import (
	"math"

	"wardwatch/ward"
)

// Believe drops, of values measured together, what training would not have believed: the impossible,
// and pressures that do not fit each other. A dropped value becomes NaN, as a missing one is. It is
// for rows of recorded data; live values are judged by the engine's own rules.
func (s *Spec) Believe(values *[ward.NumVitals]float64) {
	for _, in := range s.inputs {
		if x := &values[in.Vital]; !(*x >= in.Low && *x <= in.High) {
			*x = math.NaN()
		}
	}
	sys, dia, mean := values[ward.SBP], values[ward.DBP], values[ward.MAP]
	if sys-dia < s.minPulse || dia >= mean || mean >= sys {
		values[ward.SBP], values[ward.DBP], values[ward.MAP] = math.NaN(), math.NaN(), math.NaN()
	}
}
