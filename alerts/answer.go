package alerts

import (
	"slices"
	"time"

	"wardwatch/ward"
)

// holds says that an acceptance stands.
func holds(u ward.Duty) bool { return !u.Accepted.IsZero() && !u.Lapsed }

// held says that a role's acceptance stands: of what it was told last.
func (d *draft) held(role ward.Role) bool { return heldIn(d.next.Duties, role) }

func heldIn(duties []ward.Duty, role ward.Role) bool {
	for _, u := range slices.Backward(duties) {
		if u.Role == role {
			return holds(u)
		}
	}
	return false
}

// answers says whether a role's acceptance, made while the present rung waits, is the answer it waits for:
//
//   - of a rung that names who must accept, the last of those roles;
//   - of a rung that names nobody, any role; so a role of a rung above, which need not have been told,
//     settles those below;
//   - a role that stands on no rung, and has stepped in, answers where the present rung names nobody.
func (d *draft) answers(role ward.Role) bool {
	must := d.rungOf(role).Must
	return len(must) == 0 || slices.Contains(must, role) &&
		!slices.ContainsFunc(must, func(r ward.Role) bool { return !d.held(r) })
}

// rungOf finds the rung that speaks for a role: the last one told that names it, otherwise the next
// above; the present one for a role that stands on none.
func (d *draft) rungOf(role ward.Role) Rung {
	rungs := d.rungs(d.known())
	now := min(max(1, d.next.Level), len(rungs))
	for i := now; i > 0; i-- {
		if slices.Contains(rungs[i-1].Roles, role) {
			return rungs[i-1]
		}
	}
	for _, r := range rungs[now:] {
		if slices.Contains(r.Roles, role) {
			return r
		}
	}
	return rungs[now-1]
}

// take gives a role's duty to a person, and with it all that the role has not answered on lower
// rungs. The role's notices are withdrawn; the rung's time to accept ends when this is its answer.
func (d *draft) take(role ward.Role, by ward.PersonID, at time.Time) {
	a := &d.next
	newest := d.duty(role)
	for i := range a.Duties {
		if u := &a.Duties[i]; u.Role == role && (u.Accepted.IsZero() || u == newest) {
			u.Accepted, u.Declined, u.By, u.Reason, u.Lapsed = at, time.Time{}, by, "", false
		}
	}
	d.withdraw = append(d.withdraw, role)
	if !a.AcceptDue.IsZero() && d.answers(role) {
		a.AcceptDue = time.Time{}
	}
}

// comes starts the bedside clock with the first who takes the alert. It runs from then; no later
// acceptance moves it later, and one under a shorter time brings it forward. While somebody is at the bedside who is not enough, it starts with the first
// who would be.
func (d *draft) comes(role ward.Role, at time.Time) {
	a := &d.next
	switch {
	case a.State == ward.Snoozed, a.Rule == RulePlan:
		return
	case a.State == ward.AtBedside && (d.attended() || !d.suffices(role)):
		return
	case a.State != ward.AtBedside && a.State != ward.Accepted:
		a.State, a.Rule, a.Until = ward.Accepted, "", time.Time{}
	}
	if wait := d.bedsideWait(); wait > 0 {
		a.BedsideDue = earlier(a.BedsideDue, at.Add(wait))
	}
}

// bedsideWait is how long those who accept have to be there: the present rung's time, or the first
// rung's where it has none, so that no patient's alert waits for ever.
func (d *draft) bedsideWait() time.Duration {
	if wait := d.present().Bedside; wait > 0 {
		return wait
	}
	return d.rung(d.known(), 1).Bedside
}

// suffices says whether somebody of a role is enough at the bedside: where the rung that speaks for the
// role names who must accept, only those are.
func (d *draft) suffices(role ward.Role) bool {
	must := d.rungOf(role).Must
	return len(must) == 0 || slices.Contains(must, role)
}

// there says whether somebody is at the bedside in a duty.
func (d *draft) there(role ward.Role) bool {
	return slices.ContainsFunc(d.next.Duties, func(u ward.Duty) bool { return u.Role == role && holds(u) && !u.Arrived.IsZero() })
}

// attended says whether somebody is at the bedside who suffices. Whoever says in no duty that they are
// there does where nobody in particular must accept.
func (d *draft) attended() bool {
	a := &d.next
	if a.State != ward.AtBedside {
		return false
	}
	return !slices.ContainsFunc(d.rungs(d.known()), func(r Rung) bool { return len(r.Must) > 0 }) ||
		slices.ContainsFunc(a.Duties, func(u ward.Duty) bool { return d.there(u.Role) && d.suffices(u.Role) })
}

// arrives notes who is at the bedside. The bedside clock of whoever suffices there has ended, and with
// the others' arrival their own; a rung that waits for a role that must accept goes on waiting. A plan
// in place stays in place.
func (d *draft) arrives(role ward.Role, by ward.PersonID, at time.Time) {
	a := &d.next
	a.Bedside, a.BedsideBy = at, by
	if a.State == ward.Candidate || a.State == ward.Suppressed {
		return // noted; what waits goes on waiting
	}
	for i := range a.Duties {
		if u := &a.Duties[i]; u.Role == role && holds(*u) {
			u.Arrived = at
		}
	}
	switch {
	case a.BedsideDue.IsZero():
	case d.suffices(role):
		a.BedsideDue = time.Time{}
	default:
		if due := d.expected(); due.IsZero() || due.After(a.BedsideDue) { // nobody's coming makes others late
			a.BedsideDue = due
		}
	}
	if a.State == ward.AtBedside && a.Rule == RulePlan {
		return
	}
	a.State, a.Rule, a.Until = ward.AtBedside, "", time.Time{}
	a.ReviewDue = time.Time{}
	if wait := d.p.review(d.known()); wait > 0 && a.Kind != ward.Technical {
		a.ReviewDue = at.Add(wait)
	}
}

// expected is when the first of those must be at the bedside who suffice there, have accepted and have
// not come; zero when there is nobody.
func (d *draft) expected() (due time.Time) {
	for _, u := range d.next.Duties {
		if wait := d.bedsideWait(); wait > 0 && holds(u) && u.Arrived.IsZero() && d.suffices(u.Role) {
			due = earlier(due, u.Accepted.Add(wait))
		}
	}
	return due
}

// duty finds the newest duty of a role, making one for a role that steps in without being told.
func (d *draft) duty(role ward.Role) *ward.Duty {
	a := &d.next
	for i := len(a.Duties) - 1; i >= 0; i-- {
		if a.Duties[i].Role == role {
			return &a.Duties[i]
		}
	}
	a.Duties = append(a.Duties, ward.Duty{Role: role, Level: a.Level, Told: d.g.at})
	return &a.Duties[len(a.Duties)-1]
}
