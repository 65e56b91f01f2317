package agreement

import "math"

// sure is the normal quantile of a 95 % interval.
const sure = 1.959963984540054

// wilson is a share with its interval (Wilson, J Am Stat Assoc 1927;22:209–212).
func wilson(k, n int) Interval {
	if n == 0 {
		return Interval{math.NaN(), math.NaN(), math.NaN()}
	}
	p, m, z2 := float64(k)/float64(n), float64(n), sure*sure
	middle, half := (p+z2/(2*m))/(1+z2/m), sure*math.Sqrt(p*(1-p)/m+z2/(4*m*m))/(1+z2/m)
	return Interval{p, max(0, middle-half), min(1, middle+half)}
}

// kappa is Cohen's, with the large-sample interval of Fleiss, Cohen and Everitt (Psychol Bull
// 1969;72:323–327). It cannot be told where both always say the same of everybody.
func kappa(tp, fp, fn, tn int) Interval {
	n := float64(tp + fp + fn + tn)
	p := [2][2]float64{{float64(tn) / n, float64(fn) / n}, {float64(fp) / n, float64(tp) / n}} // [model][reader]
	model := [2]float64{p[0][0] + p[0][1], p[1][0] + p[1][1]}
	reader := [2]float64{p[0][0] + p[1][0], p[0][1] + p[1][1]}
	by, chance := p[0][0]+p[1][1], model[0]*reader[0]+model[1]*reader[1]
	if n == 0 || 1-chance < 1e-12 {
		return Interval{math.NaN(), math.NaN(), math.NaN()}
	}
	k := (by - chance) / (1 - chance)
	a, b := 0.0, 0.0
	for i := range p {
		for j := range p[i] {
			if i == j {
				a += p[i][i] * math.Pow(1-(model[i]+reader[i])*(1-k), 2)
			} else {
				b += p[i][j] * math.Pow(model[j]+reader[i], 2) * (1 - k) * (1 - k)
			}
		}
	}
	c := math.Pow(k-chance*(1-k), 2)
	half := sure * math.Sqrt(max(0, a+b-c)/n) / (1 - chance)
	return Interval{k, max(-1, k-half), min(1, k+half)}
}
