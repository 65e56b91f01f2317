package journal

import (
	"errors"
	"io"
	"io/fs"
	"math"
	"os"

	"wardwatch/store/journal/record"
	"wardwatch/ward"
)

// Read calls fn with each record from the position on, in order, until most records were given
// (0: no limit), fn answers false, or everything appended before the call was read. Exactly one of
// r and s is set; next is the position from which to go on after it. r and s hold only during the
// call; copies of them may be kept, with their strings and slices. Times are in UTC.
//
// The position need not be the start of a record: reading begins with the first one at or after
// it, so 0 is the oldest kept and a record's own Position plus one is what follows it. Appends go
// on meanwhile. A damaged place in a file is reported, counted and stepped over to the next valid
// record; an error is of the disk only.
func (j *Journal) Read(from uint64, most int, fn func(next uint64, r *ward.Reading, s *ward.Score) bool) error {
	end := j.end.Load() // before the segments: a segment that begins later is left out
	segments := *j.segments.Load()
	rd := j.readers.Get().(*reader)
	defer j.readers.Put(rd)
	left := most
	if left <= 0 {
		left = math.MaxInt
	}
	for i, s := range segments {
		limit := end
		if i < len(segments)-1 {
			limit = min(s.end, end)
		}
		if from >= limit || limit <= s.base+headerBytes {
			continue
		}
		more, err := j.readSegment(rd, s, from, limit, &left, fn)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// readSegment reads one file; more says whether to go on with the next.
func (j *Journal) readSegment(rd *reader, s segment, from, limit uint64, left *int, fn func(uint64, *ward.Reading, *ward.Score) bool) (more bool, err error) {
	file, err := os.Open(j.segmentPath(s.base))
	if errors.Is(err, fs.ErrNotExist) && s.base < j.Start() {
		return true, nil // pruned since we looked
	}
	if err != nil {
		return false, err
	}
	defer file.Close()
	off := int64(headerBytes)
	if from > s.base+headerBytes {
		off = int64(from - s.base)
	}
	rd.reset(file, s.base, off, int64(limit-s.base))
	if err := rd.align(off); err != nil {
		return false, err
	}
	for *left > 0 {
		kind, payload, err := rd.next()
		if err == errDamage {
			if more, err = j.stepOver(rd); err != nil || !more {
				return err == nil, err
			}
			continue
		}
		if err == io.EOF {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		again, err := rd.deliver(kind, payload, fn)
		if err != nil {
			j.damage(rd.base+uint64(rd.off)-uint64(len(payload)), len(payload), err)
			continue
		}
		if !again {
			return false, nil
		}
		*left--
	}
	return false, nil
}

// deliver decodes one record and hands it on.
func (rd *reader) deliver(kind byte, payload []byte, fn func(uint64, *ward.Reading, *ward.Score) bool) (bool, error) {
	next := rd.base + uint64(rd.off)
	if kind == record.KindScore {
		s, err := rd.decoder.Score(payload)
		if err != nil {
			return false, err
		}
		return fn(next, nil, s), nil
	}
	r, err := rd.decoder.Reading(payload)
	if err != nil {
		return false, err
	}
	r.Position = next - uint64(len(payload)) - frameBytes
	return fn(next, r, nil), nil
}

// stepOver goes on behind damage; false when nothing valid follows in this file.
func (j *Journal) stepOver(rd *reader) (bool, error) {
	from := rd.off
	found, err := rd.resync()
	if err != nil {
		return false, err
	}
	to := rd.off
	if !found {
		to = rd.limit
	}
	j.damage(rd.base+uint64(from), int(to-from), errDamage)
	return found, nil
}

// maxReported bounds how many damaged places are remembered as reported.
const maxReported = 1024

// damage reports a damaged place, once however often it is read.
func (j *Journal) damage(position uint64, length int, err error) {
	j.growth.Lock()
	known := j.reported[position] || len(j.reported) >= maxReported
	if !known {
		j.reported[position] = true
	}
	j.growth.Unlock()
	if known {
		return
	}
	j.counts.damaged.Add(1)
	j.o.Log.Error("journal is damaged: records there cannot be read", "position", position, "bytes", length, "error", err)
}
