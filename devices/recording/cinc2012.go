package recording

import "wardwatch/ward"

// The PhysioNet/CinC Challenge 2012 (Silva et al., 2012) as one value a row: the first 48 hours of
// a stay in intensive care, minutes from admission, -1 where missing. There is no SpO2.
var cinc2012Columns = []string{"patient", "minute", "parameter", "value"}

func newCinC2012(columns []int, o Options, out *sink) parser {
	t := newTable(columns, o, out, among(cinc2012Items()))
	t.minusOne = true
	return t
}

// cinc2012Items is the source's parameters. An arterial line (rank 0) comes before a cuff.
func cinc2012Items() map[string]item {
	return map[string]item{
		"HR":        {what: uint8(ward.HR)},
		"RespRate":  {what: uint8(ward.RR)},
		"SysABP":    {what: uint8(ward.SBP)},
		"DiasABP":   {what: uint8(ward.DBP)},
		"MAP":       {what: uint8(ward.MAP)},
		"NISysABP":  {what: uint8(ward.SBP), rank: 1},
		"NIDiasABP": {what: uint8(ward.DBP), rank: 1},
		"NIMAP":     {what: uint8(ward.MAP), rank: 1},
		"Temp":      {what: uint8(ward.Temp)},
		"FiO2":      {what: uint8(ward.FiO2)},
		"SaO2":      {what: uint8(ward.SpO2), form: asSaturation},
		"GCS":       {what: comaTotal, form: asComaScale},
		"MechVent":  {what: ventilated, form: asOn},
		"Age":       {what: ageYears, form: asPerson},
		"Gender":    {what: sexCode, form: asPerson},
	}
}

// cincSex is the sex by the Challenges' code.
func cincSex(code float64) ward.Sex {
	if code == 1 {
		return ward.Male
	}
	return ward.Female
}
