package devices

import (
	"time"

	"wardwatch/ward"
)

// skewAhead is how much later than its message a `measured` time may be: rounding and the clocks
// of two boxes. The value then counts as measured at the message's time. Ours.
const skewAhead = 5 * time.Minute

// draft gathers one element: its fields may come in any order, so nothing is decided before its
// end. Bits in the masks are vitals.
type draft struct {
	e *Element

	seen, twice uint16 // top-level fields, by the field constants
	noClock     bool   // `measured` was unreadable as a whole: no value's age is known

	sent, again, have      uint32 // named in the message; named twice; usable so far
	rated, dated, badDated uint32 // with a quality; with a measured time; with a useless one
	datedAgain, ratedAgain uint32

	number   [ward.NumVitals]float64
	quality  [ward.NumVitals]ward.Quality
	measured [ward.NumVitals]time.Time
}

func (d *draft) reset(e *Element) {
	d.e, d.seen, d.twice, d.noClock = e, 0, 0, false
	d.sent, d.again, d.have = 0, 0, 0
	d.rated, d.dated, d.badDated, d.datedAgain, d.ratedAgain = 0, 0, 0, 0, 0
}

// The fields of an element.
const (
	fieldDevice = iota
	fieldBoot
	fieldSeq
	fieldTime
	fieldVitals
	fieldO2Device
	fieldConsciousness
	fieldAlarms
	fieldMeasured
	fieldQuality
	fieldUnknown
)

var fieldNames = [...]string{"device", "boot", "seq", "time", "vitals", "o2_device", "consciousness", "alarms", "measured", "quality"}

func fieldNamed(key []byte) int {
	switch string(key) {
	case "device":
		return fieldDevice
	case "boot":
		return fieldBoot
	case "seq":
		return fieldSeq
	case "time":
		return fieldTime
	case "vitals":
		return fieldVitals
	case "o2_device":
		return fieldO2Device
	case "consciousness":
		return fieldConsciousness
	case "alarms":
		return fieldAlarms
	case "measured":
		return fieldMeasured
	case "quality":
		return fieldQuality
	}
	return fieldUnknown
}

// vitalNamed finds a vital by its key under vitals, measured and quality. The two words stand
// beside vitals, not in it, and their keys are those of the word fields.
func vitalNamed(key []byte) (v ward.Vital, inVitals, ok bool) {
	switch string(key) {
	case "hr":
		return ward.HR, true, true
	case "pr":
		return ward.PR, true, true
	case "rr":
		return ward.RR, true, true
	case "spo2":
		return ward.SpO2, true, true
	case "sbp":
		return ward.SBP, true, true
	case "dbp":
		return ward.DBP, true, true
	case "map":
		return ward.MAP, true, true
	case "temp":
		return ward.Temp, true, true
	case "etco2":
		return ward.EtCO2, true, true
	case "fio2":
		return ward.FiO2, true, true
	case "o2_flow":
		return ward.O2Flow, true, true
	case "consciousness":
		return ward.ACVPU, false, true
	case "o2_device":
		return ward.O2Source, false, true
	}
	return 0, false, false
}

// wireName is a vital's key on the wire.
func wireName(v ward.Vital) string {
	if v == ward.ACVPU {
		return fieldNames[fieldConsciousness]
	}
	return v.String()
}

// finish decides what of the element is used.
func (d *Decoder) finish() {
	g := &d.d
	g.judgeRepeats()
	e := g.e
	if e.Reading.Taken.IsZero() {
		if g.seen&(1<<fieldTime) == 0 {
			e.fault(ReasonNoTime, "", "send time: RFC 3339 with zone, or Unix milliseconds")
		}
		return
	}
	g.judgeDates()
	n := 0
	for v := range ward.NumVitals {
		if g.have&(1<<v) != 0 {
			n++
		}
	}
	if n > 0 {
		e.Reading.Values = d.values(n)
	}
	if n == 0 && len(e.Reading.Alarms) == 0 && len(e.Faults) == 0 {
		e.fault(ReasonEmpty, "", "send at least one of vitals, o2_device, consciousness, alarms")
	}
}

func (d *Decoder) values(n int) []ward.Value {
	g := &d.d
	taken := g.e.Reading.Taken
	values := d.take(n)
	for v := range ward.NumVitals {
		bit := uint32(1) << v
		if g.have&bit == 0 {
			continue
		}
		x := ward.Value{Vital: v, Number: g.number[v], At: taken}
		if g.rated&bit != 0 {
			x.Quality = g.quality[v]
		}
		if g.dated&bit != 0 && g.measured[v].Before(taken) {
			x.At = g.measured[v]
		}
		values = append(values, x)
	}
	return values
}

// words are the vitals that stand beside `vitals`, not in it.
const words = uint32(1<<ward.ACVPU | 1<<ward.O2Source)

// judgeRepeats drops what was said twice: there is no telling which was meant. Alarms are the
// exception: both lists are kept, because losing one would be worse.
func (g *draft) judgeRepeats() {
	if g.twice != 0 {
		for f := range fieldNames {
			if g.twice&(1<<f) != 0 {
				g.e.fault(ReasonDuplicate, "", fieldNames[f]+" stands twice in one object; send it once")
				g.dropField(f)
			}
		}
	}
	if g.again|g.datedAgain|g.ratedAgain == 0 {
		return
	}
	for v := range ward.NumVitals {
		bit := uint32(1) << v
		if (g.again|g.datedAgain|g.ratedAgain)&bit != 0 {
			g.e.fault(ReasonDuplicate, v.String(), "stands twice in one object; send it once")
		}
		if g.ratedAgain&bit != 0 {
			g.quality[v] = ward.Poor
		}
	}
	g.have &^= g.again
	g.badDated |= g.datedAgain
}

func (g *draft) dropField(f int) {
	r := &g.e.Reading
	switch f {
	case fieldDevice:
		r.Device, g.e.Masked = "", true
	case fieldBoot:
		r.Boot = ""
	case fieldSeq:
		r.Seq, r.HasSeq = 0, false
	case fieldTime:
		r.Taken = time.Time{}
	case fieldVitals:
		g.have &= words
	case fieldO2Device:
		g.have &^= 1 << ward.O2Source
	case fieldConsciousness:
		g.have &^= 1 << ward.ACVPU
	case fieldMeasured:
		g.noClock = true
	case fieldQuality:
		g.rated = ^uint32(0)
		for v := range g.quality {
			g.quality[v] = ward.Poor
		}
	}
}

// judgeDates drops each value whose own time cannot be known: an old cuff pressure must not pass
// for a fresh one. Where `measured` as a whole cannot be read, that is every number; the words
// have no other time than the message's in any device we know, and are kept.
func (g *draft) judgeDates() {
	if g.noClock {
		g.have &= words
		g.dated = 0
		return
	}
	if g.dated|g.badDated == 0 {
		return
	}
	latest := g.e.Reading.Taken.Add(skewAhead)
	for v := range ward.NumVitals {
		bit := uint32(1) << v
		switch {
		case g.dated&^g.badDated&bit == 0:
		case g.sent&bit == 0:
			g.e.fault(ReasonMeasured, v.String(), "measured names a value that was not sent")
		case g.measured[v].After(latest):
			g.e.fault(ReasonMeasured, v.String(), "measured is more than 5 minutes later than time")
			g.badDated |= bit
		}
	}
	g.have &^= g.badDated
}
