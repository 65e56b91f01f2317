package alerts_test

import (
	"slices"
	"strings"
	"time"

	"wardwatch/alerts"
	"wardwatch/ward"
)

// owed is what is owed about one alert.
type owed struct {
	accepted map[ward.Role]time.Time // roles whose acceptance stands, and when
	arrived  map[ward.Role]bool      // of those, who is at the bedside
	level    int
	unsure   bool // by when somebody must be there: the clock was put back

	accept, confirm, bedside, review, wake time.Time
}

func newOwed() *owed {
	return &owed{accepted: map[ward.Role]time.Time{}, arrived: map[ward.Role]bool{}}
}

func (o *owed) forget(role ward.Role) { delete(o.accepted, role); delete(o.arrived, role) }

func (o *owed) forgetAll() { clear(o.accepted); clear(o.arrived) }

// allAccepted says whether all who could be told on a rung above the last have accepted.
func (p *promises) allAccepted(o *owed, a *ward.Alert) bool {
	rungs := p.ladder(a)
	next := rungs[min(a.Level, len(rungs))-1]
	return a.Level > o.level && !slices.ContainsFunc(next.Roles, func(r ward.Role) bool { return !o.has(r) })
}

// lapse forgets who accepted and has not come in the time that there is for it; it runs for all from the
// first who accepted.
func (p *promises) lapse(o *owed, a *ward.Alert) {
	least := p.bedsideWait(a)
	rungs := slices.Clone(p.ladder(a))
	if slices.ContainsFunc(a.Causes, func(c ward.Cause) bool { return device(c.Code) }) { // what they came for may have been the alarm
		rungs = slices.Concat(rungs, p.w.policy.Ladder[alerts.Step{Kind: ward.DeviceRaise, Band: ward.High}])
	}
	for _, r := range rungs {
		if r.Bedside > 0 {
			least = min(least, r.Bedside)
		}
	}
	var first time.Time
	for _, at := range o.accepted {
		first = earliest(first, at)
	}
	late := o.unsure || p.passed(o.bedside) || !first.IsZero() && p.passed(first.Add(least))
	for role := range o.accepted {
		if late && !o.arrived[role] {
			o.forget(role)
		}
	}
	if late { // nobody is waited for any more
		o.bedside = time.Time{}
	}
}

// reckon works out what is owed after a change.
func (p *promises) reckon(c *ward.Change, o *owed, told bool) {
	a := &c.Alert
	switch a.State {
	case ward.Candidate, ward.Suppressed, ward.Resolved:
		*o = *newOwed()
		return
	case ward.Snoozed:
		if !o.wake.Equal(a.Until) {
			*o = owed{accepted: o.accepted, arrived: o.arrived, wake: a.Until, level: a.Level}
		}
		return
	}
	o.wake = time.Time{}
	if told {
		p.rung(a, o, tellsFirst(c))
	}
}

// rung starts the clocks of a rung that is told. A round that begins while the one before waits for an
// answer waits no longer than that.
func (p *promises) rung(a *ward.Alert, o *owed, first bool) {
	rungs := p.ladder(a)
	r := rungs[min(a.Level, len(rungs))-1]
	if first {
		o.unsure, o.bedside = false, time.Time{}
	}
	o.level = a.Level
	before := o.accept
	o.accept, o.confirm, o.review = p.w.now.Add(r.Accept), time.Time{}, time.Time{}
	if first && before.After(p.w.now) && before.Before(o.accept) {
		o.accept = before
	}
	if r.Confirm > 0 {
		o.confirm = p.w.now.Add(r.Confirm)
	}
}

// bedsideWait is how long those who accept now have to be there.
func (p *promises) bedsideWait(a *ward.Alert) time.Duration {
	rungs := p.ladder(a)
	if wait := rungs[min(max(a.Level, 1), len(rungs))-1].Bedside; wait > 0 {
		return wait
	}
	return rungs[0].Bedside
}

// ladder is the policy's for the worst that people know of; of two as bad, the device's.
func (p *promises) ladder(a *ward.Alert) []alerts.Rung {
	comfort := p.comfort(a.Stay)
	var worst ward.Cause
	for _, c := range a.Causes {
		quiet := !c.Live() || c.Told < ward.LowMedium || comfort && covered(c.Code)
		if !quiet && (c.Told > worst.Told || c.Told == worst.Told && device(c.Code)) {
			worst = c
		}
	}
	if comfort && a.Kind != ward.Technical {
		return p.comfortLadder(worst.Code, a.Causes)
	}
	step := alerts.Step{Kind: ward.Clinical, Band: worst.Told}
	switch {
	case a.Kind == ward.Technical:
		step.Kind = ward.Technical
	case device(worst.Code):
		step.Kind = ward.DeviceRaise
	}
	for len(p.w.policy.Ladder[step]) == 0 && step.Band < ward.High {
		step.Band++
	}
	return p.w.policy.Ladder[step]
}

// comfort says whether comfort care is the rule in force; somebody off the ward is under another.
func (p *promises) comfort(id ward.StayID) bool {
	s, ok := p.w.stayOf(id)
	return ok && s.Care.Status == ward.ComfortCare && !p.w.now.Before(s.Off.Until)
}

