package ingest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"wardwatch/ward"
)

// notebook is a journal in memory that can fail on cue and remembers what it was asked.
type notebook struct {
	mu       sync.Mutex
	fail     error
	entered  chan struct{} // told when Append begins, where set
	hold     chan struct{} // Append waits until it is closed, where set
	seen     map[string]bool
	numbers  map[string]bool
	readings []ward.Reading
	batches  int
	failures int
}

func newNotebook() *notebook {
	return &notebook{seen: map[string]bool{}, numbers: map[string]bool{}}
}

func (n *notebook) Admit(r *ward.Reading) (repeat, reused bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	number := fmt.Sprint(r.Place, r.Device, r.Boot, r.Seq)
	content := contentOf(r, number)
	if n.seen[content] {
		return true, false
	}
	n.seen[content] = true
	reused = r.HasSeq && n.numbers[number]
	n.numbers[number] = true
	r.Point = r.At
	return false, reused
}

func contentOf(r *ward.Reading, number string) string {
	s := number + r.Taken.String()
	for _, v := range r.Values {
		s += fmt.Sprint(v.Vital, v.Number)
	}
	return s
}

func (n *notebook) Append(rs []ward.Reading) error {
	if n.entered != nil {
		n.entered <- struct{}{}
	}
	if n.hold != nil {
		<-n.hold
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.fail != nil {
		n.failures++
		return n.fail
	}
	for i := range rs {
		rs[i].Position = uint64(len(n.readings) + 1)
		n.readings = append(n.readings, rs[i])
	}
	n.batches++
	return nil
}

func (n *notebook) setFail(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fail = err
}

func (n *notebook) count() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.readings)
}

func (n *notebook) all() []ward.Reading {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]ward.Reading(nil), n.readings...)
}

// house is a registry in which everybody lies where the reading says.
type house struct{ sights int }

func (h *house) Sight(rs []ward.Reading) {
	for i := range rs {
		if !rs[i].Late {
			h.sights++
		}
	}
}

func (h *house) Resolve(p ward.Place, _ ward.DeviceID, _ time.Time, within time.Duration) (ward.StayID, ward.Apart) {
	if within >= maxBehind {
		return "", ward.AtBoundary
	}
	return ward.StayID("stay-" + p.Bed), ward.NotApart
}

// message is an MQTT message that came by no broker.
type message struct {
	topic    string
	payload  []byte
	id       uint16
	qos      byte
	retained bool
	dup      bool
}

func (m *message) Duplicate() bool   { return m.dup }
func (m *message) Qos() byte         { return m.qos }
func (m *message) Retained() bool    { return m.retained }
func (m *message) Topic() string     { return m.topic }
func (m *message) MessageID() uint16 { return m.id }
func (m *message) Payload() []byte   { return m.payload }
func (m *message) Ack()              { panic("paho's own Ack is not used") }

func vitals(bed string, seq int) *message {
	return &message{
		topic: "ward/v1/icu/" + bed + "/vitals", qos: 1, id: uint16(seq),
		payload: fmt.Appendf(nil, `{"device":"mon-%s","boot":"b","seq":%d,"time":%d,"vitals":{"hr":80,"spo2":97}}`, bed, seq, noon.Add(time.Duration(seq)*time.Second).UnixMilli()),
	}
}

// bench is an Ingest without a broker: messages are handed to its receiver, and what it
// acknowledges is read from the other end of a pipe.
type bench struct {
	*Ingest
	t         *testing.T
	notebook  *notebook
	house     *house
	session   *session
	acks      chan uint16
	now       time.Time
	mu        sync.Mutex
	rejects   []ward.Reject
	statuses  []ward.DeviceStatus
	delivered []ward.Reading
	concerns  []string
	order     []string
	quarFail  error
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, notebook: newNotebook(), house: &house{}, acks: make(chan uint16, 1<<16), now: noon}
	in, err := New(Options{
		URL: "tcp://127.0.0.1:1", Now: func() time.Time { return b.now }, Journal: b.notebook, Registry: b.house,
		Deliver: func(rs []ward.Reading) { b.delivered = append(b.delivered, rs...) },
		Status:  func(s ward.DeviceStatus) { b.statuses = append(b.statuses, s) },
		Quarantine: func(_ context.Context, rs []ward.Reject) error {
			if b.quarFail != nil {
				return b.quarFail
			}
			b.rejects = append(b.rejects, rs...)
			return nil
		},
		Concern: func(code string, bad bool, p ward.Place, d ward.DeviceID, _ string) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.concerns = append(b.concerns, fmt.Sprintf("%s %v %s %s", code, bad, p, d))
		},
		Probe: func(point string) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.order = append(b.order, point)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Ingest = in
	near, far := net.Pipe()
	b.session = &session{conn: newConn(near)}
	var wg sync.WaitGroup
	wg.Go(func() {
		p := make([]byte, 4)
		for {
			if _, err := readFull(far, p); err != nil {
				return
			}
			b.acks <- uint16(p[2])<<8 | uint16(p[3])
		}
	})
	t.Cleanup(func() { b.session.conn.Close(); far.Close(); wg.Wait() })
	return b
}

func readFull(c net.Conn, p []byte) (int, error) {
	for n := 0; n < len(p); {
		m, err := c.Read(p[n:])
		if err != nil {
			return n, err
		}
		n += m
	}
	return len(p), nil
}

// take hands messages to the receiver and commits all of them.
func (b *bench) take(ms ...*message) {
	b.t.Helper()
	for _, m := range ms {
		b.receive(b.session, m)
	}
	if err := b.drain(b.t.Context(), &batch{}, &workspace{}); err != nil {
		b.t.Fatal(err)
	}
}

// acked lists n acknowledgements in the order they came.
func (b *bench) acked(n int) []uint16 {
	b.t.Helper()
	ids := make([]uint16, n)
	for i := range ids {
		select {
		case ids[i] = <-b.acks:
		case <-time.After(5 * time.Second):
			b.t.Fatalf("%d of %d acknowledgements", i, n)
		}
	}
	return ids
}

// figure is the value of one figure.
func figure(in *Ingest, name, of string) float64 {
	for _, f := range in.Figures() {
		if f.Name == "wardwatch_ingest_"+name && f.Of == of {
			return f.Value
		}
	}
	return -1
}

var errDisk = errors.New("no space left on device")
