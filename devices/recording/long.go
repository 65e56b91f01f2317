package recording

import (
	"bytes"
	"math"
	"strings"
	"time"

	"wardwatch/devices"
	"wardwatch/ward"
)

var (
	longColumns  = []string{"patient", "time", "vital", "value"}
	longOptional = []string{"unit"}
)

const (
	longPatient = iota
	longTime
	longVital
	longValue
	longUnit
)

// long is one value a row, by name, with a unit where the file says it.
type long struct {
	at    []int
	o     Options
	block *block
	now   []ward.Value
}

func newLong(columns []int, o Options, out *sink) parser {
	l := &long{at: columns, o: o, block: newBlock(o, out)}
	l.block.each = l.moment
	return l
}

func (l *long) finish() { l.block.flush() }

func (l *long) row(f [][]byte, number int64) {
	if !l.block.patient(f[l.at[longPatient]]) {
		l.block.out.bad(&RowError{Row: number, Reason: NoPatient})
		return
	}
	if len(bytes.TrimSpace(f[l.at[longValue]])) == 0 {
		l.block.out.skip(Empty)
		return
	}
	t, reason := clock(bytes.TrimSpace(f[l.at[longTime]]), l.o)
	if reason != "" {
		l.block.out.bad(&RowError{Row: number, Reason: reason})
		return
	}
	v, ok := l.vital(f[l.at[longVital]])
	if !ok {
		l.block.out.bad(&RowError{Row: number, Reason: NotAVital})
		return
	}
	var unit []byte
	if l.at[longUnit] >= 0 {
		unit = f[l.at[longUnit]]
	}
	x, reason := value(v, f[l.at[longValue]], unit)
	if reason != "" {
		l.block.out.bad(&RowError{Row: number, Reason: reason, Column: v.String()})
		return
	}
	l.block.add(sample{at: t, row: number, what: uint8(v), number: x})
}

// moment joins the values of one moment; of several for one vital the later row wins.
func (l *long) moment(b *block, moment []sample) {
	var c chosen
	var contested [ward.NumVitals]bool
	for _, s := range moment {
		if c.got[s.what] {
			b.out.skip(CoveredValue)
			contested[s.what] = true
		}
		c.set(ward.Vital(s.what), s.number)
	}
	for _, yes := range contested {
		if yes {
			b.out.counts.Conflicts++
		}
	}
	l.now = c.list(l.now[:0], moment[0].at)
	b.put(b.device, moment[0], l.now)
}

func (l *long) vital(field []byte) (ward.Vital, bool) {
	name := string(bytes.TrimSpace(field))
	if to, ok := l.o.Vitals[name]; ok {
		name = to
	}
	name = strings.ToLower(name)
	if name == "consciousness" {
		return ward.ACVPU, true
	}
	return ward.VitalNamed(name)
}

// maxOffset keeps an offset within what a time can be on the wire.
const maxOffset = 200 * 365 * 24 * time.Hour

// clockTimes are times without a zone, as databases export them.
var clockTimes = [...]string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04"}

// clock reads RFC 3339, an offset from the base, or a clock time where the zone is known; to the
// millisecond, as the wire carries it.
func clock(field []byte, o Options) (time.Time, Reason) {
	if x, ok := number(field); ok {
		offset := math.Round(x * float64(o.Unit))
		if math.Abs(offset) > float64(maxOffset) {
			return time.Time{}, BadTime
		}
		return o.Base.Add(time.Duration(offset)).Truncate(time.Millisecond), ""
	}
	text := string(field)
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return onWire(t)
	}
	for _, form := range clockTimes {
		t, err := time.Parse(form, text)
		if err != nil {
			continue
		}
		if o.Zone == nil {
			return time.Time{}, NoZone
		}
		return onWire(time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), o.Zone))
	}
	return time.Time{}, BadTime
}

// onWire is t as the wire carries it; years before 1 or after 9999 have no RFC 3339 form.
func onWire(t time.Time) (time.Time, Reason) {
	t = t.UTC().Truncate(time.Millisecond)
	if t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, BadTime
	}
	return t, ""
}

// maxRefill is the longest capillary refill time that is no slip of the pen, in seconds; ours.
const maxRefill = 20

// value reads a number, letter or the name of a device or level, in the vital's unit.
func value(v ward.Vital, field, unit []byte) (float64, Reason) {
	text := strings.TrimSpace(string(field))
	switch v {
	case ward.ACVPU:
		c, ok := ward.ConsciousnessNamed(strings.ToUpper(text))
		if !ok {
			return 0, UnknownText
		}
		return float64(c), ""
	case ward.O2Source:
		d, ok := ward.O2DeviceNamed(strings.ToLower(text))
		if !ok {
			return 0, UnknownText
		}
		return float64(d), ""
	case ward.RespDistress:
		d, ok := ward.DistressNamed(strings.ToLower(text))
		if !ok {
			return 0, UnknownText
		}
		return float64(d), ""
	}
	x, ok := number(field)
	if !ok {
		return 0, NotANumber
	}
	if x, ok = convert(v, x, strings.ToLower(strings.TrimSpace(string(unit)))); !ok {
		return 0, UnknownUnit
	}
	if devices.Check(v, x) != nil || v == ward.CapRefill && (x < 0 || x > maxRefill) {
		return 0, OutsideLimits
	}
	return x, ""
}
