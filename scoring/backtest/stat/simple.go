package stat

import (
	"math"
	"slices"
)

// Quantile is the q-th quantile (0–1) of sorted values, interpolated between neighbours (type 7 of
// Hyndman and Fan, 1996). NaN without values.
func Quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// Quartiles are the lower quartile, the median and the upper quartile.
type Quartiles struct {
	N      int    `json:"n"`
	Lower  Number `json:"lower"`
	Median Number `json:"median"`
	Upper  Number `json:"upper"`
}

// QuartilesOf finds the quartiles of values in any order.
func QuartilesOf(values []float64) Quartiles {
	v := slices.Sorted(slices.Values(values))
	return Quartiles{len(v), Number(Quantile(v, 0.25)), Number(Quantile(v, 0.5)), Number(Quantile(v, 0.75))}
}

// Proportion is k out of n with Wilson's 95 % interval (Wilson, 1927), which stays honest at none
// and at all. It is for things that do not cluster, such as patients. Unknown when n is 0.
func Proportion(k, n int) Estimate {
	if n == 0 {
		return NoEstimate()
	}
	const z = 1.959964
	p, m := float64(k)/float64(n), float64(n)
	middle := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return Estimate{Number(p), Number(max(0, middle-half)), Number(min(1, middle+half))}
}
