package live

import (
	"slices"
	"strings"
	"sync"
	"time"

	"wardwatch/ward"
)

// board is one ward. Two locks keep the engine from waiting while JSON is made: mu guards the
// picture and is held for moments; out is held while something is written for screens, is taken
// before mu, and gives all screens one order of frames.
type board struct {
	live *Live

	mu          sync.Mutex
	ward        ward.Ward
	beds        map[ward.BedID]*bed
	stays       map[ward.StayID]*ward.Stay
	strangers   int // beds not in the book
	system      []ward.System
	systemDirty bool
	wide        []ward.System // what is wrong with the whole ward
	dirty       []*bed
	gone        []string
	watched     bool // somebody watches: a change sets the timer
	timed       bool // the timer is set
	flushed     time.Time
	timer       *time.Timer // runs flush; nobody waits for it, Close stops it

	out   sync.Mutex
	feed  feed
	epoch string
}

func newBoard(l *Live, w ward.Ward) *board {
	b := &board{live: l, ward: w, beds: map[ward.BedID]*bed{}, stays: map[ward.StayID]*ward.Stay{}, epoch: randomWord()}
	b.feed.init()
	b.timer = time.AfterFunc(time.Hour, b.flush)
	b.timer.Stop()
	return b
}

// change applies do to the bed and marks it when do says that it changed. A bed not in the book
// is taken up, up to a bound.
func (b *board) change(id ward.BedID, do func(*bed) bool) {
	if id == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	x := b.beds[id]
	if x == nil {
		if b.strangers >= maxStrangers {
			b.live.strangers.Add(1)
			return
		}
		b.strangers++
		x = b.add(id)
	}
	if do(x) {
		b.mark(x)
	}
}

func (b *board) add(id ward.BedID) *bed {
	x := &bed{place: ward.Place{Ward: b.ward.ID, Bed: id}, label: string(id), order: 1 << 20}
	x.device.battery = -1
	b.beds[id] = x
	return x
}

// mark notes that the bed must go out; with mu held.
func (b *board) mark(x *bed) {
	if !x.dirty {
		x.dirty = true
		b.dirty = append(b.dirty, x)
	}
	b.arm()
}

// arm sets the timer for the next delta; with mu held. Pacing runs on the real clock: a scaled
// one must not flood the screens.
func (b *board) arm() {
	if b.watched && !b.timed {
		b.timed = true
		b.timer.Reset(max(0, b.live.o.Pace-time.Since(b.flushed)))
	}
}

// setSystem shows the states of Wardwatch itself, and after them what is wrong with the whole ward.
func (b *board) setSystem(list []ward.System) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.system, b.systemDirty = slices.Concat(list, b.wide), true
	b.arm()
}

// setWide keeps a technical alert of the whole ward while it is open and told: it has no tile.
func (b *board) setWide(a *ward.Alert) {
	b.mu.Lock()
	defer b.mu.Unlock()
	code := a.Causes[0].Code
	b.wide = slices.DeleteFunc(slices.Clone(b.wide), func(s ward.System) bool { return s.Code == code })
	if a.State.Open() && a.State != ward.Candidate && a.State != ward.Suppressed {
		b.wide = append(b.wide, ward.System{Code: code, Bad: true, Since: a.Raised})
	}
}

func (b *board) setBeds(w ward.Ward, beds []ward.Bed) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ward = w
	listed := make(map[ward.BedID]bool, len(beds))
	for _, k := range beds {
		listed[k.Place.Bed] = true
		b.setBed(k)
	}
	for id, x := range b.beds {
		if x.known && !listed[id] {
			delete(b.beds, id)
			b.gone = append(b.gone, string(id))
			b.arm()
		}
	}
}

func (b *board) setBed(k ward.Bed) {
	x := b.beds[k.Place.Bed]
	switch {
	case x == nil:
		x = b.add(k.Place.Bed)
	case !x.known:
		b.strangers--
	case x.label == k.Label && x.order == k.Order:
		return
	}
	x.known, x.label, x.order = true, k.Label, k.Order
	if x.label == "" {
		x.label = string(k.Place.Bed)
	}
	b.mark(x)
}

func (b *board) setStays(stays []ward.Stay) {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.stays)
	for _, s := range stays {
		if s.Ended.IsZero() && s.Place.Ward == b.ward.ID {
			b.stays[s.ID] = &s
		}
	}
	b.seat()
}

// takeStay follows one stay as it comes to, changes on, or leaves the ward.
func (b *board) takeStay(s *ward.Stay) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.stays, s.ID)
	if s.Ended.IsZero() && s.Place.Ward == b.ward.ID {
		kept := *s
		b.stays[s.ID] = &kept
	}
	b.seat()
}

// seat puts the stays into their beds; with mu held.
func (b *board) seat() {
	list := make([]*ward.Stay, 0, len(b.stays))
	at := make(map[ward.BedID]*ward.Stay, len(b.stays))
	for _, s := range b.stays {
		list = append(list, s)
		at[s.Place.Bed] = s
		if b.beds[s.Place.Bed] == nil {
			b.add(s.Place.Bed).known = true
		}
	}
	same := namesakes(list)
	for id, x := range b.beds {
		s := at[id]
		var marks [numModes]bool
		if s != nil {
			marks = same[s.ID]
		}
		if s == nil && x.stay == nil || s != nil && x.stay != nil && s.Same(x.stay) && marks == x.sameName {
			continue
		}
		x.lies(s)
		x.sameName = marks
		b.mark(x)
	}
}

// picture copies what a snapshot needs; with mu held.
func (b *board) picture() ([]bed, []ward.System) {
	beds := make([]bed, 0, len(b.beds))
	for _, x := range b.beds {
		beds = append(beds, x.copy(true))
	}
	slices.SortFunc(beds, func(x, y bed) int {
		if x.order != y.order {
			return x.order - y.order
		}
		return strings.Compare(string(x.place.Bed), string(y.place.Bed))
	})
	return beds, b.system
}

// copy is the bed as it is now, safe to read without the lock.
func (b *bed) copy(withHistory bool) bed {
	c := *b
	if b.loose != nil {
		loose := *b.loose
		c.loose = &loose
	}
	sh := c.shown()
	switch {
	case !withHistory || sh.spark == nil:
		sh.spark = nil
	default:
		history := *sh.spark
		sh.spark = &history
	}
	return c
}
