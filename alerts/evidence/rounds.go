package evidence

import (
	"cmp"
	"slices"
	"time"

	"wardwatch/ward"
)

// telling is one role told on one rung of one alert at one moment.
type telling struct {
	at        time.Time
	role      ward.Role
	level     int
	band      ward.Band
	kind      ward.AlertKind // of what it was told for, whatever the alert has become since
	cause     string         // what it was told for; empty where the record does not say
	how       ward.Holding
	people    []ward.PersonID
	notices   int
	reached   bool      // a channel took one of its notices
	silent    bool      // notices were promised, and each failed or was withdrawn before it left
	opens     bool      // a round begins with it
	warns     bool      // it says that a snooze ends: it disturbs, and asks for no answer
	delivered time.Time // the first
	answered  time.Time // accepted or declined by the role, in this round
	accepted  bool
}

// interrupts says whether anybody was disturbed: a notice went out, or the telling stood on the board
// alone and there was somebody whom it meant.
func (t *telling) interrupts() bool {
	if t.notices == 0 {
		return t.how != ward.HeldByNobody
	}
	return !t.silent
}

// round is one telling of the first rung and all that follows until the next.
type round struct {
	first     bool
	band      ward.Band      // the worst told in it
	kind      ward.AlertKind // of the worst
	cause     string
	comfort   bool // told in comfort care
	told      time.Time
	end       time.Time // of the round: the next one, the alert's end, or now
	tellings  []telling
	delivered time.Time
	seen      time.Time
	taken     time.Time               // somebody took it over
	takes     map[ward.Role]time.Time // when each role first took it over; "" when it was closed by somebody in no role
	takenAs   ward.Role               // in which role
	accepted  time.Time               // by accepting, or by being at the bedside
	bedside   time.Time
	closed    time.Time // by a person
}

// roundsOf takes one alert's records apart. Times are compared to the millisecond, which is what the
// book keeps.
func roundsOf(c *Case, now time.Time) []round {
	tellings := tellingsOf(c)
	if len(tellings) == 0 {
		return nil
	}
	var rounds []round
	for i := range tellings {
		t := &tellings[i]
		if len(rounds) == 0 || t.opens && t.at.After(rounds[len(rounds)-1].told) {
			rounds = append(rounds, round{first: len(rounds) == 0, kind: t.kind, cause: t.cause, comfort: c.comfortAt(t.at), told: t.at})
		}
		r := &rounds[len(rounds)-1]
		r.tellings = append(r.tellings, *t)
		if !t.warns && t.band > r.band {
			r.band, r.kind, r.cause = t.band, t.kind, t.cause
		}
	}
	for i := range rounds {
		rounds[i].end = now
		if !c.Alert.Ended.IsZero() {
			rounds[i].end = c.Alert.Ended
		}
		if i+1 < len(rounds) {
			rounds[i].end = rounds[i+1].told
		}
		rounds[i].deeds(c, i+1 == len(rounds))
	}
	return rounds
}

type tellKey struct {
	at   int64
	role ward.Role
}

// tellingsOf finds who was told when, from the record and from the notices: a role that is told on
// the board alone has no notice, and a notice says how its people were found.
func tellingsOf(c *Case) []telling {
	found := map[tellKey]*telling{}
	recorded := slices.ContainsFunc(c.Audit, func(e ward.AuditEntry) bool { return e.Deed == deedTell })
	get := func(at time.Time, role ward.Role) *telling {
		k := tellKey{at.UnixMilli(), role}
		t := found[k]
		if t == nil {
			t = &telling{at: time.UnixMilli(at.UnixMilli()).UTC(), role: role, kind: c.Alert.Kind, silent: true}
			found[k] = t
		}
		return t
	}
	for i := range c.Audit {
		e := &c.Audit[i]
		if e.Deed != deedTell {
			continue
		}
		band, known := bandOf(e.Detail)
		if !known {
			band = c.Alert.Band
		}
		for _, r := range rolesOf(e.Detail) {
			t := get(e.At, r.role)
			t.how = r.how
			level := levelOf(e.Detail)
			t.level, t.band, t.opens = max(t.level, level), band, t.opens || level <= 1 // two rungs may be told at one moment
			t.cause = causeOf(e.Detail)
			t.kind = kindOf(&c.Alert, t.cause)
		}
	}
	for i := range c.Notices {
		n := &c.Notices[i]
		if n.Why == ward.WhyTest {
			continue
		}
		t := get(n.Made, n.Role)
		if t.cause == "" && n.Kind != "" {
			t.kind = n.Kind
		}
		t.note(n, c.Receipts[n.ID])
		t.warns = n.Why == ward.WhySnoozeEnds
		// A notice of its own, as after a hand-over, begins nothing where the record says what does.
		t.opens = t.opens || !recorded && !t.warns && n.Level <= 1
	}
	for i := range c.Alert.Duties {
		u := &c.Alert.Duties[i]
		if t := found[tellKey{u.Told.UnixMilli(), u.Role}]; t != nil && t.how == "" {
			t.how, t.people = u.How, u.People
		}
	}
	out := make([]telling, 0, len(found))
	for _, t := range found {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b telling) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.level, b.level), cmp.Compare(a.role, b.role))
	})
	return out
}

