package dicom

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// text reads the strings of a set in the character set of its file (PS3.3 C.12.1.1.2).
type text struct {
	set   set
	latin bool
}

func (s set) text() text {
	e := s[characterSet]
	return text{set: s, latin: e != nil && strings.HasSuffix(strings.TrimRight(string(e.value), "\x00 "), "IR 100")}
}

// in reads an item of the same file.
func (t text) in(item set) text { return text{set: item, latin: t.latin} }

// all is every value of an element, without padding; nil when it is not there.
func (t text) all(of tag) []string {
	e := t.set[of]
	if e == nil || e.items != nil {
		return nil
	}
	values := strings.Split(t.decode(e.value), `\`)
	for i, v := range values {
		values[i] = strings.Trim(v, "\x00 \t\r\n")
	}
	return values
}

// one is the first value of an element; empty when it is not there.
func (t text) one(of tag) string {
	if all := t.all(of); len(all) > 0 {
		return all[0]
	}
	return ""
}

// decode is UTF-8 of ISO 8859-1 where the file says so, and of what comes otherwise. Many systems write UTF-8
// whatever they declare: what is UTF-8 already stays.
func (t text) decode(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	if !t.latin {
		return strings.ToValidUTF8(string(b), string(utf8.RuneError))
	}
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = rune(c)
	}
	return string(r)
}

// numbers are the decimal strings of an element; nil when one of them is no finite number.
func (t text) numbers(of tag) []float64 {
	all := t.all(of)
	out := make([]float64, 0, len(all))
	for _, s := range all {
		n, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
			return nil
		}
		out = append(out, n)
	}
	return out
}

// number is the first decimal string; ok is false when it is not there or no number.
func (t text) number(of tag) (n float64, ok bool) {
	if all := t.numbers(of); len(all) > 0 {
		return all[0], true
	}
	return 0, false
}

// short is an unsigned 16-bit element; ok is false when it is not there.
func (s set) short(of tag) (n int, ok bool) {
	e := s[of]
	if e == nil || len(e.value) < 2 {
		return 0, false
	}
	return int(binary.LittleEndian.Uint16(e.value)), true
}

// item is the first item of a sequence; nil when it is not there.
func (s set) item(of tag) set {
	if e := s[of]; e != nil && len(e.items) > 0 {
		return e.items[0]
	}
	return nil
}
