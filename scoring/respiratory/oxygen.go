package respiratory

import (
	"math"
	"time"

	"wardwatch/ward"
)

// air is the fraction of oxygen in room air.
const air = 0.21

// fraction is the inspired fraction of oxygen: low and high are the same unless it is estimated.
// Zero: not known.
type fraction struct {
	low, high float64
	estimated bool
	at        time.Time // zero for room air
}

// estimate is what a low-flow device gives at a flow: a range, for nobody can say more.
type estimate struct {
	device    ward.O2Device
	from, to  float64 // L/min, both included
	low, high linear
}

// linear is base + perLitre × flow.
type linear struct{ base, perLitre float64 }

func (l linear) at(flow float64) float64 { return exact(l.base + l.perLitre*flow) }

// inspired is the fraction as set, that of room air, or an estimate from the flow.
func (t *Table) inspired(in *Input) fraction {
	if in.FiO2.within(air, 1) {
		return fraction{low: in.FiO2.Number, high: in.FiO2.Number, at: in.FiO2.At}
	}
	if !in.HasDevice {
		return fraction{}
	}
	if in.Device == ward.RoomAir {
		return fraction{low: air, high: air}
	}
	for i := range t.estimates {
		e := &t.estimates[i]
		if e.device == in.Device && in.O2Flow.within(e.from, e.to) {
			return fraction{e.low.at(in.O2Flow.Number), e.high.at(in.O2Flow.Number), true, in.O2Flow.At}
		}
	}
	return fraction{}
}

// onOxygen is whether more than room air is known to be given.
func (k *look) onOxygen() bool {
	return k.oxygen.low > air || k.in.HasDevice && k.in.Device != ward.RoomAir
}

// sf is SpO2/FiO2 at a fraction; 0 when not known.
func (k *look) sf(fraction float64) float64 {
	if !k.hasSpO2 || fraction == 0 {
		return 0
	}
	return exact(k.in.SpO2.Number / fraction)
}

// rox is (SpO2/FiO2)/RR at a fraction (Roca 2019); 0 when not known.
func (k *look) rox(fraction float64) float64 {
	if !k.hasRR {
		return 0
	}
	return exact(k.sf(fraction) / k.in.RR.Number)
}

// exact takes off what binary fractions add, so that 94.5 % at 0.30 is 315 and not a hair more.
func exact(x float64) float64 {
	const steps = 1e9
	return math.Round(x*steps) / steps
}

// oldest is the oldest of the times that are known.
func oldest(times ...time.Time) (at time.Time) {
	for _, t := range times {
		if !t.IsZero() && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	return at
}