// comfortLadder: a severe symptom has its own, and so has the order that is to be looked at again; beside
// something else its people are told with the others.
func (p *promises) comfortLadder(worst string, causes []ward.Cause) []alerts.Rung {
	rungs, review := slices.Clone(p.w.policy.Comfort), p.w.policy.ComfortReview
	if worst == alerts.CauseSevere {
		rungs = slices.Clone(p.w.policy.ComfortSevere)
	}
	told := func(of func(ward.Cause) bool) bool {
		return slices.ContainsFunc(causes, func(c ward.Cause) bool { return c.Live() && c.Told >= ward.LowMedium && of(c) })
	}
	beside := told(func(c ward.Cause) bool { return c.Code != alerts.CauseCareReview && !covered(c.Code) })
	switch asked := told(func(c ward.Cause) bool { return c.Code == alerts.CauseCareReview }); {
	case asked && !beside:
		return review
	case asked:
		for i := range rungs {
			rungs[i].Roles = slices.Concat(rungs[i].Roles, review[min(i, len(review)-1)].Roles)
		}
	}
	return rungs
}

func device(code string) bool { return strings.HasPrefix(code, "device:") }

// covered says whether comfort care keeps a cause quiet.
func covered(code string) bool {
	switch code {
	case alerts.CauseReturn, alerts.CauseSymptoms, alerts.CauseSevere, alerts.CauseCareReview:
		return false
	}
	return !device(code)
}

// did takes what a deed that was done settles.
func (p *promises) did(x ward.Action, after *ward.Alert) {
	o := p.of(x.Alert)
	switch x.Do {
	case ward.DoAccept:
		p.accepts(o, x.Role, after)
	case ward.DoBedside:
		p.arrives(o, x.Role, after)
	case ward.DoPlan:
		o.accept, o.confirm, o.bedside, o.review = time.Time{}, time.Time{}, time.Time{}, x.Until
	}
}

func (p *promises) accepts(o *owed, role ward.Role, after *ward.Alert) {
	if !o.has(role) {
		o.accepted[role] = p.w.now
	}
	p.settles(o, role, after)
	comes := after.State == ward.Accepted || after.State == ward.AtBedside && after.Rule != alerts.RulePlan && p.suffices(role, after) && !p.attended(o, after)
	if comes && o.bedside.IsZero() && !o.unsure {
		o.bedside = p.w.now.Add(p.bedsideWait(after))
	}
}

// must are the roles one of whom has to be at the bedside, by the rung that speaks for a role; none: any.
func (p *promises) must(role ward.Role, a *ward.Alert) []ward.Role {
	rungs := p.ladder(a)
	now := min(max(a.Level, 1), len(rungs))
	for i := now; i > 0; i-- {
		if slices.Contains(rungs[i-1].Roles, role) {
			return rungs[i-1].Must
		}
	}
	for _, r := range rungs[now:] {
		if slices.Contains(r.Roles, role) {
			return r.Must
		}
	}
	return rungs[now-1].Must
}

func (p *promises) suffices(role ward.Role, a *ward.Alert) bool {
	must := p.must(role, a)
	return len(must) == 0 || slices.Contains(must, role)
}

// attended says whether somebody is there who suffices.
func (p *promises) attended(o *owed, a *ward.Alert) bool {
	for role := range o.arrived {
		if p.suffices(role, a) {
			return true
		}
	}
	return !slices.ContainsFunc(p.ladder(a), func(r alerts.Rung) bool { return len(r.Must) > 0 })
}

// charted is a set of observations that somebody charted: the set a rung waits for, its charter's
// acceptance, and a nurse at the bedside while nothing high is known.
func (p *promises) charted(x *patient, by ward.PersonID, do func() error) {
	p.deeds = p.deeds[:0]
	there := false
	if a := p.w.open(x.stay.ID); a != nil {
		there = a.State == ward.AtBedside
	}
	p.w.again(do)
	for _, e := range p.deeds {
		if e.Deed != "alert.charted" {
			continue
		}
		if e.By != by {
			p.w.broken("8: %s charted and the record says %s", by, e.By)
		}
		id := ward.AlertID(strings.TrimPrefix(e.Object, "alert:"))
		a, o := p.w.book.alerts[id], p.of(id)
		o.confirm = time.Time{}
		p.accepts(o, roleOf(by), &a)
		if a.State == ward.AtBedside && !there {
			p.arrives(o, roleOf(by), &a)
		}
	}
}

// settles ends the time to accept: with the last role that must, or any where none must, by the ladder
// that holds now. Somebody of another rung who steps in may settle it too.
func (p *promises) settles(o *owed, role ward.Role, a *ward.Alert) {
	rungs := p.ladder(a)
	r := rungs[min(max(a.Level, 1), len(rungs))-1]
	if len(r.Must) > 0 && slices.Contains(r.Roles, role) && slices.ContainsFunc(r.Must, func(r ward.Role) bool { return !o.has(r) }) {
		return
	}
	o.accept = time.Time{}
}

func (p *promises) arrives(o *owed, role ward.Role, after *ward.Alert) {
	if role != "" {
		if !o.has(role) {
			o.accepted[role] = p.w.now
		}
		o.arrived[role] = true
	}
	if after.State != ward.AtBedside {
		return
	}
	p.settles(o, role, after)
	if due := p.expected(o, role, after); due.IsZero() || !o.bedside.IsZero() && due.After(o.bedside) {
		o.bedside = due
	}
	if after.Kind != ward.Technical {
		o.review = p.w.now.Add(max(p.w.policy.Review, p.w.policy.ClosedFor))
	}
}

// expected is when the next must be there once a role has come: nobody where it suffices, otherwise the
// first of those who would.
func (p *promises) expected(o *owed, role ward.Role, a *ward.Alert) (due time.Time) {
	if p.suffices(role, a) {
		return due
	}
	for other, at := range o.accepted {
		if !o.arrived[other] && p.suffices(other, a) {
			due = earliest(due, at.Add(p.bedsideWait(a)))
		}
	}
	return due
}
