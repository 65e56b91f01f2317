package audit

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// Trail is the audit log of one book.
type Trail struct{ db *sqlite.DB }

// New is the audit log kept in db.
func New(db *sqlite.DB) *Trail { return &Trail{db: db} }

// Write appends entries within a transaction that does something else too, so that neither is
// kept without the other.
func Write(ctx context.Context, tx sqlite.Writer, entries ...ward.AuditEntry) error {
	if len(entries) == 0 {
		return nil
	}
	// The last row is read each time, never remembered: another process may have written.
	seq, hash, err := head(ctx, tx)
	if err != nil {
		return err
	}
	for _, e := range entries {
		seq++
		hash = Link(hash, seq, e)
		if _, err := tx.ExecContext(ctx, `INSERT INTO audit (seq, at, by_person, deed, object, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			seq, sqlite.Ms(e.At), string(e.By), e.Deed, e.Object, e.Detail, hash); err != nil {
			return err
		}
	}
	return nil
}

// AppendAudit records entries that go with no other change (a view, an export).
func (t *Trail) AppendAudit(ctx context.Context, entries ...ward.AuditEntry) error {
	if len(entries) == 0 {
		return nil
	}
	return t.db.Write(ctx, func(tx *sql.Tx) error { return Write(ctx, tx, entries...) })
}

func head(ctx context.Context, q sqlite.Querier) (seq int64, hash []byte, err error) {
	err = q.QueryRowContext(ctx, `SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1`).Scan(&seq, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil, nil
	}
	return seq, hash, err
}

// AuditHead is the last row's number and hash; 0 and nil when nothing is recorded.
func (t *Trail) AuditHead(ctx context.Context) (seq int64, hash []byte, err error) {
	seq, hash, err = head(ctx, t.db.Read())
	return seq, hash, sqlite.Explain(err)
}

// Filter chooses rows. Empty fields choose everything.
type Filter struct {
	By       ward.PersonID
	Object   string // exactly
	Deed     string // exactly, or a family by its dot: "alert."
	From, To time.Time
	Before   int64 // only rows older than this one: the next page
	Limit    int   // at most, newest first; 0 means 200
}

// Audit lists rows, newest first.
func (t *Trail) Audit(ctx context.Context, f Filter) ([]Row, error) {
	where, args := []string{"1"}, []any{}
	add := func(cond string, arg any) { where, args = append(where, cond), append(args, arg) }
	if f.By != "" {
		add("by_person = ?", string(f.By))
	}
	if f.Object != "" {
		add("object = ?", f.Object)
	}
	if strings.HasSuffix(f.Deed, ".") {
		where, args = append(where, "deed >= ? AND deed < ?"), append(args, f.Deed, strings.TrimSuffix(f.Deed, ".")+"/") // '/' follows '.'
	} else if f.Deed != "" {
		add("deed = ?", f.Deed)
	}
	if !f.From.IsZero() {
		add("at >= ?", sqlite.Ms(f.From))
	}
	if !f.To.IsZero() {
		add("at < ?", sqlite.Ms(f.To))
	}
	if f.Before > 0 {
		add("seq < ?", f.Before)
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 200
	}
	return sqlite.List(ctx, t.db.Read(), scan, `SELECT seq, at, by_person, deed, object, detail, hash FROM audit WHERE `+
		strings.Join(where, " AND ")+` ORDER BY seq DESC LIMIT ?`, append(args, limit)...)
}

func scan(r sqlite.Row) (row Row, err error) {
	err = r.Scan(&row.Seq, sqlite.When(&row.At), &row.By, &row.Deed, &row.Object, &row.Detail, &row.Hash)
	return row, err
}

// VerifyAudit walks the whole chain and looks for each of the heads in it. The heads are those
// exported earlier, with their signatures already checked (ReadHeads does).
func (t *Trail) VerifyAudit(ctx context.Context, heads []Head) (Verdict, error) {
	want := make(map[int64][]Head, len(heads)) // several a row: nothing may happen for days
	for _, h := range heads {
		want[h.Seq] = append(want[h.Seq], h)
	}
	rows, err := t.db.Read().QueryContext(ctx, `SELECT seq, at, by_person, deed, object, detail, hash FROM audit ORDER BY seq`)
	if err != nil {
		return Verdict{}, sqlite.Explain(err)
	}
	defer rows.Close()
	var v Verdict
	var prev []byte
	for rows.Next() {
		row, err := scan(rows)
		if err != nil {
			return v, sqlite.Explain(err)
		}
		if problem := misfit(row, v.Rows+1, prev, want); problem != "" {
			v.BadSeq, v.BadAt, v.Problem = row.Seq, row.At, problem
			return v, nil
		}
		delete(want, row.Seq)
		v.Rows, prev = row.Seq, row.Hash
	}
	if err := rows.Err(); err != nil {
		return v, sqlite.Explain(err)
	}
	for _, h := range heads { // in the caller's order, oldest first
		if _, missing := want[h.Seq]; missing && h.Seq > 0 {
			v.BadAt, v.Problem = h.At, fmt.Sprintf("tail cut: head of %s not found (row %d; the log ends at %d)", h.At.Format(time.DateOnly), h.Seq, v.Rows)
			return v, nil
		}
	}
	v.OK = true
	return v, nil
}

// misfit says why a row cannot stand where it does.
func misfit(row Row, seq int64, prev []byte, heads map[int64][]Head) string {
	if row.Seq != seq {
		return fmt.Sprintf("row %d is missing", seq)
	}
	if !bytes.Equal(row.Hash, Link(prev, row.Seq, row.AuditEntry)) {
		return fmt.Sprintf("row %d was changed, or the row before it", row.Seq)
	}
	for _, h := range heads[row.Seq] {
		if !bytes.Equal(h.Hash, row.Hash) {
			return fmt.Sprintf("row %d is not the one signed on %s: the log was rewritten", row.Seq, h.At.Format(time.DateOnly))
		}
	}
	return ""
}
