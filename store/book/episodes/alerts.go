package episodes

import (
	"context"
	"strings"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// Filter chooses alerts. Empty fields choose everything.
type Filter struct {
	Ward     ward.WardID
	Stay     ward.StayID
	Open     bool      // only those that are not resolved
	From, To time.Time // by when they were raised
	Limit    int       // at most, newest first; 0 means 200
}

const alerts = `SELECT doc FROM alerts`

func scanAlert(r sqlite.Row) (a ward.Alert, err error) {
	return a, r.Scan(sqlite.FromJSON(&a))
}

// OpenAlerts lists every alert that is not resolved, oldest first.
func (s *Episodes) OpenAlerts(ctx context.Context) ([]ward.Alert, error) {
	return sqlite.List(ctx, s.db.Read(), scanAlert, alerts+` WHERE state <> 'resolved' ORDER BY raised, id`)
}

// Alerts lists alerts, newest first.
func (s *Episodes) Alerts(ctx context.Context, f Filter) ([]ward.Alert, error) {
	where, args := []string{"1"}, []any{}
	add := func(cond string, arg ...any) { where, args = append(where, cond), append(args, arg...) }
	if f.Ward != "" {
		add("ward = ?", f.Ward)
	}
	if f.Stay != "" {
		add("stay = ?", f.Stay)
	}
	if f.Open {
		add("state <> 'resolved'")
	}
	if !f.From.IsZero() {
		add("raised >= ?", sqlite.Ms(f.From))
	}
	if !f.To.IsZero() {
		add("raised < ?", sqlite.Ms(f.To))
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 200
	}
	return sqlite.List(ctx, s.db.Read(), scanAlert, alerts+` WHERE `+strings.Join(where, " AND ")+` ORDER BY raised DESC, id LIMIT ?`, append(args, limit)...)
}

// Alert finds an alert, resolved or not.
func (s *Episodes) Alert(ctx context.Context, id ward.AlertID) (ward.Alert, error) {
	a, err := scanAlert(s.db.Read().QueryRowContext(ctx, alerts+` WHERE id = ?`, id))
	return a, sqlite.Absent(err, "there is no such alert", "reload the board")
}

// Positions is, for each place, the highest journal position that any alert about its patient has
// taken into account, resolved alerts included.
func (s *Episodes) Positions(ctx context.Context) (map[ward.Place]uint64, error) {
	type row struct {
		place    ward.Place
		position int64
	}
	rows, err := sqlite.List(ctx, s.db.Read(), func(r sqlite.Row) (p row, err error) {
		return p, r.Scan(&p.place.Ward, &p.place.Bed, &p.position)
	}, `SELECT ward, bed, position FROM positions`)
	if err != nil {
		return nil, err
	}
	out := make(map[ward.Place]uint64, len(rows))
	for _, r := range rows {
		out[r.place] = uint64(r.position)
	}
	return out, nil
}
