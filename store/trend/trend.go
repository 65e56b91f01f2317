// Package trend keeps one-minute roll-ups of every vital and of the score of every place: a day in
// memory, in about 30 KiB a place, and longer in files. Curves and sparklines are drawn from it.
//
// A minute gathers readings while it is open. When it is over, and a little longer, it is closed:
// its row is added to memory and to the file of the hour. A later reading opens it again, and the
// two are merged without loss. A minute that had nothing is a gap.
//
// Nothing here is the only copy: what was not yet closed at a crash is gathered again by reading
// the journal from Position. Numbers are kept to a tenth (temperature and oxygen flow to a
// hundredth, the oxygen fraction to a thousandth).
package trend

import (
	"log/slog"
	"math"
	"sync"
	"time"

	"wardwatch/ward"
)

// Options say how roll-ups are kept. Everything has a default.
type Options struct {
	Keep  time.Duration // how long files are kept; default 72 h, at least 25 h
	Grace time.Duration // how long after its end, or its reopening, a minute waits for stragglers; default 5 s
	Power bool          // sync each write to the disk
	Log   *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.Keep <= 0 {
		o.Keep = 72 * time.Hour
	}
	o.Keep = max(o.Keep, 25*time.Hour)
	if o.Grace <= 0 {
		o.Grace = 5 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// Trend is the roll-ups of every place. Add, AddScore and Tick are called by one goroutine, in the
// order of the journal; any number may ask for a Range.
type Trend struct {
	o Options

	mu     sync.Mutex
	places map[ward.Place]*place
	files  files
	last   uint64    // journal position of the newest reading added
	safe   uint64    // every reading up to here is in closed, written minutes
	due    time.Time // when the next open minute is to be closed; zero when none is open
	newest minute    // the newest minute anybody has
	whole  minute    // from here on memory has what there is, for every place
	swept  int64     // hour of the last sweep
	replay replay
	counts counts
}

type counts struct {
	minutes, outside, failures, damaged float64
}

// place is the roll-ups of one place.
type place struct {
	history  history
	open     []*gathering
	unsaved  []minute                  // closed, but the disk refused them so far
	measured [ward.NumVitals]time.Time // of the newest value with a time of its own
}

// gathering is an open minute.
type gathering struct {
	at    minute
	row   row
	first uint64 // position of the first reading in it; MaxUint64 when there are only scores
	due   time.Time
}

// maxOpen bounds how many minutes of a place gather at once; a backlog closes its oldest early.
const maxOpen = 8

// A value further from its arrival than this is not rolled up: it is counted, and stays in the journal.
const (
	maxLate  = 24 * time.Hour
	maxAhead = 10 * time.Minute
)

func minuteOf(t time.Time) minute {
	s := t.Unix()
	return floorDiv(s, 60)
}

func startOf(m minute) time.Time { return time.Unix(m*60, 0).UTC() }

// Add rolls up a committed reading. A reading that is already in a written minute is ignored, so
// that the journal may be read again from any position up to Position. Values marked invalid are
// left out, readings of crowded places too, and a value sent again with the time it was measured (a cuff pressure) counts once.
func (t *Trend) Add(r *ward.Reading) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r.Position <= t.safe && r.Position != 0 {
		return
	}
	t.last = max(t.last, r.Position)
	if r.Apart == ward.Crowded {
		return
	}
	p := t.place(r.Place)
	own := minuteOf(r.At)
	var o *gathering
	for i := range r.Values {
		v := &r.Values[i]
		if v.Vital >= ward.NumVitals || v.Quality >= ward.Invalid {
			continue
		}
		at := own
		if !v.At.Equal(r.At) {
			if v.At.Equal(p.measured[v.Vital]) {
				continue
			}
			p.measured[v.Vital] = v.At
			at = minuteOf(v.At)
		}
		if o == nil || o.at != at {
			if late := r.Arrived.Sub(v.At); late > maxLate || late < -maxAhead {
				t.counts.outside++
				continue
			}
			if t.replay.has(p, at, r.Position) {
				continue
			}
			o = t.opened(p, at, r.Arrived)
			if r.Position != 0 {
				o.first = min(o.first, r.Position)
			}
		}
		o.row.cells[v.Vital].add(toSteps(v.Vital, v.Number))
	}
}

// AddScore rolls up a score; of a minute the worst is kept. Give it the scores of one chart only. A
// refused score says nothing and leaves a gap. A charted score is passed over: the line is that of
// the live one, which has the same values for as long as they count.
func (t *Trend) AddScore(s *ward.Score) {
	if s.Refused != ward.NotRefused || s.Origin == ward.OriginCharted {
		return
	}
	points := s.LowerBound
	if s.Complete {
		points = s.Total
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	at := minuteOf(s.At)
	if t.newest-at > int64(maxLate/time.Minute) {
		return
	}
	o := t.opened(t.place(s.Place), at, s.At)
	o.row.score.merge(worst{known: true, complete: s.Complete, band: s.Band & 7, points: int16(min(max(points, math.MinInt16), math.MaxInt16))})
}

func (t *Trend) place(at ward.Place) *place {
	p := t.places[at]
	if p == nil {
		p = &place{history: history{whole: t.whole}}
		t.places[ward.Place{Ward: ward.WardID(clone(string(at.Ward))), Bed: ward.BedID(clone(string(at.Bed)))}] = p
	}
	return p
}

// clone copies a string out of the message it is part of.
func clone(s string) string { return string([]byte(s)) }

// opened finds the open minute, or opens it.
func (t *Trend) opened(p *place, at minute, now time.Time) *gathering {
	for i := len(p.open) - 1; i >= 0; i-- {
		if p.open[i].at == at {
			return p.open[i]
		}
	}
	if len(p.open) == maxOpen {
		oldest := 0
		for i, o := range p.open {
			if o.at < p.open[oldest].at {
				oldest = i
			}
		}
		t.closeEarly(p, oldest)
	}
	due := startOf(at + 1)
	if now.After(due) {
		due = now
	}
	o := &gathering{at: at, first: math.MaxUint64, due: due.Add(t.o.Grace)}
	p.open = append(p.open, o)
	if t.due.IsZero() || o.due.Before(t.due) {
		t.due = o.due
	}
	t.newest = max(t.newest, at)
	return o
}

// Position is the journal position up to which every reading is in a written minute. After a start,
// read the journal from just behind it and Add everything.
func (t *Trend) Position() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.safe
}
