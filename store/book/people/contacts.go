package people

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"wardwatch/store/book/audit"
	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// Bounds of contacts, ours.
const (
	maxContacts    = 12   // in use by one person: a few telephones, each with a few browsers
	longestAddress = 2048 // bytes; a push endpoint has several hundred
	longestLabel   = 128
	longestWhy     = 256
)

const contacts = `SELECT c.id, c.person, c.channel, c.address, c.p256dh, c.auth, c.label, c.added, c.ended, c.why FROM contacts c`

func scanContact(r sqlite.Row) (c ward.Contact, err error) {
	return c, r.Scan(&c.ID, &c.Person, &c.Channel, &c.Address, &c.P256dh, &c.Auth, &c.Label, sqlite.When(&c.Added), sqlite.When(&c.Ended), &c.Why)
}

// Contacts lists where a person is told, of one channel or, when it is empty, of all; the oldest
// first. Who may not sign in is told nowhere.
func (s *Staff) Contacts(ctx context.Context, person ward.PersonID, channel string) ([]ward.Contact, error) {
	return sqlite.List(ctx, s.db.Read(), scanContact, contacts+` JOIN people p ON p.id = c.person
		WHERE c.person = ?1 AND (c.channel = ?2 OR ?2 = '') AND c.ended = 0 AND p.disabled = 0 ORDER BY c.added, c.id`, person, channel)
}

// AddContact keeps an address at which a person is told. The same address again renews its label and
// keys, and brings it back when it had ended. A browser's push subscription belongs to whoever signed
// up with it last: it ends for anybody else, or their alerts would show on a telephone that is now
// in other hands. Twelve in use are the most a person has.
func (s *Staff) AddContact(ctx context.Context, c ward.Contact, by ward.PersonID) (kept ward.Contact, err error) {
	if err := checkContact(&c); err != nil {
		return c, err
	}
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		now := s.now()
		if err := mayBeTold(ctx, tx, c.Person); err != nil {
			return err
		}
		moved, err := takeFromOthers(ctx, tx, &c, by, now)
		if err != nil {
			return err
		}
		old, err := scanContact(tx.QueryRowContext(ctx, contacts+` WHERE c.person = ? AND c.channel = ? AND c.address = ?`, c.Person, c.Channel, c.Address))
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if kept, err = renewed(ctx, tx, c, old, now); err != nil || kept == old {
			return err
		}
		if err := keepContact(ctx, tx, &kept); err != nil {
			return err
		}
		return audit.Write(ctx, tx, append(moved, contactEntry(now, by, "contact.add", &kept))...)
	})
	return kept, err
}

// EndContact ends the use of an address; by is empty when the channel found it dead. One that has
// ended already is no error.
func (s *Staff) EndContact(ctx context.Context, id, why string, by ward.PersonID) error {
	if len(why) > longestWhy || !utf8.ValidString(why) {
		return bad("why the contact ends is too long", "say it in at most 256 bytes")
	}
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		c, err := scanContact(tx.QueryRowContext(ctx, contacts+` WHERE c.id = ?`, id))
		if err != nil {
			return sqlite.Absent(err, "there is no such contact", "reload the list of contacts")
		}
		if !c.Ended.IsZero() {
			return nil
		}
		entry, err := endContact(ctx, tx, c, why, by, s.now())
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, entry)
	})
}

// mayBeTold refuses a person who is not there or may not sign in.
func mayBeTold(ctx context.Context, tx *sql.Tx, id ward.PersonID) error {
	n, err := sqlite.Number(ctx, tx, `SELECT count(*) FROM people WHERE id = ? AND disabled = 0`, id)
	if err == nil && n == 0 {
		err = &ward.Error{Code: ward.NotFound, Message: "there is no such person, or they may not sign in", Hint: "add them with `wardwatch user add`, or let them in again first"}
	}
	return err
}

