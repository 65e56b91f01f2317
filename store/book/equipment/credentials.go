// Package equipment is the part of the book that knows the devices: what they may show the
// broker, and, as dated rows, where each has stood and who confirmed it.
package equipment

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"wardwatch/store/book/audit"
	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// Equipment holds credentials and attachments.
type Equipment struct {
	db      *sqlite.DB
	now     func() time.Time
	changed Changed
}

// Changed is told, after each commit, at which places the attachments are no longer as they were.
type Changed func(ctx context.Context, places []ward.Place)

// New is the equipment kept in db.
func New(db *sqlite.DB, now func() time.Time, changed Changed) *Equipment {
	return &Equipment{db: db, now: now, changed: changed}
}

// AddCredential lets a device or gateway in. The hash of its secret is made by the caller; the
// secret itself is never kept. A user that is there already is a conflict, unless it was revoked.
func (s *Equipment) AddCredential(ctx context.Context, c ward.Credential, secretHash string, by ward.PersonID) error {
	if err := checkCredential(c); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		now := s.now()
		res, err := tx.ExecContext(ctx, `INSERT INTO credentials (login, gateway, grants, hash, created, revoked) VALUES (?, ?, ?, ?, ?, 0)
			ON CONFLICT (login) DO UPDATE SET gateway = excluded.gateway, grants = excluded.grants, hash = excluded.hash,
			created = excluded.created, revoked = 0 WHERE revoked > 0`, c.User, c.Gateway, sqlite.AsJSON(c.Grants), secretHash, sqlite.Ms(now))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return &ward.Error{Code: ward.Conflict, Message: fmt.Sprintf("there is a credential for %q already", c.User), Hint: "revoke it first, or choose another name"}
		}
		return audit.Write(ctx, tx, ward.AuditEntry{At: now, By: by, Deed: "credential.add", Object: "credential:" + c.User, Detail: fmt.Sprint(c.Grants)})
	})
}

func checkCredential(c ward.Credential) error {
	if !ward.ValidID(c.User) {
		return &ward.Error{Code: ward.BadInput, Message: fmt.Sprintf("%q cannot be a credential's name", c.User), Hint: "use the device's id: letters, digits, _ and -, at most 64"}
	}
	if len(c.Grants) == 0 {
		return &ward.Error{Code: ward.BadInput, Message: "the credential may speak for no bed", Hint: "grant a bed, or a whole ward for a gateway"}
	}
	for _, g := range c.Grants {
		if !ward.ValidID(string(g.Ward)) || g.Bed != "" && !ward.ValidID(string(g.Bed)) {
			return &ward.Error{Code: ward.BadInput, Message: fmt.Sprintf("%q is not a bed or ward", g), Hint: "write ward/bed, or the ward alone for a gateway"}
		}
		if !c.Gateway && (g.Bed == "" || len(c.Grants) > 1) {
			return &ward.Error{Code: ward.BadInput, Message: "a device speaks for its own bed only", Hint: "grant one bed, or make it a gateway"}
		}
	}
	return nil
}

// RevokeCredential shuts a device or gateway out. Revoking twice is no error.
func (s *Equipment) RevokeCredential(ctx context.Context, user string, by ward.PersonID) error {
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		now := s.now()
		c, _, err := credential(ctx, tx, user)
		if err != nil || !c.Revoked.IsZero() {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE credentials SET revoked = ? WHERE login = ?`, sqlite.Ms(now), user); err != nil {
			return err
		}
		return audit.Write(ctx, tx, ward.AuditEntry{At: now, By: by, Deed: "credential.revoke", Object: "credential:" + user})
	})
}

// Credential finds a credential, revoked or not, and the hash of its secret.
func (s *Equipment) Credential(ctx context.Context, user string) (ward.Credential, string, error) {
	return credential(ctx, s.db.Read(), user)
}

// Credentials lists all of them, revoked ones included.
func (s *Equipment) Credentials(ctx context.Context) ([]ward.Credential, error) {
	return sqlite.List(ctx, s.db.Read(), func(r sqlite.Row) (ward.Credential, error) {
		c, _, err := scanCredential(r)
		return c, err
	}, credentials+` ORDER BY login`)
}

const credentials = `SELECT login, gateway, grants, created, revoked, hash FROM credentials`

func credential(ctx context.Context, q sqlite.Querier, user string) (ward.Credential, string, error) {
	c, hash, err := scanCredential(q.QueryRowContext(ctx, credentials+` WHERE login = ?`, user))
	return c, hash, sqlite.Absent(err, fmt.Sprintf("there is no credential for %q", user), "add one with `wardwatch device add`")
}

func scanCredential(r sqlite.Row) (c ward.Credential, hash string, err error) {
	err = r.Scan(&c.User, &c.Gateway, sqlite.FromJSON(&c.Grants), sqlite.When(&c.Created), sqlite.When(&c.Revoked), &hash)
	return c, hash, err
}

// registered reports whether the device has a credential of its own that names exactly this place.
func registered(ctx context.Context, tx sqlite.Querier, d ward.DeviceID, p ward.Place) (bool, error) {
	c, _, err := credential(ctx, tx, string(d))
	var known *ward.Error
	if errors.As(err, &known) && known.Code == ward.NotFound {
		return false, nil
	}
	return err == nil && !c.Gateway && c.Revoked.IsZero() && len(c.Grants) == 1 && c.Grants[0] == p, err
}
