package journal

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"syscall"
	"time"

	"wardwatch/ward"
)

// Hold keeps everything from the position on for a follower, however old it grows, until it calls
// Hold again with a later one. It is not remembered over a restart: a follower holds its stored
// cursor before anybody calls Prune.
func (j *Journal) Hold(name string, position uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.holds[name] = position
}

// Prune drops closed segments whose last record is older than Options.Keep, that no follower holds
// and that nobody retains. It also closes a segment that is old enough but gets no more records. Calling it every
// minute is often enough.
func (j *Journal) Prune(now time.Time) (dropped int, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return 0, ErrClosed
	}
	if !j.dirty && !j.covers.oldest.IsZero() && now.Sub(j.covers.oldest) >= j.o.SegmentAge {
		if err := j.roll(); err != nil {
			return 0, j.failed(err)
		}
	}
	segments := *j.segments.Load()
	last := len(segments) - 1
	needed := j.needed()
	var keep []segment
	var gone []segment
	forget := segments[last].number
	for i, s := range segments {
		if i < last && s.age(now) > j.o.Keep && s.end <= needed && !j.retains(s.span) {
			gone = append(gone, s)
			continue
		}
		keep = append(keep, s)
		if i < last && s.age(now) <= repeatWindow {
			forget = min(forget, s.number)
		}
	}
	if forget > j.forgot {
		j.tracker.expire(forget)
		j.forgot = forget
	}
	if len(gone) == 0 {
		return 0, nil
	}
	j.segments.Store(&keep) // first, so that no reader is sent to a missing file
	for _, s := range gone {
		for _, path := range []string{j.segmentPath(s.base), j.indexPath(s.base)} {
			if e := os.Remove(path); e != nil && !errors.Is(e, fs.ErrNotExist) {
				err = errors.Join(err, e)
			}
		}
	}
	return len(gone), err
}

// needed is the first position that some follower holds.
func (j *Journal) needed() uint64 {
	needed := uint64(math.MaxUint64)
	for _, p := range j.holds {
		needed = min(needed, p)
	}
	return needed
}

// Space is what the journal takes of its disk.
type Space struct {
	Used uint64 // bytes in segments
	Held uint64 // of these, bytes that would be pruned but for a follower or a legal hold
	Free uint64 // bytes left on the file system
	Low  bool   // Free is under Options.MinFree, or a tenth of a small disk: appends will fail before long
}

// smallDiskShare is one part in how many must be free on a disk too small for MinFree, which
// would otherwise be low for ever.
const smallDiskShare = 10

// Space measures the disk. Free is zero, and Low set, when it cannot be measured.
func (j *Journal) Space(now time.Time) Space {
	j.mu.Lock()
	needed := j.needed()
	segments := *j.segments.Load()
	var sp Space
	for _, s := range segments[:len(segments)-1] {
		sp.Used += s.end - s.base
		if s.age(now) > j.o.Keep && (s.end > needed || j.retains(s.span)) {
			sp.Held += s.end - s.base
		}
	}
	j.mu.Unlock()
	base := segments[len(segments)-1].base
	sp.Used += max(j.End(), base) - base
	least := j.o.MinFree
	var fs syscall.Statfs_t
	if err := syscall.Statfs(j.dir, &fs); err == nil {
		sp.Free = fs.Bavail * uint64(fs.Bsize)
		least = min(least, fs.Blocks*uint64(fs.Bsize)/smallDiskShare)
	}
	sp.Low = sp.Free < least
	return sp
}

// Figures is what the journal says of itself.
func (j *Journal) Figures() []ward.Figure {
	c, sp := &j.counts, j.Space(j.o.Now())
	low := 0.0
	if sp.Low {
		low = 1
	}
	total := func(name, help string, n uint64) ward.Figure {
		return ward.Figure{Name: "wardwatch_journal_" + name, Help: help, Value: float64(n)}
	}
	gauge := func(name, help string, v float64) ward.Figure {
		return ward.Figure{Name: "wardwatch_journal_" + name, Help: help, Value: v, Gauge: true}
	}
	figures := []ward.Figure{
		total("readings_total", "Readings committed since start.", c.readings.Load()),
		total("scores_total", "Scores committed since start.", c.scores.Load()),
		total("risks_total", "Assessments whose risks were committed since start.", c.risks.Load()),
		total("written_bytes_total", "Bytes committed since start.", c.bytes.Load()),
		total("failures_total", "Writes that failed and were taken back.", c.failures.Load()),
		total("points_moved_total", "Readings whose point in history was moved because its millisecond was taken.", c.moved.Load()),
		total("damaged_total", "Damaged places found in the files.", c.damaged.Load()),
		total("torn_bytes_total", "Half-written bytes cut off at start.", c.torn.Load()),
		total("index_faults_total", "Reads and writes of a segment's index that failed.", j.tracker.index.faults.Load()),
		gauge("segments", "Segment files kept.", float64(len(*j.segments.Load()))),
		gauge("used_bytes", "Bytes in segment files.", float64(sp.Used)),
		gauge("held_bytes", "Bytes kept past their time because a follower or a legal hold needs them.", float64(sp.Held)),
		gauge("free_bytes", "Bytes free on the journal's file system.", float64(sp.Free)),
		gauge("space_low", "1 when free space is under its limit.", low),
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for name, position := range j.holds {
		figures = append(figures, ward.Figure{Name: "wardwatch_journal_lag_bytes", Help: "Bytes a follower has yet to read.", Label: "follower", Of: name, Gauge: true, Value: float64(j.End() - min(position, j.End()))})
	}
	return figures
}
