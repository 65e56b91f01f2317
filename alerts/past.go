package alerts

import (
	"slices"
	"strings"
	"time"

	"wardwatch/ward"
)

// What people know of does not call them twice. A person who closes an alert whose cause still
// stands, below high, has seen it: it stays closed until it rises (a worse band, RisePoints more, or
// a cause that was not there), has been proven quiet, or ClosedFor is over. And what people were told
// of and answered, is over, and comes back no worse, waits for the cooldown to end: it is put off,
// never passed over.
//
// Both are remembered in memory, as an ended alert a person whose causes read so:
//
//	Told   the worst that people know of it
//	Clear  since when it is quiet
//	Ended  zero: closed by a person, and it still stands; otherwise it is over, and cools
//	Since  when people were last told, or closed it
//	Eased  a device's alarm that was closed: when it was last repeated
//	Due    when the cooldown ends
//
// Points are what people know of; Level, Raised and Score hold the fewest since (lowest). Told is when
// the person was last looked at. A checkpoint carries all this, and the journal read again from there brings it
// up to date. A crash that loses it tells people once more.

// unseen is after how long without a look it is not known any more who lies unnamed at a place. While
// the program runs, a lost signal says so earlier. Ours.
const unseen = 15 * time.Minute

// whose finds what is remembered of a person: by the stay, or by the place of somebody unnamed.
type whose struct {
	stay  ward.StayID
	place ward.Place
}

func whoseIs(stay ward.StayID, place ward.Place) whose {
	if stay != "" {
		return whose{stay: stay}
	}
	return whose{place: place}
}

// cooldown is how long after people were last told a cause they know of may be told again.
func (p *Policy) cooldown(code string) time.Duration {
	switch {
	case isFlag(code):
		return p.CooldownFlag
	case isChart(code):
		return p.CooldownScore
	}
	return 0 // the device's own alarms are passed on, and a signal lost again leaves us blind again
}

// closedFor is how long a cause that a person closed stays closed.
func (p *Policy) closedFor(code string) time.Duration {
	if isChart(code) || strings.HasPrefix(code, "oxygen_") {
		return p.ClosedScore
	}
	return p.ClosedFor
}

// answered says whether somebody has taken the alert since it was last told anew.
func answered(a *ward.Alert) bool {
	return a.State == ward.Snoozed || !a.Bedside.IsZero() ||
		slices.ContainsFunc(a.Duties, func(u ward.Duty) bool { return !u.Accepted.IsZero() })
}

// remember keeps what a change leaves closed or over, before it is written: should the writing fail,
// the alert still stands, and then nothing is remembered of it (knowledge.stands).
func (d *Desk) remember(e *entry, next *ward.Alert) {
	if e == nil || next.Kind == ward.Technical {
		return
	}
	for i := range e.a.Causes {
		c := &e.a.Causes[i]
		switch {
		case !c.Live() || isCare(c.Code) || standing(next, c.Code) != nil:
		case next.EndedBy != "":
			d.closed(e, c, next)
		case answered(&e.a):
			d.over(e, ended(next, c), next, e.a.Told)
		}
	}
}

// closed keeps a cause that a person closes. A candidate was not what they closed.
func (d *Desk) closed(e *entry, c *ward.Cause, next *ward.Alert) {
	known := c.Told >= trigger || e.a.State == ward.Suppressed && !next.Ended.Before(c.Due)
	stands := d.stands(e, c, next.Ended)
	if e.a.State != ward.Suppressed {
		stands = min(stands, c.Told) // a rise that nobody was told of yet is news
	}
	switch {
	case !known:
	case stands < trigger && !e.proven && isChart(c.Code):
		// It is not there, nor is it known to be gone. Who was at the bedside knows of it all the same.
		if band := min(c.Told, ward.Medium); !next.Bedside.IsZero() {
			d.keepPast(e, next, ward.Cause{Code: c.Code, Band: band, Told: band, Since: next.Ended})
		}
	case stands < trigger:
		d.over(e, ended(next, c), next, next.Ended)
	default:
		kept := ward.Cause{Code: c.Code, Band: stands, Told: stands, Detail: c.Detail, Since: next.Ended}
		if isDevice(c.Code) {
			kept.Eased = next.Ended
		}
		d.keepPast(e, next, kept)
	}
}

