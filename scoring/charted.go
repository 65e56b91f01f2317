package scoring

import (
	"time"

	"wardwatch/ward"
)

// Charted is the last set of observations that a person confirmed. Its times are Unix ms.
type Charted struct {
	At         int64 // when it was true; 0: none yet
	Due        int64 // when the next one is due
	LowerBound int
	Complete   bool
	Band       ward.Band
	Partial    string // coded reason when it is not complete
}

// ChartedScore scores one set that a person confirmed by its own values alone, at its own time.
// It is kept in history beside the live score. ok is false when the reading is not such a set: a
// device's, or one with nothing that the person's chart reads.
func ChartedScore(p *Policy, stay *ward.Stay, r *ward.Reading) (score ward.Score, ok bool) {
	if r.Source == ward.FromDevice || len(r.Values) == 0 {
		return score, false
	}
	s, who, k := p.alone(stay, r)
	result, _ := s.score(p, &who, &k, &score)
	score.Stay, score.At, score.Policy, score.Origin = r.Stay, r.At, p.Version, ward.OriginCharted
	score.Place, score.Position = r.Place, r.Position
	s.doubts(&k, &score)
	return score, who.chart == nil || result.Known != 0
}

// alone looks at a charted set as if nothing else were known of the person.
func (p *Policy) alone(stay *ward.Stay, r *ward.Reading) (s State, who person, k look) {
	who = p.person(stay, r.At)
	for i := range r.Values {
		v := &r.Values[i]
		s.put(p, v, r.Source, p.Signal.Possible(who.months, v), false)
	}
	s.look(p, &who, r.At.UnixMilli(), &k)
	return s, who, k
}

// takeCharted notes a confirmed set when it is not older than the one before; the same time is a
// correction. A complete set says when the next is due; a partial one can only bring that forward.
func (s *State) takeCharted(p *Policy, stay *ward.Stay, r *ward.Reading) {
	at := r.At.UnixMilli()
	if at < s.Charted.At || len(r.Values) == 0 {
		return
	}
	_, who, k := p.alone(stay, r)
	c := Charted{At: at, Band: ward.Unknown, Due: at + p.Rounds.Interval.Milliseconds()}
	if who.chart == nil {
		c.Partial = r.Partial
		s.Charted = c
		return
	}
	result := who.chart.Score(&k.set)
	if result.Known == 0 {
		return
	}
	c.LowerBound, c.Complete, c.Band = result.LowerBound, result.Complete, result.Band
	interval := who.chart.Interval(result)
	if interval > 0 {
		c.Due = at + interval.Milliseconds()
	}
	if !c.Complete {
		c.Partial = r.Partial
		c.Due = min(c.Due, at+p.Rounds.Interval.Milliseconds())
		if s.Charted.At != 0 {
			c.Due = min(c.Due, s.Charted.Due)
		}
	}
	s.Charted = c
	if c.Complete {
		s.complete(p, interval, at, at)
	}
}

// due is when the next set is due; before the first, some time after admission. 0: not known.
func (c *Charted) due(p *Policy, stay *ward.Stay) int64 {
	if c.At == 0 && stay != nil && !stay.Admitted.IsZero() {
		return stay.Admitted.Add(p.Rounds.FirstSet).UnixMilli()
	}
	return c.Due
}

// show writes the charted set into a live score.
func (c *Charted) show(p *Policy, stay *ward.Stay, score *ward.Score) {
	out := &score.Charted
	if due := c.due(p, stay); due != 0 {
		out.Due = time.UnixMilli(due)
	}
	if c.At == 0 {
		return
	}
	out.At, out.LowerBound, out.Complete, out.Band, out.Partial = time.UnixMilli(c.At), c.LowerBound, c.Complete, c.Band, c.Partial
	if c.Complete {
		out.Total = c.LowerBound
	}
}
