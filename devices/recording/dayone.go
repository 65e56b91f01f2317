package recording

import (
	"iter"
	"slices"
	"strings"
	"time"

	"wardwatch/ward"
)

// DayOne is one stay's worst values of the first day, as APACHE takes them, as one charted set.
type DayOne struct {
	Patient ward.BedID
	At      time.Time // the end of that day

	// Inputs by their name in every contract, in its unit: rr, hr, map, temp, fio2 (fraction), o2 (0, 1),
	// consciousness (0–4 as coded), gcs, pao2 and paco2 (mmHg), wbc (10⁹/L), bilirubin and creatinine (mg/dL),
	// urine_24h (mL), ventilated (0, 1). What was empty or -1 is not in it.
	Inputs map[string]float64
}

// DayOne yields the first days of an eicu-demo stays file, in its order; of others nothing.
func (o *Outcomes) DayOne() iter.Seq[DayOne] { return slices.Values(o.days) }

// eicuStayColumns is what a stay must have.
var eicuStayColumns = []string{
	"patientunitstayid", "gender", "age", "unitdischargeoffset", "hospitaldischargeoffset",
	"unitdischargestatus", "hospitaldischargestatus",
}

const (
	eicuStay = iota
	eicuGender
	eicuAge
	eicuUnitOut
	eicuHospitalOut
	eicuUnitStatus
	eicuHospitalStatus
	eicuDay // where the columns of the first day begin
)

// dayInput is one APACHE column and what it is to us.
type dayInput struct {
	column, name string
	vital        ward.Vital // whose limits hold; NumVitals: those below
	least, most  float64    // for those without a vital
	percent      bool
}

// eicuDayInputs is the columns of the first day, the parts of the coma scale last. The limits of what
// no vital covers are the widest that laboratories report: ours, to catch slips of the decimal point.
func eicuDayInputs() []dayInput {
	none := ward.NumVitals
	return []dayInput{
		{column: "aps_respiratoryrate", name: "rr", vital: ward.RR},
		{column: "aps_heartrate", name: "hr", vital: ward.HR},
		{column: "aps_meanbp", name: "map", vital: ward.MAP},
		{column: "aps_temperature", name: "temp", vital: ward.Temp},
		{column: "aps_fio2", name: "fio2", vital: ward.FiO2, percent: true},
		{column: "aps_pao2", name: "pao2", vital: none, least: 10, most: 760},
		{column: "aps_pco2", name: "paco2", vital: none, least: 5, most: 300},
		{column: "aps_wbc", name: "wbc", vital: none, most: 1000},
		{column: "aps_bilirubin", name: "bilirubin", vital: none, most: 100},
		{column: "aps_creatinine", name: "creatinine", vital: none, most: 50},
		{column: "aps_urine", name: "urine_24h", vital: none, most: 20_000},
		{column: "aps_vent", name: "ventilated", vital: none, most: 1},
		{column: "aps_intubated", vital: none, most: 1},
		{column: "aps_meds", vital: none, most: 1},
		{column: "aps_eyes", vital: none, least: 1, most: 4},
		{column: "aps_verbal", vital: none, least: 1, most: 5},
		{column: "aps_motor", vital: none, least: 1, most: 6},
	}
}

func eicuDayColumns() []string {
	var columns []string
	for _, in := range eicuDayInputs() {
		columns = append(columns, in.column)
	}
	return columns
}

func eicuFacts(f fields, o Options) (Patient, *DayOne, *RowError) {
	p, bad := f.patient(eicuStay)
	if bad != nil {
		return p, nil, bad
	}
	if p.Outcome, bad = eicuOutcome(f, o); bad != nil {
		return p, nil, bad
	}
	p.Age, p.Sex = f.age(eicuAge), f.sex(eicuGender)
	day := DayOne{Patient: p.ID, At: o.Base.Add(24 * time.Hour), Inputs: firstDay(f)}
	if len(day.Inputs) == 0 {
		return p, nil, nil
	}
	return p, &day, nil
}

// eicuOutcome is death in hospital. Who died in the unit cannot have left the hospital alive.
func eicuOutcome(f fields, o Options) (Outcome, *RowError) {
	unitOut, ok := f.minutes(eicuUnitOut, o.Base)
	if !ok {
		return Outcome{}, f.fault(BadTime, "unitdischargeoffset")
	}
	hospitalOut, ok := f.minutes(eicuHospitalOut, o.Base)
	if !ok {
		return Outcome{}, f.fault(BadTime, "hospitaldischargeoffset")
	}
	unit, hospital := strings.ToLower(string(f.text(eicuUnitStatus))), strings.ToLower(string(f.text(eicuHospitalStatus)))
	out := Outcome{End: unitOut}
	switch {
	case unit == "expired" && hospital == "alive":
		return out, f.fault(Contradiction, "unitdischargestatus, hospitaldischargestatus")
	case unit == "expired":
		out.Known, out.Event, out.At = true, true, unitOut
	case hospital == "expired":
		out.Known, out.Event, out.At = true, true, hospitalOut
	case hospital == "alive":
		out.Known = true
	}
	return out, nil
}

// firstDay makes the charted set. -1 and empty are missing.
func firstDay(f fields) map[string]float64 {
	inputs, apart := map[string]float64{}, map[string]float64{}
	for i, in := range eicuDayInputs() {
		s := f.text(eicuDay + i)
		if len(s) == 0 || isMinusOne(s) {
			continue
		}
		x, ok := number(s)
		if in.percent {
			x /= 100
		}
		if !ok || in.impossible(x) {
			f.bad(f.fault(outside(ok), in.column))
			continue
		}
		apart[in.column] = x
		if in.name != "" {
			inputs[in.name] = x
		}
	}
	addComa(inputs, apart)
	addOxygen(inputs)
	return inputs
}

func (d dayInput) impossible(x float64) bool {
	if d.vital == ward.NumVitals {
		return x < d.least || x > d.most
	}
	return inLimits(d.vital, x) != ""
}

// addComa adds the coma scale and ACVPU, unless drugs or a tube kept it from being judged.
func addComa(inputs, apart map[string]float64) {
	eye, e := apart["aps_eyes"]
	verbal, v := apart["aps_verbal"]
	motor, m := apart["aps_motor"]
	tube := apart["aps_intubated"] == 1 || apart["aps_vent"] == 1
	if !e || !v || !m || apart["aps_meds"] == 1 || verbal == 1 && tube {
		return
	}
	inputs["gcs"] = eye + verbal + motor
	if level, reason := ofParts(charted{true, eye}, charted{true, verbal}, tube); reason == "" {
		inputs["consciousness"] = float64(level)
	}
}

// addOxygen adds whether oxygen was given, where that is certain.
func addOxygen(inputs map[string]float64) {
	fio2, known := inputs["fio2"]
	switch {
	case inputs["ventilated"] == 1, known && fio2 > 0.21:
		inputs["o2"] = 1
	case known:
		inputs["o2"] = 0
	}
}
