package alerts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"wardwatch/ward"
)

// Book is where alerts are kept. Commit writes everything of a change in one transaction or
// nothing of it; it refuses with ward.Conflict a change whose version does not follow the stored
// one. OpenAlerts are all that are not resolved. Positions is the highest journal position any
// patient alert of a place has taken into account, ended ones included.
type Book interface {
	Commit(ctx context.Context, c ward.Change) error
	OpenAlerts(ctx context.Context) ([]ward.Alert, error)
	Positions(ctx context.Context) (map[ward.Place]uint64, error)
}

// Options is what a desk needs of others. Stay and Log may be nil, and so may Announce and Probe.
type Options struct {
	Book   Book
	Policy Policy
	// Announce receives each alert after its change was committed, in order. It must be quick and
	// must not call the desk.
	Announce func(ward.Alert)
	// Stay looks a stay up. Called for each score: it must be quick.
	Stay func(ward.StayID) (ward.Stay, bool)
	// Who finds the people who answer for a role when a rung is told; nil: each role is told as a
	// whole. Called with the desk locked: it must be quick and must not call the desk.
	Who func(role ward.Role, a ward.Alert, at time.Time) ward.OnDuty
	// Personal names the channels that reach one person: there each person gets a notice of their own.
	// By the others the role gets one.
	Personal map[string]bool
	Log      *slog.Logger
	Probe    func(point string) // "alerted", after each commit
}

// Desk is the one writer of alerts. It may be used by several goroutines; they take turns.
type Desk struct {
	o Options
	p Policy

	mu      sync.Mutex
	beds    map[ward.Place]*bed
	stays   map[ward.StayID]*entry
	byID    map[ward.AlertID]*entry
	past    map[whose]*ward.Alert // what people know of that is closed or over
	crew    crew
	comfort map[ward.StayID]bool // stays in comfort care
	next    time.Time            // before this nothing can fall due; meaningless while stale
	stale   bool                 // next must be found anew
	doubt   bool                 // a commit failed, and the book has not been read since
	last    time.Time            // of the last tick, to notice a clock put back
	counts  counts
	signs   []sign // room for the signs of one score, used again and again
}

// bed is what the desk keeps of a place.
type bed struct {
	committed uint64 // journal position a commit has taken into account
	seen      uint64 // journal position last observed
	turn      int
	patient   *entry            // of whoever lies there unnamed
	technical map[string]*entry // by code
	dismissed map[string]bool   // concerns that a person closed while they last
}

// entry is one open alert with what is known of it between commits.
type entry struct {
	a      ward.Alert
	band   ward.Band            // of the last score
	check  bool                 // the last score asked for a check
	flags  []ward.Flag          // of the last score
	points int                  // of the last score; while an input is missing, the most since
	proven bool                 // the last score had all its inputs
	heard  map[string]time.Time // when each device alarm was last repeated, by the device's code
	spoke  time.Time            // when its source last sent something
	ahead  bool                 // changed since the book was last written
}

func newEntry(a ward.Alert) *entry {
	e := &entry{a: a, points: a.Points, flags: make([]ward.Flag, 0, ward.MaxFlags), heard: map[string]time.Time{}, spoke: a.Raised}
	e.saw(&a.Score)
	return e
}

// remember takes over what was last seen: nobody may close what is high because the book failed a
// moment before and holds an older score.
func (e *entry) remember(old *entry) {
	e.band, e.check, e.points, e.proven = old.band, old.check, old.points, old.proven
	e.flags, e.heard, e.spoke = old.flags, old.heard, old.spoke
}

