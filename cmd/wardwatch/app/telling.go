package app

import (
	"context"
	"fmt"
	"time"

	"wardwatch/alerts"
	"wardwatch/alerts/duty"
	"wardwatch/cmd/wardwatch/channels"
	"wardwatch/cmd/wardwatch/link"
	"wardwatch/ward"
)

// telling is what it takes to reach people: the channels, who is on duty, and the links.
type telling struct {
	set    *channels.Set
	finder *duty.Finder
	links  *link.Links
	holes  *holes
	fare   *fare

	senders map[string]alerts.Sender // by channel
	tested  time.Time                // when the daily test was last promised since the start
}

// check says whether the channel of an address could use it, where the channel can tell.
func (t *telling) check(c ward.Contact) error {
	if s, ok := t.senders[c.Channel].(interface{ Check(ward.Contact) error }); ok {
		return s.Check(c)
	}
	return nil
}

// openTelling opens what telling people rests on. Nothing leaves yet.
func (a *App) openTelling(ctx context.Context) (err error) {
	t := &a.telling
	if t.links, err = link.New(a.path("link.key"), a.config.PublicURL); err != nil {
		return err
	}
	t.finder = duty.NewFinder(a.book)
	t.holes = newHoles(t.finder.OnDuty, a.keepsRoster)
	t.fare, err = newFare(ctx, a.book, a.clock.now())
	return err
}

// who is the desk's question: who answers for a role of an alert.
func (a *App) who(role ward.Role, x ward.Alert, at time.Time) ward.OnDuty {
	return a.telling.finder.OnDuty(role, x.Stay, x.Place, at)
}

// keepsRoster says whether a ward keeps a roster of a duty; where that cannot be read, it does.
func (a *App) keepsRoster(w ward.WardID, role ward.Role) bool {
	kept, err := a.book.Keeps(context.Background(), w, role)
	if err != nil {
		a.log.Error("reading the roster", "error", err)
	}
	return kept || err != nil
}

// openOutbox makes the channels and the outbox, which the loop wakes; it does not run yet.
func (a *App) openOutbox(context.Context) error {
	senders, err := a.telling.set.Senders(channels.Deps{
		Contacts: a.book.Contacts, Gone: a.gone, Link: a.telling.links.For, Lang: a.lang, Now: a.clock.now,
	})
	if err != nil {
		return fmt.Errorf("the channels: %w", err)
	}
	a.telling.senders = senders
	a.outbox = alerts.NewOutbox(alerts.OutboxOptions{Book: a.book, Senders: senders, Now: a.clock.now, Settled: a.settled, Log: a.log, Probe: probe})
	return nil
}

// startTelling lets the outbox run: promises made before a crash are kept first.
func (a *App) startTelling(ctx context.Context) error {
	a.undo.task(ctx, "outbox", func(ctx context.Context) error { a.outbox.Run(ctx); return nil })
	return nil
}

// gone takes a dead address out of use.
func (a *App) gone(ctx context.Context, contact, why string) error {
	return a.book.EndContact(ctx, contact, why, "")
}

// lang is the language in which a person is written to.
func (a *App) lang(id ward.PersonID) string {
	for _, p := range a.book.Roster().People {
		if p.ID == id {
			return p.Lang
		}
	}
	return ""
}

// settled tells the desk what became of a notice.
func (a *App) settled(n ward.Notice, r ward.Receipt) {
	a.telling.fare.note(&n, &r)
	a.loop.call(func(ctx context.Context) { a.desk.Receipt(ctx, n, r) })
}

// announceAlert shows a committed change of an alert, and wakes the outbox for its notices.
func (a *App) announceAlert(x ward.Alert) {
	a.telling.holes.note(&x)
	a.live.Publish(ward.Event{Ward: x.Place.Ward, At: a.clock.now(), Alert: &x})
	a.outbox.Kick()
}

// testDaily promises the daily test messages when they are due, once; after a restart, or where the
// book could not write, again: made twice they are the same.
func (a *App) testDaily(ctx context.Context) {
	now := a.clock.now()
	if daily, asked := a.telling.set.Daily(); !asked || !daily.Due(a.telling.tested, now) {
		return
	}
	wards, err := a.book.Wards(ctx)
	if err != nil {
		a.log.Error("the daily test messages", "error", err)
		return
	}
	ids := make([]ward.WardID, len(wards))
	for i := range wards {
		ids[i] = wards[i].ID
	}
	for _, n := range a.telling.set.TestNotices(a.book.Roster().People, ids, channels.Roles(&a.rules.Alerts), now) {
		if failed := a.book.AddNotice(ctx, n); failed != nil {
			a.log.Error("the daily test message", "channel", n.Channel, "error", failed)
			err = failed
		}
	}
	if err == nil {
		a.telling.tested = now
	}
	a.outbox.Kick()
}

// stay is the desk's view of a person's record.
func (a *App) stay(id ward.StayID) (ward.Stay, bool) {
	s := a.book.LookUp(id)
	if s == nil {
		return ward.Stay{}, false
	}
	return *s, true
}
