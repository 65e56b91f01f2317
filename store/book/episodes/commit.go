// Package episodes is the part of the book that keeps alerts and the promises to tell somebody
// about them. What one decision of the desk writes is one transaction.
package episodes

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"wardwatch/store/book/audit"
	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// Episodes holds alerts, notices and receipts.
type Episodes struct {
	db  *sqlite.DB
	now func() time.Time
}

// New is the alerts kept in db.
func New(db *sqlite.DB, now func() time.Time) *Episodes { return &Episodes{db: db, now: now} }

// Commit writes everything one decision made: the alert, its audit entries, the notices it
// promises and the withdrawal of those it makes needless, of whole roles or of one person. All of it is kept or none.
//
// The alert's Version is the one this commit makes: 1 for a new alert, otherwise one more than the
// book has; anything else is a conflict. The very same alert again is no error and changes
// nothing, so a caller that did not learn how a commit ended may repeat it. Notices already there
// stay as they are. Only pending notices made earlier are withdrawn, never those of this change.
func (s *Episodes) Commit(ctx context.Context, c ward.Change) error {
	doc, err := encode(c.Alert)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		repeat, err := keepAlert(ctx, tx, c.Alert, doc)
		if err != nil || repeat {
			return err
		}
		if err := keepPosition(ctx, tx, c.Alert); err != nil {
			return err
		}
		for _, role := range c.Withdraw {
			if _, err := tx.ExecContext(ctx, `UPDATE notices SET state = ?, settled = ? WHERE alert = ? AND role = ? AND state = ?`,
				ward.NoticeWithdrawn, sqlite.Ms(s.now()), c.Alert.ID, role, ward.NoticePending); err != nil {
				return err
			}
		}
		if err := recall(ctx, tx, c.Alert.ID, c.Recall, s.now()); err != nil {
			return err
		}
		for i := range c.Notices {
			if err := promise(ctx, tx, &c.Notices[i]); err != nil {
				return err
			}
		}
		return audit.Write(ctx, tx, c.Audit...)
	})
}

// recall withdraws what is still on its way to one person in one duty.
func recall(ctx context.Context, tx *sql.Tx, id ward.AlertID, whom []ward.Addressee, at time.Time) error {
	for _, w := range whom {
		if _, err := tx.ExecContext(ctx, `UPDATE notices SET state = ?, settled = ? WHERE alert = ? AND role = ? AND to_person = ? AND state = ?`,
			ward.NoticeWithdrawn, sqlite.Ms(at), id, w.Role, w.Person, ward.NoticePending); err != nil {
			return err
		}
	}
	return nil
}

func keepAlert(ctx context.Context, tx *sql.Tx, a ward.Alert, doc string) (repeat bool, err error) {
	var version int64
	var before string
	err = tx.QueryRowContext(ctx, `SELECT version, doc FROM alerts WHERE id = ?`, a.ID).Scan(&version, &before)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		version = 0
	case err != nil:
		return false, err
	case version == a.Version && before == doc:
		return true, nil
	}
	if a.Version != version+1 {
		return false, &ward.Error{Code: ward.Conflict, Message: fmt.Sprintf("the alert was changed meanwhile: the book has version %d, this would be %d", version, a.Version), Hint: "load the alert again and decide anew; if it goes on, another wardwatch is running on the same book"}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO alerts (id, ward, bed, stay, kind, state, raised, ended, version, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET ward = excluded.ward, bed = excluded.bed, stay = excluded.stay, kind = excluded.kind, state = excluded.state,
		raised = excluded.raised, ended = excluded.ended, version = excluded.version, doc = excluded.doc`,
		a.ID, a.Place.Ward, a.Place.Bed, a.Stay, a.Kind, a.State, sqlite.Ms(a.Raised), sqlite.Ms(a.Ended), a.Version, doc)
	return false, err
}

// keepPosition remembers the highest journal position a place's alerts have taken into account,
// which outlasts the alerts. Technical alerts take no readings into account.
func keepPosition(ctx context.Context, tx *sql.Tx, a ward.Alert) error {
	if a.Position == 0 || a.Kind == ward.Technical {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO positions (ward, bed, position) VALUES (?, ?, ?)
		ON CONFLICT (ward, bed) DO UPDATE SET position = max(position, excluded.position)`, a.Place.Ward, a.Place.Bed, int64(a.Position))
	return err
}

// encode writes the whole alert. JSON has no word for a number that is not one, and an alert that
// cannot be written is worse than a part without its number: such parts stand as 0, with their
// state, which is what tells whether they count.
func encode(a ward.Alert) (string, error) {
	for i := range a.Score.Parts {
		if n := a.Score.Parts[i].Number; math.IsNaN(n) || math.IsInf(n, 0) {
			a.Score.Parts[i].Number = 0
		}
	}
	doc, err := json.Marshal(a)
	if err != nil {
		return "", &ward.Error{Code: ward.BadInput, Message: "the alert cannot be written", Hint: "one of its times is outside the years 0 to 9999", Err: err}
	}
	return string(doc), nil
}
