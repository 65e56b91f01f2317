package alerts

import (
	"time"

	"wardwatch/ward"
)

// weigh lets every sign act on its cause. It returns the alert's own slice when nothing moved.
func (p *Policy) weigh(a *ward.Alert, g *sighting) (causes []ward.Cause, moved bool) {
	if a != nil {
		causes = a.Causes
	}
	put := func(i int, c ward.Cause) {
		if !moved {
			causes, moved = append(make([]ward.Cause, 0, len(causes)+1), causes...), true
		}
		if i == len(causes) {
			causes = append(causes, c)
			return
		}
		causes[i] = c
	}
	for s := range g.signs {
		sign := &g.signs[s]
		if sign.was != "" {
			causes, moved = renamed(causes, sign), true
		}
		i := 0
		for i < len(causes) && causes[i].Code != sign.code {
			i++
		}
		if i < len(causes) && causes[i].Live() {
			told := toldPoints(a, sign)
			if p.plateau(&causes[i], told, sign) {
				continue
			}
			if c := p.advance(causes[i], told, sign, g); c != causes[i] {
				put(i, c)
			}
			continue
		}
		if sign.band >= trigger {
			put(i, begin(sign, g))
		}
	}
	if a == nil || g.score == nil || g.score.Lost {
		return causes, moved
	}
	for i := range causes { // a device says once that its alarm has ended; the clearing time then runs by itself
		if c := &causes[i]; !c.Clear.IsZero() && isDevice(c.Code) && c.Live() && p.cleared(*c, g.at) {
			over := *c
			over.Ended = g.at
			put(i, over)
		}
	}
	return causes, moved
}

// renamed gives the chart's cause to the person's new chart. What it was once under the new one's
// name, and is over, gives way.
func renamed(causes []ward.Cause, s *sign) []ward.Cause {
	out := make([]ward.Cause, 0, len(causes)+1)
	for _, c := range causes {
		switch {
		case c.Code == s.code:
			continue
		case c.Code == s.was && c.Live():
			c.Code = s.code
		}
		out = append(out, c)
	}
	return out
}

// toldPoints are the points that people were last told. Those of another chart cannot be compared:
// the change itself is no rise.
func toldPoints(a *ward.Alert, s *sign) int {
	if s.was != "" {
		return s.points
	}
	return a.Points
}

// plateau says quickly what is nearly always so: the cause is as it was told and nothing is running.
func (p *Policy) plateau(c *ward.Cause, toldPoints int, s *sign) bool {
	return s.band == c.Told && s.points < toldPoints+p.RisePoints && s.band >= trigger &&
		c.Due.IsZero() && c.Eased.IsZero() && c.Clear.IsZero()
}

func begin(s *sign, g *sighting) ward.Cause {
	c := ward.Cause{Code: s.code, Band: s.band, Detail: s.detail, Since: g.at, Due: s.dueFrom(g.at)}
	if !s.since.IsZero() {
		c.Since = s.since
	}
	if !g.since.IsZero() && s.due.IsZero() {
		c.Due = g.at
	}
	if s.cool.After(c.Due) {
		c.Due = s.cool
	}
	return c
}

// dueFrom is when the sign, first seen at, has lasted.
func (s *sign) dueFrom(at time.Time) time.Time {
	if !s.due.IsZero() {
		return s.due
	}
	return at.Add(s.persist)
}

// advance moves one live cause by one sign. It is pure, and returns its argument when the sign
// brings nothing new.
func (p *Policy) advance(c ward.Cause, toldPoints int, s *sign, g *sighting) ward.Cause {
	worse := s.band >= trigger && s.band > c.Told ||
		s.points >= toldPoints+p.RisePoints && s.band >= ward.Medium && c.Told >= ward.Medium
	switch {
	case worse:
		return p.worsen(c, s, g)
	case c.Told == ward.Low:
		return p.relent(c, s, g)
	case !s.proof:
		// An input is missing, so nothing is known downwards: the clocks of clearing start over.
		c.Eased, c.Clear = time.Time{}, time.Time{}
		return c
	}
	if !c.Due.IsZero() { // a rise that did not last
		c.Due, c.Band = time.Time{}, c.Told
	}
	return p.ease(c, s, g)
}

