package alerts

import (
	"strings"
	"time"

	"wardwatch/ward"
)

// schedule notes what falls due first of all that runs. Deadlines of another state have ended with it.
func schedule(a *ward.Alert) {
	switch a.State {
	case ward.Candidate, ward.Suppressed, ward.Resolved:
		a.AcceptDue, a.ConfirmDue, a.BedsideDue, a.ReviewDue = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	case ward.Snoozed:
		a.AcceptDue, a.ConfirmDue, a.BedsideDue, a.ReviewDue = time.Time{}, time.Time{}, time.Time{}, time.Time{}
		a.Next, a.NextAt = ward.DueWake, a.Until
		if !a.WarnDue.IsZero() {
			a.Next, a.NextAt = ward.DueWarn, a.WarnDue
		}
		return
	default:
		a.Next, a.NextAt = ward.DueNothing, time.Time{}
		for _, due := range [...]struct {
			what ward.Due
			at   time.Time
		}{{ward.DueAccept, a.AcceptDue}, {ward.DueConfirm, a.ConfirmDue}, {ward.DueBedside, a.BedsideDue}, {ward.DueReview, a.ReviewDue}} {
			if !due.at.IsZero() && (a.NextAt.IsZero() || due.at.Before(a.NextAt)) {
				a.Next, a.NextAt = due.what, due.at
			}
		}
	}
	a.SnoozedBy, a.SnoozedAs, a.WarnDue = "", "", time.Time{}
}

// upgrade gives an alert that an older version of Wardwatch wrote, with one deadline, the same
// deadline by its name.
func upgrade(a *ward.Alert) {
	if !a.AcceptDue.IsZero() || !a.ConfirmDue.IsZero() || !a.BedsideDue.IsZero() || !a.ReviewDue.IsZero() {
		return
	}
	switch a.Next {
	case ward.DueAccept:
		a.AcceptDue = a.NextAt
	case ward.DueBedside:
		a.BedsideDue = a.NextAt
	case ward.DueReview:
		a.ReviewDue = a.NextAt
	}
}

// deadline does what has fallen due. People told of nothing that still stands are left alone.
func (d *draft) deadline() {
	a := &d.next
	switch a.Next {
	case ward.DueWarn:
		if left := a.Until.Sub(d.g.at); left > 0 && left <= d.p.MaxSnooze+clockSlack {
			d.warn()
			return
		}
		d.wake() // it passed while we were down, or the clock was put back: the end itself is the warning
	case ward.DueWake:
		d.wake()
	case ward.DueReview:
		d.review(worstVoiced(a.Causes, d.g.rule))
	case ward.DueAccept, ward.DueConfirm, ward.DueBedside:
		d.overdue()
	}
}

func (d *draft) wake() {
	d.audit("alert.wake", "")
	d.anew()
}

// overdue climbs once, for all that has passed: after a downtime nobody is called by two rungs in
// the same second. Where a new look is due as well, that tells all anew. An acceptance that was not kept counts no more.
func (d *draft) overdue() {
	a := &d.next
	passed := func(what ward.Due, due time.Time) bool {
		return a.Next == what || !due.IsZero() && passed(a, what, due, d.g.at)
	}
	var why []string
	if passed(ward.DueAccept, a.AcceptDue) {
		why = append(why, strings.Join(append([]string{"not accepted in time"}, d.awaited()...), ": "))
	}
	if passed(ward.DueConfirm, a.ConfirmDue) {
		why = append(why, "no set of observations in time")
		d.lapse(func(u *ward.Duty) bool { return u.Level == a.Level })
	}
	if passed(ward.DueBedside, a.BedsideDue) {
		why = append(why, "not at the bedside in time")
		a.BedsideDue = time.Time{}
		d.lapse(func(u *ward.Duty) bool { return u.Arrived.IsZero() })
	}
	if passed(ward.DueReview, a.ReviewDue) && d.review(d.known()) {
		return
	}
	d.climb(strings.Join(why, "; "))
}

