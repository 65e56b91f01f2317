package alerts

import (
	"slices"
	"strconv"
	"time"

	"wardwatch/ward"
)

// decide is the heart of the desk: what one sighting makes of one alert (nil: none is open). It
// is pure; it returns nil when there is nothing new, and that is nearly always.
func decide(p *Policy, a *ward.Alert, g *sighting) *ward.Change {
	causes, moved := p.weigh(a, g)
	if a == nil && !moved {
		return nil
	}
	if !moved && !pressing(a, &g.moment) && !higher(a, &g.moment) && !(g.tick && late(p, a, g.at)) {
		return nil
	}
	return settled(p, a, g.moment, causes, moved)
}

// settled makes the change. It is apart from decide because it needs room for a whole alert.
func settled(p *Policy, a *ward.Alert, m moment, causes []ward.Cause, moved bool) *ward.Change {
	d := draft{p: p, g: &m, before: a}
	if a != nil {
		d.next = *a
		d.next.Duties = slices.Clone(a.Duties)
	} else {
		d.next = raise(d.g, causes[0].Code)
		d.audit(deedRaise, causes[0].Code+" "+causes[0].Band.String())
	}
	if !moved {
		causes = slices.Clone(causes)
	}
	d.next.Causes = causes
	d.newChart(a)
	d.settle()
	c := d.finish()
	return &c
}

// newChart notes that the person's chart has changed: what people were told in the points of the
// old one is from now on measured in those of the new one.
func (d *draft) newChart(before *ward.Alert) {
	c, s := chartCause(before), d.g.score
	if c == nil || s == nil || s.Refused != ward.NotRefused || c.Code == s.Chart {
		return
	}
	d.audit("alert.chart", c.Code+" to "+s.Chart)
	d.next.Points = points(s)
}

// pressing says whether the passing of time or a rule asks for a decision without any new sign.
func pressing(a *ward.Alert, g *moment) bool {
	if a.State == ward.Suppressed && (a.Rule != g.rule.name || !a.Until.Equal(g.rule.until)) {
		return true
	}
	for i := range a.Causes {
		c := &a.Causes[i]
		if c.Due.IsZero() && g.rule.name == "" {
			continue
		}
		if ripe(c, g.rule, g.at) || c.Live() && c.Told >= trigger && g.rule.covers(c.Code) {
			return true
		}
		if c.Live() && a.State == ward.Candidate && g.rule.covers(c.Code) && !g.at.Before(c.Due) {
			return true
		}
	}
	return false
}

// higher says whether points rose while a crossing waits out its persistence: they are written,
// so that what is told at its end is right whoever tells it.
func higher(a *ward.Alert, g *moment) bool {
	if g.score == nil || g.score.Refused != ward.NotRefused || points(g.score) <= points(&a.Score) {
		return false
	}
	c := findCause(a.Causes, g.score.Chart)
	return c != nil && c.Live() && !c.Due.IsZero()
}

func raise(g *moment, cause string) ward.Alert {
	return ward.Alert{
		ID: alertID(g, cause), Kind: g.kind, Place: g.place, Stay: g.stay,
		State: ward.Candidate, Raised: g.at,
	}
}

// draft is a decision being made.
type draft struct {
	p      *Policy
	g      *moment
	before *ward.Alert // as it stood before the sighting; nil: there was none, or it is a person's deed
	next   ward.Alert

	entries  []ward.AuditEntry
	notices  []ward.Notice
	withdraw []ward.Role
	recall   []ward.Addressee
	rising   []ward.Role // told by a rise in this decision: on a rung above they are not told a second time
}

func (d *draft) audit(deed, detail string) {
	d.entries = append(d.entries, ward.AuditEntry{At: d.g.at, Deed: deed, Object: "alert:" + string(d.next.ID), Detail: detail})
}

// finish closes the draft into one transaction.
func (d *draft) finish() ward.Change {
	a := &d.next
	a.Version++
	a.Position = max(a.Position, d.g.position)
	if s := d.g.score; s != nil && !lessSeen(a, s) {
		a.Score = *s
	}
	a.Clear = clearSince(a.Causes)
	schedule(a)
	return ward.Change{Alert: d.next, Audit: d.entries, Notices: d.notices, Withdraw: d.withdraw, Recall: d.recall}
}

