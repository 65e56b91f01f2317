package findings_test

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"syscall"
	"testing"
	"time"

	"wardwatch/store/book"
	"wardwatch/ward"
)

func TestDeliveriesWaitInTheirOrder(t *testing.T) {
	c := newClock()
	b := open(t, c)
	var want []ward.Delivery
	for i := range 3 {
		d := delivery(c, fmt.Sprint("d", i))
		for _, fresh := range []bool{true, false} {
			if got := must[bool](t)(b.Accept(t.Context(), d)); got != fresh {
				t.Errorf("%s is fresh: %v", d.ID, got)
			}
		}
		d.State = ward.DeliveryWaiting
		want = append(want, d)
		c.pass(-time.Minute) // clocks go back; the order does not
	}
	list := func(most int) []ward.Delivery { return must[[]ward.Delivery](t)(b.Waiting(t.Context(), most)) }
	if got := list(9); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := list(2); len(got) != 2 {
		t.Errorf("%d of at most 2", len(got))
	}
	for range 2 {
		ok(t, b.RefuseDelivery(t.Context(), "d0", ward.RefusedCorrupt, "cut off after 12 bytes; send it again"))
	}
	must[[]ward.StayID](t)(b.Report(t.Context(), "d1", nil))
	ok(t, b.RefuseDelivery(t.Context(), "d1", ward.RefusedCorrupt, "too late"))
	refused(t, b.RefuseDelivery(t.Context(), "d9", ward.RefusedCorrupt, ""), ward.NotFound)
	if got := list(9); len(got) != 1 || got[0].ID != "d2" {
		t.Errorf("left %+v", got)
	}
	if d := must[ward.Delivery](t)(b.Delivery(t.Context(), "d0")); d.State != ward.DeliveryRefused || d.Code != ward.RefusedCorrupt || d.Detail == "" || !d.Done.Equal(c.at) {
		t.Errorf("refused: %+v", d)
	}
	if d := must[ward.Delivery](t)(b.Delivery(t.Context(), "d1")); d.State != ward.DeliveryRead || d.Code != "" {
		t.Errorf("read: %+v", d)
	}
	if fresh := must[bool](t)(b.Accept(t.Context(), delivery(c, "d0"))); !fresh || len(list(9)) != 2 {
		t.Error("what was refused and is sent again does not wait once more")
	}
	ok(t, b.RefuseDelivery(t.Context(), "d0", ward.RefusedCorrupt, "again"))
	door := delivery(c, "d3") // refused at the door
	door.State, door.Code, door.Done = ward.DeliveryRefused, ward.RefusedTooBig, c.at
	must[bool](t)(b.Accept(t.Context(), door))
	for _, d := range []ward.Delivery{{Source: "pacs", Kind: ward.DeliveryDICOM}, {ID: "x", Kind: ward.DeliveryDICOM}, {ID: "x", Source: "pacs"}} {
		_, err := b.Accept(t.Context(), d)
		refused(t, err, ward.BadInput)
	}
	var counts []string
	for _, n := range must[[]book.DeliveryCount](t)(b.DeliveryCounts(t.Context())) {
		counts = append(counts, fmt.Sprintf("%s %s %s %s %d", n.Source, n.Kind, n.State, n.Code, n.Count))
	}
	if want := []string{"pacs dicom read  1", "pacs dicom refused corrupt 1", "pacs dicom refused too_big 1", "pacs dicom waiting  1"}; !slices.Equal(counts, want) {
		t.Errorf("counts %q", counts)
	}
}

// What was refused last month says nothing of today.
func TestRefusedOfATime(t *testing.T) {
	c := newClock()
	b := open(t, c)
	for i := range 3 {
		id := fmt.Sprint("d", i)
		must[bool](t)(b.Accept(t.Context(), delivery(c, id)))
		ok(t, b.RefuseDelivery(t.Context(), id, ward.RefusedCorrupt, "send it again"))
		c.pass(24 * time.Hour)
	}
	must[bool](t)(b.Accept(t.Context(), delivery(c, "waits")))
	for days, want := range map[int]int64{0: 0, 1: 1, 2: 2, 30: 3} {
		var n int64
		for _, r := range must[[]book.DeliveryCount](t)(b.RefusedDeliveries(t.Context(), c.at.AddDate(0, 0, -days))) {
			n += r.Count
		}
		if n != want {
			t.Errorf("in %d days %d, want %d", days, n, want)
		}
	}
}

