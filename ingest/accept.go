package ingest

import (
	"time"

	"wardwatch/devices"
	"wardwatch/ward"
)

// Bounds of what is remembered and kept. Ours.
const (
	maxTopics       = 1 << 16 // topics known by sight
	maxClocks       = 1 << 16 // devices whose clock is followed
	rejectsAMessage = 16      // the rest of one message's faults is only counted
	rejectBytes     = 4 << 10 // of a refused payload
)

// accepter turns messages into judged readings. Only the committer uses it.
type accepter struct {
	journal   Journal
	registry  Registry
	lateAfter time.Duration
	scaled    bool // the clock: devices' skews are not learned
	now       func() time.Time
	count     *counters
	concern   *concerns

	decoder  devices.Decoder
	elements []devices.Element
	topics   map[string]*source
	clocks   map[deviceAt]*device
}

// source is what is known of a topic.
type source struct {
	place   ward.Place
	kind    devices.Kind
	refused int // messages in a row of which nothing could be used
}

type deviceAt struct {
	place  ward.Place
	device ward.DeviceID
}

// device is what is known of a device at a place.
type device struct {
	id         ward.DeviceID
	clock      clock
	impossible bool
	reusing    time.Time // when it last used a number twice; zero when it does not
}

// taken is what a batch of messages gave.
type taken struct {
	readings []ward.Reading // made anew for each batch: they are handed on
	doubts   []doubt        // of each of a device's readings
	statuses []ward.DeviceStatus
	rejects  []ward.Reject
}

// doubt is what makes it uncertain whose a reading is.
type doubt struct {
	within time.Duration // how far from its At the truth may lie
	masked bool          // it names its device, but not readably
}

func (t *taken) reset(messages int) {
	t.readings = make([]ward.Reading, 0, messages)
	t.doubts = t.doubts[:0]
	t.statuses = t.statuses[:0]
	clear(t.rejects) // lets go of the payloads
	t.rejects = t.rejects[:0]
}

func newAccepter(o Options, count *counters, concern *concerns) accepter {
	return accepter{
		journal: o.Journal, registry: o.Registry, lateAfter: o.LateAfter, scaled: o.ScaledClock, now: o.Now,
		count: count, concern: concern,
		topics: map[string]*source{}, clocks: map[deviceAt]*device{},
	}
}

// accept adds what d holds to t.
func (a *accepter) accept(d *delivery, t *taken) {
	m := d.message
	a.count.message(d.arrived, m.Qos(), m.Retained())
	src, fault := a.source(m.Topic())
	if fault != nil {
		a.refuse(t, d, "", fault, 0)
		return
	}
	switch {
	case src.kind == devices.Status && len(m.Payload()) == 0:
		// An empty retained status takes the last one back; there is nothing to tell.
	case src.kind == devices.Status:
		a.status(src, d, t)
	default:
		a.vitals(src, d, t)
	}
}

// source knows a topic by sight; the topics of a house are few and come again and again.
func (a *accepter) source(topic string) (*source, *devices.Fault) {
	if s := a.topics[topic]; s != nil {
		return s, nil
	}
	place, kind, err := devices.ParseTopic(topic)
	if err != nil {
		return nil, &devices.Fault{Reason: devices.ReasonTopic, Message: err.Error()}
	}
	if len(a.topics) >= maxTopics {
		clear(a.topics)
	}
	s := &source{place: place, kind: kind}
	a.topics[topic] = s
	return s, nil
}

func (a *accepter) status(src *source, d *delivery, t *taken) {
	s, fault := devices.DecodeStatus(d.message.Payload())
	if fault != nil {
		a.refuse(t, d, "", fault, 0)
		a.usable(src, false)
		return
	}
	a.usable(src, true)
	s.Place = src.place
	if s.At.IsZero() || s.At.After(d.arrived) {
		s.At = d.arrived
	}
	t.statuses = append(t.statuses, s)
}

func (a *accepter) vitals(src *source, d *delivery, t *taken) {
	var fault *devices.Fault
	a.elements, fault = a.decoder.Decode(d.message.Payload(), a.elements[:0])
	if fault != nil {
		a.refuse(t, d, "", fault, 0)
		a.usable(src, false)
		return
	}
	good, kept := false, 0
	for i := range a.elements {
		e := &a.elements[i]
		a.count.unknown.Add(uint64(e.Unknown))
		for f := range e.Faults {
			a.refuse(t, d, e.Reading.Device, &e.Faults[f], kept)
			kept++
		}
		if e.Refused() {
			continue
		}
		good = true
		a.reading(src, d, e, t)
	}
	a.usable(src, good)
}

// reading judges one element and adds it unless it is a repeat.
func (a *accepter) reading(src *source, d *delivery, e *devices.Element, t *taken) {
	r := &e.Reading
	dev := a.device(src.place, r.Device)
	r.Place, r.Device, r.Source, r.Arrived = src.place, dev.id, ward.FromDevice, d.arrived
	v := dev.clock.judge(r.Taken, r.Arrived, d.message.Retained(), a.lateAfter)
	r.At, r.Clock, r.Late = v.at, v.clock, v.late
	shiftValues(r)
	a.watchClock(dev, r)
	if !a.admit(dev, r) {
		return
	}
	t.readings, t.doubts = append(t.readings, *r), append(t.doubts, doubt{v.within, e.Masked})
}

// attribute finds whose readings these are. It takes the batch as a whole, so that many devices
// heard for the first time cost the registry one transaction and not one each.
func (a *accepter) attribute(t *taken) {
	a.registry.Sight(t.readings)
	for i := range t.readings {
		r := &t.readings[i]
		r.Stay, r.Apart = a.registry.Resolve(r.Place, r.Device, r.At, t.doubts[i].within)
		if t.doubts[i].masked && r.Apart == ward.NotApart {
			// It may be any monitor, also one that nobody has confirmed here. A source that names none
			// is trusted as the bed's own; this one tried to name itself.
			r.Stay, r.Apart = "", ward.Unconfirmed
		}
		a.count.reading(r)
	}
}

// shiftValues moves the values' times as the reading's own was. It counts in milliseconds: a
// time.Duration ends at 292 years, and a clock may be further off than that.
func shiftValues(r *ward.Reading) {
	shift := r.At.UnixMilli() - r.Taken.UnixMilli()
	if shift == 0 {
		return
	}
	for i := range r.Values {
		v := &r.Values[i]
		v.At = time.UnixMilli(v.At.UnixMilli() + shift).UTC()
	}
}

// device remembers a device by place and name, so that a cloned name has a clock at each place.
func (a *accepter) device(p ward.Place, id ward.DeviceID) *device {
	key := deviceAt{p, id}
	if d := a.clocks[key]; d != nil {
		return d
	}
	if len(a.clocks) >= maxClocks {
		clear(a.clocks) // their skews are learned again within seconds
		a.count.forgets.Add(1)
	}
	d := &device{id: id, clock: clock{fixed: a.scaled}}
	a.clocks[key] = d
	return d
}