// awaited names the roles that must accept the present rung and have not.
func (d *draft) awaited() (names []string) {
	for _, role := range d.present().Must {
		if !d.held(role) {
			names = append(names, string(role))
		}
	}
	if len(names) > 1 {
		names = []string{strings.Join(names, ", ")}
	}
	return names
}

// lapse ends acceptances that were not kept.
func (d *draft) lapse(which func(*ward.Duty) bool) {
	for i := range d.next.Duties {
		if u := &d.next.Duties[i]; holds(*u) && which(u) {
			u.Lapsed = true
		}
	}
}

// warn tells who snoozed the alert that the snooze ends soon.
func (d *draft) warn() {
	a := &d.next
	worst, rung := d.known(), d.rungOf(a.SnoozedAs)
	a.WarnDue = time.Time{}
	for _, channel := range rung.Channels {
		n := d.notice(a.SnoozedAs, channel, worst, rung)
		n.Why, n.Expires = ward.WhySnoozeEnds, earlier(n.Expires, a.Until)
		if d.g.crew.personal[channel] {
			n.To = a.SnoozedBy
		}
		n.ID = noticeID(&n, a.Version)
		d.notices = append(d.notices, n)
	}
	d.audit("alert.warn", string(a.SnoozedAs)+": the snooze ends soon")
}

// review asks for a new look at what is still open though somebody was at the bedside, or has had
// a plan that has ended. What was high when they were, and is milder now, may wait longer: then told is
// false.
func (d *draft) review(worst *ward.Cause) (told bool) {
	a := &d.next
	if a.Rule == RulePlan {
		d.audit("alert.review", "the plan has ended")
		d.anew()
		return true
	}
	wait := d.p.review(worst)
	due := a.Bedside.Add(wait)
	switch left := due.Sub(d.g.at); {
	case wait == 0:
		a.ReviewDue = time.Time{}
	case left > 0 && left <= wait:
		a.ReviewDue = due
	default:
		d.audit("alert.review", "still "+worst.Told.String())
		d.anew()
		return true
	}
	return false
}

// review is how long what is open is left alone after somebody was at the bedside; zero: for good.
func (p *Policy) review(worst *ward.Cause) time.Duration {
	switch {
	case worst == nil:
	case worst.Told == ward.High && p.Review > 0:
		return p.Review
	case isCare(worst.Code) && p.SymptomCheck > 0 && (p.ClosedFor == 0 || p.SymptomCheck < p.ClosedFor):
		return p.SymptomCheck
	}
	return p.ClosedFor
}

// clockSlack is by how much two looks at the clock may differ without its having been put back: a deed
// and a tick may be done in another order than they were timed. Ours.
const clockSlack = 5 * time.Second

// late says whether the alert's deadline has passed.
func late(p *Policy, a *ward.Alert, at time.Time) bool {
	switch {
	case a.NextAt.IsZero():
		return false
	case a.Next == ward.DueReview && a.Rule == RulePlan:
		return !at.Before(a.NextAt) || a.NextAt.Sub(at) > p.MaxPlan+clockSlack
	case a.State == ward.Snoozed:
		return !at.Before(a.NextAt) || a.NextAt.Sub(at) > p.MaxSnooze+clockSlack
	}
	return passed(a, a.Next, a.NextAt, at)
}

// passed says whether a deadline has passed. One that was set by a clock which has since been put back
// counts as passed: it would be reached late by as much.
func passed(a *ward.Alert, what ward.Due, due, at time.Time) bool {
	if !at.Before(due) {
		return true
	}
	ahead := at.Add(clockSlack)
	switch what {
	case ward.DueAccept, ward.DueConfirm:
		return ahead.Before(a.Told)
	case ward.DueBedside:
		return ahead.Before(coming(a))
	case ward.DueReview:
		return ahead.Before(a.Bedside)
	}
	return false // what has not lasted, and a rule that ends at the time its order says
}

// coming is since when somebody is waited for at the bedside.
func coming(a *ward.Alert) (since time.Time) {
	for _, u := range a.Duties {
		if holds(u) && u.Arrived.IsZero() {
			since = earlier(since, u.Accepted)
		}
	}
	return since
}
