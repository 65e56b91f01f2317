package chart

import (
	"math"
	"strconv"
	"strings"

	"wardwatch/ward"
)

// Input is one thing a chart can read. Its unit is fixed; see Limits.
type Input uint8

// The inputs. Coded ones hold the number of one of their Codes.
const (
	RR               Input = iota // breaths/min
	SpO2                          // %
	O2                            // 1 on supplemental oxygen, 0 on air
	SBP                           // mmHg
	DBP                           // mmHg
	MAP                           // mmHg
	HR                            // beats/min
	Consciousness                 // ward.Consciousness
	Temp                          // °C
	FiO2                          // fraction 0.21–1.0
	O2Flow                        // L/min
	O2Device                      // ward.O2Device
	PEEP                          // positive end-expiratory pressure, or CPAP, cmH2O
	HFNCHours                     // hours since high-flow nasal oxygen began
	Ventilated                    // 1 with respiratory support (invasive, NIV or CPAP), 0 without
	RespDistress                  // ward.Distress
	CapRefill                     // s
	Age                           // completed months
	GCS                           // Glasgow Coma Scale, 3–15
	AlteredMentation              // 1 altered, 0 not
	CarerConcern                  // the carer's answer, or the level that a clinician gave it; see Codes
	ClinicianConcern              // a clinician's own, with its level where one was given; see Codes
	SepsisSuspicion               // new; see Codes
	PupilsAbnormal                // 1 when a pupil does not react as it should, 0 when both do
	PaO2                          // arterial, mmHg
	PaCO2                         // arterial, mmHg
	WBC                           // ×10⁹/L
	Bands                         // immature neutrophils, % of the white cells
	Platelets                     // ×10⁹/L
	Bilirubin                     // mg/dL
	Creatinine                    // mg/dL
	Urine24h                      // mL in 24 h
	Dopamine                      // µg/kg/min
	Dobutamine                    // µg/kg/min
	Epinephrine                   // µg/kg/min
	Norepinephrine                // µg/kg/min
	NumInputs
)

// about is what is fixed about one input.
type about struct {
	name     string
	unit     string
	min, max float64  // beyond these a value is a mistake of typing or unit, whoever the person is
	codes    []string // of a coded input, by number
}

func noYes(name string) about { return about{name, "no/yes", 0, 1, []string{"no", "yes"}} }

// inputs is the table of them all. The limits only keep out wrong units and mistyped numbers;
// what is believable in a person is judged elsewhere, by age.
var inputs = [NumInputs]about{
	RR:               {"rr", "/min", 0, 150, nil},
	SpO2:             {"spo2", "%", 0, 100, nil},
	O2:               noYes("o2"),
	SBP:              {"sbp", "mmHg", 0, 400, nil},
	DBP:              {"dbp", "mmHg", 0, 300, nil},
	MAP:              {"map", "mmHg", 0, 350, nil},
	HR:               {"hr", "/min", 0, 400, nil},
	Consciousness:    {"consciousness", "ACVPU", 0, 4, []string{"A", "C", "V", "P", "U"}},
	Temp:             {"temp", "°C", 10, 50, nil},
	FiO2:             {"fio2", "fraction", 0.21, 1, nil},
	O2Flow:           {"o2_flow", "L/min", 0, 100, nil},
	O2Device:         {"o2_device", "device", 0, float64(len(devices) - 1), devices},
	PEEP:             {"peep", "cmH2O", 0, 60, nil},
	HFNCHours:        {"hfnc_hours", "h", 0, 10000, nil},
	Ventilated:       noYes("ventilated"),
	RespDistress:     {"resp_distress", "level", 0, float64(len(distress) - 1), distress},
	CapRefill:        {"cap_refill", "s", 0, 20, nil},
	Age:              {"age_months", "months", 0, 1560, nil},
	GCS:              {"gcs", "points", 3, 15, nil},
	AlteredMentation: noYes("altered_mentation"),
	CarerConcern:     {"carer_concern", "answer", 0, 8, []string{"unavailable", "asleep", "better", "same", "worse", "low", "medium", "high", "emergency"}},
	ClinicianConcern: {"clinician_concern", "answer", 0, 5, []string{"no", "yes", "low", "medium", "high", "emergency"}},
	SepsisSuspicion:  {"sepsis_suspicion", "answer", 0, 2, []string{"no", "sepsis", "septic_shock"}},
	PupilsAbnormal:   {"pupils_abnormal", "no/yes", 0, 1, []string{"no", "yes"}},
	PaO2:             {"pao2", "mmHg", 20, 760, nil},
	PaCO2:            {"paco2", "mmHg", 10, 300, nil},
	WBC:              {"wbc", "10^9/L", 0, 1000, nil},
	Bands:            {"bands", "%", 0, 100, nil},
	Platelets:        {"platelets", "10^9/L", 0, 5000, nil},
	Bilirubin:        {"bilirubin", "mg/dL", 0, 100, nil},
	Creatinine:       {"creatinine", "mg/dL", 0, 30, nil},
	Urine24h:         {"urine_24h", "mL", 0, 20000, nil},
	Dopamine:         {"dopamine", "µg/kg/min", 0, 100, nil},
	Dobutamine:       {"dobutamine", "µg/kg/min", 0, 100, nil},
	Epinephrine:      {"epinephrine", "µg/kg/min", 0, 20, nil},
	Norepinephrine:   {"norepinephrine", "µg/kg/min", 0, 20, nil},
}

