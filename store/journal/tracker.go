package journal

import (
	"math"
	"slices"

	"wardwatch/ward"
)

// tracker knows which readings are held. A reading newer than all before it from its source, which
// almost every one is, is new without a look; for the others it looks at what was admitted but not
// yet appended, at the hashes of the latest few hundred readings of the source, and then into
// those blocks of the index files that cover the time in question.
type tracker struct {
	places  map[ward.Place]*place
	pending []admitted
	index   indexWriter
	scratch []byte
	window  [windowMillis / 64]uint64 // bitmap of the time searched for a free point
}

// maxStreams is how many devices of a place are kept apart; further ones share one stream, so that
// a device that names itself anew each time cannot fill the memory. Sharing may move a point that
// need not have moved; it loses nothing.
const maxStreams = 16

// place is what is known of one place.
type place struct {
	streams []*stream
	shared  *stream // nil until there are too many
}

// maxPlaces is how many places are kept apart, some 1 KiB each; further ones share the place without
// a name, so that a sender that makes beds up cannot fill the memory. As with streams sharing loses
// nothing; a repeat may go unnoticed if its place left the shared one in between.
const maxPlaces = 1 << 16

func (t *tracker) place(at ward.Place) *place {
	p := t.places[at]
	if p == nil && len(t.places) >= maxPlaces {
		at = ward.Place{}
		p = t.places[at]
	}
	if p == nil {
		p = &place{}
		t.places[ward.Place{Ward: ward.WardID(clone(string(at.Ward))), Bed: ward.BedID(clone(string(at.Bed)))}] = p
	}
	return p
}

// stream finds what is known of one source of the place, and the shared stream when that may hold
// some of it too.
func (p *place) stream(device string, source ward.Source) (own, other *stream) {
	for _, s := range p.streams {
		if s.source == source && s.device == device {
			return s, p.shared
		}
	}
	if len(p.streams) < maxStreams {
		s := newStream(clone(device), source)
		p.streams = append(p.streams, s)
		return s, p.shared
	}
	if p.shared == nil {
		p.shared = newStream("", 0)
	}
	return p.shared, nil
}

// clone copies a string out of the message it is part of.
func clone(s string) string { return string([]byte(s)) }

// stream is one source at one place: what is unique in it are contents and points.
type stream struct {
	device       string
	source       ward.Source
	taken, point int64 // the newest ever; nothing newer can be held. Unix milliseconds
	from, to     int64 // every point of this run is held: where a burst in one instant goes on
	block        block // of readings not yet in the index
	marks        []mark
	boots        []boot
}

func newStream(device string, source ward.Source) *stream {
	return &stream{device: device, source: source, taken: math.MinInt64, point: math.MinInt64, from: 0, to: -1}
}

// hold notes a point as taken.
func (s *stream) hold(point int64) {
	s.point = max(s.point, point)
	if s.to >= s.from && point == s.to+1 {
		s.to = point
	} else {
		s.from, s.to = point, point
	}
}

// knows reports whether the stream holds a reading with this content.
func (t *tracker) knows(s *stream, taken int64, hash uint64) bool {
	if taken > s.taken {
		return false
	}
	for i := range t.pending {
		if t.pending[i].hash == hash && t.pending[i].stream == s {
			return true
		}
	}
	for _, h := range s.block.held {
		if h.hash == hash {
			return true
		}
	}
	for i := len(s.marks) - 1; i >= 0; i-- {
		if s.marks[i].covers(taken, taken) && t.index.has(s.marks[i], hash) {
			return true
		}
	}
	return false
}

// windowMillis is how much time is searched at once for a free point.
const windowMillis = 1024

// free is the first millisecond from at on that neither stream holds.
func (t *tracker) free(s, other *stream, at int64) int64 {
	if s.from <= at && at <= s.to {
		at = s.to + 1
	}
	for at <= s.point || other != nil && at <= other.point {
		clear(t.window[:])
		t.fill(s, at)
		if other != nil {
			t.fill(other, at)
		}
		for i := range int64(windowMillis) {
			if t.window[i/64]&(1<<(i%64)) == 0 {
				return at + i
			}
		}
		at += windowMillis
	}
	return at
}

// fill notes in the bitmap the points that the stream holds in the window from at on.
func (t *tracker) fill(s *stream, at int64) {
	note := func(point int64) {
		if i := point - at; i >= 0 && i < windowMillis {
			t.window[i/64] |= 1 << (i % 64)
		}
	}
	for i := range t.pending {
		if t.pending[i].stream == s {
			note(t.pending[i].point)
		}
	}
	for _, h := range s.block.held {
		note(h.point)
	}
	for _, m := range s.marks {
		if m.covers(at, at+windowMillis-1) {
			t.index.points(m, note)
		}
	}
}

// appended notes that readings are in the journal.
func (t *tracker) appended(rs []ward.Reading, es []entry) {
	head := 0 // readings are nearly always appended in the order of their admission
	for i := range rs {
		r := &rs[i]
		s, _ := t.place(r.Place).stream(string(r.Device), r.Source)
		for k := head; k < len(t.pending); k++ {
			if t.pending[k].hash == es[i].hash && t.pending[k].stream == s {
				t.pending[k].stream = nil
				if k == head {
					head++
				}
				break
			}
		}
		t.note(s, held{hash: es[i].hash, point: r.Point.UnixMilli()}, r.Taken.UnixMilli())
	}
	t.pending = slices.DeleteFunc(t.pending, func(a admitted) bool { return a.stream == nil })
}

// note adds a held reading to its stream's block, and writes the block away once it is full. When
// the disk refuses, the block grows until it does not: the readings themselves are safe.
func (t *tracker) note(s *stream, h held, taken int64) {
	s.taken = max(s.taken, taken)
	s.point = max(s.point, h.point)
	s.block.add(h, taken)
	if len(s.block.held) >= blockSize && len(s.block.held)%blockSize == 0 {
		t.index.spill(s)
	}
}

// expire forgets what the segments before this number held.
func (t *tracker) expire(number uint32) {
	for at, p := range t.places {
		for _, s := range p.all() {
			n := 0
			for n < len(s.marks) && s.marks[n].segment < number {
				n++
			}
			if n > 0 {
				s.marks = append([]mark(nil), s.marks[n:]...)
			}
		}
		if len(t.pending) > 0 {
			continue // streams are being pointed at
		}
		p.streams = slices.DeleteFunc(p.streams, (*stream).empty)
		if p.shared != nil && p.shared.empty() {
			p.shared = nil
		}
		if len(p.streams) == 0 && p.shared == nil {
			delete(t.places, at)
		}
	}
}

// all is every stream of the place.
func (p *place) all() []*stream {
	if p.shared == nil {
		return p.streams
	}
	return append(slices.Clip(p.streams), p.shared)
}

func (s *stream) empty() bool { return len(s.marks) == 0 && len(s.block.held) == 0 }
