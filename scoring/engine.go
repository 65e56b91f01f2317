package scoring

import (
	"time"

	"wardwatch/ward"
)

// Options is what the engine needs of others.
type Options struct {
	Policy Policy
	// Stay looks a stay up; nil when there is none. Called for each reading: it must be quick.
	Stay func(ward.StayID) *ward.Stay
	// Scored receives each score, with the reading that caused it: nil when only time passed, or
	// when a set was entered so long afterwards that nothing in it is news. Both are valid only
	// during the call.
	Scored func(*ward.Score, *ward.Reading)
	// Record receives scores worth keeping: each change, one a minute besides, and that of each set
	// a person confirmed by itself (OriginCharted). The slice is the engine's; it is valid only
	// during the call.
	Record func([]ward.Score)
}

// Engine holds every bed's state and steps it. It belongs to one goroutine.
type Engine struct {
	o      Options
	beds   map[slot]*bed
	stays  map[ward.StayID]slot
	record []ward.Score
}

// slot tells the person admitted to a place from readings kept apart there.
type slot struct {
	place ward.Place
	apart bool
}

type bed struct {
	state    State
	wake     int64
	recorded digest
}

// digest is what makes a score worth keeping anew.
type digest struct {
	minute     int64
	lowerBound int
	band       ward.Band
	complete   bool
	lost       bool
	refused    ward.Refusal
	chart      string
	flags      [ward.MaxFlags]flagDigest
}

type flagDigest struct {
	code string
	band ward.Band
	held bool
}

func digestOf(s *ward.Score) digest {
	d := digest{
		minute: s.At.UnixMilli() / time.Minute.Milliseconds(), lowerBound: s.LowerBound, band: s.Band,
		complete: s.Complete, lost: s.Lost, refused: s.Refused, chart: s.Chart,
	}
	for i, f := range s.FlagList() {
		d.flags[i] = flagDigest{f.Code, f.Band, f.Held}
	}
	return d
}

// NewEngine returns an engine with no beds.
func NewEngine(o Options) *Engine {
	return &Engine{o: o, beds: map[slot]*bed{}, stays: map[ward.StayID]slot{}}
}

// Take scores a batch of committed readings in order, each at its time of arrival. Late ones of a
// device are history and never scored: models know them as what was in their hour. Those of crowded
// places are kept and no more. A set that a person entered
// afterwards is scored at its own time, for history. A reading at or below its bed's position was
// scored before a restart and is passed over.
func (e *Engine) Take(batch []ward.Reading) {
	for i := range batch {
		r := &batch[i]
		if r.Apart == ward.Crowded {
			continue
		}
		if r.Late && r.Source == ward.FromDevice {
			e.remember(r)
			continue
		}
		place, b := e.bedOf(r)
		switch {
		case b == nil: // the stay has left, and another holds the place
		case r.Position != 0 && r.Position <= b.state.Position:
			continue
		default:
			e.step(place, b, r, r.Arrived)
		}
		e.recordSet(r)
	}
	e.flush()
}

// remember takes a late reading into the course of the person it is of, wherever they lie now.
func (e *Engine) remember(r *ward.Reading) {
	if r.Stay == "" {
		return
	}
	stay := e.o.Stay(r.Stay)
	b := e.introduce(r.Stay, stay)
	if b == nil {
		return
	}
	s := &b.state
	if r.Position != 0 && r.Position <= s.Position {
		return
	}
	s.Position = max(s.Position, r.Position)
	who := e.o.Policy.person(stay, r.At)
	for i := range r.Values {
		v := &r.Values[i]
		s.course(v, e.o.Policy.Signal.Possible(who.months, v))
	}
}

// Know takes up somebody of whom nothing has been measured here yet: something else is known of them,
// such as an image.
func (e *Engine) Know(id ward.StayID) { e.introduce(id, e.o.Stay(id)) }

// introduce finds the state of a person where the book says that they lie, brings it there when they have
// moved, and begins one if there is none. It is nil of somebody who has left. Nobody is put in the place of
// somebody else who lies there by the book as well.
func (e *Engine) introduce(id ward.StayID, stay *ward.Stay) *bed {
	at, known := e.stays[id]
	if stay != nil && !gone(stay) {
		to := slot{stay.Place, false}
		if b, taken := e.beds[to]; !taken || b.state.Stay == id || !e.lies(b, to) {
			return e.bedFor(to, id)
		}
	}
	if !known {
		return nil
	}
	return e.beds[at]
}

// lies reports whether the person of a state lies at a place by the book.
func (e *Engine) lies(b *bed, at slot) bool {
	stay := e.o.Stay(b.state.Stay)
	return stay != nil && !gone(stay) && stay.Place == at.place
}

