package alerts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	"tick", "tick", "tick", "see", "accept", "accept", "decline", "at_bedside", "resolve", "snooze", "escalate",
	"off", "return", "comfort", "full", "deliver", "undeliver", "restart",
}

// run drives a rig through steps.
type run struct {
	*rig
	now   time.Time
	score ward.Score
}

func newRun(t testing.TB) *run {
	r := &run{rig: newRig(t, Default("webhook")), now: clock("08:00:00")}
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
	case "off":
		stay.Off = ward.OffWard{Since: r.now, Until: r.now.Add(30 * time.Minute)}
	case "return":
		stay.Off = ward.OffWard{}
	case "comfort":
		stay.Care.Status = ward.ComfortCare
	case "full":
		stay.Care.Status = ward.FullCare
	case "tick":
		return r.desk.Tick(ctx, r.now)
	case "back": // the clock is put back
		r.now = r.now.Add(-s.after - 45*time.Minute)
		return r.desk.Tick(ctx, r.now)
	case "restart":
		r.restart()
		return nil
	case "deliver", "undeliver":
		due, _ := r.book.DueNotices(ctx, r.now, 1)
		for _, n := range due {
			rec := ward.Receipt{Notice: n.ID, At: r.now, OK: s.what == "deliver", Final: s.what == "undeliver", Error: "refused"}
			settled, _ := r.book.Settle(ctx, rec)
			r.desk.Receipt(ctx, settled, rec)
		}
		return nil
	case "alarm":
	default:
		return r.deed(s)
	}
	r.stays["s1"] = stay
	r.score.At = r.now
	r.position++
	r.score.Position = r.position
	return r.again(s)
}

// again hands the last score over (once more).
func (r *run) again(s step) error {
	var alarms []ward.DeviceAlarm
	if s.what == "alarm" {
		p := ward.HighPriority
		if s.code == "desat" {
			p = ward.MediumPriority
		}
		alarms = []ward.DeviceAlarm{{Code: s.code, Priority: p, On: s.on}}
	}
	score := r.score
	return r.desk.Observe(context.Background(), &score, alarms)
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
		c := findCause(before.Causes, "news2")
		losing = c != nil && c.Live() && c.Told >= trigger
	}
	if losing && before != nil && before.State != ward.Candidate && before.State != ward.Suppressed && after == nil {
		t.Fatalf("losing an input closed the alert in state %s", before.State)
	}
	if s.what == "resolve" && before != nil && after == nil && r.score.Band == ward.High && before.State != ward.Suppressed {
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
	}
	if s.what != "tick" && s.what != "back" {
		return
	}
	if due := dueAt(&a); !due.IsZero() && !due.After(r.now) && a.State != ward.Suppressed {
		for i := range a.Causes { // what a rule keeps quiet may be due
			if c := &a.Causes[i]; c.Live() && !c.Due.IsZero() && ruleFor(new(r.stays["s1"]), r.now).covers(c.Code) {
				return
			}
		}
		t.Fatalf("a deadline passed at %v and nothing was done by %v: %+v", due, r.now, a)
	}
	if a.Next == ward.DueAccept && a.NextAt.Sub(r.now) > r.policy.longest() {
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
			if d.Role == n.Role && d.Level == n.Level && !d.Accepted.IsZero() && n.Made.After(d.Accepted) {
				t.Fatalf("%s was told again at level %d after accepting: %+v", n.Role, n.Level, n)
			}
		}
	}
}

// TestNothingIsMissed runs every kind of event in random order and checks the promises after each.
func TestNothingIsMissed(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newRun(t)
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

// TestClockPutBack: a clock that goes back never pushes a deadline out of reach.
func TestClockPutBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newRun(t)
		for _, s := range steps("score", "tick", "back", "accept", "at_bedside", "snooze", "restart").Draw(rt, "steps") {
			r.now = r.now.Add(s.after)
			if err := r.do(s); err != nil {
				rt.Fatalf("%v: %v", s, err)
			}
			if s.what == "tick" || s.what == "back" {
				for _, a := range r.desk.Open() {
					if wait := a.NextAt.Sub(r.now); wait > r.policy.longest() && a.State != ward.Candidate {
						rt.Fatalf("%s: next thing is %v away", a.State, wait)
					}
				}
			}
		}
	})
}

// record is everything people were told, and what stands.
func (r *run) record() string {
	var b strings.Builder
	for _, n := range r.book.notices {
		fmt.Fprintf(&b, "%s %s level %d to %s at %v is %s\n", n.ID, n.Band, n.Level, n.Role, n.Made, n.State)
	}
	for _, a := range r.desk.Open() {
		fmt.Fprintf(&b, "open %s %s %s level %d next %s %v\n", a.ID, a.State, a.Band, a.Level, a.Next, a.NextAt)
	}
	return b.String()
}

