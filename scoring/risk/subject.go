package risk

import (
	"math"
	"time"

	"wardwatch/scoring/course"
	"wardwatch/ward"
)

// Subject is one person at one moment.
type Subject struct {
	Stay    *ward.Stay // nil: nobody is known to lie there
	At      time.Time
	Course  *course.Course // nil: nothing was measured
	Oxygen  Oxygen
	Explain bool // say why, even where no risk is raised
}

// Oxygen is what is believed of the oxygen given.
type Oxygen struct {
	Known, On bool
	Device    ward.O2Device
	HasDevice bool
}

// adult is the age in years from which the models were trained.
const adult = 18

// withheld says why no model may speak of this person at all, whatever was measured. The reasons are
// what the training data did not have, or where a prediction would serve nobody.
func (s *Subject) withheld() ward.Withheld {
	if s.Stay == nil {
		return ward.WithheldNobody
	}
	age, known := s.Stay.AgeAt(s.At)
	switch {
	case !known:
		return ward.WithheldAgeUnknown
	case age < adult:
		return ward.WithheldAge
	case s.Stay.Pregnancy != ward.NotPregnant:
		return ward.WithheldPregnancy
	case s.Stay.Care.Status == ward.ComfortCare:
		return ward.WithheldComfort
	}
	return ward.NotWithheld
}

// breathing says why no model may speak of this person's oxygen saturation: a target of 88–92 %, or
// a machine that breathes for them.
func (s *Subject) breathing() ward.Withheld {
	switch {
	case s.Stay.Scale.Number == 2:
		return ward.WithheldScale2
	case s.Oxygen.HasDevice && ventilates(s.Oxygen.Device):
		return ward.WithheldVentilated
	}
	return ward.NotWithheld
}

func ventilates(d ward.O2Device) bool {
	return d == ward.CPAP || d == ward.NIV || d == ward.Ventilator
}

// who is what features know of the person. A sex that is neither recorded as female nor male is not
// known to the models.
func (s *Subject) who() course.Who {
	w := course.Who{Age: math.NaN(), Male: math.NaN()}
	if age, ok := s.Stay.AgeAt(s.At); ok {
		w.Age = float64(age)
	}
	switch s.Stay.Sex {
	case ward.Male:
		w.Male = 1
	case ward.Female:
		w.Male = 0
	}
	return w
}
