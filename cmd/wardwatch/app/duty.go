package app

import (
	"context"
	"io"
	"slices"
	"time"

	"wardwatch/alerts/duty"
	"wardwatch/dashboard"
	"wardwatch/store/book"
	"wardwatch/ward"
)

// screenDuty is who answers for whom as the screens know it. After a change to whose patients are
// whose, everything that lives by stays is told.
type screenDuty struct {
	*book.Book
	finder  *duty.Finder
	check   func(ward.Contact) error
	changed func(context.Context)
}

// OnDuty says who answers for a duty at a place at a moment.
func (d screenDuty) OnDuty(role ward.Role, stay ward.StayID, p ward.Place, at time.Time) ward.OnDuty {
	return d.finder.OnDuty(role, stay, p, at)
}

// AddContact keeps an address that its channel could use.
func (d screenDuty) AddContact(ctx context.Context, c ward.Contact, by ward.PersonID) (ward.Contact, error) {
	if err := d.check(c); err != nil {
		return c, err
	}
	return d.Book.AddContact(ctx, c, by)
}

// Assign gives a stay its nurse and doctor of this shift.
func (d screenDuty) Assign(ctx context.Context, id ward.StayID, nurse, doctor *ward.PersonID, at time.Time, by ward.PersonID) (ward.Stay, error) {
	s, err := d.Book.Assign(ctx, id, nurse, doctor, at, by)
	d.after(ctx, err)
	return s, err
}

// AnswerHandOver ends an offer; accepting assigns its stays.
func (d screenDuty) AnswerHandOver(ctx context.Context, id string, state ward.HandOverState, reason string, by ward.PersonID, at time.Time) (ward.HandOver, error) {
	h, err := d.Book.AnswerHandOver(ctx, id, state, reason, by, at)
	d.after(ctx, err)
	return h, err
}

// AddSymptomCheck keeps a symptom check, which the stay's record tells of.
func (d screenDuty) AddSymptomCheck(ctx context.Context, c ward.SymptomCheck) error {
	err := d.Book.AddSymptomCheck(ctx, c)
	d.after(ctx, err)
	return err
}

// ImportRoster takes a CSV file of shifts.
func (d screenDuty) ImportRoster(ctx context.Context, csv io.Reader, by ward.PersonID) (dashboard.RosterReport, error) {
	r, err := d.Book.ImportRoster(ctx, csv, by)
	out := dashboard.RosterReport{Rows: r.Rows, Added: r.Added, Unchanged: r.Unchanged}
	for _, x := range r.Refused {
		out.Refused = append(out.Refused, dashboard.RosterRefusal(x))
	}
	return out, err
}

func (d screenDuty) after(ctx context.Context, err error) {
	if err == nil {
		d.changed(context.WithoutCancel(ctx))
	}
}

// handOversAgain is how far back a start looks for hand-overs; a crash is not longer ago than a day
// without anybody noticing.
const handOversAgain = 24 * time.Hour

// settleHandOvers gives the desk once more what was handed over lately: the book and the desk are
// written one after the other, and a crash between them would leave alerts with who has gone home.
// What has been moved already stays as it is.
func (a *App) settleHandOvers(ctx context.Context) {
	now := a.clock.now()
	wards, err := a.book.Wards(ctx)
	if err != nil {
		a.log.Error("reading the hand-overs", "error", err)
		return
	}
	for _, w := range wards {
		list, err := a.book.HandOvers(ctx, w.ID, now.Add(-handOversAgain))
		if err != nil {
			a.log.Error("reading the hand-overs", "ward", w.ID, "error", err)
			continue
		}
		for _, h := range list {
			if h.State != ward.HandOverAccepted {
				continue
			}
			h.Stays = slices.DeleteFunc(slices.Clone(h.Stays), func(id ward.StayID) bool { return slices.Contains(h.Left, id) })
			a.loop.retry(ctx, "desk", func() error { return a.desk.HandOver(ctx, h, now) })
		}
	}
}
