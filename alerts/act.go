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
	if err := permitted(p, a, &x, stands); err != nil {
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
	case ward.DoEscalate:
		d.signed(x)
		d.tell(a.Level + 1)
		return d.finish(), true, nil
	}
	if err != nil || !did {
		return ward.Change{}, false, err
	}
	d.signed(x)
	return d.finish(), true, nil
}

// signed puts the deed into the record under its doer.
func (d *draft) signed(x ward.Action) {
	detail := string(x.Role)
	if x.Reason != "" {
		detail += ": " + x.Reason
	}
	entry := ward.AuditEntry{At: x.At, By: x.By, Deed: "alert." + string(x.Do), Object: "alert:" + string(d.next.ID), Detail: detail}
	d.entries = append([]ward.AuditEntry{entry}, d.entries...)
}

// permitted refuses what may not be done, with the remedy.
func permitted(p *Policy, a *ward.Alert, x *ward.Action, stands func(*ward.Cause) ward.Band) error {
	needsReason := x.Do == ward.DoDecline || x.Do == ward.DoResolve || x.Do == ward.DoSnooze
	telling := a.State != ward.Candidate && a.State != ward.Suppressed
	switch {
	case !slices.Contains([]ward.Deed{ward.DoSee, ward.DoAccept, ward.DoDecline, ward.DoBedside, ward.DoResolve, ward.DoSnooze, ward.DoEscalate}, x.Do):
		return refuse(ward.BadInput, "there is no such action", "use see, accept, decline, at_bedside, resolve, snooze or escalate")
	case x.By == "":
		return refuse(ward.BadInput, "nobody is named as doing this", "sign in")
	case x.At.IsZero():
		return refuse(ward.BadInput, "the action has no time", "send the time at which it was done")
	case needsReason && x.Reason == "":
		return refuse(ward.BadInput, "this needs a reason", "say in a few words why")
	case x.Role == "" && (x.Do == ward.DoAccept || x.Do == ward.DoDecline):
		return refuse(ward.BadInput, "nobody is on duty in this action", "say in which duty role you act")
	case a.State == ward.Resolved:
		return refuse(ward.Conflict, "the alert has already ended", "reload to see what stands now")
	case !telling && x.Do != ward.DoSee && x.Do != ward.DoBedside && !(x.Do == ward.DoResolve && a.State == ward.Suppressed):
		return refuse(ward.Conflict, "nobody has been told of this alert yet", "wait for it to be told, or for the rule that holds it to end")
	case x.Do == ward.DoResolve && (hasCause(a, CauseReturn) || a.Rule == RuleOffWard):
		// Closing would also end the watch for their return.
		return refuse(ward.Conflict, "the patient is still off the ward", "record the return first")
	case x.Do == ward.DoResolve && a.State != ward.Suppressed:
		return mayResolve(a, stands)
	case x.Do == ward.DoSnooze:
		return maySnooze(p, a, x)
	}
	return nil
}

// mayResolve refuses to close what is still high, as far as was last seen.
func mayResolve(a *ward.Alert, stands func(*ward.Cause) ward.Band) error {
	for i := range a.Causes {
		c := &a.Causes[i]
		if a.Kind == ward.Technical || !c.Live() || c.Band < ward.High || stands(c) < ward.High {
			continue
		}
		if isDevice(c.Code) {
			return refuse(ward.Conflict, "the monitor's alarm is still on", "end it at the monitor first, or snooze with a reason")
		}
		return refuse(ward.Conflict, "the patient is still in the high band", "snooze with a reason, or record the order that limits treatment")
	}
	return nil
}

func maySnooze(p *Policy, a *ward.Alert, x *ward.Action) error {
	worst := worstVoiced(a.Causes, rule{})
	switch {
	case a.Kind != ward.Technical && worst != nil && worst.Told == ward.High && !slices.Contains([]ward.Role{ward.RoleDoctor, ward.RoleLead, ward.RoleICU}, x.Role):
		return refuse(ward.Forbidden, "only a doctor may snooze a high alert", "ask the doctor on duty")
	case !x.Until.After(x.At):
		return refuse(ward.BadInput, "the snooze would already be over", "choose a time ahead")
	case x.Until.Sub(x.At) > p.MaxSnooze:
		return refuse(ward.BadInput, "the snooze is too long", "choose at most "+p.MaxSnooze.String())
	}
	return nil
}

