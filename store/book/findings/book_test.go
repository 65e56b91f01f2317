package findings_test

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wardwatch/store/book"
	"wardwatch/ward"
)

// clock is a clock that the test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time       { return c.at }
func (c *clock) pass(d time.Duration) { c.at = c.at.Add(d) }
func newClock() *clock                { return &clock{time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC)} }
func bed(id ward.BedID) ward.Place    { return ward.Place{Ward: "a9", Bed: id} }

var beds = []ward.BedID{"01", "02", "12A", "12B"}

// blank is a book with two wards of beds and some staff, made once.
var blank = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "book")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path, ctx := filepath.Join(dir, "book.db"), context.Background()
	b, err := book.Open(ctx, path, book.Options{Now: newClock().now})
	if err != nil {
		return nil, err
	}
	for _, w := range []ward.WardID{"a9", "b1"} {
		err = errors.Join(err, b.AddWard(ctx, ward.Ward{ID: w, Name: string(w)}, ""))
		for i, id := range beds {
			err = errors.Join(err, b.AddBed(ctx, ward.Bed{Place: ward.Place{Ward: w, Bed: id}, Order: i}, ""))
		}
	}
	if err = errors.Join(err, b.Close()); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		return nil, err
	}
	for _, id := range []string{"nurse", "doctor", "other"} {
		access := map[string]ward.Access{"nurse": ward.AccessNurse}[id]
		if access == "" {
			access = ward.AccessDoctor
		}
		_, e := db.Exec(`INSERT INTO people (id, login, name, access, duties, wards, lang, disabled, password) VALUES (?1, ?1, ?1, ?2, '[]', '[]', 'vi', 0, '')`, id, access)
		err = errors.Join(err, e)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func open(t testing.TB, c *clock) *book.Book {
	t.Helper()
	path := filepath.Join(t.TempDir(), "book.db")
	ok(t, os.WriteFile(path, must[[]byte](t)(blank()), 0o600))
	return openAt(t, path, book.Options{Now: c.now})
}

func openAt(t testing.TB, path string, o book.Options) *book.Book {
	t.Helper()
	b := must[*book.Book](t)(book.Open(context.Background(), path, o))
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
	if !errors.As(err, &e) || e.Code != code || e.Message == "" || e.Hint == "" {
		t.Fatalf("got %v, want a *ward.Error of code %s with a hint", err, code)
	}
}

// raw is a connection to the book's file that knows none of its rules.
func raw(t testing.TB, b *book.Book) *sql.DB {
	t.Helper()
	db := must[*sql.DB](t)(sql.Open("sqlite", "file:"+b.Path()+"?_busy_timeout=5000"))
	t.Cleanup(func() { db.Close() })
	return db
}

// kept are the tables of imaging.
var kept = []string{"deliveries", "studies", "placements", "findings", "reads", "gate_refusals", "aliases"}

// dump is all that the book holds of imaging, byte for byte, but for the tables and columns that it is told
// to leave out, and how many entries the audit has.
func dump(t testing.TB, b *book.Book, but ...string) string {
	t.Helper()
	db := must[*sql.DB](t)(sql.Open("sqlite", "file:"+b.Path()+"?_busy_timeout=5000"))
	defer db.Close()
	var out strings.Builder
	for _, table := range kept {
		if !slices.Contains(but, table) {
			lines := rowsOf(t, db, table, but)
			slices.Sort(lines)
			fmt.Fprintf(&out, "%s\n %s\n", table, strings.Join(lines, "\n "))
		}
	}
	if !slices.Contains(but, "audit") {
		out.WriteString("audit " + texts(t, db, `SELECT coalesce(max(seq), 0) FROM audit`)[0])
	}
	return out.String()
}

func rowsOf(t testing.TB, db *sql.DB, table string, but []string) (lines []string) {
	rows := must[*sql.Rows](t)(db.Query(`SELECT * FROM ` + table))
	defer rows.Close()
	columns := must[[]string](t)(rows.Columns())
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		ok(t, rows.Scan(into...))
		line := ""
		for i, name := range columns {
			if !slices.Contains(but, table+"."+name) {
				line += fmt.Sprintf(" %s=%v", name, values[i])
			}
		}
		lines = append(lines, line)
	}
	ok(t, rows.Err())
	return lines
}

func texts(t testing.TB, db *sql.DB, query string) (out []string) {
	t.Helper()
	rows := must[*sql.Rows](t)(db.Query(query))
	defer rows.Close()
	for rows.Next() {
		var s string
		ok(t, rows.Scan(&s))
		out = append(out, s)
	}
	ok(t, rows.Err())
	return out
}

