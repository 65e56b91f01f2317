package devices

import (
	"math"
	"strconv"
	"time"

	"wardwatch/ward"
)

// Encode appends r as one element of the contract's JSON. It writes what a device sends: Device,
// Boot, Seq, Taken, Values and Alarms. A value with another time than Taken is dated under
// `measured`; numbers that are not finite are left out, and so is what only people chart.
func Encode(dst []byte, r *ward.Reading) []byte {
	dst = append(dst, '{')
	if r.Device != "" {
		dst = appendText(append(dst, `"device":`...), string(r.Device))
		dst = append(dst, ',')
	}
	if r.Boot != "" {
		dst = appendText(append(dst, `"boot":`...), r.Boot)
		dst = append(dst, ',')
	}
	if r.HasSeq {
		dst = strconv.AppendUint(append(dst, `"seq":`...), r.Seq, 10)
		dst = append(dst, ',')
	}
	dst = appendTime(append(dst, `"time":`...), r.Taken)
	dst = appendVitals(dst, r)
	dst = appendWords(dst, r)
	dst = appendAlarms(dst, r.Alarms)
	dst = appendMeasured(dst, r)
	dst = appendQuality(dst, r)
	return append(dst, '}')
}

// sent reports whether the wire carries the value as a number or a word.
func sent(v *ward.Value) bool { return (isNumber(v.Vital) || isWord(v.Vital)) && finite(v.Number) }

// isNumber reports whether a device sends the vital under `vitals`. Later vitals than these are
// charted by people and have no name on the wire: a device that sends one has it counted as unknown.
func isNumber(v ward.Vital) bool { return int(v) < len(spans) }

func isWord(v ward.Vital) bool { return v == ward.ACVPU || v == ward.O2Source }

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// list writes `,"name":{` before the first member, a comma before the others and `}` at the end.
type list struct{ open bool }

func (l *list) member(dst []byte, name, key string) []byte {
	if l.open {
		dst = append(dst, ',')
	} else {
		dst = append(dst, `,"`...)
		dst = append(dst, name...)
		dst = append(dst, `":{`...)
		l.open = true
	}
	dst = append(dst, '"')
	dst = append(dst, key...)
	return append(dst, `":`...)
}

func (l *list) end(dst []byte) []byte {
	if l.open {
		dst = append(dst, '}')
	}
	return dst
}

func appendVitals(dst []byte, r *ward.Reading) []byte {
	var l list
	for i := range r.Values {
		v := &r.Values[i]
		if isNumber(v.Vital) && finite(v.Number) {
			dst = l.member(dst, "vitals", wireName(v.Vital))
			dst = strconv.AppendFloat(dst, v.Number, 'f', -1, 64)
		}
	}
	return l.end(dst)
}

func appendWords(dst []byte, r *ward.Reading) []byte {
	for i := range r.Values {
		switch v := &r.Values[i]; v.Vital {
		case ward.ACVPU:
			dst = append(dst, `,"consciousness":"`...)
			dst = append(dst, ward.Consciousness(v.Number).String()...)
			dst = append(dst, '"')
		case ward.O2Source:
			dst = append(dst, `,"o2_device":"`...)
			dst = append(dst, ward.O2Device(v.Number).String()...)
			dst = append(dst, '"')
		}
	}
	return dst
}

func appendAlarms(dst []byte, alarms []ward.DeviceAlarm) []byte {
	for i, a := range alarms {
		if i == 0 {
			dst = append(dst, `,"alarms":[`...)
		} else {
			dst = append(dst, ',')
		}
		dst = appendText(append(dst, `{"code":`...), a.Code)
		dst = append(dst, `,"priority":"`...)
		dst = append(dst, a.Priority.String()...)
		if a.On {
			dst = append(dst, `","state":"on"}`...)
		} else {
			dst = append(dst, `","state":"off"}`...)
		}
	}
	if len(alarms) > 0 {
		dst = append(dst, ']')
	}
	return dst
}

func appendMeasured(dst []byte, r *ward.Reading) []byte {
	var l list
	for i := range r.Values {
		v := &r.Values[i]
		if !v.At.IsZero() && v.At.UnixMilli() != r.Taken.UnixMilli() && sent(v) {
			dst = appendTime(l.member(dst, "measured", wireName(v.Vital)), v.At)
		}
	}
	return l.end(dst)
}

func appendQuality(dst []byte, r *ward.Reading) []byte {
	var l list
	for i := range r.Values {
		v := &r.Values[i]
		if v.Quality != ward.Good && sent(v) {
			dst = l.member(dst, "quality", wireName(v.Vital))
			dst = append(dst, '"')
			dst = append(dst, v.Quality.String()...)
			dst = append(dst, '"')
		}
	}
	return l.end(dst)
}

// appendTime writes RFC 3339 in UTC to the millisecond.
func appendTime(dst []byte, t time.Time) []byte {
	dst = append(dst, '"')
	dst = t.UTC().AppendFormat(dst, "2006-01-02T15:04:05.000Z")
	return append(dst, '"')
}

// appendText appends s as a JSON string.
func appendText(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
