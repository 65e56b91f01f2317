package chart

import (
	"math"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// gives reads what stands behind a band: points of a part, the level of a verdict.
type gives func(*yaml.Node) int8

// atLeast marks points that are a floor and do not settle the part ("≥1"): stored as their complement.
func atLeast(n int8) int8 { return ^n }

// table reads the bands of a quantity: from the lowest to the highest, meeting each other, from end
// to end of what the quantity can be.
func (r *reader) table(n *yaml.Node, q quantity, step float64, give gives) table {
	if q.codes() != nil {
		return r.codeTable(n, q, give)
	}
	var (
		t      table
		before span
		first  = true
	)
	low, high, unit := q.limits()
	r.pairs(n, "the bands", func(key, value *yaml.Node) {
		s, err := parseSpan(key.Value)
		if err != nil {
			r.fail(key, "%v", err)
			return
		}
		r.onGrid(key, s, step)
		switch {
		case first && s.below(step) > low:
			r.fail(key, "nothing is said below %q: begin with a band that is open below, such as \"≤…\"", s.text)
		case s.low > high || s.high < low:
			r.fail(key, "%q can never be reached: %s goes from %g to %g %s", s.text, q.name(), low, high, unit)
		case !first && before.meets(s, step) > 0:
			r.fail(key, "there is a gap between %q and %q: let one end where the other begins", before.text, s.text)
		case !first && before.meets(s, step) < 0:
			r.fail(key, "%q overlaps %q before it or stands out of order: bands go up and each begins where the last ended", s.text, before.text)
		}
		if !first {
			t.limits = append(t.limits, before.above(step))
		}
		t.gives = append(t.gives, give(value))
		before, first = s, false
	})
	switch {
	case first:
		r.fail(n, "there are no bands: %s", spanForms)
		t.gives = []int8{0}
	case before.above(step) < high:
		r.fail(n, "nothing is said above %q: end with a band that is open above, such as \"≥…\"", before.text)
	}
	return t
}

// onGrid refuses limits between the steps that the quantity is rounded to: no rounded value could
// ever tell them apart.
func (r *reader) onGrid(n *yaml.Node, s span, step float64) {
	if step == 0 {
		return
	}
	for _, x := range []float64{s.low, s.high} {
		if !math.IsInf(x, 0) && math.Abs(x/step-math.Round(x/step)) > 1e-6 {
			r.fail(n, "%q has limits between the steps of %g that values are rounded to: correct the limit or the step", s.text, step)
			return
		}
	}
}

// codeTable reads bands of words, each word of the input in exactly one of them.
func (r *reader) codeTable(n *yaml.Node, q quantity, give gives) table {
	codes := q.codes()
	of := make([]int8, len(codes))
	told := make([]bool, len(codes))
	r.pairs(n, "the bands", func(key, value *yaml.Node) {
		x := give(value)
		r.codes(key, Input(q), func(i int) {
			if told[i] {
				r.fail(key, "%q stands in two bands: keep one", codes[i])
			}
			told[i], of[i] = true, x
		})
	})
	var t table
	for i, c := range codes {
		if !told[i] {
			r.fail(n, "nothing is said of %s %q: add it to a band", q.name(), c)
		}
		if i > 0 {
			t.limits = append(t.limits, float64(i)-0.5)
		}
		t.gives = append(t.gives, of[i])
	}
	return t
}

// codes visits each of the words of a coded input that a key names.
func (r *reader) codes(key *yaml.Node, in Input, visit func(int)) {
	for _, word := range strings.Fields(key.Value) {
		if i, ok := in.CodeNamed(word); ok {
			visit(int(i))
			continue
		}
		r.fail(key, "%s has no %q: it may be %s", in, word, strings.Join(in.Codes(), ", "))
	}
}

// pointsOf reads the points of a band, one of those the chart knows; "≥1" gives at least that many.
func (r *reader) pointsOf(allowed []int) gives {
	return func(n *yaml.Node) int8 {
		text, open := strings.CutPrefix(n.Value, "≥")
		x, err := strconv.Atoi(text)
		for _, a := range allowed {
			if err == nil && a == x {
				if open {
					return atLeast(int8(x))
				}
				return int8(x)
			}
		}
		r.fail(n, "%q points are out of the chart's range: its points are %v", n.Value, allowed)
		return 0
	}
}
