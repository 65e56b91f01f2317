package journal

import (
	"time"

	"github.com/cespare/xxhash/v2"

	"wardwatch/store/journal/record"
	"wardwatch/ward"
)

// Admit says what is known of a reading about to be appended. A repeat has the very content of one
// held or admitted within 24 h, or longer ago; the caller drops it. Otherwise it sets Point: At,
// moved forward by whole milliseconds until no other reading of the same place, device and source
// holds that millisecond. Reused says that the sender's number was seen before with other content;
// that reading is kept all the same. It is exact within the last few restarts of a device and the
// segment being written, and may miss older cases.
//
// Every reading admitted must be appended, in this process: what was admitted counts as held.
func (j *Journal) Admit(r *ward.Reading) (repeat, reused bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	t := &j.tracker
	p := t.place(r.Place)
	s, other := p.stream(string(r.Device), r.Source)
	t.scratch = record.AppendIdentity(t.scratch[:0], r)
	hash := xxhash.Sum64(t.scratch)
	taken := r.Taken.UnixMilli()
	if t.knows(s, taken, hash) || other != nil && t.knows(other, taken, hash) {
		return true, false
	}
	if r.HasSeq && r.Boot != "" && s.device != "" {
		reused = s.number(r.Boot, r.Seq)
	}
	at := r.At.UnixMilli()
	point := t.free(s, other, at)
	if point != at {
		j.counts.moved.Add(1)
	}
	r.Point = r.At.Add(time.Duration(point-at) * time.Millisecond)
	s.taken = max(s.taken, taken)
	s.hold(point)
	t.pending = append(t.pending, admitted{stream: s, hash: hash, taken: taken, point: point})
	return false, reused
}

// entry is one reading of the batch being appended.
type entry struct{ hash, position uint64 }

// admitted is a reading that Admit has let in and Append has not yet written.
type admitted struct {
	stream       *stream
	hash         uint64
	taken, point int64
}
