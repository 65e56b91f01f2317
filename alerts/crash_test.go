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

// record is everything people were told, and what stands.
func (r *run) record() string {
	var b strings.Builder
	for _, n := range r.book.notices {
		fmt.Fprintf(&b, "%s %s level %d to %s at %v is %s\n", n.ID, n.Band, n.Level, n.Role, n.Made, n.State)
	}
	for _, a := range r.desk.Open() {
		fmt.Fprintf(&b, "open %s %s %s level %d next %s %v, of %v %v %v %v %v\n", a.ID, a.State, a.Band, a.Level, a.Next, a.NextAt,
			a.AcceptDue, a.ConfirmDue, a.BedsideDue, a.ReviewDue, a.WarnDue)
	}
	return b.String()
}

// TestCrashChangesNothing kills the desk around its commits: before one, after one whose answer
// was lost, or in between. Whoever drives the desk does the same step again, as the program does
// after a restart. The list of people told is the same.
func TestCrashChangesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		all := steps("score", "score", "score", "partial", "held", "lost", "check", "single", "alarm", "tick", "tick",
			"flag", "flag held", "flag gone", "review", "chart", "resolve", "accept", "decline", "at_bedside", "snooze", "escalate", "off", "return", "comfort", "full", "deliver",
			"on_way", "plan", "charts", "hand over", "symptoms").Draw(rt, "steps")
		crashes := rapid.SliceOfN(rapid.SampledFrom([]string{"", "", "", "between", "before", "after", "same desk, before", "same desk, after"}), len(all), len(all)).Draw(rt, "crashes")
		calm, rough := newRun(t), newRun(t)
		if rapid.Bool().Draw(rt, "by name") {
			calm.byName()
			rough.byName()
		}
		for i, s := range all {
			calm.now, rough.now = calm.now.Add(s.after), rough.now.Add(s.after)
			if a := calm.patient(); s.what == "resolve" && a != nil && alarmCauses(a) > 0 {
				continue // TestClosingAnAlarmAfterARestart
			}
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
	if s.what == "resolve" && how != "" { // TestClosingSurvives has the others
		how = "between"
	}
	deed := slices.Contains([]string{"accept", "decline", "on_way", "at_bedside", "plan", "snooze", "escalate", "resolve"}, s.what)
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

// TestClosingAnAlarmAfterARestart: when a monitor last repeated its alarm is not known after a restart.
// It may have been a moment ago, so a high one cannot be closed until two minutes have passed without it.
func TestClosingAnAlarmAfterARestart(t *testing.T) {
	r := newRig(t, Default("webhook"))
	now := clock("08:00:00")
	r.observe(complete(now, 0), ward.DeviceAlarm{Code: "asystole", Priority: ward.HighPriority, On: true})
	now = now.Add(time.Hour)
	r.restart()
	for at := now; at.Before(now.Add(2 * time.Minute)); at = at.Add(time.Minute) {
		r.observe(complete(at, 0))
		if err := r.act(ward.DoResolve, at); err == nil {
			t.Fatalf("closed %v after the restart", at.Sub(now))
		}
	}
	if err := r.act(ward.DoResolve, now.Add(2*time.Minute)); err != nil {
		t.Error(err)
	}
}

// TestClosedBetweenTwoCrashes: what is closed after a restart, before anything new came in, stays closed
// through the next restart.
func TestClosedBetweenTwoCrashes(t *testing.T) {
	r, now := closedAt(t)
	r.observe(complete(now, 0))
	r.observe(complete(now.Add(2*time.Minute), 0))
	r.desk = nil
	r.restart()
	now = now.Add(time.Hour)
	again := five(now) // every bed is scored once, from no new reading
	if err := r.desk.Observe(context.Background(), &again, nil); err != nil {
		t.Fatal(err)
	}
	r.tick(now.Add(2 * time.Minute))
	if err := r.act(ward.DoResolve, now.Add(3*time.Minute)); err != nil {
		t.Fatal(err)
	}
	r.restart()
	if r.stand(five, now.Add(4*time.Minute)) {
		t.Error("told again")
	}
}

// TestCheckpointAndJournal loses the program's memory at any moment. What is left is the book, a
// checkpoint of some time before, and the journal from there on, read again at its recorded times:
// the same people are told the same, at the same times. A device's silence is left out: it is noticed
// anew from the beds' states, and its technical alert may then be told once more. So are cooldowns:
// one that began after the checkpoint is lost, and people are told once more (TestKnownAfterACrash).
func TestCheckpointAndJournal(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		all := steps("score", "score", "score", "score", "single", "partial", "held", "check", "alarm", "tick", "tick",
			"flag", "flag held", "flag gone", "review", "chart", "see", "accept", "decline", "at_bedside", "snooze", "escalate",
			"on_way", "plan", "charts", "hand over").Draw(rt, "steps")
		saved := rapid.IntRange(0, len(all)-1).Draw(rt, "checkpoint after")
		died := rapid.IntRange(saved, len(all)-1).Draw(rt, "died after")
		p := Default("webhook")
		p.CooldownScore, p.CooldownFlag = 0, 0
		calm, rough := newRunUnder(t, p), newRunUnder(t, p)
		var ahead []ward.Alert
		var journal []step
		var scores []ward.Score
		var written uint64 // position in the journal
		for i, s := range all {
			calm.now, rough.now = calm.now.Add(s.after), rough.now.Add(s.after)
			for _, r := range []*run{calm, rough} {
				if err := r.do(s); err != nil {
					r.repeat(rt, s)
				}
			}
			if i > saved && rough.score.Position > written {
				journal, scores, written = append(journal, s), append(scores, rough.score), rough.score.Position
			}
			if i == saved {
				ahead, written = rough.desk.Ahead(), rough.score.Position
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

// TestJoinedBeforeACrash: a respiratory rate too low to believe was told as high; it is believed again,
// and what lasted meanwhile joins what people know of, calling nobody, then or later. The program loses
// its memory, then or before, and reads the journal again: nothing of that changes.
func TestJoinedBeforeACrash(t *testing.T) {
	five := func(at string) ward.Score { return complete(clock(at), 5) }
	limit := func(at string) ward.Score {
		return withFlags(clock(at), ward.Flag{Code: "limit:spo2:low", Band: ward.Medium, Due: clock("08:02:15")})
	}
	well := func(at string) ward.Score { return complete(clock(at), 0) }
	for _, c := range []struct {
		name   string
		joins  func(at string) ward.Score
		down   bool // at 08:02:15, when it has lasted
		at     string
		before func(at string) ward.Score // ten seconds before it is seen again
	}{
		{"five points stand, and the check is over", five, false, "08:02:25", five},
		{"well for some seconds, so the check is over", five, false, "08:02:30", well},
		{"down when the five points had lasted", five, true, "08:02:25", five},
		{"down for longer", five, true, "08:03:00", five},
		{"a limit is passed, and the check is over", limit, false, "08:02:25", limit},
		{"within the limit for some seconds, so the check is over", limit, false, "08:02:30", well},
		{"down when the limit had been passed for long enough", limit, true, "08:02:25", limit},
	} {
		t.Run(c.name, func(t *testing.T) {
			calm, rough := newRun(t), newRun(t)
			for _, r := range []*run{calm, rough} {
				for _, at := range []string{"08:00:00", "08:00:15"} {
					s := partial(clock(at), 0)
					s.Check, s.Parts[0].State = "rr", ward.Implausible
					r.observe(s)
				}
				r.observe(c.joins("08:00:15"))
				if r == calm || !c.down {
					r.tick(clock("08:02:15"))
				}
				if r == rough {
					r.desk = nil
					r.restart()
					r.position-- // the journal again
					r.observe(c.joins("08:00:15"))
				}
				at := clock(c.at)
				again := c.before(c.at)
				again.At = at.Add(-10 * time.Second)
				r.observe(again)
				for range 2 {
					r.observe(c.joins(c.at))
				}
				r.tick(at)
				if err := r.act(ward.DoAccept, at); err != nil {
					t.Fatal(err)
				}
				r.tick(at.Add(10 * time.Minute))
			}
			if told := len(calm.book.notices); told != 3 {
				t.Errorf("told %d times: what joined called somebody", told)
			}
			if x, y := calm.record(), rough.record(); x != y {
				t.Errorf("without a crash\n%swith one\n%s", x, y)
			}
		})
	}
}
