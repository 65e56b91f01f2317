package book

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"wardwatch/store/book/models"
	"wardwatch/ward"
)

// childBook names the book that this test binary, started again as a child, writes until it is
// killed; childDoes what it writes, childDies the point at which it kills itself, and childFirst the
// first change it makes.
const (
	childBook  = "WARDWATCH_TEST_CHILD_BOOK"
	childDoes  = "WARDWATCH_TEST_CHILD_DOES"
	childDies  = "WARDWATCH_TEST_CHILD_DIES"
	childFirst = "WARDWATCH_TEST_CHILD_FIRST"
)

// What a child writes.
const (
	childAlerts    = "alerts"
	childGates     = "gates"
	childHandsOver = "hand-overs"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childBook); path != "" {
		write := map[string]func(path, dies, first string){childAlerts: commitForEver, childGates: gatesForEver, childHandsOver: handOverForEver}[os.Getenv(childDoes)]
		write(path, os.Getenv(childDies), os.Getenv(childFirst))
	}
	os.Exit(m.Run())
}

// change is the i-th change of the child: an alert, an audit entry and two notices.
func change(i int) ward.Change {
	id := ward.AlertID(fmt.Sprint("K", i))
	n := func(role ward.Role) ward.Notice {
		return ward.Notice{ID: ward.NoticeID(fmt.Sprintf("%s|%s", id, role)), Alert: id, Role: role, State: ward.NoticePending, Due: time.UnixMilli(int64(i + 1))}
	}
	return ward.Change{Alert: ward.Alert{ID: id, Version: 1, State: ward.Active, Position: uint64(i + 1), Place: ward.Place{Ward: "a9", Bed: "01"}},
		Audit: []ward.AuditEntry{{At: time.UnixMilli(int64(i + 1)), Deed: "alert.raise", Object: "alert:" + string(id)}}, Notices: []ward.Notice{n(ward.RoleNurse), n(ward.RoleDoctor)}}
}

func commitForEver(path, dies, first string) {
	var i, commits int
	fmt.Sscan(first, &i)
	b, err := Open(context.Background(), path, Options{Probe: func(point string) {
		if commits++; point == dies && commits > 20 {
			killSelf()
		}
	}})
	for ; err == nil; i++ {
		if err = b.Commit(context.Background(), change(i)); err == nil {
			fmt.Println(i)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func killSelf() { syscall.Kill(os.Getpid(), syscall.SIGKILL) }

// runChild starts a child and kills it after a while, or lets it kill itself; it gives the number
// of the last change whose Commit returned.
func runChild(t *testing.T, path, does, dies string, first int, after time.Duration) (last int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childBook+"="+path, childDoes+"="+does, childDies+"="+dies, fmt.Sprint(childFirst, "=", first))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	ok(t, err)
	ok(t, cmd.Start())
	last = first - 1
	var kill sync.Once
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if dies == "" {
			kill.Do(func() { time.AfterFunc(after, func() { cmd.Process.Kill() }) })
		}
		fmt.Sscan(lines.Text(), &last)
	}
	cmd.Wait()
	if ws := cmd.ProcessState.Sys().(syscall.WaitStatus); ws.Signal() != syscall.SIGKILL {
		t.Fatalf("the child ended by itself: %v", cmd.ProcessState)
	}
	return last
}

// Every Commit that returned is there whole after kill -9 at any moment; none is there in part.
func TestKilledInTheMiddleOfCommits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "book.db")
	first := 0
	for round, dies := range []string{"", "book_written", "", "book_committed", "", ""} {
		last := runChild(t, path, childAlerts, dies, first, time.Duration(rand.IntN(100))*time.Millisecond)
		b, err := Open(t.Context(), path, Options{})
		ok(t, err)
		alerts := must[[]ward.Alert](t)(b.OpenAlerts(t.Context()))
		have := len(alerts)
		notices := must[[]ward.Notice](t)(b.DueNotices(t.Context(), time.Now(), 1_000_000))
		rows, _, err := b.AuditHead(t.Context())
		ok(t, err)
		verdict := must[AuditVerdict](t)(b.VerifyAudit(t.Context(), nil))
		positions := must[map[ward.Place]uint64](t)(b.Positions(t.Context()))
		ok(t, b.Close())
		if have < last+1 || have > last+2 { // the one in the air may have been committed or not
			t.Fatalf("round %d (%s): %d alerts, the last commit to return was number %d", round, dies, have, last)
		}
		if len(notices) != 2*have || rows != int64(have) || positions[bed("01")] != uint64(have) || !verdict.OK {
			t.Fatalf("round %d (%s): %d alerts, %d notices, %d audit rows, position %d, audit %+v", round, dies, have, len(notices), rows, positions[bed("01")], verdict)
		}
		first = have
	}
	t.Logf("%d commits over 6 kills", first)
}

