package alerts_test

import (
	"maps"
	"slices"
	"strings"
	"time"

	"wardwatch/ward"
)

// promises watches what the desk commits and reckons by itself what it owes. It knows nothing of how
// the desk decides. What it holds the desk to:
//
//  1. Nobody is in the high band without an alert that is open, snoozed, or suppressed by a named rule
//     that ends: with the return to the ward, or with the review of the order.
//  2. Who has been high for the persistence time, no rule holding meanwhile, has people who were told of
//     it as high.
//  3. An alert behind which the high score of somebody stands ends only under such a rule, or with the stay.
//  4. What ended has a reason, an end, no cause that stands and nothing due.
//  5. A role that has accepted gets no new notice of the same episode, round and level; nor one of a
//     higher level, unless it has declined, its acceptance has lapsed because it did not come (or nobody
//     charted) in time, or all who could be told next have accepted. A round begins with each telling of level 1: a
//     first telling, a rise, a waking, a review.
//  6. A role that has accepted has nothing pending of that alert.
//  7. At each deadline (accept, confirm, bedside, review, the end of a snooze) what was due has been done,
//     or the next people have been told, in the same second.
//  8. A deed that changed something is in the record, under its doer; so are a telling, an end and a
//     hand-over. The same deed again changes nothing, except asking for more people, declining
//     what was told anew by declining, and being there before anybody was called.
//  9. One open alert a person; none carries the causes of two; a notice is of its alert's bed.
//  10. A notice of a personal channel goes to somebody who answers for the role now, one of the ward's
//     channel to nobody by name. Two promises never share an id.
//  11. A snooze lasts at most as long as the policy allows; of a high alert a doctor's duty gave it.
type promises struct {
	w     *world
	owes  map[ward.AlertID]*owed
	high  [2]time.Time // since when the patient is high, as far as every score since says; zero: they are not
	deeds []ward.AuditEntry
}

func newPromises(w *world) promises { return promises{w: w, owes: map[ward.AlertID]*owed{}} }

// due is the first deadline.
func (p *promises) due() (first time.Time) {
	for _, o := range p.owes {
		first = earliest(first, o.accept, o.confirm, o.bedside, o.review, o.wake)
	}
	for i, since := range p.high {
		if !since.IsZero() {
			if at := since.Add(p.w.policy.PersistScore); at.After(p.w.now) && p.w.patients[i].present {
				first = earliest(first, at)
			}
		}
	}
	return first
}

func (o *owed) has(role ward.Role) bool { return !o.accepted[role].IsZero() }

func (p *promises) of(id ward.AlertID) *owed {
	o := p.owes[id]
	if o == nil {
		o = newOwed()
		p.owes[id] = o
	}
	return o
}

// scored takes a patient's newest score.
func (p *promises) scored(i int) {
	s := &p.w.patients[i].score
	switch {
	case s.Band != ward.High || s.Refused != ward.NotRefused:
		p.high[i] = time.Time{}
	case p.high[i].IsZero():
		p.high[i] = p.w.now
	}
}

// clockBack forgets since when, which nobody can know by a clock that was put back: high counts from the
// next score, and what was to be done by a time that is now far ahead may be overdue at once.
func (p *promises) clockBack() {
	p.high = [2]time.Time{}
	for _, o := range p.owes {
		o.unsure, o.bedside = o.unsure || !o.bedside.IsZero(), time.Time{}
		for role, at := range o.accepted {
			if at.After(p.w.now) {
				o.accepted[role] = start().AddDate(-1, 0, 0)
			}
		}
	}
}

// ruled says whether a rule that ends holds for the patient.
func (p *promises) ruled(x *patient) bool {
	return p.w.now.Before(x.stay.Off.Until) || x.stay.Care.Status == ward.ComfortCare && !x.stay.Care.Review.IsZero()
}

// written looks at each change as it is committed.
func (p *promises) written(before *ward.Alert, c *ward.Change, fresh []ward.Notice) {
	a := &c.Alert
	p.deeds = append(p.deeds, c.Audit...)
	told := has(c, "alert.tell")
	if !told && (before == nil && !a.Told.IsZero() || before != nil && !a.Told.Equal(before.Told)) {
		p.w.broken("8: people were told and the record does not say so")
	}
	if a.State == ward.Resolved {
		p.ended(before, c)
	}
	if a.State == ward.Snoozed {
		p.snoozed(before, c)
	}
	p.addressed(c, fresh)
	o := p.of(a.ID)
	p.silent(c, o, fresh)
	p.reckon(c, o, told)
}

func has(c *ward.Change, deed string) bool {
	return slices.ContainsFunc(c.Audit, func(e ward.AuditEntry) bool { return e.Deed == deed })
}

