// Package journal is the append-only log of accepted readings, and of the scores and risks made from
// them: the first of the two stores, and the reason an acknowledged reading survives anything.
//
// It is a row of segment files. A position is a byte offset counted over all of them since the
// journal began; it names a record for ever and is never zero. Pruning drops whole segments, so it
// never stalls the writer. Beside each segment stands an index of what it holds, by which repeats
// are known for a day without keeping a day of keys in memory; an index can always be made again
// from its segment.
//
// One goroutine admits and appends readings; any number may append scores and risks, read and follow.
package journal

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"wardwatch/store/journal/record"
	"wardwatch/ward"
)

// Options say how a journal is kept. Only Now is required.
type Options struct {
	Power        bool          // sync each Append to the disk, so that it outlives a power cut
	SegmentBytes int64         // a segment is closed once it is this long; default 64 MiB
	SegmentAge   time.Duration // or once its first record is this old; default one hour
	Keep         time.Duration // how long closed segments are kept; default 72 h, at least 25 h
	MinFree      uint64        // bytes of free space under which Space reports low; default 1 GiB; never more than a tenth of the disk
	Now          func() time.Time
	Log          *slog.Logger
	Probe        func(point string) // called at "journal.write", "journal.written", "journal.synced"
}

// repeatWindow is for how long a repeat is certain to be known: the 24 h of the contract and an
// hour for clocks.
const repeatWindow = 25 * time.Hour

func (o Options) withDefaults() Options {
	if o.SegmentBytes <= 0 {
		o.SegmentBytes = 64 << 20
	}
	if o.SegmentAge <= 0 {
		o.SegmentAge = time.Hour
	}
	if o.Keep <= 0 {
		o.Keep = 72 * time.Hour
	}
	o.Keep = max(o.Keep, repeatWindow)
	if o.MinFree == 0 {
		o.MinFree = 1 << 30
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Probe == nil {
		o.Probe = func(string) {}
	}
	return o
}

// Journal is an open journal.
type Journal struct {
	dir    string
	o      Options
	lock   *os.File
	viewed bool // another process may prune it: see View

	end      atomic.Uint64             // everything before it is whole and may be read
	segments atomic.Pointer[[]segment] // oldest first, the last is being written; never changed in place
	readers  sync.Pool                 // of *reader
	counts   counts

	mu       sync.Mutex // guards all below: one writer at a time
	closed   bool
	file     *os.File // of the last segment
	dirty    bool     // a failed write may have left bytes behind end
	covers   span     // of the last segment
	buf      []byte
	fresh    []entry // of the batch being appended
	tracker  tracker
	holds    map[string]uint64
	retained map[string][]Span // by name
	forgot   uint32            // marks of segments before this number are gone

	growth   sync.Mutex // apart from mu, so that no reader ever waits for a sync
	grown    chan struct{}
	reported map[uint64]bool // damaged places already told

	writeAt func(f *os.File, b []byte, off int64) (int, error) // replaced where a test needs a full disk
}

// counts are what Figures reports and only rises.
type counts struct {
	readings, scores, risks, bytes, failures, moved, damaged, torn atomic.Uint64
}

// segment is one file of the row. What is said of its end and its time holds once it is closed;
// of the last one the journal itself knows.
type segment struct {
	base   uint64 // position of its first byte, and its name
	end    uint64 // position behind its last byte
	number uint32 // counts up from the first one found at Open
	span
}

// span is the time a segment covers, by our own clock.
type span struct{ oldest, newest time.Time }

func (s *span) cover(t time.Time) {
	if s.oldest.IsZero() || t.Before(s.oldest) {
		s.oldest = t
	}
	if t.After(s.newest) {
		s.newest = t
	}
}

// age is how long ago the span ended.
func (s span) age(now time.Time) time.Duration { return now.Sub(s.newest) }

// A segment begins with its format and its base.
const (
	headerBytes = 16
	magic       = "WWJRNL01"
)

func (j *Journal) segmentPath(base uint64) string {
	return filepath.Join(j.dir, fmt.Sprintf("%020d.seg", base))
}

func (j *Journal) indexPath(base uint64) string {
	return filepath.Join(j.dir, fmt.Sprintf("%020d.idx", base))
}

// End is the position behind the last record. Who has read up to it has read everything.
func (j *Journal) End() uint64 { return j.end.Load() }

// Start is the position from which everything kept is read.
func (j *Journal) Start() uint64 { return (*j.segments.Load())[0].base }

// Notify returns a channel that is closed at the next growth, or when the journal is closed. A
// follower asks for it first and looks at End after, so that nothing falls between.
func (j *Journal) Notify() <-chan struct{} {
	j.growth.Lock()
	defer j.growth.Unlock()
	if j.grown == nil {
		j.grown = make(chan struct{})
	}
	return j.grown
}

func (j *Journal) wake() {
	j.growth.Lock()
	defer j.growth.Unlock()
	if j.grown != nil {
		close(j.grown)
		j.grown = nil
	}
}

// Close closes the files and lets another process open the journal. Everything appended is
// already in the file; Close makes it no safer.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil
	}
	j.closed = true
	j.wake()
	err := j.file.Close()
	j.tracker.index.close()
	if e := j.lock.Close(); err == nil {
		err = e
	}
	return err
}

// reader is what one Read needs; a pool of them saves its memory between calls.
type reader struct {
	scanner
	decoder record.Decoder
}

func unavailable(message, hint string, err error) error {
	return &ward.Error{Code: ward.Unavailable, Message: message, Hint: hint, Err: err}
}
