package devices

import (
	"math"
	"strconv"

	"wardwatch/ward"
)

// span is what a number in a vital's unit can be at all, ends included. The limits are ours and
// wide on purpose: they tell a wrong unit or a broken encoder from a measurement. RR 0 and SpO2 40
// pass, because they may be true.
type span struct{ low, high float64 }

var spans = [...]span{
	ward.HR:     {0, 400},
	ward.PR:     {0, 400},
	ward.RR:     {0, 200},
	ward.SpO2:   {0, 100},
	ward.SBP:    {-50, 400}, // an arterial line reads a little below zero while it is being zeroed
	ward.DBP:    {-50, 400},
	ward.MAP:    {-50, 400},
	ward.Temp:   {10, 50},
	ward.EtCO2:  {0, 250},
	ward.FiO2:   {0.2, 1}, // room air is 0.2095 and is sent rounded either way
	ward.O2Flow: {0, 100},
}

// Check says what is wrong with x as a number for v in v's fixed unit; nil when it can be one.
// Codes, and what only people chart, are not checked here.
func Check(v ward.Vital, x float64) *Fault {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return &Fault{Reason: ReasonNumber, Vital: v.String(), Message: "leave the field out when there is no value"}
	}
	if int(v) >= len(spans) {
		return nil
	}
	s := spans[v]
	switch {
	case v == ward.SpO2 && x > 0 && x <= 1:
		return rangeFault(v, x, ReasonFraction, "looks like a fraction; send percent, for example 95")
	case x >= s.low && x <= s.high:
		return nil
	case v == ward.FiO2 && x > 1 && x <= 100:
		return rangeFault(v, x, ReasonPercent, "looks like percent; send a fraction from 0.21 to 1.0")
	case v == ward.Temp && x > 50 && x <= 122:
		return rangeFault(v, x, ReasonFahrenheit, "looks like degrees Fahrenheit; send degrees Celsius")
	}
	return rangeFault(v, x, ReasonRange, "cannot be "+units[v]+"; allowed "+text(s.low)+" to "+text(s.high))
}

var units = [...]string{
	ward.HR: "beats/min", ward.PR: "beats/min", ward.RR: "breaths/min", ward.SpO2: "percent",
	ward.SBP: "mmHg", ward.DBP: "mmHg", ward.MAP: "mmHg", ward.Temp: "degrees Celsius",
	ward.EtCO2: "mmHg", ward.FiO2: "a fraction", ward.O2Flow: "L/min",
}

func rangeFault(v ward.Vital, x float64, reason, why string) *Fault {
	return &Fault{Reason: reason, Vital: v.String(), Message: text(x) + " " + why}
}

func text(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
