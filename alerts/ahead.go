package alerts

import "wardwatch/ward"

// A crossing that waits out its persistence tells nobody, and most are gone before it is over. To
// write each of them down would cost a transaction a flicker. They live in memory, and are as
// safe: a checkpoint carries what is ahead of the book, and the journal read again from there
// brings back the rest, with the clocks as they were. From the first word to a person on, every
// change is in the book first.

// light says whether a change may wait for the next that must be written: it tells nobody, calls
// nobody back, and is no person's deed. Of the technical alerts only silence is brought back by the
// journal and the clock; the others are always written.
func light(e *entry, c *ward.Change) bool {
	a := &c.Alert
	if a.Kind == ward.Technical && codeOf(a) != CauseSilent || len(c.Notices) > 0 || len(c.Withdraw) > 0 {
		return false
	}
	for i := range c.Audit {
		if c.Audit[i].By != "" {
			return false
		}
	}
	switch {
	case e == nil:
		return a.State == ward.Candidate
	case waiting(&e.a):
		return waiting(a) || a.State == ward.Resolved && e.a.Version == 0
	}
	return len(c.Audit) == 0 && sameStanding(&e.a, a)
}

// waiting says that nobody was ever told.
func waiting(a *ward.Alert) bool { return a.State == ward.Candidate && a.Told.IsZero() }

// sameStanding says that two versions of an alert look the same to whoever was told.
func sameStanding(x, y *ward.Alert) bool {
	return x.State == y.State && x.Kind == y.Kind && x.Band == y.Band && x.Points == y.Points && x.Level == y.Level && x.Place == y.Place &&
		x.Next == y.Next && x.NextAt.Equal(y.NextAt) && x.Until.Equal(y.Until) && len(x.Duties) == len(y.Duties) &&
		sameKnown(x.Causes, y.Causes)
}

// sameKnown says that people are taken to know the same of each cause. One that joins what they were
// told of calls nobody, and time alone may make it join: the journal would not bring that back.
func sameKnown(x, y []ward.Cause) bool {
	for i := range y {
		if voicedAs(x, y[i].Code) != voicedAs(y, y[i].Code) {
			return false
		}
	}
	return true
}

func voicedAs(causes []ward.Cause, code string) ward.Band {
	if c := findCause(causes, code); c != nil && c.Live() {
		return c.Told
	}
	return ward.Low
}

// keep takes a light change into memory.
func (d *Desk) keep(e *entry, a ward.Alert) {
	d.stale = true
	a.Version-- // of the book, which has not changed
	switch {
	case e == nil:
		e = newEntry(a)
		d.install(e)
	case a.State == ward.Resolved:
		d.remove(e)
		d.counts.brief++
	}
	e.a, e.ahead = a, true
}

// raised completes the first change that is written of an alert that began in memory.
func raised(c *ward.Change) {
	a := &c.Alert
	if a.Version != 1 || len(a.Causes) == 0 || len(c.Audit) > 0 && c.Audit[0].Deed == deedRaise {
		return
	}
	first := ward.AuditEntry{At: a.Raised, Deed: deedRaise, Object: "alert:" + string(a.ID), Detail: a.Causes[0].Code + " " + a.Causes[0].Band.String()}
	c.Audit = append([]ward.AuditEntry{first}, c.Audit...)
}

const deedRaise = "alert.raise"

// Ahead copies what is ahead of the book, for a checkpoint: all that Restore needs beside the book
// and the journal after it. They are crossings that nobody was told of yet, and, as ended alerts,
// what people know of that is closed or over.
func (d *Desk) Ahead() []ward.Alert {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append(d.aheadOfBook(), d.aheadPast()...)
}

func (d *Desk) aheadOfBook() (list []ward.Alert) {
	for _, e := range d.byID {
		if e.ahead {
			list = append(list, e.a)
		}
	}
	return list
}

// Restore takes a checkpoint's alerts back, after Load and before the journal is read again. What
// the book has learned since has the last word.
func (d *Desk) Restore(ahead []ward.Alert) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.restore(ahead, nil)
}

// restore takes alerts back. known is what was committed for each place when they were ahead of the book;
// nil: that is not known, and a position that is committed has been decided since.
func (d *Desk) restore(ahead []ward.Alert, known map[ward.Place]*bed) {
	for _, a := range ahead {
		if a.State == ward.Resolved {
			d.restorePast(a)
			continue
		}
		e := d.byID[a.ID]
		switch {
		case e != nil && e.a.Version == a.Version:
			*e = *newEntry(a)
			e.ahead = true
		case e != nil || a.Version > 0: // written since, or ended
		case a.Kind != ward.Technical && a.Position > 0 && a.Position <= d.bed(a.Place).committed && d.decided(a.Place, known):
		case d.occupied(&a):
		default:
			e = newEntry(a)
			e.ahead = true
			d.install(e)
		}
	}
	d.stale = true
}

// decided says whether the book has learned of a place since.
func (d *Desk) decided(p ward.Place, known map[ward.Place]*bed) bool {
	return known[p] == nil || d.bed(p).committed > known[p].committed
}

// occupied says whether another alert stands where this one would.
func (d *Desk) occupied(a *ward.Alert) bool {
	switch {
	case a.Kind == ward.Technical:
		return d.bed(a.Place).technical[codeOf(a)] != nil
	case a.Stay != "":
		return d.stays[a.Stay] != nil
	}
	return d.bed(a.Place).patient != nil
}
