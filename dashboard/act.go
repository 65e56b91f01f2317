package dashboard

import (
	"slices"
	"strings"
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
	Level  int    `json:"level,omitempty"` // to escalate: the rung that was seen; the same again then climbs once
}

// maxListed bounds a list of alerts or audit rows.
const maxListed = 500

// maxText bounds a free text that a person writes, in bytes.
const maxText = 1000

var deeds = []ward.Deed{ward.DoSee, ward.DoAccept, ward.DoDecline, ward.DoBedside, ward.DoResolve, ward.DoSnooze, ward.DoEscalate, ward.DoOnWay, ward.DoPlan}

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
	r, err := q.alertReply(&a)
	if err != nil {
		return err
	}
	return q.c.JSON(r)
}

func (q *call) alertReply(a *ward.Alert) (r AlertReply, err error) {
	rows, err := q.s.o.Book.ReadAudit(q.ctx, AuditFilter{Object: "alert:" + string(a.ID), Limit: maxListed})
	if err != nil {
		return r, err
	}
	r = AlertReply{AlertView: live.ViewAlert(a, q.s.o.Live.NameOf), Timeline: make([]DeedReply, 0, len(rows))}
	for _, row := range slices.Backward(rows) { // oldest first
		r.Timeline = append(r.Timeline, DeedReply{At: row.At.UnixMilli(), Deed: row.Deed, ByName: q.s.o.Live.NameOf(row.By), Detail: row.Detail})
	}
	return r, nil
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
		return badInput("there is nothing called that to do", "do is one of "+strings.Join(words(deeds), ", "))
	}
	if do == ward.DoPlan && (b.Until == nil || strings.TrimSpace(b.Reason) == "") {
		return badInput("a plan needs a reason and a time", "say in a few words what the plan is, and until when it stands")
	}
	if len(b.Reason) > maxText {
		return badInput("the reason is too long", "write it in a sentence or two")
	}
	if q.who.Person.Access == ward.AccessEngineer && a.Kind != ward.Technical && do != ward.DoSee {
		return forbidden("an alert about a patient is for nurses and doctors", "technical alerts are yours")
	}
	role, err := q.role(b.Role, do, &a)
	if err != nil {
		return err
	}
	action := ward.Action{Alert: a.ID, Do: do, By: q.who.Person.ID, Role: role, At: q.s.o.Now(), Reason: b.Reason, Level: b.Level}
	if b.Until != nil {
		action.Until = time.UnixMilli(*b.Until)
	}
	more := b.Role == "" && do == ward.DoAccept
	others := otherDuties(q.who.Person, &a, role)
	if a, err = q.s.o.Desk.Act(q.ctx, action); err != nil {
		return err
	}
	for i := 0; more && i < len(others); i++ {
		action.Role = others[i]
		if now, err := q.s.o.Desk.Act(q.ctx, action); err == nil { // a colleague may have been quicker: theirs it is
			a = now
		}
	}
	return q.c.JSON(live.ViewAlert(&a, q.s.o.Live.NameOf))
}

// otherDuties are those in which the same person was told of the alert and has not answered: on a
// small ward one doctor or nurse holds several, and accepts once.
func otherDuties(p ward.Person, a *ward.Alert, first ward.Role) (roles []ward.Role) {
	for _, d := range a.Duties {
		if d.Role != first && !answered(d) && closeness(p, &d, a.Place.Ward) > 0 && !slices.Contains(roles, d.Role) {
			roles = append(roles, d.Role)
		}
	}
	return roles
}

// role is the duty in which the person acts: the one they say, or the one that dutyOf finds, or their
// first. Who says that they are coming does so in the duty that they accepted.
func (q *call) role(said string, do ward.Deed, a *ward.Alert) (ward.Role, error) {
	me := q.who.Person
	d, told := dutyOf(me, a)
	if i := slices.IndexFunc(a.Duties, func(d ward.Duty) bool { return d.By == me.ID && d.Held() }); i >= 0 && do == ward.DoOnWay {
		d = a.Duties[i]
	}
	if role, ok := asPhysician(me, do); ok && said == "" {
		return role, nil
	}
	switch {
	case said == "" && told:
		return d.Role, nil
	case said == "":
		return duties(me)[0], nil
	}
	names := func(d ward.Duty) bool { return string(d.Role) == said && slices.Contains(d.People, me.ID) }
	if !slices.Contains(duties(me), ward.Role(said)) && !slices.ContainsFunc(a.Duties, names) {
		return "", forbidden("this duty is not yours", "hospital IT keeps the list of duties")
	}
	return ward.Role(said), nil
}

// asPhysician is the doctor's duty in which somebody who holds one is at the bedside, plans and
// snoozes, whatever other duty they were told in: these weigh more from a doctor.
func asPhysician(p ward.Person, do ward.Deed) (ward.Role, bool) {
	if do != ward.DoBedside && do != ward.DoPlan && do != ward.DoSnooze {
		return "", false
	}
	for _, role := range []ward.Role{ward.RoleDoctor, ward.RoleLead, ward.RoleICU} {
		if slices.Contains(duties(p), role) {
			return role, true
		}
	}
	return "", false
}

// dutyOf is the person's part in an alert; ok is false when they have none. One that waits for an
// answer goes before one that has it, and one that names them before one of their duty as a whole.
func dutyOf(p ward.Person, a *ward.Alert) (found ward.Duty, ok bool) {
	best := 0
	for _, d := range a.Duties {
		if n := closeness(p, &d, a.Place.Ward); n > best {
			found, ok, best = d, true, n
		}
	}
	return found, ok
}

// closeness is how much a duty is the person's; 0: not at all.
func closeness(p ward.Person, d *ward.Duty, w ward.WardID) int {
	n := 0
	whole := len(d.People) == 0 || d.How == ward.HeldByAll
	switch {
	case d.By == p.ID, slices.Contains(d.People, p.ID):
		n = 2
	case whole && slices.Contains(duties(p), d.Role) && (w == "" || p.MayEnter(w)):
		n = 1
	}
	if n > 0 && !answered(*d) {
		n += 2
	}
	return n
}

func answered(d ward.Duty) bool { return d.Held() || !d.Declined.IsZero() }

// duties are a person's duty roles. Who does not act on alerts may have none.
func duties(p ward.Person) []ward.Role {
	if len(p.Duties) > 0 {
		return p.Duties
	}
	return slices.DeleteFunc(slices.Clone(allRoles), func(r ward.Role) bool { return !p.Holds(r) })
}
