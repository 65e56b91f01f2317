package alerts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"wardwatch/ward"
)

func TestDefaultPolicyHolds(t *testing.T) {
	p := Default()
	if err := p.Check(); err != nil {
		t.Error(err)
	}
}

// Each way to break a policy is refused with words that say what to do.
func TestPolicyCheck(t *testing.T) {
	cases := []struct {
		name  string
		spoil func(*Policy)
		says  string
	}{
		{"no name", func(p *Policy) { p.Version = "" }, "version: it is empty"},
		{"no clearing time", func(p *Policy) { p.Clear = 0 }, "clear: it must be more than zero"},
		{"notices that never live", func(p *Policy) { p.NoticeLife = 0 }, "notice_life: it must be more than zero"},
		{"no snooze", func(p *Policy) { p.MaxSnooze = 0 }, "max_snooze: it must be more than zero"},
		{"a rise of nothing", func(p *Policy) { p.RisePoints = 0 }, "rise_points: it is 0: write 1 or more"},
		{"a negative wait", func(p *Policy) { p.PersistScore = -1 }, "persist.score: it is negative"},
		{"a negative cooldown", func(p *Policy) { p.CooldownFlag = -1 }, "cooldown.flag: it is negative"},
		{"a cooldown that hides", func(p *Policy) { p.CooldownScore = 25 * time.Hour }, "cooldown.score: 25h0m0s is too long"},
		{"a margin of nothing", func(p *Policy) { p.Below[ward.High] = 0 }, "below.high: nothing is ever under 0 points"},
		{"a margin of no band", func(p *Policy) { p.Below[ward.LowMedium] = 2 }, "below.low_medium: only medium and high"},
		{"margins that cross", func(p *Policy) { p.Below[ward.High] = 3 }, "below.high: 3 is under the figure for medium (4)"},
		{"a chart's margin", func(p *Policy) { p.BelowOf["npews-england"][ward.Medium] = -1 }, "below_of.npews-england.medium: nothing is ever under"},
		{"nobody for high", func(p *Policy) { delete(p.Ladder, Step{ward.Clinical, ward.High}) }, "ladder.clinical.high: it has no rung, so nobody would be told"},
		{"a rung without roles", func(p *Policy) { p.Ladder[Step{ward.Clinical, ward.Medium}][0].Roles = nil }, "ladder.clinical.medium.1: rung 1: it tells nobody"},
		{"a role that is none", func(p *Policy) { p.Ladder[Step{ward.DeviceRaise, ward.High}][1].Roles[0] = "porter" }, `ladder.device_alarm.high.2: rung 2: there is no role "porter"`},
		{"a role twice", func(p *Policy) {
			p.Ladder[Step{ward.Clinical, ward.High}][1].Roles = []ward.Role{ward.RoleICU, ward.RoleICU}
		}, "ladder.clinical.high.2: rung 2: it names intensive_care twice"},
		{"a rung without end", func(p *Policy) { p.Ladder[Step{ward.Clinical, ward.Medium}][0].Accept = 0 }, "ladder.clinical.medium.1: rung 1: it needs a time to accept"},
		{"no bedside time", func(p *Policy) { p.Ladder[Step{ward.Clinical, ward.Medium}][0].Bedside = 0 }, "needs a time to be at the bedside"},
		{"a negative bedside time", func(p *Policy) { p.Ladder[Step{ward.Clinical, ward.Medium}][1].Bedside = -1 }, "ladder.clinical.medium.2: rung 2: its time to the bedside is negative"},
		{"a channel without a name", func(p *Policy) { p.Comfort[0].Channels = []string{""} }, "comfort.1: rung 1: a channel has no name"},
		{"no comfort ladder", func(p *Policy) { p.Comfort = nil }, "comfort: it has no rung"},
		{"somebody must accept who is not told", func(p *Policy) { p.Ladder[Step{ward.Clinical, ward.High}][0].Must = []ward.Role{ward.RoleLead} }, "ladder.clinical.high.1: rung 1: duty_lead must accept and is not told"},
		{"a negative time to chart", func(p *Policy) { p.Ladder[Step{ward.Clinical, ward.Medium}][0].Confirm = -1 }, "ladder.clinical.medium.1: rung 1: its time to a charted set is negative"},
		{"a set for a monitor", func(p *Policy) { p.Ladder[Step{ward.Technical, ward.Medium}][0].Confirm = time.Minute }, "ladder.technical.medium.1: rung 1: it asks for a charted set"},
		{"no plan", func(p *Policy) { p.MaxPlan = 0 }, "max_plan: it must be more than zero"},
		{"a plan without end", func(p *Policy) { p.MaxPlan = 48 * time.Hour }, "max_plan: 48h0m0s is too long"},
		{"a warning after the end", func(p *Policy) { p.SnoozeWarn = -1 }, "snooze_warn: it is negative"},
		{"symptoms looked at never", func(p *Policy) { p.SymptomCheck = 48 * time.Hour }, "symptom_check: 48h0m0s is too long"},
		{"a storm of one", func(p *Policy) { p.StormFrom = 1 }, "storm_from: it is 1"},
		{"no ladder for a severe symptom", func(p *Policy) { p.ComfortSevere = nil }, "comfort_severe: it has no rung"},
		{"no ladder for a review", func(p *Policy) { p.ComfortReview = nil }, "comfort_review: it has no rung"},
		{"a ladder for nothing", func(p *Policy) { p.Ladder[Step{"clincal", ward.High}] = p.Comfort }, "ladder.clincal.high: nothing ever climbs"},
		{"a mild concern", func(p *Policy) { p.Concerns["x"] = ConcernPolicy{0, ward.Low} }, "concerns.x.band: low has no ladder here: write medium or high"},
		{"a hasty concern", func(p *Policy) { p.Concerns["x"] = ConcernPolicy{-1, ward.High} }, "concerns.x.persist: it is negative"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := Default()
			c.spoil(&p)
			if err := p.Check(); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), ": ") {
				t.Errorf("got %v", err)
			}
			if _, err := New(Options{Policy: p}); err == nil {
				t.Error("a desk was built with it")
			}
		})
	}
}