// ended: 3, 4 and 8.
func (p *promises) ended(before *ward.Alert, c *ward.Change) {
	a := &c.Alert
	live := slices.ContainsFunc(a.Causes, ward.Cause.Live)
	if a.Reason == "" || a.Ended.IsZero() || live || !a.NextAt.IsZero() {
		p.w.broken("4: ended without a reason, or not wholly: reason %q, ended %v, a cause stands %v, next %v", a.Reason, a.Ended, live, a.NextAt)
	}
	if !has(c, "alert.resolve") {
		p.w.broken("8: an alert ended and the record does not say so")
	}
	for _, x := range p.w.patients {
		if a.Kind == ward.Technical || x.stay.ID != a.Stay || !x.present || x.score.Band != ward.High {
			continue
		}
		if !p.ruled(x) && !strings.HasPrefix(a.Reason, "stay ended") && scored(before) {
			p.w.broken("3: closed while the patient is high, no rule says so: %q by %q in state %v", a.Reason, a.EndedBy, stateOf(before))
		}
	}
}

// scored says whether a chart's score stands behind an alert.
func scored(a *ward.Alert) bool {
	return a != nil && slices.ContainsFunc(a.Causes, func(c ward.Cause) bool { return c.Code == "news2" && c.Live() })
}

func stateOf(a *ward.Alert) ward.AlertState {
	if a == nil {
		return ""
	}
	return a.State
}

// snoozed: 11.
func (p *promises) snoozed(before *ward.Alert, c *ward.Change) {
	a := &c.Alert
	if before != nil && before.State == ward.Snoozed && before.Until.Equal(a.Until) {
		return
	}
	if d := a.Until.Sub(p.w.now); d > p.w.policy.MaxSnooze {
		p.w.broken("11: snoozed for %v", d)
	}
	high := a.Kind != ward.Technical && slices.ContainsFunc(a.Causes, func(x ward.Cause) bool { return x.Live() && x.Told == ward.High })
	if high && !slices.Contains([]ward.Role{ward.RoleDoctor, ward.RoleLead, ward.RoleICU}, a.SnoozedAs) {
		p.w.broken("11: a high alert was snoozed by %s", a.SnoozedAs)
	}
}

// addressed: 9 and 10.
func (p *promises) addressed(c *ward.Change, fresh []ward.Notice) {
	a := &c.Alert
	if len(fresh) < len(c.Notices) {
		p.w.broken("10: a notice has the id of another")
	}
	for _, n := range fresh {
		if n.Alert != a.ID || n.Place != a.Place {
			p.w.broken("9: a notice of %s at %v is said to be of %s at %v", a.ID, a.Place, n.Alert, n.Place)
		}
		on := p.w.who(n.Role, *a, p.w.now)
		switch {
		case n.Channel == toWard && n.To != "":
			p.w.broken("10: the ward's channel was given a name")
		case n.Channel == toPerson && n.Why == ward.WhyAlert && !has(c, "alert.handover") && !slices.Contains(on.People, n.To):
			p.w.broken("10: %q was told as %s; on duty are %v", n.To, n.Role, on.People)
		}
	}
}

// tellsFirst says that a decision told the first rung: a round begins, however far it goes at once.
func tellsFirst(c *ward.Change) bool {
	return slices.ContainsFunc(c.Audit, func(e ward.AuditEntry) bool {
		return e.Deed == "alert.tell" && strings.HasPrefix(e.Detail, "level 1:")
	})
}

// silent: 5.
func (p *promises) silent(c *ward.Change, o *owed, fresh []ward.Notice) {
	told := has(c, "alert.tell")
	if tellsFirst(c) {
		o.forgetAll() // a new round
	}
	if has(c, "alert.decline") {
		for _, e := range c.Audit {
			if e.Deed == "alert.decline" {
				o.forget(roleOf(e.By))
			}
		}
	}
	if told {
		all := p.allAccepted(o, &c.Alert)
		p.lapse(o, &c.Alert)
		if all || p.passed(o.confirm) { // asked again; or accepted, and no set was charted
			o.forgetAll()
		}
	}
	for _, n := range fresh {
		if n.Why == ward.WhyAlert && o.has(n.Role) {
			p.w.broken("5: %s has accepted and was told again, level %d", n.Role, n.Level)
		}
	}
}

func (p *promises) passed(t time.Time) bool { return !t.IsZero() && !p.w.now.Before(t) }

