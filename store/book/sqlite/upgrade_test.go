package sqlite_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"wardwatch/store/book"
	"wardwatch/store/book/audit"
	. "wardwatch/store/book/booktest"
	"wardwatch/ward"
)

// asOf makes a book of an earlier version with what its people and patients were.
func asOf(t *testing.T, version int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "book.db")
	db := Must[*sql.DB](t)(sql.Open("sqlite", "file:"+path))
	defer db.Close()
	p := Must[*goose.Provider](t)(goose.NewProvider(goose.DialectSQLite3, db, os.DirFS("migrations"), goose.WithDisableGlobalRegistry(true)))
	Must[[]*goose.MigrationResult](t)(p.UpTo(t.Context(), version))
	tx := Must[*sql.Tx](t)(db.Begin())
	for _, q := range []string{
		`INSERT INTO wards VALUES ('a9', 'Cấp cứu A9')`,
		`INSERT INTO beds VALUES ('a9', '01', '01', 1)`,
		`INSERT INTO people VALUES ('lan', 'dd-lan', 'Lan', 'nurse', '[]', '["a9"]', 'vi', 0, 'hash')`,
		`INSERT INTO stays VALUES ('s1', 'H1', 'Nguyễn', 'An', '1950-02-03', 'female', '', 1, '', '', 0, '', '', 0, 0, '', 0, 0, 'lan', '', 'a9', '01', 1000, 0, '', 'admit', 1000)`,
		`INSERT INTO lyings VALUES ('s1', 'a9', '01', 1000, 0)`,
		`INSERT INTO alerts VALUES ('K1', 'a9', '01', 's1', 'clinical', 'active', 2000, 0, 1, '{"ID":"K1","Place":{"ward":"a9","bed":"01"},"Stay":"s1","Kind":"clinical","State":"active","Raised":"1970-01-01T00:00:02Z","Version":1}')`,
		`INSERT INTO notices VALUES ('n1', 'K1', 'a9', '01', 'clinical', 'high', 1, 'nurse', '', 'webhook', 2000, 2000, 5000, 1, 'pending', 0, 'timeout')`,
		`INSERT INTO receipts VALUES ('n1', 1, 2500, 0, 0, 3000, 'timeout')`,
		`INSERT INTO quarantine (at, topic, device, reason, message, payload) VALUES (1500, 'ward/v1/a9/01/vitals', '', 'not_json', '', x'7b')`,
	} {
		if _, err := tx.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	OK(t, audit.Write(t.Context(), tx, ward.AuditEntry{At: time.UnixMilli(1000), By: "lan", Deed: "stay.admit", Object: "stay:s1"}))
	OK(t, tx.Commit())
	return path
}

// A book of the version without a roster keeps all it has, and takes what is new.
func TestABookWithoutARosterIsBroughtUpToDate(t *testing.T) {
	c := NewClock()
	b := OpenAt(t, asOf(t, 4), c)
	ctx := t.Context()
	want := ward.Stay{ID: "s1", HospitalID: "H1", FamilyName: "Nguyễn", GivenName: "An", BirthDate: time.Date(1950, 2, 3, 0, 0, 0, 0, time.UTC), Sex: ward.Female,
		Scale: ward.SpO2Scale{Number: 1}, Nurse: "lan", Place: ward.Place{Ward: "a9", Bed: "01"}, Admitted: time.UnixMilli(1000).UTC()}
	if got := b.LookUp("s1"); got == nil || !got.Same(&want) {
		t.Errorf("the stay is %+v, want %+v", got, want)
	}
	if n := Must[[]ward.Notice](t)(b.DueNotices(ctx, c.At, 10)); len(n) != 1 || n[0].How != "" || n[0].Why != ward.WhyAlert || n[0].Error != "timeout" {
		t.Errorf("the notice that was due is %+v", n)
	}
	if r := Must[map[ward.NoticeID][]ward.Receipt](t)(b.ReceiptsOf(ctx, "K1")); len(r["n1"]) != 1 || r["n1"][0].Nobody {
		t.Errorf("its receipts are %+v", r)
	}
	if q := Must[[]ward.Reject](t)(b.Quarantined(ctx, 10)); len(q) != 1 {
		t.Errorf("what could not be taken is %+v", q)
	}
	if r := b.Roster(); len(r.People) != 1 || len(r.Shifts) != 0 {
		t.Errorf("the roster in memory is %+v", r)
	}
	Must[ward.Shift](t)(b.AddShift(ctx, ward.Shift{Ward: "a9", Role: ward.RoleNurse, Person: "lan", From: c.At, To: c.At.Add(8 * time.Hour)}, "lan"))
	Must[ward.Hold](t)(b.Hold(ctx, ward.Hold{Stay: "s1", From: time.UnixMilli(1), To: c.At, By: "lan", Reason: "sự cố"}))
	Must[ward.Contact](t)(b.AddContact(ctx, ward.Contact{Person: "lan", Channel: "sms", Address: "+84900000001"}, "lan"))
	OK(t, b.AddSymptomCheck(ctx, ward.SymptomCheck{Stay: "s1", By: "lan"}))
	Whole(t, b)

	copied, restored := filepath.Join(t.TempDir(), "copy.db"), filepath.Join(t.TempDir(), "book.db")
	OK(t, b.Backup(ctx, copied))
	OK(t, book.Restore(ctx, copied, restored))
	again := OpenAt(t, restored, c)
	if len(again.Roster().Shifts) != 1 || len(Must[[]ward.Contact](t)(again.Contacts(ctx, "lan", ""))) != 1 || len(Must[[]ward.Hold](t)(again.Holds(ctx))) != 1 {
		t.Error("a backup does not hold what is new")
	}
	Whole(t, again)
}
