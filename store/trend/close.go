package trend

import (
	"math"
	"slices"
	"time"

	"wardwatch/ward"
)

// Tick closes the minutes that are due and writes them. Between minutes it costs nothing. After an
// error the closed minutes are in memory and are written at the next Tick; Position stays back
// until they are.
func (t *Trend) Tick(now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.due.IsZero() || now.Before(t.due) {
		return nil
	}
	var f frame
	first := uint64(math.MaxUint64)
	next := time.Time{}
	for at, p := range t.places {
		p.open = slices.DeleteFunc(p.open, func(o *gathering) bool {
			if o.due.After(now) {
				first = min(first, o.first)
				if next.IsZero() || o.due.Before(next) {
					next = o.due
				}
				return false
			}
			t.close(p, o)
			return true
		})
		for _, m := range p.unsaved {
			if r, ok := p.history.row(m); ok {
				f.add(at, m, t.holds(p, m), &r)
			}
		}
	}
	f.safe = t.last
	if first != math.MaxUint64 {
		f.safe = max(t.safe, min(t.last, first-1))
	}
	if f.count > 0 {
		if err := t.files.write(now, &f); err != nil {
			t.counts.failures++
			t.due = now.Add(t.o.Grace)
			return err
		}
	}
	for _, p := range t.places {
		p.unsaved = p.unsaved[:0]
	}
	t.safe, t.due = max(t.safe, f.safe), next
	return t.sweep(now)
}

// holds is the journal position up to which a closed minute has everything.
func (t *Trend) holds(p *place, m minute) uint64 {
	position := max(t.last, t.replay.position(p, m))
	for _, o := range p.open {
		if o.at == m && o.first > 0 {
			position = min(position, o.first-1)
		}
	}
	return position
}

// sweep forgets, once an hour, places that have been silent for longer than memory reaches, and
// files older than they are kept.
func (t *Trend) sweep(now time.Time) error {
	hour := t.newest / minutesPerHour
	if hour == t.swept {
		return nil
	}
	t.swept, t.whole = hour, max(t.whole, (hour-memoryHours)*minutesPerHour)
	for at, p := range t.places {
		if p.history.lastAt < t.whole && len(p.open) == 0 {
			delete(t.places, at)
		}
	}
	return t.files.prune(now.Add(-t.o.Keep))
}

// close merges an open minute into the history.
func (t *Trend) close(p *place, o *gathering) {
	if !p.history.merge(o.at, &o.row) {
		t.counts.outside++
		return
	}
	t.counts.minutes++
	if !slices.Contains(p.unsaved, o.at) {
		p.unsaved = append(p.unsaved, o.at)
	}
}

// closeEarly makes room for another open minute. Its row is written with the next ones.
func (t *Trend) closeEarly(p *place, i int) {
	t.close(p, p.open[i])
	p.open = slices.Delete(p.open, i, i+1)
}

// Figures is what the roll-ups say of themselves.
func (t *Trend) Figures() []ward.Figure {
	t.mu.Lock()
	defer t.mu.Unlock()
	var bytes, unsaved float64
	for _, p := range t.places {
		bytes += float64(p.history.size)
		unsaved += float64(len(p.unsaved))
	}
	return []ward.Figure{
		{Name: "wardwatch_trend_minutes_total", Help: "Minutes closed since start.", Value: t.counts.minutes},
		{Name: "wardwatch_trend_outside_total", Help: "Values too old or too far ahead to be rolled up.", Value: t.counts.outside},
		{Name: "wardwatch_trend_failures_total", Help: "Writes that failed and will be tried again.", Value: t.counts.failures},
		{Name: "wardwatch_trend_damaged_total", Help: "Damaged places found in the files.", Value: t.counts.damaged},
		{Name: "wardwatch_trend_places", Help: "Places with a history.", Value: float64(len(t.places)), Gauge: true},
		{Name: "wardwatch_trend_memory_bytes", Help: "Bytes of closed minutes in memory.", Value: bytes, Gauge: true},
		{Name: "wardwatch_trend_unsaved_minutes", Help: "Closed minutes that wait to be written.", Value: unsaved, Gauge: true},
	}
}

// Close closes the files. Open minutes are gathered again from the journal at the next start.
func (t *Trend) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.files.close()
}
