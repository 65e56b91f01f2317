package journal

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"log/slog"
	"math"
	"os"
	"slices"
	"sync/atomic"
)

// The index of a segment says what each stream holds in it: blocks of content hashes and points,
// then, once the segment is closed, a directory of the blocks and a trailer. An index without a
// valid trailer is made anew from its segment.

// blockSize is how many readings a block holds. Larger blocks cost memory while they fill, smaller
// ones cost a mark each; at one reading a second both come to about 6 KiB a stream.
const blockSize = 384

// held is what is kept of a reading to know it again.
type held struct {
	hash  uint64
	point int64 // Unix milliseconds
}

const heldBytes = 16

// block is a stream's readings since its last mark.
type block struct {
	held   []held
	lo, hi int64 // over the senders' times and the points
}

func (b *block) add(h held, taken int64) {
	if len(b.held) == 0 {
		b.lo, b.hi = math.MaxInt64, math.MinInt64
	}
	b.lo, b.hi = min(b.lo, taken, h.point), max(b.hi, taken, h.point)
	if n := len(b.held); n == cap(b.held) && n < blockSize { // no larger than it will be
		grown := make([]held, n, min(max(8, 2*n), blockSize))
		copy(grown, b.held)
		b.held = grown
	}
	b.held = append(b.held, h)
}

// mark is a block in an index file.
type mark struct {
	lo, hi  uint32 // Unix seconds that the block's times lie between
	segment uint32 // number
	off     uint32
}

// covers reports whether the block may hold a time from a to b, in Unix milliseconds.
func (m mark) covers(a, b int64) bool { return seconds(a) <= m.hi && seconds(b) >= m.lo }

// seconds are Unix seconds as a mark holds them: times outside 1970–2106 count as its ends.
func seconds(millis int64) uint32 {
	return uint32(min(max(millis/1000, 0), math.MaxUint32))
}

const (
	indexMagic   = "WWJIDX01"
	blockHead    = 8 // checksum and count
	trailerBytes = 56
	spillBytes   = 256 << 10 // how much is gathered for one write when a segment is closed
)

// indexWriter writes the index of the last segment and reads those of all.
type indexWriter struct {
	log    *slog.Logger
	path   func(number uint32) string // of a segment's index; empty when it is gone
	power  bool
	faults atomic.Uint64

	number uint32
	file   *os.File // nil until there is something to write
	off    int64
	buf    []byte

	open       *os.File // the closed segment's index last looked into
	openNumber uint32
	read       []byte
}

// begin starts the index of another segment.
func (w *indexWriter) begin(number uint32) {
	w.close()
	w.number, w.off = number, 0
}

func (w *indexWriter) close() {
	for _, f := range []*os.File{w.file, w.open} {
		if f != nil {
			f.Close() // everything in it was written by pwrite and can be made again
		}
	}
	w.file, w.open = nil, nil
}

// write puts b at the end of the index file.
func (w *indexWriter) write(b []byte) error {
	if w.off+int64(len(b)) > math.MaxUint32 {
		return errors.New("the index of a segment is over 4 GiB")
	}
	if w.file == nil {
		f, err := os.OpenFile(w.path(w.number), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o640)
		if err != nil {
			return err
		}
		w.file = f
	}
	if _, err := w.file.WriteAt(b, w.off); err != nil {
		return err
	}
	w.off += int64(len(b))
	return nil
}

