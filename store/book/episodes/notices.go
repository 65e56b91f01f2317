package episodes

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

const (
	noticeColumns = `id, alert, n.ward, bed, kind, band, level, role, to_person, how, why, channel, made, due, expires, tries, state, settled, error`
	notices       = `SELECT ` + noticeColumns + ` FROM notices n`
)

func scanNotice(r sqlite.Row) (n ward.Notice, err error) {
	var band string
	err = r.Scan(&n.ID, &n.Alert, &n.Place.Ward, &n.Place.Bed, &n.Kind, &band, &n.Level, &n.Role, &n.To, &n.How, &n.Why, &n.Channel,
		sqlite.When(&n.Made), sqlite.When(&n.Due), sqlite.When(&n.Expires), &n.Tries, &n.State, sqlite.When(&n.Settled), &n.Error)
	n.Band, _ = ward.BandNamed(band) // the desk's own word; another one reads as unknown
	return n, err
}

// promise keeps a notice; one with the same id stays as it is.
func promise(ctx context.Context, tx *sql.Tx, n *ward.Notice) error {
	state, due := n.State, n.Due
	if state == "" {
		state = ward.NoticePending
	}
	if due.IsZero() {
		due = n.Made // at once
	}
	_, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO notices (id, alert, ward, bed, kind, band, level, role, to_person, how, why, channel, made, due, expires, tries, state, settled, error)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		n.ID, n.Alert, n.Place.Ward, n.Place.Bed, n.Kind, n.Band.String(), n.Level, n.Role, n.To, n.How, n.Why, n.Channel,
		sqlite.Ms(n.Made), sqlite.Ms(due), sqlite.Ms(n.Expires), n.Tries, state, sqlite.Ms(n.Settled), n.Error)
	return err
}

// dueNotices takes what was made after now for due, because the clock was put back, until a try has
// been put off by the clock as it is now: then it waits as every other.
const dueNotices = notices + ` WHERE state = 'pending' AND (due <= ?1 OR made > ?1 AND due >= made) ORDER BY due, id LIMIT ?2`

// DueNotices lists pending notices whose time has come, the longest due first; expired ones too,
// for somebody must settle them. A clock that was put back makes none wait.
func (s *Episodes) DueNotices(ctx context.Context, now time.Time, max int) ([]ward.Notice, error) {
	return sqlite.List(ctx, s.db.Read(), scanNotice, dueNotices, sqlite.Ms(now), max)
}

// NextNotice is when the next pending notice falls due; zero when there is none.
func (s *Episodes) NextNotice(ctx context.Context) (time.Time, error) {
	ms, err := sqlite.Number(ctx, s.db.Read(), `SELECT coalesce(min(due), 0) FROM notices WHERE state = 'pending'`)
	return sqlite.Time(ms), err
}

// PendingBehind counts the notices that should have gone out by now and have not.
func (s *Episodes) PendingBehind(ctx context.Context, now time.Time) (int, error) {
	n, err := sqlite.Number(ctx, s.db.Read(), `SELECT count(*) FROM notices WHERE state = 'pending' AND due <= ?`, sqlite.Ms(now))
	return int(n), err
}

// NoticesOf lists an alert's notices in the order they were made.
func (s *Episodes) NoticesOf(ctx context.Context, id ward.AlertID) ([]ward.Notice, error) {
	return sqlite.List(ctx, s.db.Read(), scanNotice, notices+` WHERE alert = ? ORDER BY made, id`, id)
}

// Settle records what a channel said of one try and gives the notice as it stands now: delivered,
// failed (final, or no later try before it expires), or pending with its next time. A notice that
// was settled meanwhile, by a withdrawal for example, keeps its state; the receipt is kept anyway.
func (s *Episodes) Settle(ctx context.Context, r ward.Receipt) (n ward.Notice, err error) {
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		n, err = scanNotice(tx.QueryRowContext(ctx, notices+` WHERE id = ?`, r.Notice))
		if err != nil {
			return sqlite.Absent(err, fmt.Sprintf("there is no notice %s", r.Notice), "nothing needs to be done")
		}
		n = settle(n, r)
		if _, err := tx.ExecContext(ctx, `INSERT INTO receipts (notice, try, at, ok, final, nobody, retry, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			n.ID, n.Tries, sqlite.Ms(r.At), r.OK, r.Final, r.Nobody, sqlite.Ms(r.RetryAt), r.Error); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE notices SET due = ?, tries = ?, state = ?, settled = ?, error = ? WHERE id = ?`,
			sqlite.Ms(n.Due), n.Tries, n.State, sqlite.Ms(n.Settled), n.Error, n.ID)
		return err
	})
	return n, err
}

// settle is what a receipt makes of a notice.
func settle(n ward.Notice, r ward.Receipt) ward.Notice {
	n.Tries++
	if n.State != ward.NoticePending {
		return n
	}
	if r.RetryAt.IsZero() {
		r.RetryAt = r.At
	}
	n.Error = r.Error
	expired := !n.Expires.IsZero() && !r.RetryAt.Before(n.Expires)
	switch {
	case r.OK:
		n.State, n.Settled, n.Error = ward.NoticeDelivered, r.At, ""
	case r.Final || expired:
		n.State, n.Settled = ward.NoticeFailed, r.At
	default:
		n.Due = r.RetryAt
	}
	return n
}

// Receipts lists what channels have said of a notice, oldest first.
func (s *Episodes) Receipts(ctx context.Context, id ward.NoticeID) ([]ward.Receipt, error) {
	return sqlite.List(ctx, s.db.Read(), scanReceipt, receipts+` WHERE notice = ? ORDER BY try`, id)
}

// ReceiptsOf lists what channels have said of an alert's notices, by notice, oldest first.
func (s *Episodes) ReceiptsOf(ctx context.Context, id ward.AlertID) (map[ward.NoticeID][]ward.Receipt, error) {
	return s.receiptsTo(ctx, `SELECT id FROM notices WHERE alert = ?`, id)
}

// receiptsTo lists the receipts of the notices that a query finds.
func (s *Episodes) receiptsTo(ctx context.Context, query string, args ...any) (map[ward.NoticeID][]ward.Receipt, error) {
	all, err := sqlite.List(ctx, s.db.Read(), scanReceipt, receipts+` WHERE notice IN (`+query+`) ORDER BY notice, try`, args...)
	if err != nil {
		return nil, err
	}
	out := map[ward.NoticeID][]ward.Receipt{}
	for _, r := range all {
		out[r.Notice] = append(out[r.Notice], r)
	}
	return out, nil
}

const receipts = `SELECT notice, at, ok, final, nobody, retry, error FROM receipts`

func scanReceipt(r sqlite.Row) (c ward.Receipt, err error) {
	return c, r.Scan(&c.Notice, sqlite.When(&c.At), &c.OK, &c.Final, &c.Nobody, sqlite.When(&c.RetryAt), &c.Error)
}
