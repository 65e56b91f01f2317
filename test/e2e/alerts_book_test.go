//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardwatch/alerts"
	"wardwatch/store/book"
	"wardwatch/store/book/audit"
	"wardwatch/ward"
)

// office is a desk on the real book, which is closed and opened again at any time.
type office struct {
	testing.TB
	file string
	book *book.Book
	desk *alerts.Desk
	now  time.Time
	seen uint64 // journal position
}

func (o *office) open() {
	o.Helper()
	ctx := context.Background()
	var ahead []ward.Alert
	if o.book != nil {
		ahead = o.desk.Ahead()
		if err := o.book.Close(); err != nil {
			o.Fatal(err)
		}
	}
	var err error
	if o.book, err = book.Open(ctx, o.file, book.Options{Now: func() time.Time { return o.now }}); err != nil {
		o.Fatal(err)
	}
	if o.desk, err = alerts.New(alerts.Options{Book: o.book, Policy: alerts.Default("webhook")}); err != nil {
		o.Fatal(err)
	}
	if err := o.desk.Load(ctx); err != nil {
		o.Fatal(err)
	}
	o.desk.Restore(ahead)
}

// step lets time pass and one thing happen, as drawn.
func (o *office) step(r *rand.Rand) {
	o.Helper()
	ctx := context.Background()
	o.now = o.now.Add([]time.Duration{time.Second, 15 * time.Second, 2 * time.Minute, 4 * time.Minute, 31 * time.Minute}[r.IntN(5)])
	if err := o.desk.Tick(ctx, o.now); err != nil {
		o.Fatal(err)
	}
	switch place := (ward.Place{Ward: "W1", Bed: ward.BedID(bed(r.IntN(3)))}); r.IntN(8) {
	case 0:
		o.open()
	case 1, 2, 3:
		o.seen++
		points := r.IntN(12)
		s := ward.Score{Place: place, At: o.now, Chart: "news2", Total: points, LowerBound: points, Complete: true, Position: o.seen}
		s.Band = map[bool]ward.Band{true: ward.High, false: map[bool]ward.Band{true: ward.Medium, false: ward.Low}[points >= 5]}[points >= 7]
		if err := o.desk.Observe(ctx, &s, nil); err != nil {
			o.Fatal(err)
		}
	case 4:
		due, err := o.book.DueNotices(ctx, o.now, 20)
		if err != nil {
			o.Fatal(err)
		}
		for _, n := range due {
			receipt := ward.Receipt{Notice: n.ID, At: o.now, OK: r.IntN(3) > 0, Final: true, Error: "refused"}
			settled, err := o.book.Settle(ctx, receipt)
			if err != nil {
				o.Fatal(err)
			}
			o.desk.Receipt(ctx, settled, receipt)
		}
	default:
		o.deed(r)
	}
}

// deed is somebody's, to an alert that stands. A refusal is an answer.
func (o *office) deed(r *rand.Rand) {
	o.Helper()
	open := o.desk.Open()
	if len(open) == 0 {
		return
	}
	deeds := []ward.Deed{ward.DoSee, ward.DoAccept, ward.DoAccept, ward.DoDecline, ward.DoBedside, ward.DoPlan, ward.DoSnooze, ward.DoResolve, ward.DoEscalate}
	roles := []ward.Role{ward.RoleNurse, ward.RoleCharge, ward.RoleDoctor, ward.RoleLead}
	x := ward.Action{
		Alert: open[r.IntN(len(open))].ID, Do: deeds[r.IntN(len(deeds))], Role: roles[r.IntN(len(roles))], At: o.now,
		Reason: "lý do", Until: o.now.Add(20 * time.Minute), By: ward.PersonID(fmt.Sprint("p", r.IntN(3))),
	}
	var refused *ward.Error
	if _, err := o.desk.Act(context.Background(), x); err != nil && (!errors.As(err, &refused) || refused.Code == ward.Unavailable) {
		o.Fatal(err)
	}
}

// TestTheRecordOfARandomRun runs the desk on the real book, through restarts, and signs the end of the
// record each day. The chain verifies with every head. A copy of the book from before the last days is
// the same record with its tail cut: the chain in it is whole, and the heads show what is missing.
func TestTheRecordOfARandomRun(t *testing.T) {
	ctx, s, r := context.Background(), prepare(t, 3), moments(t)
	o := &office{TB: t, file: filepath.Join(s.data, "book.db"), now: time.Now().UTC().Truncate(time.Second)}
	o.open()
	t.Cleanup(func() { _ = o.book.Close() })
	key, err := audit.LoadKey(filepath.Join(s.data, "audit.key"))
	if err != nil {
		t.Fatal(err)
	}
	heads, older := filepath.Join(s.data, "heads-here"), filepath.Join(t.TempDir(), "older.db")
	for day := range 6 {
		for range 120 {
			o.step(r)
		}
		if _, err := o.book.ExportHead(ctx, heads, key, o.now); err != nil {
			t.Fatal(err)
		}
		if day == 3 {
			if err := o.book.Backup(ctx, older); err != nil {
				t.Fatal(err)
			}
		}
		o.now = o.now.Add(24 * time.Hour)
	}
	whole := walked(t, o.book, heads)
	if !whole.OK || whole.Rows < 500 {
		t.Errorf("the record of the run: %+v", whole)
	}
	t.Logf("%d rows, %d alerts open", whole.Rows, len(o.desk.Open()))
	cut, err := book.Open(ctx, older, book.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer cut.Close()
	if alone, err := cut.VerifyAudit(ctx, nil); err != nil || !alone.OK {
		t.Errorf("the older copy by itself: %+v, %v", alone, err)
	}
	if v := walked(t, cut, heads); v.OK || !strings.Contains(v.Problem, "tail cut") {
		t.Errorf("the older copy with the heads: %+v", v)
	}
}

// walked goes along the chain with every head that was signed.
func walked(t *testing.T, b *book.Book, dir string) audit.Verdict {
	t.Helper()
	keys, err := b.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	heads, err := audit.ReadHeads(dir, keys...)
	if err != nil {
		t.Fatal(err)
	}
	if len(heads) != 6 {
		t.Fatalf("%d heads", len(heads))
	}
	v, err := b.VerifyAudit(t.Context(), heads)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
