package recording

import (
	"bytes"
	"strings"

	"wardwatch/ward"
)

// The eICU demo's respiratory charting and cuff pressures as one value a row, minutes from admission
// to the unit. The set has no series of heart rate, temperature, SpO2 or consciousness.
var eicuColumns = []string{"patientunitstayid", "offset_min", "signal", "value"}

func newEICU(columns []int, o Options, out *sink) parser {
	return newTable(columns, o, out, among(eicuItems()))
}

// eicuItems is the source's signals. The patient's own respiratory rate comes before the
// ventilator's total. Nothing says how SaO2 was measured here, so it counts as arterial.
func eicuItems() map[string]item {
	return map[string]item{
		"RR (patient)":     {what: uint8(ward.RR)},
		"Total RR":         {what: uint8(ward.RR), rank: 1},
		"NIBP_SYS":         {what: uint8(ward.SBP)},
		"NIBP_DIA":         {what: uint8(ward.DBP)},
		"NIBP_MEAN":        {what: uint8(ward.MAP)},
		"FiO2":             {what: uint8(ward.FiO2), form: asFractionOrPercent},
		"FIO2 (%)":         {what: uint8(ward.FiO2), form: asPercent},
		"O2 Percentage":    {what: uint8(ward.FiO2), form: asPercent},
		"LPM O2":           {what: uint8(ward.O2Flow)},
		"Oxygen Flow Rate": {what: uint8(ward.O2Flow)},
		"SaO2":             {what: uint8(ward.SpO2), form: asSaturation},
		"O2 Device":        {what: uint8(ward.O2Source), form: asO2Device},
		"RT Vent On/Off":   {what: ventilated, form: asRunning},
	}
}

// running reads whether a ventilator feeds the patient. That it is off does not say what came after.
func running(field []byte) (float64, Reason) {
	switch strings.ToLower(string(field)) {
	case "start", "continued":
		return 1, ""
	case "off":
		return 0, UnknownO2
	}
	return 0, UnknownText
}

// fractionOrPercent tells the two apart where they cannot be mistaken: a fraction lies in 0.21–1, a
// percentage in 21–100. What lies between is neither (2 to 6 are flows in L/min in the wrong place),
// and a bare 1 may be either.
func fractionOrPercent(field []byte) (float64, Reason) {
	bare, percent := bytes.CutSuffix(field, []byte("%"))
	x, ok := number(bare)
	switch {
	case !ok:
		return 0, NotANumber
	case percent:
		return x / 100, inLimits(ward.FiO2, x/100)
	case x >= 21 && x <= 100:
		return x / 100, ""
	case float32(x) >= 0.21 && x < 1:
		return x, ""
	case x >= 1 && x < 21:
		return 0, Ambiguous
	}
	return 0, OutsideLimits
}
