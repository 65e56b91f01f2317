// Package incident gathers everything that was recorded about one stay in a span of time into one
// signed file, so that others can look into what happened, and can see that nothing was changed
// afterwards. It reads the book and the journal beside a running server and changes neither, but for
// the audit row that says who took the file.
package incident

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"wardwatch/scoring/chart"
	"wardwatch/store/book"
	"wardwatch/store/journal"
	"wardwatch/ward"
)

// Request is what is asked for.
type Request struct {
	Stay       ward.StayID
	From, To   time.Time
	Identified bool // names, patient number, free text beyond the audit rows and the bytes of refused messages go in
	WithoutRaw bool // go on although nothing of the raw record is kept
	WholeAudit bool // audit rows about others too, so that the chain can be checked without the hospital
	By         ward.PersonID
	At         time.Time // now
}

// Source is where it is gathered from.
type Source struct {
	Book    *book.Book
	Journal *journal.View
	Charts  *chart.Library
	Policy  []byte // the policy in full, as a file; nil: it was not given
	Version string // of the policy
	Build   Build
	Key     ed25519.PrivateKey // the audit's
	Heads   string             // folder of signed audit heads
	Zone    *time.Location     // of times that people read
	Log     *slog.Logger
}

// Build says which program made the file.
type Build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified,omitempty"` // built from files that were not as the revision has them
	Go       string `json:"go"`
}

// gathering is one file being made.
type gathering struct {
	Source
	Request
	ctx    context.Context
	out    *bundle
	m      *Manifest
	stay   ward.Stay
	lain   []ward.Lying // where the stay lay within the span, cut to it
	alerts []alertRecord
	seen   versions
	clocks map[ward.DeviceID]*offsets
}

// Make writes the file to w.
func Make(ctx context.Context, s Source, q Request, w io.Writer) (Manifest, error) {
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.Zone == nil {
		s.Zone = time.UTC
	}
	g := &gathering{Source: s, Request: q, ctx: ctx, seen: versions{}, clocks: map[ward.DeviceID]*offsets{}}
	if err := g.check(); err != nil {
		return Manifest{}, err
	}
	if err := g.sign(); err != nil {
		return Manifest{}, err
	}
	g.begin(w)
	for _, part := range []func() error{
		g.readme, g.person, g.rooms, g.record, g.rejected, g.predictions, g.findings, g.observations,
		g.dutyTimes, g.devices, g.rules, g.told, g.timeline, g.screens, g.audit,
	} {
		if err := part(); err != nil {
			return Manifest{}, fmt.Errorf("gathering the incident: %w", err)
		}
	}
	if err := g.finish(); err != nil {
		return Manifest{}, fmt.Errorf("writing the incident: %w", err)
	}
	return *g.m, nil
}

// check refuses what cannot be gathered, with the remedy.
func (g *gathering) check() error {
	if !g.From.Before(g.To) {
		return bad("the span is empty: --from is not before --to", "give the beginning first, for example --from 2026-11-21T08:00 --to 2026-11-21T12:00")
	}
	stay, err := g.Book.Stay(g.ctx, g.Stay)
	if err != nil {
		return &ward.Error{Code: ward.NotFound, Message: fmt.Sprintf("there is no stay %q", g.Stay), Hint: "the board's address shows a stay's id, and so does `wardwatch audit export`; it is not the hospital's patient number"}
	}
	g.stay = stay
	end := stay.Ended
	if end.IsZero() {
		end = g.At
	}
	if !g.From.Before(end) || !g.To.After(stay.Admitted) {
		return bad(fmt.Sprintf("the span is outside the stay, which was from %s to %s", g.local(stay.Admitted), g.local(end)), "correct --from and --to")
	}
	lyings, err := g.Book.History(g.ctx, g.Stay)
	if err != nil {
		return err
	}
	for _, l := range lyings {
		if l.From.Before(g.From) {
			l.From = g.From
		}
		if l.To.IsZero() || l.To.After(g.To) {
			l.To = g.To
		}
		if l.From.Before(l.To) {
			g.lain = append(g.lain, l)
		}
	}
	if len(g.lain) == 0 {
		return bad("the stay held no bed in this span", "correct --from and --to")
	}
	return nil
}

func bad(message, hint string) error {
	return &ward.Error{Code: ward.BadInput, Message: message, Hint: hint}
}

func (g *gathering) local(t time.Time) string { return t.In(g.Zone).Format(time.RFC3339) }

// wards are those that the stay lay on within the span.
func (g *gathering) wards() (list []ward.WardID) {
	for _, l := range g.lain {
		if !slices.Contains(list, l.Place.Ward) {
			list = append(list, l.Place.Ward)
		}
	}
	return list
}

// edge is how far the record of a place reaches into the file beyond the moment at which the stay came
// and went: as uncertain as a device's clock may be. Values that belong to another stay stay out.
const edge = 5 * time.Minute

// ours says whether what was measured at a place at a time may be this person's.
func (g *gathering) ours(p ward.Place, at time.Time, of ward.StayID) bool {
	if at.Before(g.From) || !at.Before(g.To) {
		return false
	}
	if of != "" {
		return of == g.Stay
	}
	return slices.ContainsFunc(g.lain, func(l ward.Lying) bool {
		return l.Place == p && !at.Before(l.From.Add(-edge)) && at.Before(l.To.Add(edge))
	})
}

// missing notes what the file lacks and why.
func (g *gathering) missing(format string, args ...any) {
	g.m.Missing = append(g.m.Missing, fmt.Sprintf(format, args...))
}
