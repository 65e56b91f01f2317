package journal

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"
	"os"
	"syscall"
	"time"

	"wardwatch/ward"
)

// seal writes every block that is still in memory, the directory and the trailer of the index of a
// segment that is being closed. After an error it may be called again.
func (t *tracker) seal(s segment) error {
	if err := t.spillAll(); err != nil {
		return err
	}
	dir := t.directory(s.number, nil)
	at := t.index.off
	if err := t.index.write(appendTrailer(dir, at, s)); err != nil {
		t.index.faults.Add(1)
		return err
	}
	end := t.index.off
	t.index.off = at                                   // should the caller fail and call again
	if err := t.index.file.Truncate(end); err != nil { // a failed write may have left more
		return err
	}
	if t.index.power {
		if err := syscall.Fdatasync(int(t.index.file.Fd())); err != nil {
			return os.NewSyscallError("fdatasync", err)
		}
	}
	return nil
}

// spillAll writes away the blocks of all streams, some at a time.
func (t *tracker) spillAll() error {
	var some []*stream
	size := 0
	for _, p := range t.places {
		for _, s := range p.all() {
			if len(s.block.held) == 0 {
				continue
			}
			some = append(some, s)
			if size += len(s.block.held) * heldBytes; size >= spillBytes {
				if err := t.index.spill(some...); err != nil {
					return err
				}
				some, size = some[:0], 0
			}
		}
	}
	if len(some) == 0 {
		return nil
	}
	return t.index.spill(some...)
}

// directory lists each stream with its blocks in one segment.
func (t *tracker) directory(number uint32, dst []byte) []byte {
	for at, p := range t.places {
		for _, s := range p.all() {
			first := len(s.marks)
			for first > 0 && s.marks[first-1].segment == number {
				first--
			}
			if first == len(s.marks) {
				continue
			}
			shared := byte(0)
			if s == p.shared {
				shared = 1
			}
			for _, name := range [...]string{string(at.Ward), string(at.Bed), s.device} {
				dst = binary.AppendUvarint(dst, uint64(len(name)))
				dst = append(dst, name...)
			}
			dst = append(dst, byte(s.source), shared)
			dst = binary.AppendUvarint(dst, uint64(len(s.marks)-first))
			for _, m := range s.marks[first:] {
				dst = binary.LittleEndian.AppendUint32(dst, m.lo)
				dst = binary.LittleEndian.AppendUint32(dst, m.hi)
				dst = binary.LittleEndian.AppendUint32(dst, m.off)
			}
		}
	}
	return dst
}

const dirMarkBytes = 12

// appendTrailer writes the trailer behind the directory, which is all of dir and stands at off.
//
//	magic 8, directory offset 8, its length 8, segment's base 8 and end 8, oldest 4, newest 4
//	(Unix seconds), checksum of the directory 4, checksum of the trailer 4
func appendTrailer(dir []byte, off int64, s segment) []byte {
	sum, n := crc32.Checksum(dir, castagnoli), len(dir)
	b := append(dir, indexMagic...)
	b = binary.LittleEndian.AppendUint64(b, uint64(off))
	b = binary.LittleEndian.AppendUint64(b, uint64(n))
	b = binary.LittleEndian.AppendUint64(b, s.base)
	b = binary.LittleEndian.AppendUint64(b, s.end)
	b = binary.LittleEndian.AppendUint32(b, seconds(s.oldest.UnixMilli()))
	b = binary.LittleEndian.AppendUint32(b, seconds(s.newest.UnixMilli()))
	b = binary.LittleEndian.AppendUint32(b, sum)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[n:], castagnoli))
}

// loadIndex reads the trailer of a closed segment's index, and its directory too when the segment
// is young enough to hold repeats. It fails on anything that does not fit the segment.
func (t *tracker) loadIndex(path string, s *segment, young time.Time) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	var tr [trailerBytes]byte
	if info.Size() < trailerBytes {
		return errDamage
	}
	if _, err := f.ReadAt(tr[:], info.Size()-trailerBytes); err != nil {
		return err
	}
	le := binary.LittleEndian
	off, n := le.Uint64(tr[8:]), le.Uint64(tr[16:])
	if string(tr[:8]) != indexMagic || le.Uint32(tr[52:]) != crc32.Checksum(tr[:52], castagnoli) ||
		le.Uint64(tr[24:]) != s.base || le.Uint64(tr[32:]) != s.end || off+n+trailerBytes != uint64(info.Size()) {
		return errDamage
	}
	s.oldest, s.newest = time.Unix(int64(le.Uint32(tr[40:])), 0), time.Unix(int64(le.Uint32(tr[44:])), 0)
	if s.newest.Before(young) {
		return nil
	}
	dir := make([]byte, n)
	if _, err := io.ReadFull(io.NewSectionReader(f, int64(off), int64(n)), dir); err != nil {
		return err
	}
	if crc32.Checksum(dir, castagnoli) != le.Uint32(tr[48:]) {
		return errDamage
	}
	return t.loadDirectory(dir, s.number)
}

func (t *tracker) loadDirectory(dir []byte, number uint32) error {
	next := func() []byte {
		n, k := binary.Uvarint(dir)
		if k <= 0 || n > uint64(len(dir)-k) {
			dir = nil
			return nil
		}
		b := dir[k : k+int(n)]
		dir = dir[k+int(n):]
		return b
	}
	for len(dir) > 0 {
		wardName, bed, device := next(), next(), next()
		if len(dir) < 2 {
			return errDamage
		}
		source, shared := ward.Source(dir[0]), dir[1] == 1
		n, k := binary.Uvarint(dir[2:])
		if k <= 0 || n > uint64(len(dir)-2-k)/dirMarkBytes {
			return errDamage
		}
		dir = dir[2+k:]
		p := t.place(ward.Place{Ward: ward.WardID(wardName), Bed: ward.BedID(bed)})
		s := p.reopened(string(device), source, shared)
		for range n {
			m := mark{lo: binary.LittleEndian.Uint32(dir), hi: binary.LittleEndian.Uint32(dir[4:]), off: binary.LittleEndian.Uint32(dir[8:]), segment: number}
			dir = dir[dirMarkBytes:]
			s.addMark(m)
			s.newest(m)
		}
	}
	return nil
}

// reopened finds the stream that a directory speaks of.
func (p *place) reopened(device string, source ward.Source, shared bool) *stream {
	if !shared {
		s, _ := p.stream(device, source)
		return s
	}
	if p.shared == nil {
		p.shared = newStream("", 0)
	}
	return p.shared
}

// newest raises what the stream has seen to the end of a block, which is known to the second.
func (s *stream) newest(m mark) {
	last := int64(math.MaxInt64)
	if m.hi < math.MaxUint32 {
		last = int64(m.hi)*1000 + 999
	}
	s.taken, s.point = max(s.taken, last), max(s.point, last)
}