// lessSeen says that a score is only milder than the one behind a crossing that waits because an input
// of that one is missing: what was seen then is kept, or the crossing would seem to be over at the next
// look.
func lessSeen(a *ward.Alert, s *ward.Score) bool {
	c := chartCause(a)
	return c != nil && c.Told < trigger && c.Code == a.Score.Chart && points(s) < points(&a.Score) && !sameInputs(&a.Score, s)
}

// clearSince is since when every live cause has been quiet; zero while one is not.
func clearSince(causes []ward.Cause) (since time.Time) {
	for i := range causes {
		switch c := &causes[i]; {
		case !c.Live():
		case c.Clear.IsZero():
			return time.Time{}
		case c.Clear.After(since):
			since = c.Clear
		}
	}
	return since
}

// settle brings the alert's state into line with its causes, the rule in force and the time.
func (d *draft) settle() {
	a, g := &d.next, d.g
	loud, any := d.ripen()
	hushed := d.hush()
	live := slices.ContainsFunc(a.Causes, ward.Cause.Live)
	d.setKind()
	switch {
	case !live:
		d.end(d.reason(), "")
	case worstVoiced(a.Causes, g.rule) == nil && hushed:
		d.suppress()
	case worstVoiced(a.Causes, g.rule) == nil:
		d.wait()
	case loud || any && !beingHandled(a.State) || d.unasked():
		d.anew()
	case g.tick && late(d.p, a, g.at):
		d.deadline()
	}
}

// beingHandled says whether people are being told or are on their way, so that one more cause
// that is not worse can join without telling them again. At the bedside they have looked at what
// was there; a new cause after that is news.
func beingHandled(s ward.AlertState) bool {
	switch s {
	case ward.Active, ward.Delivered, ward.Seen, ward.Accepted, ward.Snoozed:
		return true
	}
	return false
}

// ripen marks every cause that has lasted as told. loud: one of them is a rise. any: one of them is
// news to people who have been at the bedside.
func (d *draft) ripen() (loud, any bool) {
	a, g := &d.next, d.g
	now := worstTold(a.Causes, g.rule)
	for i := range a.Causes {
		c := &a.Causes[i]
		if !ripe(c, g.rule, g.at) {
			continue
		}
		before := now
		if d.waited(c.Code) {
			before = max(now, worstTold(d.before.Causes, g.rule))
		}
		fresh := c.Told < trigger
		any = any || !joins(c, before)
		loud = loud || c.Band > before || !fresh && c.Band <= c.Told || fresh && (urgent(c) || d.blinds(c))
		c.Told, c.Due, c.Clear, c.Eased = c.Band, time.Time{}, time.Time{}, time.Time{}
		if isChart(c.Code) { // who is not called again is not called two minutes later for these points either
			d.tellPoints()
		}
	}
	return loud, any
}

// waited says that a cause had lasted before this sighting: then it counts against what people knew
// before it, as it would have had time been looked at first. Whether that happened must not matter:
// after a restart the journal is read again without the time in between.
func (d *draft) waited(code string) bool {
	if d.before == nil {
		return false
	}
	c := standing(d.before, code)
	return c != nil && ripe(c, d.g.rule, d.g.at)
}

// joins says that a cause is no news to people who know of something else: a look at an order, or
// a flag milder than what they came for (more oxygen, given by those who came).
func joins(c *ward.Cause, before ward.Band) bool {
	return before >= trigger && (isReview(c.Code) || isFlag(c.Code) && c.Band < before)
}

// urgent causes are told even to people who already know of something as bad. So is an order to look
// at again: it calls the doctor, whoever else is called.
func urgent(c *ward.Cause) bool {
	return c.Band == ward.High && (c.Code == CauseCheck || isDevice(c.Code)) || c.Code == CauseCareReview
}

// blinds says that a snooze was given on what was seen, and nothing is seen any more.
func (d *draft) blinds(c *ward.Cause) bool {
	return d.next.State == ward.Snoozed && c.Code == CauseSignal
}

// hush takes back what was told of causes that a rule now covers: when the rule ends they are
// told anew, at once. It reports whether the rule keeps any due cause quiet.
func (d *draft) hush() (hushed bool) {
	for i := range d.next.Causes {
		c := &d.next.Causes[i]
		if !c.Live() || !d.g.rule.covers(c.Code) {
			continue
		}
		if c.Told >= trigger {
			c.Told, c.Due, c.Eased = ward.Low, d.g.at, time.Time{}
		}
		hushed = hushed || !d.g.at.Before(c.Due)
	}
	return hushed
}