// high brings a patient to an alert of level 1 that everybody was told of.
func high(t testing.TB) (r *rig, id ward.AlertID, now time.Time) {
	r = newRig(t, Default("webhook"))
	now = clock("08:00:00")
	r.observe(complete(now, 8))
	now = now.Add(2 * time.Minute)
	r.tick(now)
	open := r.desk.Open()
	if len(open) != 1 || open[0].State != ward.Active {
		t.Fatalf("%+v", open)
	}
	return r, open[0].ID, now
}

func TestActRefuses(t *testing.T) {
	r, id, now := high(t)
	ok := ward.Action{Alert: id, Do: ward.DoAccept, By: "p1", Role: ward.RoleNurse, At: now}
	with := func(change func(*ward.Action)) ward.Action { x := ok; change(&x); return x }
	cases := []struct {
		name string
		x    ward.Action
		code ward.ErrorCode
	}{
		{"another alert", with(func(x *ward.Action) { x.Alert = "none" }), ward.NotFound},
		{"an unknown deed", with(func(x *ward.Action) { x.Do = "dance" }), ward.BadInput},
		{"nobody", with(func(x *ward.Action) { x.By = "" }), ward.BadInput},
		{"no time", with(func(x *ward.Action) { x.At = time.Time{} }), ward.BadInput},
		{"no role", with(func(x *ward.Action) { x.Role = "" }), ward.BadInput},
		{"decline without reason", with(func(x *ward.Action) { x.Do = ward.DoDecline }), ward.BadInput},
		{"resolve without reason", with(func(x *ward.Action) { x.Do = ward.DoResolve }), ward.BadInput},
		{"resolve while high", with(func(x *ward.Action) { x.Do, x.Reason = ward.DoResolve, "fine" }), ward.Conflict},
		{"snooze by a nurse", with(func(x *ward.Action) { x.Do, x.Reason, x.Until = ward.DoSnooze, "r", now.Add(time.Minute) }), ward.Forbidden},
		{"snooze into the past", with(func(x *ward.Action) { x.Do, x.Reason, x.Role, x.Until = ward.DoSnooze, "r", ward.RoleDoctor, now }), ward.BadInput},
		{"snooze for too long", with(func(x *ward.Action) {
			x.Do, x.Reason, x.Role, x.Until = ward.DoSnooze, "r", ward.RoleDoctor, now.Add(61*time.Minute)
		}), ward.BadInput},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			commits := r.book.commits
			_, err := r.desk.Act(context.Background(), c.x)
			var e *ward.Error
			if !errors.As(err, &e) || e.Code != c.code || e.Hint == "" {
				t.Errorf("got %v", err)
			}
			if r.book.commits != commits {
				t.Error("something was written")
			}
		})
	}
}

