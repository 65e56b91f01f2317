package devices

import (
	"math"
	"strconv"
)

// number reads a JSON number; ok is false when it was not one or does not fit a float64. The
// result is the float64 nearest to what was written, as strconv would give it.
func (c *cursor) number() (x float64, ok bool) {
	d, good := c.digits()
	if !good {
		return 0, false
	}
	if x, ok = d.float(); ok {
		return x, true
	}
	x, err := strconv.ParseFloat(string(d.raw), 64)
	if err != nil {
		return 0, false
	}
	return x + 0, true // -0 becomes 0
}

// decimal is a number as written: mantissa × 10^exp, exact unless long.
type decimal struct {
	raw      []byte
	negative bool
	integer  bool // no fraction and no exponent written
	long     bool // more digits than the mantissa holds, or an exponent of five digits
	mantissa uint64
	exp      int
}

var powers = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// float is exact when the mantissa and the power of ten both are (Clinger's fast path).
func (d *decimal) float() (float64, bool) {
	if d.long || d.mantissa > 1<<53 || d.exp < -22 || d.exp > 22 {
		return 0, false
	}
	x := float64(d.mantissa)
	if d.exp < 0 {
		x /= powers[-d.exp]
	} else {
		x *= powers[d.exp]
	}
	if d.negative && x != 0 {
		x = -x
	}
	return x, true
}

// digits reads a JSON number without rounding it.
func (c *cursor) digits() (d decimal, ok bool) {
	c.peek()
	start := c.i
	if c.i < len(c.b) && c.b[c.i] == '-' {
		d.negative = true
		c.i++
	}
	first := c.i
	if c.run(&d) == 0 || c.i-first > 1 && c.b[first] == '0' {
		c.bad("expected a value")
		return d, false
	}
	d.integer = true
	if c.i < len(c.b) && c.b[c.i] == '.' {
		c.i++
		n := c.run(&d)
		if n == 0 {
			c.bad("expected digits after the point")
			return d, false
		}
		d.exp, d.integer = -n, false
	}
	if c.i < len(c.b) && c.b[c.i]|0x20 == 'e' {
		d.integer = false
		if !c.exponent(&d) {
			c.bad("expected digits in the exponent")
			return d, false
		}
	}
	d.raw = c.b[start:c.i]
	return d, true
}

// run reads digits into the mantissa and says how many.
func (c *cursor) run(d *decimal) (n int) {
	for c.i < len(c.b) {
		ch := c.b[c.i] - '0'
		if ch > 9 {
			break
		}
		if d.long || d.mantissa > (math.MaxUint64-uint64(ch))/10 {
			d.long = true
		} else {
			d.mantissa = d.mantissa*10 + uint64(ch)
		}
		c.i++
		n++
	}
	return n
}

func (c *cursor) exponent(d *decimal) bool {
	c.i++
	negative := false
	if c.i < len(c.b) && (c.b[c.i] == '+' || c.b[c.i] == '-') {
		negative = c.b[c.i] == '-'
		c.i++
	}
	var e decimal
	if c.run(&e) == 0 {
		return false
	}
	if e.long || e.mantissa > 9999 {
		d.long = true
		return true
	}
	if negative {
		d.exp -= int(e.mantissa)
	} else {
		d.exp += int(e.mantissa)
	}
	return true
}

// whole reads a whole number that is not negative; ok is false when it is anything else.
func (c *cursor) whole() (n uint64, ok bool) {
	d, good := c.digits()
	return d.mantissa, good && d.integer && !d.negative && !d.long
}
