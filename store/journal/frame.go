package journal

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"

	"wardwatch/store/journal/record"
)

// A record in a segment is
//
//	checksum  4 bytes  CRC-32C of all that follows, begun from the record's position
//	length    4 bytes  of kind and payload together
//	kind      1 byte
//	payload
//
// with numbers in little-endian order. Because the checksum begins from the position, a record is
// valid only where it was written: old bytes that a failed write or a file system left behind are
// never taken for one, and a search for the next valid record cannot be fooled by a payload.
const (
	frameBytes = 9
	maxRecord  = 1 << 20 // length above this is damage; a message is at most 64 KiB
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// openFrame makes room for a record's head; the caller appends the payload and calls closeFrame.
func openFrame(dst []byte) []byte {
	return append(dst, 0, 0, 0, 0, 0, 0, 0, 0, 0)
}

// closeFrame fills in the head of the frame that is all of b.
func closeFrame(b []byte, position uint64, kind byte) {
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	b[8] = kind
	binary.LittleEndian.PutUint32(b, checksum(b[4:], position))
}

func checksum(b []byte, position uint64) uint32 {
	return crc32.Update(uint32(position)^uint32(position>>32)*0x9e3779b1, castagnoli, b)
}

var (
	errShort  = errors.New("record is cut off")
	errDamage = errors.New("record is damaged")
)

// parseFrame reads the frame at the start of b. It answers errShort when b holds less than all of
// it, with the size it would need.
func parseFrame(b []byte, position uint64) (kind byte, payload []byte, size int, err error) {
	if len(b) < frameBytes {
		return 0, nil, frameBytes, errShort
	}
	n := int(binary.LittleEndian.Uint32(b[4:]))
	if n < 1 || n > maxRecord || b[8] == 0 || b[8] > record.LastKind {
		return 0, nil, 0, errDamage
	}
	size = 8 + n
	if len(b) < size {
		return 0, nil, size, errShort
	}
	if binary.LittleEndian.Uint32(b) != checksum(b[4:size], position) {
		return 0, nil, 0, errDamage
	}
	return b[8], b[frameBytes:size], size, nil
}

// scanner walks the records of one segment file. It reads ahead in large pieces and never past
// limit, so that what is being appended is not seen half-written.
type scanner struct {
	file  io.ReaderAt
	base  uint64 // position of the file's first byte
	limit int64  // file offset at which to stop
	off   int64  // of the next record

	buf []byte
	lo  int64 // file offset of buf[0]
	n   int   // bytes of buf that are filled
}

// readAhead is the piece a scanner reads at once.
const readAhead = 256 << 10

func (s *scanner) reset(file io.ReaderAt, base uint64, off, limit int64) {
	s.file, s.base, s.off, s.limit = file, base, off, limit
	s.lo, s.n = 0, 0
}

// window is what is buffered from off on, at least n bytes unless the limit comes first.
func (s *scanner) window(off int64, n int) ([]byte, error) {
	n = int(min(int64(n), s.limit-off))
	if off >= s.lo && off+int64(n) <= s.lo+int64(s.n) {
		return s.buf[off-s.lo : s.n], nil
	}
	want := int(min(int64(max(n, readAhead)), s.limit-off))
	if cap(s.buf) < want {
		s.buf = make([]byte, want)
	}
	s.buf = s.buf[:cap(s.buf)]
	got, err := s.file.ReadAt(s.buf[:want], off)
	if got < n {
		s.n = 0
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	s.lo, s.n = off, got
	return s.buf[:got], nil
}

// next returns the record at off and moves behind it. At the limit it answers io.EOF, at bytes
// that are no record errDamage, and then off stays.
func (s *scanner) next() (kind byte, payload []byte, err error) {
	if s.off >= s.limit {
		return 0, nil, io.EOF
	}
	kind, payload, size, err := s.parse(s.off)
	if err != nil {
		return 0, nil, err
	}
	s.off += int64(size)
	return kind, payload, nil
}

func (s *scanner) parse(off int64) (kind byte, payload []byte, size int, err error) {
	b, err := s.window(off, frameBytes)
	if err != nil {
		return 0, nil, 0, err
	}
	position := s.base + uint64(off)
	kind, payload, size, err = parseFrame(b, position)
	if err == errShort && off+int64(size) <= s.limit {
		if b, err = s.window(off, size); err != nil {
			return 0, nil, 0, err
		}
		kind, payload, size, err = parseFrame(b, position)
	}
	if err == errShort {
		err = errDamage
	}
	return kind, payload, size, err
}

// resync moves to the first valid record after the damage at off; false when there is none.
func (s *scanner) resync() (bool, error) {
	for off := s.off + 1; off+frameBytes <= s.limit; off++ {
		_, _, _, err := s.parse(off)
		if err == nil {
			s.off = off
			return true, nil
		}
		if err != errDamage {
			return false, err
		}
	}
	return false, nil
}

// align moves to the first record that begins at off or after it, when off may lie inside one.
func (s *scanner) align(off int64) error {
	s.off = off
	if off >= s.limit {
		return nil
	}
	if _, _, _, err := s.parse(off); err == nil || err != errDamage {
		return err
	}
	s.off = headerBytes
	for s.off < off {
		_, _, err := s.next()
		switch err {
		case nil:
		case io.EOF:
			return nil
		case errDamage:
			found, err := s.resync()
			if err != nil {
				return err
			}
			if !found {
				s.off = max(off, s.off) // nothing valid is left: next reports the damage
				return nil
			}
		default:
			return err
		}
	}
	return nil
}
