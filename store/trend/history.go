package trend

import (
	"encoding/binary"
	"slices"
)

// minute is a count of whole minutes since 1970.
type minute = int64

const (
	minutesPerHour = 60
	memoryHours    = 24       // what is answered from memory; older minutes are read from the files
	memoryBytes    = 34 << 10 // bound of a place's closed minutes in memory; beyond it the oldest hour goes
)

// history is the closed minutes of one place, an hour to a chunk, oldest first. The bytes of a
// chunk are only ever appended to or replaced as a whole, so that a reader may go on with a copy
// of the chunks while more is added.
type history struct {
	hours []chunk
	size  int
	whole minute // from here on memory has all there is; before, the files may have more

	last   row // the newest row, against which the next is written
	lastAt minute
}

// chunk is the rows of one hour: for each the distance from the minute before and the row itself,
// written against the one before.
type chunk struct {
	hour int64
	data []byte
}

// merge adds a row to its minute; false when the minute is older than what memory holds.
func (h *history) merge(at minute, r *row) bool {
	if at < h.whole {
		return false
	}
	if len(h.hours) == 0 || at > h.lastAt {
		h.append(at, r)
	} else {
		h.rewrite(at, func(old *row) { old.merge(r) })
	}
	return true
}

// put sets a row as it was read from a file: it is whole, and replaces what there was.
func (h *history) put(at minute, r *row) {
	if len(h.hours) == 0 || at > h.lastAt {
		h.append(at, r)
	} else {
		h.rewrite(at, func(old *row) { *old = *r })
	}
}

// append adds a row newer than all.
func (h *history) append(at minute, r *row) {
	hour, n := at/minutesPerHour, len(h.hours)
	if n == 0 || h.hours[n-1].hour != hour {
		if n > 0 { // it grows no more
			h.hours[n-1].data = slices.Clone(h.hours[n-1].data)
		}
		h.hours = append(h.hours, chunk{hour: hour})
		h.trim(hour)
		h.last, h.lastAt = row{}, hour*minutesPerHour
		n = len(h.hours)
	}
	c := &h.hours[n-1]
	before := len(c.data)
	c.data = appendRow(c.data, at-h.lastAt, r, &h.last)
	h.size += len(c.data) - before
	h.last, h.lastAt = *r, at
}

// trim forgets what is too old, or too much, to be held in memory.
func (h *history) trim(hour int64) {
	n := 0
	for n < len(h.hours)-1 && (h.hours[n].hour < hour-memoryHours || h.size > memoryBytes) {
		h.size -= len(h.hours[n].data)
		n++
	}
	if n > 0 {
		h.whole = max(h.whole, h.hours[n].hour*minutesPerHour)
		h.hours = append(make([]chunk, 0, memoryHours+2), h.hours[n:]...)
	}
}

// rewrite changes a row, at first empty, in an hour that already has later ones.
func (h *history) rewrite(at minute, change func(*row)) {
	hour := at / minutesPerHour
	i, found := slices.BinarySearchFunc(h.hours, hour, func(c chunk, hour int64) int { return int(c.hour - hour) })
	if !found {
		h.hours = slices.Insert(h.hours, i, chunk{hour: hour})
	}
	c := &h.hours[i]
	var out []byte
	var prev, changed row
	prevAt, done := hour*minutesPerHour, false
	put := func(m minute, r *row) {
		out = appendRow(out, m-prevAt, r, &prev)
		prev, prevAt = *r, m
	}
	c.each(func(m minute, old *row) {
		if m >= at && !done {
			if m == at {
				changed = *old
			}
			change(&changed)
			put(at, &changed)
			done = true
		}
		if m != at {
			put(m, old)
		}
	})
	if !done {
		change(&changed)
		put(at, &changed)
	}
	h.size += len(out) - len(c.data)
	c.data = out
	if i == len(h.hours)-1 {
		h.last, h.lastAt = prev, prevAt
	}
}

func appendRow(dst []byte, gap int64, r, prev *row) []byte {
	return r.encode(binary.AppendUvarint(dst, uint64(gap)), prev)
}

// each calls fn with each row of the hour, in order. The row holds only during the call.
func (c chunk) each(fn func(at minute, r *row)) {
	var rows [2]row
	prev, at, b := &rows[0], c.hour*minutesPerHour, c.data
	for i := 1; len(b) > 0; i++ {
		gap, n := binary.Uvarint(b)
		cur := &rows[i%2]
		rest, err := cur.decode(b[n:], prev)
		if err != nil { // cannot be: we wrote it ourselves
			return
		}
		at += int64(gap)
		fn(at, cur)
		prev, b = cur, rest
	}
}

// row finds one minute.
func (h *history) row(at minute) (found row, ok bool) {
	if at == h.lastAt && len(h.hours) > 0 {
		return h.last, true
	}
	for _, c := range h.hours {
		if c.hour == at/minutesPerHour {
			c.each(func(m minute, r *row) {
				if m == at {
					found, ok = *r, true
				}
			})
		}
	}
	return found, ok
}
