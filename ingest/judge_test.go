package ingest

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// sent is one message of a story: when it was taken and when it arrived, both after noon.
type sent struct {
	taken, arrived time.Duration
	retained       bool
}

// live is n messages, one each second, whose device is behind by off and whose network needs 20 ms.
func live(from time.Duration, n int, off time.Duration) []sent {
	var s []sent
	for i := range n {
		at := from + time.Duration(i)*time.Second
		s = append(s, sent{taken: at - off, arrived: at + 20*time.Millisecond})
	}
	return s
}

// backlog is n messages, one taken each second from the given time, that arrive in a burst.
func backlog(from time.Duration, n int, off, arrival time.Duration) []sent {
	var s []sent
	for i := range n {
		at := from + time.Duration(i)*time.Second
		s = append(s, sent{taken: at - off, arrived: arrival + time.Duration(i)*time.Millisecond})
	}
	return s
}

func TestClockJudgeTellsStories(t *testing.T) {
	const day = 24 * time.Hour
	story := func(parts ...[]sent) (all []sent) {
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	for _, c := range []struct {
		name   string
		story  []sent
		clock  ward.Clock
		late   bool
		at     time.Duration // expected, after noon
		within time.Duration
	}{
		{"a good clock is believed", live(0, 10, 0), ward.ClockGood, false, 9 * time.Second, 2 * time.Second},
		{"the first message has nothing to be compared with", live(0, 1, 0), ward.ClockGood, false, 0, time.Second},
		{"an offset under 2 s may be the network's", live(0, 10, 1500*time.Millisecond), ward.ClockGood, false, 7500 * time.Millisecond, 2 * time.Second},
		{"7 min behind, seen live five times: corrected", live(0, 7, 7*time.Minute), ward.ClockSkewed, false, 6*time.Second + 20*time.Millisecond, 2 * time.Second},
		{"7 min behind, not seen often enough: late", live(0, 4, 7*time.Minute), ward.ClockGood, true, 3*time.Second - 7*time.Minute, 7*time.Minute + 20*time.Millisecond},
		{"3 min ahead, seen live: corrected", live(0, 7, -3*time.Minute), ward.ClockSkewed, false, 6*time.Second + 20*time.Millisecond, 2 * time.Second},
		{"3 min ahead, unlearned: not before it arrived", live(0, 2, -3*time.Minute), ward.ClockGood, false, time.Second + 20*time.Millisecond, time.Second},
		{"a backlog keeps its times and is late", backlog(0, 300, 0, 10*time.Minute), ward.ClockGood, true, 299 * time.Second, 10*time.Minute - 299*time.Second + 299*time.Millisecond},
		{"a backlog of a skewed device is corrected by the skew of its live days",
			story(live(0, 10, 7*time.Minute), backlog(10*time.Second, 300, 7*time.Minute, 20*time.Minute)), ward.ClockSkewed, true, 309*time.Second + 20*time.Millisecond, 2 * time.Second},
		{"live again after a backlog",
			story(live(0, 10, 0), backlog(10*time.Second, 290, 0, 5*time.Minute), live(301*time.Second, 3, 0)), ward.ClockGood, false, 303 * time.Second, 2 * time.Second},
		{"a retained message is late however fresh", []sent{{taken: 0, arrived: 100 * time.Millisecond, retained: true}}, ward.ClockGood, true, 0, time.Second},
		{"a clock set right is not pushed into the future",
			story(live(0, 10, 7*time.Minute), live(10*time.Second, 1, 0)), ward.ClockGood, false, 10 * time.Second, time.Second},
		{"a clock set wrong is late until it is learned anew",
			story(live(0, 10, 0), live(10*time.Second, 3, time.Hour)), ward.ClockGood, true, 12*time.Second - time.Hour, 2 * time.Second},
		{"1970, live: true on arrival", live(0, 3, 56*365*day), ward.ClockImpossible, false, 2*time.Second + 20*time.Millisecond, 5 * time.Second},
		{"2100, live: true on arrival", live(0, 3, -73*365*day), ward.ClockImpossible, false, 2*time.Second + 20*time.Millisecond, 5 * time.Second},
		{"6 min ahead is impossible", live(0, 1, -6*time.Minute), ward.ClockImpossible, false, 20 * time.Millisecond, 5 * time.Second},
		{"25 h behind is impossible", live(0, 1, 25*time.Hour), ward.ClockImpossible, false, 20 * time.Millisecond, 5 * time.Second},
		{"1970 in a burst: history of unknown age",
			backlog(0, 5, 56*365*day, time.Minute), ward.ClockImpossible, true, time.Minute + 4*time.Millisecond, day},
		{"1970 in a burst after live days: history of known age",
			story(live(0, 10, 56*365*day), backlog(10*time.Second, 10, 56*365*day, 10*time.Minute)), ward.ClockImpossible, true,
			10*time.Minute + 9*time.Millisecond, 5*time.Second + 10*time.Minute - 19*time.Second - 11*time.Millisecond},
		{"1970 after live days, the message before held up by the network: current",
			story(live(0, 10, 56*365*day), []sent{{taken: 10*time.Second - 56*365*day, arrived: 10900 * time.Millisecond}}, live(11*time.Second, 1, 56*365*day)),
			ward.ClockImpossible, false, 11*time.Second + 20*time.Millisecond, 5 * time.Second},
		{"1970 retained: history", []sent{{taken: -56 * 365 * day, arrived: 0, retained: true}}, ward.ClockImpossible, true, 0, day},
	} {
		t.Run(c.name, func(t *testing.T) {
			var clk clock
			var v verdict
			for _, m := range c.story {
				v = clk.judge(noon.Add(m.taken), noon.Add(m.arrived), m.retained, 2*time.Minute)
			}
			if v.clock != c.clock || v.late != c.late || !v.at.Equal(noon.Add(c.at)) || v.within != c.within {
				t.Errorf("clock %v, late %v, at noon%+v ± %v; want %v, %v, noon%+v ± %v",
					v.clock, v.late, v.at.Sub(noon), v.within, c.clock, c.late, c.at, c.within)
			}
		})
	}
}

// A backlog sent at double speed or faster is never taken for skew, whatever its rhythm.
func TestBacklogNeverLooksLikeSkew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c clock
		taken, arrived := noon, noon.Add(rapid.Custom(minutes(3, 600)).Draw(t, "age"))
		for range rapid.IntRange(2, 60).Draw(t, "messages") {
			step := rapid.Int64Range(600, 60_000).Draw(t, "ms between")
			share := rapid.Float64Range(0, 0.5).Draw(t, "speed")
			taken = taken.Add(time.Duration(step) * time.Millisecond)
			arrived = arrived.Add(time.Duration(float64(step)*share) * time.Millisecond)
			if taken.After(arrived) {
				return // caught up: live from here on
			}
			if v := c.judge(taken, arrived, false, 2*time.Minute); c.learned || v.clock != ward.ClockGood || !v.at.Equal(taken) {
				t.Fatalf("a backlog was taken for skew: %+v, %+v", v, c)
			}
		}
	})
}

