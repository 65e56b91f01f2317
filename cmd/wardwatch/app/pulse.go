package app

import (
	"maps"
	"slices"
	"sync"
	"time"

	"wardwatch/ward"
)

// pulse is when each ward was last fed by a monitor, and when what it fed was last scored. The
// outside heartbeat goes by it: a ward whose readings stay away, or pile up unscored, must ring
// there even if everything else looks well.
type pulse struct {
	mu     sync.Mutex
	fed    map[ward.WardID]time.Time
	scored map[ward.WardID]time.Time
}

// Both are ours: a ward's monitors measure every few seconds, so minutes without one of them are a
// fault of something they share.
const (
	unfedAfter    = 2 * time.Minute
	unscoredAfter = time.Minute
)

func newPulse() *pulse {
	return &pulse{fed: map[ward.WardID]time.Time{}, scored: map[ward.WardID]time.Time{}}
}

func (p *pulse) feed(batch []ward.Reading)  { p.beat(p.fed, batch) }
func (p *pulse) score(batch []ward.Reading) { p.beat(p.scored, batch) }

// beat notes when each ward's newest live reading arrived. Batches are mostly of few wards in a row.
func (p *pulse) beat(of map[ward.WardID]time.Time, batch []ward.Reading) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range batch {
		r := &batch[i]
		if r.Source != ward.FromDevice || r.Late {
			continue
		}
		if i+1 < len(batch) && batch[i+1].Place.Ward == r.Place.Ward && batch[i+1].Source == r.Source && !batch[i+1].Late {
			continue
		}
		of[r.Place.Ward] = r.Arrived
	}
}

// missing lists the wards that ought to be fed and scored by now and are not. since is when the
// program came up: before that nothing can be missed.
func (p *pulse) missing(monitored map[ward.WardID]bool, since, now time.Time) (list []ward.WardID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range slices.Sorted(maps.Keys(monitored)) {
		fed, scored := later(p.fed[w], since), later(p.scored[w], since)
		if now.Sub(fed) > unfedAfter || fed.Sub(scored) > unscoredAfter {
			list = append(list, w)
		}
	}
	return list
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
