package course

import (
	"math"
	"time"
)

// Who is what features know of a person besides the course. NaN: not known.
type Who struct {
	Age  float64 // years
	Male float64 // 1 male, 0 female
}

// millionths is the precision of features. Sums of the same values in another order differ in their
// last bits; rounded, what is 0 is 0 to every reader, and trees split at 0.
const millionths = 1e6

// Fill computes the features as they are at a moment into out, which must have room for Len. What
// is not known is NaN. The hour of the moment counts as far as it has gone; hours after it do not.
// It writes to nothing but out.
func (p *Plan) Fill(c *Course, who Who, at time.Time, out []float32) {
	for _, i := range p.age {
		out[i] = float32(who.Age)
	}
	for _, i := range p.male {
		out[i] = float32(who.Male)
	}
	hour := at.Unix() / hourS
	for _, l := range p.labs {
		out[l.out] = c.Labs[l.lab].within(hour, l.hours)
	}
	var w window
	w.open(c, hour)
	for _, i := range p.reads {
		w.read(c, int(i))
	}
	for i := range p.runs {
		p.runs[i].fill(c, &w, out)
	}
}

// within is the result if its sample is from one of the last hours up to `hour`; otherwise NaN.
func (r *Result) within(hour int64, hours int) float32 {
	age := hour - int64(r.At/hourS)
	if r.At == 0 || age < 0 || age >= int64(hours) {
		return float32(math.NaN())
	}
	return r.Number
}

// window is a course's look-back as it is at one hour.
type window struct {
	newest int64 // the newest whole hour that is known and not after the moment
	skip   int64 // hours from it to the moment: nothing came in them
	n      int   // hours that the course reaches back from it; 0: nothing is known of the moment
	values [numInputs][hours]float64
}

func (w *window) open(c *Course, hour int64) {
	head := int64(c.Step / perHour)
	w.newest = min(head, hour)
	w.skip = hour - w.newest
	if c.Step != neverStep && hour >= 0 {
		w.n = int(max(0, w.newest-(head-hours)))
	}
}

// read lays out one input, the newest hour first.
func (w *window) read(c *Course, input int) {
	slot := int(w.newest % hours)
	for k := range w.n {
		w.values[input][k] = c.Hours[slot].value(input)
		if slot--; slot < 0 {
			slot = hours - 1
		}
	}
}

func (w *window) at(s signal, k int) float64 {
	if s.b == none {
		return w.values[s.a][k]
	}
	return s.from(w.values[s.a][k], w.values[s.b][k])
}

// hoursOf is how many of the known hours a part looks at.
func (w *window) hoursOf(p *part) int {
	if p.hours == 0 {
		return w.n
	}
	return int(min(max(int64(p.hours)-w.skip, 0), int64(w.n)))
}

// fill goes back hour by hour, and tells each part once its hours have been seen.
func (r *run) fill(c *Course, w *window, out []float32) {
	var s sums
	var x [hours]float64
	for k := range w.n {
		x[k] = w.at(r.signal, k)
	}
	k := 0
	for i := range r.parts {
		p := &r.parts[i]
		for end := w.hoursOf(p); k < end; k++ {
			s.add(x[k], k)
		}
		out[p.out] = tidy(r.tell(c, w, p, &s, x[:k]))
	}
}

func (r *run) tell(c *Course, w *window, p *part, s *sums, x []float64) float64 {
	switch {
	case p.hours == 0 && w.n == 0: // nothing is known, or all of it is later than the moment
		return math.NaN()
	case p.hours == 0:
		return s.with(&c.Before[r.kept], p.op)
	case p.op == opOver || p.op == opUnder:
		return share(x, p)
	}
	return s.tell(p.op)
}

// tidy rounds a feature as training does; + 0 makes a negative zero a plain one.
func tidy(x float64) float32 { return float32(math.RoundToEven(x*millionths)/millionths + 0) }
