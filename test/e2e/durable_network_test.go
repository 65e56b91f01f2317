//go:build e2e

package e2e

import (
	"fmt"
	"testing"
	"time"

	"wardwatch/devices/publish"
	"wardwatch/ward"
)

// outside is a trial with a real Mosquitto, a cable between it and the monitors, and one between
// it and our server.
type outside struct {
	*trial
	monitors, ours *relay
	dir            string
	broker         *process
}

func newOutside(t testing.TB, beds int) *outside {
	t.Helper()
	o := &outside{trial: newTrial(t, beds), monitors: newRelay(t), ours: newRelay(t), dir: t.TempDir()}
	o.start()
	o.flags = append(o.flags, "--mqtt-url", o.ours.url())
	return o
}

// start starts the broker and puts both cables in.
func (o *outside) start() {
	p := port(o)
	o.broker = mosquitto(o, o.dir, p)
	for _, r := range []*relay{o.monitors, o.ours} {
		r.to(fmt.Sprintf("127.0.0.1:%d", p))
	}
}

func (o *outside) gateway(beds int) *gateway {
	return newGateway(o, publish.Options{URL: o.monitors.url()}, "boot", beds)
}

// TestBrokerRestart stops and starts the broker in order, twice, while the monitors send.
func TestBrokerRestart(t *testing.T) {
	o := newOutside(t, 10)
	srv := o.serve(nil, o.monitors)
	g := o.gateway(10)
	for n := range 3 {
		if n > 0 {
			o.broker.stop()
			sent := g.meanwhile(300, 300, 0)
			until(t, "the server sees that the broker is gone", func() bool {
				why, _, ok := srv.unready()
				return ok && why["ingest_stalled"] != ""
			})
			o.start()
			sent()
		}
		g.stream(300, 300, 0)
	}
	o.finish(g, srv)
}

// TestNetworkCut pulls the cable between broker and server, which keeps sending into nothing for a
// while, then the one between monitors and broker.
func TestNetworkCut(t *testing.T) {
	o := newOutside(t, 10)
	srv := o.serve(nil, o.monitors)
	g := o.gateway(10)
	for _, cable := range []*relay{o.ours, o.monitors} {
		sent := g.meanwhile(300, 600, 0)
		until(t, "readings come in", func() bool { return srv.metric("wardwatch_ingest_readings_total") > 0 })
		broker := cable.where()
		cable.cut()
		sent()
		cable.to(broker)
		g.flush()
	}
	o.finish(g, srv)
}

func (r *relay) where() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.target
}

// TestBacklogIsHistory lets a monitor that was out of reach for an hour deliver all of it in one
// burst: an hour in which its patient was very ill, until a few minutes ago. All of it is kept;
// none of what is old counts as current: the score stays that of the present, and nobody is told.
func TestBacklogIsHistory(t *testing.T) {
	for _, b := range brokers {
		t.Run(b.name, func(t *testing.T) {
			x, door := newTrial(t, 2), newRelay(t)
			o := b.make(t, x, door)
			srv := x.serve(nil, door)
			g := newGateway(t, o, "boot", 2)
			g.send(1, healthy, time.Now())
			g.flush()
			now := time.Now()
			for at := now.Add(-time.Hour); at.Before(now.Add(-5 * time.Minute)); at = at.Add(time.Second) {
				g.send(1, sick, at)
			}
			g.flush()
			g.send(1, healthy, time.Now())
			g.flush()
			receipted := g.receipted()
			x.arrive(receipted)
			until(t, "all of it has been looked at", func() bool { return srv.metric("wardwatch_ingest_readings_total") >= float64(len(receipted)) })
			srv.stop()
			x.history(x.kept(g, receipted))
		})
	}
}

// history checks the backlog in the journal: late when it came later than two minutes, never when
// it did not, and never in a score.
func (x *trial) history(readings []ward.Reading) {
	x.Helper()
	late, live := 0, 0
	for i := range readings {
		r := &readings[i]
		age := r.Arrived.Sub(r.Taken)
		if want := age > 2*time.Minute; r.Late != want {
			x.Errorf("a reading %v old on arrival is late: %v", age, r.Late)
		}
		if r.Late {
			late++
		} else {
			live++
		}
		if !r.At.Equal(r.Taken) || r.Clock != ward.ClockGood {
			x.Errorf("a backlog was taken for a wrong clock: taken %v, held for %v, clock %s", r.Taken, r.At, r.Clock)
			break
		}
	}
	_, scores := readJournal(x, x.site.data)
	for i := range scores {
		if s := &scores[i]; s.LowerBound > 0 {
			x.Errorf("old readings were scored: NEWS2 %d at %v", s.LowerBound, s.At)
			break
		}
	}
	if len(scores) == 0 || late < 3000 || live < 2 {
		x.Errorf("%d late and %d live readings, %d scores: this shows nothing", late, live, len(scores))
	}
	if heard, _ := x.pager.heard(); len(heard) > 0 {
		x.Errorf("somebody was told of it: %v", heard)
	}
}
