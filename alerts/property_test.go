package alerts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

// step is one thing that can happen to one patient.
type step struct {
	what   string
	after  time.Duration // since the step before
	points int
	role   ward.Role
	person ward.PersonID
	on     bool
	code   string
}

func (s step) String() string {
	return fmt.Sprintf("+%v %s %d %s/%s %v %s", s.after, s.what, s.points, s.role, s.person, s.on, s.code)
}

var roles = []ward.Role{ward.RoleNurse, ward.RoleCharge, ward.RoleDoctor, ward.RoleLead, ward.RoleICU}

func steps(kinds ...string) *rapid.Generator[[]step] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		return step{
			what: rapid.SampledFrom(kinds).Draw(t, "what"),
			after: rapid.SampledFrom([]time.Duration{0, time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 119 * time.Second,
				2 * time.Minute, 3 * time.Minute, 11 * time.Minute, 31 * time.Minute, 2 * time.Hour}).Draw(t, "after"),
			points: rapid.IntRange(0, 12).Draw(t, "points"),
			role:   rapid.SampledFrom(roles).Draw(t, "role"),
			person: rapid.SampledFrom([]ward.PersonID{"anna", "binh"}).Draw(t, "person"),
			on:     rapid.Bool().Draw(t, "on"),
			code:   rapid.SampledFrom([]string{"asystole", "desat"}).Draw(t, "code"),
		}
	}), 1, 60)
}

// Everything that can happen, often enough weighted towards scores and time.
var everything = []string{
	"score", "score", "score", "score", "partial", "held", "lost", "check", "single", "alarm",
	"flag", "flag", "flag held", "flag gone", "review", "chart",
	"tick", "tick", "tick", "see", "accept", "accept", "decline", "at_bedside", "resolve", "snooze", "escalate",
	"off", "return", "comfort", "full", "deliver", "undeliver", "restart",
	"on_way", "plan", "charts", "hand over", "symptoms", "no address",
}

// run drives a rig through steps.
type run struct {
	*rig
	now   time.Time
	score ward.Score
	flags []ward.Flag
	chart string

	unnamed bool // nobody is known to lie there
}

func newRun(t testing.TB) *run { return newRunUnder(t, Default("webhook")) }

func newRunUnder(t testing.TB, p Policy) *run {
	r := &run{rig: newRig(t, p), now: clock("08:00:00"), chart: "news2"}
	r.stays["s1"] = ward.Stay{ID: "s1", Place: bed7}
	r.score = complete(r.now, 0)
	return r
}

// do makes one step happen; its error is the desk's or the deed's refusal.
func (r *run) do(s step) error {
	ctx := context.Background()
	stay := r.stays["s1"]
	switch s.what {
	case "score":
		r.score = complete(r.now, s.points)
	case "single":
		r.score = complete(r.now, 3)
		r.score.Band = ward.LowMedium
	case "partial":
		r.score = partial(r.now, s.points)
	case "held":
		band := r.score.Band
		r.score = partial(r.now, 0)
		r.score.Band, r.score.Held = band, true
	case "lost":
		r.score = lost(r.now, r.score.Band)
	case "check":
		r.score = partial(r.now, s.points)
		r.score.Check, r.score.Parts[0].State = "rr", ward.Implausible
	case "flag", "flag held", "flag gone", "review":
		r.flag(s)
	case "chart":
		r.chart = map[string]string{"news2": "npews-england", "npews-england": "news2"}[r.chart]
	case "off":
		stay.Off = ward.OffWard{Since: r.now, Until: r.now.Add(30 * time.Minute)}
	case "return":
		stay.Off = ward.OffWard{}
	case "comfort":
		stay.Care = ward.Care{Status: ward.ComfortCare, Since: r.now}
	case "full":
		stay.Care = ward.Care{}
	case "tick":
		return r.desk.Tick(ctx, r.now)
	case "back": // the clock is put back; it ticked before
		if err := r.desk.Tick(ctx, r.now); err != nil {
			return err
		}
		r.now = r.now.Add(-s.after - 45*time.Minute)
		return r.desk.Tick(ctx, r.now)
	case "restart":
		r.restart()
		return nil
	case "deliver", "undeliver", "no address":
		due, _ := r.book.DueNotices(ctx, r.now, 1)
		for _, n := range due {
			ok := s.what == "deliver"
			rec := ward.Receipt{Notice: n.ID, At: r.now, OK: ok, Final: !ok, Nobody: s.what == "no address", Error: "refused"}
			settled, _ := r.book.Settle(ctx, rec)
			r.desk.Receipt(ctx, settled, rec)
		}
		return nil
	case "symptoms":
		stay.Symptoms = r.now
		r.stays["s1"] = stay
		return r.again(s)
	case "charts", "hand over":
		return r.again(s)
	case "alarm":
	default:
		return r.deed(s)
	}
	r.stays["s1"] = stay
	r.score.At, r.score.Chart = r.now, r.chart
	if r.unnamed {
		r.score.Stay = ""
	}
	if s := &r.score; s.Band >= ward.Medium && !s.Held && !s.Lost {
		s.Band = highFrom(r.chart, points(s))
	}
	r.score.NFlags = copy(r.score.Flags[:], r.flags)
	r.position++
	r.score.Position = r.position
	return r.again(s)
}

