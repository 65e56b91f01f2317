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
	// Scored receives each score, with the reading that caused it (nil when only time passed).
	// Both are valid only during the call.
	Scored func(*ward.Score, *ward.Reading)
	// Record receives scores worth keeping: each change, and one a minute besides. The slice is
	// the engine's; it is valid only during the call.
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
}

// NewEngine returns an engine with no beds.
func NewEngine(o Options) *Engine {
	return &Engine{o: o, beds: map[slot]*bed{}, stays: map[ward.StayID]slot{}}
}

// Take scores a batch of committed readings in order, each at its time of arrival. Late ones and
// those of crowded places are history and never scored. A reading at or below its bed's position was scored before a restart
// and is passed over.
func (e *Engine) Take(batch []ward.Reading) {
	for i := range batch {
		r := &batch[i]
		if r.Late || r.Apart == ward.Crowded {
			continue
		}
		at := slot{r.Place, r.Stay == ""}
		b := e.bedFor(at, r.Stay)
		if r.Position != 0 && r.Position <= b.state.Position {
			continue
		}
		e.step(at.place, b, r, r.Arrived)
	}
	e.flush()
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

// Rescore scores a stay anew because its record changed (SpO2 scale, care, pregnancy).
func (e *Engine) Rescore(id ward.StayID, now time.Time) {
	at, ok := e.stays[id]
	if !ok {
		return
	}
	e.step(at.place, e.beds[at], nil, now)
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
// a new stay starts from nothing, so that nobody inherits another's values.
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
	if gone, ok := e.beds[at]; ok && gone.state.Stay != "" {
		delete(e.stays, gone.state.Stay)
	}
	e.beds[at] = b
	if id != "" {
		e.stays[id] = at
	}
	return b
}

func (e *Engine) step(p ward.Place, b *bed, r *ward.Reading, at time.Time) {
	var stay *ward.Stay
	if b.state.Stay != "" {
		stay = e.o.Stay(b.state.Stay)
	}
	var score ward.Score
	b.state, score, b.wake = Step(&e.o.Policy, stay, b.state, r, at)
	score.Place = p
	e.o.Scored(&score, r)
	d := digest{at.UnixMilli() / time.Minute.Milliseconds(), score.LowerBound, score.Band, score.Complete, score.Lost, score.Refused}
	if d != b.recorded {
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
