package evidence

import (
	"math"
	"slices"
	"time"
)

// wilson95 is the normal deviate of a two-sided interval of 95 %.
const wilson95 = 1.959963984540054

// share is n of of with its interval (Wilson, JASA 1927; 22: 209–212).
func share(name string, n, of int) Share {
	s := Share{Name: name, N: n, Of: of}
	if of == 0 {
		return s
	}
	p, m, z2 := float64(n)/float64(of), float64(of), wilson95*wilson95
	mid := (p + z2/(2*m)) / (1 + z2/m)
	half := wilson95 / (1 + z2/m) * math.Sqrt(p*(1-p)/m+z2/(4*m*m))
	low, high := max(0, mid-half), min(1, mid+half)
	if n == 0 {
		low = 0
	}
	if n == of {
		high = 1
	}
	s.Value, s.Low, s.High = &p, &low, &high
	return s
}

func rate(n int, of float64) Rate {
	r := Rate{N: n, Of: of}
	if of > 0 {
		v := float64(n) / of
		r.Value = &v
	}
	return r
}

// times gathers how long one step took, in seconds, and how often it kept its limit.
type times struct {
	took         []float64
	kept, judged int
}

// between adds one, where both its ends are known.
func (t *times) between(from, to time.Time) {
	if from.IsZero() || to.IsZero() || to.Before(from) {
		return
	}
	t.took = append(t.took, to.Sub(from).Seconds())
}

func (t *times) judge(v verdict) {
	switch v {
	case kept:
		t.kept++
		t.judged++
	case broken:
		t.judged++
	}
}

// stage sums up. Quantiles are those of the nearest rank: each is a time that was measured.
func (t *times) stage() Stage {
	s := Stage{N: len(t.took)}
	if t.judged > 0 {
		w := share("", t.kept, t.judged)
		s.Within = &w
	}
	if s.N == 0 {
		return s
	}
	slices.Sort(t.took)
	at := func(p float64) *float64 {
		i := int(math.Ceil(p*float64(s.N))) - 1
		v := t.took[max(i, 0)]
		return &v
	}
	s.Median, s.P90, s.P95, s.Max = at(0.5), at(0.9), at(0.95), at(1)
	return s
}

// verdict is whether a limit was kept.
type verdict int

const (
	notJudged verdict = iota // there is no limit, its time is not over, or it was over before
	kept
	broken
)

// judge says whether something done at done (zero: not) kept its limit from a start, in a round that
// ended at end. What was over before its limit passed is not judged.
func judge(start, done, end time.Time, limit time.Duration) (verdict, time.Time) {
	if limit <= 0 || start.IsZero() {
		return notJudged, time.Time{}
	}
	due := start.Add(limit)
	switch {
	case !done.IsZero() && !done.After(due):
		return kept, due
	case !done.IsZero() || end.After(due):
		return broken, due
	}
	return notJudged, due
}