// over keeps a cause that people were told of and that has ended. What is high is never put off.
func (d *Desk) over(e *entry, c *ward.Cause, next *ward.Alert, told time.Time) {
	until := told.Add(d.p.cooldown(c.Code))
	if c.Told < trigger || !until.After(c.Ended) {
		return
	}
	band := min(c.Told, ward.Medium)
	d.keepPast(e, next, ward.Cause{Code: c.Code, Band: band, Told: band, Since: told, Ended: c.Ended, Due: until})
}

// ended is a cause as a change leaves it, over, under whatever chart it stood at the end.
func ended(next *ward.Alert, before *ward.Cause) *ward.Cause {
	last := before
	for i := range next.Causes {
		if c := &next.Causes[i]; sameCause(c.Code, before.Code) && c.Ended.After(last.Ended) {
			last = c
		}
	}
	return last
}

func (d *Desk) keepPast(e *entry, next *ward.Alert, c ward.Cause) {
	who := whoseIs(next.Stay, next.Place)
	past := d.past[who]
	if past == nil {
		past = &ward.Alert{ID: next.ID, Kind: next.Kind, State: ward.Resolved, Stay: next.Stay, Place: next.Place}
		d.past[who] = past
	}
	suppressed := e.a.State == ward.Suppressed
	if isChart(c.Code) {
		past.Points = e.points
		if !suppressed {
			past.Points = min(e.points, e.a.Points)
		}
		past.Level, past.Raised, past.Score = past.Points, next.Ended, next.Score
		past.Score.LowerBound = past.Points
	}
	if suppressed {
		past.Rule = e.a.Rule
	}
	past.Position, past.Told = max(past.Position, next.Position, d.bed(next.Place).committed), c.Since
	if !c.Live() {
		past.Told = c.Ended
	}
	past.Causes = slices.DeleteFunc(past.Causes, func(o ward.Cause) bool { return sameCause(o.Code, c.Code) })
	past.Causes = append(past.Causes, c)
}

// recall takes what people already know of out of the signs of a score, and puts off what is only
// back again. It brings what is remembered up to date.
func (d *Desk) recall(who whose, k knowledge, s *ward.Score, at time.Time, in rule) {
	past := k.past
	unknown := past.Stay == "" && (s.Lost || at.Sub(past.Told) > unseen) // the next signal may be another person's
	if unknown || past.Rule != "" && past.Rule != in.name {
		delete(d.past, who)
		return
	}
	past.Position, past.Told = max(past.Position, s.Position), at
	kept := past.Causes[:0]
	for _, c := range past.Causes {
		if !k.stands(c.Code) && d.p.age(past, &c, signOf(d.signs, c.Code), at) {
			kept = append(kept, c)
		}
	}
	past.Causes = kept
	if len(kept) == 0 {
		delete(d.past, who)
		return
	}
	lowest(past, s, at)
}

// stands says that people were told of a cause in the alert that is open, or would have been but for
// a rule: then it was never closed, or is open again.
func (k knowledge) stands(code string) bool {
	if k.open == nil {
		return false
	}
	c := standing(k.open, code)
	return c != nil && (c.Told >= trigger || k.open.State == ward.Suppressed)
}

// standing finds a live cause, under whatever chart it stands now.
func standing(a *ward.Alert, code string) *ward.Cause {
	for i := range a.Causes {
		if c := &a.Causes[i]; c.Live() && sameCause(c.Code, code) {
			return c
		}
	}
	return nil
}

// sameCause says that two codes are one cause: of charts a person has one at a time.
func sameCause(x, y string) bool { return x == y || isChart(x) && isChart(y) }

func signOf(signs []sign, code string) *sign {
	for i := range signs {
		if sameCause(signs[i].code, code) {
			return &signs[i]
		}
	}
	return nil
}

// age lets one sighting act on what is remembered of a cause, and that on its sign (nil: nothing is
// said of it). It reports whether it is still to be remembered.
func (p *Policy) age(past *ward.Alert, c *ward.Cause, g *sign, at time.Time) bool {
	if !c.Ended.IsZero() {
		return p.cool(past, c, g, at)
	}
	c.Since = earlier(c.Since, at) // a clock put back keeps nothing quiet for longer
	switch {
	case p.closedFor(c.Code) > 0 && at.Sub(c.Since) >= p.closedFor(c.Code):
		return false
	case isDevice(c.Code):
		c.Eased = earlier(c.Eased, at)
		if at.Sub(c.Eased) >= p.Clear { // long not repeated: a new alarm
			return false
		}
		if g != nil && p.known(past, c, g, at) {
			c.Eased = at
			g.mute()
		}
		return true
	case g == nil:
		return true
	case g.quiet:
		return p.quieten(past, c, g, at)
	}
	c.Clear = time.Time{}
	if p.known(past, c, g, at) {
		g.mute()
	}
	return true
}

