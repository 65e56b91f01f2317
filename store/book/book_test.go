package book

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"wardwatch/ward"
)

// clock is a clock that the test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time       { return c.at }
func (c *clock) pass(d time.Duration) { c.at = c.at.Add(d) }
func newClock() *clock                { return &clock{time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC)} }
func bed(id ward.BedID) ward.Place    { return ward.Place{Ward: "a9", Bed: id} }
func minutes(n int) time.Duration     { return time.Duration(n) * time.Minute }
func person(hospital string) ward.Stay {
	return ward.Stay{HospitalID: hospital, FamilyName: "Nguyễn", GivenName: "An"}
}
func to(p ward.PersonID) *ward.PersonID      { return &p }
func at(s ward.Stay, p ward.Place) ward.Stay { s.Place = p; return s }

// blank is a book with a ward of four beds, made once: making the tables takes longer than most
// tests.
var blank = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "book")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "book.db")
	b, err := Open(context.Background(), path, Options{Now: newClock().now})
	if err != nil {
		return nil, err
	}
	err = b.AddWard(context.Background(), ward.Ward{ID: "a9", Name: "Cấp cứu A9"}, "")
	for i, id := range []ward.BedID{"01", "02", "12A", "12B"} {
		err = errors.Join(err, b.AddBed(context.Background(), ward.Bed{Place: bed(id), Order: i}, ""))
	}
	if err = errors.Join(err, b.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// open opens a copy of the blank book in a folder of the test.
func open(t testing.TB, c *clock) *Book { return openWith(t, Options{Now: c.now}) }

func openWith(t testing.TB, o Options) *Book {
	t.Helper()
	path := filepath.Join(t.TempDir(), "book.db")
	ok(t, os.WriteFile(path, must[[]byte](t)(blank()), 0o600))
	return openAt(t, path, o)
}

func openAt(t testing.TB, path string, o Options) *Book {
	t.Helper()
	b := must[*Book](t)(Open(context.Background(), path, o))
	t.Cleanup(func() { b.Close() })
	return b
}

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused checks that an error is of a kind and tells its reader what to do.
func refused(t testing.TB, err error, code ward.ErrorCode) {
	t.Helper()
	var e *ward.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a *ward.Error of code %s", err, code)
	}
	if e.Code != code || e.Message == "" || e.Hint == "" {
		t.Fatalf("got code %s, message %q, hint %q; want code %s and both others", e.Code, e.Message, e.Hint, code)
	}
}

func TestStayLifeAndHistory(t *testing.T) {
	c := newClock()
	b := open(t, c)
	ctx := t.Context()
	admitted := c.at
	s := must[ward.Stay](t)(b.Admit(ctx, at(person("H1"), bed("01")), "nurse"))
	if got := b.LookUp(s.ID); got == nil || !got.Same(&s) {
		t.Fatalf("LookUp gives %+v, want %+v", got, s)
	}
	_, err := b.Admit(ctx, at(person("H2"), bed("01")), "nurse")
	refused(t, err, ward.Conflict)
	_, err = b.Admit(ctx, at(person("H1"), bed("02")), "nurse")
	refused(t, err, ward.Conflict)
	_, err = b.Admit(ctx, at(person("H3"), bed("99")), "nurse")
	refused(t, err, ward.NotFound)

	c.pass(minutes(10))
	s = must[ward.Stay](t)(b.Transfer(ctx, s.ID, bed("12A"), time.Time{}, "nurse"))
	moved := c.at
	c.pass(minutes(10))
	s = must[ward.Stay](t)(b.Discharge(ctx, s.ID, time.Time{}, "discharged", "doctor"))
	if s.Ended != c.at || s.EndReason != "discharged" || s.Place != bed("12A") {
		t.Errorf("after discharge: %+v", s)
	}
	want := []ward.Lying{{Stay: s.ID, Place: bed("01"), From: admitted, To: moved}, {Stay: s.ID, Place: bed("12A"), From: moved, To: c.at}}
	got := must[[]ward.Lying](t)(b.History(ctx, s.ID))
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("history %v, want %v", got, want)
	}
	if id, why := b.Resolve(bed("01"), "", admitted.Add(minutes(5)), time.Second); id != s.ID {
		t.Errorf("a reading of the first bed: %q, %v", id, why)
	}
	if id, why := b.Resolve(bed("01"), "", moved.Add(minutes(5)), time.Second); id != "" || why != ward.EmptyBed {
		t.Errorf("a reading of the bed left: %q, %v", id, why)
	}
}
