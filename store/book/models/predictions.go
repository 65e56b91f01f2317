package models

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// Outcome is what came of a prediction.
type Outcome int8

// Outcomes.
const (
	Unsettled Outcome = iota // not known yet
	NoEvent
	Event   // what the model foretells came about
	Unknown // it will never be known: too little was observed after it
)

// Prediction is what a model said of one stay in one hour. A task may have a second model, of those
// whose laboratory values are known.
type Prediction struct {
	Hour      time.Time
	Stay      ward.StayID
	Task      ward.Task
	Ward      ward.WardID
	Model     string
	Version   string
	Value     float64 // 0 when withheld
	Threshold float64
	Withheld  ward.Withheld
	Silent    bool
	Inputs    map[string]float64 // newest values of those known
	Outcome   Outcome
}

// Filter chooses predictions. Empty fields choose everything.
type Filter struct {
	Ward     ward.WardID
	Task     ward.Task
	Model    string
	Version  string
	From, To time.Time // From included, To excluded
}

// Predictions calls fn with each prediction in order of hour and stay, until fn answers false. What
// it points to is fn's to keep.
func (l *Ledger) Predictions(ctx context.Context, f Filter, fn func(*Prediction) bool) error {
	where, args := f.where()
	rows, err := l.db.Read().QueryContext(ctx, predictions+` WHERE `+where+` ORDER BY hour, stay, task, model`, args...)
	if err != nil {
		return sqlite.Explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		p, err := scan(rows)
		if err != nil {
			return sqlite.Explain(err)
		}
		if !fn(&p) {
			return nil
		}
	}
	return sqlite.Explain(rows.Err())
}

func (f Filter) where() (string, []any) {
	where, args := []string{"1"}, []any{}
	add := func(cond string, arg any) { where, args = append(where, cond), append(args, arg) }
	for _, c := range []struct{ column, is string }{{"ward", string(f.Ward)}, {"task", string(f.Task)}, {"model", f.Model}, {"version", f.Version}} {
		if c.is != "" {
			add(c.column+" = ?", c.is)
		}
	}
	if !f.From.IsZero() {
		add("hour >= ?", sqlite.Ms(f.From))
	}
	if !f.To.IsZero() {
		add("hour < ?", sqlite.Ms(f.To))
	}
	return strings.Join(where, " AND "), args
}

// UnsettledPredictions lists predictions of a task made before a time that have no outcome yet, the
// oldest first, at most most.
func (l *Ledger) UnsettledPredictions(ctx context.Context, task ward.Task, before time.Time, most int) ([]Prediction, error) {
	return sqlite.List(ctx, l.db.Read(), scan, predictions+` WHERE outcome IS NULL AND task = ? AND hour < ? ORDER BY hour, stay, model LIMIT ?`, task, sqlite.Ms(before), most)
}

// SettlePredictions writes the Outcome of each prediction, found by its hour, stay and task: it is that
// of every model that spoke of it. One that has an outcome keeps it, one that has gone stays gone. A
// stay whose event a silent model foretold or missed counts for the model's gate.
func (l *Ledger) SettlePredictions(ctx context.Context, ps []Prediction) error {
	for _, p := range ps {
		if p.Outcome != NoEvent && p.Outcome != Event && p.Outcome != Unknown {
			return bad("a prediction cannot be settled without an outcome", "give whether the event came, or that it will never be known")
		}
	}
	for len(ps) > 0 {
		n := min(len(ps), atOnce)
		err := l.db.Write(ctx, func(tx *sql.Tx) error {
			prepared := sqlite.Prepare(tx)
			for i := range ps[:n] {
				if err := settle(ctx, prepared, &ps[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		ps = ps[n:]
	}
	return nil
}

func settle(ctx context.Context, tx sqlite.Writer, p *Prediction) error {
	hour := sqlite.Ms(p.Hour)
	res, err := tx.ExecContext(ctx, `UPDATE predictions SET outcome = ? WHERE hour = ? AND stay = ? AND task = ? AND outcome IS NULL`, p.Outcome-NoEvent, hour, p.Stay, p.Task)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 || p.Outcome != Event {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO silent_events (ward, task, model, version, stay)
		SELECT ward, task, model, version, stay FROM predictions WHERE hour = ? AND stay = ? AND task = ? AND silent = 1 AND value IS NOT NULL
		ON CONFLICT DO NOTHING`, hour, p.Stay, p.Task)
	return err
}

// loose says that no hold keeps the prediction p.
const loose = `NOT EXISTS (SELECT 1 FROM holds h WHERE h.stay = p.stay AND h.released = 0 AND p.hour < h.to_ms AND p.hour + 3600000 > h.from_ms)`

// PrunePredictions forgets predictions made before a time and says how many. What a gate needs of
// them is kept, and what is held.
func (l *Ledger) PrunePredictions(ctx context.Context, before time.Time) (gone int64, err error) {
	for {
		var n int64
		err := l.db.Write(ctx, func(tx *sql.Tx) error { // one hour at a time, so that an alert never waits long
			res, err := tx.ExecContext(ctx, `DELETE FROM predictions AS p WHERE hour = (SELECT min(hour) FROM predictions p WHERE hour < ?1 AND `+loose+`) AND `+loose, sqlite.Ms(before))
			if err != nil {
				return err
			}
			n, err = res.RowsAffected()
			return err
		})
		if err != nil || n == 0 {
			return gone, err
		}
		gone += n
	}
}

const predictions = `SELECT hour, stay, task, ward, model, version, value, threshold, withheld, silent, inputs, outcome FROM predictions`

func scan(r sqlite.Row) (p Prediction, err error) {
	var value sql.NullFloat64
	var outcome sql.NullInt64
	if err = r.Scan(sqlite.When(&p.Hour), &p.Stay, &p.Task, &p.Ward, &p.Model, &p.Version, &value, &p.Threshold, &p.Withheld, &p.Silent, sqlite.FromJSON(&p.Inputs), &outcome); err != nil {
		return p, err
	}
	p.Value = value.Float64
	if !outcome.Valid {
		return p, nil
	}
	p.Outcome = NoEvent + Outcome(outcome.Int64)
	if p.Outcome > Unknown {
		return p, fmt.Errorf("the book has an outcome %d that this version does not know", outcome.Int64)
	}
	return p, nil
}
