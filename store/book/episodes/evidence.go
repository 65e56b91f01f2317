package episodes

import (
	"context"
	"database/sql"
	"iter"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// wards walks over the wards that an index begins with, one step each, so that a question about
// every ward is as quick as the same one asked of each; ?1 chooses one of them, empty for all.
func wards(table string) string {
	return `WITH RECURSIVE every (ward) AS (SELECT min(ward) FROM ` + table + ` UNION ALL
			SELECT (SELECT min(ward) FROM ` + table + ` WHERE ward > every.ward) FROM every WHERE every.ward IS NOT NULL),
		w (ward) AS (SELECT ?1 WHERE ?1 <> '' UNION ALL SELECT ward FROM every WHERE ?1 = '' AND ward IS NOT NULL)
		`
}

// alertsBetween finds what ended since, and what is still open, apart: each by its part of the index.
var alertsBetween = wards("alerts") + `SELECT id FROM (
	SELECT a.id, a.raised FROM w CROSS JOIN alerts a ON a.ward = w.ward AND a.ended >= max(?2, 1) AND a.raised < ?3 UNION ALL
	SELECT a.id, a.raised FROM w CROSS JOIN alerts a ON a.ward = w.ward AND a.ended = 0 AND a.raised < ?3) ORDER BY raised, id`

// AlertsBetween walks over the alerts of a ward that stood at any time from from to to (excluded),
// the earliest raised first; an empty ward means every ward. Between two of them nothing of the book
// is held. It ends with the first error.
func (s *Episodes) AlertsBetween(ctx context.Context, w ward.WardID, from, to time.Time) iter.Seq2[ward.Alert, error] {
	return func(yield func(ward.Alert, error) bool) {
		ids, err := sqlite.List(ctx, s.db.Read(), func(r sqlite.Row) (id ward.AlertID, err error) { return id, r.Scan(&id) },
			alertsBetween, w, sqlite.Ms(from), sqlite.Ms(to))
		if err != nil {
			yield(ward.Alert{}, err)
			return
		}
		for _, id := range ids {
			a, err := s.Alert(ctx, id)
			if !yield(a, err) || err != nil {
				return
			}
		}
	}
}

var noticesBetween = wards("notices") + `SELECT ` + noticeColumns + ` FROM w CROSS JOIN notices n ON n.ward = w.ward AND n.made >= ?2 AND n.made < ?3`

// NoticesBetween lists the notices of a ward made from from to to (excluded), test messages among
// them; an empty ward means every ward. Those of one ward come the earliest first.
func (s *Episodes) NoticesBetween(ctx context.Context, w ward.WardID, from, to time.Time) ([]ward.Notice, error) {
	return sqlite.List(ctx, s.db.Read(), scanNotice, noticesBetween, w, sqlite.Ms(from), sqlite.Ms(to))
}

// TestAlert stands in a test message where others name their alert.
const TestAlert ward.AlertID = "test"

const testsBetween = notices + ` WHERE alert = ? AND made >= ? AND made < ? ORDER BY made, id`

// TestsBetween lists the test messages made from from to to (excluded), the earliest first, and what
// channels have said of them, oldest first.
func (s *Episodes) TestsBetween(ctx context.Context, from, to time.Time) ([]ward.Notice, map[ward.NoticeID][]ward.Receipt, error) {
	tests, err := sqlite.List(ctx, s.db.Read(), scanNotice, testsBetween, TestAlert, sqlite.Ms(from), sqlite.Ms(to))
	if err != nil {
		return nil, nil, err
	}
	said, err := s.receiptsTo(ctx, `SELECT id FROM notices WHERE alert = ? AND made >= ? AND made < ?`, TestAlert, sqlite.Ms(from), sqlite.Ms(to))
	return tests, said, err
}

// AddNotice promises a test message, behind which no alert stands: it falls due and is settled as
// every notice. Its Why must say so. One with the same ID stays as it is.
func (s *Episodes) AddNotice(ctx context.Context, n ward.Notice) error {
	switch {
	case n.Why != ward.WhyTest:
		return &ward.Error{Code: ward.BadInput, Message: "only a test message has no alert behind it", Hint: "commit the notice with its alert"}
	case n.ID == "" || n.Channel == "":
		return &ward.Error{Code: ward.BadInput, Message: "the test message names no channel, or has no id", Hint: "give both"}
	}
	n.Alert = TestAlert
	return s.db.Write(ctx, func(tx *sql.Tx) error { return promise(ctx, tx, &n) })
}
