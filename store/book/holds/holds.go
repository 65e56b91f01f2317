// Package holds is the part of the book that says what must not be forgotten: everything about one
// stay in a span of time, until a person releases it. Every change writes its audit entry in the same
// transaction.
package holds

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"wardwatch/store/book/audit"
	"wardwatch/store/book/quarantine"
	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// longestReason bounds why something is held, in bytes.
const longestReason = 256

// Legal holds the holds.
type Legal struct {
	db  *sqlite.DB
	now func() time.Time
}

// New is the holds kept in db.
func New(db *sqlite.DB, now func() time.Time) *Legal { return &Legal{db: db, now: now} }

const holds = `SELECT id, stay, from_ms, to_ms, by_person, reason, made, released FROM holds `

func scan(r sqlite.Row) (h ward.Hold, err error) {
	return h, r.Scan(&h.ID, &h.Stay, sqlite.When(&h.From), sqlite.When(&h.To), &h.By, &h.Reason, sqlite.When(&h.Made), sqlite.When(&h.Released))
}

// Hold keeps what the book has of a stay in a span from being pruned: predictions, messages that
// could not be taken, and what imaging sources sent. The span may reach into the future. Its ID and
// when it was made are given by the book. What is kept elsewhere, as readings are, is kept by whoever
// asks Holds.
func (l *Legal) Hold(ctx context.Context, h ward.Hold) (ward.Hold, error) {
	if err := check(&h); err != nil {
		return h, err
	}
	h.ID, h.Released = rand.Text()[:16], time.Time{}
	err := l.db.Write(ctx, func(tx *sql.Tx) error {
		h.Made = sqlite.Time(sqlite.Ms(l.now()))
		n, err := sqlite.Number(ctx, tx, `SELECT count(*) FROM stays WHERE id = ?`, h.Stay)
		if err != nil {
			return err
		}
		if n == 0 {
			return &ward.Error{Code: ward.NotFound, Message: "there is no such stay", Hint: "give the id of a stay, as its page has it"}
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO holds (id, stay, from_ms, to_ms, by_person, reason, made, released) VALUES (?, ?, ?, ?, ?, ?, ?, 0)`,
			h.ID, h.Stay, sqlite.Ms(h.From), sqlite.Ms(h.To), h.By, h.Reason, sqlite.Ms(h.Made)); err != nil {
			return err
		}
		return l.changed(ctx, tx, &h, h.By, "hold.make")
	})
	return h, err
}

// ReleaseHold ends a hold; one that was released already is no error.
func (l *Legal) ReleaseHold(ctx context.Context, id string, by ward.PersonID) error {
	if by == "" {
		return &ward.Error{Code: ward.BadInput, Message: "nobody is named as releasing it", Hint: "sign in, or say who asks for it"}
	}
	return l.db.Write(ctx, func(tx *sql.Tx) error {
		h, err := scan(tx.QueryRowContext(ctx, holds+`WHERE id = ?`, id))
		if err != nil {
			return sqlite.Absent(err, "there is no such hold", "list the holds to see their ids")
		}
		if !h.Released.IsZero() {
			return nil
		}
		if _, err := tx.ExecContext(ctx, `UPDATE holds SET released = ? WHERE id = ?`, sqlite.Ms(l.now()), id); err != nil {
			return err
		}
		return l.changed(ctx, tx, &h, by, "hold.release")
	})
}

// Holds lists the holds in force, the oldest first.
func (l *Legal) Holds(ctx context.Context) ([]ward.Hold, error) {
	return sqlite.List(ctx, l.db.Read(), scan, holds+`WHERE released = 0 ORDER BY made, id`)
}

// changed brings what is marked as held into line and records the deed.
func (l *Legal) changed(ctx context.Context, tx *sql.Tx, h *ward.Hold, by ward.PersonID, deed string) error {
	if err := quarantine.MarkHeld(ctx, tx); err != nil {
		return err
	}
	clock := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	return audit.Write(ctx, tx, ward.AuditEntry{At: l.now(), By: by, Deed: deed, Object: "stay:" + string(h.Stay),
		Detail: fmt.Sprintf("hold %s from %s to %s", h.ID, clock(h.From), clock(h.To))})
}

func check(h *ward.Hold) error {
	switch {
	case h.By == "":
		return &ward.Error{Code: ward.BadInput, Message: "nobody is named as asking for the hold", Hint: "sign in, or say who asks for it"}
	case h.From.IsZero() || !h.To.After(h.From):
		return &ward.Error{Code: ward.BadInput, Message: "the span to be held ends before it begins", Hint: "give from and to"}
	case strings.TrimSpace(h.Reason) == "" || len(h.Reason) > longestReason || !utf8.ValidString(h.Reason):
		return &ward.Error{Code: ward.BadInput, Message: "a hold needs a reason of at most 256 bytes", Hint: "say what it is for, without names"}
	}
	return nil
}