func refuse(code ward.ErrorCode, message, hint string) error {
	return &ward.Error{Code: code, Message: message, Hint: hint}
}

func (d *draft) see(x ward.Action) bool {
	if d.next.State != ward.Active && d.next.State != ward.Delivered {
		return false
	}
	d.next.State = ward.Seen
	return true
}

// accept settles one role's duty. The first to accept starts the bedside clock; the deadline is
// theirs and no later acceptance moves it.
func (d *draft) accept(x ward.Action) (bool, error) {
	a := &d.next
	duty := d.duty(x.Role)
	if !duty.Accepted.IsZero() {
		if duty.By == x.By {
			return false, nil
		}
		return false, refuse(ward.Conflict, "this has already been accepted for your role", "reload to see who is on the way")
	}
	for i := range a.Duties { // one role, one duty: rungs below are settled with it
		if a.Duties[i].Role == x.Role {
			a.Duties[i].Accepted, a.Duties[i].Declined, a.Duties[i].By, a.Duties[i].Reason = x.At, time.Time{}, x.By, ""
		}
	}
	d.withdraw = append(d.withdraw, x.Role)
	if a.State == ward.Accepted || a.State == ward.AtBedside || a.State == ward.Snoozed {
		return true, nil
	}
	a.State, a.Rule, a.Until = ward.Accepted, "", time.Time{}
	a.Next, a.NextAt = ward.DueNothing, time.Time{}
	if wait := d.rung(d.known(), a.Level).Bedside; wait > 0 {
		a.Next, a.NextAt = ward.DueBedside, x.At.Add(wait)
	}
	return true, nil
}

// decline settles the role's duty the other way and moves on at once, unless another role has
// already accepted.
func (d *draft) decline(x ward.Action) bool {
	a := &d.next
	duty := d.duty(x.Role)
	if !duty.Declined.IsZero() && duty.By == x.By {
		return false
	}
	others := false
	for i := range a.Duties {
		u := &a.Duties[i]
		if u.Role == x.Role {
			u.Accepted, u.Declined, u.By, u.Reason = time.Time{}, x.At, x.By, x.Reason
			continue
		}
		others = others || !u.Accepted.IsZero()
	}
	d.withdraw = append(d.withdraw, x.Role)
	if others || a.State == ward.AtBedside || a.State == ward.Snoozed {
		return true
	}
	d.climb("declined")
	d.withdraw = slices.DeleteFunc(d.withdraw, func(r ward.Role) bool { // told anew on the next rung
		return slices.ContainsFunc(d.notices, func(n ward.Notice) bool { return n.Role == r })
	})
	return true
}

func (d *draft) bedside(x ward.Action) bool {
	a := &d.next
	if a.State == ward.AtBedside && a.BedsideBy == x.By {
		return false
	}
	a.Bedside, a.BedsideBy = x.At, x.By
	if x.Role != "" {
		for i := range a.Duties {
			if u := &a.Duties[i]; u.Role == x.Role && u.Accepted.IsZero() {
				u.Accepted, u.Declined, u.By = x.At, time.Time{}, x.By
				d.withdraw = append(d.withdraw, x.Role)
			}
		}
	}
	if a.State == ward.Candidate || a.State == ward.Suppressed {
		return true // noted; what waits goes on waiting
	}
	a.State, a.Rule, a.Until = ward.AtBedside, "", time.Time{}
	a.Next, a.NextAt = ward.DueNothing, time.Time{}
	if wait := d.p.review(d.known().Told); wait > 0 && a.Kind != ward.Technical {
		a.Next, a.NextAt = ward.DueReview, x.At.Add(wait)
	}
	return true
}

func (d *draft) snooze(x ward.Action) bool {
	a := &d.next
	d.withdrawAll()
	a.State, a.Rule, a.Until = ward.Snoozed, x.Reason, x.Until
	a.Next, a.NextAt = ward.DueWake, x.Until
	return true
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

// known is the worst cause people were told of. An alert they can act on always has one.
func (d *draft) known() *ward.Cause {
	return worstVoiced(d.next.Causes, d.g.rule)
}
