package record

import (
	"encoding/binary"

	"wardwatch/ward"
)

// Flags of a score.
const (
	complete = 1 << iota
	held
	lost
	charted
)

// AppendScore writes what history needs of s: what it came to and from which parts. Flags, doubts
// and the charted set beside a live score are of the moment and are not kept; nor is the Origin of a
// live score, which is read back empty.
func AppendScore(dst []byte, s *ward.Score) []byte {
	var flags byte
	if s.Complete {
		flags |= complete
	}
	if s.Held {
		flags |= held
	}
	if s.Lost {
		flags |= lost
	}
	if s.Origin == ward.OriginCharted {
		flags |= charted
	}
	dst = append(dst, version, flags, byte(s.Band))
	dst = appendString(dst, string(s.Place.Ward))
	dst = appendString(dst, string(s.Place.Bed))
	dst = appendString(dst, string(s.Stay))
	dst = appendTime(dst, s.At, epoch, 0)
	for _, name := range [...]string{s.Chart, s.Variant, s.Version, s.Policy, string(s.Refused), s.Check} {
		dst = appendString(dst, name)
	}
	dst = binary.AppendUvarint(dst, zigzag(int64(s.Total)))
	dst = binary.AppendUvarint(dst, zigzag(int64(s.LowerBound)))
	dst = appendTimeFrom(dst, s.HeldSince, s.At)
	dst = appendTimeFrom(dst, s.LastData, s.At)
	dst = binary.AppendUvarint(dst, s.Position)
	n := min(max(s.NParts, 0), ward.MaxParts)
	dst = append(dst, byte(n))
	for i := range s.Parts[:n] {
		p := &s.Parts[i]
		dst = appendString(dst, p.Input)
		dst = append(dst, byte(p.State), byte(p.Source))
		dst = binary.AppendUvarint(dst, zigzag(int64(p.Points)))
		dst = appendNumber(dst, p.Number)
		dst = appendTimeFrom(dst, p.At, s.At)
	}
	return dst
}

// Score decodes what AppendScore wrote. The result is the decoder's and holds until its next call;
// strings in it may be kept. Times are in UTC.
func (d *Decoder) Score(payload []byte) (*ward.Score, error) {
	in := input{b: payload}
	s := &d.score
	*s = ward.Score{}
	if in.byte() != version {
		return nil, ErrPayload
	}
	flags := in.byte()
	s.Complete, s.Held, s.Lost = flags&complete != 0, flags&held != 0, flags&lost != 0
	if flags&charted != 0 {
		s.Origin = ward.OriginCharted
	}
	s.Band = ward.Band(in.byte())
	s.Place.Ward = ward.WardID(d.names.of(in.bytes()))
	s.Place.Bed = ward.BedID(d.names.of(in.bytes()))
	s.Stay = ward.StayID(d.names.of(in.bytes()))
	s.At = in.time(epoch, 0)
	s.Chart, s.Variant = d.names.of(in.bytes()), d.names.of(in.bytes())
	s.Version, s.Policy = d.names.of(in.bytes()), d.names.of(in.bytes())
	s.Refused, s.Check = ward.Refusal(d.names.of(in.bytes())), d.names.of(in.bytes())
	s.Total, s.LowerBound = int(in.varint()), int(in.varint())
	s.HeldSince, s.LastData = in.timeFrom(s.At), in.timeFrom(s.At)
	s.Position = in.uvarint()
	s.NParts = int(in.byte())
	if s.NParts > ward.MaxParts {
		return nil, ErrPayload
	}
	for i := range s.Parts[:s.NParts] {
		p := &s.Parts[i]
		p.Input = d.names.of(in.bytes())
		p.State, p.Source = ward.PartState(in.byte()), ward.Source(in.byte())
		p.Points = int(in.varint())
		p.Number = in.number()
		p.At = in.timeFrom(s.At)
	}
	if in.bad || len(in.b) != 0 {
		return nil, ErrPayload
	}
	return s, nil
}
