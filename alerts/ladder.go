package alerts

import (
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"
	"time"

	"wardwatch/ward"
)

// tell promises notices to the roles of a rung and starts its clock. Level 1 begins a new round:
// nobody has a duty left from before. Levels above the ladder's top repeat the top rung, so that
// no deadline is ever passed over in silence.
func (d *draft) tell(level int) {
	a, at := &d.next, d.g.at
	worst := worstVoiced(a.Causes, d.g.rule)
	rung := d.rung(worst, level)
	if level == 1 {
		a.Duties, a.Bedside, a.BedsideBy = nil, time.Time{}, ""
	}
	d.tellPoints()
	a.State, a.Level, a.Told, a.Band = ward.Active, level, at, max(a.Band, worst.Told)
	a.Rule, a.Until = "", time.Time{}
	a.Next, a.NextAt = ward.DueAccept, at.Add(rung.Accept)

	var roles strings.Builder
	for _, role := range rung.Roles {
		d.charge(role)
		roles.WriteString(" " + string(role))
		for _, channel := range rung.Channels {
			d.notices = append(d.notices, d.notice(role, channel, worst, rung))
		}
	}
	d.audit("alert.tell", levelWord(level)+":"+roles.String()+"; "+worst.Code+" "+worst.Told.String())
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

// charge gives a role its duty on the present rung. A duty it has not answered moves up with it.
func (d *draft) charge(role ward.Role) {
	a := &d.next
	fresh := ward.Duty{Role: role, Level: a.Level, Told: a.Told}
	for i := range a.Duties {
		if u := &a.Duties[i]; u.Role == role && u.Accepted.IsZero() && u.Declined.IsZero() {
			*u = fresh
			return
		}
	}
	a.Duties = append(a.Duties, fresh)
}

func (d *draft) notice(role ward.Role, channel string, worst *ward.Cause, rung Rung) ward.Notice {
	a, at := &d.next, d.g.at
	return ward.Notice{
		ID: noticeID(a, role, channel, at), Alert: a.ID, Place: a.Place, Kind: a.Kind, Band: worst.Told,
		Level: a.Level, Role: role, Channel: channel, Made: at, Due: at,
		Expires: at.Add(min(d.p.NoticeLife, rung.Accept)), State: ward.NoticePending,
	}
}

// rung is the one for the worst cause people know of.
func (d *draft) rung(worst *ward.Cause, level int) Rung {
	rungs := d.rungs(worst)
	return rungs[min(level, len(rungs))-1]
}

func (d *draft) rungs(worst *ward.Cause) []Rung {
	if d.g.rule.name == RuleComfort && d.next.Kind != ward.Technical {
		return d.p.Comfort
	}
	return d.p.ladder(stepOf(&d.next, worst))
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

// deadline does what has fallen due. People told of nothing that still stands are left alone.
func (d *draft) deadline() {
	a := &d.next
	worst := worstVoiced(a.Causes, d.g.rule)
	switch a.Next {
	case ward.DueAccept:
		d.climb("not accepted in time")
	case ward.DueBedside:
		d.climb("not at the bedside in time")
	case ward.DueWake:
		d.audit("alert.wake", "")
		d.tell(1)
	case ward.DueReview:
		d.review(worst.Told)
	}
}

// review asks for a new look at what is still open though somebody was at the bedside. What was high
// when they were, and is milder now, may wait longer.
func (d *draft) review(told ward.Band) {
	a := &d.next
	wait := d.p.review(told)
	due := a.Bedside.Add(wait)
	switch left := due.Sub(d.g.at); {
	case wait == 0:
		a.Next, a.NextAt = ward.DueNothing, time.Time{}
	case left > 0 && left <= wait:
		a.NextAt = due
	default:
		d.audit("alert.review", "still "+told.String())
		d.tell(1)
	}
}

// review is how long what is open is left alone after somebody was at the bedside; zero: for good.
func (p *Policy) review(told ward.Band) time.Duration {
	if told == ward.High && p.Review > 0 {
		return p.Review
	}
	return p.ClosedFor
}

// late says whether the alert's deadline has passed. A deadline farther ahead than its own length
// was set by a clock that has since been put back: it counts as passed.
func late(p *Policy, a *ward.Alert, at time.Time) bool {
	if a.NextAt.IsZero() {
		return false
	}
	if !at.Before(a.NextAt) {
		return true
	}
	switch a.Next {
	case ward.DueAccept, ward.DueBedside, ward.DueReview:
	case ward.DueWake:
		if a.State != ward.Snoozed {
			return false // a rule ends at the time its order says
		}
	default:
		return false
	}
	return a.NextAt.Sub(at) > p.longest(a)
}

// longest is the longest wait for what falls due of an alert.
func (p *Policy) longest(a *ward.Alert) (d time.Duration) {
	switch a.Next {
	case ward.DueReview:
		return p.review(worstTold(a.Causes, rule{}))
	case ward.DueWake:
		return p.MaxSnooze
	}
	for _, rungs := range p.Ladder {
		for _, r := range rungs {
			d = max(d, r.Accept, r.Bedside)
		}
	}
	for _, r := range p.Comfort {
		d = max(d, r.Accept, r.Bedside)
	}
	return d
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

// noticeID is the same for the same promise, so that a receiver can recognise a repeat. When the
// rung was told stands for the round.
func noticeID(a *ward.Alert, role ward.Role, channel string, told time.Time) ward.NoticeID {
	return ward.NoticeID(digest(string(a.ID), strconv.Itoa(a.Level), string(role), channel, strconv.FormatInt(told.UnixNano(), 10)))
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "|")))
	return base32.StdEncoding.EncodeToString(sum[:])[:16]
}
