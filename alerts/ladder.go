package alerts

import (
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strconv"
	"strings"
	"time"

	"wardwatch/ward"
)

// crew finds the people behind the roles. It is what a desk was given, and never changes.
type crew struct {
	who      func(role ward.Role, a ward.Alert, at time.Time) ward.OnDuty // nil: roles are told as a whole
	personal map[string]bool                                              // channels that reach one person
}

// tell promises notices to the roles of a rung and starts its clocks. Level 1 begins a new round:
// nobody has a duty left from before, and all are told. A climb within the round leaves those alone
// whose acceptance stands. Levels above the ladder's top repeat the top rung, so that no deadline
// is ever passed over in silence.
func (d *draft) tell(level int) {
	a, at := &d.next, d.g.at
	worst := worstVoiced(a.Causes, d.g.rule)
	rung := d.rung(worst, level)
	if level == 1 {
		a.Duties, a.Bedside, a.BedsideBy, a.BedsideDue = nil, time.Time{}, "", time.Time{}
	}
	d.tellPoints()
	a.State = toldState(a, level)
	a.Level, a.Told, a.Band = level, at, max(a.Band, worst.Told)
	a.Rule, a.Until = "", time.Time{}
	a.AcceptDue, a.ConfirmDue = at.Add(rung.Accept), time.Time{}
	if rung.Confirm > 0 {
		a.ConfirmDue = at.Add(rung.Confirm)
	}
	if a.State != ward.AtBedside {
		a.ReviewDue = time.Time{}
	}
	told := ""
	for _, role := range toTell(a, rung) {
		if !slices.Contains(d.rising, role) {
			told += " " + d.promise(role, worst, rung)
		}
	}
	d.audit("alert.tell", levelWord(level)+":"+told+"; "+worst.Code+" "+worst.Told.String())
	if level < len(d.rungs(worst)) && d.unreachable(rung) {
		d.climb("nobody can be told")
	}
}

// anew tells everybody of what has got worse. While the round before waits for an answer, the new one
// does not begin at the bottom: who gets worse faster must not be answered later. Every rung of the
// same ladder that was reached is told of it, and the answer is due when it was, or sooner.
func (d *draft) anew() {
	before, at := d.before, d.g.at
	d.tell(1)
	if before == nil || before.AcceptDue.IsZero() {
		return
	}
	a, due, reached := &d.next, before.AcceptDue, 1
	worst := d.known()
	if was := worstVoiced(before.Causes, d.g.rule); was != nil && stepOf(before, was) == stepOf(a, worst) {
		reached = before.Level
	}
	if !at.Before(due) { // the climb was due in the same moment
		reached, due = reached+1, time.Time{}
	}
	for a.Level < min(reached, len(d.rungs(worst))) {
		for i := range a.Duties {
			d.rising = append(d.rising, a.Duties[i].Role)
		}
		d.tell(a.Level + 1)
	}
	if !due.IsZero() && due.Before(a.AcceptDue) {
		a.AcceptDue = due
	}
}

// toldState is where an alert stands once a rung was told: who is there, or has accepted and is on
// the way, still is.
func toldState(a *ward.Alert, level int) ward.AlertState {
	onTheWay := a.State == ward.Accepted && slices.ContainsFunc(a.Duties, holds)
	if level > 1 && (a.State == ward.AtBedside || onTheWay) {
		return a.State
	}
	return ward.Active
}

// toTell are the roles of a rung that have not accepted; all of them when all have.
func toTell(a *ward.Alert, rung Rung) (roles []ward.Role) {
	for _, role := range rung.Roles {
		if !heldIn(a.Duties, role) {
			roles = append(roles, role)
		}
	}
	if len(roles) == 0 {
		return rung.Roles
	}
	return roles
}

// tellPoints notes what people are told now. While an input is missing it is not known to be less
// than before, and its return is no rise.
func (d *draft) tellPoints() {
	a, s := &d.next, d.g.score
	if s == nil {
		s = &a.Score
	}
	if p := points(s); proven(s) || s.Refused == ward.NotRefused && p > a.Points {
		a.Points = p
	}
}

// promise makes a role's notices on the present rung: one for each person by channels that reach
// one, one for the role by the others. It returns the role for the record, with how its people were
// found where the roster has a hole.
func (d *draft) promise(role ward.Role, worst *ward.Cause, rung Rung) string {
	a := &d.next
	u := d.charge(role)
	if d.g.crew.who != nil {
		on := d.g.crew.who(role, *a, d.g.at)
		u.How, u.People = on.How, slices.Clone(on.People)
	}
	for _, channel := range rung.Channels {
		for _, to := range d.receivers(channel, u) {
			n := d.notice(role, channel, worst, rung)
			n.To, n.How = to, u.How
			n.ID = noticeID(&n, a.Version)
			d.notices = append(d.notices, n)
			u.Promised++
		}
	}
	switch u.How {
	case ward.HeldByDefault, ward.HeldByAll, ward.HeldByNobody:
		return string(role) + " (" + string(u.How) + ")"
	}
	return string(role)
}

// receivers are those a role's notices by a channel are for; nobody in particular is the role as a
// whole.
func (d *draft) receivers(channel string, u *ward.Duty) []ward.PersonID {
	if d.g.crew.personal[channel] && d.g.crew.who != nil {
		return u.People
	}
	return []ward.PersonID{""}
}

