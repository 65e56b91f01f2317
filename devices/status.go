package devices

import (
	"strconv"

	"wardwatch/ward"
)

// DecodeStatus reads a device's status or last will. Without `time` (a last will is written before
// it is needed) At is zero. The fault, when there is one and State is not DeviceUnknown, is about a
// part that was left out, and the rest can be used; otherwise nothing can.
func DecodeStatus(payload []byte) (ward.DeviceStatus, *Fault) {
	var d Decoder
	s := ward.DeviceStatus{Battery: -1}
	if f := d.open(payload); f != nil {
		return s, f
	}
	var e Element
	d.d.reset(&e)
	if d.c.peek() != '{' {
		d.c.skip(1)
		if d.c.fault == nil {
			d.c.fail(ReasonType, "status must be an object")
		}
		return s, d.c.close()
	}
	for more := d.c.enter('}'); more; more = d.c.next('}') {
		d.statusField(&s)
	}
	if f := d.c.close(); f != nil {
		return ward.DeviceStatus{Battery: -1}, f
	}
	if s.State == ward.DeviceUnknown && len(e.Faults) == 0 {
		e.fault(ReasonWord, "", "state must be online, offline or standby")
	}
	if len(e.Faults) > 0 {
		return s, &e.Faults[0]
	}
	return s, nil
}

// The fields of a status.
const (
	statusState = 1 << iota
	statusTime
	statusDevice
	statusBattery
)

func (d *Decoder) statusField(s *ward.DeviceStatus) {
	bit := uint16(0)
	switch string(d.c.key()) {
	case "state":
		bit = statusState
	case "time":
		bit = statusTime
	case "device":
		bit = statusDevice
	case "battery":
		bit = statusBattery
	}
	if bit == 0 || d.c.null() {
		d.c.skipUnless(bit != 0)
		return
	}
	if d.d.seen&bit != 0 {
		d.c.fail(ReasonDuplicate, "a field stands twice in the status; send it once")
		return
	}
	d.d.seen |= bit
	switch bit {
	case statusState:
		d.statusWord(s)
	case statusTime:
		t, reason := d.moment()
		if reason != "" {
			d.d.e.fault(reason, "", "time must be RFC 3339 with its zone, or Unix milliseconds as a whole number")
		}
		s.At = t
	case statusDevice:
		s.Device = ward.DeviceID(d.id(fieldDevice))
	case statusBattery:
		d.battery(s)
	}
}

// skipUnless steps over a value that was not read yet.
func (c *cursor) skipUnless(read bool) {
	if !read {
		c.skip(2)
	}
}

func (d *Decoder) statusWord(s *ward.DeviceStatus) {
	if d.c.peek() != '"' {
		d.wrong("", "state must be text")
		return
	}
	state, ok := ward.DeviceStateNamed(string(d.c.str()))
	if !ok {
		d.d.e.fault(ReasonWord, "", "state must be online, offline or standby")
	}
	s.State = state
}

func (d *Decoder) battery(s *ward.DeviceStatus) {
	if !startsNumber(d.c.peek()) {
		d.wrong("", "battery must be a number")
		return
	}
	x, ok := d.c.number()
	if !ok || x < 0 || x > 1 {
		d.d.e.fault(ReasonRange, "", "battery must be a fraction from 0 to 1")
		return
	}
	s.Battery = x
}

// EncodeStatus is s in the contract's JSON. A zero At is left out, as in a last will.
func EncodeStatus(s ward.DeviceStatus) []byte {
	dst := append(make([]byte, 0, 96), `{"state":"`...)
	dst = append(dst, s.State.String()...)
	dst = append(dst, '"')
	if !s.At.IsZero() {
		dst = appendTime(append(dst, `,"time":`...), s.At)
	}
	if s.Device != "" {
		dst = appendText(append(dst, `,"device":`...), string(s.Device))
	}
	if s.Battery >= 0 {
		dst = strconv.AppendFloat(append(dst, `,"battery":`...), s.Battery, 'f', -1, 64)
	}
	return append(dst, '}')
}
