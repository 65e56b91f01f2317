package stays

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// Chart keeps a version of a set of observations and answers which it is, the first being 1. Its ID
// is the caller's: the set as it stands, sent again, changes nothing; another content under the same
// ID corrects it, and the older versions stay. A zero At or Entered means now.
func (c *Census) Chart(ctx context.Context, o ward.Observation) (version int64, err error) {
	if o.ID == "" || len(o.ID) > ward.MaxID {
		return 0, bad("the observation has no usable id", "give it an id of your own, at most 64 bytes")
	}
	err = c.change(ctx, func(e *edit) error {
		if _, err := stayByID(ctx, e.tx, o.Stay); err != nil {
			return err
		}
		if o.Entered.IsZero() {
			o.Entered = e.now
		}
		if o.At.IsZero() {
			o.At = o.Entered
		}
		newest, same, err := e.newestVersion(&o)
		if err != nil || same {
			version = newest
			return err
		}
		version = newest + 1
		deed := "observation.chart"
		if version > 1 {
			deed = "observation.correct"
		}
		e.entries = append(e.entries, ward.AuditEntry{At: e.now, By: o.By, Deed: deed, Object: "observation:" + o.ID, Detail: fmt.Sprintf("stay %s, version %d", o.Stay, version)})
		return e.exec(`INSERT INTO observations (id, version, stay, origin, at, entered, by_person, vals, partial, worried, note)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, o.ID, version, o.Stay, o.Origin, sqlite.Ms(o.At), sqlite.Ms(o.Entered), o.By,
			sqlite.AsJSON(o.Values), o.Partial, o.Worried, o.Note)
	})
	return version, err
}

// newestVersion is the newest version there is of the set, 0 when there is none, and whether it says
// the same as o. Who wrote it and when is not part of what it says.
func (e *edit) newestVersion(o *ward.Observation) (version int64, same bool, err error) {
	var stay ward.StayID
	err = e.tx.QueryRowContext(e.ctx, `SELECT version, stay, at = ? AND vals = ? AND partial = ? AND worried = ? AND note = ?
		FROM observations WHERE id = ? ORDER BY version DESC LIMIT 1`,
		sqlite.Ms(o.At), sqlite.AsJSON(o.Values), o.Partial, o.Worried, o.Note, o.ID).Scan(&version, &stay, &same)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, false, nil
	case err == nil && stay != o.Stay:
		err = &ward.Error{Code: ward.NotFound, Message: "this stay has no such observation", Hint: "reload the chart"}
	}
	return version, same, err
}

const observed = `SELECT id, stay, origin, at, entered, by_person, vals, partial, worried, note FROM observations o WHERE `

// Observations lists a stay's sets as they are in force, oldest first.
func (c *Census) Observations(ctx context.Context, id ward.StayID) ([]ward.Observation, error) {
	return sqlite.List(ctx, c.db.Read(), scanObservation, observed+`stay = ? AND version =
		(SELECT max(version) FROM observations WHERE id = o.id) ORDER BY at, id`, id)
}

// ObservationHistory lists every version of one set, oldest first.
func (c *Census) ObservationHistory(ctx context.Context, id string) ([]ward.Observation, error) {
	return sqlite.List(ctx, c.db.Read(), scanObservation, observed+`id = ? ORDER BY version`, id)
}

func scanObservation(r sqlite.Row) (o ward.Observation, err error) {
	err = r.Scan(&o.ID, &o.Stay, &o.Origin, sqlite.When(&o.At), sqlite.When(&o.Entered), &o.By, sqlite.FromJSON(&o.Values), &o.Partial, &o.Worried, &o.Note)
	return o, err
}
