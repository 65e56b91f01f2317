package scoring

import (
	"math"
	"time"

	"wardwatch/scoring/chart"
	"wardwatch/ward"
)

// quarters are how finely the past of the oxygen need is kept: the least of each quarter of an hour,
// over six hours and the present one.
const (
	quarter  = 15 * time.Minute
	quarters = int64(maxWithin/quarter) + 1

	maxWithin = 6 * time.Hour
)

// Need is the oxygen that a person has needed in the last hours. Between two entries the older one
// is taken to have gone on.
type Need struct {
	Changed int64           // when the oxygen device last changed, Unix ms
	Last    int64           // the newest quarter that is kept, counted from 1970; 0: none
	FiO2    [quarters]uint8 // the least inspired fraction of each quarter, %; 0: not known
	Device  [quarters]uint8 // the weakest device, its code + 1; 0: not known

	NowFiO2, NowDevice uint8

	StepUp, Rise, High Crossing // Seen of Rise and High: the rank of the device then
}

// ranks order the oxygen devices by how much support they can give; ours. Equal ranks are a change
// and no step.
var ranks = [...]uint8{
	ward.RoomAir: 0, ward.NasalCannula: 1, ward.SimpleMask: 2, ward.Venturi: 2, ward.NonRebreather: 3,
	ward.HFNC: 4, ward.CPAP: 4, ward.NIV: 5, ward.Ventilator: 6,
}

// changed notices that another oxygen device is in use: a fraction or flow from before says nothing
// of it.
func (n *Need) changed(before, now *Latest) {
	if now.Trusted && now.At != 0 && (before.At == 0 || before.Number != now.Number) {
		n.Changed = now.At
	}
}

// given is what the person is given now; 0 for what is not known.
func (k *look) given() (fio2, device uint8) {
	if k.set.Has(chart.FiO2) {
		fio2 = uint8(math.Round(k.set.Number[chart.FiO2] * 100))
	}
	if k.set.Has(chart.O2Device) {
		device = uint8(k.set.Number[chart.O2Device]) + 1
	}
	return fio2, device
}

// note keeps what a reading says of the oxygen given.
func (n *Need) note(k *look, r *ward.Reading) {
	says := false
	for i := range r.Values {
		v := r.Values[i].Vital
		says = says || v == ward.O2Source || v == ward.FiO2 || v == ward.O2Flow
	}
	now := k.now / quarter.Milliseconds()
	if !says || now < n.Last {
		return
	}
	from := n.Last + 1
	if n.Last == 0 {
		from = now
	}
	for q := max(from, now-quarters+1); q <= now; q++ {
		n.FiO2[q%quarters], n.Device[q%quarters] = n.NowFiO2, n.NowDevice
	}
	n.Last = now
	n.NowFiO2, n.NowDevice = k.given()
	least := func(slot *uint8, x uint8, less bool) {
		if x != 0 && (*slot == 0 || less) {
			*slot = x
		}
	}
	f, d := &n.FiO2[now%quarters], &n.Device[now%quarters]
	least(f, n.NowFiO2, n.NowFiO2 < *f)
	least(d, n.NowDevice, rank(n.NowDevice) < rank(*d))
}

// rank of a device's code + 1; -1 when it is not known.
func rank(device uint8) int {
	if device == 0 || int(device) > len(ranks) {
		return -1
	}
	return int(ranks[device-1])
}

// least finds the least fraction and the weakest device of the hours before now; 0: none known.
func (n *Need) least(o *Oxygen, now int64) (fio2, device uint8) {
	present := now / quarter.Milliseconds()
	back := int64((o.Within + quarter - 1) / quarter)
	for q := max(present-back, 1); n.Last != 0 && q <= n.Last; q++ {
		if q <= n.Last-quarters {
			continue
		}
		if f := n.FiO2[q%quarters]; f != 0 && (fio2 == 0 || f < fio2) {
			fio2 = f
		}
		d := n.Device[q%quarters]
		if d == uint8(ward.RoomAir)+1 && !o.FromAir {
			continue
		}
		if d != 0 && (device == 0 || rank(d) < rank(device)) {
			device = d
		}
	}
	return fio2, device
}

// steady is how far a fraction must fall back under a limit that was told, so that a gas module's
// noise does not end and begin it; ours.
const steady = 0.02

// rising raises the flags of a rising need for oxygen. Fractions are compared in whole per cent.
// While the oxygen is not known a flag is held; it ends when what is known says so.
func (s *State) rising(p *Policy, k *look, score *ward.Score) (wake int64) {
	o, n := &p.Oxygen, &s.Oxygen
	if o.Off {
		return Never
	}
	fio2, device := k.given()
	leastFiO2, weakest := fio2, device
	if device != uint8(ward.RoomAir)+1 { // on air nothing can have risen
		leastFiO2, weakest = n.least(o, k.now)
	}
	persist := Persist{For: o.Persist}
	const half = 0.005 // half a per cent: a whole per cent that is at the limit counts as over it
	if device != 0 && o.StepUp {
		up := 0
		if weakest != 0 {
			up = rank(device) - rank(weakest)
		}
		n.StepUp.see(float64(up), bounds{0, 0.5}, 0, &persist, k.now, 0)
	}
	if n.StepUp.Since != 0 {
		raise(score, n.StepUp.flag(ward.FlagOxygenDevice, o.Band, code(device, n.NowDevice), code(weakest, weakest), device == 0))
	}
	fraction := float64(fio2) / 100
	if fio2 == 0 {
		fraction = s.Latest[ward.FiO2].Number // as last known
	}
	see := func(c *Crossing, x, limit float64) (held bool) {
		switch {
		case fio2 != 0:
			c.see(x, bounds{0, limit - half}, steady, &persist, k.now, int64(rank(device)))
		case device != 0 && int64(rank(device)) < c.Seen: // the device is weaker than it was then
			*c = Crossing{}
		}
		return fio2 == 0
	}
	if o.Rise > 0 {
		rise := 0.0
		if leastFiO2 != 0 {
			rise = fraction - float64(leastFiO2)/100
		}
		if held := see(&n.Rise, rise, o.Rise); n.Rise.Since != 0 {
			raise(score, n.Rise.flag(ward.FlagOxygenRise, o.Band, fraction, float64(leastFiO2)/100, held))
		}
	}
	if o.High > 0 {
		if held := see(&n.High, fraction, o.High); n.High.Since != 0 {
			raise(score, n.High.flag(ward.FlagOxygenHigh, o.Band, fraction, o.High, held))
		}
	}
	if n.StepUp.Since == 0 && n.Rise.Since == 0 {
		return Never
	}
	return (k.now/quarter.Milliseconds() + 1) * quarter.Milliseconds()
}

// code is a device's code, or else that of another moment.
func code(device, otherwise uint8) float64 {
	if device == 0 {
		device = max(otherwise, 1)
	}
	return float64(device - 1)
}
