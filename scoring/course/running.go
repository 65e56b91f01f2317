package course

import "math"

// Running are statistics that grow value by value (Welford's method).
type Running struct {
	Mean, M2 float64 // M2: sum of the squares about the mean
	Min, Max float32 // as features tell them
	N        uint32
}

func (r *Running) add(x float64) {
	if r.N == 0 {
		*r = Running{Min: tidy(x), Max: tidy(x)}
	}
	r.N++
	d := x - r.Mean
	r.Mean += d / float64(r.N)
	r.M2 += d * (x - r.Mean)
	r.Min, r.Max = min(r.Min, tidy(x)), max(r.Max, tidy(x))
}

// sd is the sample standard deviation; NaN of fewer than two values.
func (r *Running) sd() float64 {
	if r.N < 2 {
		return math.NaN()
	}
	return math.Sqrt(r.M2 / float64(r.N-1))
}
