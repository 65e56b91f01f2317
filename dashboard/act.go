package dashboard

import (
	"slices"
	"time"

	"wardwatch/dashboard/live"
	"wardwatch/ward"
)

// AlertReply is an alert with what became of it.
type AlertReply struct {
	live.AlertView
	Timeline []DeedReply `json:"timeline"`
}

// DeedReply is one step in an alert's life.
type DeedReply struct {
	At     int64  `json:"at"`
	Deed   string `json:"deed"`
	ByName string `json:"by_name"`
	Detail string `json:"detail"`
}

// ActionBody is what a person does to an alert.
type ActionBody struct {
	Do     string `json:"do"`
	Reason string `json:"reason,omitempty"`
	Until  *int64 `json:"until,omitempty"`
	Role   string `json:"role,omitempty"`
}

// maxListed bounds a list of alerts or audit rows.
const maxListed = 500

// maxText bounds a free text that a person writes, in bytes.
const maxText = 1000

var deeds = []ward.Deed{ward.DoSee, ward.DoAccept, ward.DoDecline, ward.DoBedside, ward.DoResolve, ward.DoSnooze, ward.DoEscalate}

func listAlerts(q *call) error {
	w, err := q.wardID()
	if err != nil {
		return err
	}
	var list []ward.Alert
	if q.c.Query("open") == "true" {
		list, err = q.s.o.Book.OpenAlerts(q.ctx)
	} else {
		list, err = q.s.o.Book.AlertsOn(q.ctx, w, maxListed)
	}
	if err != nil {
		return err
	}
	out := make([]live.AlertView, 0, len(list))
	for i := range list {
		// A candidate waits out its time and tells nobody: not here either.
		if list[i].Place.Ward == w && list[i].State != ward.Candidate {
			out = append(out, live.ViewAlert(&list[i], q.s.o.Live.NameOf))
		}
	}
	return q.c.JSON(out)
}

// alert is the alert of the path, on a ward that the person may enter.
func (q *call) alert() (ward.Alert, error) {
	id, err := q.id("id")
	if err != nil {
		return ward.Alert{}, err
	}
	a, err := q.s.o.Book.Alert(q.ctx, ward.AlertID(id))
	if err != nil {
		return a, err
	}
	if a.Place.Ward != "" { // an alert of the whole system belongs to no ward
		err = q.mayEnter(a.Place.Ward)
	}
	return a, err
}

func getAlert(q *call) error {
	a, err := q.alert()
	if err != nil {
		return err
	}
	rows, err := q.s.o.Book.ReadAudit(q.ctx, AuditFilter{Object: "alert:" + string(a.ID), Limit: maxListed})
	if err != nil {
		return err
	}
	r := AlertReply{AlertView: live.ViewAlert(&a, q.s.o.Live.NameOf), Timeline: make([]DeedReply, 0, len(rows))}
	for _, row := range slices.Backward(rows) { // oldest first
		r.Timeline = append(r.Timeline, DeedReply{At: row.At.UnixMilli(), Deed: row.Deed, ByName: q.s.o.Live.NameOf(row.By), Detail: row.Detail})
	}
	return q.c.JSON(r)
}

func act(q *call) error {
	a, err := q.alert()
	if err != nil {
		return err
	}
	var b ActionBody
	if err := q.read(&b); err != nil {
		return err
	}
	do := ward.Deed(b.Do)
	if !slices.Contains(deeds, do) {
		return badInput("there is nothing called that to do", "do is one of see, accept, decline, at_bedside, resolve, snooze, escalate")
	}
	if len(b.Reason) > maxText {
		return badInput("the reason is too long", "write it in a sentence or two")
	}
	if q.who.Person.Access == ward.AccessEngineer && a.Kind != ward.Technical && do != ward.DoSee {
		return forbidden("an alert about a patient is for nurses and doctors", "technical alerts are yours")
	}
	role, err := q.role(b.Role, &a)
	if err != nil {
		return err
	}
	action := ward.Action{Alert: a.ID, Do: do, By: q.who.Person.ID, Role: role, At: q.s.o.Now(), Reason: b.Reason}
	if b.Until != nil {
		action.Until = time.UnixMilli(*b.Until)
	}
	if a, err = q.s.o.Desk.Act(q.ctx, action); err != nil {
		return err
	}
	return q.c.JSON(live.ViewAlert(&a, q.s.o.Live.NameOf))
}

// role is the duty in which the person acts: the one they say, or the first of theirs that has
// been told and not answered, or their first.
func (q *call) role(said string, a *ward.Alert) (ward.Role, error) {
	own := duties(q.who.Person)
	if said != "" {
		if !slices.Contains(own, ward.Role(said)) {
			return "", forbidden("this duty is not yours", "hospital IT keeps the list of duties")
		}
		return ward.Role(said), nil
	}
	for _, d := range a.Duties {
		if slices.Contains(own, d.Role) && d.Accepted.IsZero() && d.Declined.IsZero() {
			return d.Role, nil
		}
	}
	return own[0], nil
}

// duties are a person's duty roles; by default that of their access.
func duties(p ward.Person) []ward.Role {
	if len(p.Duties) > 0 {
		return p.Duties
	}
	switch p.Access {
	case ward.AccessCharge:
		return []ward.Role{ward.RoleCharge}
	case ward.AccessDoctor:
		return []ward.Role{ward.RoleDoctor}
	case ward.AccessEngineer:
		return []ward.Role{ward.RoleEngineer}
	}
	return []ward.Role{ward.RoleNurse}
}