// setKind follows the live causes: an alert is a device's only while nothing else stands behind it.
func (d *draft) setKind() {
	a := &d.next
	if a.Kind == ward.Technical {
		return
	}
	kind := ward.AlertKind("")
	for i := range a.Causes {
		if c := &a.Causes[i]; c.Live() && (kind == "" || !isDevice(c.Code)) {
			kind = ward.Clinical
			if isDevice(c.Code) {
				kind = ward.DeviceRaise
			}
		}
	}
	if kind != "" {
		a.Kind = kind
	}
}

// wait is the candidate's state: it tells nobody until the first cause has lasted.
func (d *draft) wait() {
	a := &d.next
	if a.State != ward.Candidate {
		d.withdrawAll()
	}
	a.State, a.Rule, a.Until = ward.Candidate, "", time.Time{}
	a.Next, a.NextAt = ward.DuePersist, firstDue(a.Causes, d.g.rule)
	if a.NextAt.IsZero() { // only covered causes, none due yet
		a.NextAt = firstDue(a.Causes, rule{})
	}
	if a.Told.IsZero() {
		a.Band = worstPending(a.Causes)
		d.tellPoints() // what would be told
	}
}

func firstDue(causes []ward.Cause, r rule) (first time.Time) {
	for i := range causes {
		c := &causes[i]
		if c.Live() && !c.Due.IsZero() && !r.covers(c.Code) && (first.IsZero() || c.Due.Before(first)) {
			first = c.Due
		}
	}
	return first
}

func worstPending(causes []ward.Cause) (worst ward.Band) {
	for i := range causes {
		if causes[i].Live() {
			worst = max(worst, causes[i].Band)
		}
	}
	return worst
}

// suppress keeps the alert, visibly, under the name of the rule that says not to tell.
func (d *draft) suppress() {
	a, r := &d.next, d.g.rule
	if a.State != ward.Suppressed || a.Rule != r.name {
		d.withdrawAll()
		d.audit("alert.suppress", r.name)
	}
	a.State, a.Rule, a.Until = ward.Suppressed, r.name, r.until
	a.Next, a.NextAt = ward.DueWake, r.until
	if r.name == RuleComfort || r.until.IsZero() { // the order has no end of its own; its review date is shown
		a.Next, a.NextAt = ward.DueNothing, time.Time{}
	}
	a.Band = max(a.Band, worstPending(a.Causes))
}

// end resolves the alert.
func (d *draft) end(reason string, by ward.PersonID) {
	a := &d.next
	d.withdrawAll()
	a.State, a.Ended, a.Reason, a.EndedBy = ward.Resolved, d.g.at, reason, by
	a.Next, a.NextAt = ward.DueNothing, time.Time{}
	for i := range a.Causes {
		if a.Causes[i].Live() {
			a.Causes[i].Ended = d.g.at
		}
	}
	d.entries = append(d.entries, ward.AuditEntry{At: d.g.at, By: by, Deed: "alert.resolve", Object: "alert:" + string(a.ID), Detail: reason})
}

// Reasons for which an alert ends by itself.
const (
	ReasonBrief     = "did not persist"
	ReasonFell      = "score fell"
	ReasonAlarm     = "device alarm ended"
	ReasonRecovered = "recovered"
	ReasonDone      = "done" // a symptom check, or the look at an order
)

func (d *draft) reason() string {
	a := &d.next
	switch {
	case a.Kind == ward.Technical && !a.Told.IsZero():
		return ReasonRecovered
	case a.Told.IsZero() && a.State != ward.Suppressed:
		return ReasonBrief
	case !slices.ContainsFunc(a.Causes, func(c ward.Cause) bool { return !isDevice(c.Code) }):
		return ReasonAlarm
	case !slices.ContainsFunc(a.Causes, func(c ward.Cause) bool { return !isCare(c.Code) }):
		return ReasonDone
	}
	return ReasonFell
}

// withdrawAll takes back every notice still on its way, the warning of a snooze's end included.
func (d *draft) withdrawAll() {
	roles := []ward.Role{d.next.SnoozedAs}
	for _, duty := range d.next.Duties {
		roles = append(roles, duty.Role)
	}
	for _, role := range roles {
		if role != "" && !slices.Contains(d.withdraw, role) {
			d.withdraw = append(d.withdraw, role)
		}
	}
}

func levelWord(level int) string { return "level " + strconv.Itoa(level) }
