package prepare

import (
	"math"
	"slices"
)

// Ranks answers which value stands at a rank. Many values are not sorted but counted, in a tenth of the
// time: whole numbers each by itself, others by their upper 16 bits first, and by the lower ones only
// where a rank falls. The values must be finite.
type Ranks struct {
	values []float32
	counts []int // of each value, or of each group of upper bits; nil: values are sorted
	least  int   // value of the first count
	whole  bool  // counts are of values
	groups map[int][]int
}

// few values are quicker to sort than to count.
const few = 1 << 14

// widest is how far apart whole numbers may be to be counted each by itself.
const widest = 1 << 17

// Rank makes ready to ask for ranks.
func Rank(values []float32) *Ranks {
	if len(values) <= few {
		sorted := slices.Clone(values)
		slices.Sort(sorted)
		return &Ranks{values: sorted}
	}
	if least, most, whole := wholes(values); whole {
		r := &Ranks{values: values, counts: make([]int, most-least+1), least: least, whole: true}
		for _, v := range values {
			r.counts[int(v)-least]++
		}
		return r
	}
	r := &Ranks{values: values, counts: make([]int, 1<<16), groups: map[int][]int{}}
	for _, v := range values {
		r.counts[order(v)>>16]++
	}
	return r
}

// wholes reports whether the values are whole numbers that lie close enough together.
func wholes(values []float32) (least, most int, whole bool) {
	low, high := values[0], values[0]
	for _, v := range values {
		if v != float32(int32(v)) {
			return 0, 0, false
		}
		low, high = min(low, v), max(high, v)
	}
	return int(low), int(high), high-low < widest
}

// order is a number that rises as the value does.
func order(v float32) uint32 {
	b := math.Float32bits(v)
	if b>>31 != 0 {
		return ^b
	}
	return b | 1<<31
}

func unordered(o uint32) float32 {
	if o>>31 != 0 {
		return math.Float32frombits(o &^ (1 << 31))
	}
	return math.Float32frombits(^o)
}

// Percentiles are the values at those shares of the ranks, in percent, between neighbours by straight
// line. Without values they are not a number.
func (r *Ranks) Percentiles(shares ...float64) []float64 {
	out := make([]float64, len(shares))
	for i, share := range shares {
		if len(r.values) == 0 {
			out[i] = math.NaN()
			continue
		}
		at := share / 100 * float64(len(r.values)-1)
		first := int(at)
		a := r.at(first)
		b := a
		if first+1 < len(r.values) {
			b = r.at(first + 1)
		}
		out[i] = a + (b-a)*(at-float64(first))
	}
	return out
}

// Different is how many different values there are, or, of many that are no whole numbers, at least.
func (r *Ranks) Different() (n int) {
	if r.counts == nil {
		for i := range r.values {
			if i == 0 || r.values[i] != r.values[i-1] {
				n++
			}
		}
		return n
	}
	for _, count := range r.counts {
		if count > 0 {
			n++
		}
	}
	return n
}

// at is the value of a rank, the least being 0.
func (r *Ranks) at(rank int) float64 {
	if r.counts == nil {
		return float64(r.values[rank])
	}
	group, left := find(r.counts, rank)
	if r.whole {
		return float64(r.least + group)
	}
	low, _ := find(r.group(group), left)
	return float64(unordered(uint32(group)<<16 | uint32(low)))
}

// find is the count that a rank falls into, and its rank there.
func find(counts []int, rank int) (which, left int) {
	for i, n := range counts {
		if rank < n {
			return i, rank
		}
		rank -= n
	}
	return len(counts) - 1, 0
}

// group counts the values of one group by their lower bits.
func (r *Ranks) group(group int) []int {
	if counts := r.groups[group]; counts != nil {
		return counts
	}
	counts := make([]int, 1<<16)
	for _, v := range r.values {
		if o := order(v); int(o>>16) == group {
			counts[o&0xffff]++
		}
	}
	r.groups[group] = counts
	return counts
}
