package trend

import (
	"errors"
	"io/fs"
	"slices"
	"time"

	"wardwatch/ward"
)

// Range is one vital of one place, one element a minute from from to to (to itself excluded), as
// far as anything is kept; a gap has Count zero. What has been gathered of open minutes is in it.
// The last day comes from memory, in under half a millisecond; older minutes from the files.
func (t *Trend) Range(p ward.Place, v ward.Vital, from, to time.Time) []ward.Minute {
	if v >= ward.NumVitals {
		return nil
	}
	view := t.look(p, from, to)
	if view.from >= view.to {
		return nil
	}
	cells := make([]cell, view.to-view.from)
	t.walk(p, view, func(i int, r *row) { cells[i] = r.cells[v] }, func(i int, r *row) { cells[i].merge(r.cells[v]) })
	out := make([]ward.Minute, len(cells))
	for i, c := range cells {
		out[i] = ward.Minute{Start: startOf(view.from + int64(i)), Vital: v}
		if c.count > 0 {
			out[i].Min, out[i].Max = float64(c.min)/steps[v], float64(c.max)/steps[v]
			out[i].Mean = float64(c.sum) / float64(c.count) / steps[v]
			out[i].Count = uint32(c.count)
		}
	}
	return out
}

// Scores is the worst score of each minute, in the same way as Range; a gap is not Known.
func (t *Trend) Scores(p ward.Place, from, to time.Time) []ward.ScoreMinute {
	view := t.look(p, from, to)
	if view.from >= view.to {
		return nil
	}
	scores := make([]worst, view.to-view.from)
	t.walk(p, view, func(i int, r *row) { scores[i] = r.score }, func(i int, r *row) { scores[i].merge(r.score) })
	out := make([]ward.ScoreMinute, len(scores))
	for i, s := range scores {
		out[i] = ward.ScoreMinute{Start: startOf(view.from + int64(i)), Points: int(s.points), Complete: s.complete, Band: s.band, Known: s.known}
	}
	return out
}

// view is what memory and disk have of a place at one moment.
type view struct {
	from, to minute // as far as anything is kept
	whole    minute // before it, look into the files
	hours    []chunk
	open     []gathering
	files    []int64
}

// look copies what Range needs, so that nothing waits while it decodes.
func (t *Trend) look(at ward.Place, from, to time.Time) view {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := view{from: minuteOf(from), to: min(ceilMinute(to), t.newest+1), whole: t.whole, files: t.files.hours}
	oldest := t.whole
	if len(w.files) > 0 {
		oldest = min(oldest, (w.files[0]-memoryHours)*minutesPerHour)
	}
	if p := t.places[at]; p != nil {
		w.whole = p.history.whole
		w.hours = slices.Clone(p.history.hours)
		if len(w.hours) > 0 {
			oldest = min(oldest, w.hours[0].hour*minutesPerHour)
		}
		for _, o := range p.open {
			w.open = append(w.open, *o)
			oldest = min(oldest, o.at)
		}
	}
	w.from = max(w.from, oldest)
	return w
}

func ceilMinute(t time.Time) minute {
	m := minuteOf(t)
	if t.After(startOf(m)) {
		m++
	}
	return m
}

// walk calls set with each closed minute of the view, a later row of the same minute after an
// earlier one, then merge with each open one. The index counts from the view's start.
func (t *Trend) walk(at ward.Place, w view, set, merge func(i int, r *row)) {
	if w.from < w.whole {
		t.walkFiles(at, w, set)
	}
	for _, c := range w.hours {
		if c.hour < floorDiv(w.from, minutesPerHour) || c.hour*minutesPerHour >= w.to {
			continue
		}
		c.each(func(m minute, r *row) {
			if m >= w.from && m < w.to {
				set(int(m-w.from), r)
			}
		})
	}
	for i := range w.open {
		if m := w.open[i].at; m >= w.from && m < w.to {
			merge(int(m-w.from), &w.open[i].row)
		}
	}
}

// walkFiles reads the minutes before those in memory. A row may stand up to a day later than its
// minute.
func (t *Trend) walkFiles(at ward.Place, w view, set func(i int, r *row)) {
	to := min(w.to, w.whole)
	var r, none row
	for _, hour := range w.files {
		if hour < floorDiv(w.from, minutesPerHour) || hour > to/minutesPerHour+memoryHours+1 {
			continue
		}
		_, err := t.files.scan(hour, func(payload []byte) error {
			_, err := parseFrame(payload, w.from, to, func(f rowInFrame) error {
				if f.minute < w.from || f.minute >= to || string(f.bed) != string(at.Bed) || string(f.ward) != string(at.Ward) {
					return nil
				}
				if _, err := r.decode(f.cells, &none); err != nil {
					return err
				}
				set(int(f.minute-w.from), &r)
				return nil
			})
			return err
		})
		// A file pruned meanwhile is gone; the end of the newest may be half-written just now.
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errTorn) {
			t.o.Log.Error("minute roll-ups cannot be read", "hour", hour, "error", err)
		}
	}
}
