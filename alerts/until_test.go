package alerts

import (
	"testing"
	"time"

	"wardwatch/ward"
)

// TestClosedForAShift: whatever it is that a person closed and that goes on standing, people are told
// anew eight hours after, and not before; whoever it is.
func TestClosedForAShift(t *testing.T) {
	limit := func(at time.Time) ward.Score {
		return withFlags(at, ward.Flag{Code: "limit:spo2:low", Band: ward.Medium, Due: day})
	}
	for name, c := range map[string]struct {
		score func(time.Time) ward.Score
		alarm []ward.DeviceAlarm
		wait  time.Duration
	}{
		"a score":  {score: five, wait: 2 * time.Minute},
		"unnamed":  {score: func(at time.Time) ward.Score { s := five(at); s.Stay = ""; return s }, wait: 2 * time.Minute},
		"a limit":  {score: limit},
		"lost":     {score: func(at time.Time) ward.Score { return lost(at, ward.Medium) }, wait: time.Minute},
		"an alarm": {score: func(at time.Time) ward.Score { return complete(at, 0) }, alarm: []ward.DeviceAlarm{{Code: "desat", Priority: ward.MediumPriority, On: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			p := Default("webhook")
			p.ClosedScore = p.ClosedFor
			r := newRig(t, p)
			r.stays["s1"] = ward.Stay{ID: "s1", Place: bed7}
			now := clock("08:00:00")
			look := func() {
				r.observe(c.score(now), c.alarm...)
				r.tick(now)
				now = now.Add(time.Minute)
			}
			for range 4 {
				look()
			}
			closed := now
			if err := r.act(ward.DoResolve, now); err != nil {
				t.Fatal(err)
			}
			told := len(r.book.notices)
			for len(r.book.notices) == told && now.Before(closed.Add(9*time.Hour)) {
				look()
			}
			if len(r.book.notices) == told {
				t.Fatal("never told again")
			}
			if after := r.book.notices[told].Made.Sub(plain(closed)); after != 8*time.Hour+c.wait {
				t.Errorf("told again after %v", after)
			}
		})
	}
}

// TestKnownUntil: what is known keeps nobody quiet for longer because the clock was put back.
func TestKnownUntil(t *testing.T) {
	for name, quiet := range map[string]bool{"closed": false, "closed, and over": true} {
		r, now := closedAt(t)
		r.observe(complete(now, 5))
		if quiet {
			r.observe(complete(now.Add(time.Minute), 3))
			r.observe(complete(now.Add(3*time.Minute), 3))
		}
		now = now.Add(-48 * time.Hour)
		r.tick(now)
		r.observe(five(now))
		wait := r.policy.ClosedScore
		if quiet {
			wait = r.policy.CooldownScore
		}
		told := len(r.book.notices)
		for at := now; !at.After(now.Add(wait + r.policy.PersistScore)); at = at.Add(time.Minute) {
			r.observe(five(at))
			r.tick(at)
		}
		if len(r.book.notices) == told {
			t.Errorf("%s: kept quiet for longer than %v", name, wait)
		}
	}
}

// A monitor's alarm that comes again long after it was closed is another, whatever the clock did.
func TestAlarmKnownUntil(t *testing.T) {
	r := newRig(t, Default("webhook"))
	now := clock("08:00:00")
	desat := ward.DeviceAlarm{Code: "desat", Priority: ward.MediumPriority, On: true}
	r.observe(complete(now, 0), desat)
	if err := r.act(ward.DoResolve, now); err != nil {
		t.Fatal(err)
	}
	now = now.Add(-48 * time.Hour)
	r.observe(complete(now, 0))
	r.observe(complete(now.Add(r.policy.Clear), 0), desat)
	if len(r.desk.Open()) != 1 {
		t.Error("kept quiet")
	}
}
