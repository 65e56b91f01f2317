package alerts

import (
	"context"
	"testing"
	"time"

	"wardwatch/ward"
)

// TestEscalatingTwiceClimbsOnce: a phone that did not get the answer sends "escalate now" again; it
// names the rung that was seen, so the ladder climbs once. Seen anew, it climbs again.
func TestEscalatingTwiceClimbsOnce(t *testing.T) {
	r := newRig(t, Default("webhook"))
	at := clock("08:00:00")
	r.observe(complete(at, 8))
	r.tick(at.Add(2 * time.Minute))
	id := r.desk.Open()[0].ID
	escalate := func(seen int) int {
		t.Helper()
		a, err := r.desk.Act(context.Background(), ward.Action{Alert: id, Do: ward.DoEscalate, By: "anna", Role: ward.RoleNurse, At: at.Add(3 * time.Minute), Level: seen})
		if err != nil {
			t.Fatal(err)
		}
		return a.Level
	}
	for _, step := range []struct{ seen, level int }{{1, 2}, {1, 2}, {2, 3}, {0, 4}} {
		if got := escalate(step.seen); got != step.level {
			t.Errorf("escalated having seen rung %d: rung %d, want %d", step.seen, got, step.level)
		}
	}
}
