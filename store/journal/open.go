package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/cespare/xxhash/v2"

	"wardwatch/store/journal/record"
	"wardwatch/ward"
)

// Open opens the journal in dir, or begins one. It reads the last segment through, cuts off what a
// crash left half-written at its end, and makes again any index that is missing or damaged. It
// fails when another process has the journal open.
func Open(dir string, o Options) (*Journal, error) {
	if o.Now == nil {
		return nil, errors.New("journal: Options.Now is required")
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, unavailable("the vitals journal cannot be opened", "make "+dir+" writable for Wardwatch", err)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	j := &Journal{dir: dir, o: o.withDefaults(), lock: lock, holds: map[string]uint64{}, reported: map[uint64]bool{}}
	j.writeAt = func(f *os.File, b []byte, off int64) (int, error) { return f.WriteAt(b, off) }
	j.readers.New = func() any { return new(reader) }
	j.tracker.places = map[ward.Place]*place{}
	j.tracker.index.log, j.tracker.index.power = j.o.Log, j.o.Power
	j.tracker.index.path = j.numberedIndex
	if err := j.recover(); err != nil {
		j.tracker.index.close()
		if j.file != nil {
			j.file.Close()
		}
		lock.Close()
		return nil, err
	}
	return j, nil
}

func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "LOCK"), os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, unavailable("the vitals journal cannot be opened", "make "+dir+" writable for Wardwatch", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, &ward.Error{Code: ward.Conflict, Message: "another Wardwatch has this journal open", Hint: "stop the other process, or give this one a data directory of its own instead of " + dir, Err: err}
	}
	return f, nil
}

// numberedIndex is the path of the index of a segment.
func (j *Journal) numberedIndex(number uint32) string {
	for _, s := range slices.Backward(*j.segments.Load()) {
		if s.number == number {
			return j.indexPath(s.base)
		}
	}
	return ""
}

// recover finds the segments, what they hold and where the journal ends.
func (j *Journal) recover() error {
	segments, err := listSegments(j.dir)
	if err != nil {
		return err
	}
	if len(segments) == 0 {
		j.segments.Store(&[]segment{{}})
		j.tracker.index.begin(0)
		j.file, err = j.createSegment(0)
		return err
	}
	j.segments.Store(&segments)
	young := j.o.Now().Add(-repeatWindow)
	for i := range segments[:len(segments)-1] {
		s := &segments[i]
		err := j.tracker.loadIndex(j.indexPath(s.base), s, young)
		if err == nil {
			continue
		}
		j.o.Log.Warn("making a journal index again", "segment", s.base, "reason", err)
		if err := j.reindex(s); err != nil {
			return err
		}
	}
	return j.reopenLast(segments[len(segments)-1])
}

// listSegments is the segment files in order of position, each with its end.
func listSegments(dir string) ([]segment, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var segments []segment
	for _, e := range entries {
		name, isSegment := strings.CutSuffix(e.Name(), ".seg")
		base, err := strconv.ParseUint(name, 10, 64)
		if !isSegment || err != nil {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		if err := checkHeader(filepath.Join(dir, e.Name())); err != nil {
			return nil, err
		}
		segments = append(segments, segment{base: base, end: base + uint64(info.Size()), number: uint32(len(segments))})
	}
	return segments, nil // ReadDir sorts by name, and names have leading zeros
}

// checkHeader refuses a segment of a format that we do not know. A header that is no header at all
// is left to the checksums of the records.
func checkHeader(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var b [len(magic)]byte
	if _, err := io.ReadFull(f, b[:]); err != nil {
		return nil // cut off while it was being begun
	}
	const kind = len(magic) - 2
	if string(b[:kind]) == magic[:kind] && string(b[:]) != magic {
		return &ward.Error{Code: ward.BadInput, Message: fmt.Sprintf("journal segment %s has format %q, this version knows %q", filepath.Base(path), b, magic), Hint: "run the version that wrote it, or a newer one"}
	}
	return nil
}

// reindex makes the index of a closed segment by reading it through.
func (j *Journal) reindex(s *segment) error {
	f, err := os.Open(j.segmentPath(s.base))
	if err != nil {
		return err
	}
	defer f.Close()
	for _, p := range j.tracker.places { // marks that a damaged directory gave before it failed
		for _, st := range p.all() {
			st.marks = slices.DeleteFunc(st.marks, func(m mark) bool { return m.segment == s.number })
		}
	}
	j.tracker.index.begin(s.number)
	covers, _, err := j.walk(f, *s)
	if err != nil {
		return err
	}
	s.span = covers
	return j.tracker.seal(*s)
}

// reopenLast reads the last segment through and cuts off a torn tail.
func (j *Journal) reopenLast(s segment) error {
	file, err := os.OpenFile(j.segmentPath(s.base), os.O_RDWR, 0o640)
	if err != nil {
		return err
	}
	j.file = file
	j.tracker.index.begin(s.number)
	covers, end, err := j.walk(file, s)
	if err != nil {
		return err
	}
	j.covers = covers
	if torn := int64(s.end-s.base) - end; torn > 0 {
		j.o.Log.Warn("cut a half-written record off the end of the journal; it was never acknowledged", "position", s.base+uint64(end), "bytes", torn)
		j.counts.torn.Add(uint64(torn))
		if err := file.Truncate(end); err != nil {
			return err
		}
	}
	if end <= headerBytes {
		j.end.Store(s.base)
		file.Close()
		j.file, err = j.createSegment(s.base)
		return err
	}
	j.end.Store(s.base + uint64(end))
	return nil
}

// walk tracks every reading of a segment file. It answers the file offset behind the last valid
// record; damage before that is reported and stepped over.
func (j *Journal) walk(f *os.File, s segment) (covers span, end int64, err error) {
	var sc scanner
	sc.reset(f, s.base, headerBytes, int64(s.end-s.base))
	end = headerBytes
	for {
		kind, payload, err := sc.next()
		switch err {
		case nil:
			end = sc.off
			j.tracker.recall(kind, payload, &covers)
		case io.EOF:
			return covers, end, nil
		case errDamage:
			from := sc.off
			found, err := sc.resync()
			if err != nil {
				return covers, end, err
			}
			if !found {
				return covers, end, nil
			}
			j.damage(s.base+uint64(from), int(sc.off-from), errDamage)
		default:
			return covers, end, err
		}
	}
}

// recall tracks a record found at Open. What cannot be read is reported by Read.
func (t *tracker) recall(kind byte, payload []byte, covers *span) {
	switch kind {
	case record.KindReading:
		t.recallReading(payload, covers)
	case record.KindScore:
		if at, err := record.ScoreAt(payload); err == nil {
			covers.cover(at)
		}
	case record.KindRisks:
		if at, err := record.RisksAt(payload); err == nil {
			covers.cover(at)
		}
	}
}

func (t *tracker) recallReading(payload []byte, covers *span) {
	g, err := record.Look(payload)
	if err != nil {
		return
	}
	covers.cover(g.Arrived)
	at := ward.Place{Ward: ward.WardID(g.Ward), Bed: ward.BedID(g.Bed)}
	s, _ := t.place(at).stream(string(g.Device), g.Source)
	if g.HasSeq && len(g.Boot) > 0 && s.device != "" {
		s.number(string(g.Boot), g.Seq)
	}
	t.note(s, held{hash: xxhash.Sum64(g.Identity), point: g.Point.UnixMilli()}, g.Taken.UnixMilli())
}
