// Package quarantine is the part of the book that keeps what could not be taken: the newest
// messages with their bytes, and for good how many there were, by reason and device.
package quarantine

import (
	"context"
	"database/sql"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// Bounds. A broken device sends thousands of bad messages an hour, and names in them are not to
// be trusted.
const (
	newest     = 10_000  // messages kept
	maxPayload = 4 << 10 // bytes of each
	maxPairs   = 2_000   // of reason and device counted apart; beyond, the device is left out
)

// Shelf holds the quarantine.
type Shelf struct {
	db               *sqlite.DB
	newest, maxPairs int
}

// New is the quarantine kept in db.
func New(db *sqlite.DB) *Shelf { return &Shelf{db: db, newest: newest, maxPairs: maxPairs} }

// Quarantine keeps rejects in one transaction; the oldest beyond the newest 10,000 go, but
// for those about a stay that is held.
func (s *Shelf) Quarantine(ctx context.Context, rejects []ward.Reject) error {
	if len(rejects) == 0 {
		return nil
	}
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		for i := range rejects {
			if err := s.keep(ctx, tx, &rejects[i]); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM quarantine WHERE held = 0 AND seq <= (SELECT max(seq) FROM quarantine) - ?`, s.newest)
		return err
	})
}

func (s *Shelf) keep(ctx context.Context, tx *sql.Tx, r *ward.Reject) error {
	payload := r.Payload[:min(len(r.Payload), maxPayload)]
	if payload == nil {
		payload = []byte{}
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO quarantine (at, topic, device, reason, message, payload, held) SELECT at, topic, device, reason, message, payload, `+held+`
		FROM (SELECT ? AS at, ? AS topic, ? AS device, ? AS reason, ? AS message, ? AS payload) q`,
		sqlite.Ms(r.At), r.Topic, r.Device, r.Reason, r.Message, payload); err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, `UPDATE rejects SET count = count + 1, last = ? WHERE reason = ? AND device = ?`, sqlite.Ms(r.At), r.Reason, r.Device)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO rejects (reason, device, count, first, last)
		SELECT ?1, CASE WHEN (SELECT count(*) FROM rejects) < ?2 THEN ?3 ELSE '' END, 1, ?4, ?4 WHERE true
		ON CONFLICT (reason, device) DO UPDATE SET count = count + 1, last = excluded.last`, r.Reason, s.maxPairs, r.Device, sqlite.Ms(r.At))
	return err
}

// held says whether a hold keeps the message q: it came in the held span, of the place where the held
// stay lay then.
const held = `EXISTS (SELECT 1 FROM holds h JOIN lyings l ON l.stay = h.stay WHERE h.released = 0 AND q.at >= h.from_ms AND q.at < h.to_ms
	AND q.at >= l.from_ms AND (l.to_ms = 0 OR q.at < l.to_ms) AND instr(q.topic, '/' || l.ward || '/' || l.bed || '/') > 0)`

// MarkHeld brings the marks of the messages kept into line with the holds, within the transaction
// that changes those.
func MarkHeld(ctx context.Context, tx sqlite.Writer) error {
	_, err := tx.ExecContext(ctx, `UPDATE quarantine AS q SET held = `+held+` WHERE held <> `+held)
	return err
}

// Count is how often a device's messages were refused for a reason.
type Count struct {
	Reason      string
	Device      ward.DeviceID // empty when it did not name itself, or too many did
	Count       int64
	First, Last time.Time
}

// QuarantineSummary lists the counts since the book was made, the latest trouble first.
func (s *Shelf) QuarantineSummary(ctx context.Context) ([]Count, error) {
	return sqlite.List(ctx, s.db.Read(), func(r sqlite.Row) (c Count, err error) {
		return c, r.Scan(&c.Reason, &c.Device, &c.Count, sqlite.When(&c.First), sqlite.When(&c.Last))
	}, `SELECT reason, device, count, first, last FROM rejects ORDER BY last DESC, reason, device`)
}

// Quarantined lists the newest messages kept, newest first, at most max.
func (s *Shelf) Quarantined(ctx context.Context, max int) ([]ward.Reject, error) {
	return sqlite.List(ctx, s.db.Read(), func(r sqlite.Row) (j ward.Reject, err error) {
		return j, r.Scan(sqlite.When(&j.At), &j.Topic, &j.Device, &j.Reason, &j.Message, &j.Payload)
	}, `SELECT at, topic, device, reason, message, payload FROM quarantine ORDER BY seq DESC LIMIT ?`, max)
}
