package trend

import (
	"errors"
	"fmt"
	"os"

	"wardwatch/ward"
)

// Open reads the minutes of the last day into memory. Damage in a file is reported and counted; it
// costs the rest of that file's hour.
func Open(dir string, o Options) (*Trend, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("opening the minute roll-ups: %w", err)
	}
	t := &Trend{o: o.withDefaults(), places: map[ward.Place]*place{}}
	t.files.dir, t.files.power = dir, t.o.Power
	if err := t.files.list(); err != nil {
		return nil, fmt.Errorf("opening the minute roll-ups: %w", err)
	}
	if len(t.files.hours) == 0 {
		return t, nil
	}
	newest := t.files.hours[len(t.files.hours)-1]
	t.whole = (newest - memoryHours) * minutesPerHour
	var recent recentRows
	for _, hour := range t.files.hours {
		if hour < newest-memoryHours {
			continue
		}
		if err := t.load(hour, hour == newest, &recent); err != nil {
			return nil, fmt.Errorf("reading the minute roll-ups: %w", err)
		}
	}
	t.last = t.safe
	t.replay = recent.replay()
	return t, nil
}

// load reads one file into memory. The last one is cut after its last whole frame.
func (t *Trend) load(hour int64, last bool, recent *recentRows) error {
	var r row
	var none row
	whole, err := t.files.scan(hour, func(payload []byte) error {
		recent.next()
		safe, err := parseFrame(payload, t.whole, 1<<62, func(f rowInFrame) error {
			if f.minute < t.whole {
				return nil
			}
			if _, err := r.decode(f.cells, &none); err != nil {
				return err
			}
			p := t.place(ward.Place{Ward: ward.WardID(f.ward), Bed: ward.BedID(f.bed)})
			p.history.put(f.minute, &r)
			t.newest = max(t.newest, f.minute)
			recent.add(replayKey{p, f.minute}, f.position)
			return nil
		})
		t.safe = max(t.safe, safe)
		recent.settle(t.safe)
		return err
	})
	if err == nil {
		return nil
	}
	if !errors.Is(err, errTorn) && !errors.Is(err, errRow) {
		return err
	}
	t.counts.damaged++
	t.o.Log.Warn("a file of minute roll-ups is cut off or damaged", "hour", hour, "whole_bytes", whole)
	if last && errors.Is(err, errTorn) {
		return os.Truncate(t.files.path(hour), whole)
	}
	return nil
}

// replay knows, after a start, up to which position the latest minutes already have everything,
// until the journal has been read past them.
type replay struct {
	upTo uint64 // nothing is known above
	rows map[replayKey]uint64
}

type replayKey struct {
	place  *place
	minute minute
}

// position is up to where a minute already has everything; zero when that is not known.
func (r *replay) position(p *place, m minute) uint64 { return r.rows[replayKey{p, m}] }

// has reports whether a reading at a position is already in its minute.
func (r *replay) has(p *place, m minute, position uint64) bool {
	if r.rows == nil || position == 0 {
		return false
	}
	if position > r.upTo {
		r.rows = nil
		return false
	}
	return r.rows[replayKey{p, m}] >= position
}

// recentRows gathers, while the files are read, the rows that hold readings above the position
// from which the journal will be read again. Older frames fall away as that position rises.
type recentRows struct {
	frames []recentFrame
	spare  []recentRow
}

type recentFrame struct {
	upTo uint64
	rows []recentRow
}

type recentRow struct {
	key      replayKey
	position uint64
}

func (r *recentRows) next() {
	r.frames = append(r.frames, recentFrame{rows: r.spare[:0]})
	r.spare = nil
}

func (r *recentRows) add(key replayKey, position uint64) {
	f := &r.frames[len(r.frames)-1]
	f.rows = append(f.rows, recentRow{key, position})
	f.upTo = max(f.upTo, position)
}

// settle drops frames with nothing above the position.
func (r *recentRows) settle(safe uint64) {
	for len(r.frames) > 0 && r.frames[0].upTo <= safe {
		r.spare = r.frames[0].rows
		r.frames = r.frames[1:]
	}
}

func (r *recentRows) replay() (out replay) {
	for _, f := range r.frames {
		out.upTo = max(out.upTo, f.upTo)
		for _, row := range f.rows {
			if out.rows == nil {
				out.rows = map[replayKey]uint64{}
			}
			out.rows[row.key] = row.position
		}
	}
	return out
}
