// Package stays is the part of the book that knows who lies where: wards, beds, stays, and the
// dated rows (lyings) that join them, with the orders that belong to a stay. Every change writes
// its audit entry in the same transaction.
package stays

import (
	"context"
	"database/sql"
	"time"

	"wardwatch/store/book/audit"
	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// Census holds wards, beds and stays.
type Census struct {
	db      *sqlite.DB
	now     func() time.Time
	zone    *time.Location
	changed Changed
}

// Changed is told, after each commit, which places and stays are no longer as they were.
type Changed func(ctx context.Context, places []ward.Place, stays []ward.StayID)

// New is the census kept in db. Times without a zone in imported files are read in zone; when it
// is nil they are refused.
func New(db *sqlite.DB, now func() time.Time, zone *time.Location, changed Changed) *Census {
	return &Census{db: db, now: now, zone: zone, changed: changed}
}

// change runs fn in one transaction with its audit entries, then tells of what changed.
func (c *Census) change(ctx context.Context, fn func(*edit) error) error {
	e := &edit{}
	err := c.db.Write(ctx, func(tx *sql.Tx) error {
		*e = edit{ctx: ctx, tx: tx, now: c.now()}
		if err := fn(e); err != nil {
			return err
		}
		return audit.Write(ctx, tx, e.entries...)
	})
	if err != nil {
		return err
	}
	c.changed(ctx, e.places, e.stays)
	return nil
}

// edit is one change being made.
type edit struct {
	ctx     context.Context
	tx      *sql.Tx
	now     time.Time // when it is entered, which is not when it is true
	entries []ward.AuditEntry
	places  []ward.Place
	stays   []ward.StayID
}

func (e *edit) exec(query string, args ...any) error {
	_, err := e.tx.ExecContext(e.ctx, query, args...)
	return err
}

func (e *edit) audit(by ward.PersonID, deed string, id ward.StayID, detail string) {
	e.entries = append(e.entries, ward.AuditEntry{At: e.now, By: by, Deed: deed, Object: "stay:" + string(id), Detail: detail})
	e.stays = append(e.stays, id)
}

func bad(message, hint string) error {
	return &ward.Error{Code: ward.BadInput, Message: message, Hint: hint}
}

func conflict(message, hint string) error {
	return &ward.Error{Code: ward.Conflict, Message: message, Hint: hint}
}
