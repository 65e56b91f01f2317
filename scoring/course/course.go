// Package course keeps a person's course hour by hour, as learned models read it, and computes the
// features that features.json defines. That file is the one specification: training reads the same
// file, and a parity test holds the two to the same numbers.
package course

import (
	"math"

	"wardwatch/ward"
)

// What a Course holds.
const (
	hours     = 24 // slots of the look-back, the current hour among them
	perHour   = 6  // ten-minute steps
	stepMS    = 10 * 60 * 1000
	hourS     = 60 * 60
	perUnit   = 1000 // an hour's value is kept in thousandths of its unit
	largest   = 650  // no input is ever larger; a trace holds no more
	latestMS  = math.MaxUint32 * 1000
	neverStep = 0
)

// Course is what models need to know of one person's stay. It is a plain value of fixed size whose
// zero value knows nothing; its fields are exported only so that a checkpoint keeps them. It must
// begin anew with each stay.
//
// An hour's value of an input is the mean of what was believed in that whole hour of Unix time. A
// value that comes late still counts in its own hour while that is in the look-back.
type Course struct {
	Step   uint32            // the newest ten minutes that are known, counted from 1970; 0: nothing is known
	Hours  [hours]Hour       // the look-back; an hour lies at its number modulo 24
	Before [numKept]Running  // of each kept signal: all hours that have left the look-back
	Newest [numInputs]uint32 // when the newest value of each input was measured, Unix s; 0: never
	Traces Traces
	Labs   [numLabs]Result
}

// Hour holds what was believed of each input in one hour.
type Hour struct {
	Sum [numInputs]uint32 // in thousandths
	N   [numInputs]uint16 // 0: nothing
}

// Result is the newest result of a laboratory value.
type Result struct {
	Number float32
	At     uint32 // when the sample was taken, Unix s; 0: never
}

// Take takes a believed value in, measured at the moment `at` in Unix ms. Vitals that are no input
// are ignored, and so are numbers that none can have. The caller vouches for the time: a value more
// than 24 h ahead of all before it leaves the look-back empty but for itself, and one from before
// the look-back is ignored.
func (c *Course) Take(v ward.Vital, number float64, at int64) {
	i := inputOf(v)
	if i == none || !(number >= 0 && number <= largest) || at < stepMS || at > latestMS {
		return
	}
	step := uint32(at / stepMS)
	if step > c.Step {
		c.advance(step)
	}
	hour := step / perHour
	if c.Step/perHour-hour >= hours {
		return
	}
	c.Traces.take(c, i, number, step)
	c.Hours[hour%hours].add(i, uint32(math.RoundToEven(number*perUnit)))
	c.Newest[i] = max(c.Newest[i], uint32(at/1000))
}

// TakeLab takes a laboratory result in; the newest sample of each counts. Names that are in no
// specification are ignored, and so are results that are no number.
func (c *Course) TakeLab(l *ward.Lab) {
	i := labOf(l.Name)
	at := l.At.Unix()
	number := float32(l.Number)
	if i == none || at <= 0 || at > math.MaxUint32 || math.IsNaN(l.Number) || math.IsInf(float64(number), 0) {
		return
	}
	if kept := &c.Labs[i]; uint32(at) >= kept.At {
		*kept = Result{Number: number, At: uint32(at)}
	}
}

// advance makes a later step the newest: hours that leave the look-back go into the statistics of
// all before.
func (c *Course) advance(step uint32) {
	if c.Step != neverStep {
		c.Traces.advance(c.Step, step)
		was, is := c.Step/perHour, step/perHour
		for h := was + 1; h <= is && h <= was+hours; h++ {
			c.leave(&c.Hours[h%hours])
		}
	}
	c.Step = step
}

func (c *Course) leave(h *Hour) {
	if *h == (Hour{}) {
		return
	}
	for k := range kept {
		if x := kept[k].of(h); !math.IsNaN(x) {
			c.Before[k].add(x)
		}
	}
	*h = Hour{}
}

// add takes a number in thousandths. A device so fast that the sums are full counts on with half
// the weight of what it sent before.
func (h *Hour) add(i int, x uint32) {
	if h.N[i] == math.MaxUint16 || h.Sum[i] > math.MaxUint32-x {
		h.Sum[i] /= 2
		h.N[i] /= 2
	}
	h.Sum[i] += x
	h.N[i]++
}

// value is the mean of an input, rounded to thousandths; NaN when there is none.
func (h *Hour) value(i int) float64 {
	n := uint64(h.N[i])
	if n == 0 {
		return math.NaN()
	}
	return float64((2*uint64(h.Sum[i])+n)/(2*n)) / perUnit
}