// TestAcceptRace: of two people with the same role one wins, and the other learns no name.
func TestAcceptRace(t *testing.T) {
	r, id, now := high(t)
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = r.desk.Act(context.Background(), ward.Action{
				Alert: id, Do: ward.DoAccept, By: ward.PersonID(fmt.Sprint("person-", i)), Role: ward.RoleDoctor, At: now,
			})
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		var e *ward.Error
		if !errors.As(err, &e) || e.Code != ward.Conflict || strings.Contains(err.Error()+e.Hint, "person-") {
			t.Errorf("got %v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d accepted for one role", won)
	}
	if a := r.desk.Open()[0]; a.State != ward.Accepted || !a.NextAt.Equal(plain(now).Add(30*time.Minute)) {
		t.Errorf("%s, due %v", a.State, a.NextAt)
	}
}

// Accepting takes back what is still on its way to that role, and only that.
func TestAcceptWithdrawsOwnNotices(t *testing.T) {
	r, id, now := high(t)
	if _, err := r.desk.Act(context.Background(), ward.Action{Alert: id, Do: ward.DoAccept, By: "p1", Role: ward.RoleDoctor, At: now}); err != nil {
		t.Fatal(err)
	}
	for _, n := range r.book.notices {
		want := ward.NoticePending
		if n.Role == ward.RoleDoctor {
			want = ward.NoticeWithdrawn
		}
		if n.State != want {
			t.Errorf("%s: %s", n.Role, n.State)
		}
	}
}

// TestPositions: a score that a committed decision has taken into account is not looked at again.
func TestPositions(t *testing.T) {
	r, _, now := high(t)
	for i := range 5 {
		r.observe(complete(now.Add(time.Duration(i)*time.Second), 8))
	}
	r.desk.Act(context.Background(), ward.Action{Alert: r.desk.Open()[0].ID, Do: ward.DoAccept, By: "p1", Role: ward.RoleNurse, At: now.Add(5 * time.Second)})
	r.restart()
	before := r.book.commits
	for position := uint64(1); position <= r.position; position++ { // the journal is read again
		s := complete(clock("08:00:00"), 0)
		s.Position = position
		if err := r.desk.Observe(context.Background(), &s, nil); err != nil {
			t.Fatal(err)
		}
	}
	if r.book.commits != before {
		t.Error("an old score was decided on again")
	}
	r.observe(complete(now.Add(10*time.Second), 3))
	if len(r.desk.Ahead()) == 0 {
		t.Error("a new score was passed over")
	}
}