// A full disk refuses changes, says so, leaves nothing half-written, and all resumes when there is
// space again.
func TestDiskFull(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to mount a small tmpfs")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Skipf("cannot mount a small tmpfs: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, 0) })
	b, err := Open(t.Context(), filepath.Join(dir, "book.db"), Options{})
	ok(t, err)
	t.Cleanup(func() { b.Close() })
	ballast := filepath.Join(dir, "ballast")
	ok(t, os.WriteFile(ballast, make([]byte, 1<<20), 0o600))

	kept := 0
	for err = nil; err == nil && kept < 10_000; kept++ {
		err = b.Commit(t.Context(), change(kept))
	}
	kept--
	refused(t, err, ward.Unavailable)
	if !strings.Contains(err.Error(), "disk is full") {
		t.Errorf("says %v", err)
	}
	check := func() {
		t.Helper()
		rows, _, err := b.AuditHead(t.Context())
		ok(t, err)
		if alerts := must[[]ward.Alert](t)(b.OpenAlerts(t.Context())); len(alerts) != kept || rows != int64(kept) {
			t.Fatalf("%d alerts and %d audit rows, %d were kept", len(alerts), rows, kept)
		}
		if v := must[AuditVerdict](t)(b.VerifyAudit(t.Context(), nil)); !v.OK {
			t.Fatalf("audit: %+v", v)
		}
	}
	check()
	ok(t, os.Remove(ballast))
	ok(t, b.Commit(t.Context(), change(kept)))
	kept++
	check()
}

// Many do many things at once; nothing is lost, nothing half seen.
func TestEverybodyAtOnce(t *testing.T) {
	c := newClock()
	b := open(t, c)
	ctx := t.Context()
	const each = 20
	must[ward.Person](t)(b.AddPerson(ctx, ward.Person{ID: "n", Login: "n", Access: ward.AccessNurse}, "", ""))
	var wg sync.WaitGroup
	do := func(fn func(i int) error) {
		wg.Go(func() {
			for i := range each {
				if err := fn(i); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	do(func(i int) error { return b.Commit(ctx, change(i)) })
	do(func(i int) error { return b.Commit(ctx, change(1000+i)) })
	do(func(i int) error {
		return errors.Join(b.KeepPredictions(ctx, []ward.Assessment{told("s1", hour(i), 0.5)}), b.KeepPredictions(ctx, []ward.Assessment{told("s1", hour(i), 0.5)}))
	})
	do(func(i int) error {
		ps, err := b.UnsettledPredictions(ctx, ward.Deterioration, hour(each), each)
		for i := range ps {
			ps[i].Outcome = models.NoEvent
		}
		return errors.Join(err, b.SettlePredictions(ctx, ps))
	})
	do(func(i int) error {
		s, err := b.Admit(ctx, at(person(fmt.Sprint("H", i)), bed("02")), "n")
		if err != nil {
			return err
		}
		if b.LookUp(s.ID) == nil {
			return fmt.Errorf("admitted, yet not in the picture")
		}
		_, err = b.Undo(ctx, s.ID, "n")
		return err
	})
	do(func(i int) error {
		b.Sight(heard(ward.DeviceID(fmt.Sprint("m", i%3)), bed("01"), c.at))
		b.Resolve(bed("01"), "m1", c.at, time.Second)
		return b.Reload(ctx)
	})
	do(func(int) error {
		alerts, err := b.OpenAlerts(ctx)
		if err != nil {
			return err
		}
		for _, a := range alerts {
			if n, err := b.NoticesOf(ctx, a.ID); err != nil || len(n) != 2 {
				return fmt.Errorf("alert %s is seen with %d notices, %v", a.ID, len(n), err)
			}
		}
		b.Figures()
		return nil
	})
	do(func(int) error {
		due, err := b.DueNotices(ctx, time.UnixMilli(1<<40), 3)
		if err != nil || len(due) == 0 {
			return err
		}
		_, err = b.Settle(ctx, ward.Receipt{Notice: due[0].ID, At: c.at, RetryAt: c.at.Add(time.Hour)})
		return err
	})
	do(func(i int) error {
		s, err := b.AddShift(ctx, ward.Shift{Ward: "a9", Role: ward.RoleNurse, Person: "n", From: hour(i), To: hour(i + 1)}, "n")
		if err != nil {
			return err
		}
		if !slices.Contains(b.Roster().Shifts, s) {
			return fmt.Errorf("on the roster, yet not in memory")
		}
		return b.RemoveShift(ctx, s.ID, "n")
	})
	do(func(int) error { return b.AppendAudit(ctx, ward.AuditEntry{At: c.at, Deed: "board.view"}) })
	wg.Wait()
	if alerts := must[[]ward.Alert](t)(b.OpenAlerts(ctx)); len(alerts) != 2*each {
		t.Errorf("%d alerts", len(alerts))
	}
	if v := must[AuditVerdict](t)(b.VerifyAudit(ctx, nil)); !v.OK {
		t.Errorf("audit %+v", v)
	}
}