// Whatever is thrown at it, a verdict never lies in the future, an old time is never current, and
// only history is late.
func TestVerdictsKeepTheirPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c clock
		arrived := noon
		for range rapid.IntRange(1, 40).Draw(t, "messages") {
			arrived = arrived.Add(time.Duration(rapid.Int64Range(0, 20_000).Draw(t, "gap")) * time.Millisecond)
			taken := arrived.Add(-time.Duration(rapid.OneOf(
				rapid.Int64Range(-1000, 1000), rapid.Int64Range(-400_000, 100_000_000), rapid.Just(int64(420_000)),
			).Draw(t, "offset")) * time.Millisecond)
			retained := rapid.Bool().Draw(t, "retained")
			v := c.judge(taken, arrived, retained, 2*time.Minute)
			switch {
			case v.at.After(arrived):
				t.Fatalf("true %v after it arrived", v.at.Sub(arrived))
			case retained && !v.late:
				t.Fatal("a retained message is current")
			case !v.late && arrived.Sub(v.at) > 2*time.Minute:
				t.Fatal("an old value is current")
			case v.clock == ward.ClockGood && !v.at.Equal(taken) && !v.at.Equal(arrived):
				t.Fatal("a good clock was corrected")
			case v.within < time.Second:
				t.Fatal("more certain than any clock is")
			}
		}
	})
}

// A device that is behind or ahead by a constant is corrected after six live messages to within the
// network's jitter.
func TestSkewIsLearned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c clock
		skew := time.Duration(rapid.Int64Range(-290_000, 80_000_000).Draw(t, "skew ms")) * time.Millisecond
		gap := time.Duration(rapid.Int64Range(700, 60_000).Draw(t, "gap ms")) * time.Millisecond
		now := noon
		var v verdict
		for range 7 {
			now = now.Add(gap)
			jitter := time.Duration(rapid.Int64Range(0, 120).Draw(t, "jitter ms")) * time.Millisecond
			v = c.judge(now.Add(-skew), now.Add(jitter), false, 2*time.Minute)
		}
		if miss := v.at.Sub(now).Abs(); v.late || skew.Abs() > 3*time.Second && miss > 250*time.Millisecond {
			t.Fatalf("skew %v: off by %v, late %v", skew, miss, v.late)
		}
	})
}

func minutes(low, high int64) func(*rapid.T) time.Duration {
	return func(t *rapid.T) time.Duration {
		return time.Duration(rapid.Int64Range(low, high).Draw(t, "minutes")) * time.Minute
	}
}

func BenchmarkJudge(b *testing.B) {
	var c clock
	b.ReportAllocs()
	for i := range b.N {
		at := noon.Add(time.Duration(i) * time.Second)
		c.judge(at, at.Add(20*time.Millisecond), false, 2*time.Minute)
	}
}

// On a scaled clock a steady delay of milliseconds is seconds: it is not skew.
func TestScaledClockLearnsNoSkew(t *testing.T) {
	for _, fixed := range []bool{false, true} {
		c := clock{fixed: fixed}
		var v verdict
		for i := range 20 {
			taken := time.Date(2026, 1, 1, 0, i, 0, 0, time.UTC)
			v = c.judge(taken, taken.Add(3*time.Second), false, time.Hour)
		}
		if skewed := v.clock == ward.ClockSkewed; skewed == fixed {
			t.Errorf("fixed %v: judged %v", fixed, v.clock)
		}
	}
}