// highFrom is the band of so many points at medium or above: of NEWS2 seven are high, of PEWS nine.
func highFrom(chart string, points int) ward.Band {
	if points >= map[string]int{"news2": 7, "npews-england": 9}[chart] {
		return ward.High
	}
	return ward.Medium
}

// flag raises, holds or ends a flag beside the score; more points make it worse.
func (r *run) flag(s step) {
	code, band := "limit:spo2:low", ward.Medium
	switch {
	case s.what == "review":
		code, band = ward.FlagScaleReview, ward.LowMedium
	case s.points > 9:
		band = ward.High
	case s.code == "asystole":
		code = ward.FlagOxygenRise
	}
	r.flags = slices.Clone(r.flags)
	i := slices.IndexFunc(r.flags, func(f ward.Flag) bool { return f.Code == code })
	switch {
	case i < 0 && s.what != "flag held" && s.what != "flag gone":
		r.flags = append(r.flags, ward.Flag{Code: code, Band: band, Since: r.now, Due: r.now.Add(15 * time.Second)})
	case i >= 0 && s.what == "flag gone":
		r.flags = slices.Delete(r.flags, i, i+1)
	case i >= 0:
		r.flags[i].Held = s.what == "flag held"
		r.flags[i].Band = max(r.flags[i].Band, band)
	}
}

// again hands the last score over (once more), or what else the step told the desk.
func (r *run) again(s step) error {
	ctx := context.Background()
	switch s.what {
	case "charts":
		return r.desk.Charted(ctx, ward.Observation{Stay: "s1", At: r.now, Entered: r.now, By: s.person}, s.role)
	case "hand over":
		to := map[ward.PersonID]ward.PersonID{"anna": "binh", "binh": "anna"}[s.person]
		return r.desk.HandOver(ctx, ward.HandOver{Role: s.role, From: s.person, To: to, Stays: []ward.StayID{"s1"}}, r.now)
	case "symptoms":
		return r.desk.Symptoms(ctx, ward.SymptomCheck{Stay: "s1", At: r.now, Entered: r.now, By: s.person, Pain: s.points % 4})
	}
	var alarms []ward.DeviceAlarm
	if s.what == "alarm" {
		p := ward.HighPriority
		if s.code == "desat" {
			p = ward.MediumPriority
		}
		alarms = []ward.DeviceAlarm{{Code: s.code, Priority: p, On: s.on}}
	}
	score := r.score
	return r.desk.Observe(ctx, &score, alarms)
}

// byName lets people hold the duties, by a roster that changes with the hour and has holes.
func (r *run) byName() {
	r.personal = map[string]bool{"webhook": true}
	r.who = func(role ward.Role, _ ward.Alert, at time.Time) ward.OnDuty {
		switch (at.Hour() + len(role)) % 4 {
		case 0:
			return ward.OnDuty{Role: role, How: ward.HeldByNobody}
		case 1:
			return ward.OnDuty{Role: role, How: ward.HeldByDefault, People: []ward.PersonID{"anna"}}
		}
		return ward.OnDuty{Role: role, How: ward.HeldByRoster, People: []ward.PersonID{"anna", "binh"}}
	}
	r.restart()
}

func (r *run) patient() *ward.Alert {
	for _, a := range r.desk.Open() {
		if a.Kind != ward.Technical {
			return &a
		}
	}
	return nil
}

func (r *run) deed(s step) error {
	if s.what == "resolve" { // whether one may close goes by what was last seen: after a restart each bed is scored once
		last := r.score
		last.At, last.Position = r.now, 0
		if err := r.desk.Observe(context.Background(), &last, nil); err != nil {
			return err
		}
	}
	a := r.patient()
	if a == nil {
		return nil
	}
	_, err := r.desk.Act(context.Background(), ward.Action{
		Alert: a.ID, Do: ward.Deed(s.what), By: s.person, Role: s.role, At: r.now, Reason: "reason", Until: r.now.Add(20 * time.Minute),
	})
	var e *ward.Error
	if errors.As(err, &e) && e.Code != ward.Unavailable {
		return nil // refused, which is an answer
	}
	return err
}

// What must hold after every step of every sequence.
func (r *run) check(t *rapid.T, s step, before *ward.Alert) {
	t.Helper()
	after := r.patient()
	comfort := r.stays["s1"].Care.Status == ward.ComfortCare // closing under this order is allowed
	if r.score.Band == ward.High && after == nil && !comfort {
		t.Fatalf("high band, and no alert is open, snoozed or suppressed")
	}
	if patients := len(r.patientAlerts()); patients > 1 {
		t.Fatalf("%d alerts for one patient", patients)
	}
	losing := s.what == "lost" || s.what == "check"
	if before != nil && (s.what == "held" || s.what == "partial") { // these two still see the respiratory rate
		c := chartCause(before)
		losing = c != nil && c.Told >= trigger
	}
	if before != nil && !slices.ContainsFunc(before.Causes, func(c ward.Cause) bool { return c.Live() && !isFlag(c.Code) }) {
		losing = false // a flag that is not listed is over, whatever else was lost
	}
	if losing && before != nil && before.State != ward.Candidate && before.State != ward.Suppressed && after == nil {
		t.Fatalf("losing an input closed the alert in state %s", before.State)
	}
	if s.what == "resolve" && before != nil && after == nil && r.score.Band == ward.High && before.State != ward.Suppressed && !comfort {
		t.Fatal("closed while the patient is high and no rule says so")
	}
	for _, a := range r.book.alerts {
		if r.desk.byID[a.ID] == nil { // an open one may be newer in memory
			r.checkAlert(t, s, a)
		}
	}
	for _, a := range r.desk.Open() {
		r.checkAlert(t, s, a)
	}
	r.checkNotices(t)
}

