package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"
)

// Ms is a time as it stands in a column: milliseconds since 1970, 0 for the zero time.
func Ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Time is the time that Ms wrote, in UTC.
func Time(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// When scans a column written by Ms into a time.
func When(t *time.Time) sql.Scanner { return when{t} }

type when struct{ t *time.Time }

// Scan implements sql.Scanner.
func (w when) Scan(v any) error {
	ms, ok := v.(int64)
	if !ok {
		return fmt.Errorf("column holds %T where a time in milliseconds belongs", v)
	}
	*w.t = Time(ms)
	return nil
}

// AsJSON is a column that holds v as JSON.
func AsJSON(v any) driver.Valuer { return asJSON{v} }

type asJSON struct{ v any }

// Value implements driver.Valuer.
func (j asJSON) Value() (driver.Value, error) {
	b, err := json.Marshal(j.v)
	return string(b), err
}

// FromJSON scans a column written by AsJSON into v, a pointer.
func FromJSON(v any) sql.Scanner { return fromJSON{v} }

type fromJSON struct{ v any }

// Scan implements sql.Scanner.
func (j fromJSON) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("column holds %T where JSON text belongs", v)
	}
	return json.Unmarshal([]byte(s), j.v)
}

// Row is what a scan function reads from: one row of a query.
type Row interface{ Scan(dest ...any) error }

// List runs a query and scans every row of it.
func List[T any](ctx context.Context, q Querier, scan func(Row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, Explain(err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, Explain(err)
		}
		out = append(out, v)
	}
	return out, Explain(rows.Err())
}

// Number runs a query that answers with one integer.
func Number(ctx context.Context, q Querier, query string, args ...any) (n int64, err error) {
	err = q.QueryRowContext(ctx, query, args...).Scan(&n)
	return n, Explain(err)
}
