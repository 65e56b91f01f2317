package book

import (
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"wardwatch/ward"
)

func TestTwoProcessesBeginOneBook(t *testing.T) {
	path := filepath.Join(t.TempDir(), "book.db")
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			b, err := Open(t.Context(), path, Options{})
			if err != nil {
				t.Error(err)
				return
			}
			defer b.Close()
			if err := b.AppendAudit(t.Context(), ward.AuditEntry{Deed: "start"}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestABookThatCannotBeOpenedSaysWhy(t *testing.T) {
	t.Run("written by a newer version", func(t *testing.T) {
		b := open(t, newClock())
		execute(t, b, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`)
		ok(t, b.Close())
		_, err := Open(t.Context(), b.Path(), Options{})
		refused(t, err, ward.Conflict)
	})
	t.Run("not a book", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "book.db")
		ok(t, os.WriteFile(path, []byte("this is a letter, not a book; it goes on for a while"), 0o600))
		_, err := Open(t.Context(), path, Options{})
		refused(t, err, ward.Unavailable)
	})
	t.Run("no such folder", func(t *testing.T) {
		_, err := Open(t.Context(), filepath.Join(t.TempDir(), "nowhere", "book.db"), Options{})
		refused(t, err, ward.Unavailable)
	})
}

// The command line changes the book while the server runs.
func TestReloadShowsWhatAnotherProcessWrote(t *testing.T) {
	c := newClock()
	server := open(t, c)
	cli := openAt(t, server.Path(), Options{Now: c.now})
	ok(t, server.Reload(t.Context()))
	s := must[ward.Stay](t)(cli.Admit(t.Context(), at(person("H1"), bed("01")), "it"))
	c.pass(minutes(1))
	if id, why := server.Resolve(bed("01"), "", c.at, time.Second); why != ward.EmptyBed {
		t.Fatalf("before the reload: %q, %v", id, why)
	}
	before := server.Generation()
	ok(t, server.Reload(t.Context()))
	if id, why := server.Resolve(bed("01"), "", c.at, time.Second); id != s.ID || server.LookUp(s.ID) == nil || server.Generation() == before {
		t.Errorf("after the reload: %q, %v, %v", id, why, server.LookUp(s.ID))
	}
	after := server.Generation()
	must[ward.Stay](t)(server.Admit(t.Context(), at(person("H2"), bed("02")), "n")) // our own writes are shown already
	ok(t, server.Reload(t.Context()))
	if server.Generation() != after {
		t.Error("our own write made everything be loaded anew")
	}
}

func TestBackupAndRestore(t *testing.T) {
	c := newClock()
	b := open(t, c)
	ctx := t.Context()
	s := must[ward.Stay](t)(b.Admit(ctx, at(person("H1"), bed("01")), "n"))
	copied := filepath.Join(t.TempDir(), "copy.db")
	ok(t, b.Backup(ctx, copied))
	refused(t, b.Backup(ctx, copied), ward.Conflict)
	if fi := must[os.FileInfo](t)(os.Stat(copied)); fi.Mode().Perm() != 0o600 {
		t.Errorf("others may read the backup: %v", fi.Mode())
	}
	must[ward.Stay](t)(b.Admit(ctx, at(person("H2"), bed("02")), "n")) // after the backup

	refused(t, Restore(ctx, copied, b.Path()), ward.Unavailable) // in use
	ok(t, b.Close())
	ok(t, Restore(ctx, copied, b.Path()))
	lies := func(path string) []ward.Stay {
		b := must[*Book](t)(Open(ctx, path, Options{Now: c.now}))
		defer b.Close()
		if v := must[AuditVerdict](t)(b.VerifyAudit(ctx, nil)); !v.OK {
			t.Errorf("audit %+v", v)
		}
		return must[[]ward.Stay](t)(b.StaysOn(ctx, "a9"))
	}
	if got := lies(b.Path()); !reflect.DeepEqual(got, []ward.Stay{s}) {
		t.Errorf("restored: %+v", got)
	}
	if got := lies(b.Path() + ".before-restore"); len(got) != 2 {
		t.Errorf("kept from before: %+v", got)
	}
}

// The book was killed, so its latest changes are in the write-ahead log only: a restore keeps them
// beside it and never lets them meet the restored file; a copy of it has them.
func TestRestoreBesideAnUnfinishedLog(t *testing.T) {
	c := newClock()
	b := open(t, c)
	ctx := t.Context()
	copied := filepath.Join(t.TempDir(), "copy.db")
	ok(t, b.Backup(ctx, copied))
	killed := filepath.Join(t.TempDir(), "book.db") // as kill -9 leaves it
	must[ward.Stay](t)(b.Admit(ctx, at(person("H1"), bed("01")), "n"))
	for _, suffix := range []string{"", "-wal"} {
		ok(t, os.WriteFile(killed+suffix, must[[]byte](t)(os.ReadFile(b.Path()+suffix)), 0o600))
	}
	moved := filepath.Join(t.TempDir(), "moved.db")
	ok(t, Restore(ctx, killed, moved)) // the log of the source is part of it
	ok(t, Restore(ctx, copied, killed))
	for _, tc := range []struct {
		path string
		want int
	}{{moved, 1}, {killed, 0}, {killed + ".before-restore", 1}} {
		b := must[*Book](t)(Open(ctx, tc.path, Options{Now: c.now}))
		if got := must[[]ward.Stay](t)(b.StaysOn(ctx, "a9")); len(got) != tc.want {
			t.Errorf("%s holds %d stays, want %d", filepath.Base(tc.path), len(got), tc.want)
		}
		ok(t, b.Close())
	}
}

func TestRestoreRefusesWhatIsNoBook(t *testing.T) {
	b := open(t, newClock())
	ctx := t.Context()
	copied := filepath.Join(t.TempDir(), "copy.db")
	ok(t, b.Backup(ctx, copied))
	ok(t, b.Close())
	data := must[[]byte](t)(os.ReadFile(copied))
	clear(data[len(data)/2 : len(data)/2+8192])
	ok(t, os.WriteFile(copied, data, 0o600))
	if err := Restore(ctx, copied, b.Path()); err == nil {
		t.Error("a damaged backup was restored")
	}
	letter := filepath.Join(t.TempDir(), "letter.txt")
	ok(t, os.WriteFile(letter, []byte("this is a letter, not a book; it goes on for a while"), 0o600))
	if err := Restore(ctx, letter, b.Path()); err == nil {
		t.Error("a letter was restored")
	}
	refused(t, Restore(ctx, letter+"x", b.Path()), ward.NotFound)
	again := must[*Book](t)(Open(ctx, b.Path(), Options{})) // and the book is untouched
	if beds := must[[]ward.Bed](t)(again.Beds(ctx, "a9")); len(beds) != 4 {
		t.Errorf("%d beds", len(beds))
	}
	ok(t, again.Close())
}

func TestASimulationIsNeverServedAsReal(t *testing.T) {
	for _, simulation := range []bool{true, false} {
		b := open(t, newClock())
		ok(t, b.MarkSimulation(t.Context(), simulation))
		ok(t, b.MarkSimulation(t.Context(), simulation))
		refused(t, b.MarkSimulation(t.Context(), !simulation), ward.Conflict)
		if got := must[bool](t)(b.Simulation(t.Context())); got != simulation {
			t.Errorf("marked %v, says %v", simulation, got)
		}
	}
}
