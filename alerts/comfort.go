package alerts

import (
	"context"
	"maps"
	"slices"
	"time"

	"wardwatch/ward"
)

// Comfort care: scores call nobody, looks at symptoms do. When the last look, or the order, is
// Policy.SymptomCheck old, one is due; when the order's review date has passed, the doctor is called; a
// severe symptom calls at once. All but the last follow from the stay's record, so a restart loses
// none. Each ends when it is done: a person may snooze it, and close a severe symptom alone.

// careBand is how bad each is.
const (
	dueBand    = ward.LowMedium
	severeBand = ward.Medium
	severe     = 3 // of ward.SymptomCheck.Worst
)

// isCare says whether a cause stands in place of scores in comfort care.
func isCare(code string) bool {
	return code == CauseSymptoms || code == CauseSevere || code == CauseCareReview
}

// recordSigns adds what a person's record says beside any score: off the ward too long, and what
// comfort care asks for.
func (p *Policy) recordSigns(buf []sign, a *ward.Alert, s *ward.Stay, at time.Time) []sign {
	if r, ok := returnSign(a, s, at); ok {
		buf = append(buf, r)
	}
	if a == nil && s.Care.Status != ward.ComfortCare {
		return buf
	}
	buf = p.dueSign(buf, a, CauseSymptoms, p.checkDue(s), at)
	buf = p.dueSign(buf, a, CauseCareReview, reviewDue(s), at)
	if s.Care.Status != ward.ComfortCare && hasCause(a, CauseSevere) {
		buf = append(buf, over(CauseSevere))
	}
	return buf
}

// dueSign adds a cause whose time has come, or the end of one whose time is ahead again.
func (p *Policy) dueSign(buf []sign, a *ward.Alert, code string, due, at time.Time) []sign {
	switch {
	case !due.IsZero() && !at.Before(due):
		return append(buf, sign{code: code, band: dueBand, since: due, due: due, proof: true})
	case hasCause(a, code):
		return append(buf, over(code))
	}
	return buf
}

// checkDue is when the next symptom check is due; zero: none is asked for.
func (p *Policy) checkDue(s *ward.Stay) time.Time {
	if s.Care.Status != ward.ComfortCare || p.SymptomCheck == 0 {
		return time.Time{}
	}
	last := s.Care.Since
	if s.Symptoms.After(last) {
		last = s.Symptoms
	}
	return plain(last.Add(p.SymptomCheck))
}

// reviewDue is when an order for comfort care is to be looked at again; zero: no date was set.
func reviewDue(s *ward.Stay) time.Time {
	if s.Care.Status != ward.ComfortCare || s.Care.Review.IsZero() {
		return time.Time{}
	}
	return plain(s.Care.Review)
}

// careDue is when the next of a person's causes begins that is not there yet.
func (p *Policy) careDue(s *ward.Stay, a *ward.Alert) (next time.Time) {
	if !hasCause(a, CauseSymptoms) {
		next = p.checkDue(s)
	}
	if !hasCause(a, CauseCareReview) {
		next = earlier(next, reviewDue(s))
	}
	return next
}

// comfort is the ladder in comfort care. Where the order is to be looked at again beside something
// else, both rungs are told as one.
func (p *Policy) comfort(worst *ward.Cause, causes []ward.Cause) []Rung {
	rungs := p.Comfort
	if worst.Code == CauseSevere {
		rungs = p.ComfortSevere
	}
	c := findCause(causes, CauseCareReview)
	switch {
	case c == nil || !c.Live() || c.Told < trigger:
		return rungs
	case worst.Code == CauseCareReview && worstBeside(causes) == nil:
		return p.ComfortReview
	}
	out := slices.Clone(rungs)
	for i := range out {
		for _, role := range p.ComfortReview[min(i, len(p.ComfortReview)-1)].Roles {
			if !slices.Contains(out[i].Roles, role) {
				out[i].Roles = append(slices.Clone(out[i].Roles), role)
			}
		}
	}
	return out
}

// worstBeside is what people know of beside the order's review; nil when there is nothing.
func worstBeside(causes []ward.Cause) *ward.Cause {
	for i := range causes {
		if c := &causes[i]; c.Code != CauseCareReview && voiced(c, rule{name: RuleComfort}) {
			return c
		}
	}
	return nil
}

// Stays tells the desk of stays whose record is new or has changed, and at the start of all: in
// comfort care there may be no score that would. An error means that the book could not write: call
// it again with the same stays.
func (d *Desk) Stays(ctx context.Context, stays []ward.Stay, at time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.sure(ctx); err != nil {
		return err
	}
	for i := range stays {
		s := &stays[i]
		d.follow(s)
		if err := d.look(ctx, s, plain(at)); err != nil {
			return err
		}
	}
	return nil
}

// Symptoms takes note of a symptom check that the book has: it ends what was due, and a severe
// symptom is told at once. Outside comfort care it raises nothing. Errors are as those of Stays.
func (d *Desk) Symptoms(ctx context.Context, c ward.SymptomCheck) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.sure(ctx); err != nil {
		return err
	}
	s, ok := d.o.Stay(c.Stay)
	if !ok || !s.Ended.IsZero() {
		return nil
	}
	looked := plain(c.At)
	newest := !looked.Before(plain(s.Symptoms))
	if newest {
		s.Symptoms = looked
	}
	d.follow(&s)
	known := liveCause(d.alertOf(c.Stay), CauseSevere)
	switch {
	case !newest:
		return nil // an older look, written down late
	case c.Worst() >= severe && s.Care.Status == ward.ComfortCare:
		return d.look(ctx, &s, plain(c.Entered), sign{code: CauseSevere, band: severeBand, since: looked, due: plain(c.Entered), proof: true})
	case c.Worst() < severe && known != nil && looked.After(known.Since):
		return d.look(ctx, &s, plain(c.Entered), over(CauseSevere))
	}
	return d.look(ctx, &s, plain(c.Entered))
}

// follow keeps an eye on a stay while it is in comfort care.
func (d *Desk) follow(s *ward.Stay) {
	in := s.Care.Status == ward.ComfortCare && s.Ended.IsZero()
	if in == d.comfort[s.ID] {
		return
	}
	d.stale = true
	if in {
		d.comfort[s.ID] = true
	} else {
		delete(d.comfort, s.ID)
	}
}

// look decides by a person's record alone, without a score.
func (d *Desk) look(ctx context.Context, s *ward.Stay, at time.Time, more ...sign) error {
	if !s.Ended.IsZero() {
		return nil
	}
	d.stale = true
	e, place := d.stays[s.ID], s.Place
	var a *ward.Alert
	if e != nil {
		a, place = &e.a, e.a.Place
	}
	b := d.bed(place)
	g := sighting{moment: moment{
		kind: ward.Clinical, place: place, stay: s.ID, at: at, position: b.seen, rule: ruleFor(s, at), turn: b.turn, crew: &d.crew,
	}}
	g.signs = append(d.p.recordSigns(nil, a, s, at), more...)
	return d.take(ctx, e, a, &g)
}

// lookAfterComfort looks at everybody in comfort care for whom something has come due.
func (d *Desk) lookAfterComfort(ctx context.Context, now time.Time) error {
	for _, id := range slices.Sorted(maps.Keys(d.comfort)) {
		s, ok := d.o.Stay(id)
		if !ok {
			continue
		}
		if due := d.p.careDue(&s, d.alertOf(id)); due.IsZero() || now.Before(due) {
			continue
		}
		if err := d.look(ctx, &s, now); err != nil {
			return err
		}
	}
	return nil
}
