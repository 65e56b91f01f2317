package ingest

import (
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"wardwatch/ward"
)

// counters counts what happens. Any goroutine may read them.
type counters struct {
	messages, unpromised, retained   atomic.Uint64
	resent, dropped, held            atomic.Uint64
	readings, late, apart            atomic.Uint64
	skewed, impossible               atomic.Uint64
	repeats, reused, unknown         atomic.Uint64
	batches, appendErrors, ackErrors atomic.Uint64
	unkept, forgets                  atomic.Uint64
	connects, losses, forgotten      atomic.Uint64
	lastBatch                        atomic.Int64
	lastMessage                      atomic.Int64 // Unix milliseconds of arrival; zero before the first

	mu       sync.Mutex
	byReason map[string]uint64
}

func (c *counters) init(reasons []string) {
	c.byReason = make(map[string]uint64, len(reasons))
	for _, r := range reasons {
		c.byReason[r] = 0
	}
}

func (c *counters) message(arrived time.Time, qos byte, retained bool) {
	c.messages.Add(1)
	c.lastMessage.Store(arrived.UnixMilli())
	if qos == 0 {
		c.unpromised.Add(1)
	}
	if retained {
		c.retained.Add(1)
	}
}

func (c *counters) reading(r *ward.Reading) {
	c.readings.Add(1)
	if r.Late {
		c.late.Add(1)
	}
	if r.Apart != ward.NotApart {
		c.apart.Add(1)
	}
	switch r.Clock {
	case ward.ClockSkewed:
		c.skewed.Add(1)
	case ward.ClockImpossible:
		c.impossible.Add(1)
	}
}

func (c *counters) refused(reason string) {
	c.mu.Lock()
	c.byReason[reason]++
	c.mu.Unlock()
}

func (c *counters) batch(messages, readings int) {
	c.batches.Add(1)
	c.lastBatch.Store(int64(max(messages, readings)))
}

// Figures reports the state and the counts of ingest.
func (in *Ingest) Figures() []ward.Figure {
	c := &in.count
	total := func(name, help string, v *atomic.Uint64) ward.Figure {
		return ward.Figure{Name: "wardwatch_ingest_" + name + "_total", Help: help, Value: float64(v.Load())}
	}
	gauge := func(name, help string, v float64) ward.Figure {
		return ward.Figure{Name: "wardwatch_ingest_" + name, Help: help, Gauge: true, Value: v}
	}
	fs := []ward.Figure{
		total("messages", "MQTT messages taken off the queue.", &c.messages),
		total("messages_qos0", "Messages published at QoS 0, for which nobody has a promise.", &c.unpromised),
		total("messages_retained", "Retained messages; kept as history.", &c.retained),
		total("messages_resent", "Messages sent again while we still held the first copy.", &c.resent),
		total("messages_dropped", "QoS 0 messages dropped because the queue was full.", &c.dropped),
		total("messages_held", "Messages that had to wait because the queue was full.", &c.held),
		total("readings", "Readings accepted and durable.", &c.readings),
		total("readings_late", "Accepted readings kept as history only.", &c.late),
		total("readings_apart", "Accepted readings under no stay.", &c.apart),
		total("readings_skewed", "Accepted readings whose time was corrected by a learned skew.", &c.skewed),
		total("readings_clock_impossible", "Accepted readings whose own time could not be used.", &c.impossible),
		total("repeats", "Readings dropped because they were already held.", &c.repeats),
		total("seq_reuse", "Readings with a number that had other content before; both are kept.", &c.reused),
		total("unknown_fields", "Fields ignored because the contract does not know them.", &c.unknown),
		total("batches", "Batches committed.", &c.batches),
		total("append_errors", "Failed attempts to write a batch to the journal.", &c.appendErrors),
		total("ack_errors", "Acknowledgements that found their connection gone.", &c.ackErrors),
		total("quarantine_lost", "Refused messages that the quarantine could not keep.", &c.unkept),
		total("clock_memory_cleared", "Times that the memory of device clocks was full and cleared.", &c.forgets),
		total("link_connects", "Sessions begun with the broker.", &c.connects),
		total("link_losses", "Sessions or attempts that failed.", &c.losses),
		total("link_forgotten", "Times that the broker had forgotten our session.", &c.forgotten),
		gauge("batch_size", "Size of the last batch.", float64(c.lastBatch.Load())),
		gauge("queue", "Messages waiting for the committer.", float64(len(in.queue))),
		gauge("link_up", "1 with a session at the broker, else 0.", truth(in.link.connected.Load())),
		gauge("storage_stalled", "1 while the journal cannot write, else 0.", truth(in.stalled.Load())),
	}
	if last := c.lastMessage.Load(); last != 0 {
		age := in.options.Now().Sub(time.UnixMilli(last))
		fs = append(fs, gauge("last_message_age_seconds", "Time since the last message arrived.", age.Seconds()))
	}
	return append(fs, c.reasons()...)
}

// reasons reports the refusals by reason, in order of name.
func (c *counters) reasons() []ward.Figure {
	c.mu.Lock()
	defer c.mu.Unlock()
	fs := make([]ward.Figure, 0, len(c.byReason))
	for reason, n := range c.byReason {
		fs = append(fs, ward.Figure{
			Name: "wardwatch_ingest_rejected_total", Help: "Faults in messages, by reason.",
			Label: "reason", Of: reason, Value: float64(n),
		})
	}
	sort.Slice(fs, func(i, j int) bool { return fs[i].Of < fs[j].Of })
	return fs
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
