package course

import "math"

// sums are what the statistics of some hours are made from, gathered from the newest hour back.
// Values are taken as their distance from the newest, so that the same value every hour gives an
// exact 0.
type sums struct {
	n          int
	newest     float64
	d, dd      float64 // distance from the newest, and its square
	t, tt, td  float64 // hours back, their square, and times the distance
	least, top float64
}

// add takes the value of the hour that is k hours back; NaN is no value.
func (s *sums) add(x float64, k int) {
	if math.IsNaN(x) {
		return
	}
	if s.n == 0 {
		s.newest, s.least, s.top = x, x, x
	}
	d, t := x-s.newest, float64(k)
	s.n++
	s.d += d
	s.dd += d * d
	s.t += t
	s.tt += t * t
	s.td += t * d
	s.least, s.top = min(s.least, x), max(s.top, x)
}

// tell is the statistic of what was gathered; NaN where it was too little.
func (s *sums) tell(o op) float64 {
	n := float64(s.n)
	if s.n == 0 || o == opSD && s.n < 2 || o == opSlope && s.n < 3 {
		return math.NaN()
	}
	switch o {
	case opLast:
		return s.newest
	case opMean:
		return s.mean()
	case opMin:
		return s.least
	case opMax:
		return s.top
	case opSD:
		return math.Sqrt(s.m2() / (n - 1))
	}
	return -(n*s.td - s.t*s.d) / (n*s.tt - s.t*s.t) // least squares; hours back run against time
}

func (s *sums) mean() float64 { return s.newest + s.d/float64(s.n) }

// m2 is the sum of the squares about the mean.
func (s *sums) m2() float64 { return max(0, s.dd-s.d*s.d/float64(s.n)) }

// with is the statistic of what was gathered and of all hours before it together (Chan's method).
func (s *sums) with(before *Running, o op) float64 {
	if before.N == 0 {
		return s.tell(o)
	}
	all := *before
	if s.n != 0 {
		n, m := float64(s.n), float64(before.N)
		d := s.mean() - before.Mean
		all.N += uint32(s.n)
		all.Mean += d * n / (n + m)
		all.M2 += s.m2() + d*d*n*m/(n+m)
		all.Min, all.Max = min(all.Min, tidy(s.least)), max(all.Max, tidy(s.top))
	}
	switch o {
	case opMean:
		return all.Mean
	case opMin:
		return float64(all.Min)
	case opMax:
		return float64(all.Max)
	}
	return all.sd()
}

// share is the part of the values that are beyond a limit or at it; NaN when there are none.
func share(x []float64, p *part) float64 {
	n, beyond := 0, 0
	for _, v := range x {
		if math.IsNaN(v) {
			continue
		}
		n++
		if p.op == opOver && v >= p.limit || p.op == opUnder && v <= p.limit {
			beyond++
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return float64(beyond) / float64(n)
}
