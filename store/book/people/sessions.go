package people

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"time"

	"wardwatch/store/book/audit"
	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// NewSession keeps a browser's session by the hash of its cookie. Expired ones go at the same time.
func (s *Staff) NewSession(ctx context.Context, hash []byte, person ward.PersonID, expires time.Time) error {
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		now := s.now()
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE expires <= ?`, sqlite.Ms(now)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO sessions (hash, person, made, expires) VALUES (?, ?, ?, ?)`, hash, person, sqlite.Ms(now), sqlite.Ms(expires))
		return err
	})
}

// Session finds whose session it is and when it expires. An expired session, or that of a disabled
// person, is not found.
func (s *Staff) Session(ctx context.Context, hash []byte) (p ward.Person, expires time.Time, err error) {
	p, _, err = scanPerson(s.db.Read().QueryRowContext(ctx, `SELECT `+columns+`, s.expires FROM sessions s JOIN people p ON p.id = s.person
		WHERE s.hash = ? AND s.expires > ? AND p.disabled = 0`, hash, sqlite.Ms(s.now())), sqlite.When(&expires))
	return p, expires, sqlite.Absent(err, "you are not signed in", "sign in")
}

// EndSession ends one session; one that is not there is no error.
func (s *Staff) EndSession(ctx context.Context, hash []byte) error {
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE hash = ?`, hash)
		return err
	})
}

// EndSessions ends every session of a person.
func (s *Staff) EndSessions(ctx context.Context, person ward.PersonID) error {
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE person = ?`, person)
		return err
	})
}

// Token is a program's key to the API. It acts as the person who made it.
type Token struct {
	ID      string
	Person  ward.PersonID
	Name    string // what it is for
	Made    time.Time
	Revoked time.Time // zero while it works
}

// NewToken keeps a token by its hash and gives it an id by which it can be revoked.
func (s *Staff) NewToken(ctx context.Context, hash []byte, person ward.PersonID, name string) (Token, error) {
	t := Token{ID: rand.Text()[:16], Person: person, Name: name, Made: sqlite.Time(sqlite.Ms(s.now()))}
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO tokens (id, hash, person, name, made, revoked) VALUES (?, ?, ?, ?, ?, 0)`, t.ID, hash, person, name, sqlite.Ms(t.Made)); err != nil {
			return err
		}
		return audit.Write(ctx, tx, ward.AuditEntry{At: t.Made, By: person, Deed: "token.add", Object: "token:" + t.ID})
	})
	return t, err
}

// Token finds whose token it is. A revoked one, or that of a disabled person, is not found.
func (s *Staff) Token(ctx context.Context, hash []byte) (ward.Person, error) {
	p, _, err := scanPerson(s.db.Read().QueryRowContext(ctx, `SELECT `+columns+` FROM tokens t JOIN people p ON p.id = t.person
		WHERE t.hash = ? AND t.revoked = 0 AND p.disabled = 0`, hash))
	return p, sqlite.Absent(err, "the token is not valid", "make a new one")
}

// Tokens lists a person's tokens, or everybody's when it is empty; revoked ones included.
func (s *Staff) Tokens(ctx context.Context, person ward.PersonID) ([]Token, error) {
	return sqlite.List(ctx, s.db.Read(), func(r sqlite.Row) (t Token, err error) {
		return t, r.Scan(&t.ID, &t.Person, &t.Name, sqlite.When(&t.Made), sqlite.When(&t.Revoked))
	}, `SELECT id, person, name, made, revoked FROM tokens WHERE person = ?1 OR ?1 = '' ORDER BY made`, person)
}

// RevokeToken ends a token. Revoking twice is no error.
func (s *Staff) RevokeToken(ctx context.Context, id string, by ward.PersonID) error {
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		var revoked int64
		err := tx.QueryRowContext(ctx, `SELECT revoked FROM tokens WHERE id = ?`, id).Scan(&revoked)
		if errors.Is(err, sql.ErrNoRows) {
			return &ward.Error{Code: ward.NotFound, Message: "there is no such token", Hint: "reload the list"}
		}
		if err != nil || revoked > 0 {
			return err
		}
		now := s.now()
		if _, err := tx.ExecContext(ctx, `UPDATE tokens SET revoked = ? WHERE id = ?`, sqlite.Ms(now), id); err != nil {
			return err
		}
		return audit.Write(ctx, tx, ward.AuditEntry{At: now, By: by, Deed: "token.revoke", Object: "token:" + id})
	})
}