// takeFromOthers ends a push subscription that somebody else signed up with.
func takeFromOthers(ctx context.Context, tx *sql.Tx, c *ward.Contact, by ward.PersonID, now time.Time) (entries []ward.AuditEntry, err error) {
	if c.P256dh == "" {
		return nil, nil
	}
	others, err := sqlite.List(ctx, tx, scanContact, contacts+` WHERE c.channel = ? AND c.address = ? AND c.person <> ? AND c.ended = 0`, c.Channel, c.Address, c.Person)
	for i := 0; i < len(others) && err == nil; i++ {
		var entry ward.AuditEntry
		entry, err = endContact(ctx, tx, others[i], "signed up by "+string(c.Person), by, now)
		entries = append(entries, entry)
	}
	return entries, err
}

// renewed is the contact as it is to stand: a new one, or the old one with what is new. It refuses
// one too many.
func renewed(ctx context.Context, tx *sql.Tx, c, old ward.Contact, now time.Time) (ward.Contact, error) {
	if old.ID != "" && old.Ended.IsZero() {
		c.ID, c.Added = old.ID, old.Added
		return c, nil
	}
	n, err := sqlite.Number(ctx, tx, `SELECT count(*) FROM contacts WHERE person = ? AND ended = 0`, c.Person)
	if err != nil {
		return c, err
	}
	if n >= maxContacts {
		return c, &ward.Error{Code: ward.Conflict, Message: fmt.Sprintf("there are %d contacts of this person already", n), Hint: "remove one that is not used any more"}
	}
	c.ID, c.Added = old.ID, sqlite.Time(sqlite.Ms(now))
	if c.ID == "" {
		c.ID = rand.Text()[:16]
	}
	return c, nil
}

func keepContact(ctx context.Context, tx *sql.Tx, c *ward.Contact) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO contacts (id, person, channel, address, p256dh, auth, label, added, ended, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, '')
		ON CONFLICT (id) DO UPDATE SET p256dh = excluded.p256dh, auth = excluded.auth, label = excluded.label, added = excluded.added, ended = 0, why = ''`,
		c.ID, c.Person, c.Channel, c.Address, c.P256dh, c.Auth, c.Label, sqlite.Ms(c.Added))
	return err
}

func endContact(ctx context.Context, tx *sql.Tx, c ward.Contact, why string, by ward.PersonID, now time.Time) (ward.AuditEntry, error) {
	_, err := tx.ExecContext(ctx, `UPDATE contacts SET ended = ?, why = ? WHERE id = ?`, sqlite.Ms(now), why, c.ID)
	return contactEntry(now, by, "contact.end", &c), err
}

// contactEntry never holds the address, nor why it ended, where a gateway may have repeated it: the
// record is read by many.
func contactEntry(at time.Time, by ward.PersonID, deed string, c *ward.Contact) ward.AuditEntry {
	return ward.AuditEntry{At: at, By: by, Deed: deed, Object: "person:" + string(c.Person), Detail: c.Channel + " " + c.ID}
}

func checkContact(c *ward.Contact) error {
	c.Ended, c.Why = time.Time{}, ""
	c.Label = strings.TrimSpace(c.Label)
	switch {
	case !ward.ValidID(c.Channel):
		return bad("this cannot be a channel's name", "use letters, digits, _ and -, at most 64")
	case !plain(c.Address, longestAddress) || strings.TrimSpace(c.Address) != c.Address || c.Address == "":
		return bad("the address is missing, too long, or has characters that it cannot have", "give a telephone number, a mail address, a topic or a push endpoint, without spaces around it")
	case !plain(c.P256dh, longestLabel) || !plain(c.Auth, longestLabel) || (c.P256dh == "") != (c.Auth == ""):
		return bad("a push subscription has two keys", "send p256dh and auth as the browser gives them")
	case !plain(c.Label, longestLabel):
		return bad("the label is too long, or has characters that cannot be shown", "write at most 128 bytes, for example Điện thoại trực")
	}
	return nil
}

// plain says whether a text can be shown in one line of at most so many bytes.
func plain(text string, most int) bool {
	return len(text) <= most && utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

func bad(message, hint string) error {
	return &ward.Error{Code: ward.BadInput, Message: message, Hint: hint}
}