// admit lays somebody in a bed of the ward a9.
func admit(t testing.TB, b *book.Book, number string, in ward.BedID) ward.StayID {
	t.Helper()
	return admitAs(t, b, ward.Stay{HospitalID: number}, in).ID
}

func admitAs(t testing.TB, b *book.Book, s ward.Stay, in ward.BedID) ward.Stay {
	t.Helper()
	s.FamilyName, s.GivenName, s.Place = "Nguyễn", "An", bed(in)
	return must[ward.Stay](t)(b.Admit(context.Background(), s, "nurse"))
}

// delivery is one that a source sends now.
func delivery(c *clock, id string) ward.Delivery {
	return ward.Delivery{ID: id, Source: "pacs", Kind: ward.DeliveryDICOM, Object: object(id), Size: 7, InstanceUID: "1.2." + hex.EncodeToString([]byte(id)), StudyUID: "1.2.3", Received: c.at}
}

func object(id string) string { return fmt.Sprintf("%064x", id)[:64] }

// says is a report of one finding in the study 1.2.3.
func says(number string, score float64) ward.ImagingReport {
	return ward.ImagingReport{
		Of:    ward.Claim{HospitalID: number, Accession: "A1"},
		Study: ward.Study{UID: "1.2.3", Modality: "DX", Region: "chest"},
		Findings: []ward.Finding{{
			ID: "f1", Model: "m", ModelVersion: "1", StudyUID: "1.2.3", InstanceUID: "1.2.3.4", Modality: "DX", Region: "chest", View: "PA", Device: "Acme X1",
			CodeSystem: ward.SystemSNOMED, Code: "36118008", Label: "pneumothorax", Laterality: ward.LateralityLeft, Score: score, Threshold: 0.5,
		}},
	}
}

func placed(r ward.ImagingReport, stay ward.StayID) ward.PlacedReport {
	return ward.PlacedReport{ImagingReport: r, Stay: stay}
}

func unplaced(r ward.ImagingReport, why ward.Unmatched, guesses ...ward.StayID) ward.PlacedReport {
	return ward.PlacedReport{ImagingReport: r, Why: why, Guesses: guesses}
}

// report accepts a delivery and keeps what it says.
func report(t testing.TB, b *book.Book, d ward.Delivery, rs ...ward.PlacedReport) []ward.StayID {
	t.Helper()
	must[bool](t)(b.Accept(context.Background(), d))
	return must[[]ward.StayID](t)(b.Report(context.Background(), d.ID, rs))
}

// of lists all findings of a stay.
func of(t testing.TB, b *book.Book, stay ward.StayID) []ward.Finding {
	t.Helper()
	return must[map[ward.StayID][]ward.Finding](t)(b.FindingsOf(context.Background(), []ward.StayID{stay}, time.Time{}))[stay]
}

// one is the only item of the worklist.
func one(t testing.TB, b *book.Book) ward.WorklistItem {
	t.Helper()
	list := must[[]ward.WorklistItem](t)(b.Worklist(context.Background()))
	if len(list) != 1 {
		t.Fatalf("%d items in the worklist: %+v", len(list), list)
	}
	return list[0]
}

func empty(t testing.TB, b *book.Book) {
	t.Helper()
	if list := must[[]ward.WorklistItem](t)(b.Worklist(context.Background())); len(list) != 0 {
		t.Fatalf("the worklist holds %+v", list)
	}
}

// deeds lists what the audit has of a family, the oldest first.
func deeds(t testing.TB, b *book.Book, family string) (out []string) {
	t.Helper()
	for _, r := range must[[]book.AuditRow](t)(b.Audit(context.Background(), book.AuditFilter{Deed: family})) {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s by %s: %s", r.Deed, r.By, r.Detail)))
	}
	slices.Reverse(out)
	return out
}

// undoDuty takes back what the fifth migration did, for books of the versions before.
const undoDuty = `DROP TABLE handover_stays; DROP TABLE handovers; DROP TABLE shifts; DROP TABLE duty_defaults; DROP TABLE contacts;
	DROP TABLE symptom_checks; DROP TABLE holds; DROP INDEX alerts_ended; DROP INDEX notices_ward; DROP INDEX quarantine_loose;
	ALTER TABLE stays DROP COLUMN nurse_since; ALTER TABLE stays DROP COLUMN doctor_since; ALTER TABLE stays DROP COLUMN symptoms;
	ALTER TABLE notices DROP COLUMN how; ALTER TABLE notices DROP COLUMN why; ALTER TABLE receipts DROP COLUMN nobody;
	ALTER TABLE quarantine DROP COLUMN held;`
