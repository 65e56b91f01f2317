package journal

import (
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"time"

	"wardwatch/store/journal/record"
	"wardwatch/ward"
)

// View reads a journal without opening it: beside the server that writes it, or while none runs. It
// takes no lock and writes nothing, and shows what was there when it was made. A segment that the
// server prunes meanwhile is left out.
type View struct{ j Journal }

// NewView looks at the journal in dir. log (nil: none) hears of damaged places.
func NewView(dir string, log *slog.Logger) (*View, error) {
	segments, err := listSegments(dir)
	if err != nil {
		return nil, unavailable("the vitals journal cannot be read", "check the data directory and who may read it", err)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	v := &View{j: Journal{dir: dir, viewed: true, reported: map[uint64]bool{}}}
	j := &v.j
	j.o.Log = log
	j.readers.New = func() any { return new(reader) }
	if len(segments) == 0 {
		segments = []segment{{}}
	}
	last := &segments[len(segments)-1]
	for i := range segments {
		s := &segments[i]
		if s != last && new(tracker).loadIndex(j.indexPath(s.base), s, endOfTime) == nil {
			continue
		}
		if err := j.measure(s); err != nil {
			return nil, unavailable("the vitals journal cannot be read", "check the data directory and who may read it", err)
		}
	}
	j.end.Store(last.end)
	j.segments.Store(&segments)
	return v, nil
}

// endOfTime is later than anything a segment can hold.
var endOfTime = time.Unix(math.MaxUint32, 0)

// measure finds where a segment ends, whatever its writer is about to write, and what time it covers:
// of the last one, and of any whose index cannot be read.
func (j *Journal) measure(s *segment) error {
	file, err := os.Open(j.segmentPath(s.base))
	if errors.Is(err, fs.ErrNotExist) {
		s.end = s.base
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	var sc scanner
	sc.reset(file, s.base, headerBytes, int64(s.end-s.base))
	end := int64(headerBytes)
	for {
		kind, payload, err := sc.next()
		switch err {
		case nil:
			end = sc.off
			if at, ok := arrived(kind, payload); ok {
				s.cover(at)
			}
			continue
		case errDamage:
			if found, err := sc.resync(); err != nil || found {
				if err != nil {
					return err
				}
				continue
			}
		case io.EOF, io.ErrUnexpectedEOF: // the writer has cut off what it could not finish
		default:
			return err
		}
		s.end = s.base + uint64(end)
		return nil
	}
}

// arrived is when a record was made, by our own clock.
func arrived(kind byte, payload []byte) (at time.Time, ok bool) {
	var err error
	switch kind {
	case record.KindReading:
		var g record.Glance
		g, err = record.Look(payload)
		at = g.Arrived
	case record.KindScore:
		at, err = record.ScoreAt(payload)
	case record.KindRisks:
		at, err = record.RisksAt(payload)
	default:
		return at, false
	}
	return at, err == nil
}

// Read is Journal.Read.
func (v *View) Read(from uint64, most int, fn func(next uint64, r ward.Record) bool) error {
	return v.j.Read(from, most, fn)
}

// Stretch is a run of records with the time it covers.
type Stretch struct {
	From, To uint64    // positions, To excluded
	Oldest   time.Time // by our own clock; known to the second
	Newest   time.Time
}

// Stretches lists what is kept, in order: one a segment. What is missing between two was pruned.
func (v *View) Stretches() []Stretch {
	var out []Stretch
	for _, s := range *v.j.segments.Load() {
		if s.end > s.base+headerBytes {
			out = append(out, Stretch{s.base, s.end, s.oldest, s.newest})
		}
	}
	return out
}
