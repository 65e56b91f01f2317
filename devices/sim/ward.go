// Package sim is a simulated ward: people with a seeded physiology, the monitors at their beds and
// the faults monitors have. It is pure: no network and no clock of its own. The same options give
// the same bytes, however finely the time is stepped.
//
// Everybody in it is invented. What it publishes belongs only in a server that marks itself as a
// simulation.
package sim

import (
	"cmp"
	"slices"
	"time"

	"wardwatch/devices"
	"wardwatch/ward"
)

// Message is one publication of a device, to be sent at QoS 1.
type Message struct {
	Topic    string
	Payload  []byte
	Retained bool

	// Reading is what the payload says, with the truth beside it: At is the right time even when
	// the device's clock (Taken, and At of each value) is wrong, and Arrived is when the message
	// was sent. Nil for a status message.
	Reading *ward.Reading
}

// Ward is a simulated ward. It is not for concurrent use.
type Ward struct {
	o    Options
	beds []*bed // in the order in which they publish within an interval
	tick int    // interval in which the next publication falls
	next int    // bed that makes it
}

// New furnishes a ward. The error of an unknown scenario, fault or bed names those there are.
func New(o Options) (*Ward, error) {
	o = o.withDefaults()
	names, err := o.bedNames()
	if err != nil {
		return nil, err
	}
	if err := o.check(names); err != nil {
		return nil, err
	}
	w := &Ward{o: o}
	for _, name := range names {
		w.beds = append(w.beds, newBed(o, name))
	}
	for i, b := range w.beds {
		b.neighbour = w.beds[(i+1)%len(w.beds)]
	}
	slices.SortStableFunc(w.beds, func(a, b *bed) int { return cmp.Compare(a.phase, b.phase) })
	return w, nil
}

// Step is everything that the ward's devices send up to and including at, in sending order. The
// first call begins at Options.Start; a time before the last one gives nothing. After a long pause
// it gives all that would have been sent meanwhile, which a caller of long standing may not want
// to publish.
func (w *Ward) Step(at time.Time) []Message {
	var out []Message
	for {
		b := w.beds[w.next]
		t := w.o.Start.Add(time.Duration(w.tick)*w.o.Interval + b.phase)
		if t.After(at) {
			return out
		}
		out = b.publish(out, t)
		if w.next++; w.next == len(w.beds) {
			w.next = 0
			w.tick++
		}
	}
}

// typicalPayload is room for one message with its dated values, in bytes.
const typicalPayload = 640

// bed is a place with the person in it and the monitor beside it.
type bed struct {
	place     ward.Place
	phase     time.Duration // within the interval, so that monitors do not speak all at once
	body      *body
	monitor   *monitor
	faults    []fault
	truth     ward.Reading // last reading before any fault touched it
	greeted   bool
	neighbour *bed
}

func newBed(o Options, name ward.BedID) *bed {
	place := ward.Place{Ward: o.Ward, Bed: name}
	b := &bed{
		place:   place,
		phase:   time.Duration(o.random("phase", name).Int64N(int64(o.Interval))).Truncate(time.Millisecond),
		body:    newBody(o, name),
		monitor: newMonitor(o, place),
	}
	for _, f := range faults() {
		if slices.Contains(o.Faults[name], f.Name) {
			b.faults = append(b.faults, f.make(b, o))
		}
	}
	return b
}

// publish appends what the bed's monitor sends at t.
func (b *bed) publish(out []Message, t time.Time) []Message {
	var sent []Message
	if !b.greeted {
		b.greeted = true
		sent = append(sent, b.monitor.status(b.place, ward.DeviceOnline, t))
	}
	b.truth = b.monitor.read(b.body.at(t), t)
	r := b.truth
	r.Values = slices.Clone(r.Values)
	for _, f := range b.faults {
		f.distort(t, &r)
	}
	r.Alarms = b.monitor.raise(&r)
	sent = append(sent, Message{
		Topic:   devices.Topic(r.Place, devices.Vitals),
		Payload: devices.Encode(make([]byte, 0, typicalPayload), &r),
		Reading: &r,
	})
	for _, f := range b.faults {
		sent = f.deliver(t, sent)
	}
	for i := range sent {
		if sent[i].Reading != nil {
			sent[i].Reading.Arrived = t
		}
	}
	return append(out, sent...)
}
