// Package live holds the picture of every ward as it is now, and feeds the screens that watch it.
//
// Publish is called for every reading and score and does no more than note them: nothing is put
// into JSON unless a screen watches the ward, and then once for all screens of a privacy mode.
package live

import (
	"crypto/rand"
	"encoding/hex"
	"sync"
	"sync/atomic"
	"time"

	"wardwatch/ward"
)

// Options are what a Live is made of.
type Options struct {
	Now        func() time.Time         // the program's one clock, for times on screens
	Version    string                   // a screen that sees another one than its own reloads
	Simulation bool                     // marked on every screen
	Limits     map[string]time.Duration // by score input: how old a device's value may be before it is grey
	Pace       time.Duration            // least time between two deltas of a ward; zero: DefaultPace
}

// DefaultPace is the least time between two deltas of a ward. The first change after a quiet
// moment goes out at once; 20 ms keeps the median wait of the others near 10 ms.
const DefaultPace = 20 * time.Millisecond

// maxStrangers bounds how many beds that the book does not know a ward's picture takes up.
const maxStrangers = 64

// Live is the picture of all wards. Its methods may be called from any goroutine.
type Live struct {
	o      Options
	boards atomic.Pointer[map[ward.WardID]*board] // copied on write
	people atomic.Pointer[map[ward.PersonID]string]

	mu      sync.Mutex // guards what follows and the writing of boards
	system  []ward.System
	alertAt map[ward.AlertID]ward.Place // of alerts shown: a transfer moves them
	closed  bool

	frames, cut, strangers, unheard, unwritable atomic.Uint64
	screens                                     atomic.Int64
}

// New is an empty picture: SetWard, SetStays and SetPeople fill it from the book.
func New(o Options) *Live {
	if o.Pace <= 0 {
		o.Pace = DefaultPace
	}
	l := &Live{o: o, alertAt: map[ward.AlertID]ward.Place{}}
	l.boards.Store(&map[ward.WardID]*board{})
	l.people.Store(&map[ward.PersonID]string{})
	return l
}

// Publish takes one event into the picture and wakes the screens that show it. What the event points to
// may be used again; the lists inside an alert, a stay and an assessment are kept and must not change.
// Events of a ward the book does not know are counted and left.
func (l *Live) Publish(e ward.Event) {
	switch {
	case e.System != nil:
		l.publishSystem(*e.System)
		return
	case e.Alert != nil:
		l.publishAlert(e.Alert)
		return
	}
	b := l.board(e.Ward)
	if b == nil {
		l.unheard.Add(1)
		return
	}
	switch {
	case e.Reading != nil:
		b.change(e.Reading.Place.Bed, func(x *bed) bool { return x.takeReading(e.Reading) })
	case e.Score != nil:
		b.change(e.Score.Place.Bed, func(x *bed) bool { return x.takeScore(e.Score) })
	case e.Assessment != nil:
		b.change(e.Assessment.Place.Bed, func(x *bed) bool { return x.takeAssessment(e.Assessment) })
	case e.Status != nil:
		b.change(e.Status.Place.Bed, func(x *bed) bool { x.device.says(e.Status); return true })
	case e.Stay != nil:
		b.takeStay(e.Stay)
	}
}

func (l *Live) board(id ward.WardID) *board { return (*l.boards.Load())[id] }

func (l *Live) publishAlert(a *ward.Alert) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if was, ok := l.alertAt[a.ID]; ok && was != a.Place {
		if b := l.board(was.Ward); b != nil {
			b.change(was.Bed, func(x *bed) bool { return x.dropAlert(a.ID) })
		}
	}
	if a.State.Open() {
		l.alertAt[a.ID] = a.Place
	} else {
		delete(l.alertAt, a.ID)
	}
	b := l.board(a.Place.Ward)
	switch {
	case b == nil:
	case a.Place.Bed == "":
		b.setWide(a)
		b.setSystem(l.system)
	default:
		b.change(a.Place.Bed, func(x *bed) bool { return x.takeAlert(a) })
	}
}

// publishSystem keeps the newest word on each code; one that has recovered leaves the list.
func (l *Live) publishSystem(s ward.System) {
	l.mu.Lock()
	defer l.mu.Unlock()
	next := make([]ward.System, 0, len(l.system)+1)
	for _, x := range l.system {
		if x.Code != s.Code {
			next = append(next, x)
		}
	}
	if s.Bad {
		next = append(next, s)
	}
	l.system = next
	for _, b := range *l.boards.Load() {
		b.setSystem(next)
	}
}

// SetWard makes the ward known with its beds, as the book has them. Beds that are no longer in
// the book leave the screens.
func (l *Live) SetWard(w ward.Ward, beds []ward.Bed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.board(w.ID)
	if b == nil {
		b = newBoard(l, w)
		b.system = l.system
		next := make(map[ward.WardID]*board, len(*l.boards.Load())+1)
		for id, x := range *l.boards.Load() {
			next[id] = x
		}
		next[w.ID] = b
		l.boards.Store(&next)
	}
	b.setBeds(w, beds)
}

// SetStays says who lies on the ward now: all of them, as the book has them.
func (l *Live) SetStays(id ward.WardID, stays []ward.Stay) {
	if b := l.board(id); b != nil {
		b.setStays(stays)
	}
}

// SetPeople says how members of staff are named on screens.
func (l *Live) SetPeople(people []ward.Person) {
	names := make(map[ward.PersonID]string, len(people))
	for _, p := range people {
		names[p.ID] = p.Name
	}
	l.people.Store(&names)
}

// NameOf is the display name of a member of staff; the id itself when there is none.
func (l *Live) NameOf(id ward.PersonID) string {
	if name, ok := (*l.people.Load())[id]; ok {
		return name
	}
	return string(id)
}

// Remember fills the small history of the stay at p, after a start, from one-minute roll-ups.
// What is older than the stay's time at p must not be among them.
func (l *Live) Remember(p ward.Place, stay ward.StayID, minutes []ward.Minute, scores []ward.ScoreMinute) {
	if b := l.board(p.Ward); b != nil {
		b.change(p.Bed, func(x *bed) bool {
			sh := x.sheetFor(stay, ward.NotApart)
			if sh == nil {
				return false
			}
			sh.rememberMinutes(minutes, scores)
			return true
		})
	}
}

// Close ends every screen. Publish may still be called and then only keeps the picture.
func (l *Live) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, b := range *l.boards.Load() {
		b.close()
	}
}

// Figures are the picture's own numbers.
func (l *Live) Figures() []ward.Figure {
	return []ward.Figure{
		{Name: "wardwatch_live_screens", Help: "Screens that watch a ward now.", Gauge: true, Value: float64(l.screens.Load())},
		{Name: "wardwatch_live_deltas_total", Help: "Deltas made for screens.", Value: float64(l.frames.Load())},
		{Name: "wardwatch_live_screens_cut_total", Help: "Screens cut off because they fell too far behind.", Value: float64(l.cut.Load())},
		{Name: "wardwatch_live_strangers_refused_total", Help: "Events of beds not in the book that were not shown because the ward has too many of them.", Value: float64(l.strangers.Load())},
		{Name: "wardwatch_live_unwritable_total", Help: "Events for screens that could not be put into JSON.", Value: float64(l.unwritable.Load())},
		{Name: "wardwatch_live_unknown_ward_total", Help: "Events of wards not in the book.", Value: float64(l.unheard.Load())},
	}
}

func randomWord() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b[:])
}
