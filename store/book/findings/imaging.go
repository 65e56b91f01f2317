// Package findings is the part of the book that keeps what imaging sources sent, whose each study is,
// and what AI and people say of it. A study is whole: all that one source sent of it belongs to one
// stay, or waits for a person to say whose it is. Every answer to that question, and every word of a
// person on a finding, writes its audit entry in the same transaction.
package findings

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"wardwatch/store/book/audit"
	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// longestText bounds the reasons that people give, in bytes.
const longestText = 256

// atOnce bounds what is written in one transaction, so that an alert never waits long for its turn.
const atOnce = 200

// Imaging holds deliveries, studies and findings.
type Imaging struct {
	db  *sqlite.DB
	now func() time.Time
}

// New is the imaging part of the book kept in db.
func New(db *sqlite.DB, now func() time.Time) *Imaging { return &Imaging{db: db, now: now} }

// change runs fn in one transaction with its audit entries. It names the stays whose findings are
// others now.
func (m *Imaging) change(ctx context.Context, fn func(*edit) error) ([]ward.StayID, error) {
	var e *edit
	err := m.db.Write(ctx, func(tx *sql.Tx) error {
		e = &edit{ctx: ctx, tx: sqlite.Prepare(tx), now: m.now()}
		if err := fn(e); err != nil {
			return err
		}
		return audit.Write(ctx, e.tx, e.entries...)
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(e.touched)
	return slices.Compact(e.touched), nil
}

// edit is one change being made.
type edit struct {
	ctx     context.Context
	tx      *sqlite.Prepared
	now     time.Time
	entries []ward.AuditEntry
	touched []ward.StayID
}

func (e *edit) exec(query string, args ...any) error {
	_, err := e.tx.ExecContext(e.ctx, query, args...)
	return err
}

func (e *edit) touch(stays ...ward.StayID) {
	for _, id := range stays {
		if id != "" {
			e.touched = append(e.touched, id)
		}
	}
}

func (e *edit) audit(by ward.PersonID, deed, object, detail string) {
	e.entries = append(e.entries, ward.AuditEntry{At: e.now, By: by, Deed: deed, Object: object, Detail: detail})
}

// mustBeStaff refuses a deed of nobody, or of somebody who has left.
func (e *edit) mustBeStaff(by ward.PersonID) (access ward.Access, err error) {
	err = e.tx.QueryRowContext(e.ctx, `SELECT access FROM people WHERE id = ? AND disabled = 0`, by).Scan(&access)
	if errors.Is(err, sql.ErrNoRows) {
		err = bad("the person named is not among the staff", "sign in as yourself")
	}
	return access, err
}

// isReason reports whether a text says something, at a length that can be shown.
func isReason(text string) bool {
	return strings.TrimSpace(text) != "" && len(text) <= longestText && utf8.ValidString(text)
}

func bad(message, hint string) error {
	return &ward.Error{Code: ward.BadInput, Message: message, Hint: hint}
}

func conflict(message, hint string) error {
	return &ward.Error{Code: ward.Conflict, Message: message, Hint: hint}
}

func missing(message, hint string) error {
	return &ward.Error{Code: ward.NotFound, Message: message, Hint: hint}
}
