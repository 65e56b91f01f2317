package alerts

import (
	"slices"
	"time"

	"wardwatch/ward"
)

// act is what a person's deed makes of an alert. It is pure; changed is false when there is nothing
// left to do, as when the same person does it twice. stands says how bad a cause was when last
// looked.
func act(p *Policy, a *ward.Alert, x ward.Action, g *moment, stands func(*ward.Cause) ward.Band) (change ward.Change, changed bool, err error) {
	d := draft{p: p, g: g, next: *a}
	d.next.Duties, d.next.Causes = slices.Clone(a.Duties), slices.Clone(a.Causes)
	if err := permitted(p, a, &x, g.rule, stands); err != nil {
		return ward.Change{}, false, err
	}
	did := false
	switch x.Do {
	case ward.DoSee:
		did = d.see(x)
	case ward.DoAccept:
		did, err = d.accept(x)
	case ward.DoDecline:
		did = d.decline(x)
	case ward.DoBedside:
		did = d.bedside(x)
	case ward.DoResolve:
		d.end(x.Reason, x.By)
		return d.finish(), true, nil
	case ward.DoSnooze:
		did = d.snooze(x)
	case ward.DoOnWay:
		did, err = d.onWay(x)
	case ward.DoPlan:
		did = d.plan(x)
	case ward.DoEscalate:
		if x.Level != 0 && a.Level > x.Level { // it has climbed since: by this very deed, sent again, or by itself
			return ward.Change{}, false, nil
		}
		d.signed(x)
		d.callMore()
		return d.finish(), true, nil
	}
	if err != nil || !did {
		return ward.Change{}, false, err
	}
	d.signed(x)
	return d.finish(), true, nil
}

// signed puts the deed into the record under its doer.
func (d *draft) signed(x ward.Action) { d.sign(x, "alert."+string(x.Do)) }

func (d *draft) sign(x ward.Action, deed string) {
	detail := string(x.Role)
	if x.Reason != "" {
		detail += ": " + x.Reason
	}
	entry := ward.AuditEntry{At: x.At, By: x.By, Deed: deed, Object: "alert:" + string(d.next.ID), Detail: detail}
	d.entries = append([]ward.AuditEntry{entry}, d.entries...)
}

func (d *draft) see(x ward.Action) bool {
	if d.next.State != ward.Active && d.next.State != ward.Delivered {
		return false
	}
	d.next.State = ward.Seen
	return true
}

// accept settles one role's duty. The first to accept starts the bedside clock, and no later
// acceptance moves it.
func (d *draft) accept(x ward.Action) (bool, error) {
	if duty := d.duty(x.Role); holds(*duty) {
		if duty.By == x.By {
			return false, nil
		}
		return false, refuse(ward.Conflict, "this has already been accepted for your role", "reload to see who is on the way")
	}
	d.take(x.Role, x.By, x.At)
	d.comes(x.Role, x.At)
	return true, nil
}

// decline settles the role's duty the other way and moves on at once, unless the present rung has
// its answer from others.
func (d *draft) decline(x ward.Action) bool {
	a := &d.next
	duty := d.duty(x.Role)
	if !duty.Declined.IsZero() && duty.By == x.By {
		return false
	}
	for i := range a.Duties {
		if u := &a.Duties[i]; u.Role == x.Role {
			u.Accepted, u.OnWay, u.Arrived, u.Lapsed = time.Time{}, time.Time{}, time.Time{}, false
			u.Declined, u.By, u.Reason = x.At, x.By, x.Reason
		}
	}
	d.withdraw = append(d.withdraw, x.Role)
	if d.answered() {
		return true
	}
	d.climb("declined")
	d.withdraw = slices.DeleteFunc(d.withdraw, func(r ward.Role) bool { // told anew on the next rung
		return slices.ContainsFunc(d.notices, func(n ward.Notice) bool { return n.Role == r })
	})
	return true
}

// answered says whether the present rung still has its answer after somebody has declined.
func (d *draft) answered() bool {
	a := &d.next
	switch {
	case a.State == ward.Snoozed, a.Rule == RulePlan:
		return true
	case !a.AcceptDue.IsZero():
		return false
	}
	return d.attended() || slices.ContainsFunc(a.Duties, func(u ward.Duty) bool {
		return holds(u) && !u.Accepted.Before(a.Told) && d.answers(u.Role)
	})
}

func (d *draft) bedside(x ward.Action) bool {
	a := &d.next
	if a.State == ward.AtBedside && a.BedsideBy == x.By && (x.Role == "" || d.there(x.Role)) {
		return false
	}
	switch {
	case a.State == ward.Candidate || a.State == ward.Suppressed:
	case x.Role != "" && !d.held(x.Role):
		d.take(x.Role, x.By, x.At)
	case x.Role == "" && len(d.present().Must) == 0:
		a.AcceptDue = time.Time{}
	}
	d.arrives(x.Role, x.By, x.At)
	return true
}

func (d *draft) snooze(x ward.Action) bool {
	a := &d.next
	if a.State == ward.Snoozed && a.SnoozedBy == x.By && a.Until.Equal(x.Until) && a.Rule == x.Reason {
		return false
	}
	d.withdrawAll()
	a.State, a.Rule, a.Until = ward.Snoozed, x.Reason, x.Until
	a.SnoozedBy, a.SnoozedAs, a.WarnDue = x.By, x.Role, time.Time{}
	if warn := x.Until.Add(-d.p.SnoozeWarn); d.p.SnoozeWarn > 0 && x.Role != "" && warn.After(x.At) {
		a.WarnDue = warn
	}
	return true
}

// callMore tells the next rung because a person asks for it. At the bedside it is a new call: those
// who are told must come, too.
func (d *draft) callMore() {
	if a := &d.next; a.State == ward.AtBedside {
		a.State, a.ReviewDue = ward.Active, time.Time{}
	}
	d.tell(d.next.Level + 1)
}

// onWay notes that who accepted is coming. It changes no deadline: only being there does.
func (d *draft) onWay(x ward.Action) (bool, error) {
	for i := range d.next.Duties {
		u := &d.next.Duties[i]
		if u.Role != x.Role || !holds(*u) || u.By != x.By {
			continue
		}
		if !u.OnWay.IsZero() {
			return false, nil
		}
		u.OnWay = x.At
		return true, nil
	}
	return false, refuse(ward.Conflict, "you have not accepted this alert", "accept it first")
}

// plan is what those who were at the bedside decided: until its end no further look is asked for.
// A rise, or a new cause, ends it, and so does calling for more.
func (d *draft) plan(x ward.Action) bool {
	a := &d.next
	if a.Rule == RulePlan && a.Until.Equal(x.Until) {
		return false
	}
	d.withdrawAll()
	a.State, a.Rule, a.Until = ward.AtBedside, RulePlan, x.Until
	a.AcceptDue, a.ConfirmDue, a.BedsideDue, a.ReviewDue = time.Time{}, time.Time{}, time.Time{}, x.Until
	return true
}

// known is the worst cause people were told of. An alert they can act on always has one.
func (d *draft) known() *ward.Cause {
	return worstVoiced(d.next.Causes, d.g.rule)
}
