package devices

import (
	"time"

	"wardwatch/ward"
)

// eachVital walks an object whose keys are vitals. It reports whether it was an object.
func (d *Decoder) eachVital(f int, do func(v ward.Vital, inVitals bool)) bool {
	if d.c.peek() != '{' {
		d.wrong("", fieldNames[f]+" must be an object")
		return false
	}
	for more := d.c.enter('}'); more; more = d.c.next('}') {
		v, inVitals, ok := vitalNamed(d.c.key())
		if !ok {
			d.d.e.Unknown++
			d.c.skip(elementDepth + 1)
			continue
		}
		do(v, inVitals)
	}
	return true
}

// moment reads a time in either form; reason is empty when it could.
func (d *Decoder) moment() (t time.Time, reason string) {
	ch := d.c.peek()
	if ch == '"' {
		return parseTime(d.c.str())
	}
	if !startsNumber(ch) {
		d.c.skip(elementDepth)
		return t, ReasonTime
	}
	n, ok := d.c.digits()
	if !ok || !n.integer || n.long || n.mantissa > lastMilli {
		return t, ReasonTime
	}
	if n.negative {
		return fromMilli(-int64(n.mantissa))
	}
	return fromMilli(int64(n.mantissa))
}

func (d *Decoder) alarms() {
	if d.c.peek() != '[' {
		d.wrong("", "alarms must be an array")
		return
	}
	e := d.d.e
	over := false
	for more := d.c.enter(']'); more; more = d.c.next(']') {
		if len(e.Reading.Alarms) < MaxAlarms {
			d.alarm()
			continue
		}
		over = true
		d.c.skip(elementDepth + 1)
	}
	if over {
		e.fault(ReasonAlarms, "", "more than 32 alarms in one element; the first 32 were kept")
	}
}

// alarm reads one device alarm. What it lacks is taken at its worst: an alarm whose priority or
// state cannot be read is passed on as high and on, because losing it would be worse.
func (d *Decoder) alarm() {
	e := d.d.e
	if d.c.peek() != '{' {
		d.c.skip(elementDepth + 1)
		e.fault(ReasonAlarm, "", "each alarm must be an object with code, priority and state")
		return
	}
	a := ward.DeviceAlarm{Priority: ward.HighPriority, On: true}
	var seen, twice, good uint8
	for more := d.c.enter('}'); more; more = d.c.next('}') {
		bit := alarmField(d.c.key())
		if bit == 0 || d.c.peek() != '"' {
			if bit == 0 {
				e.Unknown++
			}
			d.c.skip(elementDepth + 2)
			continue
		}
		twice |= seen & bit
		seen |= bit
		if d.alarmPart(&a, bit) {
			good |= bit
		}
	}
	if good&alarmCode == 0 || twice&alarmCode != 0 {
		e.fault(ReasonAlarm, "", "alarm without a readable code of at most 64 bytes; it was left out")
		return
	}
	good &^= twice
	if good&alarmPriority == 0 {
		a.Priority = ward.HighPriority
		e.fault(ReasonAlarm, "", "alarm priority must be low, medium or high; it was taken as high")
	}
	if good&alarmState == 0 {
		a.On = true
		e.fault(ReasonAlarm, "", "alarm state must be on or off; it was taken as on")
	}
	e.Reading.Alarms = append(e.Reading.Alarms, a)
}

const (
	alarmCode = 1 << iota
	alarmPriority
	alarmState
)

func alarmField(key []byte) uint8 {
	switch string(key) {
	case "code":
		return alarmCode
	case "priority":
		return alarmPriority
	case "state":
		return alarmState
	}
	return 0
}

// alarmPart reads one text of an alarm; false when it says nothing.
func (d *Decoder) alarmPart(a *ward.DeviceAlarm, part uint8) (ok bool) {
	s := d.c.str()
	switch part {
	case alarmCode:
		if ok = len(s) <= ward.MaxID && printable(s); ok {
			a.Code = d.intern(s)
		}
	case alarmPriority:
		a.Priority, ok = ward.PriorityNamed(string(s))
	case alarmState:
		a.On = string(s) == "on"
		ok = a.On || string(s) == "off"
	}
	return ok
}
