package alerts

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

// length is how long what falls due of an alert may be ahead, by the rung that people know of.
func (r *run) length(a *ward.Alert) time.Duration {
	worst := worstVoiced(a.Causes, rule{})
	rungs := r.policy.ladder(stepOf(a, worst))
	rung := rungs[min(max(1, a.Level), len(rungs))-1]
	switch a.Next {
	case ward.DueAccept:
		return rung.Accept
	case ward.DueConfirm:
		return 10 * time.Minute // also once it is milder than what it was asked for
	case ward.DueBedside:
		return rung.Bedside
	case ward.DueReview:
		if a.Rule != RulePlan {
			return r.policy.review(worst)
		}
		return r.policy.MaxPlan
	}
	return r.policy.MaxSnooze
}

// TestClockPutBack: a clock that goes back never puts a deadline off by more than its own length.
func TestClockPutBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newRun(t)
		for _, s := range steps("score", "tick", "back", "accept", "at_bedside", "snooze", "plan", "charts", "restart").Draw(rt, "steps") {
			r.now = r.now.Add(s.after)
			if err := r.do(s); err != nil {
				rt.Fatalf("%v: %v", s, err)
			}
			if s.what == "tick" || s.what == "back" {
				for _, a := range r.desk.Open() {
					if wait := a.NextAt.Sub(r.now); a.State != ward.Candidate && wait > r.length(&a)+clockSlack {
						rt.Fatalf("%s: next thing is %v away", a.State, wait)
					}
				}
			}
		}
	})
}
