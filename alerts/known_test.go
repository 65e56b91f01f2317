package alerts

import (
	"bytes"
	"context"
	"encoding/gob"
	"testing"
	"time"

	"wardwatch/ward"
)

// closedAt brings a patient with five points to an alert that a nurse accepted and closed.
func closedAt(t testing.TB) (r *rig, now time.Time) {
	r = newRig(t, Default("webhook"))
	r.stays["s1"] = ward.Stay{ID: "s1", Place: bed7}
	now = clock("08:00:00")
	r.observe(complete(now, 5))
	now = now.Add(2 * time.Minute)
	r.tick(now)
	for _, do := range []ward.Deed{ward.DoAccept, ward.DoResolve} {
		if err := r.act(do, now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	return r, now.Add(time.Minute)
}

func (r *rig) act(do ward.Deed, at time.Time) error {
	_, err := r.desk.Act(context.Background(), ward.Action{
		Alert: r.desk.Open()[0].ID, Do: do, By: "p1", Role: ward.RoleNurse, At: at, Reason: "known patient",
	})
	return err
}

// stand lets a score stand for an hour and a half and says whether people were told of it.
func (r *rig) stand(score func(time.Time) ward.Score, from time.Time) bool {
	before := len(r.book.notices)
	for at := from; at.Before(from.Add(90 * time.Minute)); at = at.Add(30 * time.Second) {
		r.observe(score(at))
		r.tick(at)
	}
	return len(r.book.notices) > before
}

func five(at time.Time) ward.Score { return complete(at, 5) }

// TestKnown: what calls people again after a person has closed an alert at five points, and what
// does not.
func TestKnown(t *testing.T) {
	flagged := func(code string, band ward.Band) func(time.Time) ward.Score {
		return func(at time.Time) ward.Score {
			s := complete(at, 5)
			s.Flags[0], s.NFlags = ward.Flag{Code: code, Band: band, Since: at, Due: at}, 1
			return s
		}
	}
	cases := []struct {
		name  string
		score func(time.Time) ward.Score
		tells bool
	}{
		{"the same score", five, false},
		{"the same band", func(at time.Time) ward.Score { return complete(at, 6) }, false},
		{"an input is lost", func(at time.Time) ward.Score { s := partial(at, 5); return s }, false},
		{"the band is held", func(at time.Time) ward.Score {
			s := partial(at, 1)
			s.Band, s.Held = ward.Medium, true
			return s
		}, false},
		{"three points more", func(at time.Time) ward.Score { s := complete(at, 8); s.Band = ward.Medium; return s }, true},
		{"a worse band", func(at time.Time) ward.Score { return complete(at, 7) }, true},
		{"a new flag", flagged("limit:spo2:low", ward.Medium), true},
		{"an order to look at", flagged(ward.FlagScaleReview, ward.LowMedium), true},
		{"a value too low to believe", func(at time.Time) ward.Score { s := complete(at, 5); s.Check = "rr"; return s }, true},
		{"the signal is lost", func(at time.Time) ward.Score { return lost(at, ward.Medium) }, true},
		{"the same points of another chart", func(at time.Time) ward.Score { s := complete(at, 5); s.Chart = "news"; return s }, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r, now := closedAt(t)
			if got := r.stand(c.score, now.Add(time.Second)); got != c.tells {
				t.Errorf("told: %v, want %v", got, c.tells)
			}
		})
	}
}

// TestSlowRise: three points more than people know of are news within the same band too, however slowly
// they came.
func TestSlowRise(t *testing.T) {
	r, now := closedAt(t)
	for points := 5; points <= 8; points++ {
		told := r.stand(func(at time.Time) ward.Score {
			s := complete(at, points)
			s.Band = ward.Medium // as in a chart with a wide band
			return s
		}, now)
		if told != (points == 8) {
			t.Errorf("%d points: told %v", points, told)
		}
		now = now.Add(90 * time.Minute)
	}
}

// TestForgotten: whom it is not known to be, and who has left, is told of anew.
func TestForgotten(t *testing.T) {
	t.Run("the stay ended", func(t *testing.T) {
		r, now := closedAt(t)
		if err := r.desk.StayEnded(context.Background(), "s1", now, "discharged"); err != nil {
			t.Fatal(err)
		}
		if !r.stand(five, now.Add(time.Second)) {
			t.Error("the next stay was kept quiet")
		}
	})
	t.Run("the stay ended with an alert open", func(t *testing.T) {
		r, now := closedAt(t)
		r.observe(complete(now, 7))
		r.tick(now.Add(2 * time.Minute))
		if err := r.desk.StayEnded(context.Background(), "s1", now.Add(3*time.Minute), "died"); err != nil {
			t.Fatal(err)
		}
		if len(r.desk.past) != 0 {
			t.Errorf("still remembered: %+v", r.desk.past)
		}
	})
	t.Run("another stay", func(t *testing.T) {
		r, now := closedAt(t)
		if !r.stand(func(at time.Time) ward.Score { s := five(at); s.Stay = "s2"; return s }, now.Add(time.Second)) {
			t.Error("another person was kept quiet")
		}
	})
	unnamed := func(at time.Time) ward.Score { s := five(at); s.Stay = ""; return s }
	closeUnnamed := func(t *testing.T) (*rig, time.Time) {
		r := newRig(t, Default("webhook"))
		now := clock("08:00:00")
		r.observe(unnamed(now))
		r.tick(now.Add(2 * time.Minute))
		if err := r.act(ward.DoResolve, now.Add(3*time.Minute)); err != nil {
			t.Fatal(err)
		}
		return r, now.Add(3 * time.Minute)
	}
	t.Run("nobody has moved", func(t *testing.T) {
		r, now := closeUnnamed(t)
		if r.stand(unnamed, now) {
			t.Error("told again")
		}
	})
	t.Run("nobody was looking", func(t *testing.T) { // while the program was down, the next may have come
		r, now := closeUnnamed(t)
		r.observe(unnamed(now))
		r.restart()
		if !r.stand(unnamed, now.Add(16*time.Minute)) {
			t.Error("whoever lies there now was kept quiet")
		}
	})
	t.Run("the monitor was taken off", func(t *testing.T) {
		r, now := closeUnnamed(t)
		s := lost(now, ward.Low)
		s.Stay = ""
		r.observe(s)
		if !r.stand(unnamed, now.Add(time.Second)) {
			t.Error("whoever lies there now was kept quiet")
		}
	})
	t.Run("somebody was admitted there", func(t *testing.T) {
		r, now := closeUnnamed(t)
		r.observe(complete(now, 0))
		if !r.stand(unnamed, now.Add(time.Second)) {
			t.Error("whoever else sends there was kept quiet")
		}
	})
}

// TestKnownAfterACrash: a checkpoint carries what is closed; without one people are told once more,
// and so they are when the book has since learned more of the bed.
func TestKnownAfterACrash(t *testing.T) {
	afterwards := func(t *testing.T, between func(*rig, time.Time), carried bool) bool {
		r, now := closedAt(t)
		r.observe(complete(now, 5))
		ahead := throughFile(t, r.desk.Ahead())
		if between != nil {
			between(r, now)
		}
		r.desk = nil
		r.restart()
		if carried {
			r.desk.Restore(ahead)
		}
		return r.stand(five, now.Add(2*time.Hour))
	}
	if afterwards(t, nil, true) {
		t.Error("with a checkpoint: told again")
	}
	if !afterwards(t, nil, false) {
		t.Error("without one: kept quiet, though nobody knows why")
	}
	learned := func(r *rig, now time.Time) { // quiet, a new episode, which ended
		for _, points := range []int{0, 0, 5, 5, 0, 0} {
			now = now.Add(2 * time.Minute)
			r.observe(complete(now, points))
			r.observe(complete(now.Add(59*time.Minute), points))
			now = now.Add(time.Hour)
		}
	}
	if !afterwards(t, learned, true) {
		t.Error("the book has learned more since, and an old closing kept a new crossing quiet")
	}
	moved := func(r *rig, _ time.Time) {
		r.stays["s1"] = ward.Stay{ID: "s1", Place: ward.Place{Ward: "icu", Bed: "09"}}
	}
	if !afterwards(t, moved, true) {
		t.Error("kept quiet for somebody who has moved since")
	}
}

// throughFile is what a checkpoint does to the alerts.
func throughFile(t *testing.T, ahead []ward.Alert) (out []ward.Alert) {
	t.Helper()
	var file bytes.Buffer
	if err := gob.NewEncoder(&file).Encode(ahead); err != nil {
		t.Fatal(err)
	}
	if err := gob.NewDecoder(&file).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestClosedWithoutLooking: what stood on the screen but nobody was told of, and what is neither
// there nor known to be gone, is news when it is seen again.
func TestClosedWithoutLooking(t *testing.T) {
	in := func(band ward.Band, points int) func(time.Time) ward.Score {
		return func(at time.Time) ward.Score { s := complete(at, points); s.Band = band; return s }
	}
	atLeast := func(points int) func(time.Time) ward.Score {
		return func(at time.Time) ward.Score { return partial(at, points) }
	}
	type scores []func(time.Time) ward.Score
	for name, c := range map[string]struct {
		told, closed, after scores
	}{
		"a band that was not told yet":       {scores{in(ward.LowMedium, 3)}, scores{atLeast(5)}, scores{five}},
		"points that were not told yet":      {scores{five}, scores{in(ward.Medium, 8)}, scores{in(ward.Medium, 8)}},
		"not there, nor proven to be gone":   {scores{five}, scores{in(ward.Low, 0), atLeast(0)}, scores{five}},
		"not there, and a lower bound later": {scores{five}, scores{atLeast(0)}, scores{atLeast(5)}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Default("webhook"))
			r.stays["s1"] = ward.Stay{ID: "s1", Place: bed7}
			now := clock("08:00:00")
			observe := func(list scores) {
				for _, score := range list {
					now = now.Add(time.Second)
					r.observe(score(now))
				}
			}
			observe(c.told)
			r.tick(now.Add(2 * time.Minute))
			now = now.Add(2 * time.Minute)
			observe(c.closed)
			r.restart()
			observe(c.closed[len(c.closed)-1:]) // every bed is scored once
			if err := r.act(ward.DoResolve, now); err != nil {
				t.Fatal(err)
			}
			told := len(r.book.notices)
			observe(c.after)
			r.tick(now.Add(r.policy.PersistScore))
			if len(r.book.notices) == told {
				t.Error("nobody was told")
			}
		})
	}
}

