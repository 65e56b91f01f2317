//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wardwatch/devices/publish"
)

// message is the name of one message that a gateway sent: what makes it different from any other.
type message struct {
	bed    string
	device string
	boot   string
	seq    uint64
}

// gateway stands for the monitors of a ward behind one credential. It keeps each message until the
// broker has acknowledged it, and remembers what it was given a receipt for.
type gateway struct {
	t    testing.TB
	p    *publish.Publisher
	beds int
	boot string

	over    atomic.Bool // the test is ending
	streams sync.WaitGroup

	mu       sync.Mutex
	seq      []uint64
	receipts map[message]*publish.Receipt
}

// newGateway connects to the broker, waiting until there is one.
func newGateway(t testing.TB, o publish.Options, boot string, beds int) *gateway {
	t.Helper()
	o.ClientID, o.Retry = "gateway-"+boot, 200*time.Millisecond
	if o.Window == 0 {
		o.Window = 16384
	}
	p, err := publish.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := p.Connect(ctx); err != nil {
		t.Fatal(err)
	}
	g := &gateway{t: t, p: p, beds: beds, boot: boot, seq: make([]uint64, beds), receipts: map[message]*publish.Receipt{}}
	t.Cleanup(func() {
		g.over.Store(true)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = p.Close(ctx)
		g.streams.Wait()
	})
	return g
}

func monitor(i int) string { return fmt.Sprintf("mon-%05d", i) }

// vitals of a healthy person make NEWS2 0; those of a sick one are in the worst column of each
// row of the chart, save temperature: 17, the emergency band.
var (
	healthy = map[string]any{"vitals": map[string]float64{"rr": 16, "spo2": 97, "sbp": 120, "hr": 75, "temp": 37}, "consciousness": "A", "o2_device": "room_air"}
	sick    = map[string]any{"vitals": map[string]float64{"rr": 28, "spo2": 88, "sbp": 88, "hr": 135, "temp": 39.5}, "consciousness": "V", "o2_device": "room_air"}
)

const sickTotal = 3 + 3 + 3 + 3 + 2 + 3

// send publishes one complete set of a bed, taken at the time, and does not wait for the receipt.
func (g *gateway) send(i int, state map[string]any, taken time.Time) message {
	g.t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.seq[i]++
	m := message{bed(i), monitor(i), g.boot, g.seq[i]}
	payload := map[string]any{"device": m.device, "boot": m.boot, "seq": m.seq, "time": taken.UnixMilli()}
	for k, v := range state {
		payload[k] = v
	}
	raw, err := json.Marshal(payload)
	if err != nil {
		g.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	r, err := g.p.Publish(ctx, "ward/v1/W1/"+m.bed+"/vitals", raw, false)
	if err != nil {
		if !g.over.Load() {
			g.t.Errorf("publishing %v: %v", m, err)
		}
		return m
	}
	g.receipts[m] = r
	return m
}

// stream sends count messages at about the rate, bed after bed. From the message sickFrom on the
// first three beds are sick.
func (g *gateway) stream(rate, count, sickFrom int) {
	every := time.NewTicker(10 * time.Millisecond)
	defer every.Stop()
	began := time.Now()
	for n := 0; n < count && !g.over.Load(); {
		due := int(time.Since(began).Seconds() * float64(rate))
		for ; n < min(due, count); n++ {
			state := healthy
			if n >= sickFrom && n%g.beds < sickBeds {
				state = sick
			}
			g.send(n%g.beds, state, time.Now())
		}
		<-every.C
	}
}

const sickBeds = 3

// meanwhile streams beside the test; wait returns when all is sent.
func (g *gateway) meanwhile(rate, count, sickFrom int) (wait func()) {
	done := make(chan struct{})
	g.streams.Go(func() { defer close(done); g.stream(rate, count, sickFrom) })
	return func() { <-done }
}

// receipted lists the messages that the broker has acknowledged so far.
func (g *gateway) receipted() map[message]bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := map[message]bool{}
	for m, r := range g.receipts {
		select {
		case <-r.Done():
			if r.Err() == nil {
				out[m] = true
			}
		default:
		}
	}
	return out
}

// waiting is how many messages have no receipt yet.
func (g *gateway) waiting() int {
	n := len(g.receipted())
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.receipts) - n
}

// flush waits until every message has its receipt.
func (g *gateway) flush() {
	g.t.Helper()
	until(g.t, "every message is acknowledged", func() bool { return g.waiting() == 0 })
}
