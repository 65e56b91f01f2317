//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"wardwatch/devices/publish"
)

// kills is how many random moments a run has.
func kills() int {
	if soak() {
		return 30
	}
	return 8
}

// moments is the source of the random moments. Its seed is logged; WARDWATCH_SEED repeats it.
func moments(t testing.TB) *rand.Rand {
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("WARDWATCH_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("WARDWATCH_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// flow sends 500 readings a second from 50 beds until end is called.
func (g *gateway) flow() (end func()) {
	stop, done := make(chan struct{}), make(chan struct{})
	g.streams.Go(func() {
		defer close(done)
		for n := 0; !g.over.Load(); n += 250 {
			select {
			case <-stop:
				return
			default:
				g.stream(500, 250, max(0, 500-n))
			}
		}
	})
	return func() { close(stop); <-done }
}

// TestRandomKills kills the server at random moments, some of them in the middle of its start,
// under 500 readings a second through the embedded broker.
func TestRandomKills(t *testing.T) {
	x, door, when := newTrial(t, 50), newRelay(t), moments(t)
	srv := x.serve(nil, door)
	g := newGateway(t, publish.Options{URL: door.url(), User: x.site.user, Password: x.site.password}, "boot", 50)
	end := g.flow()
	for range kills() {
		time.Sleep(time.Duration(when.IntN(1500)) * time.Millisecond)
		srv.kill()
		if when.IntN(3) == 0 {
			half := x.site.launch(t, nil, x.flags...)
			time.Sleep(time.Duration(when.IntN(400)) * time.Millisecond)
			half.kill()
		}
		srv = x.serve(nil, door)
	}
	end()
	x.finish(g, srv)
}

// finish waits until all is quiet, stops the server and looks.
func (x *trial) finish(g *gateway, srv *server) {
	x.Helper()
	g.flush()
	receipted := g.receipted()
	x.alarmed()
	x.arrive(receipted)
	srv.stop()
	x.kept(g, receipted)
	x.promised()
	x.Logf("%d messages", len(receipted))
}

// TestRandomKillsWithBroker kills the server and an external broker in turn. The broker keeps what
// it acknowledges, through a kill, as nats-server's file store does.
func TestRandomKillsWithBroker(t *testing.T) {
	x, when := newTrial(t, 50), moments(t)
	outside, inside := newRelay(t), newRelay(t) // from the monitors and from our server to the broker
	dir := t.TempDir()
	broker := natsBroker(t, dir)
	outside.to(broker.address)
	inside.to(broker.address)
	x.flags = append(x.flags, "--mqtt-url", inside.url())
	srv := x.serve(nil, outside)
	g := newGateway(t, publish.Options{URL: outside.url()}, "boot", 50)
	end := g.flow()
	for n := range kills() {
		time.Sleep(time.Duration(when.IntN(1500)) * time.Millisecond)
		if n%2 == 0 {
			srv.kill()
			srv = x.serve(nil, outside)
			continue
		}
		outside.cut()
		inside.cut()
		broker.kill()
		broker = natsBroker(t, dir)
		outside.to(broker.address)
		inside.to(broker.address)
	}
	end()
	x.finish(g, srv)
}

// TestRandomKillsWithMosquitto does the same with a real Mosquitto. Mosquitto keeps messages in
// memory and writes them down a moment after it has acknowledged them, so a kill of its own may
// lose some that never came to us (its settings file says so). What we answer for is all that our
// own acknowledgement was given for, heard on the wire between the two.
func TestRandomKillsWithMosquitto(t *testing.T) {
	x, when := newTrial(t, 50), moments(t)
	outside, inside, heard := newRelay(t), newRelay(t), &promises{acked: map[string]bool{}}
	inside.ears = heard.ears
	dir := t.TempDir()
	start := func() *process {
		p := port(t)
		m := mosquitto(t, dir, p)
		outside.to(fmt.Sprintf("127.0.0.1:%d", p))
		inside.to(fmt.Sprintf("127.0.0.1:%d", p))
		return m
	}
	broker := start()
	x.flags = append(x.flags, "--mqtt-url", inside.url())
	srv := x.serve(nil, outside)
	g := newGateway(t, publish.Options{URL: outside.url()}, "boot", 50)
	end := g.flow()
	for n := range kills() {
		time.Sleep(time.Duration(when.IntN(1500)) * time.Millisecond)
		if n%2 == 0 {
			srv.kill()
			srv = x.serve(nil, outside)
			continue
		}
		outside.cut()
		inside.cut()
		broker.kill()
		broker = start()
	}
	end()
	g.flush()
	x.alarmed()
	last := map[message]bool{}
	for i := range g.beds { // once these are in, so is all that the broker had for us
		last[g.send(i, healthy, time.Now())] = true
	}
	g.flush()
	x.arrive(last)
	srv.stop()
	receipted, ours := g.receipted(), heard.messages(t)
	x.kept(g, ours)
	x.promised()
	lost := 0
	history := x.peek()
	for m := range receipted {
		if history[m] == 0 {
			lost++
		}
	}
	t.Logf("%d messages, %d acknowledged by us; Mosquitto lost %d that it had acknowledged and never gave to us", len(receipted), len(ours), lost)
}

// messages names what our own PUBACK was heard for.
func (p *promises) messages(t testing.TB) map[message]bool {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[message]bool{}
	for payload := range p.acked {
		var m struct {
			Device, Boot string
			Seq          uint64
		}
		var i int
		if json.Unmarshal([]byte(payload), &m) != nil {
			t.Errorf("not ours: %s", payload)
			continue
		}
		if _, err := fmt.Sscanf(m.Device, "mon-%d", &i); err != nil {
			t.Error(err)
		}
		out[message{bed(i), m.Device, m.Boot, m.Seq}] = true
	}
	return out
}
