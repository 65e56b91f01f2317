// Package booktest opens books for the tests of the book's rooms: a hospital of two wards with a few
// of its staff.
package booktest

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"wardwatch/store/book"
	"wardwatch/ward"
)

// Clock is a clock that the test moves.
type Clock struct{ At time.Time }

// NewClock begins in the morning of an ordinary day, at 08:00 in Hanoi.
func NewClock() *Clock { return &Clock{time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC)} }

// Now is the clock's time.
func (c *Clock) Now() time.Time { return c.At }

// Pass moves the clock.
func (c *Clock) Pass(d time.Duration) { c.At = c.At.Add(d) }

// Hanoi is the zone of the hospital.
func Hanoi() *time.Location { return time.FixedZone("+07", 7*3600) }

// Staff are the people of the hospital.
func Staff() []ward.Person {
	return []ward.Person{
		{ID: "lan", Login: "dd-lan", Access: ward.AccessNurse, Wards: []ward.WardID{"a9"}},
		{ID: "mai", Login: "dd-mai", Access: ward.AccessNurse, Wards: []ward.WardID{"a9"}},
		{ID: "hoa", Login: "dd-hoa", Access: ward.AccessNurse, Wards: []ward.WardID{"b1"}},
		{ID: "truong", Login: "dd-truong", Access: ward.AccessCharge, Wards: []ward.WardID{"a9"}},
		{ID: "binh", Login: "bs-binh", Access: ward.AccessDoctor},
		{ID: "chi", Login: "bs-chi", Access: ward.AccessDoctor, Duties: []ward.Role{ward.RoleDoctor, ward.RoleLead}},
		{ID: "left", Login: "dd-left", Access: ward.AccessNurse, Disabled: true},
	}
}

// blank is the hospital's book, made once: making the tables takes longer than most tests.
var blank = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "book")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	ctx, path := context.Background(), filepath.Join(dir, "book.db")
	b, err := book.Open(ctx, path, book.Options{Now: NewClock().Now})
	if err != nil {
		return nil, err
	}
	for id, name := range map[ward.WardID]string{"a9": "Cấp cứu A9", "b1": "Nội B1"} {
		err = errors.Join(err, b.AddWard(ctx, ward.Ward{ID: id, Name: name}, ""))
		for i, bed := range []ward.BedID{"01", "02", "03", "04"} {
			err = errors.Join(err, b.AddBed(ctx, ward.Bed{Place: ward.Place{Ward: id, Bed: bed}, Order: i}, ""))
		}
	}
	for _, p := range Staff() {
		_, added := b.AddPerson(ctx, p, "hash", "")
		err = errors.Join(err, added)
	}
	if err = errors.Join(err, b.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// Open opens a copy of the hospital's book in a folder of the test.
func Open(t testing.TB, c *Clock) *book.Book {
	t.Helper()
	path := filepath.Join(t.TempDir(), "book.db")
	OK(t, os.WriteFile(path, Must[[]byte](t)(blank()), 0o600))
	return OpenAt(t, path, c)
}

// OpenAt opens the book at a path, as another process would.
func OpenAt(t testing.TB, path string, c *Clock) *book.Book {
	t.Helper()
	b := Must[*book.Book](t)(book.Open(context.Background(), path, book.Options{Now: c.Now, Zone: Hanoi()}))
	t.Cleanup(func() { b.Close() })
	return b
}

// Admit admits somebody to a bed.
func Admit(t testing.TB, b *book.Book, w ward.WardID, bed ward.BedID) ward.Stay {
	t.Helper()
	return Must[ward.Stay](t)(b.Admit(t.Context(), ward.Stay{FamilyName: "Nguyễn", GivenName: "An", Place: ward.Place{Ward: w, Bed: bed}}, "lan"))
}

// Raw is a connection to the book's file that knows none of its rules.
func Raw(t testing.TB, b *book.Book) *sql.DB {
	t.Helper()
	db := Must[*sql.DB](t)(sql.Open("sqlite", "file:"+b.Path()+"?_busy_timeout=5000"))
	t.Cleanup(func() { db.Close() })
	return db
}

// Must gives what a call gave, and ends the test when it failed.
func Must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// OK ends the test when a call failed.
func OK(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Refused checks that an error is of a kind and tells its reader what to do.
func Refused(t testing.TB, err error, code ward.ErrorCode) {
	t.Helper()
	var e *ward.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a *ward.Error of code %s", err, code)
	}
	if e.Code != code || e.Message == "" || e.Hint == "" {
		t.Fatalf("got code %s, message %q, hint %q; want code %s and both others", e.Code, e.Message, e.Hint, code)
	}
}

// Deeds is what the audit log has on an object, the oldest first, as lines "by: deed".
func Deeds(t testing.TB, b *book.Book, object string) (out []string) {
	t.Helper()
	for _, row := range Must[[]book.AuditRow](t)(b.Audit(t.Context(), book.AuditFilter{Object: object})) {
		out = append([]string{string(row.By) + ": " + row.Deed}, out...)
	}
	return out
}

// Whole checks that the audit log is whole.
func Whole(t testing.TB, b *book.Book) {
	t.Helper()
	if v := Must[book.AuditVerdict](t)(b.VerifyAudit(t.Context(), nil)); !v.OK {
		t.Errorf("audit: %+v", v)
	}
}
