package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// span is one printed range of a chart: "≤8", "9–11", "30–<50", ">235–315", "≥25", "7".
type span struct {
	text          string
	low, high     float64 // -Inf, +Inf: open
	lowIn, highIn bool    // the end itself belongs to the span
}

const spanForms = `write a range as the chart prints it: "≤8", "<10", "9–11", "30–<50", ">235–315", "≥25", ">38.0" or "7"`

// parseSpan reads a printed range.
func parseSpan(text string) (span, error) {
	s := span{text: text, low: math.Inf(-1), high: math.Inf(1)}
	plain := strings.NewReplacer("≤", "[", "<=", "[", "≥", "]", ">=", "]", "–", "-", " ", "").Replace(text)
	low, high, both := strings.Cut(plain, "-")
	var err error
	switch {
	case both:
		if s.low, s.lowIn, err = end(low, '>'); err == nil {
			s.high, s.highIn, err = end(high, '<')
		}
	case strings.HasPrefix(plain, "["), strings.HasPrefix(plain, "<"):
		s.highIn = plain[0] == '['
		s.high, err = printedNumber(plain[1:])
	case strings.HasPrefix(plain, "]"), strings.HasPrefix(plain, ">"):
		s.lowIn = plain[0] == ']'
		s.low, err = printedNumber(plain[1:])
	default:
		s.low, err = printedNumber(plain)
		s.high, s.lowIn, s.highIn = s.low, true, true
	}
	if err != nil {
		return span{}, fmt.Errorf("%q is not a range: %s", text, spanForms)
	}
	if s.low > s.high || s.low == s.high && !(s.lowIn && s.highIn) {
		return span{}, fmt.Errorf("%q holds nothing: put the lower number first", text)
	}
	return s, nil
}

// end is one end of a range with two; the mark says that the number itself is outside.
func end(text string, mark byte) (x float64, in bool, err error) {
	if text != "" && text[0] == mark {
		x, err = printedNumber(text[1:])
		return x, false, err
	}
	x, err = printedNumber(text)
	return x, true, err
}

// printedNumber is a number as charts print them: digits with at most one point, no sign, no exponent.
func printedNumber(text string) (float64, error) {
	if text == "" || len(text) > 12 || strings.Trim(text, "0123456789.") != "" {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseFloat(text, 64)
}

// tiny keeps a limit on its printed side when a value that was worked out is a hair off in binary:
// 39.05 °C that came through Fahrenheit is 39.0499…, and is still to be rounded up; a ratio of 4.88
// may come out as 4.8799….
const tiny = 1e-9

// last and first are the outermost printed values of a span on a grid of the given step.
func (s span) last(step float64) float64 {
	if s.highIn {
		return s.high
	}
	return s.high - step
}

func (s span) first(step float64) float64 {
	if s.lowIn {
		return s.low
	}
	return s.low + step
}

// above is the exclusive limit over the span for a value as it was measured: with a step, values are
// rounded half up to it before they are compared.
func (s span) above(step float64) float64 {
	switch {
	case math.IsInf(s.high, 1):
		return s.high
	case step > 0:
		return s.last(step) + step/2 - tiny
	case s.highIn:
		return s.high + tiny
	}
	return s.high - tiny
}

// below is the inclusive lower limit of the span for a value as it was measured.
func (s span) below(step float64) float64 {
	switch {
	case math.IsInf(s.low, -1):
		return s.low
	case step > 0:
		return s.first(step) - step/2 - tiny
	case s.lowIn:
		return s.low - tiny
	}
	return s.low + tiny
}

// meets reports how the next span follows this one: 0 as it should, below 0 they overlap or run
// backwards, above 0 something between them is in neither.
func (s span) meets(next span, step float64) int {
	if step > 0 {
		gap := next.first(step) - s.last(step) - step
		switch {
		case math.Abs(gap) < tiny:
			return 0
		case gap > 0:
			return 1
		}
		return -1
	}
	switch {
	case next.low > s.high, next.low == s.high && !s.highIn && !next.lowIn:
		return 1
	case next.low < s.high, s.highIn && next.lowIn:
		return -1
	}
	return 0
}