// act does a deed and holds the desk to what it means.
func (p *promises) act(x ward.Action, do func() error) {
	before := p.w.book.alerts[x.Alert]
	commits := p.w.book.commits
	p.deeds = p.deeds[:0]
	err := do()
	for range 3 {
		if err == nil || refused(err) {
			break
		}
		err = do()
	}
	if refused(err) && p.w.book.commits == commits {
		return
	}
	after := p.w.book.alerts[x.Alert]
	if after.Version == before.Version {
		if err != nil {
			p.w.broken("a deed could not be written: %v", err)
		}
		return // done before
	}
	signed := slices.ContainsFunc(p.deeds, func(e ward.AuditEntry) bool {
		return e.Deed == "alert."+string(x.Do) && e.By == x.By && e.Object == "alert:"+string(x.Alert)
	})
	if !signed {
		p.w.broken("8: %s did %s and the record does not say so: %v", x.By, x.Do, p.deeds)
	}
	p.did(x, &after)
	anew := slices.ContainsFunc(p.deeds, func(e ward.AuditEntry) bool { return e.Deed == "alert.tell" })
	if commits = p.w.book.commits; !anew && after.State != ward.Candidate && after.State != ward.Suppressed {
		if err := do(); err == nil && p.w.book.commits > commits || err != nil && !refused(err) {
			p.w.broken("8: %s did %s a second time, and it was written again (%v)", x.By, x.Do, err)
		}
	}
}

// handedOver: 8.
func (p *promises) handedOver(h *ward.HandOver) {
	for _, a := range p.w.book.alerts {
		told := a.State.Open() && a.State != ward.Candidate && a.State != ward.Suppressed
		if !told || a.Told.After(h.Answered) || !slices.Contains(h.Stays, a.Stay) { // by a clock put back since
			continue
		}
		for _, u := range a.Duties {
			later := u.Told.After(h.Answered) || u.Accepted.After(h.Answered)
			if u.Role == h.Role && u.By == h.From && !u.Accepted.IsZero() && !u.Lapsed && !later {
				p.w.broken("8: %s still has the duty that was handed over", h.From)
			}
		}
	}
	for _, n := range p.w.book.pending {
		later := n.Made.After(h.Answered) || n.Why != ward.WhyAlert
		if a := p.w.book.alerts[n.Alert]; n.Role == h.Role && n.To == h.From && !later && slices.Contains(h.Stays, a.Stay) {
			p.w.broken("10: a notice still waits for %s, who has handed over", h.From)
		}
	}
}

// look holds what must be so at every moment.
func (p *promises) look() {
	p.alerts()
	for i, x := range p.w.patients {
		if x.present && x.scored {
			p.watched(i, x)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.owes)) {
		p.kept(id, p.owes[id])
	}
	for _, n := range p.w.book.pending { // 6
		if o := p.owes[n.Alert]; o != nil && n.Why == ward.WhyAlert && o.has(n.Role) && p.w.book.alerts[n.Alert].State == ward.Accepted {
			p.w.broken("6: %s has accepted and a notice to them is still on its way", n.Role)
		}
	}
}

// alerts: 9, and what every open alert must have.
func (p *promises) alerts() {
	open := map[ward.StayID]int{}
	for _, a := range p.w.desk.Open() {
		if a.Kind == ward.Technical {
			continue
		}
		open[a.Stay]++
		if open[a.Stay] > 1 {
			p.w.broken("9: two alerts of one person")
		}
		switch {
		case !slices.ContainsFunc(a.Causes, ward.Cause.Live):
			p.w.broken("4: %s and nothing stands behind it", a.State)
		case a.State == ward.Suppressed && a.Rule == "":
			p.w.broken("1: suppressed by no rule")
		case a.State != ward.Suppressed && a.NextAt.IsZero():
			p.w.broken("7: %s, and nothing will ever happen", a.State)
		}
	}
}

// watched: 1 and 2.
func (p *promises) watched(i int, x *patient) {
	if p.ruled(x) && !p.high[i].IsZero() {
		p.high[i] = p.w.now
	}
	if x.score.Band != ward.High {
		return
	}
	a := p.w.open(x.stay.ID)
	switch {
	case a == nil && !p.ruled(x):
		p.w.broken("1: in the high band, and no alert stands")
		return
	case a == nil:
		return
	case a.State == ward.Suppressed && !p.ruled(x):
		p.w.broken("1: in the high band, suppressed by %q, which holds no more", a.Rule)
	}
	since := p.high[i]
	if p.ruled(x) || since.IsZero() || p.w.now.Before(since.Add(p.w.policy.PersistScore)) {
		return
	}
	known := slices.ContainsFunc(a.Causes, func(c ward.Cause) bool { return c.Live() && c.Told == ward.High })
	if !known || a.Told.IsZero() || a.State == ward.Candidate {
		p.w.broken("2: high since %v, now %v, and nobody was told of it as high: %s", since, p.w.now, a.State)
	}
}

// kept: 7.
func (p *promises) kept(id ward.AlertID, o *owed) {
	for _, d := range []struct {
		what string
		at   *time.Time
	}{{"accept", &o.accept}, {"confirm", &o.confirm}, {"bedside", &o.bedside}, {"review", &o.review}, {"wake", &o.wake}} {
		if p.passed(*d.at) {
			a := p.w.book.alerts[id]
			p.w.broken("7: the time to %s passed at %v and nothing was done: %s, next %s at %v", d.what, *d.at, a.State, a.Next, a.NextAt)
			*d.at = time.Time{}
		}
	}
}
