package chart

// quantity is what a row of a chart reads: an input as it is (numbers below NumInputs), or a figure
// worked out from several.
type quantity uint8

// Figures worked out from inputs.
const (
	meanPressure       quantity = iota + quantity(NumInputs) // MAP, or (SBP + 2·DBP)/3, mmHg
	pfRatio                                                  // PaO2/FiO2, mmHg
	sfRatio                                                  // SpO2/FiO2
	roxIndex                                                 // (SpO2/FiO2)/RR
	roxHRIndex                                               // ROX/HR × 100
	shockIndex                                               // HR/SBP
	modifiedShockIndex                                       // HR/mean pressure
	numQuantities
)

// worked is how a figure is named and what it needs.
type worked struct {
	name  string
	needs []Input // as they are asked for when missing
	also  []Input // that can stand in for one of them
	unit  string
	max   float64
}

var quantities = [numQuantities - quantity(NumInputs)]worked{
	meanPressure - quantity(NumInputs):       {"mean_pressure", []Input{MAP}, []Input{SBP, DBP}, "mmHg", 400},
	pfRatio - quantity(NumInputs):            {"pf", []Input{PaO2, FiO2}, []Input{O2, O2Device}, "mmHg", 3700},
	sfRatio - quantity(NumInputs):            {"sf", []Input{SpO2, FiO2}, []Input{O2, O2Device}, "ratio", 477},
	roxIndex - quantity(NumInputs):           {"rox", []Input{SpO2, FiO2, RR}, []Input{O2, O2Device}, "index", 477},
	roxHRIndex - quantity(NumInputs):         {"rox_hr", []Input{SpO2, FiO2, RR, HR}, []Input{O2, O2Device}, "index", 47700},
	shockIndex - quantity(NumInputs):         {"si", []Input{HR, SBP}, nil, "index", 400},
	modifiedShockIndex - quantity(NumInputs): {"msi", []Input{HR, MAP}, []Input{SBP, DBP}, "index", 400},
}

func quantityNamed(name string) (quantity, bool) {
	if i, ok := InputNamed(name); ok {
		return quantity(i), true
	}
	for i := range quantities {
		if quantities[i].name == name {
			return quantity(i) + quantity(NumInputs), true
		}
	}
	return 0, false
}

func (q quantity) isInput() bool { return q < quantity(NumInputs) }

func (q quantity) worked() *worked { return &quantities[q-quantity(NumInputs)] }

// unit is what the quantity is counted in, and its greatest possible number.
func (q quantity) limits() (low, high float64, unit string) {
	if q.isInput() {
		return Input(q).Limits()
	}
	w := q.worked()
	return 0, w.max, w.unit
}

func (q quantity) codes() []string {
	if q.isInput() {
		return Input(q).Codes()
	}
	return nil
}

// needs are the inputs asked for when the quantity is not known, also those that can stand in.
func (q quantity) needs() []Input {
	if q.isInput() {
		return []Input{Input(q)}
	}
	return q.worked().needs
}

func (q quantity) also() []Input {
	if q.isInput() {
		return nil
	}
	return q.worked().also
}

// read is the quantity in a set; ok is false when it is not known.
func (q quantity) read(s *Set) (x float64, ok bool) {
	switch q {
	case meanPressure:
		return pressure(s)
	case pfRatio:
		return perOxygen(s, PaO2)
	case sfRatio:
		return perOxygen(s, SpO2)
	case roxIndex:
		x, ok = perOxygen(s, SpO2)
		return over(s, x, ok, RR)
	case roxHRIndex:
		x, ok = roxIndex.read(s)
		x, ok = over(s, x, ok, HR)
		return x * 100, ok
	case shockIndex:
		return over(s, s.Number[HR], s.Has(HR), SBP)
	case modifiedShockIndex:
		m, ok := pressure(s)
		if !ok || m <= 0 || !s.Has(HR) {
			return 0, false
		}
		return s.Number[HR] / m, true
	}
	return s.Number[q], s.Has(Input(q))
}

// over divides what is known by an input that must be known and above 0.
func over(s *Set, x float64, ok bool, under Input) (float64, bool) {
	if !ok || !s.Has(under) || s.Number[under] <= 0 {
		return 0, false
	}
	return x / s.Number[under], true
}

// pressure is the mean arterial pressure: measured, or a third of the way from diastolic to systolic.
func pressure(s *Set) (float64, bool) {
	if s.Has(MAP) {
		return s.Number[MAP], true
	}
	if !s.Has(SBP) || !s.Has(DBP) {
		return 0, false
	}
	return (s.Number[SBP] + 2*s.Number[DBP]) / 3, true
}

func perOxygen(s *Set, measured Input) (float64, bool) {
	fraction, ok := inspired(s)
	if !ok || !s.Has(measured) {
		return 0, false
	}
	return s.Number[measured] / fraction, true
}

// air is the fraction of oxygen in room air.
const air = 0.21

// inspired is the fraction of inspired oxygen: as given, or that of room air. It is never worked out
// from a flow: the published rules for low-flow devices disagree (3 or 4 % a litre), and what is
// truly inspired depends on how the person breathes.
func inspired(s *Set) (fraction float64, ok bool) {
	if s.Has(FiO2) {
		return s.Number[FiO2], s.Number[FiO2] > 0
	}
	return air, onAir(s)
}

// onAir reports that the set says room air: by its device, or by "no oxygen" where no device is named.
func onAir(s *Set) bool {
	if s.Has(O2Device) {
		return s.Number[O2Device] == 0
	}
	return s.Has(O2) && s.Number[O2] == 0
}

func (q quantity) name() string {
	if q.isInput() {
		return Input(q).String()
	}
	return q.worked().name
}
