package record

import (
	"time"

	"wardwatch/ward"
)

// Decoder reads payloads. It is not for concurrent use. The zero value is ready.
type Decoder struct {
	reading ward.Reading
	score   ward.Score
	risks   ward.Assessment
	names   names
	senders map[string]*sender
	block   []ward.Value // what is left to give to readings
}

// names keeps one copy of each string met, so that a million readings of a thousand beds do not
// hold five million strings.
type names struct{ seen map[string]string }

// maxNames bounds what a flood of invented identifiers can make a decoder hold.
const maxNames = 1 << 15

func (n *names) of(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if s, ok := n.seen[string(b)]; ok {
		return s
	}
	if n.seen == nil || len(n.seen) >= maxNames {
		n.seen = make(map[string]string)
	}
	s := string(b)
	n.seen[s] = s
	return s
}

// sender is who a reading comes from: one look-up finds what would take five.
type sender struct {
	place      ward.Place
	source     ward.Source
	device     ward.DeviceID
	boot, stay string // as they were last
}

// sender reads place, source and device.
func (d *Decoder) sender(in *input) *sender {
	start := in.b
	wardName, bed := in.bytes(), in.bytes()
	source := ward.Source(in.byte())
	device := in.bytes()
	if in.bad {
		return new(sender)
	}
	key := start[:len(start)-len(in.b)]
	if s, ok := d.senders[string(key)]; ok {
		return s
	}
	if d.senders == nil || len(d.senders) >= maxNames {
		d.senders = make(map[string]*sender)
	}
	s := &sender{source: source, device: ward.DeviceID(device), place: ward.Place{Ward: ward.WardID(wardName), Bed: ward.BedID(bed)}}
	d.senders[string(key)] = s
	return s
}

// remember is b as a string, the last one again when it is the same.
func (d *Decoder) remember(last *string, b []byte) string {
	if string(b) != *last {
		*last = d.names.of(b)
	}
	return *last
}

// Glance is what keeping track of readings needs of one, without decoding the rest.
type Glance struct {
	Ward, Bed, Device []byte // part of the payload
	Source            ward.Source
	Taken, Arrived    time.Time
	Point             time.Time
	Boot              []byte
	HasSeq            bool
	Seq               uint64
	Identity          []byte
}

// Look glances at a reading's payload.
func Look(payload []byte) (g Glance, err error) {
	in := input{b: payload}
	if in.byte() != version {
		return g, ErrPayload
	}
	flags := in.byte()
	in.byte()
	in.byte()
	g.Arrived = in.time(epoch, 0)
	var at time.Time
	if flags&atTaken == 0 {
		at = in.timeFrom(g.Arrived)
	}
	var point input
	if flags&pointAt == 0 {
		point = in
		in.time(0, 0)
	}
	in.bytes()
	g.Identity = in.b
	g.Ward, g.Bed = in.bytes(), in.bytes()
	g.Source = ward.Source(in.byte())
	g.Device = in.bytes()
	g.Taken = in.time(epoch, 0)
	if flags&atTaken != 0 {
		at = g.Taken
	}
	g.Point = at
	if flags&pointAt == 0 {
		g.Point = point.timeFrom(at)
	}
	g.Boot = in.bytes()
	g.HasSeq = in.byte() != 0
	g.Seq = in.uvarint()
	if in.bad || point.bad {
		return g, ErrPayload
	}
	return g, nil
}

// ScoreAt is the moment a score's payload speaks of.
func ScoreAt(payload []byte) (time.Time, error) {
	in := input{b: payload}
	if in.byte() != version {
		return time.Time{}, ErrPayload
	}
	in.byte()
	in.byte()
	in.bytes()
	in.bytes()
	in.bytes()
	at := in.time(epoch, 0)
	if in.bad {
		return time.Time{}, ErrPayload
	}
	return at, nil
}

// RisksAt is the moment that the payload of an assessment's risks speaks of.
func RisksAt(payload []byte) (time.Time, error) {
	in := input{b: payload}
	if in.byte() != version {
		return time.Time{}, ErrPayload
	}
	in.bytes()
	in.bytes()
	in.bytes()
	at := in.time(epoch, 0)
	if in.bad {
		return time.Time{}, ErrPayload
	}
	return at, nil
}
