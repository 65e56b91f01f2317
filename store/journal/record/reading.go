// Package record is how a reading, a score and a person's risks are written down in the journal:
// compact, versioned, and the same for the same content. It is pure. Decoding arbitrary bytes never panics and never
// allocates more than the bytes could hold.
//
// A reading has two parts. The judgement comes first: when it arrived, what ingest made of its
// clock, whose it is. The identity runs from there to the end: what the sender said. The same
// message judged twice has the same identity, byte for byte, and that is how repeats are known.
package record

import (
	"encoding/binary"
	"errors"

	"wardwatch/ward"
)

// Kinds of record. A reader steps over kinds up to LastKind that it does not know: a later version
// wrote them, and all else in that journal is as good as ever. LastKind is low, so that a search for
// the next valid record behind damage is not held up by what only looks like one.
const (
	KindReading = 1
	KindScore   = 2
	KindRisks   = 3
	LastKind    = 15
)

// version is the first byte of each payload. A reader refuses what it does not know.
const version = 1

// ErrPayload says that bytes are not a record this version can read.
var ErrPayload = errors.New("not a readable record")

// Flags of a reading's judgement.
const (
	atTaken = 1 << iota // At equals Taken and is not written
	pointAt             // Point equals At and is not written
	late
)

// AppendReading writes r, but not its Position, which is where it is written. The identity is the
// part of the result from identity on.
func AppendReading(dst []byte, r *ward.Reading) (out []byte, identity int) {
	var flags byte
	if r.At.Equal(r.Taken) {
		flags |= atTaken
	}
	if r.Point.Equal(r.At) {
		flags |= pointAt
	}
	if r.Late {
		flags |= late
	}
	dst = append(dst, version, flags, byte(r.Clock), byte(r.Apart))
	dst = appendTime(dst, r.Arrived, epoch, 0)
	if flags&atTaken == 0 {
		dst = appendTimeFrom(dst, r.At, r.Arrived)
	}
	if flags&pointAt == 0 {
		dst = appendTimeFrom(dst, r.Point, r.At)
	}
	dst = appendString(dst, string(r.Stay))
	identity = len(dst)
	return AppendIdentity(dst, r), identity
}

// AppendIdentity writes what makes r the reading it is: place, device, boot, number, source, the
// sender's time, the values with their distance from it, the alarms, and why a charted set is not
// complete. The last is written only where there is a reason, so that every other reading is written
// as it always was; a version that does not know it refuses such a record.
func AppendIdentity(dst []byte, r *ward.Reading) []byte {
	dst = appendString(dst, string(r.Place.Ward))
	dst = appendString(dst, string(r.Place.Bed))
	dst = append(dst, byte(r.Source))
	dst = appendString(dst, string(r.Device))
	dst = appendTime(dst, r.Taken, epoch, 0)
	dst = appendString(dst, r.Boot)
	if r.HasSeq {
		dst = append(dst, 1)
	} else {
		dst = append(dst, 0)
	}
	dst = binary.AppendUvarint(dst, r.Seq)
	dst = binary.AppendUvarint(dst, uint64(len(r.Values)))
	for i := range r.Values {
		v := &r.Values[i]
		tag := uint64(v.Vital)<<3 | uint64(min(v.Quality, 3))<<1
		own := !v.At.Equal(r.At)
		if own {
			tag |= 1
		}
		dst = binary.AppendUvarint(dst, tag)
		dst = appendNumber(dst, v.Number)
		if own {
			dst = appendTimeFrom(dst, v.At, r.At)
		}
	}
	dst = binary.AppendUvarint(dst, uint64(len(r.Alarms)))
	for i := range r.Alarms {
		a := &r.Alarms[i]
		dst = appendString(dst, a.Code)
		on := byte(0)
		if a.On {
			on = 1
		}
		dst = append(dst, byte(a.Priority)<<1|on)
	}
	if r.Partial != "" {
		dst = appendString(dst, r.Partial)
	}
	return dst
}

// Reading decodes what AppendReading wrote. The result is the decoder's and holds until its next
// call; a copy of it may be kept, with its strings, Values and Alarms. Times are in UTC.
func (d *Decoder) Reading(payload []byte) (*ward.Reading, error) {
	in := input{b: payload}
	r := &d.reading
	*r = ward.Reading{}
	if in.byte() != version {
		return nil, ErrPayload
	}
	flags := in.byte()
	r.Late = flags&late != 0
	r.Clock = ward.Clock(in.byte())
	r.Apart = ward.Apart(in.byte())
	r.Arrived = in.time(epoch, 0)
	if flags&atTaken == 0 {
		r.At = in.timeFrom(r.Arrived)
	}
	var point input // read once At is known
	if flags&pointAt == 0 {
		point = in
		in.time(0, 0)
	}
	stay := in.bytes()
	from := d.sender(&in)
	r.Place, r.Source, r.Device = from.place, from.source, from.device
	r.Stay = ward.StayID(d.remember(&from.stay, stay))
	r.Taken = in.time(epoch, 0)
	if flags&atTaken != 0 {
		r.At = r.Taken
	}
	r.Point = r.At
	if flags&pointAt == 0 {
		r.Point = point.timeFrom(r.At)
	}
	r.Boot = d.remember(&from.boot, in.bytes())
	r.HasSeq = in.byte() != 0
	r.Seq = in.uvarint()
	d.values(&in, r)
	for range in.count() {
		a := ward.DeviceAlarm{Code: d.names.of(in.bytes())}
		c := in.byte()
		a.Priority, a.On = ward.Priority(c>>1), c&1 != 0
		if in.bad {
			break
		}
		r.Alarms = append(r.Alarms, a)
	}
	if len(in.b) > 0 {
		r.Partial = d.names.of(in.bytes())
		in.bad = in.bad || r.Partial == "" // an absent reason takes no byte
	}
	if in.bad || point.bad || len(in.b) != 0 {
		return nil, ErrPayload
	}
	return r, nil
}

// blockValues is how many values the decoder asks memory for at once.
const blockValues = 256

// values decodes the values into memory that is never used again, so that a copy of the reading
// stays what it is.
func (d *Decoder) values(in *input, r *ward.Reading) {
	n := in.count()
	if n == 0 || n > len(in.b)/2 { // each takes two bytes at least
		in.bad = in.bad || n > 0
		return
	}
	if n > len(d.block) {
		d.block = make([]ward.Value, max(n, blockValues))
	}
	r.Values, d.block = d.block[:n:n], d.block[n:]
	for i := range r.Values {
		tag := in.uvarint()
		if tag>>3 > 255 {
			in.fail()
		}
		v := &r.Values[i]
		v.Vital, v.Quality = ward.Vital(tag>>3), ward.Quality(tag>>1&3)
		v.Number = in.number()
		v.At = r.At
		if tag&1 != 0 {
			v.At = in.timeFrom(r.At)
		}
		if in.bad {
			return
		}
	}
}
