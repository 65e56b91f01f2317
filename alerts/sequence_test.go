package alerts_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// sequences is how many are run: WARDWATCH_SEQUENCES, or a number that takes seconds.
func sequences(t *testing.T) int {
	if s := os.Getenv("WARDWATCH_SEQUENCES"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("WARDWATCH_SEQUENCES is %q: write a number, for example 100000", s)
		}
		return n
	}
	if testing.Short() {
		return 200
	}
	return 400
}

// TestSequences runs random lives of two patients and those who care for them, through losses,
// deeds, orders, rosters, channels that fail, a disk that fails, restarts and clocks that jump, and
// after every step holds the desk to its promises (see promises). A failure prints the shortest part
// of the sequence that still shows it.
func TestSequences(t *testing.T) {
	n := sequences(t)
	seed := uint64(1)
	if s, err := strconv.ParseUint(os.Getenv("WARDWATCH_SEED"), 10, 64); err == nil {
		seed = s
	}
	var next, steps, failed atomic.Int64
	var met reached
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for failed.Load() < 3 {
				i := next.Add(1)
				if i > int64(n) {
					return
				}
				list := generate(rand.New(rand.NewPCG(seed, uint64(i))))
				w, wrong := live(list)
				steps.Add(int64(len(list)))
				met.add(w)
				if len(wrong) > 0 {
					failed.Add(1)
					short := shorten(list, rule(wrong))
					_, wrong = live(short)
					t.Errorf("sequence %d of seed %d:\n%s%s", i, seed, strings.Join(wrong, "\n"), told(short))
				}
			}
		})
	}
	workers.Wait()
	t.Logf("%d sequences, %d steps, %d commits; rows in the record: %v", min(next.Load(), int64(n)), steps.Load(), met.commits, met.deeds)
	if failed.Load() == 0 {
		met.everything(t)
	}
}

// TestSequencesThatBroke are the shortest parts of sequences that once broke a promise.
func TestSequencesThatBroke(t *testing.T) {
	const m = time.Minute
	for _, c := range []struct {
		name string
		list []step
	}{
		{"told twice within one millisecond", []step{{what: "off", after: 3 * m}, {what: "outage"}, {what: "alarm", on: true, code: "asystole"}}},
		{"who has come since all were asked again is not asked once more", []step{
			{what: "score", points: 12, after: 3 * m}, {what: "accept", person: "l1", after: 31 * m}, {what: "at_bedside", person: "i1", after: time.Second},
			{what: "escalate", person: "i1", after: 30 * time.Second}, {what: "at_bedside", person: "l1", after: 2 * m}, {what: "nothing", after: 2 * m},
		}},
		{"a failing book forgets that the patient is high, and somebody closes", []step{
			{what: "check", points: 3, after: 5 * time.Second}, {what: "score", points: 8, after: 15 * time.Second}, {what: "nothing", after: 31 * m},
			{what: "score", points: 6, after: 3 * m}, {what: "storage", after: m}, {what: "score", points: 9}, {what: "resolve", person: "i1", after: m},
		}},
		{"a failing book drops what an order's end has raised", []step{
			{what: "score", patient: 1, points: 8, after: 31 * m}, {what: "score", points: 10, after: 31 * m}, {what: "comfort", patient: 1},
			{what: "resolve", patient: 1, person: "d1", after: m}, {what: "full", patient: 1, after: 5 * time.Second}, {what: "storage", after: 30 * time.Second},
			{what: "nothing", after: 3 * m},
		}},
		{"somebody's arrival makes others late who accepted before a snooze", []step{
			{what: "score", points: 10, after: 5 * time.Second}, {what: "accept", person: "i1", after: 2 * m}, {what: "snooze", person: "l1", after: 9 * m},
			{what: "at_bedside", person: "c1", after: 2 * m}, {what: "accept", person: "l1", after: 2 * m}, {what: "at_bedside", person: "n1", after: 22 * m},
		}},
		{"who accepts under a shorter time, after an order has ended, comes in that time", []step{
			{what: "comfort", on: true}, {what: "alarm", points: 11, on: true, code: "asystole", after: 5 * time.Second}, {what: "charted", points: 5, person: "d2", after: m},
			{what: "escalate", person: "c1", after: 2 * m}, {what: "partial", patient: 1, points: 7, person: "i1", after: 31 * m}, {what: "full", points: 9, person: "d1", after: 5 * time.Second},
			{what: "accept", person: "l1", after: 15 * time.Second}, {what: "plan", person: "d2", after: 31 * m},
		}},
		{"the same snooze twice", []step{{what: "score", points: 9}, {what: "snooze", person: "d1", after: 3 * m}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, wrong := live(c.list); len(wrong) > 0 {
				t.Error(strings.Join(wrong, "\n"))
			}
		})
	}
}

