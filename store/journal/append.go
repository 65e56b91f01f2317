package journal

import (
	"encoding/binary"
	"errors"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cespare/xxhash/v2"

	"wardwatch/store/journal/record"
	"wardwatch/ward"
)

// ErrClosed is answered by a journal that has been closed.
var ErrClosed = errors.New("journal is closed")

// maxBuffer is the most memory an append keeps for the next one.
const maxBuffer = 1 << 20

// Append writes the readings in one write, and with Options.Power one sync, and sets each
// Position. When it returns nil they outlive this process. When it returns an error none of them
// is visible, no Position is set, and the same batch may be appended again.
func (j *Journal) Append(rs []ward.Reading) error {
	if len(rs) == 0 {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.prepare(); err != nil {
		return err
	}
	start := j.tail()
	j.buf, j.fresh = j.buf[:0], j.fresh[:0]
	for i := range rs {
		frame, identity := len(j.buf), 0
		j.buf, identity = record.AppendReading(openFrame(j.buf), &rs[i])
		if len(j.buf)-frame > maxRecord {
			return &ward.Error{Code: ward.BadInput, Message: "a reading is too large to keep", Hint: "this is a fault in Wardwatch: a message is at most 64 KiB"}
		}
		position := start + uint64(frame)
		closeFrame(j.buf[frame:], position, record.KindReading)
		j.fresh = append(j.fresh, entry{hash: xxhash.Sum64(j.buf[identity:]), position: position})
	}
	if err := j.write(j.o.Power); err != nil {
		return err
	}
	for i := range rs {
		rs[i].Position = j.fresh[i].position
		j.covers.cover(rs[i].Arrived)
	}
	j.tracker.appended(rs, j.fresh)
	j.publish(start)
	j.counts.readings.Add(uint64(len(rs)))
	return nil
}

// AppendScores writes scores in one write. It does not sync by itself: a score lost in a power cut
// is made again from its readings, and the next Append syncs it along.
func (j *Journal) AppendScores(ss []ward.Score) error {
	return j.appendMade(len(ss), record.KindScore, &j.counts.scores, func(dst []byte, i int) ([]byte, time.Time) {
		return record.AppendScore(dst, &ss[i]), ss[i].At
	})
}

// AppendRisks writes the risks of assessments in one write; those without any are left out. As with
// scores it does not sync by itself. What a power cut takes of the last seconds is gone: the next
// assessment follows within minutes.
func (j *Journal) AppendRisks(as []ward.Assessment) error {
	with := make([]*ward.Assessment, 0, len(as))
	for i := range as {
		if len(as[i].Risks) > 0 {
			with = append(with, &as[i])
		}
	}
	return j.appendMade(len(with), record.KindRisks, &j.counts.risks, func(dst []byte, i int) ([]byte, time.Time) {
		return record.AppendRisks(dst, with[i]), with[i].At
	})
}

// appendMade writes n records of what was made from readings, in one write: encode appends the i-th
// and says which moment it speaks of.
func (j *Journal) appendMade(n int, kind byte, count *atomic.Uint64, encode func(dst []byte, i int) ([]byte, time.Time)) error {
	if n == 0 {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.prepare(); err != nil {
		return err
	}
	start := j.tail()
	j.buf = j.buf[:0]
	var covers span
	for i := range n {
		frame, at := len(j.buf), time.Time{}
		j.buf, at = encode(openFrame(j.buf), i)
		closeFrame(j.buf[frame:], start+uint64(frame), kind)
		covers.cover(at)
	}
	if err := j.write(false); err != nil {
		return err
	}
	j.covers.cover(covers.oldest)
	j.covers.cover(covers.newest)
	j.publish(start)
	count.Add(uint64(n))
	return nil
}

// prepare makes the file ready to be written at end: heals what a failed write left, and starts a
// new segment when this one is full or old.
func (j *Journal) prepare() error {
	if j.closed {
		return ErrClosed
	}
	if j.dirty {
		if err := j.heal(); err != nil {
			return j.failed(err)
		}
	}
	size := int64(j.tail() - j.last().base)
	old := !j.covers.oldest.IsZero() && j.o.Now().Sub(j.covers.oldest) >= j.o.SegmentAge
	if size >= j.o.SegmentBytes || size > headerBytes && old {
		if err := j.roll(); err != nil {
			return j.failed(err)
		}
	}
	return nil
}

// write puts buf at the end of the file. On failure the file is cut back, now or at the next try.
func (j *Journal) write(sync bool) error {
	off := int64(j.tail() - j.last().base)
	j.o.Probe("journal.write")
	j.dirty = true
	if _, err := j.writeAt(j.file, j.buf, off); err != nil {
		return j.failed(errors.Join(err, j.heal()))
	}
	j.o.Probe("journal.written")
	if sync {
		// After a failed sync the kernel may call these pages clean although they are not on the
		// disk; the next try writes them anew, so nothing rests on this file's earlier promise.
		if err := syscall.Fdatasync(int(j.file.Fd())); err != nil {
			return j.failed(errors.Join(os.NewSyscallError("fdatasync", err), j.heal()))
		}
		j.o.Probe("journal.synced")
	}
	j.dirty = false
	return nil
}

// heal cuts the file back to the last whole batch.
func (j *Journal) heal() error {
	if err := j.file.Truncate(int64(j.tail() - j.last().base)); err != nil {
		return err
	}
	j.dirty = false
	return nil
}

func (j *Journal) failed(err error) error {
	j.counts.failures.Add(1)
	return unavailable("the vitals journal cannot be written", "free space on the disk that holds "+j.dir+", and look for disk errors", err)
}

// publish makes what was written at start visible to readers.
func (j *Journal) publish(start uint64) {
	j.end.Store(start + uint64(len(j.buf)))
	j.counts.bytes.Add(uint64(len(j.buf)))
	if cap(j.buf) > maxBuffer {
		j.buf = nil
	}
	j.wake()
}

// last is the segment being written.
func (j *Journal) last() segment {
	segments := *j.segments.Load()
	return segments[len(segments)-1]
}

// tail is where the next record goes. In a new segment that is behind its header, while end still
// is the end of the segment before: a follower that has read everything has read up to end.
func (j *Journal) tail() uint64 { return max(j.end.Load(), j.last().base+headerBytes) }

// roll closes the last segment with its index and begins the next. After an error the old segment
// goes on, and the next append tries again.
func (j *Journal) roll() error {
	if j.o.Power {
		if err := syscall.Fdatasync(int(j.file.Fd())); err != nil {
			return os.NewSyscallError("fdatasync", err)
		}
	}
	old := j.last()
	old.end, old.span = j.end.Load(), j.covers
	if err := j.tracker.seal(old); err != nil {
		return err
	}
	file, err := j.createSegment(old.end)
	if err != nil {
		return err
	}
	if err := j.file.Close(); err != nil {
		j.o.Log.Warn("closing a journal segment", "error", err)
	}
	j.file, j.covers = file, span{}
	segments := append([]segment(nil), *j.segments.Load()...)
	segments[len(segments)-1] = old
	segments = append(segments, segment{base: old.end, number: old.number + 1})
	j.segments.Store(&segments)
	j.tracker.index.begin(old.number + 1)
	return nil
}

func (j *Journal) createSegment(base uint64) (*os.File, error) {
	file, err := os.OpenFile(j.segmentPath(base), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return nil, err
	}
	header := binary.LittleEndian.AppendUint64([]byte(magic), base)
	if _, err = j.writeAt(file, header, 0); err == nil && j.o.Power {
		if err = file.Sync(); err == nil {
			err = syncDir(j.dir)
		}
	}
	if err != nil {
		file.Close()
		os.Remove(file.Name())
		return nil, err
	}
	return file, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