// New returns a desk with nothing open; Load brings back what is.
func New(o Options) (*Desk, error) {
	if err := o.Policy.Check(); err != nil {
		return nil, &ward.Error{Code: ward.BadInput, Message: "the alerting policy cannot be used", Hint: err.Error(), Err: err}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Announce == nil {
		o.Announce = func(ward.Alert) {}
	}
	if o.Probe == nil {
		o.Probe = func(string) {}
	}
	if o.Stay == nil {
		o.Stay = func(ward.StayID) (ward.Stay, bool) { return ward.Stay{}, false }
	}
	d := &Desk{
		o: o, p: o.Policy, crew: crew{o.Who, o.Personal}, comfort: map[ward.StayID]bool{},
		past: map[whose]*ward.Alert{}, counts: newCounts(),
	}
	d.clear()
	return d, nil
}

func (d *Desk) clear() {
	d.beds = map[ward.Place]*bed{}
	d.stays = map[ward.StayID]*entry{}
	d.byID = map[ward.AlertID]*entry{}
	d.stale = true
}

// Load forgets what is in memory and reads the open alerts from the book. Deadlines that passed
// meanwhile fire at the next Tick.
func (d *Desk) Load(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.load(ctx)
}

func (d *Desk) load(ctx context.Context) error {
	open, err := d.o.Book.OpenAlerts(ctx)
	if err != nil {
		return fmt.Errorf("reading the open alerts: %w", err)
	}
	positions, err := d.o.Book.Positions(ctx)
	if err != nil {
		return fmt.Errorf("reading the alerts' positions: %w", err)
	}
	before, known, ahead := d.beds, d.byID, d.aheadOfBook()
	d.clear()
	for place, b := range before { // what only memory knows stays known
		*d.bed(place) = bed{turn: b.turn, dismissed: b.dismissed, seen: b.seen}
	}
	for place, position := range positions {
		d.bed(place).committed = position
	}
	for i := range open {
		upgrade(&open[i])
		d.install(newEntry(open[i]))
	}
	d.restore(ahead, before)
	for id, e := range d.byID {
		if old := known[id]; old != nil {
			e.remember(old)
		}
	}
	return nil
}

func (d *Desk) bed(p ward.Place) *bed {
	b, ok := d.beds[p]
	if !ok {
		b = &bed{}
		d.beds[p] = b
	}
	return b
}

// install puts an open alert where sightings find it.
func (d *Desk) install(e *entry) {
	d.byID[e.a.ID] = e
	switch b := d.bed(e.a.Place); {
	case e.a.Kind == ward.Technical:
		if b.technical == nil {
			b.technical = map[string]*entry{}
		}
		b.technical[codeOf(&e.a)] = e
	case e.a.Stay != "":
		d.stays[e.a.Stay] = e
	default:
		b.patient = e
	}
}

// remove takes an ended alert out.
func (d *Desk) remove(e *entry) {
	delete(d.byID, e.a.ID)
	switch b := d.bed(e.a.Place); {
	case e.a.Kind == ward.Technical:
		delete(b.technical, codeOf(&e.a))
	case e.a.Stay != "":
		delete(d.stays, e.a.Stay)
	default:
		b.patient = nil
	}
}

// codeOf is the concern a technical alert is about; it never has another cause.
func codeOf(a *ward.Alert) string { return a.Causes[0].Code }

// commit makes a change true: first in the book, then here, then for whoever listens. A light one
// is only kept here.
func (d *Desk) commit(ctx context.Context, e *entry, c ward.Change) error {
	d.remember(e, &c.Alert)
	if light(e, &c) {
		d.keep(e, c.Alert)
		return nil
	}
	raised(&c)
	if err := d.o.Book.Commit(ctx, c); err != nil {
		d.counts.failed++
		return d.refused(ctx, c, err)
	}
	fresh := e == nil
	if fresh {
		e = newEntry(c.Alert)
	}
	e.a, e.ahead = c.Alert, false
	if c.Alert.Kind != ward.Technical {
		b := d.bed(c.Alert.Place)
		b.committed = max(b.committed, c.Alert.Position)
	}
	switch {
	case c.Alert.State == ward.Resolved:
		if !fresh {
			d.remove(e)
		}
	case fresh:
		d.install(e)
		d.bed(c.Alert.Place).turn = 0
	}
	d.stale = true
	d.counts.add(&c)
	d.o.Probe("alerted")
	d.log(&c)
	d.o.Announce(c.Alert)
	return nil
}

// log says what was decided, a line a deed. What a person gave as a reason may name somebody: it
// stays in the book.
func (d *Desk) log(c *ward.Change) {
	a := &c.Alert
	for i := range c.Audit {
		detail := ""
		if c.Audit[i].By == "" {
			detail = c.Audit[i].Detail
		}
		d.o.Log.Info(c.Audit[i].Deed, "alert", a.ID, "ward", a.Place.Ward, "bed", a.Place.Bed, "state", a.State, "detail", detail)
	}
}

// refused handles a failed commit. It may have been written all the same, with only the answer
// lost, so the book is read again before anything else is decided; the caller's next try starts
// from there.
func (d *Desk) refused(ctx context.Context, c ward.Change, err error) error {
	d.doubt = true
	if again := d.sure(ctx); again != nil {
		return errors.Join(fmt.Errorf("committing alert %s: %w", c.Alert.ID, err), again)
	}
	var e *ward.Error
	if errors.As(err, &e) && e.Code == ward.Conflict && c.Alert.Version == 1 {
		d.takeAnotherID(c.Alert)
	}
	return fmt.Errorf("committing alert %s: %w", c.Alert.ID, err)
}

// takeAnotherID is for a new alert whose id an ended one has: the next try takes another.
func (d *Desk) takeAnotherID(a ward.Alert) {
	e := d.byID[a.ID]
	if e != nil && e.a.Version > 0 {
		return // it is this very alert, and it was written after all
	}
	b := d.bed(a.Place)
	b.turn++
	if e != nil {
		delete(d.byID, e.a.ID)
		g := moment{kind: a.Kind, place: a.Place, stay: a.Stay, at: a.Raised, turn: b.turn}
		e.a.ID = alertID(&g, a.Causes[0].Code)
		d.byID[e.a.ID] = e
	}
}

// sure reads the book again if what is in memory is in doubt.
func (d *Desk) sure(ctx context.Context) error {
	if !d.doubt {
		return nil
	}
	if err := d.load(ctx); err != nil {
		return err
	}
	d.doubt = false
	return nil
}

// ruleOf finds the rule in force for an alert.
func (d *Desk) ruleOf(a *ward.Alert, at time.Time) rule {
	switch {
	case a.Kind == ward.Technical:
		return d.stormRule(a)
	case a.Stay == "":
		return rule{}
	}
	if s, ok := d.o.Stay(a.Stay); ok {
		return ruleFor(&s, at)
	}
	return rule{}
}

// alertOf is the open alert of a stay; nil when there is none.
func (d *Desk) alertOf(id ward.StayID) *ward.Alert {
	if e := d.stays[id]; e != nil {
		return &e.a
	}
	return nil
}

// seenFor is the journal position a patient's alert has taken into account by now.
func (d *Desk) seenFor(a *ward.Alert) uint64 {
	if a.Kind == ward.Technical {
		return 0
	}
	return d.bed(a.Place).seen
}

// Open copies every alert that has not ended, oldest first.
func (d *Desk) Open() []ward.Alert {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]ward.Alert, 0, len(d.byID))
	for _, e := range d.byID {
		out = append(out, e.a)
	}
	slices.SortFunc(out, func(x, y ward.Alert) int {
		return cmp.Or(x.Raised.Compare(y.Raised), cmp.Compare(x.ID, y.ID))
	})
	return out
}

// plain is the time as it comes back from the book: UTC, whole milliseconds. The desk works with
// such times only, so that what it compares is equal before and after a restart.
func plain(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