// live runs a sequence until a promise is broken.
func live(list []step) (*world, []string) {
	w := newWorld()
	for i := range list {
		w.do(list[i])
		if len(w.wrong) > 0 {
			return w, w.wrong
		}
	}
	return w, nil
}

// rule is the number of the promise that was broken.
func rule(wrong []string) string {
	number, _, _ := strings.Cut(wrong[0], ":")
	return number
}

// shorten takes steps away while the same promise is still broken.
func shorten(list []step, broken string) []step {
	fails := func(l []step) bool {
		_, wrong := live(l)
		return len(wrong) > 0 && rule(wrong) == broken
	}
	for size := len(list) / 2; size > 0; {
		shorter := false
		for from := 0; from+size <= len(list); {
			if fewer := slices.Delete(slices.Clone(list), from, from+size); fails(fewer) {
				list, shorter = fewer, true
				continue
			}
			from++
		}
		if !shorter || size > 1 {
			size /= 2
		}
	}
	return list
}

// told is a sequence as a person reads it.
func told(list []step) string {
	var b strings.Builder
	b.WriteString("\n")
	at := start()
	for _, s := range list {
		at = at.Add(s.after)
		fmt.Fprintf(&b, "  %s  %v\n", at.Format("15:04:05"), s)
	}
	return b.String()
}

// reached counts what the sequences came to, so that a run that comes to nothing is seen.
type reached struct {
	mu      sync.Mutex
	commits int
	deeds   map[string]int
}

func (r *reached) add(w *world) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.deeds == nil {
		r.deeds = map[string]int{}
	}
	r.commits += w.book.commits
	for deed, n := range w.book.audit {
		r.deeds[deed] += n
	}
}

// everything that can be written down was.
func (r *reached) everything(t *testing.T) {
	for _, deed := range []string{
		"alert.raise", "alert.tell", "alert.escalate", "alert.review", "alert.wake", "alert.warn", "alert.suppress", "alert.resolve", "alert.see", "alert.accept",
		"alert.decline", "alert.on_way", "alert.at_bedside", "alert.plan", "alert.snooze", "alert.handover",
	} {
		if r.deeds[deed] == 0 {
			t.Errorf("no sequence came to %s", deed)
		}
	}
}

// What happens, often enough weighted towards scores and time.
var happenings = []string{
	"score", "score", "score", "score", "score", "score", "high", "high", "high", "medium", "medium", "single", "partial", "held", "lost", "check", "flag", "alarm", "alarm",
	"nothing", "nothing", "nothing", "nothing", "see", "accept", "accept", "accept", "accept", "decline", "on_way", "at_bedside", "at_bedside", "at_bedside", "plan", "plan", "snooze", "snooze",
	"resolve", "resolve", "escalate", "charted", "charted", "symptoms", "hand over", "hand over", "off", "return", "comfort", "full", "leaves", "admit",
	"duty", "duty", "channel", "channel", "network", "storage", "restart", "checkpoint", "outage", "clock back",
}

// waits between steps. The long ones are few: an alert that nobody takes is told again every few minutes.
var waits = []time.Duration{
	0, 0, 0, 0, time.Second, time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, time.Minute, 119 * time.Second, 2 * time.Minute, 2 * time.Minute,
	3 * time.Minute, 3 * time.Minute, 4 * time.Minute, 9 * time.Minute, 11 * time.Minute, 31 * time.Minute,
}

// longWaits come one in eighty.
var longWaits = []time.Duration{61 * time.Minute, 3 * time.Hour, 5 * time.Hour}

func generate(r *rand.Rand) []step {
	list := make([]step, 10+r.IntN(50))
	for i := range list {
		list[i] = draw(r)
	}
	return list
}

func draw(r *rand.Rand) step {
	role := ladderRoles[r.IntN(len(ladderRoles))]
	s := step{
		what: happenings[r.IntN(len(happenings))], patient: min(r.IntN(4), 1) ^ 1, after: waits[r.IntN(len(waits))], points: r.IntN(13),
		person: people[role][r.IntN(len(people[role]))], on: r.IntN(2) == 0, code: []string{"asystole", "desat"}[r.IntN(2)],
	}
	if r.IntN(80) == 0 {
		s.after = longWaits[r.IntN(len(longWaits))]
	}
	switch s.what {
	case "high":
		s.what, s.points = "score", 7+r.IntN(5)
	case "medium":
		s.what, s.points = "score", 5+r.IntN(2)
	case "duty": // more often on than off
		s.on = r.IntN(3) > 0
	case "channel": // more often well than not
		s.points = max(0, r.IntN(6)-2)
	}
	return s
}
