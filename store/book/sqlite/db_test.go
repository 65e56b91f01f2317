package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wardwatch/ward"
)

func open(t *testing.T, o Options) *DB {
	t.Helper()
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "a book?.db"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestDurability(t *testing.T) {
	for power, want := range map[bool]int64{false: 1 /* NORMAL */, true: 2 /* FULL */} {
		db := open(t, Options{Power: power})
		if got, err := Number(t.Context(), db.write, "PRAGMA synchronous"); err != nil || got != want {
			t.Errorf("power %v: synchronous is %d, %v; want %d", power, got, err, want)
		}
		var mode string
		if err := db.write.QueryRow("PRAGMA journal_mode").Scan(&mode); err != nil || mode != "wal" {
			t.Errorf("journal mode %q, %v", mode, err)
		}
	}
}

func TestTheFileIsForItsOwnerOnly(t *testing.T) {
	db := open(t, Options{})
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		fi, err := os.Stat(db.Path() + suffix)
		if err != nil || fi.Mode().Perm() != 0o600 {
			t.Errorf("%q: %v, %v", suffix, fi.Mode(), err)
		}
	}
}

func TestReadersCannotWrite(t *testing.T) {
	db := open(t, Options{})
	if _, err := db.read.Exec(`INSERT INTO meta (name, value) VALUES ('a', 'b')`); err == nil {
		t.Error("a reader wrote")
	}
}

func TestAFailedWriteLeavesNothing(t *testing.T) {
	db := open(t, Options{})
	boom := errors.New("boom")
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		if _, err := tx.Exec(`INSERT INTO meta (name, value) VALUES ('a', 'b')`); err != nil {
			return err
		}
		return boom
	})
	n, err2 := Number(t.Context(), db.Read(), `SELECT count(*) FROM meta`)
	if !errors.Is(err, boom) || err2 != nil || n != 0 {
		t.Errorf("%v, %v, %d rows", err, err2, n)
	}
	if s := db.Stats(); s.Failures != 1 || s.Bytes == 0 {
		t.Errorf("stats %+v", s)
	}
}

func TestACancelledWriteDoesNotStopTheNext(t *testing.T) {
	db := open(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Write(ctx, func(tx *sql.Tx) error {
		cancel()
		_, err := tx.ExecContext(ctx, `INSERT INTO meta (name, value) VALUES ('a', 'b')`)
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := db.Write(t.Context(), func(tx *sql.Tx) error { return nil }); err != nil {
		t.Errorf("the next: %v", err)
	}
}

func TestExplain(t *testing.T) {
	db := open(t, Options{})
	_, unique := db.write.Exec(`INSERT INTO meta (name, value) VALUES ('a', 'b'), ('a', 'c')`)
	own := &ward.Error{Code: ward.Forbidden}
	for _, tc := range []struct {
		err  error
		code ward.ErrorCode
	}{{unique, ward.Conflict}, {sql.ErrNoRows, ward.NotFound}, {errors.New("?"), ward.Unavailable}, {own, ward.Forbidden}} {
		var e *ward.Error
		if got := Explain(tc.err); !errors.As(got, &e) || e.Code != tc.code {
			t.Errorf("%v became %v, want %s", tc.err, got, tc.code)
		}
	}
	if Explain(nil) != nil {
		t.Error("nil became an error")
	}
}

func TestTimesInColumns(t *testing.T) {
	at := time.Date(2026, 11, 21, 8, 15, 2, 120e6, time.FixedZone("+07", 7*3600))
	if got := Time(Ms(at)); !got.Equal(at) || got.Location() != time.UTC {
		t.Errorf("%v became %v", at, got)
	}
	if !Time(Ms(time.Time{})).IsZero() {
		t.Error("the zero time became another")
	}
}
