package equipment

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"wardwatch/store/book/audit"
	"wardwatch/store/book/registry"
	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// AttachDevice says that a device stands at a place from a time on.
type AttachDevice struct {
	Device    ward.DeviceID
	Place     ward.Place
	At        time.Time // zero means now
	By        ward.PersonID
	Confirmed bool // somebody at the bedside has checked that it measures the person who lies there
	Replace   bool // it takes the place of the devices that stand there: their rows end
}

// ahead is how far in the future a change may be dated: clocks of two computers differ.
const ahead = 5 * time.Minute

// Attach records it. Rows of the device elsewhere end at that time, rows of the device at this
// place are replaced from then on.
func (s *Equipment) Attach(ctx context.Context, a AttachDevice) error {
	if !ward.ValidID(string(a.Device)) {
		return &ward.Error{Code: ward.BadInput, Message: fmt.Sprintf("%q cannot be a device's id", a.Device), Hint: "use the id that the device sends"}
	}
	return s.edit(ctx, func(e *edit) error {
		if a.At.IsZero() {
			a.At = e.now
		}
		if a.At.After(e.now.Add(ahead)) {
			return &ward.Error{Code: ward.BadInput, Message: "the time lies in the future", Hint: "attach the device when it is there"}
		}
		if err := e.mustBeBed(a.Place); err != nil {
			return err
		}
		if err := e.end(a.At, `device = ?`, a.Device); err != nil {
			return err
		}
		detail := a.Place.String()
		if a.Replace {
			if err := e.end(a.At, `ward = ? AND bed = ?`, a.Place.Ward, a.Place.Bed); err != nil {
				return err
			}
			detail += ", replacing"
		}
		if a.Confirmed {
			detail += ", confirmed"
		}
		e.entry(ward.AuditEntry{At: e.now, By: a.By, Deed: "device.attach", Object: "device:" + string(a.Device), Detail: detail})
		return e.begin(ward.Attachment{Device: a.Device, Place: a.Place, From: a.At, Confirmed: a.Confirmed, By: a.By}, a.At)
	})
}

// Confirm records that somebody at the bedside has checked that the device measures the person
// who lies there, from a time on (zero means now). Its rows elsewhere end.
func (s *Equipment) Confirm(ctx context.Context, d ward.DeviceID, p ward.Place, at time.Time, by ward.PersonID) error {
	return s.Attach(ctx, AttachDevice{Device: d, Place: p, At: at, By: by, Confirmed: true})
}

// Detach records that a device stands nowhere any more from a time on (zero means now).
func (s *Equipment) Detach(ctx context.Context, d ward.DeviceID, at time.Time, by ward.PersonID) error {
	return s.edit(ctx, func(e *edit) error {
		if at.IsZero() {
			at = e.now
		}
		e.entry(ward.AuditEntry{At: e.now, By: by, Deed: "device.detach", Object: "device:" + string(d)})
		return e.end(at, `device = ?`, d)
	})
}

// Attachments lists where devices stand now: on a ward, or everywhere when it is empty.
func (s *Equipment) Attachments(ctx context.Context, w ward.WardID) ([]ward.Attachment, error) {
	return sqlite.List(ctx, s.db.Read(), plain, attachments+` WHERE to_ms = 0 AND (ward = ?1 OR ?1 = '') ORDER BY ward, bed, from_ms`, w)
}

// AttachmentHistory lists where a device has stood, oldest first.
func (s *Equipment) AttachmentHistory(ctx context.Context, d ward.DeviceID) ([]ward.Attachment, error) {
	return sqlite.List(ctx, s.db.Read(), plain, attachments+` WHERE device = ? ORDER BY from_ms, id`, d)
}

// AttachedAt lists the rows of a place since a time, as the registry needs them.
func (s *Equipment) AttachedAt(ctx context.Context, p ward.Place, since time.Time) ([]registry.Attached, error) {
	return sqlite.List(ctx, s.db.Read(), scanAttached, attachments+` WHERE ward = ? AND bed = ? AND (to_ms = 0 OR to_ms >= ?) ORDER BY from_ms, id`, p.Ward, p.Bed, sqlite.Ms(since))
}