// charge gives a role its duty on the present rung. A duty it has not answered moves up with it.
func (d *draft) charge(role ward.Role) *ward.Duty {
	a := &d.next
	fresh := ward.Duty{Role: role, Level: a.Level, Told: a.Told}
	for i := range a.Duties {
		if u := &a.Duties[i]; u.Role == role && u.Accepted.IsZero() && u.Declined.IsZero() {
			*u = fresh
			return u
		}
	}
	a.Duties = append(a.Duties, fresh)
	return &a.Duties[len(a.Duties)-1]
}

func (d *draft) notice(role ward.Role, channel string, worst *ward.Cause, rung Rung) ward.Notice {
	a, at := &d.next, d.g.at
	return ward.Notice{
		Alert: a.ID, Place: a.Place, Kind: a.Kind, Band: worst.Told,
		Level: a.Level, Role: role, Channel: channel, Made: at, Due: at,
		Expires: at.Add(min(d.p.NoticeLife, rung.Accept)), State: ward.NoticePending,
	}
}

// unreachable says that the present rung can get no answer: nothing is promised, or all has failed,
// to a role that must accept, or to every role told. Without channels there is only the board, which
// says nothing of who saw it.
func (d *draft) unreachable(rung Rung) bool {
	if len(rung.Channels) == 0 {
		return false
	}
	told, reached := false, false
	for i := range d.next.Duties {
		u := &d.next.Duties[i]
		if u.Level != d.next.Level || holds(*u) {
			continue
		}
		told = true
		if len(u.Undelivered) < u.Promised {
			reached = true
		} else if slices.Contains(rung.Must, u.Role) {
			return true
		}
	}
	return told && !reached
}

// rung is the one for the worst cause people know of.
func (d *draft) rung(worst *ward.Cause, level int) Rung {
	rungs := d.rungs(worst)
	return rungs[min(level, len(rungs))-1]
}

// present is the rung last told.
func (d *draft) present() Rung { return d.rung(d.known(), max(1, d.next.Level)) }

func (d *draft) rungs(worst *ward.Cause) []Rung {
	if d.g.rule.name == RuleComfort && d.next.Kind != ward.Technical {
		return d.p.comfort(worst, d.next.Causes)
	}
	rungs := d.p.ladder(stepOf(&d.next, worst))
	for i := range d.next.Causes {
		if c := &d.next.Causes[i]; voiced(c, d.g.rule) && c.Told == worst.Told {
			rungs = alsoBy(rungs, d.p.ladder(stepOf(&d.next, c)))
		}
	}
	return rungs
}

// alsoBy is a ladder that those must accept, too, who must on another; so they are told. A monitor's
// alarm beside a score as bad does not take the place of the doctor's look at it.
func alsoBy(rungs, other []Rung) []Rung {
	own := true
	for i := range rungs {
		for _, role := range other[min(i, len(other)-1)].Must {
			if slices.Contains(rungs[i].Must, role) {
				continue
			}
			if own {
				rungs, own = slices.Clone(rungs), false
			}
			r := &rungs[i]
			r.Must = append(slices.Clone(r.Must), role)
			if !slices.Contains(r.Roles, role) {
				r.Roles = append(slices.Clone(r.Roles), role)
			}
		}
	}
	return rungs
}

// unasked says that a cause which has joined brings a role that must accept the present rung, and nothing
// waits for it: the role was not told in this round, or the rung had its answer from others.
func (d *draft) unasked() bool {
	a, must := &d.next, d.present().Must
	if !awaiting(a.State) || len(must) == 0 || d.answered() {
		return false
	}
	return a.AcceptDue.IsZero() || slices.ContainsFunc(must, func(role ward.Role) bool {
		return !slices.ContainsFunc(a.Duties, func(u ward.Duty) bool { return u.Role == role })
	})
}

func stepOf(a *ward.Alert, worst *ward.Cause) Step {
	switch {
	case a.Kind == ward.Technical:
		return Step{ward.Technical, worst.Told}
	case isDevice(worst.Code):
		return Step{ward.DeviceRaise, worst.Told}
	}
	return Step{ward.Clinical, worst.Told}
}

// climb tells the next rung.
func (d *draft) climb(why string) {
	d.audit("alert.escalate", why)
	d.tell(d.next.Level + 1)
}

// alertID is made from what caused the alert, so that the same cause scored again after a crash
// is the same alert.
func alertID(g *moment, cause string) ward.AlertID {
	from := strconv.FormatUint(g.position, 10)
	if g.score == nil || g.score.Position == 0 {
		from = "t" + strconv.FormatInt(g.at.UnixNano(), 10)
	}
	if g.turn > 0 {
		from += "#" + strconv.Itoa(g.turn)
	}
	return ward.AlertID(digest(g.place.String(), string(g.stay), string(g.kind), from, cause))
}

// noticeID is the same for the same promise, so that a receiver can recognise a repeat: decided again
// after a crash, it is made at the same time from the same version of its alert. Two rounds told in
// one millisecond are told apart by that.
func noticeID(n *ward.Notice, version int64) ward.NoticeID {
	return ward.NoticeID(digest(string(n.Alert), strconv.FormatInt(version, 10), strconv.Itoa(n.Level), string(n.Role), n.Channel,
		strconv.FormatInt(n.Made.UnixNano(), 10), string(n.To), string(n.Why)))
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "|")))
	return base32.StdEncoding.EncodeToString(sum[:])[:16]
}
