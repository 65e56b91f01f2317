package devices

import (
	"unicode/utf8"

	"wardwatch/ward"
)

const elementDepth = 3 // of what stands inside an element, counting an array around it

// field reads one member of an element. null says the same as leaving the field out.
func (d *Decoder) field() {
	f := fieldNamed(d.c.key())
	if f == fieldUnknown {
		d.d.e.Unknown++
		d.c.skip(elementDepth)
		return
	}
	bit := uint16(1) << f
	if d.d.seen&bit != 0 {
		d.d.twice |= bit
	}
	d.d.seen |= bit
	if f != fieldTime && d.c.null() {
		return
	}
	r := &d.d.e.Reading
	switch f {
	case fieldDevice:
		r.Device = ward.DeviceID(d.id(f))
		d.d.e.Masked = r.Device == ""
	case fieldBoot:
		r.Boot = d.id(f)
	case fieldSeq:
		d.seq()
	case fieldTime:
		d.time()
	case fieldVitals:
		d.eachVital(f, d.vital)
	case fieldMeasured:
		if !d.eachVital(f, d.date) {
			d.d.noClock = true
		}
	case fieldQuality:
		d.eachVital(f, d.rate)
	case fieldO2Device:
		d.o2Device()
	case fieldConsciousness:
		d.consciousness()
	case fieldAlarms:
		d.alarms()
	}
}

// wrong steps over a value of the wrong type and notes it.
func (d *Decoder) wrong(vital, want string) {
	d.c.skip(elementDepth)
	d.d.e.fault(ReasonType, vital, want)
}

func (d *Decoder) id(f int) string {
	if d.c.peek() != '"' {
		d.wrong("", fieldNames[f]+" must be text")
		return ""
	}
	s := d.c.str()
	if len(s) == 0 || len(s) > ward.MaxID {
		d.badID(f)
		return ""
	}
	name := d.intern(s)
	if !ward.ValidID(name) {
		d.badID(f)
		return ""
	}
	return name
}

func (d *Decoder) badID(f int) {
	d.d.e.fault(ReasonID, "", fieldNames[f]+" must be 1–64 of A–Z a–z 0–9 _ -")
}

func (d *Decoder) seq() {
	if !startsNumber(d.c.peek()) {
		d.wrong("", "seq must be a whole number")
		return
	}
	n, ok := d.c.whole()
	if !ok {
		d.d.e.fault(ReasonSeq, "", "seq must be a whole number from 0 to 2^64-1, without point or exponent")
		return
	}
	d.d.e.Reading.Seq, d.d.e.Reading.HasSeq = n, true
}

func startsNumber(ch byte) bool { return ch == '-' || ch >= '0' && ch <= '9' }

func (d *Decoder) time() {
	t, reason := d.moment()
	if reason == "" {
		d.d.e.Reading.Taken = t
		return
	}
	d.d.e.fault(reason, "", "time must be RFC 3339 with its zone, or Unix milliseconds as a whole number")
}

func (d *Decoder) vital(v ward.Vital, inVitals bool) {
	bit := uint32(1) << v
	if !inVitals {
		d.d.e.Unknown++
		d.c.skip(elementDepth + 1)
		return
	}
	d.d.again |= d.d.sent & bit
	d.d.sent |= bit
	if ch := d.c.peek(); !startsNumber(ch) || ch == '-' {
		switch {
		case d.c.null():
			return
		case d.c.notNumber():
			d.d.e.fault(ReasonNumber, v.String(), "NaN and Infinity are not JSON; leave the field out when there is no value")
			return
		case ch != '-':
			d.wrong(v.String(), "must be a number, without quotes")
			return
		}
	}
	x, ok := d.c.number()
	if !ok {
		d.d.e.fault(ReasonRange, v.String(), "the number is too large")
		return
	}
	if f := Check(v, x); f != nil {
		d.d.e.Faults = append(d.d.e.Faults, *f)
		return
	}
	d.d.have |= bit
	d.d.number[v] = x
}

func (d *Decoder) date(v ward.Vital, _ bool) {
	bit := uint32(1) << v
	d.d.datedAgain |= (d.d.dated | d.d.badDated) & bit
	if d.c.null() {
		return
	}
	t, reason := d.moment()
	if reason != "" {
		d.d.badDated |= bit
		d.d.e.fault(reason, v.String(), "measured must be RFC 3339 with its zone, or Unix milliseconds as a whole number")
		return
	}
	d.d.dated |= bit
	d.d.measured[v] = t
}

// rate reads a quality. One that cannot be read counts as poor: the sender meant to say something.
func (d *Decoder) rate(v ward.Vital, _ bool) {
	bit := uint32(1) << v
	d.d.ratedAgain |= d.d.rated & bit
	if d.c.null() {
		return
	}
	d.d.rated |= bit
	d.d.quality[v] = ward.Poor
	if d.c.peek() != '"' {
		d.wrong(v.String(), "quality must be good, poor or invalid")
		return
	}
	switch string(d.c.str()) {
	case "good":
		d.d.quality[v] = ward.Good
	case "poor":
	case "invalid":
		d.d.quality[v] = ward.Invalid
	default:
		d.d.e.fault(ReasonWord, v.String(), "quality must be good, poor or invalid")
	}
}

func (d *Decoder) o2Device() {
	d.d.sent |= 1 << ward.O2Source
	if d.c.peek() != '"' {
		d.wrong(ward.O2Source.String(), "must be text")
		return
	}
	o, ok := ward.O2DeviceNamed(string(d.c.str()))
	if !ok {
		d.d.e.fault(ReasonWord, ward.O2Source.String(), "must be one of room_air, nasal_cannula, simple_mask, venturi, non_rebreather, hfnc, cpap, niv, ventilator")
		return
	}
	d.d.have |= 1 << ward.O2Source
	d.d.number[ward.O2Source] = float64(o)
}

func (d *Decoder) consciousness() {
	d.d.sent |= 1 << ward.ACVPU
	if d.c.peek() != '"' {
		d.wrong(ward.ACVPU.String(), "consciousness must be text")
		return
	}
	a, ok := ward.ConsciousnessNamed(string(d.c.str()))
	if !ok {
		d.d.e.fault(ReasonWord, ward.ACVPU.String(), "consciousness must be one of A, C, V, P, U")
		return
	}
	d.d.have |= 1 << ward.ACVPU
	d.d.number[ward.ACVPU] = float64(a)
}

// printable reports whether s is text a person can be shown on one line.
func printable(s []byte) bool {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRune(s[i:])
		if r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0 || r == utf8.RuneError {
			return false
		}
		i += n
	}
	return len(s) > 0
}
