package ingest

import (
	"context"
	"sync"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

// delivery is one message on its way to the committer.
type delivery struct {
	message mqtt.Message
	from    *session
	arrived time.Time // whole milliseconds, so that what is stored is exactly what was judged
}

// receive is paho's handler, called for one message after another. It only queues. The queue is
// longer than any window a well-configured broker gives us, so it fills only when a broker ignores
// its window: then a message without a promise (QoS 0) is dropped and counted, any other waits and
// holds the link back.
func (in *Ingest) receive(s *session, m mqtt.Message) {
	if in.closing.Load() {
		return // unacknowledged: it stays with the broker
	}
	if m.Qos() > 0 && !s.pending.take(m.MessageID(), m.Duplicate()) {
		in.count.resent.Add(1)
		return
	}
	d := delivery{message: m, from: s, arrived: stamp(in.options.Now())}
	select {
	case in.queue <- d:
	default:
		if !in.wait(d) {
			return
		}
	}
	in.probe("received")
}

// wait queues d when there is room; false when it was given up.
func (in *Ingest) wait(d delivery) bool {
	if d.message.Qos() == 0 {
		in.count.dropped.Add(1)
		return false
	}
	in.count.held.Add(1)
	select {
	case in.queue <- d:
		return true
	case <-d.from.conn.gone:
	case <-in.stopped:
	}
	return false
}

// stamp is a time as the journal keeps it: UTC, whole milliseconds, no monotonic part.
func stamp(t time.Time) time.Time { return time.UnixMilli(t.UnixMilli()).UTC() }

// pending knows which packet ids of one connection wait for their PUBACK. A broker may send such a
// message again on the same connection (nats-server does after its AckWait), and while the journal
// stalls it would do so for ever; the copy we hold is enough.
type pending struct {
	mu  sync.Mutex
	ids [1 << 16 / 64]uint64
}

// take notes id as pending; false when the message is a duplicate of one that is. Without the
// duplicate flag it is a new message whatever its id (MQTT 3.1.1 §2.3.1-4 forbids that, and a
// broker that does it must not cost a reading).
func (p *pending) take(id uint16, duplicate bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	word, bit := &p.ids[id/64], uint64(1)<<(id%64)
	if duplicate && *word&bit != 0 {
		return false
	}
	*word |= bit
	return true
}

// done forgets ids. It must come before their PUBACK is sent: after it the broker may use them anew.
func (p *pending) done(ids []uint16) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range ids {
		p.ids[id/64] &^= 1 << (id % 64)
	}
}

// batch is what the committer takes at once. Its slices are reused.
type batch struct {
	deliveries []delivery
	submits    []*submission
}

// linger is how long the committer waits after the first message of a batch for others. It costs
// that much latency and saves a write, a PUBACK packet and a wake-up for each message that joins.
const linger = 4 * time.Millisecond

// gather waits for something to do and takes all that waits with it; false when ctx ended.
func (in *Ingest) gather(ctx context.Context, b *batch) bool {
	b.deliveries, b.submits = b.deliveries[:0], b.submits[:0]
	bytes := 0
	select {
	case d := <-in.queue:
		b.deliveries, bytes = append(b.deliveries, d), len(d.message.Payload())
	case s := <-in.submits:
		b.submits = append(b.submits, s)
	case <-ctx.Done():
		return false
	}
	if len(in.queue) < batchLength/16 {
		sleep(ctx, linger)
	}
	in.fill(b, bytes)
	return true
}

// fill takes what waits, within the bounds of a batch.
func (in *Ingest) fill(b *batch, bytes int) {
	for len(b.deliveries) < batchLength && bytes < batchBytes {
		select {
		case d := <-in.queue:
			b.deliveries = append(b.deliveries, d)
			bytes += len(d.message.Payload())
		case s := <-in.submits:
			b.submits = append(b.submits, s)
		default:
			return
		}
	}
}