// The poller asks for what it does not know; another source's instances are not this one's.
func TestKnownInstances(t *testing.T) {
	c := newClock()
	b := open(t, c)
	for i, source := range []string{"pacs", "pacs", "other"} {
		d := delivery(c, fmt.Sprint("d", i))
		d.Source, d.InstanceUID = source, fmt.Sprint("1.", i)
		must[bool](t)(b.Accept(t.Context(), d))
	}
	got := must[map[string]bool](t)(b.Known(t.Context(), "pacs", []string{"1.0", "1.1", "1.2", "1.3", ""}))
	if want := map[string]bool{"1.0": true, "1.1": true}; !maps.Equal(got, want) {
		t.Errorf("known %v", got)
	}
	if got := must[map[string]bool](t)(b.Known(t.Context(), "pacs", nil)); len(got) != 0 {
		t.Errorf("of none: %v", got)
	}
}

func TestGateRefusals(t *testing.T) {
	c := newClock()
	b := open(t, c)
	a := admit(t, b, "H1", "01")
	refusal := func(model, instance, code string, at time.Time) ward.GateRefusal {
		return ward.GateRefusal{Model: model, Version: "1", InstanceUID: instance, Code: code, At: at}
	}
	r := says("H1", 0.9)
	r.Refused = []ward.GateRefusal{refusal("m", "1", ward.RefusedBlank, c.at), refusal("n", "1", ward.RefusedView, c.at), refusal("m", "2", ward.RefusedBlank, c.at), refusal("m", "3", ward.RefusedBlank, c.at.Add(-time.Hour))}
	for range 2 {
		report(t, b, delivery(c, "d1"), placed(r, a))
		got := must[[]book.RefusalCount](t)(b.GateRefusals(t.Context(), c.at))
		if want := []book.RefusalCount{{Model: "m", Version: "1", Code: ward.RefusedBlank, Count: 2}, {Model: "n", Version: "1", Code: ward.RefusedView, Count: 1}}; !slices.Equal(got, want) {
			t.Errorf("%+v", got)
		}
	}
}

// What is old goes, with the bytes; what somebody may still want to look at stays.
func TestPruning(t *testing.T) {
	c := newClock()
	b := open(t, c)
	here := admit(t, b, "H1", "01")
	left := admit(t, b, "H2", "02")
	add := func(id, number string, r func(ward.ImagingReport) ward.PlacedReport) {
		x := says(number, 0.9)
		x.Of.Accession, x.Study.UID = "", id
		f := &x.Findings[0]
		f.ID, f.StudyUID, f.Map = id, id, object("map of "+id)
		report(t, b, delivery(c, id), r(x))
	}
	on := func(s ward.StayID) func(ward.ImagingReport) ward.PlacedReport {
		return func(r ward.ImagingReport) ward.PlacedReport { return placed(r, s) }
	}
	nobody := func(r ward.ImagingReport) ward.PlacedReport { return unplaced(r, ward.UnmatchedUnknown) }
	add("here", "H1", on(here))
	add("left", "H2", on(left))
	add("nobody", "H9", nobody)
	must[bool](t)(b.Accept(t.Context(), delivery(c, "waiting")))
	must[bool](t)(b.Accept(t.Context(), delivery(c, "refused")))
	ok(t, b.RefuseDelivery(t.Context(), "refused", ward.RefusedCorrupt, ""))
	c.pass(24 * time.Hour)
	must[ward.Stay](t)(b.Discharge(t.Context(), left, time.Time{}, "discharged", "doctor"))
	c.pass(24 * time.Hour)
	add("new", "H9", nobody)
	check := func(before time.Duration, gone int64, want ...string) {
		t.Helper()
		if n := must[int64](t)(b.PruneDeliveries(t.Context(), c.at.Add(-before))); n != gone {
			t.Errorf("%d gone, want %d", n, gone)
		}
		var have []string
		for _, id := range []string{"here", "left", "nobody", "waiting", "refused", "new"} {
			claimed := must[bool](t)(b.ClaimsObject(t.Context(), object(id)))
			if claimed {
				have = append(have, id)
			}
			if mapped := must[bool](t)(b.ClaimsObject(t.Context(), object("map of "+id))); mapped != (claimed && id != "waiting" && id != "refused") {
				t.Errorf("the map of %s is claimed: %v", id, mapped)
			}
		}
		if !slices.Equal(have, want) {
			t.Errorf("left %v, want %v", have, want)
		}
	}
	check(72*time.Hour, 0, "here", "left", "nobody", "waiting", "refused", "new")
	check(30*time.Hour, 2, "here", "left", "waiting", "new")
	check(time.Hour, 1, "here", "waiting", "new")
	if f := must[ward.Finding](t)(b.Finding(t.Context(), "left")); f.Score != 0.9 {
		t.Errorf("what it said is %+v", f)
	}
	if must[bool](t)(b.ClaimsObject(t.Context(), "")) {
		t.Error("something claims nothing")
	}
	add("left", "H2", on(left)) // sent again after it was forgotten: known all the same
	if fs := of(t, b, left); len(fs) != 1 || fs[0].Received.Equal(c.at) {
		t.Errorf("%+v", fs)
	}
}

