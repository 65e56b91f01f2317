// Package people is the part of the book that knows the staff: who they are, how they sign in,
// their sessions and their programs' tokens. Secrets are kept as hashes made by the caller.
package people

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"wardwatch/store/book/audit"
	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// Staff holds people, sessions, tokens and log-ins.
type Staff struct {
	db      *sqlite.DB
	now     func() time.Time
	changed func(context.Context)
}

// New is the staff kept in db. changed is told after each commit that changed who they are and what
// they may do.
func New(db *sqlite.DB, now func() time.Time, changed func(context.Context)) *Staff {
	return &Staff{db: db, now: now, changed: changed}
}

// AddPerson adds a member of staff; an empty ID is given one. A login in use is a conflict.
func (s *Staff) AddPerson(ctx context.Context, p ward.Person, passwordHash string, by ward.PersonID) (ward.Person, error) {
	if p.Lang == "" {
		p.Lang = "vi"
	}
	if err := check(p); err != nil {
		return p, err
	}
	if p.ID == "" {
		p.ID = ward.PersonID(rand.Text()[:16])
	}
	err := s.change(ctx, by, "person.add", p.ID, string(p.Access), func(tx *sql.Tx) error {
		n, err := sqlite.Number(ctx, tx, `SELECT count(*) FROM people WHERE login = ? OR id = ?`, p.Login, p.ID)
		if err != nil {
			return err
		}
		if n > 0 {
			return &ward.Error{Code: ward.Conflict, Message: "this login is taken", Hint: "choose another, or change the password of the one that is there"}
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO people (id, login, name, access, duties, wards, lang, disabled, password) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			p.ID, p.Login, p.Name, p.Access, sqlite.AsJSON(p.Duties), sqlite.AsJSON(p.Wards), p.Lang, p.Disabled, passwordHash)
		return err
	})
	return p, err
}

// UpdatePerson changes a person's name, access, duties, wards and language. The login stays, and
// so does whether they may sign in.
func (s *Staff) UpdatePerson(ctx context.Context, p ward.Person, by ward.PersonID) error {
	if err := check(p); err != nil {
		return err
	}
	return s.change(ctx, by, "person.update", p.ID, string(p.Access), func(tx *sql.Tx) error {
		return one(tx.ExecContext(ctx, `UPDATE people SET name = ?, access = ?, duties = ?, wards = ?, lang = ? WHERE id = ?`,
			p.Name, p.Access, sqlite.AsJSON(p.Duties), sqlite.AsJSON(p.Wards), p.Lang, p.ID))
	})
}

// SetLang changes the language of a person's screens.
func (s *Staff) SetLang(ctx context.Context, id ward.PersonID, lang string) error {
	if err := checkLang(lang); err != nil {
		return err
	}
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		return one(tx.ExecContext(ctx, `UPDATE people SET lang = ? WHERE id = ?`, lang, id))
	})
	if err == nil {
		s.changed(ctx)
	}
	return err
}

// SetPassword replaces a person's password and ends their sessions.
func (s *Staff) SetPassword(ctx context.Context, id ward.PersonID, passwordHash string, by ward.PersonID) error {
	return s.change(ctx, by, "person.password", id, "", func(tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, `UPDATE people SET password = ? WHERE id = ?`, passwordHash, id)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE person = ?`, id)
		return err
	})
}

// Disable keeps a person out, or lets them in again. Keeping out ends their sessions; their tokens
// stop working while it lasts. Nobody is ever deleted: the audit log names them.
func (s *Staff) Disable(ctx context.Context, id ward.PersonID, disabled bool, by ward.PersonID) error {
	return s.change(ctx, by, "person.disable", id, fmt.Sprint(disabled), func(tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, `UPDATE people SET disabled = ? WHERE id = ?`, disabled, id)); err != nil || !disabled {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE person = ?`, id)
		return err
	})
}

// Person finds a person, disabled or not.
func (s *Staff) Person(ctx context.Context, id ward.PersonID) (ward.Person, error) {
	p, _, err := scanPerson(s.db.Read().QueryRowContext(ctx, people+` WHERE id = ?`, id))
	return p, sqlite.Absent(err, nobody, nobodyHint)
}

