package equipment

import (
	"context"
	"database/sql"
	"time"

	"wardwatch/store/book/registry"
	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// maxWaiting is how many unconfirmed devices may stand at one place: a sender that makes up a new
// id for each message must not fill the book.
const maxWaiting = 16

// transit is how long what a device sends may be under way: a new device is attached from that
// long before it is first heard, so that its first reading counts. What it measured earlier, and
// perhaps elsewhere, stays unconfirmed. Our proposal.
const transit = 2 * time.Minute

// Sighting is news from the registry: a device has spoken for a place where it does not stand, or
// stands no longer by the rules.
type Sighting struct {
	Device ward.DeviceID
	Place  ward.Place
	At     time.Time                                            // when, by the corrected clock
	Gap    time.Duration                                        // longest silence after which it need not be confirmed anew
	Seen   func(p ward.Place, row int64) (t time.Time, ok bool) // when a row's device was last heard, if newer than the book
}

// Sight judges sightings in order, in one transaction, and writes a row for each that is news. It
// reports which were.
//
//   - A device never seen anywhere is attached where it first speaks. It is confirmed by
//     registration when the credential of the same name names the place, or no other device
//     stands there.
//   - A device that comes back after more than the gap, or speaks for another place than before, is
//     attached there unconfirmed; its confirmed row elsewhere ends. The row of the place that its own
//     credential names stays: the broker lets it speak for no other, so that this is somebody else
//     with its name, who must not take it from its patient.
//   - A device that waits unconfirmed at several places keeps waiting at all of them: two devices
//     with one id would otherwise write a row for each message.
//   - What it said before its present row began is history and moves nothing.
func (s *Equipment) Sight(ctx context.Context, sightings ...Sighting) (news []bool, err error) {
	err = s.edit(ctx, func(e *edit) error {
		news = make([]bool, len(sightings))
		for i, g := range sightings {
			if news[i], err = e.sight(g); err != nil {
				return err
			}
		}
		return nil
	})
	return news, err
}

func (e *edit) sight(g Sighting) (news bool, err error) {
	here, err := e.openAt(g.Device, g.Place)
	switch {
	case err != nil:
		return false, err
	case here != nil:
		return e.again(g, here)
	}
	return e.elsewhere(g)
}

// again judges a device that has an open row at the place.
func (e *edit) again(g Sighting, here *registry.Attached) (bool, error) {
	seen := here.Seen
	if t, ok := g.Seen(g.Place, here.Row); ok && t.After(seen) {
		seen = t
	}
	if !here.Confirmed || g.At.Before(here.From) || g.At.Sub(seen) <= g.Gap {
		return false, nil
	}
	if err := e.close(here.Row, seen.Add(time.Millisecond)); err != nil {
		return false, err
	}
	return true, e.wait(g, "back after a gap")
}

// elsewhere judges a device that has no open row at the place.
func (e *edit) elsewhere(g Sighting) (bool, error) {
	rows, err := sqlite.List(e.ctx, e.tx, scanAttached, attachments+` WHERE device = ? ORDER BY from_ms`, g.Device)
	if err != nil {
		return false, err
	}
	if len(rows) == 0 {
		return e.first(g)
	}
	for _, r := range rows {
		if g.At.Before(r.From) || r.Place == g.Place && g.At.Before(r.To) {
			return false, nil // history
		}
	}
	if full, err := e.full(g.Place); full || err != nil {
		return false, err
	}
	for _, r := range rows {
		if !r.To.IsZero() || !r.Confirmed {
			continue
		}
		own, err := registered(e.ctx, e.tx, g.Device, r.Place)
		if err != nil {
			return false, err
		}
		if own {
			continue
		}
		e.places = append(e.places, r.Place)
		if err := e.close(r.Row, g.At); err != nil {
			return false, err
		}
	}
	return true, e.wait(g, "moved")
}

// first attaches a device that the book has never seen.
func (e *edit) first(g Sighting) (bool, error) {
	others, err := sqlite.Number(e.ctx, e.tx, `SELECT count(*) FROM attachments WHERE ward = ? AND bed = ? AND to_ms = 0`, g.Place.Ward, g.Place.Bed)
	if err != nil {
		return false, err
	}
	confirmed := others == 0
	if !confirmed {
		if confirmed, err = registered(e.ctx, e.tx, g.Device, g.Place); err != nil {
			return false, err
		}
	}
	if !confirmed {
		if full, err := e.full(g.Place); full || err != nil {
			return false, err
		}
		return true, e.wait(g, "new beside another")
	}
	e.entry(ward.AuditEntry{At: e.now, Deed: "device.attach", Object: "device:" + string(g.Device), Detail: g.Place.String() + ", confirmed by registration"})
	return true, e.begin(ward.Attachment{Device: g.Device, Place: g.Place, From: g.At.Add(-transit), Confirmed: true}, g.At)
}

func (e *edit) wait(g Sighting, why string) error {
	e.entry(ward.AuditEntry{At: e.now, Deed: "device.unconfirmed", Object: "device:" + string(g.Device), Detail: g.Place.String() + ", " + why})
	return e.begin(ward.Attachment{Device: g.Device, Place: g.Place, From: g.At}, g.At)
}

func (e *edit) close(row int64, at time.Time) error {
	_, err := e.tx.ExecContext(e.ctx, `UPDATE attachments SET to_ms = max(?, from_ms + 1) WHERE id = ?`, sqlite.Ms(at), row)
	return err
}

// full reports whether so many devices wait unconfirmed at the place that no more are noted.
func (e *edit) full(p ward.Place) (bool, error) {
	n, err := sqlite.Number(e.ctx, e.tx, `SELECT count(*) FROM attachments WHERE ward = ? AND bed = ? AND to_ms = 0 AND confirmed = 0`, p.Ward, p.Bed)
	return n >= maxWaiting, err
}

// KeepSeen writes when devices were last heard, in one transaction.
func (s *Equipment) KeepSeen(ctx context.Context, seen []registry.Sighting) error {
	if len(seen) == 0 {
		return nil
	}
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		stmt, err := tx.PrepareContext(ctx, `UPDATE attachments SET seen = ?1 WHERE id = ?2 AND seen < ?1`)
		if err != nil {
			return err
		}
		defer stmt.Close()
		for _, g := range seen {
			if _, err := stmt.ExecContext(ctx, sqlite.Ms(g.Seen), g.Row); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		for _, g := range seen {
			g.Kept()
		}
	}
	return err
}
