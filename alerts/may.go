package alerts

import (
	"slices"

	"wardwatch/ward"
)

// What can be done to an alert; which deeds need a reason, and which a duty role; and the roles that
// decide as doctors.
var (
	deeds = [...]ward.Deed{ward.DoSee, ward.DoAccept, ward.DoOnWay, ward.DoDecline, ward.DoBedside, ward.DoPlan,
		ward.DoResolve, ward.DoSnooze, ward.DoEscalate}
	reasoned   = [...]ward.Deed{ward.DoDecline, ward.DoResolve, ward.DoSnooze, ward.DoPlan}
	inDuty     = [...]ward.Deed{ward.DoAccept, ward.DoDecline, ward.DoOnWay, ward.DoPlan}
	physicians = [...]ward.Role{ward.RoleDoctor, ward.RoleLead, ward.RoleICU}
)

// permitted refuses what may not be done, with the remedy.
func permitted(p *Policy, a *ward.Alert, x *ward.Action, in rule, stands func(*ward.Cause) ward.Band) error {
	telling := a.State != ward.Candidate && a.State != ward.Suppressed
	switch {
	case !slices.Contains(deeds[:], x.Do):
		return refuse(ward.BadInput, "there is no such action", "use see, accept, on_way, decline, at_bedside, plan, resolve, snooze or escalate")
	case x.By == "":
		return refuse(ward.BadInput, "nobody is named as doing this", "sign in")
	case x.At.IsZero():
		return refuse(ward.BadInput, "the action has no time", "send the time at which it was done")
	case slices.Contains(reasoned[:], x.Do) && x.Reason == "":
		return refuse(ward.BadInput, "this needs a reason", "say in a few words why")
	case x.Role == "" && slices.Contains(inDuty[:], x.Do):
		return refuse(ward.BadInput, "nobody is on duty in this action", "say in which duty role you act")
	case a.State == ward.Resolved:
		return refuse(ward.Conflict, "the alert has already ended", "reload to see what stands now")
	case !telling && x.Do != ward.DoSee && x.Do != ward.DoBedside && !(x.Do == ward.DoResolve && a.State == ward.Suppressed):
		return refuse(ward.Conflict, "nobody has been told of this alert yet", "wait for it to be told, or for the rule that holds it to end")
	case x.Do == ward.DoResolve && (hasCause(a, CauseReturn) || a.Rule == RuleOffWard):
		// Closing would also end the watch for their return.
		return refuse(ward.Conflict, "the patient is still off the ward", "record the return first")
	case x.Do == ward.DoResolve && a.State != ward.Suppressed:
		return mayResolve(a, in, stands)
	case x.Do == ward.DoSnooze:
		return maySnooze(p, a, x)
	case x.Do == ward.DoPlan:
		return mayPlan(p, a, x)
	}
	return nil
}

// mayResolve refuses to close what is still high, as far as was last seen and no rule keeps it quiet,
// and what only doing it ends.
func mayResolve(a *ward.Alert, in rule, stands func(*ward.Cause) ward.Band) error {
	for i := range a.Causes {
		c := &a.Causes[i]
		if c.Live() && c.Code == CauseSymptoms {
			return refuse(ward.Conflict, "the symptoms have not been looked at yet", "record a symptom check: that ends it")
		}
		if c.Live() && c.Code == CauseCareReview {
			return refuse(ward.Conflict, "the order for comfort care has not been looked at again", "set a new review date, or end the order")
		}
		if a.Kind == ward.Technical || !c.Live() || in.covers(c.Code) || c.Band < ward.High || stands(c) < ward.High {
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
	switch {
	case toldHigh(a) && !slices.Contains(physicians[:], x.Role):
		return refuse(ward.Forbidden, "only a doctor may snooze a high alert", "ask the doctor on duty")
	case !x.Until.After(x.At):
		return refuse(ward.BadInput, "the snooze would already be over", "choose a time ahead")
	case x.Until.Sub(x.At) > p.MaxSnooze:
		return refuse(ward.BadInput, "the snooze is too long", "choose at most "+p.MaxSnooze.String())
	}
	return nil
}

// mayPlan lets those decide who may: a doctor while people know of something high, otherwise the
// nurse in charge, too; and not before somebody has looked.
func mayPlan(p *Policy, a *ward.Alert, x *ward.Action) error {
	switch {
	case a.Kind == ward.Technical:
		return refuse(ward.BadInput, "a plan is for a patient", "snooze the technical alert with a reason")
	case toldHigh(a) && !slices.Contains(physicians[:], x.Role):
		return refuse(ward.Forbidden, "only a doctor may put a plan in place for a high alert", "ask the doctor on duty")
	case x.Role != ward.RoleCharge && !slices.Contains(physicians[:], x.Role):
		return refuse(ward.Forbidden, "only a doctor or the nurse in charge may put a plan in place", "ask one of them")
	case a.Bedside.IsZero():
		return refuse(ward.Conflict, "nobody has been at the bedside yet", "a plan follows a look at the patient: say at_bedside first")
	case !x.Until.After(x.At):
		return refuse(ward.BadInput, "the plan would already be over", "choose a time ahead")
	case x.Until.Sub(x.At) > p.MaxPlan:
		return refuse(ward.BadInput, "the plan is too long", "choose at most "+p.MaxPlan.String())
	}
	return nil
}

// toldHigh says that people know of something high about a patient.
func toldHigh(a *ward.Alert) bool {
	worst := worstVoiced(a.Causes, rule{})
	return a.Kind != ward.Technical && worst != nil && worst.Told == ward.High
}

func refuse(code ward.ErrorCode, message, hint string) error {
	return &ward.Error{Code: code, Message: message, Hint: hint}
}