// spill writes the blocks of the streams to the index, together, and marks them. When the disk
// refuses, the blocks stay as they are.
func (w *indexWriter) spill(streams ...*stream) error {
	w.buf = w.buf[:0]
	for _, s := range streams {
		start := len(w.buf)
		w.buf = append(w.buf, 0, 0, 0, 0)
		w.buf = binary.LittleEndian.AppendUint32(w.buf, uint32(len(s.block.held)))
		for _, h := range s.block.held {
			w.buf = binary.LittleEndian.AppendUint64(w.buf, h.hash)
			w.buf = binary.LittleEndian.AppendUint64(w.buf, uint64(h.point))
		}
		binary.LittleEndian.PutUint32(w.buf[start:], crc32.Checksum(w.buf[start+4:], castagnoli))
	}
	off := w.off
	if err := w.write(w.buf); err != nil {
		w.faults.Add(1)
		return err
	}
	for _, s := range streams {
		s.addMark(mark{lo: seconds(s.block.lo), hi: seconds(s.block.hi), segment: w.number, off: uint32(off)})
		off += int64(blockHead + len(s.block.held)*heldBytes)
		s.block.held = s.block.held[:0]
		if cap(s.block.held) > blockSize {
			s.block.held = nil
		}
	}
	if cap(w.buf) > 2*spillBytes {
		w.buf = nil
	}
	return nil
}

// addMark grows by a little at a time: a day of marks is kept for every stream.
func (s *stream) addMark(m mark) {
	if len(s.marks) == cap(s.marks) {
		s.marks = append(make([]mark, 0, len(s.marks)+max(4, len(s.marks)/8)), s.marks...)
	}
	s.marks = append(s.marks, m)
}

// has reports whether a block holds a content. A block that cannot be read holds nothing: to keep
// a repeat is less bad than to drop a reading.
func (w *indexWriter) has(m mark, hash uint64) bool {
	b := w.block(m)
	for i := 0; i < len(b); i += heldBytes {
		if binary.LittleEndian.Uint64(b[i:]) == hash {
			return true
		}
	}
	return false
}

// points calls fn with each point of a block.
func (w *indexWriter) points(m mark, fn func(point int64)) {
	b := w.block(m)
	for i := 0; i < len(b); i += heldBytes {
		fn(int64(binary.LittleEndian.Uint64(b[i+8:])))
	}
}

// block reads a block's entries; they hold until the next call. An index found damaged is removed,
// so that the next start makes it anew.
func (w *indexWriter) block(m mark) []byte {
	f, err := w.fileOf(m.segment)
	if err == nil {
		w.read = slices.Grow(w.read[:0], blockHead+blockSize*heldBytes)
		w.read, err = readBlock(f, int64(m.off), w.read)
	}
	if err == nil {
		return w.read[blockHead:]
	}
	if w.faults.Add(1) == 1 {
		w.log.Error("a journal index cannot be read: repeats may be kept twice", "segment", m.segment, "error", err)
	}
	if m.segment != w.number && errors.Is(err, errDamage) {
		os.Remove(w.path(m.segment))
	}
	return nil
}

func readBlock(f *os.File, off int64, buf []byte) ([]byte, error) {
	buf = buf[:blockHead+blockSize*heldBytes]
	n, err := f.ReadAt(buf, off)
	if n < blockHead {
		return nil, errors.Join(errDamage, err)
	}
	size := blockHead + int64(binary.LittleEndian.Uint32(buf[4:]))*heldBytes
	if size > int64(n) { // a block that grew while the disk was full, or nonsense
		if size > math.MaxInt32 {
			return nil, errDamage
		}
		buf = make([]byte, size)
		if _, err := f.ReadAt(buf, off); err != nil {
			return nil, errors.Join(errDamage, err)
		}
	}
	buf = buf[:size]
	if crc32.Checksum(buf[4:], castagnoli) != binary.LittleEndian.Uint32(buf) {
		return nil, errDamage
	}
	return buf, nil
}

// fileOf opens a segment's index, and keeps the last one open: a repeated backlog asks for the
// same hour again and again.
func (w *indexWriter) fileOf(number uint32) (*os.File, error) {
	if number == w.number && w.file != nil {
		return w.file, nil
	}
	if w.open != nil && w.openNumber == number {
		return w.open, nil
	}
	f, err := os.Open(w.path(number))
	if err != nil {
		return nil, err
	}
	if w.open != nil {
		w.open.Close()
	}
	w.open, w.openNumber = f, number
	return f, nil
}