func (t *telling) note(n *ward.Notice, receipts []ward.Receipt) {
	t.notices++
	t.level, t.band = max(t.level, n.Level), max(t.band, n.Band)
	if n.How != "" {
		t.how = n.How
	}
	if n.To != "" && !slices.Contains(t.people, n.To) {
		t.people = append(t.people, n.To)
	}
	at, ok := deliveredAt(n, receipts)
	if ok {
		t.reached = true
		t.delivered = earliest(t.delivered, at)
	}
	if ok || n.State == ward.NoticePending || n.State == "" {
		t.silent = false
	}
}

func deliveredAt(n *ward.Notice, receipts []ward.Receipt) (at time.Time, ok bool) {
	for _, r := range receipts {
		if r.OK {
			at, ok = earliest(at, r.At), true
		}
	}
	if !ok && n.State == ward.NoticeDelivered {
		return n.Settled, true
	}
	return at, ok
}

// earliest is the first of two times; a zero one never was.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// deeds fills in what people did in the round. A deed belongs to the round that it was done in; one
// at the very end of the last round, as closing is, still belongs to it.
func (r *round) deeds(c *Case, last bool) {
	for i := range r.tellings {
		if t := &r.tellings[i]; t.reached && !t.warns {
			r.delivered = earliest(r.delivered, t.delivered)
		}
	}
	for i := range c.Audit {
		e := &c.Audit[i]
		at := time.UnixMilli(e.At.UnixMilli()).UTC()
		if e.By == "" || at.Before(r.told) || !at.Before(r.end) && !(last && !at.After(r.end)) {
			continue
		}
		r.deed(e, at)
	}
}

func (r *round) deed(e *ward.AuditEntry, at time.Time) {
	role, _, _ := actedAs(*e)
	takes := func() {
		if r.taken.IsZero() || at.Before(r.taken) {
			r.taken, r.takenAs = at, role
		}
		if r.takes == nil {
			r.takes = map[ward.Role]time.Time{}
		}
		r.takes[role] = earliest(r.takes[role], at)
	}
	switch ward.Deed(e.Deed[min(len(deedPrefix), len(e.Deed)):]) {
	case ward.DoAccept:
		takes()
		r.accepted = earliest(r.accepted, at)
		r.answer(role, at, true)
	case ward.DoBedside:
		takes()
		r.accepted, r.bedside = earliest(r.accepted, at), earliest(r.bedside, at)
		r.answer(role, at, true)
	case doChart:
		if role == "" { // in no duty: nobody has taken anything on
			break
		}
		takes()
		r.accepted = earliest(r.accepted, at)
		if role == ward.RoleNurse && r.knownAt(at) < ward.High {
			r.bedside = earliest(r.bedside, at)
		}
		r.answer(role, at, true)
	case ward.DoSnooze, ward.DoPlan:
		takes()
	case ward.DoResolve:
		takes()
		r.closed = at
	case ward.DoDecline:
		r.answer(role, at, false)
	case ward.DoSee, ward.DoOnWay, ward.DoEscalate:
	default:
		return
	}
	r.seen = earliest(r.seen, at)
}

// doChart is a set of observations charted since people were told: the desk takes it for its charter's
// acceptance, and for a nurse's being at the bedside while nothing high is known.
const doChart ward.Deed = "charted"

// knownAt is the band that people had last been told of at a time.
func (r *round) knownAt(at time.Time) (band ward.Band) {
	for i := range r.tellings {
		if t := &r.tellings[i]; !t.warns && !t.at.After(at) {
			band = t.band
		}
	}
	return band
}

// settled is when everybody who must had taken the round over: each of those roles, or with none
// anybody; closing it settles it for all. Zero: not in this round.
func (r *round) settled(must []ward.Role) (at time.Time) {
	if len(must) == 0 {
		return r.taken
	}
	for _, role := range must {
		took := earliest(r.takes[role], r.closed)
		if took.IsZero() {
			return time.Time{}
		}
		if took.After(at) {
			at = took
		}
	}
	return at
}

// answer notes a role's answer to the latest telling of it before that.
func (r *round) answer(role ward.Role, at time.Time, accepted bool) {
	for i := len(r.tellings) - 1; i >= 0; i-- {
		t := &r.tellings[i]
		if t.role != role || t.warns || t.at.After(at) {
			continue
		}
		if t.answered.IsZero() || at.Before(t.answered) {
			t.answered, t.accepted = at, accepted
		}
		return
	}
}
