package recording

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"math"
	"strconv"

	"wardwatch/ward"
)

// number reads a plain decimal number. What strconv takes beyond that (NaN, Inf, hexadecimal) is
// not a measurement.
func number(field []byte) (float64, bool) {
	field = bytes.TrimSpace(field)
	for _, c := range field {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c|0x20 != 'e' {
			return 0, false
		}
	}
	x, err := strconv.ParseFloat(string(field), 64)
	if err != nil || math.IsInf(x, 0) {
		return 0, false
	}
	return x + 0, true // -0 becomes 0, as on the wire
}

// whole reads a whole number.
func whole(field []byte) (int, bool) {
	n, err := strconv.Atoi(string(bytes.TrimSpace(field)))
	return n, err == nil
}

// wireID makes an identifier for topics of a file's own one. One that must be changed, or does not
// fit with its prefix and suffix, gets a hash of the original, so that no two patients become one.
func wireID(prefix string, raw []byte, suffix string) string {
	id := string(raw)
	room := ward.MaxID - len(prefix) - len(suffix)
	if ward.ValidID(id) && len(id) <= room {
		return prefix + id + suffix
	}
	h := fnv.New64a()
	h.Write(raw)
	mark := fmt.Sprintf("-%016x", h.Sum64())
	clean := make([]byte, 0, room)
	for i := 0; i < len(id) && len(clean) < room-len(mark); i++ {
		if ward.ValidID(id[i : i+1]) {
			clean = append(clean, id[i])
		} else {
			clean = append(clean, '_')
		}
	}
	return prefix + string(clean) + mark + suffix
}

// values hands out slices for readings from large blocks: one allocation for some hundred rows.
type values struct{ free []ward.Value }

// take copies vs into memory that is never written again.
func (a *values) take(vs []ward.Value) []ward.Value {
	const block = 4096
	if len(vs) > len(a.free) {
		a.free = make([]ward.Value, max(block, len(vs)))
	}
	out := a.free[:len(vs):len(vs)]
	a.free = a.free[len(vs):]
	copy(out, vs)
	return out
}
