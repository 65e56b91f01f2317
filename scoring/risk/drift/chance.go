package drift

import "math"

// normal is the quantile of the standard normal distribution.
func normal(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// chiSquared is the quantile of the chi-squared distribution, to about one per cent (Wilson, Hilferty,
// PNAS 1931).
func chiSquared(freedom int, p float64) float64 {
	k := 2 / (9 * float64(freedom))
	return float64(freedom) * math.Pow(1-k+normal(p)*math.Sqrt(k), 3)
}

// byar is the interval of a Poisson count, with the probability sure that it holds the mean (Breslow,
// Day, Statistical Methods in Cancer Research II, 1987, p. 69: Byar's approximation).
func byar(count int, sure float64) (low, high float64) {
	z := normal((1 + sure) / 2)
	bound := func(n, z float64) float64 {
		return n * math.Pow(1-1/(9*n)+z/(3*math.Sqrt(n)), 3)
	}
	if count > 0 {
		low = max(0, bound(float64(count), -z))
	}
	return low, bound(float64(count)+1, z)
}
