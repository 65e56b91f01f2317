package people

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"wardwatch/store/book/audit"
	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// The lock-out, our proposal: after five wrong passwords in a row a login is locked for a minute,
// and for twice as long after each further one, up to a quarter of an hour. It forgets after a day.
const (
	freeFailures  = 5
	shortestLock  = time.Minute
	longestLock   = 15 * time.Minute
	forgetAfter   = 24 * time.Hour
	maxLoginsKept = 10_000 // made-up logins must not fill the book
)

// NoteLogin counts a try to sign in, known login or not, and says until when the login is locked
// now; zero when it is not. While it is locked nothing counts, a right password neither; after
// that a success forgets the failures.
func (s *Staff) NoteLogin(ctx context.Context, login string, ok bool, at time.Time) (until time.Time, err error) {
	login = cut(login)
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		until, err = noteLogin(ctx, tx, login, ok, at)
		return err
	})
	return until, err
}

func noteLogin(ctx context.Context, tx *sql.Tx, login string, ok bool, at time.Time) (until time.Time, err error) {
	var failures int64
	err = tx.QueryRowContext(ctx, `SELECT failures, locked FROM logins WHERE login = ?`, login).Scan(&failures, sqlite.When(&until))
	switch {
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return until, err
	case until.After(at):
		return until, nil
	case ok:
		_, err := tx.ExecContext(ctx, `DELETE FROM logins WHERE login = ?`, login)
		return time.Time{}, err
	}
	if err := forget(ctx, tx, at); err != nil {
		return until, err
	}
	failures++
	until = lockedUntil(failures, at)
	if _, err := tx.ExecContext(ctx, `INSERT INTO logins (login, failures, last, locked) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (login) DO UPDATE SET failures = ?2, last = ?3, locked = ?4`, login, failures, sqlite.Ms(at), sqlite.Ms(until)); err != nil || until.IsZero() {
		return until, err
	}
	return until, auditLock(ctx, tx, login, at)
}

// lockedUntil is the lock-out as a function of the failures in a row.
func lockedUntil(failures int64, at time.Time) time.Time {
	if failures < freeFailures {
		return time.Time{}
	}
	lock := shortestLock
	for i := int64(freeFailures); i < failures && lock < longestLock; i++ {
		lock *= 2
	}
	return at.Add(min(lock, longestLock))
}

// auditLock records the lock of a real person's login; made-up ones would only fill the log.
func auditLock(ctx context.Context, tx *sql.Tx, login string, at time.Time) error {
	var id string
	err := tx.QueryRowContext(ctx, `SELECT id FROM people WHERE login = ?`, login).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, ward.AuditEntry{At: at, Deed: "person.locked", Object: "person:" + id})
}

func forget(ctx context.Context, tx *sql.Tx, at time.Time) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM logins WHERE last < ?`, sqlite.Ms(at.Add(-forgetAfter))); err != nil {
		return err
	}
	n, err := sqlite.Number(ctx, tx, `SELECT count(*) FROM logins`)
	if err != nil || n < maxLoginsKept {
		return err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM logins WHERE login IN (SELECT login FROM logins ORDER BY last LIMIT ?)`, n-maxLoginsKept+1)
	return err
}

// LockedUntil says until when a login is locked at a moment; zero when it is not.
func (s *Staff) LockedUntil(ctx context.Context, login string, at time.Time) (time.Time, error) {
	ms, err := sqlite.Number(ctx, s.db.Read(), `SELECT coalesce(max(locked), 0) FROM logins WHERE login = ? AND locked > ?`, cut(login), sqlite.Ms(at))
	return sqlite.Time(ms), err
}

// cut bounds a made-up login.
func cut(login string) string { return login[:min(len(login), ward.MaxID)] }