// TestCrashChangesNothing kills the desk around its commits: before one, after one whose answer
// was lost, or in between. Whoever drives the desk does the same step again, as the program does
// after a restart. The list of people told is the same.
func TestCrashChangesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		all := steps("score", "score", "score", "partial", "held", "lost", "check", "single", "alarm", "tick", "tick",
			"accept", "decline", "at_bedside", "snooze", "escalate", "off", "return", "comfort", "full", "deliver").Draw(rt, "steps")
		crashes := rapid.SliceOfN(rapid.SampledFrom([]string{"", "", "", "between", "before", "after", "same desk, before", "same desk, after"}), len(all), len(all)).Draw(rt, "crashes")
		calm, rough := newRun(t), newRun(t)
		for i, s := range all {
			calm.now, rough.now = calm.now.Add(s.after), rough.now.Add(s.after)
			if err := calm.do(s); err != nil {
				calm.repeat(rt, s)
			}
			rough.crash(rt, s, crashes[i])
			if x, y := calm.record(), rough.record(); x != y {
				rt.Fatalf("after %v (%s):\nwithout a crash\n%swith one\n%s", s, crashes[i], x, y)
			}
		}
	})
}

func (r *run) crash(t *rapid.T, s step, how string) {
	t.Helper()
	deed := slices.Contains([]string{"accept", "decline", "at_bedside", "snooze", "escalate"}, s.what)
	switch {
	case s.what == "deliver": // its outcome is the notice's row; the alert only shows it
	case how == "between":
		r.restart()
	case strings.HasSuffix(how, "before"):
		once := errors.New("the disk is full")
		r.book.fail = func() error { err := once; once = nil; return err }
	case strings.HasSuffix(how, "after"):
		r.book.lose = true
	}
	err := r.do(s)
	r.book.fail, r.book.lose = nil, false
	if err == nil && !(deed && how != "") {
		return
	}
	if !strings.HasPrefix(how, "same desk") {
		r.restart()
	} else if deed && how == "same desk, after" {
		r.restart()
	}
	if deed {
		if strings.HasSuffix(how, "before") {
			if err := r.deed(s); err != nil { // the person presses again
				t.Fatal(err)
			}
		}
		return
	}
	r.repeat(t, s)
}

// repeat is the caller trying the same again until it succeeds.
func (r *run) repeat(t *rapid.T, s step) {
	t.Helper()
	var err error
	for range 3 {
		if s.what == "tick" {
			err = r.desk.Tick(context.Background(), r.now)
		} else {
			err = r.again(s)
		}
		if err == nil {
			return
		}
	}
	t.Fatalf("still refused: %v", err)
}

// TestCheckpointAndJournal loses the program's memory at any moment. What is left is the book, a
// checkpoint of some time before, and the journal from there on, read again at its recorded times:
// the same people are told the same, at the same times. A device's silence is left out: it is noticed
// anew from the beds' states, and its technical alert may then be told once more.
func TestCheckpointAndJournal(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		all := steps("score", "score", "score", "score", "single", "partial", "held", "check", "alarm", "tick", "tick", "accept", "at_bedside").Draw(rt, "steps")
		saved := rapid.IntRange(0, len(all)-1).Draw(rt, "checkpoint after")
		died := rapid.IntRange(saved, len(all)-1).Draw(rt, "died after")
		calm, rough := newRun(t), newRun(t)
		var ahead []ward.Alert
		var journal []step
		var scores []ward.Score
		for i, s := range all {
			calm.now, rough.now = calm.now.Add(s.after), rough.now.Add(s.after)
			for _, r := range []*run{calm, rough} {
				if err := r.do(s); err != nil {
					r.repeat(rt, s)
				}
			}
			if i > saved && rough.score.Position > 0 && rough.score.At.Equal(rough.now) && (len(scores) == 0 || scores[len(scores)-1].Position < rough.score.Position) {
				journal, scores = append(journal, s), append(scores, rough.score)
			}
			if i == saved {
				ahead = rough.desk.Ahead()
			}
			if i == died {
				last := rough.score
				rough.desk = nil
				rough.restart()
				rough.desk.Restore(ahead)
				for j, old := range journal {
					rough.score = scores[j]
					if err := rough.again(old); err != nil {
						rt.Fatal(err)
					}
				}
				rough.score = last
				last.At, last.Position = rough.now, 0 // every bed's state is scored once when the program is back
				for _, r := range []*run{calm, rough} {
					if err := r.desk.Observe(context.Background(), &last, nil); err != nil {
						rt.Fatal(err)
					}
				}
			}
			if x, y := calm.record(), rough.record(); x != y {
				rt.Fatalf("after %v:\nwithout a crash\n%swith one\n%s", s, x, y)
			}
		}
	})
}