func (r *run) patientAlerts() (out []ward.Alert) {
	for _, a := range r.desk.Open() {
		if a.Kind != ward.Technical {
			out = append(out, a)
		}
	}
	return out
}

func (r *run) checkAlert(t *rapid.T, s step, a ward.Alert) {
	t.Helper()
	live := slices.ContainsFunc(a.Causes, ward.Cause.Live)
	switch {
	case a.State == ward.Resolved:
		if a.Reason == "" || a.Ended.IsZero() || live || !a.NextAt.IsZero() {
			t.Fatalf("ended without a reason, or not wholly: %+v", a)
		}
		return
	case !live:
		t.Fatalf("open with nothing behind it: %+v", a)
	case a.State == ward.Suppressed && a.Rule == "":
		t.Fatalf("suppressed by no rule: %+v", a)
	case a.State == ward.Candidate && a.NextAt.IsZero():
		t.Fatalf("a candidate that nothing will ever tell: %+v", a)
	case beingHandled(a.State) && a.NextAt.IsZero():
		t.Fatalf("%s without a deadline: %+v", a.State, a)
	case a.State != ward.Snoozed && a.SnoozedBy != "", a.State == ward.Snoozed && !a.Until.After(a.Told):
		t.Fatalf("snoozed by somebody, or until a time, that is not so: %+v", a)
	}
	r.checkAnswered(t, a)
	if s.what != "tick" && s.what != "back" {
		return
	}
	if due := dueAt(&a, ruleFor(new(r.stays["s1"]), r.now)); !due.IsZero() && !due.After(r.now) && a.State != ward.Suppressed {
		for i := range a.Causes { // what a rule keeps quiet may be due
			if c := &a.Causes[i]; c.Live() && !c.Due.IsZero() && ruleFor(new(r.stays["s1"]), r.now).covers(c.Code) {
				return
			}
		}
		t.Fatalf("a deadline passed at %v and nothing was done by %v: %+v", due, r.now, a)
	}
	if a.Next == ward.DueAccept && a.NextAt.Sub(r.now) > a.NextAt.Sub(a.Told)+clockSlack {
		t.Fatalf("the next rung is %v away", a.NextAt.Sub(r.now))
	}
}

// checkNotices: no promise to a role at a rung that it had already accepted in the same round.
func (r *run) checkNotices(t *rapid.T) {
	t.Helper()
	seen := map[ward.NoticeID]bool{}
	for _, n := range r.book.notices {
		if seen[n.ID] {
			t.Fatalf("two notices are called %s", n.ID)
		}
		seen[n.ID] = true
		a := r.book.alerts[n.Alert]
		for _, d := range a.Duties {
			if d.Role == n.Role && d.Level == n.Level && !d.Accepted.IsZero() && n.Made.After(d.Accepted) && n.Why == ward.WhyAlert {
				t.Fatalf("%s was told again at level %d after accepting: %+v", n.Role, n.Level, n)
			}
		}
	}
}

// checkAnswered: what is told as high does not rest on a nurse's word alone.
func (r *run) checkAnswered(t *rapid.T, a ward.Alert) {
	t.Helper()
	worst := worstVoiced(a.Causes, ruleFor(new(r.stays["s1"]), r.now))
	waits := a.State == ward.Active || a.State == ward.Delivered || a.State == ward.Seen || a.State == ward.Accepted
	if a.Kind != ward.Clinical || !waits || worst == nil || worst.Told < ward.High || isDevice(worst.Code) || !a.AcceptDue.IsZero() {
		return
	}
	if !slices.ContainsFunc(a.Duties, func(u ward.Duty) bool { return slices.Contains(physicians[:], u.Role) && holds(u) }) {
		t.Fatalf("no doctor has accepted, and nothing waits for one: %+v", a)
	}
}

// TestNothingIsMissed runs every kind of event in random order and checks the promises after each.
func TestNothingIsMissed(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newRun(t)
		if rapid.Bool().Draw(rt, "by name") {
			r.byName()
		}
		for _, s := range steps(everything...).Draw(rt, "steps") {
			r.now = r.now.Add(s.after)
			before := r.patient()
			if err := r.do(s); err != nil {
				r.repeat(rt, s) // the same concern, ended and raised again in the same instant
			}
			r.check(rt, s, before)
		}
	})
}