// What was sent of a person who left long ago stays while something of them is held.
func TestPruningLeavesWhatIsHeld(t *testing.T) {
	c := newClock()
	b := open(t, c)
	s := admit(t, b, "H1", "01")
	report(t, b, delivery(c, "d1"), placed(says("H1", 0.9), s))
	c.pass(time.Hour)
	must[ward.Stay](t)(b.Discharge(t.Context(), s, time.Time{}, "died", "doctor"))
	h := must[ward.Hold](t)(b.Hold(t.Context(), ward.Hold{Stay: s, From: c.at.Add(-time.Hour), To: c.at, By: "doctor", Reason: "sự cố"}))
	c.pass(72 * time.Hour)
	for _, want := range []int64{0, 1} {
		if gone := must[int64](t)(b.PruneDeliveries(t.Context(), c.at.Add(-time.Hour))); gone != want {
			t.Errorf("%d gone, want %d", gone, want)
		}
		ok(t, b.ReleaseHold(t.Context(), h.ID, "doctor"))
	}
}

// A study that waits in the worklist and still grows keeps its first pictures.
func TestPruningLeavesWhatWaits(t *testing.T) {
	c := newClock()
	b := open(t, c)
	for i := range 2 {
		r := says("H9", 0.9)
		r.Findings[0].ID = fmt.Sprint("f", i)
		report(t, b, delivery(c, fmt.Sprint("d", i)), unplaced(r, ward.UnmatchedUnknown))
		c.pass(24 * time.Hour)
	}
	for _, want := range []int64{0, 2} {
		if n := must[int64](t)(b.PruneDeliveries(t.Context(), c.at.Add(-30*time.Hour))); n != want {
			t.Errorf("%d gone, want %d", n, want)
		}
		c.pass(24 * time.Hour)
	}
}