// quieten is a closed cause that is proven quiet: once that has lasted it is over.
func (p *Policy) quieten(past *ward.Alert, c *ward.Cause, g *sign, at time.Time) bool {
	if c.Clear.IsZero() {
		c.Clear = at
	}
	if !g.ends && !p.cleared(*c, at) {
		return true
	}
	c.Ended, c.Due = at, c.Since.Add(p.cooldown(c.Code))
	c.Told = min(c.Told, ward.Medium)
	return p.cool(past, c, g, at)
}

// cool is a cause that is over: while it cools its return is put off.
func (p *Policy) cool(past *ward.Alert, c *ward.Cause, g *sign, at time.Time) bool {
	c.Due = earlier(c.Due, at.Add(p.cooldown(c.Code)))
	if !at.Before(c.Due) {
		return false
	}
	if g == nil {
		return true
	}
	if g.band >= trigger && p.known(past, c, g, at) {
		g.cool = c.Due
	}
	return true
}

// known says that a sign is no worse than what people know. High is always news, unless it was
// closed under a rule that still stands; and so are the points of another chart, which cannot be
// compared.
func (p *Policy) known(past *ward.Alert, c *ward.Cause, g *sign, at time.Time) bool {
	if g.band > c.Told || g.chart != "" && g.chart != c.Code {
		return false
	}
	return g.chart == "" || g.band < ward.Medium || g.points < past.Points+p.RisePoints && !p.rapid(past, g.points, at)
}

// rapidly is the time within which a rise by RisePoints is rapid worsening, which is told whatever
// people know. It is kept by halves, so that up to twice as much counts: that hides less.
const rapidly = 15 * time.Minute

func (p *Policy) rapid(past *ward.Alert, now int, at time.Time) bool {
	return at.Sub(past.Raised) < 2*rapidly && now >= min(past.Score.LowerBound, past.Level)+p.RisePoints
}

// lowest keeps the fewest points of the present quarter of an hour (Score.LowerBound, since Raised) and
// of the one before it (Level). Points that are fewer only because an input is missing say nothing, until it
// has been missing for long.
func lowest(past *ward.Alert, s *ward.Score, at time.Time) {
	age := at.Sub(past.Raised)
	if s.Refused != ward.NotRefused || age >= 0 && age < 2*rapidly && !proven(s) && !sameInputs(&past.Score, s) {
		return
	}
	now, fewest := points(s), past.Score.LowerBound
	past.Score = *s
	switch {
	case age < 0 || age >= 2*rapidly:
		past.Level, past.Raised = now, at
	case age >= rapidly:
		past.Level, past.Raised = fewest, at
	default:
		past.Score.LowerBound = min(fewest, now)
		return
	}
	past.Score.LowerBound = now
}

// mute takes the concern out of a sign: what a candidate would still add to it did not last.
func (g *sign) mute() { g.band, g.points, g.quiet = ward.Low, 0, false }

// forget drops what is remembered of a person, who has left.
func (d *Desk) forget(stay ward.StayID, place ward.Place) { delete(d.past, whoseIs(stay, place)) }

// aheadPast copies what is remembered, for a checkpoint.
func (d *Desk) aheadPast() (list []ward.Alert) {
	for _, past := range d.past {
		a := *past
		a.Causes = slices.Clone(past.Causes)
		list = append(list, a)
	}
	return list
}

// restorePast takes a checkpoint's memory back, unless the book has since learned more of the place:
// what happened there in between is not read again, so it is not known what still holds. Nor is it
// for somebody who has moved.
func (d *Desk) restorePast(a ward.Alert) {
	stay, known := d.o.Stay(a.Stay)
	if d.bed(a.Place).committed > a.Position || a.Stay != "" && (!known || stay.Place != a.Place) {
		return
	}
	a.Causes = slices.Clone(a.Causes)
	d.past[whoseIs(a.Stay, a.Place)] = &a
}

// pastCauses counts what is remembered.
func (d *Desk) pastCauses() (closed, cooling int) {
	for _, past := range d.past {
		for i := range past.Causes {
			if past.Causes[i].Live() {
				closed++
			} else {
				cooling++
			}
		}
	}
	return closed, cooling
}