// Enabled finds, within a transaction, a member of staff who may sign in.
func Enabled(ctx context.Context, q sqlite.Querier, id ward.PersonID) (ward.Person, error) {
	p, _, err := scanPerson(q.QueryRowContext(ctx, people+` WHERE p.id = ? AND p.disabled = 0`, id))
	return p, absent(err)
}

// EnabledByName is Enabled for somebody named by their login, or by their ID.
func EnabledByName(ctx context.Context, q sqlite.Querier, name string) (ward.Person, error) {
	p, _, err := scanPerson(q.QueryRowContext(ctx, people+` WHERE (p.login = ?1 OR p.id = ?1) AND p.disabled = 0 ORDER BY p.login = ?1 DESC LIMIT 1`, name))
	return p, absent(err)
}

func absent(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return bad("the person named is not among the staff", "choose somebody from the list of staff who may sign in")
	}
	return err
}

// PersonByLogin finds a person, disabled or not, with the hash of their password. Upper and lower
// case of the login are the same.
func (s *Staff) PersonByLogin(ctx context.Context, login string) (ward.Person, string, error) {
	p, hash, err := scanPerson(s.db.Read().QueryRowContext(ctx, people+` WHERE login = ?`, login))
	return p, hash, sqlite.Absent(err, nobody, nobodyHint)
}

// People lists the staff by login.
func (s *Staff) People(ctx context.Context) ([]ward.Person, error) {
	return sqlite.List(ctx, s.db.Read(), func(r sqlite.Row) (ward.Person, error) {
		p, _, err := scanPerson(r)
		return p, err
	}, people+` ORDER BY login`)
}

const (
	columns            = `p.id, p.login, p.name, p.access, p.duties, p.wards, p.lang, p.disabled, p.password`
	people             = `SELECT ` + columns + ` FROM people p`
	nobody, nobodyHint = "there is no such person", "add them with `wardwatch user add`"
)

// scanPerson reads columns, and whatever the query has behind them into more.
func scanPerson(r sqlite.Row, more ...any) (p ward.Person, hash string, err error) {
	err = r.Scan(append([]any{&p.ID, &p.Login, &p.Name, &p.Access, sqlite.FromJSON(&p.Duties), sqlite.FromJSON(&p.Wards), &p.Lang, &p.Disabled, &hash}, more...)...)
	return p, hash, err
}

func check(p ward.Person) error {
	if !ward.ValidID(p.Login) {
		return &ward.Error{Code: ward.BadInput, Message: fmt.Sprintf("%q cannot be a login", p.Login), Hint: "use letters, digits, _ and -, at most 64"}
	}
	switch p.Access {
	case ward.AccessNurse, ward.AccessCharge, ward.AccessDoctor, ward.AccessEngineer, ward.AccessAdmin, ward.AccessDisplay:
	default:
		return &ward.Error{Code: ward.BadInput, Message: fmt.Sprintf("%q is not an access role", p.Access), Hint: "give nurse, nurse_in_charge, doctor, engineer, administrator or display"}
	}
	return checkLang(p.Lang)
}

func checkLang(lang string) error {
	switch lang {
	case "vi", "en":
		return nil
	}
	return &ward.Error{Code: ward.BadInput, Message: fmt.Sprintf("%q is not a language of the screens", lang), Hint: "give vi or en"}
}

// change runs fn and records who did what to whom in the same transaction.
func (s *Staff) change(ctx context.Context, by ward.PersonID, deed string, whom ward.PersonID, detail string, fn func(tx *sql.Tx) error) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return audit.Write(ctx, tx, ward.AuditEntry{At: s.now(), By: by, Deed: deed, Object: "person:" + string(whom), Detail: detail})
	})
	if err == nil {
		s.changed(ctx)
	}
	return err
}

// one refuses a change that found nobody.
func one(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		err = &ward.Error{Code: ward.NotFound, Message: nobody, Hint: nobodyHint}
	}
	return err
}