// A book of the version before gets the tables and keeps all it has, and a backup holds them.
func TestUpgradeAndBackup(t *testing.T) {
	c := newClock()
	b := open(t, c)
	a := admit(t, b, "H1", "01")
	for _, table := range []string{"placements", "findings", "reads", "gate_refusals", "studies", "deliveries", "aliases"} {
		if _, err := raw(t, b).Exec(`DROP TABLE ` + table); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := raw(t, b).Exec(undoDuty + `DROP INDEX stays_number; DELETE FROM goose_db_version WHERE version_id >= 4`); err != nil {
		t.Fatal(err)
	}
	ok(t, b.Close())
	b = openAt(t, b.Path(), book.Options{Now: c.now})
	report(t, b, delivery(c, "d1"), placed(says("H1", 0.9), a))
	merge(t, b, "H5", "H6")
	before := dump(t, b)
	copied, restored := filepath.Join(t.TempDir(), "copy.db"), filepath.Join(t.TempDir(), "book.db")
	ok(t, b.Backup(t.Context(), copied))
	ok(t, book.Restore(t.Context(), copied, restored))
	if after := dump(t, openAt(t, restored, book.Options{Now: c.now})); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

// childBook names the book that this test binary, started again as a child, writes until it kills itself at
// childDies.
const (
	childBook = "WARDWATCH_TEST_CHILD_BOOK"
	childDies = "WARDWATCH_TEST_CHILD_DIES"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childBook); path != "" {
		if err := deliverForEver(path, os.Getenv(childDies)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// deliverForEver accepts deliveries, says so, reads them, says so, and takes the study off again.
func deliverForEver(path, dies string) error {
	c, ctx := newClock(), context.Background()
	var at string
	var after int
	fmt.Sscan(dies, &at, &after)
	b, err := book.Open(ctx, path, book.Options{Now: c.now, Probe: func(point string) {
		if point != at {
			return
		}
		if after--; after < 0 {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
	}})
	if err != nil {
		return err
	}
	stays, err := b.StaysOn(ctx, "")
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		d := delivery(c, fmt.Sprint("d", i))
		if _, err := b.Accept(ctx, d); err != nil {
			return err
		}
		fmt.Println("accepted", i)
		r := says("H1", 0.9)
		r.Of.Accession, r.Study.UID = "", fmt.Sprint(i)
		r.Findings[0].ID, r.Findings[0].StudyUID = fmt.Sprint("f", i), r.Study.UID
		if _, err := b.Report(ctx, d.ID, []ward.PlacedReport{placed(r, stays[0].ID)}); err != nil {
			return err
		}
		fmt.Println("read", i)
		if _, err := b.DetachStudy(ctx, r.Study.UID, "again", "nurse"); err != nil {
			return err
		}
		fmt.Println("detached", i)
	}
}

// Killed before or after any commit: what was accepted is there, what was read is there whole, and each
// answer to whose it is has its audit entry.
func TestKilledInTheMiddle(t *testing.T) {
	for after := range 3 { // the commits are those of Accept, Report and DetachStudy in turn
		for _, point := range []string{"book_written", "book_committed"} {
			b := open(t, newClock())
			admit(t, b, "H1", "01")
			ok(t, b.Close())
			dies := fmt.Sprint(point, " ", 30+after)
			last := runChild(t, b.Path(), dies)
			b = openAt(t, b.Path(), book.Options{Now: newClock().now})
			db := raw(t, b)
			count := func(query string) (n int) {
				ok(t, db.QueryRow(query).Scan(&n))
				return n
			}
			deliveries, read, findings := count(`SELECT count(*) FROM deliveries`), count(`SELECT count(*) FROM deliveries WHERE state = 'read'`), count(`SELECT count(*) FROM findings`)
			moves, audited, detached := count(`SELECT count(*) FROM placements`), count(`SELECT count(*) FROM audit WHERE deed LIKE 'imaging.%'`), count(`SELECT count(*) FROM studies WHERE held = 1`)
			if deliveries < last["accepted"]+1 || read < last["read"]+1 || detached < last["detached"]+1 {
				t.Errorf("%s: %v was said; %d deliveries, %d read, %d detached", dies, last, deliveries, read, detached)
			}
			if findings != read || moves != audited || moves != read+detached {
				t.Errorf("%s: %d read, %d findings, %d detached, %d moves, %d in the audit", dies, read, findings, detached, moves, audited)
			}
			if v := must[book.AuditVerdict](t)(b.VerifyAudit(t.Context(), nil)); !v.OK {
				t.Errorf("audit %+v", v)
			}
		}
	}
}

func runChild(t *testing.T, path, dies string) map[string]int {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childBook+"="+path, childDies+"="+dies)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	ok(t, err)
	ok(t, cmd.Start())
	last := map[string]int{"accepted": -1, "read": -1, "detached": -1}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var what string
		var i int
		fmt.Sscan(lines.Text(), &what, &i)
		last[what] = i
	}
	cmd.Wait()
	if ws := cmd.ProcessState.Sys().(syscall.WaitStatus); ws.Signal() != syscall.SIGKILL {
		t.Fatalf("the child ended by itself: %v", cmd.ProcessState)
	}
	return last
}
