package course

import (
	"slices"

	"wardwatch/ward"
)

// What a Course keeps, in the order in which checkpoints hold it: add at the end, and begin a new
// Course where the order must change. Parse refuses a specification that asks for more.

const none = -1

// inputs are the vitals that a Course keeps.
var inputs = [...]ward.Vital{ward.HR, ward.PR, ward.RR, ward.SpO2, ward.SBP, ward.DBP, ward.MAP, ward.Temp, ward.EtCO2, ward.FiO2}

const numInputs = len(inputs)

// Places of inputs that the code speaks of.
const (
	inHR = iota
	inPR
	inRR
	inSpO2
	inSBP
	inDBP
	inMAP
	inTemp
	inEtCO2
	inFiO2
)

var placeOfInput = func() (at [ward.NumVitals]int8) {
	for v := range at {
		at[v] = int8(slices.Index(inputs[:], ward.Vital(v)))
	}
	return at
}()

func inputOf(v ward.Vital) int {
	if v >= ward.NumVitals {
		return none
	}
	return int(placeOfInput[v])
}

// kept are the signals whose statistics go on past the look-back, for the features over all hours.
var kept = [...]signal{
	{firstOf, inHR, inPR},
	{firstOf, inRR, none},
	{firstOf, inSpO2, none},
	{firstOf, inSBP, none},
	{firstOf, inDBP, none},
	{firstOf, inMAP, none},
	{firstOf, inTemp, none},
	{firstOf, inEtCO2, none},
	{firstOf, inFiO2, none},
	{ratio, inHR, inSBP},
	{difference, inSBP, inDBP},
	{ratio, inHR, inRR},
	{ratio, inSpO2, inFiO2},
}

const numKept = len(kept)

// labs are the laboratory values that a Course keeps.
var labs = [...]string{
	"base_excess", "bicarbonate", "ph", "paco2", "sao2", "ast", "bun", "alp", "calcium", "chloride", "creatinine", "bilirubin_direct",
	"glucose", "lactate", "magnesium", "phosphate", "potassium", "bilirubin_total", "troponin_i", "haematocrit", "haemoglobin", "ptt",
	"wbc", "fibrinogen", "platelets",
}

const numLabs = len(labs)

func labOf(name string) int { return slices.Index(labs[:], name) }
