//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"wardwatch/devices/publish"
)

func soak() bool { return os.Getenv("WARDWATCH_SOAK") != "" }

// brokers are the two kinds that messages may come through.
var brokers = []struct {
	name string
	make func(t testing.TB, x *trial, door *relay) publish.Options
}{
	{"embedded", func(_ testing.TB, x *trial, door *relay) publish.Options {
		return publish.Options{URL: door.url(), User: x.site.user, Password: x.site.password}
	}},
	{"mosquitto", func(t testing.TB, x *trial, _ *relay) publish.Options {
		p := port(t)
		mosquitto(t, t.TempDir(), p)
		url := fmt.Sprintf("tcp://127.0.0.1:%d", p)
		x.flags = append(x.flags, "--mqtt-url", url)
		return publish.Options{URL: url}
	}},
}

// deathPoints are the named points of a reading's life and the passages at which the server dies.
var deathPoints = []struct {
	point string
	at    []int
	soak  []int
}{
	{"received", []int{1, 90}, []int{2, 17, 301, 599}},
	{"committed", []int{1, 20}, []int{2, 5, 11, 41}},
	{"acknowledged", []int{1, 20}, []int{2, 5, 11, 41}},
	{"scored", []int{1, 20}, []int{2, 5, 11, 41}},
	{"alerted", []int{1, 4}, []int{2, 3, 5, 6}},
	{"sent", []int{1, 5}, []int{2, 3, 4, 9}},
}

// TestDeathAtEachPoint kills the server at each named point of the way while three people
// deteriorate and the monitors keep sending, starts it again, and looks for anything lost or
// repeated.
func TestDeathAtEachPoint(t *testing.T) {
	for _, b := range brokers {
		for _, d := range deathPoints {
			at := d.at
			if soak() {
				at = append(at, d.soak...)
			}
			for _, n := range at {
				t.Run(b.name+"/"+d.point+"/"+strconv.Itoa(n), func(t *testing.T) {
					t.Parallel()
					x, door := newTrial(t, 10), newRelay(t)
					dieAt(x, door, b.make(t, x, door), d.point, n)
				})
			}
		}
	}
}

func dieAt(x *trial, door *relay, o publish.Options, point string, n int) {
	first := x.serve([]string{"WARDWATCH_CRASH_AT=" + point + ":" + strconv.Itoa(n)}, door)
	g := newGateway(x, o, "boot", 10)
	streamed := g.meanwhile(300, 600, 100)
	select {
	case <-first.done:
	case <-time.After(limit):
		x.Fatalf("the server never came to %s for the %dth time", point, n)
	}
	if s, ok := first.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || s.Signal() != syscall.SIGKILL {
		x.Fatalf("the server ended otherwise than by SIGKILL: %v", first.cmd.ProcessState)
	}
	second := x.serve(nil, door)
	streamed()
	g.flush()
	receipted := g.receipted()
	x.alarmed()
	x.arrive(receipted)
	second.stop()
	x.kept(g, receipted)
	x.promised()
	if point == "sent" {
		x.repeated()
	}
}

// TestDeathAtTheOnlyReading: one reading is all that ever tells of an emergency, and the server dies
// on it. Nothing comes after it that could raise the alert instead.
func TestDeathAtTheOnlyReading(t *testing.T) {
	for _, point := range []string{"received", "committed", "acknowledged", "scored", "alerted", "sent"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			x, door := newTrial(t, 2), newRelay(t)
			x.ill = 1
			first := x.serve([]string{"WARDWATCH_CRASH_AT=" + point + ":1"}, door)
			g := newGateway(t, publish.Options{URL: door.url(), User: x.site.user, Password: x.site.password}, "boot", 1)
			g.send(0, sick, time.Now())
			select {
			case <-first.done:
			case <-time.After(limit):
				t.Fatalf("the server never came to %s", point)
			}
			x.finish(g, x.serve(nil, door))
		})
	}
}

// repeated expects that the notices which were sent but not yet written down came once more.
func (x *trial) repeated() {
	x.Helper()
	_, times := x.pager.heard()
	for _, n := range times {
		if n > 1 {
			return
		}
	}
	x.Error("the server died between sending and writing down, and nothing was sent again")
}

// TestDeadlinesPassWhileDown: people are told, nobody accepts, the server is killed and comes back
// ten minutes later. The rung above, due after three, is told at once and not three minutes after
// the return.
func TestDeadlinesPassWhileDown(t *testing.T) {
	x, door := newTrial(t, 4), newRelay(t)
	start := time.Now()
	first := x.serve(nil, door, "--clock-start", start.Format(time.RFC3339))
	g := newGateway(t, publish.Options{URL: door.url(), User: x.site.user, Password: x.site.password}, "boot", 4)
	for range 3 {
		for i := range 4 {
			g.send(i, map[bool]map[string]any{true: sick, false: healthy}[i < sickBeds], first.clock())
		}
		g.flush()
	}
	x.alarmed()
	until(t, "what was told is written down", func() bool { // or the rung above would be told for another reason
		var list []struct{ Kind, State string }
		first.get("/api/v1/wards/W1/alerts", &list)
		delivered := 0
		for _, a := range list {
			if a.Kind == "clinical" && a.State == "delivered" {
				delivered++
			}
		}
		return delivered == sickBeds && first.metric("wardwatch_outbox_delivered_total") == float64(sickBeds*len(firstRung))
	})
	first.kill()

	back := start.Add(10 * time.Minute).Truncate(time.Second)
	second := x.serve(nil, door, "--clock-start", back.Format(time.RFC3339))
	until(t, "the rung above is told", func() bool {
		for i := range sickBeds {
			if r := x.pager.roles(bed(i), 2); !r["duty_lead"] || !r["intensive_care"] {
				return false
			}
		}
		return true
	})
	second.stop()
	const accept = 3 * time.Minute // of the rung before: a clock begun anew at the return would end no sooner
	notices, _ := x.pager.heard()
	for _, n := range notices {
		if n.Level == 2 && (n.Made.Before(back) || !n.Made.Before(back.Add(accept))) {
			t.Errorf("the rung above of %s was told at %v; the server came back at %v and its deadline had passed by then", n.Bed, n.Made, back)
		}
	}
	x.promised()
}
