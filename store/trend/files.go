package trend

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"wardwatch/ward"
)

// files are the closed minutes on disk: one file for each hour of writing, each a row of frames,
// each the rows of one Tick. A row stands alone and is whole: a minute that was opened again is
// written again, and the later row counts.
//
//	frame: checksum 4, length 4, then
//	       version 1, safe, first and last minute, number of rows
//	row:   length, ward, bed, minute, position, cells
type files struct {
	dir   string
	power bool
	hours []int64  // of the files there are, ascending
	file  *os.File // of the last hour; nil until something is written
	size  int64    // of its whole frames
}

const (
	frameVersion = 1
	frameHead    = 8
	maxFrame     = 256 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// frame is the rows being written together.
type frame struct {
	safe    uint64 // every reading up to here is in this frame or an earlier one
	lo, hi  minute
	count   uint64
	rows    []byte
	scratch []byte
}

// add puts a row into the frame. Its position says up to where it has every reading of its minute.
func (f *frame) add(at ward.Place, m minute, position uint64, r *row) {
	if f.count == 0 {
		f.lo, f.hi = m, m
	}
	f.lo, f.hi = min(f.lo, m), max(f.hi, m)
	f.count++
	b := f.scratch[:0]
	for _, name := range [...]string{string(at.Ward), string(at.Bed)} {
		b = binary.AppendUvarint(b, uint64(len(name)))
		b = append(b, name...)
	}
	b = binary.AppendUvarint(b, zigzag(m))
	b = binary.AppendUvarint(b, position)
	b = r.encode(b, &row{})
	f.rows = binary.AppendUvarint(f.rows, uint64(len(b)))
	f.rows = append(f.rows, b...)
	f.scratch = b
}

func (f *frame) bytes() []byte {
	b := make([]byte, frameHead, frameHead+64+len(f.rows))
	b = append(b, frameVersion)
	for _, n := range [...]uint64{f.safe, zigzag(f.lo), zigzag(f.hi), f.count} {
		b = binary.AppendUvarint(b, n)
	}
	b = append(b, f.rows...)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-frameHead))
	binary.LittleEndian.PutUint32(b, crc32.Checksum(b[4:], castagnoli))
	return b
}

// rowInFrame is a row as it is read; its parts hold until the next frame.
type rowInFrame struct {
	ward, bed []byte
	minute    minute
	position  uint64
	cells     []byte
}

// parseFrame reads a frame's payload and calls fn with each row, unless none can be between from
// and to.
func parseFrame(b []byte, from, to minute, fn func(rowInFrame) error) (safe uint64, err error) {
	in := input{b: b}
	version := in.byte()
	safe = in.uvarint()
	lo, hi := unzigzag(in.uvarint()), unzigzag(in.uvarint())
	n := in.uvarint()
	if in.bad || version != frameVersion {
		return 0, errRow
	}
	if hi < from || lo >= to {
		return safe, nil
	}
	for ; n > 0; n-- {
		one := input{b: in.bytes()}
		r := rowInFrame{ward: one.bytes(), bed: one.bytes(), minute: unzigzag(one.uvarint()), position: one.uvarint()}
		r.cells = one.b
		if in.bad || one.bad {
			return 0, errRow
		}
		if err := fn(r); err != nil {
			return 0, err
		}
	}
	return safe, nil
}

func (f *files) path(hour int64) string {
	return filepath.Join(f.dir, fmt.Sprintf("%010d.trend", hour))
}

func (f *files) list() error {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".trend")
		if hour, err := strconv.ParseInt(name, 10, 64); ok && err == nil {
			f.hours = append(f.hours, hour)
		}
	}
	slices.Sort(f.hours)
	return nil
}

var errTorn = errors.New("file is cut off or damaged")

// scan calls fn with each frame of an hour's file. It answers how many bytes of whole frames it
// read, with errTorn when something follows them.
func (f *files) scan(hour int64, fn func(payload []byte) error) (whole int64, err error) {
	file, err := os.Open(f.path(hour))
	if err != nil {
		return 0, err
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, 256<<10)
	var buf []byte
	for {
		var head [frameHead]byte
		if _, err := io.ReadFull(in, head[:]); err == io.EOF {
			return whole, nil
		} else if err != nil {
			return whole, cutOff(err)
		}
		n := int(binary.LittleEndian.Uint32(head[4:]))
		if n > maxFrame {
			return whole, errTorn
		}
		if buf, err = readBytes(in, append(buf[:0], head[4:]...), n); err != nil {
			return whole, cutOff(err)
		}
		if crc32.Checksum(buf, castagnoli) != binary.LittleEndian.Uint32(head[:]) {
			return whole, errTorn
		}
		if err := fn(buf[4:]); err != nil {
			return whole, err
		}
		whole += int64(frameHead + n)
	}
}

// readBytes appends n bytes, asking for memory only as they come: a damaged length may be anything.
func readBytes(in io.Reader, dst []byte, n int) ([]byte, error) {
	for n > 0 {
		piece := min(n, 1<<20)
		dst = slices.Grow(dst, piece)
		if _, err := io.ReadFull(in, dst[len(dst):len(dst)+piece]); err != nil {
			return dst, err
		}
		dst, n = dst[:len(dst)+piece], n-piece
	}
	return dst, nil
}

func cutOff(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errTorn
	}
	return err
}

// write adds a frame to the file of the hour, or to the last one if the clock has gone back. After
// an error the file is as it was.
func (f *files) write(now time.Time, fr *frame) error {
	hour := floorDiv(now.Unix(), 3600)
	if n := len(f.hours); n > 0 {
		hour = max(hour, f.hours[n-1])
	}
	if err := f.turn(hour); err != nil {
		return err
	}
	b := fr.bytes()
	_, err := f.file.WriteAt(b, f.size)
	if err == nil && f.power {
		err = os.NewSyscallError("fdatasync", syscall.Fdatasync(int(f.file.Fd())))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing minute roll-ups: %w", err), f.file.Truncate(f.size))
	}
	f.size += int64(len(b))
	return nil
}

// turn opens the file of an hour for writing.
func (f *files) turn(hour int64) error {
	last := len(f.hours) - 1
	if f.file != nil && f.hours[last] == hour {
		return nil
	}
	file, err := os.OpenFile(f.path(hour), os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return err
	}
	if f.file != nil {
		f.file.Close() // everything in it was written by pwrite
	}
	f.file, f.size = file, info.Size()
	if last < 0 || f.hours[last] != hour {
		f.hours = append(slices.Clip(f.hours), hour) // readers may hold the old list
	}
	return nil
}

// prune removes files whose hour ended before the time.
func (f *files) prune(before time.Time) error {
	n := 0
	for n < len(f.hours)-1 && f.hours[n] < floorDiv(before.Unix(), 3600) {
		if err := os.Remove(f.path(f.hours[n])); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		n++
	}
	f.hours = f.hours[n:]
	return nil
}

func (f *files) close() error {
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	f.file = nil
	return err
}
