package course

import (
	"math"
	"strings"
	"time"
)

// Newest is what a signal ("hr", "sf"), or a laboratory value ("lab.lactate"), last was: the value
// of the newest hour of the last 24 that has one, and how long ago it was measured. Of a signal made
// of two inputs the older counts, and where an hour's own time is no longer known its beginning:
// an age is never too young. ok is false when there is none, or no such signal.
func (s *Spec) Newest(c *Course, signal string, at time.Time) (value float64, age time.Duration, ok bool) {
	if name, isLab := strings.CutPrefix(signal, nameLab+"."); isLab {
		return newestLab(c, labOf(name), at)
	}
	of, ok := s.signals[signal]
	if !ok {
		return 0, 0, false
	}
	var w window
	w.open(c, at.Unix()/hourS)
	w.read(c, int(of.a))
	if of.b != none {
		w.read(c, int(of.b))
	}
	for k := 0; k < w.n && w.skip+int64(k) < hours; k++ {
		if x := w.at(of, k); !math.IsNaN(x) {
			return x, since(w.measured(c, of, k), at), true
		}
	}
	return 0, 0, false
}

// newestLab has no limit of age: how long a result counts is for each feature to say.
func newestLab(c *Course, lab int, at time.Time) (value float64, age time.Duration, ok bool) {
	if lab == none || c.Labs[lab].At == 0 || int64(c.Labs[lab].At/hourS) > at.Unix()/hourS {
		return 0, 0, false
	}
	return float64(c.Labs[lab].Number), since(int64(c.Labs[lab].At), at), true
}

// since is never negative: a clock that is a little ahead says now.
func since(unix int64, at time.Time) time.Duration { return max(0, at.Sub(time.Unix(unix, 0))) }

// measured is when the value of an hour was measured, Unix s.
func (w *window) measured(c *Course, s signal, k int) int64 {
	hour := w.newest - int64(k)
	of := func(input int8) int64 {
		if newest := int64(c.Newest[input]); newest/hourS == hour {
			return newest
		}
		return hour * hourS
	}
	switch {
	case s.b == none || s.made == firstOf && !math.IsNaN(w.values[s.a][k]):
		return of(s.a)
	case s.made == firstOf:
		return of(s.b)
	}
	return min(of(s.a), of(s.b))
}
