package models

import (
	"context"
	"database/sql"
	"math"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// atOnce is how many predictions one transaction holds, so that an alert never waits long for its turn.
const atOnce = 200

// maxLatest bounds the memory of Ledger.latest; forgetting costs a look into the book.
const maxLatest = 1 << 16

// KeepPredictions keeps the risks of assessments for quality work: one for each stay, task, model and
// hour (by Assessment.At, in UTC), the first that comes. Calling it with the same again changes nothing.
// Assessments without a stay are left out. Several transactions may be used; after an error call it
// again with all.
func (l *Ledger) KeepPredictions(ctx context.Context, as []ward.Assessment) error {
	rows := l.fresh(as)
	for len(rows) > 0 {
		n := min(len(rows), atOnce)
		if err := l.keep(ctx, rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// row is one risk of an assessment, about to be kept.
type row struct {
	a    *ward.Assessment
	r    *ward.Risk
	hour int64
}

func (w row) whose() whose { return whose{w.a.Stay, w.r.Task, w.r.Model} }

// fresh picks the risks of which the book is not known to have one for the hour.
func (l *Ledger) fresh(as []ward.Assessment) (rows []row) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range as {
		a := &as[i]
		if a.Stay == "" {
			continue
		}
		hour := sqlite.Ms(a.At.Truncate(time.Hour))
		for k := range a.Risks {
			w := row{a, &a.Risks[k], hour}
			if last, ok := l.latest[w.whose()]; !ok || last != hour {
				rows = append(rows, w)
			}
		}
	}
	return rows
}

func (l *Ledger) keep(ctx context.Context, rows []row) error {
	var added int64
	err := l.db.Write(ctx, func(tx *sql.Tx) error {
		added = 0
		p := sqlite.Prepare(tx)
		for i := range rows {
			n, err := rows[i].insert(ctx, p)
			if err != nil {
				return err
			}
			added += n
		}
		return nil
	})
	if err != nil {
		return err
	}
	l.kept.Add(uint64(added))
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.latest) > maxLatest {
		clear(l.latest)
	}
	for i := range rows {
		l.latest[rows[i].whose()] = rows[i].hour
	}
	return nil
}

// insert writes the row unless the hour has one, and notes since when the version runs silently.
func (w row) insert(ctx context.Context, tx sqlite.Writer) (added int64, err error) {
	value, threshold, why := w.r.Value, w.r.Threshold, w.r.Withheld
	if why == ward.NotWithheld && !(finite(value) && finite(threshold)) {
		why = ward.WithheldFailed
	}
	if !finite(threshold) {
		threshold = 0
	}
	said := sql.NullFloat64{Float64: value, Valid: why == ward.NotWithheld}
	res, err := tx.ExecContext(ctx, `INSERT INTO predictions (hour, stay, task, ward, model, version, value, threshold, withheld, silent, inputs, outcome)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL) ON CONFLICT (hour, stay, task, model) DO NOTHING`,
		w.hour, w.a.Stay, w.r.Task, w.a.Place.Ward, w.r.Model, w.r.Version, said, threshold, why, w.r.Silent, sqlite.AsJSON(inputs(w.r.Inputs)))
	if err != nil {
		return 0, err
	}
	if added, err = res.RowsAffected(); err != nil || added == 0 || !said.Valid || !w.r.Silent {
		return added, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO silent_runs (ward, task, model, version, since) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (ward, task, model, version) DO UPDATE SET since = excluded.since WHERE excluded.since < since`,
		w.a.Place.Ward, w.r.Task, w.r.Model, w.r.Version, w.hour)
	return added, err
}

// inputs is the known newest values as they are kept: in the precision in which the model saw them,
// which is also the shortest to write.
func inputs(list []ward.RiskInput) map[string]float32 {
	m := make(map[string]float32, len(list))
	for _, in := range list {
		if v := float32(in.Value); finite(float64(v)) {
			m[in.Input] = v
		}
	}
	return m
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