// bedOf finds whose state a reading belongs to, and where they lie. What was entered afterwards
// moves nobody: it finds its stay where that lies now, and no state when the stay has left. Nor is anybody put
// in the place of another who lies there by the book.
func (e *Engine) bedOf(r *ward.Reading) (ward.Place, *bed) {
	at := slot{r.Place, r.Stay == ""}
	if r.Source != ward.FromDevice && e.o.Policy.afterwards(r) {
		if now, ok := e.stays[r.Stay]; ok {
			return now.place, e.beds[now]
		}
		if b, taken := e.beds[at]; taken && b.state.Stay != r.Stay {
			return at.place, nil
		}
	}
	b := e.bedFor(at, r.Stay)
	if r.Stay == "" {
		return at.place, b
	}
	now, ok := e.stays[r.Stay]
	if !ok {
		return at.place, nil
	}
	return now.place, b
}

// recordSet keeps the score of a set that a person confirmed, by itself.
func (e *Engine) recordSet(r *ward.Reading) {
	var stay *ward.Stay
	if r.Stay != "" {
		stay = e.o.Stay(r.Stay)
	}
	if score, ok := ChartedScore(&e.o.Policy, stay, r); ok {
		e.record = append(e.record, score)
	}
}

// Tick lets time pass: values go stale and silence is noticed, bed by bed where it is due.
func (e *Engine) Tick(now time.Time) {
	ms := now.UnixMilli()
	for at, b := range e.beds {
		if ms < b.wake {
			continue
		}
		e.step(at.place, b, nil, now)
	}
	e.flush()
}

// Forget drops a stay that has ended: its last state must not count as a lost signal.
func (e *Engine) Forget(id ward.StayID) {
	at, ok := e.stays[id]
	if !ok {
		return
	}
	delete(e.stays, id)
	delete(e.beds, at)
}

// Rescore scores a stay anew because its record changed (place, SpO2 scale, limits, pregnancy).
func (e *Engine) Rescore(id ward.StayID, now time.Time) {
	if _, ok := e.stays[id]; !ok {
		return
	}
	b := e.introduce(id, e.o.Stay(id))
	e.step(e.stays[id].place, b, nil, now)
	e.flush()
}

// Stays are those with a state here.
func (e *Engine) Stays() []ward.StayID {
	ids := make([]ward.StayID, 0, len(e.stays))
	for id := range e.stays {
		ids = append(ids, id)
	}
	return ids
}

// Beds is how many states are held.
func (e *Engine) Beds() int { return len(e.beds) }

// bedFor finds the state of a place's present stay. A stay that has moved brings its state along;
// a new stay starts from nothing, so that nobody inherits another's values. Whoever was there and has moved
// goes to their own place.
func (e *Engine) bedFor(at slot, id ward.StayID) *bed {
	b, ok := e.beds[at]
	if ok && b.state.Stay == id {
		return b
	}
	if before, moved := e.stays[id]; moved && id != "" {
		b = e.beds[before]
		delete(e.beds, before)
	} else {
		b = &bed{state: State{Stay: id}, wake: Never}
	}
	before, taken := e.beds[at]
	e.beds[at] = b
	if id != "" {
		e.stays[id] = at
	}
	if taken {
		e.reseat(before)
	}
	return b
}

// reseat finds a place for somebody whose place another has taken: the one where they lie by the book. Whoever
// is there and lies elsewhere goes on to theirs; that ends, for nobody is moved from where they lie.
func (e *Engine) reseat(b *bed) {
	id := b.state.Stay
	delete(e.stays, id)
	stay := e.o.Stay(id)
	if stay == nil || gone(stay) {
		return
	}
	at := slot{stay.Place, false}
	other, taken := e.beds[at]
	if taken && e.lies(other, at) {
		return
	}
	e.beds[at], e.stays[id] = b, at
	if taken {
		e.reseat(other)
	}
}

func (e *Engine) step(p ward.Place, b *bed, r *ward.Reading, at time.Time) {
	var stay *ward.Stay
	if b.state.Stay != "" {
		stay = e.o.Stay(b.state.Stay)
	}
	var score ward.Score
	b.wake = b.state.step(&e.o.Policy, stay, r, at, &score)
	score.Place = p
	if r != nil && r.Source != ward.FromDevice && e.o.Policy.afterwards(r) {
		r = nil
	}
	e.o.Scored(&score, r)
	if d := digestOf(&score); d != b.recorded {
		b.recorded = d
		e.record = append(e.record, score)
	}
}

func (e *Engine) flush() {
	if len(e.record) == 0 {
		return
	}
	e.o.Record(e.record)
	e.record = e.record[:0]
}

// BedState is one bed's state as a checkpoint keeps it.
type BedState struct {
	Place ward.Place
	Apart bool
	State State
}

// Checkpoint copies every bed's state.
func (e *Engine) Checkpoint() []BedState {
	out := make([]BedState, 0, len(e.beds))
	for at, b := range e.beds {
		out = append(out, BedState{at.place, at.apart, b.state})
	}
	return out
}

// Restore takes a checkpoint back. Beds are due at once, so that what happened meanwhile (values
// gone stale, signal lost) is noticed at the first tick.
func (e *Engine) Restore(states []BedState) {
	for _, s := range states {
		at := slot{s.Place, s.Apart}
		e.beds[at] = &bed{state: s.State}
		if s.State.Stay != "" {
			e.stays[s.State.Stay] = at
		}
	}
}
