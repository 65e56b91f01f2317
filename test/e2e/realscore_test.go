//go:build e2e

package e2e

import (
	"slices"
	"testing"

	"wardwatch/ward"
)

// slot is one person as the scores see them: who was admitted to a place, or what is kept apart there.
type slot struct {
	place ward.Place
	stay  ward.StayID
}

// sameScores: every recorded score is what the chart says of the values taken in by then, at its own
// moment; no change went unrecorded; and in the end, with everything stale, nothing gives points.
func (r *realRun) sameScores() {
	readings, scores := map[slot][]ward.Reading{}, map[slot][]ward.Score{}
	for _, x := range r.readings {
		key := slot{x.Place, x.Stay}
		readings[key] = append(readings[key], x)
	}
	for _, s := range r.scores {
		key := slot{s.Place, s.Stay}
		scores[key] = append(scores[key], s)
	}
	wrong, complete := faults{T: r.T}, 0
	for key, list := range readings {
		complete += judged(&wrong, key, list, scores[key])
		recordedChanges(&wrong, key, list, scores[key])
		if n := len(scores[key]); n == 0 || scores[key][n-1].LowerBound != 0 || scores[key][n-1].Complete {
			wrong.say("%v: the last of its %d scores still counts something", key, n)
		}
		delete(scores, key)
	}
	for key := range scores {
		wrong.say("%v has scores but no reading", key)
	}
	r.Logf("NEWS2 = oracle: %d of %d scored times are complete sets", complete, len(r.scores))
	if 4*complete < len(r.scores) {
		r.Errorf("%d of %d scored times are complete sets; want a quarter at least", complete, len(r.scores))
	}
}

// judged compares each score with the oracle and counts the complete ones.
func judged(wrong *faults, key slot, readings []ward.Reading, scores []ward.Score) (complete int) {
	b, next := bedside{}, 0
	for i := range scores {
		s := &scores[i]
		for ; next < len(readings) && takenIn(&readings[next], s); next++ {
			b.take(valuesOf(&readings[next]), readings[next].At.UnixMilli())
		}
		v := b.news2(s.At.UnixMilli())
		if s.Complete {
			complete++
		}
		total := s.LowerBound
		if s.Complete {
			total = s.Total
		}
		band := int(s.Band)
		if s.Complete != v.complete || s.LowerBound != v.lowerBound || total != v.lowerBound || s.Refused != ward.NotRefused || s.Chart != "news2" {
			wrong.say("%v at %v: score complete %v, total %d, lower bound %d, refused %q; the chart says %+v", key, s.At, s.Complete, s.Total, s.LowerBound, s.Refused, v)
		}
		if s.Held && (s.Complete || band <= v.band()) || !s.Held && band != v.band() {
			wrong.say("%v at %v: band %v held %v; the chart says %v", key, s.At, s.Band, s.Held, ward.Band(v.band()))
		}
		for _, p := range s.PartList() {
			points, known := v.points[p.Input]
			if known != (p.State == ward.Present) || points != p.Points {
				wrong.say("%v at %v: %s is %v with %d points; the chart says %d (known %v)", key, s.At, p.Input, p.State, p.Points, points, known)
			}
		}
	}
	return complete
}

// takenIn reports whether the reading had been taken in when the score was made: by its place in
// the journal, or, where only time had passed, by the last arrival that the score names.
func takenIn(x *ward.Reading, s *ward.Score) bool {
	if s.Position != 0 {
		return x.Position <= s.Position
	}
	return !x.Arrived.After(s.LastData)
}

func valuesOf(x *ward.Reading) map[string]float64 {
	m := make(map[string]float64, len(x.Values))
	for _, v := range x.Values {
		m[v.Vital.String()] = v.Number
	}
	return m
}

// recordedChanges: after each reading there is a score of it, or one of the same minute that says
// the same.
func recordedChanges(wrong *faults, key slot, readings []ward.Reading, scores []ward.Score) {
	b := bedside{}
	for i := range readings {
		x := &readings[i]
		b.take(valuesOf(x), x.At.UnixMilli())
		v := b.news2(x.Arrived.UnixMilli())
		if !slices.ContainsFunc(scores, func(s ward.Score) bool {
			return s.Position == x.Position || s.At.UnixMilli()/60_000 == x.Arrived.UnixMilli()/60_000 && s.LowerBound == v.lowerBound && s.Complete == v.complete
		}) {
			wrong.say("%v: no score records the reading that arrived at %v", key, x.Arrived)
		}
	}
}

// The oracle itself, on the examples that are worked by hand in the reference (RCP NEWS2, 2017).
func TestOracle(t *testing.T) {
	for _, c := range []struct {
		rr, spo2, o2, sbp, hr, acvpu, temp float64
		total, band                        int
	}{
		{18, 96, 0, 120, 80, 0, 37, 0, 0},
		{25, 91, 1, 90, 131, 2, 35, 20, 4},
		{20, 95, 0, 110, 91, 0, 38.1, 4, 0},
		{8, 96, 0, 219, 90, 0, 38, 3, 2},
	} {
		b := bedside{}
		b.take(map[string]float64{"rr": c.rr, "spo2": c.spo2, "o2_device": c.o2, "sbp": c.sbp, "hr": c.hr, "acvpu": c.acvpu, "temp": c.temp}, 0)
		if v := b.news2(hour); !v.complete || v.lowerBound != c.total || v.band() != c.band {
			t.Errorf("%+v: %+v, band %d", c, v, v.band())
		}
		if v := b.news2(5 * hour); v.complete || len(v.points) != 3 {
			t.Errorf("five hours later %+v counts; want oxygen, consciousness and temperature alone", v.points)
		}
	}
}
