package journal

import "slices"

// Bounds of what is remembered of a device's numbers; beyond them a reuse may go unnoticed.
const (
	maxBoots = 4
	maxRuns  = 8
)

// boot is one life of a device between restarts, and the numbers it has sent.
type boot struct {
	name string
	runs []run // ascending, apart from each other by at least one number
}

// run is a range of numbers, both ends in it.
type run struct{ from, to uint64 }

// number notes a number of a boot; true when it was noted before.
func (s *stream) number(name string, n uint64) bool {
	for i := range s.boots {
		if s.boots[i].name == name {
			return s.boots[i].note(n)
		}
	}
	if len(s.boots) == maxBoots {
		s.boots = slices.Delete(s.boots, 0, 1)
	}
	s.boots = append(s.boots, boot{name: clone(name), runs: []run{{n, n}}})
	return false
}

func (b *boot) note(n uint64) bool {
	i := len(b.runs) // of the first run that ends at n or above
	for i > 0 && b.runs[i-1].to >= n {
		i--
	}
	if i < len(b.runs) && b.runs[i].from <= n {
		return true
	}
	below := i > 0 && b.runs[i-1].to+1 == n
	above := i < len(b.runs) && b.runs[i].from-1 == n
	switch {
	case below && above:
		b.runs[i-1].to = b.runs[i].to
		b.runs = slices.Delete(b.runs, i, i+1)
	case below:
		b.runs[i-1].to = n
	case above:
		b.runs[i].from = n
	default:
		b.runs = slices.Insert(b.runs, i, run{n, n})
		if len(b.runs) > maxRuns {
			b.runs = slices.Delete(b.runs, 0, 1)
		}
	}
	return false
}
