// Package objects keeps what imaging sources send, and the pictures made of it, as files named by
// their content: the same content is one file however often it comes. What Keep has named is whole and
// survives kill -9 of this process and, on the disk, a power cut.
package objects

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"wardwatch/ward"
)

// part is how the name of a file that is still being written begins.
const part = ".part-"

// nameLength is that of a SHA-256 in hex.
const nameLength = 2 * sha256.Size

// Options says how a store is opened. The zero value is usable.
type Options struct {
	// Power makes the name of a file survive a power cut too, at the cost of a sync of its folder.
	// The file's content always does.
	Power bool
	// Reserve is how many bytes of the disk are left to others; zero is DefaultReserve.
	Reserve uint64
}

// Store is one folder of objects. It is safe for concurrent use, by one process.
type Store struct {
	dir     string
	power   bool
	reserve uint64

	naming sync.Mutex // held while a file gets its name or loses it

	kept, repeats, failures atomic.Uint64
	count, bytes            atomic.Int64
}

// Open opens the store in a folder, making it as needed, and removes what a crash left half written.
// Errors are *ward.Error with a hint.
func Open(dir string, o Options) (*Store, error) {
	s := &Store{dir: dir, power: o.Power, reserve: cmp.Or(o.Reserve, DefaultReserve)}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unwritable(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, part+"*"))
	if err != nil {
		return nil, unwritable(err)
	}
	for _, path := range left {
		if err := os.Remove(path); err != nil {
			return nil, unwritable(err)
		}
	}
	err = s.walk(func(_ string, fi fs.FileInfo) error {
		s.count.Add(1)
		s.bytes.Add(fi.Size())
		return nil
	})
	if err != nil {
		return nil, unwritable(err)
	}
	return s, nil
}

// Keep reads r to its end and keeps it as a file: name is what the other methods take, sum the SHA-256
// of the content in hex, size its bytes. When it returns without an error the content is on the disk.
// More than limit bytes are ward.BadInput; a disk that cannot write, or has no more than its reserve left,
// is ward.Unavailable; an error of r is passed on as it is. After any error nothing of it is left.
func (s *Store) Keep(ctx context.Context, r io.Reader, limit int64) (name, sum string, size int64, err error) {
	f, err := os.CreateTemp(s.dir, part+"*")
	if err != nil {
		s.failures.Add(1)
		return "", "", 0, unwritable(err)
	}
	defer os.Remove(f.Name()) // once it has its name there is nothing to remove
	sum, size, err = fill(ctx, sparing{s, f}, r, limit)
	var failed *diskError
	if err == nil {
		err = onDisk(f.Sync())
	}
	if cerr := onDisk(f.Close()); err == nil {
		err = cerr
	}
	if err == nil {
		err = onDisk(s.name(f.Name(), sum, size))
	}
	if errors.As(err, &failed) {
		s.failures.Add(1)
		return "", "", 0, unwritable(failed.err)
	}
	if err != nil {
		return "", "", 0, err
	}
	return sum, sum, size, nil
}

// fill copies r to f, up to limit bytes.
func fill(ctx context.Context, f io.Writer, r io.Reader, limit int64) (sum string, size int64, err error) {
	h := sha256.New()
	size, err = io.Copy(io.MultiWriter(disk{f}, h), io.LimitReader(until{ctx, r}, limit+1))
	switch {
	case err != nil:
		return "", 0, err
	case size > limit:
		return "", 0, &ward.Error{Code: ward.BadInput, Message: fmt.Sprintf("the object is larger than %d bytes", limit), Hint: "send a smaller one, or raise the limit of this source"}
	}
	return hex.EncodeToString(h.Sum(nil)), size, nil
}

// name gives a finished file its name. One that is there already is replaced by the same content, so
// that it counts as new for Prune and heals if it was damaged.
func (s *Store) name(temp, sum string, size int64) error {
	path := s.path(sum)
	folder := filepath.Dir(path)
	err := os.Mkdir(folder, 0o700)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err == nil && s.power {
		if err := syncFolder(s.dir); err != nil {
			return err
		}
	}
	if err := s.rename(temp, path, size); err != nil || !s.power {
		return err
	}
	return syncFolder(folder)
}

func (s *Store) rename(temp, path string, size int64) error {
	s.naming.Lock()
	defer s.naming.Unlock()
	old, err := os.Stat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	if old != nil {
		s.repeats.Add(1)
		s.bytes.Add(size - old.Size())
		return nil
	}
	s.kept.Add(1)
	s.count.Add(1)
	s.bytes.Add(size)
	return nil
}

// Path is where an object lies. It says nothing of whether it is there; a name that cannot be one is
// ward.BadInput.
func (s *Store) Path(name string) (string, error) {
	if !isName(name) {
		return "", &ward.Error{Code: ward.BadInput, Message: "this is no name of a kept object", Hint: "give one that was made when the object was kept"}
	}
	return s.path(name), nil
}

// Open opens an object for reading; one that is not kept is ward.NotFound.
func (s *Store) Open(name string) (io.ReadCloser, error) {
	path, err := s.Path(name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &ward.Error{Code: ward.NotFound, Message: "the object is not kept any more", Hint: "have its source send it again; objects are not part of a backup of the book, and old ones are removed", Err: err}
	}
	if err != nil {
		return nil, unwritable(err)
	}
	return f, nil
}

func (s *Store) path(name string) string { return filepath.Join(s.dir, name[:2], name) }

func isName(name string) bool {
	return len(name) == nameLength && strings.Trim(name, "0123456789abcdef") == ""
}

// until ends a reader when ctx does.
type until struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (u until) Read(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(b)
}

// disk tells the errors of the disk from those of whoever sends.
type disk struct{ w io.Writer }

// Write implements io.Writer.
func (d disk) Write(b []byte) (int, error) {
	n, err := d.w.Write(b)
	return n, onDisk(err)
}

type diskError struct{ err error }

// Error implements error.
func (e *diskError) Error() string { return e.err.Error() }

func onDisk(err error) error {
	if err == nil {
		return nil
	}
	return &diskError{err}
}

// unwritable is the error of a folder that cannot be used.
func unwritable(err error) error {
	e := &ward.Error{Code: ward.Unavailable, Message: "the folder of imaging objects cannot be used", Hint: "check that it exists and belongs to the user that runs wardwatch; run `wardwatch doctor`", Err: err}
	switch {
	case errors.Is(err, errReserve):
		e.Message, e.Hint = "the disk is nearly full: the imaging object was not kept", "free space on the disk of the data directory; what is left of it is for the vital signs. Then send it again"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		e.Message, e.Hint = "the disk is full: the imaging object was not kept", "free space on the disk of the data directory; then send it again"
	}
	return e
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
