package stays

import (
	"context"
	"fmt"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// Chart keeps a set of observations. Its ID is the caller's, so that the same set sent again
// changes nothing; a zero At or Entered means now.
func (c *Census) Chart(ctx context.Context, o ward.Observation) error {
	return c.observe(ctx, o, "observation.chart", func(versions int64) bool { return versions == 0 })
}

// CorrectObservation keeps a newer version of a set that is there. The older ones stay.
func (c *Census) CorrectObservation(ctx context.Context, o ward.Observation) error {
	return c.observe(ctx, o, "observation.correct", func(versions int64) bool { return versions > 0 })
}

// observe keeps a version of a set if the number of versions there are allows it.
func (c *Census) observe(ctx context.Context, o ward.Observation, deed string, allows func(versions int64) bool) error {
	if o.ID == "" || len(o.ID) > ward.MaxID {
		return bad("the observation has no usable id", "give it an id of your own, at most 64 bytes")
	}
	return c.change(ctx, func(e *edit) error {
		if _, err := stayByID(ctx, e.tx, o.Stay); err != nil {
			return err
		}
		if o.Entered.IsZero() {
			o.Entered = e.now
		}
		if o.At.IsZero() {
			o.At = o.Entered
		}
		var versions, others int64
		err := e.tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0), count(*) FILTER (WHERE stay <> ?) FROM observations WHERE id = ?`, o.Stay, o.ID).Scan(&versions, &others)
		switch {
		case err != nil:
			return err
		case others > 0 || versions == 0 && !allows(versions):
			return &ward.Error{Code: ward.NotFound, Message: "this stay has no such observation", Hint: "reload the chart"}
		case !allows(versions):
			return nil // the same set, sent again
		}
		e.entries = append(e.entries, ward.AuditEntry{At: e.now, By: o.By, Deed: deed, Object: "observation:" + o.ID, Detail: fmt.Sprintf("stay %s, version %d", o.Stay, versions+1)})
		return e.exec(`INSERT INTO observations (id, version, stay, origin, at, entered, by_person, vals, partial, worried, note)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, o.ID, versions+1, o.Stay, o.Origin, sqlite.Ms(o.At), sqlite.Ms(o.Entered), o.By,
			sqlite.AsJSON(o.Values), o.Partial, o.Worried, o.Note)
	})
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
