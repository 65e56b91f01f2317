package alerts

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

// TestJumpingIsTicking: a driver that sleeps until Due decides the same, for the same people, at the
// same times as one that ticks each second. Every script is run both ways.
func TestJumpingIsTicking(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.ward")
	looks := [2]int{}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".ward"), func(t *testing.T) {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			ticking := runScript(t, string(text), script{})
			jumping := runScript(t, string(text), script{jumps: true})
			if x, y := ticking.told(), jumping.told(); x != y {
				t.Errorf("ticking each second:\n%sjumping:\n%s", x, y)
			}
			looks[0], looks[1] = looks[0]+ticking.passes, looks[1]+jumping.passes
		})
	}
	if looks[1]*20 > looks[0] {
		t.Errorf("%d looks where ticking takes %d: it hardly jumps", looks[1], looks[0])
	}
}

// The same for everything that can happen, in any order, with orders that change in between.
func TestJumpingIsTickingAnyhow(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		all := steps("score", "score", "score", "partial", "held", "lost", "check", "single", "alarm", "flag", "flag held", "flag gone",
			"review", "accept", "decline", "at_bedside", "resolve", "snooze", "escalate", "off", "return", "comfort", "full",
			"on_way", "plan", "charts", "hand over", "symptoms").Draw(rt, "steps")
		ticking, jumping := newRun(t), newRun(t)
		for i, s := range all {
			if s.after > 31*time.Minute {
				s.after = 31 * time.Minute
			}
			ticking.tickTo(ticking.now.Add(s.after))
			jumping.jumpTo(rt, jumping.now.Add(s.after))
			for _, r := range []*run{ticking, jumping} {
				if err := r.do(s); err != nil {
					r.repeat(rt, s)
				}
			}
			if x, y := ticking.record(), jumping.record(); x != y {
				rt.Fatalf("after step %d %v:\nticking\n%sjumping\n%s", i, s, x, y)
			}
		}
	})
}

func (r *run) tickTo(at time.Time) {
	for ; r.now.Before(at); r.now = r.now.Add(time.Second) {
		r.tick(r.now)
	}
	r.tick(r.now)
}

func (r *run) jumpTo(t *rapid.T, at time.Time) {
	r.tick(r.now)
	for due := r.desk.Due(); !due.IsZero() && due.Before(plain(at)); due = r.desk.Due() {
		if !due.After(plain(r.now)) {
			t.Fatalf("at %v the next thing was due at %v: a driver would never come on", r.now, due)
		}
		r.now = due
		r.tick(due)
	}
	r.now = at
	r.tick(at)
}

// TestDue: what is due of a lone alert, from its first crossing to its end.
func TestDue(t *testing.T) {
	r := newRig(t, Default("webhook"))
	at := clock("08:00:00")
	want := func(what string, due time.Time) {
		t.Helper()
		if got := r.desk.Due(); !got.Equal(plain(due)) {
			t.Errorf("%s: due %v, want %v", what, got, due)
		}
	}
	r.tick(at)
	if !r.desk.Due().IsZero() {
		t.Error("something is due of nothing")
	}
	r.observe(complete(at, 8))
	want("a crossing waits out its persistence", at.Add(2*time.Minute))
	if a := r.desk.Open()[0]; a.Points != 8 {
		t.Errorf("a candidate of 8 points shows %d", a.Points)
	}
	r.tick(at.Add(2 * time.Minute))
	want("then the rung is to be accepted", at.Add(5*time.Minute))
	id := r.desk.Open()[0].ID
	if _, err := r.desk.Act(context.Background(), ward.Action{Alert: id, Do: ward.DoAccept, By: "p1", Role: ward.RoleNurse, At: at.Add(3 * time.Minute)}); err != nil {
		t.Fatal(err)
	}
	want("a nurse alone does not settle it", at.Add(5*time.Minute))
	if _, err := r.desk.Act(context.Background(), ward.Action{Alert: id, Do: ward.DoAccept, By: "p2", Role: ward.RoleDoctor, At: at.Add(4 * time.Minute)}); err != nil {
		t.Fatal(err)
	}
	want("then somebody must come", at.Add(33*time.Minute))
	r.stays["s1"] = ward.Stay{ID: "s1", Place: bed7, Care: ward.Care{Status: ward.ComfortCare, Since: at.Add(4 * time.Minute), Review: at.Add(time.Hour)}}
	r.observe(complete(at.Add(4*time.Minute), 8))
	want("in comfort care the order is looked at again", at.Add(time.Hour))
}
