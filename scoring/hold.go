package scoring

import (
	"math"
	"time"

	"wardwatch/scoring/chart"
	"wardwatch/ward"
)

// Hold remembers that a band was reached, and by which inputs. It is let go only by a newer set
// that has all of them: losing an input never lowers a band.
type Hold struct {
	By uint32 // as knownBy has it; 0: the band is not held
}

const numHolds = int(ward.High) - int(ward.LowMedium) + 1

// Carried is an alerting band of one chart at the moment when another took its place (a birthday, a
// pregnancy). The change itself never lowers it: it is let go by a complete set of the new chart of
// which every part was measured since.
type Carried struct {
	Band  ward.Band
	Since int64
}

// sameChart notices that another chart scores the person from now on, or the same chart for another
// age. Its parts are other parts: it starts its own holds.
func (s *State) sameChart(who *person, k *look) {
	id := who.chart.ID()
	if who.chart.NeedsAge() {
		if v := who.chart.Variant(&k.set); v != "" {
			id = s.named(id, v)
		}
	}
	if id == s.Chart {
		return
	}
	if s.Chart != "" && s.Band >= ward.LowMedium {
		s.Carried = Carried{s.Band, k.now}
	}
	s.Chart, s.Holds = id, [numHolds]Hold{}
}

// named is "chart/variant". It is the state's own text when that says the same, so that it is
// written once and not at each reading.
func (s *State) named(id, variant string) string {
	if n := len(id); len(s.Chart) == n+1+len(variant) && s.Chart[:n] == id && s.Chart[n+1:] == variant {
		return s.Chart
	}
	return id + "/" + variant
}

// consciousKnown stands among the parts of a chart that reads consciousness: some let it raise the
// band without being a part. Above it stand the parts that give points at all: a part can give some
// before all of it is known. And for a chart that gives points by the amount of oxygen: that none of
// what says how much has been lost.
const (
	consciousKnown = 1 << ward.MaxParts
	gives          = ward.MaxParts + 1
	amountKnown    = 1 << 31

	amounts = 1<<chart.FiO2 | 1<<chart.O2Flow | 1<<chart.O2Device
)

// knownBy is what a result rests on: the parts that are known, and those that are known or give
// points.
func knownBy(c *chart.Chart, result *chart.Result, k *look) uint32 {
	by := uint32(result.Known) | uint32(result.Known)<<gives
	for i, points := range result.Points {
		if points > 0 {
			by |= 1 << (gives + i)
		}
	}
	if c.Reads()&(1<<chart.Consciousness) != 0 && k.set.Has(chart.Consciousness) {
		by |= consciousKnown
	}
	if c.Reads()&amounts != 0 && k.amount {
		by |= amountKnown
	}
	return by
}

// hold applies the rule that losing an input never lowers a band. A band that was reached stays
// until a newer set, with every part that made it, says less. oldest is when the oldest part of a
// complete set was measured.
func (s *State) hold(raw ward.Band, by uint32, oldest, now int64, score *ward.Score) {
	band := raw
	for i := range s.Holds {
		level, h := ward.LowMedium+ward.Band(i), &s.Holds[i]
		if level == raw {
			h.By |= by
		}
		if level <= raw || h.By == 0 {
			continue
		}
		if by&h.By == h.By {
			h.By = 0
			continue
		}
		band = level
	}
	if s.Carried.Band > raw && !(score.Complete && oldest >= s.Carried.Since) {
		band = max(band, s.Carried.Band)
	} else {
		s.Carried = Carried{}
	}
	s.Band, score.Band, score.Held = band, band, band != raw
	if !score.Held {
		s.HeldFrom = 0
		return
	}
	if s.HeldFrom == 0 {
		s.HeldFrom = now
	}
	score.HeldSince = time.UnixMilli(s.HeldFrom)
}

// oldestPart is when the oldest part of a score was measured.
func oldestPart(score *ward.Score) int64 {
	oldest := int64(math.MaxInt64)
	for i := range score.PartList() {
		oldest = min(oldest, score.Parts[i].At.UnixMilli())
	}
	return oldest
}
