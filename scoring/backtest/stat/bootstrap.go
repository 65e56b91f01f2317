package stat

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
)

// Statistic works out one or more figures from a resample: how often each patient was drawn. It is
// used by one goroutine at a time and may keep room of its own.
type Statistic struct {
	N  int // how many figures
	Of func(drawn []uint8, figures []float64)
}

// block is how many resamples are held in memory at a time.
const block = 64

// Bootstrap draws patients with replacement and returns each statistic's figures with their 95 %
// percentile intervals, all over the same resamples. The result depends on the seed and not on the
// number of workers. Where fewer than half of the resamples give a figure there is no interval. The
// only error is the context's.
func Bootstrap(ctx context.Context, patients, resamples int, seed uint64, workers int, statistics []Statistic) ([][]Estimate, error) {
	if patients == 0 {
		resamples = 0
	}
	values := make([][]float64, len(statistics)) // by statistic: the resamples one after the other
	for s := range values {
		values[s] = make([]float64, resamples*statistics[s].N)
	}
	drawn := make([][]uint8, min(block, resamples))
	for i := range drawn {
		drawn[i] = make([]uint8, patients)
	}
	for from := 0; from < resamples; from += block {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		n := min(block, resamples-from)
		parallel(workers, n, func(i int) { draw(drawn[i], seed, uint64(from+i)) })
		parallel(workers, len(statistics), func(s int) {
			width := statistics[s].N
			for i := range n {
				at := (from + i) * width
				statistics[s].Of(drawn[i], values[s][at:at+width])
			}
		})
	}
	out := make([][]Estimate, len(statistics))
	once := Once(patients)
	parallel(workers, len(statistics), func(s int) { out[s] = statistics[s].estimates(once, values[s]) })
	return out, nil
}

// Once is the resample in which every patient stands once: it gives the figure itself.
func Once(patients int) []uint8 {
	drawn := make([]uint8, patients)
	for i := range drawn {
		drawn[i] = 1
	}
	return drawn
}

// draw fills in how often each patient is drawn. Nobody is drawn 255 times: one in n! is rarer
// than any set is large.
func draw(into []uint8, seed, resample uint64) {
	clear(into)
	rng := rand.New(rand.NewPCG(seed, resample))
	for range into {
		if i := rng.IntN(len(into)); into[i] < math.MaxUint8 {
			into[i]++
		}
	}
}

func (s *Statistic) estimates(once []uint8, values []float64) []Estimate {
	figures := make([]float64, s.N)
	s.Of(once, figures)
	out := make([]Estimate, s.N)
	column := make([]float64, 0, len(values)/max(s.N, 1))
	for f := range out {
		column = column[:0]
		for at := f; at < len(values); at += s.N {
			column = append(column, values[at])
		}
		out[f] = percentiles(column)
		out[f].Value = Number(figures[f])
	}
	return out
}

func percentiles(values []float64) Estimate {
	e := NoEstimate()
	finite := make([]float64, 0, len(values))
	for _, v := range values {
		if Number(v).Known() {
			finite = append(finite, v)
		}
	}
	if len(finite) < 2 || 2*len(finite) < len(values) {
		return e
	}
	slices.Sort(finite)
	e.Low, e.High = Number(Quantile(finite, 0.025)), Number(Quantile(finite, 0.975))
	return e
}

// parallel calls f for each of n on as many goroutines as there are workers.
func parallel(workers, n int, f func(i int)) {
	var wait sync.WaitGroup
	next := make(chan int)
	for range min(max(workers, 1), n) {
		wait.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
}

// Ratio is the sum of one figure over the sum of another, each given by patient: alerts over days.
func Ratio(over, under []float64) Statistic {
	return Statistic{1, func(drawn []uint8, out []float64) {
		a, b := 0.0, 0.0
		for i, n := range drawn {
			w := float64(n)
			a += w * over[i]
			b += w * under[i]
		}
		out[0] = a / b
	}}
}