// TestFlicker: crossings that come and go write nothing, and the one that lasts is told on time.
func TestFlicker(t *testing.T) {
	r := newRig(t, Default("webhook"))
	at := clock("08:00:00")
	for i := range 100 {
		r.observe(complete(at.Add(time.Duration(i)*10*time.Second), []int{5, 0}[i%2]))
	}
	if r.book.commits != 0 {
		t.Errorf("%d commits", r.book.commits)
	}
	at = at.Add(1000 * time.Second)
	r.observe(complete(at, 5))
	r.restart()
	r.tick(at.Add(r.policy.PersistScore - time.Millisecond))
	if len(r.book.notices) != 0 {
		t.Fatal("told too soon")
	}
	r.tick(at.Add(r.policy.PersistScore))
	if len(r.book.notices) != 1 || r.book.audit[0].Deed != deedRaise || !r.book.audit[0].At.Equal(plain(at)) {
		t.Errorf("%d notices; the record begins %+v", len(r.book.notices), r.book.audit[0])
	}
}

// TestLostAnswer: the book wrote, but the answer was lost. The caller's next try tells nobody twice.
func TestLostAnswer(t *testing.T) {
	r := newRig(t, Default("webhook"))
	r.observe(complete(clock("08:00:00"), 8))
	r.book.lose = true
	if err := r.desk.Tick(context.Background(), clock("08:02:00")); err == nil {
		t.Fatal("no error")
	}
	r.book.lose = false
	r.tick(clock("08:02:00"))
	r.tick(clock("08:02:01"))
	if len(r.book.alerts) != 1 || len(r.book.notices) != 3 {
		t.Errorf("%d alerts, %d notices", len(r.book.alerts), len(r.book.notices))
	}
}

// The same, but the world has moved on before the next try.
func TestLostAnswerThenNews(t *testing.T) {
	r := newRig(t, Default("webhook"))
	r.observe(complete(clock("08:00:00"), 5))
	r.book.lose = true
	if err := r.desk.Tick(context.Background(), clock("08:02:00")); err == nil {
		t.Fatal("no error")
	}
	r.book.lose = false
	r.observe(complete(clock("08:02:01"), 8)) // the book knows more than the desk
	r.tick(clock("08:04:01"))
	told := 0
	for _, n := range r.book.notices {
		if n.Band == ward.High {
			told++
		}
	}
	if told != 3 {
		t.Errorf("%d were told of the high band", told)
	}
	if got := len(r.desk.Open()); got != 1 {
		t.Errorf("%d alerts are open", got)
	}
}

// TestUnwritable: while the book cannot write nobody is told, and afterwards nothing is missing.
func TestUnwritable(t *testing.T) {
	r := newRig(t, Default("webhook"))
	full := errors.New("the disk is full")
	r.book.fail = func() error { return full }
	r.observe(complete(clock("08:00:00"), 8))
	for i := range 10 {
		if err := r.desk.Tick(context.Background(), clock("08:02:00").Add(time.Duration(i)*time.Second)); !errors.Is(err, full) {
			t.Fatal(err)
		}
	}
	if open := r.desk.Open(); len(r.said) != 0 || len(open) != 1 || open[0].State != ward.Candidate {
		t.Error("something was shown that is not kept")
	}
	r.book.fail = nil
	r.tick(clock("08:02:10"))
	if open := r.desk.Open(); len(open) != 1 || open[0].State != ward.Active || len(r.book.notices) != 3 {
		t.Errorf("%d notices, %+v", len(r.book.notices), open)
	}
}

// TestUnnamed: somebody unnamed lies in a bed and is unwell; then a stay begins there.
func TestUnnamed(t *testing.T) {
	r := newRig(t, Default("webhook"))
	at := clock("08:00:00")
	unnamed := func(at time.Time, n int) ward.Score { s := complete(at, n); s.Stay = ""; return s }
	r.observe(unnamed(at, 8))
	r.tick(at.Add(2 * time.Minute))
	if len(r.book.notices) != 3 {
		t.Fatalf("%d notices", len(r.book.notices))
	}
	at = at.Add(3 * time.Minute)
	r.observe(partial(at, 1)) // the new stay's first value: nothing is known yet
	if open := r.desk.Open(); len(open) != 1 || open[0].Stay != "" {
		t.Fatalf("the unnamed person's alert must stand: %+v", open)
	}
	r.observe(complete(at.Add(time.Second), 8))
	open := r.desk.Open()
	if len(open) != 1 || open[0].Stay != "s1" || open[0].State != ward.Active {
		t.Fatalf("the stay's own alert must stand alone, without another wait: %+v", open)
	}
}