// TestClosingSurvives a book that cannot write it, or whose answer is lost.
func TestClosingSurvives(t *testing.T) {
	for _, lose := range []bool{false, true} {
		r, now := closedAt(t)
		r.observe(complete(now.Add(time.Minute), 7))
		now = now.Add(3 * time.Minute)
		r.tick(now) // told of high
		r.observe(complete(now, 6))
		r.book.lose = lose
		if !lose {
			r.book.fail = func() error { return context.DeadlineExceeded }
		}
		if err := r.act(ward.DoResolve, now); err == nil {
			t.Fatal("no error")
		}
		r.book.lose, r.book.fail = false, nil
		told := len(r.book.notices)
		r.observe(complete(now.Add(time.Second), 6))
		if open := len(r.desk.Open()); open != map[bool]int{false: 1, true: 0}[lose] {
			t.Errorf("answer lost %v: %d alerts are open", lose, open)
		}
		if !lose {
			if err := r.act(ward.DoResolve, now.Add(2*time.Second)); err != nil {
				t.Fatal(err)
			}
		}
		r.stand(func(at time.Time) ward.Score { return complete(at, 6) }, now.Add(3*time.Second))
		if len(r.book.notices) != told {
			t.Errorf("answer lost %v: told again of what was closed", lose)
		}
	}
}
