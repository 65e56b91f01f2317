package alerts

import (
	"cmp"
	"context"
	"slices"
	"time"

	"wardwatch/ward"
)

// Tick does whatever has fallen due by now: a crossing has lasted, nobody accepted or came in
// time, a snooze or a rule ends. What passed during a downtime is done at once, oldest first. It
// costs next to nothing when nothing is due. On an error the rest stays due: call it again.
func (d *Desk) Tick(ctx context.Context, now time.Time) error {
	now = plain(now)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.sure(ctx); err != nil {
		return err
	}
	back := d.last.IsZero() || now.Before(d.last) // at the first tick nothing is known of the clock before
	d.last = now
	if d.stale {
		d.findNext(now)
	}
	if !back && (d.next.IsZero() || now.Before(d.next)) {
		return nil
	}
	d.stale = true
	for _, e := range d.dueBy(now, back) {
		if err := d.pass(ctx, e, now); err != nil {
			return err
		}
	}
	return d.lookAfterComfort(ctx, now)
}

// pass lets time alone act on an alert.
func (d *Desk) pass(ctx context.Context, e *entry, now time.Time) error {
	if err := d.gather(ctx, &e.a, now, true); err != nil {
		return err
	}
	g := sighting{moment: moment{
		kind: e.a.Kind, place: e.a.Place, stay: e.a.Stay, at: now, tick: true, rule: d.ruleOf(&e.a, now), position: d.seenFor(&e.a), crew: &d.crew,
	}}
	if d.calm(&e.a) {
		g.signs = []sign{over(codeOf(&e.a))}
	}
	return d.take(ctx, e, &e.a, &g)
}

// Due is when the next thing falls due, for a driver that jumps through time: Tick at each Due, and
// between them nothing but a score or a deed can change anything. Zero: nothing is due, ever. After
// a Tick without an error it is later than that tick.
func (d *Desk) Due() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stale {
		d.findNext(d.last)
	}
	return d.next
}

// dueBy lists what is due, the longest due first; or everything, where the clock cannot say.
func (d *Desk) dueBy(now time.Time, all bool) []*entry {
	type one struct {
		e  *entry
		at time.Time
	}
	due := make([]one, 0, 16)
	for _, e := range d.byID {
		if at := d.dueOf(e, now); all || !at.IsZero() && !now.Before(at) {
			due = append(due, one{e, at})
		}
	}
	slices.SortFunc(due, func(x, y one) int {
		return cmp.Or(x.at.Compare(y.at), cmp.Compare(x.e.a.ID, y.e.a.ID))
	})
	out := make([]*entry, len(due))
	for i := range due {
		out[i] = due[i].e
	}
	return out
}

// findNext finds when the first thing falls due, with the orders as they are at a time.
func (d *Desk) findNext(at time.Time) {
	d.next, d.stale = time.Time{}, false
	for _, e := range d.byID {
		d.next = earlier(d.next, d.dueOf(e, at))
	}
	for id := range d.comfort {
		if s, ok := d.o.Stay(id); ok {
			d.next = earlier(d.next, d.p.careDue(&s, d.alertOf(id)))
		}
	}
}

// dueOf is when an alert needs looking at, under the rule in force at a time.
func (d *Desk) dueOf(e *entry, at time.Time) time.Time {
	if d.calm(&e.a) {
		return e.a.Raised // since the last bed recovered; it is over
	}
	return dueAt(&e.a, d.ruleOf(&e.a, at))
}

// dueAt is when an alert needs looking at; zero when only a sighting can change it. What a rule
// keeps quiet waits for the order to change, which is a sighting, or for the time of return, which is
// a cause of its own.
func dueAt(a *ward.Alert, r rule) time.Time {
	if a.State == ward.Candidate { // what has lasted under a rule is suppressed by name
		r = rule{}
	}
	return earlier(a.NextAt, firstDue(a.Causes, r))
}

// earlier is the first of two times; a zero one never comes.
func earlier(x, y time.Time) time.Time {
	if x.IsZero() || !y.IsZero() && y.Before(x) {
		return y
	}
	return x
}
