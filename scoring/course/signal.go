package course

import "math"

// signal is how one series is made of inputs, hour by hour.
type signal struct {
	made made
	a, b int8 // places of inputs; none: there is no second
}

// made is how a signal is made of its inputs.
type made uint8

const (
	firstOf    made = iota // the first that has a value
	ratio                  // a/b, where both have one and b is not 0
	difference             // a−b, where both have one
)

// of is the signal's value in an hour; NaN when there is none.
func (s signal) of(h *Hour) float64 {
	a, b := h.value(int(s.a)), math.NaN()
	if s.b != none {
		b = h.value(int(s.b))
	}
	return s.from(a, b)
}

func (s signal) from(a, b float64) float64 {
	switch s.made {
	case ratio:
		if b == 0 {
			return math.NaN()
		}
		return a / b
	case difference:
		return a - b
	}
	if math.IsNaN(a) {
		return b
	}
	return a
}
