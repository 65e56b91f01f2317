package scoring

import "wardwatch/ward"

// NEWS2 is the National Early Warning Score 2 (Royal College of Physicians, December 2017,
// charts 1 and 4), for people of 16 and over who are not pregnant. Points here are reproduced
// unaltered; the RCP is acknowledged as its author.
const (
	NEWS2        = "news2"
	NEWS2Version = "rcp-2017"
)

// Input is one of a chart's inputs.
type Input uint8

// The seven inputs of NEWS2, in the order of its chart.
const (
	InRR Input = iota
	InSpO2
	InO2
	InSBP
	InHR
	InConsciousness
	InTemp
	NumInputs
)

var inputNames = [NumInputs]string{"rr", "spo2", "o2", "sbp", "hr", "consciousness", "temp"}

// String is the input's name in every contract.
func (i Input) String() string { return inputNames[i] }

// Inputs is a set of observations, each known or not. Numbers are in the units of ward.Vital;
// O2 is 1 on supplemental oxygen and 0 on air; Consciousness is ward.Consciousness.
type Inputs struct {
	Known  [NumInputs]bool
	Number [NumInputs]float64
	Scale2 bool // SpO2 scale 2, prescribed for hypercapnic respiratory failure
}

// Set makes an input known.
func (in *Inputs) Set(i Input, number float64) { in.Known[i], in.Number[i] = true, number }

// Points is what a chart says of a set.
type Points struct {
	Of         [NumInputs]int // points of each known input; 0 for an unknown one, which says nothing
	LowerBound int            // the sum of the known: the total when Complete
	Complete   bool
	Single3    bool // one parameter alone scores 3
}

// Band is the clinical risk of the points (RCP NEWS2, chart 2). An incomplete set is at least as
// bad as its known part; below every trigger it is unknown, never low.
func (p Points) Band() ward.Band {
	switch {
	case p.LowerBound >= 7:
		return ward.High
	case p.LowerBound >= 5:
		return ward.Medium
	case p.Single3:
		return ward.LowMedium
	case !p.Complete:
		return ward.Unknown
	}
	return ward.Low
}

// upTo gives points to whole numbers up to and including a limit.
type upTo struct{ limit, points int }

const noLimit = 1 << 30

// The bands of NEWS2 (RCP 2017, chart 1). Temperature is in tenths of a degree.
var (
	rrBands    = [...]upTo{{8, 3}, {11, 1}, {20, 0}, {24, 2}, {noLimit, 3}}
	spo2Scale1 = [...]upTo{{91, 3}, {93, 2}, {95, 1}, {noLimit, 0}}
	spo2Scale2 = [...]upTo{{83, 3}, {85, 2}, {87, 1}, {92, 0}, {94, 1}, {96, 2}, {noLimit, 3}} // from 93 only on oxygen
	sbpBands   = [...]upTo{{90, 3}, {100, 2}, {110, 1}, {219, 0}, {noLimit, 3}}
	hrBands    = [...]upTo{{40, 3}, {50, 1}, {90, 0}, {110, 1}, {130, 2}, {noLimit, 3}}
	tempBands  = [...]upTo{{350, 3}, {360, 1}, {380, 0}, {390, 1}, {noLimit, 2}}
)

const (
	scale2Target = 92 // above it scale 2 gives points only on oxygen
	onOxygen     = 2  // points for any supplemental oxygen, on both scales
	notAlert     = 3  // points for C, V, P or U
)

// ScoreNEWS2 applies the chart. Values are rounded half up to the chart's own precision (whole
// numbers, temperature to 0.1 °C) before they are banded; the rounding is ours, the chart is
// printed for whole numbers.
func ScoreNEWS2(in *Inputs) Points {
	var p Points
	p.Complete = true
	for i := range NumInputs {
		if !in.Known[i] {
			p.Complete = false
			continue
		}
		n := news2Points(in, i)
		p.Of[i] = n
		p.LowerBound += n
		p.Single3 = p.Single3 || n == 3
	}
	return p
}

func news2Points(in *Inputs, i Input) int {
	number := in.Number[i]
	switch i {
	case InRR:
		return pointsFor(rrBands[:], whole(number))
	case InSpO2:
		return spo2Points(in, whole(number))
	case InO2:
		if number != 0 {
			return onOxygen
		}
	case InSBP:
		return pointsFor(sbpBands[:], whole(number))
	case InHR:
		return pointsFor(hrBands[:], whole(number))
	case InConsciousness:
		if ward.Consciousness(number) != ward.Awake {
			return notAlert
		}
	case InTemp:
		return pointsFor(tempBands[:], whole(number*10))
	}
	return 0
}

// spo2Points is the saturation's share. On scale 2 a value above target scores only on oxygen;
// when the oxygen is unknown the certain part is none (the set is incomplete anyway).
func spo2Points(in *Inputs, spo2 int) int {
	if !in.Scale2 {
		return pointsFor(spo2Scale1[:], spo2)
	}
	if spo2 > scale2Target && !(in.Known[InO2] && in.Number[InO2] != 0) {
		return 0
	}
	return pointsFor(spo2Scale2[:], spo2)
}

func pointsFor(bands []upTo, n int) int {
	for _, b := range bands {
		if n <= b.limit {
			return b.points
		}
	}
	return 0
}

// whole rounds half up. The small addend keeps 36.05 × 10 (360.49999… in binary) at 361.
func whole(x float64) int {
	const half = 0.5 + 1e-9
	if x+half < 0 {
		return int(x+half) - 1
	}
	return int(x + half)
}