// devices and distress are the names that ward gives its codes, so that the two never part.
var (
	devices  = namesUntil(func(i int) string { return ward.O2Device(i).String() })
	distress = namesUntil(func(i int) string { return ward.Distress(i).String() })
)

func namesUntil(name func(int) string) (names []string) {
	for i := 0; name(i) != "unknown"; i++ {
		names = append(names, name(i))
	}
	return names
}

// String is the input's name in every contract, for example "spo2".
func (i Input) String() string {
	if i < NumInputs {
		return inputs[i].name
	}
	return "unknown"
}

// InputNamed finds an input by its name.
func InputNamed(name string) (Input, bool) {
	for i := range inputs {
		if inputs[i].name == name {
			return Input(i), true
		}
	}
	return 0, false
}

// Limits are the numbers an input can hold at all, and its unit. A number outside is a wrong unit
// or a slip, never a finding.
func (i Input) Limits() (low, high float64, unit string) {
	a := &inputs[i]
	return a.min, a.max, a.unit
}

// Codes are the words of a coded input, by number; nil for a measured one.
func (i Input) Codes() []string { return inputs[i].codes }

// CodeNamed finds the number of a coded input's word.
func (i Input) CodeNamed(word string) (float64, bool) {
	for n, w := range inputs[i].codes {
		if strings.EqualFold(w, word) {
			return float64(n), true
		}
	}
	return 0, false
}

// Text is a number of this input as people write it: a word for a coded input.
func (i Input) Text(number float64) string {
	if c := inputs[i].codes; c != nil && number >= 0 && int(number) < len(c) {
		return c[int(number)]
	}
	return strconv.FormatFloat(number, 'g', -1, 64)
}

// Set is a set of observations, each known or not. It is a plain value: copy it freely.
type Set struct {
	Known  uint64 // bit i: Number[i] is known
	Number [NumInputs]float64
	Scale2 bool // SpO2 scale 2, ordered by a doctor for hypercapnic respiratory failure
}

// Put makes an input known. A number that is not finite says nothing and is not taken.
func (s *Set) Put(i Input, number float64) {
	if math.IsNaN(number) || math.IsInf(number, 0) {
		return
	}
	s.Known |= 1 << i
	s.Number[i] = number
}

// Has reports whether an input is known.
func (s *Set) Has(i Input) bool { return s.Known&(1<<i) != 0 }

// Drop makes an input unknown.
func (s *Set) Drop(i Input) {
	s.Known &^= 1 << i
	s.Number[i] = 0
}

// Infer puts what the known inputs imply: oxygen from its device, fraction or flow, and respiratory
// support from the device. What is known already stays.
func (s *Set) Infer() {
	if !s.Has(O2) && (s.Has(O2Device) || s.Has(FiO2) || s.Has(O2Flow)) {
		on := s.Has(O2Device) && s.Number[O2Device] != float64(ward.RoomAir) ||
			s.Has(FiO2) && s.Number[FiO2] > air || s.Has(O2Flow) && s.Number[O2Flow] > 0
		s.Put(O2, yesNo(on))
	}
	if !s.Has(Ventilated) && s.Has(O2Device) {
		switch ward.O2Device(s.Number[O2Device]) {
		case ward.CPAP, ward.NIV, ward.Ventilator:
			s.Put(Ventilated, 1)
		default:
			s.Put(Ventilated, 0)
		}
	}
}

func yesNo(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