// worsen starts or goes on with the persistence of what is worse than people were told.
func (p *Policy) worsen(c ward.Cause, s *sign, g *sighting) ward.Cause {
	c.Eased, c.Clear = time.Time{}, time.Time{}
	switch due := s.dueFrom(g.at); {
	case s.cool.After(due):
		if c.Due.IsZero() || s.fell && c.Due.Before(s.cool) { // a rise above what people know did not last
			c.Due = s.cool
		}
	case c.Due.IsZero() || !s.due.IsZero() || due.Before(c.Due): // a rise ends its cooldown
		c.Due = due
	}
	if s.detail != "" {
		c.Detail = s.detail
	}
	if s.band > c.Band || s.fell || s.proof {
		c.Band = s.band
	}
	return c
}

// relent is what becomes of a cause nobody was told of when it is not seen any more: a candidate
// did not persist; what a rule kept quiet ends as slowly as what was told.
func (p *Policy) relent(c ward.Cause, s *sign, g *sighting) ward.Cause {
	switch {
	case !s.fell:
		c.Clear = time.Time{}
	case s.ends || !g.rule.covers(c.Code):
		c.Ended = g.at
	case c.Clear.IsZero():
		c.Clear = g.at
	case p.cleared(c, g.at):
		c.Ended = g.at
	}
	return c
}

// ease runs the two clocks of a told cause: milder than told, and quiet.
func (p *Policy) ease(c ward.Cause, s *sign, g *sighting) ward.Cause {
	if s.band >= c.Told || p.within(s, c.Told) {
		c.Eased, c.Clear = time.Time{}, time.Time{}
		return c
	}
	if s.quiet && s.ends {
		c.Ended = g.at
		return c
	}
	if c.Eased.IsZero() {
		c.Eased = g.at
	}
	switch {
	case s.quiet && c.Clear.IsZero():
		c.Clear = g.at
	case s.band >= trigger:
		c.Clear = time.Time{}
	}
	if s.quiet && p.cleared(c, g.at) {
		c.Ended = g.at
		return c
	}
	// One band at a time: a single good set after two minutes must not undo the whole episode.
	if c.Told > trigger && g.at.Sub(c.Eased) >= p.Clear {
		c.Told--
		c.Band, c.Eased = c.Told, time.Time{}
		if s.band < c.Told {
			c.Eased = g.at
		}
	}
	return c
}

// cleared says whether the cause has been quiet for long enough.
func (p *Policy) cleared(c ward.Cause, at time.Time) bool {
	return !c.Clear.IsZero() && at.Sub(c.Clear) >= p.Clear
}

// voiced says whether people have been told of a cause that still stands.
func voiced(c *ward.Cause, r rule) bool {
	return c.Live() && c.Told >= trigger && !r.covers(c.Code)
}

// ripe says whether a cause has lasted long enough to be told now.
func ripe(c *ward.Cause, r rule, at time.Time) bool {
	return c.Live() && !c.Due.IsZero() && !at.Before(c.Due) && !r.covers(c.Code)
}

// worstTold is the worst band people know of; low when there is none.
func worstTold(causes []ward.Cause, r rule) ward.Band {
	if w := worstVoiced(causes, r); w != nil {
		return w.Told
	}
	return ward.Low
}

// worstVoiced is the worst cause people know of; nil when there is none.
func worstVoiced(causes []ward.Cause, r rule) *ward.Cause {
	var worst *ward.Cause
	for i := range causes {
		c := &causes[i]
		if !voiced(c, r) {
			continue
		}
		if worst == nil || c.Told > worst.Told || c.Told == worst.Told && isDevice(c.Code) {
			worst = c
		}
	}
	return worst
}