// AttachedSince is AttachedAt for every place.
func (s *Equipment) AttachedSince(ctx context.Context, since time.Time) ([]registry.Attached, error) {
	return sqlite.List(ctx, s.db.Read(), scanAttached, attachments+` WHERE to_ms = 0 OR to_ms >= ? ORDER BY ward, bed, from_ms, id`, sqlite.Ms(since))
}

const attachments = `SELECT id, device, ward, bed, from_ms, to_ms, confirmed, by_person, seen FROM attachments`

func scanAttached(r sqlite.Row) (a registry.Attached, err error) {
	err = r.Scan(&a.Row, &a.Device, &a.Place.Ward, &a.Place.Bed, sqlite.When(&a.From), sqlite.When(&a.To), &a.Confirmed, &a.By, sqlite.When(&a.Seen))
	return a, err
}

func plain(r sqlite.Row) (ward.Attachment, error) {
	a, err := scanAttached(r)
	return a.Attachment, err
}

// edit is one change of the attachments being made.
type edit struct {
	ctx     context.Context
	tx      sqlite.Writer
	now     time.Time
	entries []ward.AuditEntry
	places  []ward.Place
}

func (s *Equipment) edit(ctx context.Context, fn func(*edit) error) error {
	e := &edit{}
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		*e = edit{ctx: ctx, tx: sqlite.Prepare(tx), now: s.now()}
		if err := fn(e); err != nil {
			return err
		}
		return audit.Write(ctx, e.tx, e.entries...)
	})
	if err == nil && len(e.places) > 0 {
		s.changed(ctx, e.places)
	}
	return err
}

func (e *edit) entry(a ward.AuditEntry) { e.entries = append(e.entries, a) }

func (e *edit) mustBeBed(p ward.Place) error {
	n, err := sqlite.Number(e.ctx, e.tx, `SELECT count(*) FROM beds WHERE ward = ? AND bed = ?`, p.Ward, p.Bed)
	if err == nil && n == 0 {
		err = &ward.Error{Code: ward.NotFound, Message: fmt.Sprintf("there is no bed %s", p), Hint: "check the spelling, or add the bed first"}
	}
	return err
}

// begin opens a row for a device last heard at a time.
func (e *edit) begin(a ward.Attachment, seen time.Time) error {
	e.places = append(e.places, a.Place)
	_, err := e.tx.ExecContext(e.ctx, `INSERT INTO attachments (device, ward, bed, from_ms, to_ms, confirmed, by_person, seen) VALUES (?, ?, ?, ?, 0, ?, ?, ?)`,
		a.Device, a.Place.Ward, a.Place.Bed, sqlite.Ms(a.From), a.Confirmed, a.By, sqlite.Ms(seen))
	return err
}

// end cuts every chosen row that reaches past a time; one that begins only then goes altogether.
func (e *edit) end(at time.Time, which string, args ...any) error {
	ms := sqlite.Ms(at)
	cut := which + ` AND (to_ms = 0 OR to_ms > ?)`
	rows, err := sqlite.List(e.ctx, e.tx, scanAttached, attachments+` WHERE `+cut, append(args, ms)...)
	if err != nil || len(rows) == 0 {
		return err
	}
	for _, r := range rows {
		e.places = append(e.places, r.Place)
		if _, err := e.tx.ExecContext(e.ctx, `UPDATE attachments SET to_ms = max(?, from_ms) WHERE id = ?`, ms, r.Row); err != nil {
			return err
		}
	}
	_, err = e.tx.ExecContext(e.ctx, `DELETE FROM attachments WHERE to_ms > 0 AND to_ms = from_ms AND `+which, args...)
	return err
}

// openAt is the device's open row at a place, or nil.
func (e *edit) openAt(d ward.DeviceID, p ward.Place) (*registry.Attached, error) {
	a, err := scanAttached(e.tx.QueryRowContext(e.ctx, attachments+` WHERE device = ? AND ward = ? AND bed = ? AND to_ms = 0`, d, p.Ward, p.Bed))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &a, err
}
