package scoring

import (
	"time"

	"wardwatch/ward"
)

// Round is how often the person must be observed, by the last complete score. What follows the
// observations counts for that long and a grace. Its times are Unix ms.
type Round struct {
	Interval int64 // ms; 0: no complete set yet
	Since    int64 // when Interval came into force
	At       int64 // of the last complete score
}

// counts is how long a value counts under the interval in force, in ms.
func (o *Round) counts(r *Rounds) int64 {
	interval := o.Interval
	if interval == 0 {
		interval = r.Interval.Milliseconds()
	}
	return r.counts(interval)
}

// counts is how long a value counts under an interval; both in ms.
func (r *Rounds) counts(interval int64) int64 { return interval + int64(r.Grace*float64(interval)) }

// expires is the last moment at which the newest value of a vital counts.
func (s *State) expires(p *Policy, v ward.Vital) int64 {
	l := &s.Latest[v]
	if limit := p.staleness(l.Source, v); limit != AsObserved {
		return l.At + limit.Milliseconds()
	}
	return l.Until
}

// staleness of a vital by where its value came from.
func (p *Policy) staleness(from ward.Source, v ward.Vital) time.Duration {
	if from == ward.FromDevice {
		return p.Stale[v].Device
	}
	return p.Stale[v].Charted
}

// complete takes note of a complete score: at is its time, oldest the oldest of its parts that
// follow the observations. A shorter interval holds at once: what was measured before counts no
// longer than if it had been measured at that moment. A longer one holds only when everything has
// been observed since the shorter one came into force, and brings back nothing that is stale. It
// reports whether the interval has changed.
func (s *State) complete(p *Policy, interval time.Duration, at, oldest int64) (changed bool) {
	o, ms := &s.Round, interval.Milliseconds()
	if interval <= 0 || at < o.At {
		return false
	}
	o.At = at
	before := o.Interval
	if before == 0 {
		before = p.Rounds.Interval.Milliseconds()
	}
	if ms == before || ms > before && oldest < o.Since {
		return false
	}
	counts := p.Rounds.counts(ms)
	for v := range s.Latest {
		l := &s.Latest[v]
		switch {
		case ms < before:
			l.Until = min(l.Until, max(l.At, at)+counts)
		case l.At >= o.Since && l.Until >= at:
			l.Until = l.At + counts
		}
	}
	o.Interval, o.Since = ms, at
	return true
}
