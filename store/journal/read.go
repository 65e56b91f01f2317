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
// (0: no limit), fn answers false, or everything appended before the call was read. next is the
// position from which to go on after the record. What r points to holds only during the call; a copy
// of it may be kept, with its strings and slices. Times are in UTC. Records of a kind that only a
// later version knows are stepped over.
//
// The position need not be the start of a record: reading begins with the first one at or after
// it, so 0 is the oldest kept and a record's own Position plus one is what follows it. Appends go
// on meanwhile. A damaged place in a file is reported, counted and stepped over to the next valid
// record; an error is of the disk only.
func (j *Journal) Read(from uint64, most int, fn func(next uint64, r ward.Record) bool) error {
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
func (j *Journal) readSegment(rd *reader, s segment, from, limit uint64, left *int, fn func(uint64, ward.Record) bool) (more bool, err error) {
	file, err := os.Open(j.segmentPath(s.base))
	if errors.Is(err, fs.ErrNotExist) && (j.viewed || !j.lists(s.base)) {
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
		r, err := rd.decode(kind, payload)
		if err != nil {
			j.damage(rd.base+uint64(rd.off)-uint64(len(payload)), len(payload), err)
			continue
		}
		if r == (ward.Record{}) {
			continue
		}
		if !fn(rd.base+uint64(rd.off), r) {
			return false, nil
		}
		*left--
	}
	return false, nil
}

// decode reads the record just passed; it is empty when its kind is not known.
func (rd *reader) decode(kind byte, payload []byte) (r ward.Record, err error) {
	switch kind {
	case record.KindReading:
		if r.Reading, err = rd.decoder.Reading(payload); err == nil {
			r.Reading.Position = rd.base + uint64(rd.off) - uint64(len(payload)) - frameBytes
		}
	case record.KindScore:
		r.Score, err = rd.decoder.Score(payload)
	case record.KindRisks:
		r.Assessment, err = rd.decoder.Risks(payload)
	}
	return r, err
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