// TestConcern: one alert a code and place; closing it by hand holds until the trouble has ended.
func TestConcern(t *testing.T) {
	ctx := context.Background()
	r := newRig(t, Default("webhook"))
	at := clock("08:00:00")
	report := func(code string, bad bool, p ward.Place) {
		t.Helper()
		if err := r.desk.Concern(ctx, code, bad, p, at, "detail"); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		report("influx_lag", true, ward.Place{})
		report("clock_impossible", true, bed7)
	}
	if n := len(r.desk.Open()); n != 2 {
		t.Fatalf("%d alerts", n)
	}
	report("clock_impossible", false, bed7)
	at = at.Add(2 * time.Minute)
	r.tick(at)
	open := r.desk.Open()
	if len(open) != 1 || open[0].State != ward.Active || open[0].Duties[0].Role != ward.RoleEngineer {
		t.Fatalf("%+v", open)
	}
	if _, err := r.desk.Act(ctx, ward.Action{Alert: open[0].ID, Do: ward.DoResolve, By: "p1", Role: ward.RoleEngineer, At: at, Reason: "known"}); err != nil {
		t.Fatal(err)
	}
	report("influx_lag", true, ward.Place{})
	if n := len(r.desk.Open()); n != 0 {
		t.Error("raised again while it lasts")
	}
	report("influx_lag", false, ward.Place{})
	report("influx_lag", true, ward.Place{})
	if n := len(r.desk.Open()); n != 1 {
		t.Error("a new trouble was swallowed")
	}
}

// Nothing the desk writes for others names anybody.
func TestAuditCarriesNoNames(t *testing.T) {
	r, id, now := high(t)
	r.desk.Act(context.Background(), ward.Action{Alert: id, Do: ward.DoDecline, By: "p1", Role: ward.RoleDoctor, At: now, Reason: "in theatre"})
	deeds := map[string]int{}
	for _, e := range r.book.audit {
		deeds[e.Deed]++
		if e.At.IsZero() || !strings.HasPrefix(e.Object, "alert:") {
			t.Errorf("%+v", e)
		}
	}
	for _, want := range []string{"alert.raise", "alert.tell", "alert.decline", "alert.escalate"} {
		if deeds[want] == 0 {
			t.Errorf("%s is not in the record: %v", want, deeds)
		}
	}
}

// What a person wrote as a reason may name somebody: it goes into the book, never into the log.
func TestReasonsAreNotLogged(t *testing.T) {
	r, id, now := high(t)
	var log bytes.Buffer
	r.desk.o.Log = slog.New(slog.NewTextHandler(&log, nil))
	x := ward.Action{Alert: id, Do: ward.DoDecline, By: "p1", Role: ward.RoleDoctor, At: now, Reason: "with Mrs Lan"}
	if _, err := r.desk.Act(context.Background(), x); err != nil {
		t.Fatal(err)
	}
	x.Do, x.Role, x.Until = ward.DoSnooze, ward.RoleLead, now.Add(time.Minute)
	if _, err := r.desk.Act(context.Background(), x); err != nil {
		t.Fatal(err)
	}
	if log.Len() == 0 || strings.Contains(log.String(), "Lan") {
		t.Errorf("the log says: %s", log.String())
	}
}

// The figures carry no bed and have the Prometheus form.
func TestFigures(t *testing.T) {
	r, _, _ := high(t)
	for _, f := range append(r.desk.Figures(), NewOutbox(OutboxOptions{Senders: map[string]Sender{"webhook": nil}}).Figures()...) {
		if !strings.HasPrefix(f.Name, "wardwatch_") || f.Help == "" || strings.Contains(f.Of, "07") {
			t.Errorf("%+v", f)
		}
	}
}
