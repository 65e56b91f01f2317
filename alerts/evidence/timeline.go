package evidence

import (
	"slices"
	"strings"
	"time"

	"wardwatch/ward"
)

// Step is one thing that happened in the life of an alert, in words for machines: screens and
// reports say them in a language and put names to people.
type Step struct {
	At      time.Time     `json:"at"`
	What    string        `json:"what"`           // an audit deed ("alert.accept"), or one of the words below
	By      ward.PersonID `json:"by,omitempty"`   // who did it; empty: the system
	To      ward.PersonID `json:"to,omitempty"`   // who was told; empty: the role as a whole
	Role    ward.Role     `json:"role,omitempty"` // told, or in which By acted
	How     ward.Holding  `json:"how,omitempty"`  // how those told were found
	Channel string        `json:"channel,omitempty"`
	Level   int           `json:"level,omitempty"` // rung
	Notice  ward.NoticeID `json:"notice,omitempty"`
	Code    string        `json:"code,omitempty"` // of a cause
	Band    string        `json:"band,omitempty"`
	Detail  string        `json:"detail,omitempty"` // a reason, an error: as written
}

// Words for steps that are no audit deeds.
const (
	StepCauseBegan = "cause.began"
	StepCauseEnded = "cause.ended"
	StepPromised   = "notice.promised"
	StepTried      = "notice.tried" // a try that failed and is put off
	StepDelivered  = "notice.delivered"
	StepFailed     = "notice.failed"
	StepWithdrawn  = "notice.withdrawn"
)

// Timeline is everything that happened to one alert, in order. Rows of other objects are stepped
// over.
func Timeline(alert ward.Alert, audit []ward.AuditEntry, notices []ward.Notice, receipts map[ward.NoticeID][]ward.Receipt) []Step {
	var steps []Step
	for _, c := range alert.Causes {
		steps = append(steps, Step{At: c.Since, What: StepCauseBegan, Code: c.Code, Band: c.Band.String(), Detail: c.Detail})
	}
	object := "alert:" + string(alert.ID)
	for _, e := range audit {
		if e.Object == object {
			steps = append(steps, deedStep(e))
		}
	}
	for i := range notices {
		if notices[i].Alert == alert.ID {
			steps = append(steps, noticeSteps(&notices[i], receipts[notices[i].ID])...)
		}
	}
	for _, c := range alert.Causes {
		if !c.Live() {
			steps = append(steps, Step{At: c.Ended, What: StepCauseEnded, Code: c.Code, Band: c.Band.String()})
		}
	}
	slices.SortStableFunc(steps, func(a, b Step) int { return a.At.Compare(b.At) })
	return steps
}

// deedStep reads an audit row. A person's deed begins its detail with the role they acted in.
func deedStep(e ward.AuditEntry) Step {
	s := Step{At: e.At, What: e.Deed, By: e.By, Detail: e.Detail}
	if role, reason, ok := actedAs(e); ok {
		s.Role, s.Detail = role, reason
	}
	if e.Deed == deedTell {
		s.Level = levelOf(e.Detail)
	}
	return s
}

func noticeSteps(n *ward.Notice, receipts []ward.Receipt) []Step {
	base := Step{To: n.To, Role: n.Role, How: n.How, Channel: n.Channel, Level: n.Level, Notice: n.ID, Band: n.Band.String()}
	step := func(at time.Time, what, detail string) Step {
		s := base
		s.At, s.What, s.Detail = at, what, detail
		return s
	}
	steps := []Step{step(n.Made, StepPromised, string(n.Why))}
	settled := false
	for _, r := range receipts {
		switch {
		case r.OK:
			steps, settled = append(steps, step(r.At, StepDelivered, "")), true
		case r.Final || n.State == ward.NoticeFailed && r.At.Equal(n.Settled):
			steps, settled = append(steps, step(r.At, StepFailed, r.Error)), true
		default:
			steps = append(steps, step(r.At, StepTried, r.Error))
		}
	}
	switch {
	case n.State == ward.NoticeWithdrawn:
		steps = append(steps, step(n.Settled, StepWithdrawn, ""))
	case settled:
	case n.State == ward.NoticeDelivered: // its receipt is not at hand
		steps = append(steps, step(n.Settled, StepDelivered, ""))
	case n.State == ward.NoticeFailed:
		steps = append(steps, step(n.Settled, StepFailed, n.Error))
	}
	return steps
}

const (
	deedPrefix  = "alert."
	deedTell    = "alert.tell"
	deedResolve = "alert.resolve"
)

// roles are all duties, as audit details name them.
func roleNamed(s string) (ward.Role, bool) {
	switch r := ward.Role(s); r {
	case ward.RoleNurse, ward.RoleCharge, ward.RoleDoctor, ward.RoleLead, ward.RoleICU, ward.RoleEngineer:
		return r, true
	}
	return "", false
}

// actedAs takes a person's deed apart: "nurse" or "nurse: the reason".
func actedAs(e ward.AuditEntry) (role ward.Role, reason string, ok bool) {
	if e.By == "" || !strings.HasPrefix(e.Deed, deedPrefix) {
		return "", "", false
	}
	head, rest, _ := strings.Cut(e.Detail, ":")
	role, ok = roleNamed(strings.TrimSpace(head))
	return role, strings.TrimSpace(rest), ok
}

// levelOf reads the rung of an alert.tell row ("level 2: …"); 0 when it does not say.
func levelOf(detail string) (level int) {
	rest, ok := strings.CutPrefix(detail, "level ")
	if !ok {
		return 0
	}
	for _, c := range rest {
		if c < '0' || c > '9' || level > 1000 {
			break
		}
		level = level*10 + int(c-'0')
	}
	return level
}

// toldRole is a role in an alert.tell row, with how its people were found where the roster has a hole.
type toldRole struct {
	role ward.Role
	how  ward.Holding
}

// rolesOf reads who an alert.tell row says was told ("level 1: nurse doctor_on_duty (default); news2 high").
func rolesOf(detail string) (told []toldRole) {
	_, rest, _ := strings.Cut(detail, ":")
	list, _, _ := strings.Cut(rest, ";")
	for word := range strings.FieldsFuncSeq(list, func(r rune) bool { return !(r == '_' || r >= 'a' && r <= 'z') }) {
		if r, ok := roleNamed(word); ok {
			told = append(told, toldRole{role: r})
			continue
		}
		switch how := ward.Holding(word); how {
		case ward.HeldByDefault, ward.HeldByAll, ward.HeldByNobody:
			if len(told) > 0 {
				told[len(told)-1].how = how
			}
		}
	}
	return told
}

// causeOf reads the code of what an alert.tell row was told for.
func causeOf(detail string) string {
	_, cause, _ := strings.Cut(detail, ";")
	code, _, _ := strings.Cut(strings.TrimSpace(cause), " ")
	return code
}

// kindOf is the kind of what was told: a device's own alarm stands beside a score in one alert.
func kindOf(a *ward.Alert, cause string) ward.AlertKind {
	switch {
	case a.Kind == ward.Technical || cause == "":
		return a.Kind
	case strings.HasPrefix(cause, "device:"):
		return ward.DeviceRaise
	}
	return ward.Clinical
}

// bandOf reads how bad the row says it was: its last word.
func bandOf(detail string) (ward.Band, bool) {
	_, cause, _ := strings.Cut(detail, ";")
	words := strings.Fields(cause)
	for _, w := range slices.Backward(words) {
		if b, ok := ward.BandNamed(w); ok {
			return b, true
		}
	}
	return ward.Unknown, false
}
