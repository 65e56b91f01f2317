package incident

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"wardwatch/scoring/chart"
	"wardwatch/store/book"
	"wardwatch/store/book/audit"
	"wardwatch/store/journal"
	"wardwatch/ward"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const minutes = time.Minute

// charts are read once for all tests.
var charts = sync.OnceValues(chart.Embedded)

// world is a data directory with two people in it, and one clock.
type world struct {
	t       testing.TB
	dir     string
	mu      sync.Mutex
	now     time.Time
	book    *book.Book
	journal *journal.Journal
	a, b    ward.Stay // in beds 01 and 02
	key     ed25519.PrivateKey
	nurse   ward.Person
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) at(t time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = t
}

func must[T any](t testing.TB) func(T, error) T {
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

func bed(n int) ward.Place {
	return ward.Place{Ward: "icu", Bed: ward.BedID(fmt.Sprintf("%02d", n))}
}

// begin makes the directory: people, beds, two stays from 11:00, a device at each bed.
func begin(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), now: noon.Add(-time.Hour)}
	ctx := t.Context()
	w.book = must[*book.Book](t)(book.Open(ctx, filepath.Join(w.dir, "book.db"), book.Options{Now: w.clock}))
	t.Cleanup(func() { _ = w.book.Close() })
	w.journal = must[*journal.Journal](t)(journal.Open(filepath.Join(w.dir, "journal"), journal.Options{Now: w.clock}))
	t.Cleanup(func() { _ = w.journal.Close() })
	w.key = must[ed25519.PrivateKey](t)(audit.LoadKey(filepath.Join(w.dir, "audit.key")))
	ok(t, w.book.MarkSimulation(ctx, true))
	ok(t, w.book.AddWard(ctx, ward.Ward{ID: "icu", Name: "HSTC"}, "setup"))
	w.nurse = must[ward.Person](t)(w.book.AddPerson(ctx, ward.Person{ID: "p1", Login: "lan", Name: "Trần Thị Lan", Access: ward.AccessNurse, Duties: []ward.Role{ward.RoleNurse}}, "x", "setup"))
	for n := 1; n <= 2; n++ {
		ok(t, w.book.AddBed(ctx, ward.Bed{Place: bed(n), Order: n}, "setup"))
		ok(t, w.book.Attach(ctx, book.AttachDevice{Device: ward.DeviceID(fmt.Sprint("mon-", n)), Place: bed(n), At: w.clock(), Confirmed: true, By: "setup"}))
	}
	w.a = must[ward.Stay](t)(w.book.Admit(ctx, ward.Stay{HospitalID: "BN-4711", FamilyName: "Nguyễn", GivenName: "Văn Bí Mật", Place: bed(1), Admitted: w.clock(), Sex: ward.Male, BirthDate: time.Date(1950, 5, 1, 0, 0, 0, 0, time.UTC)}, "p1"))
	w.b = must[ward.Stay](t)(w.book.Admit(ctx, ward.Stay{HospitalID: "BN-0815", FamilyName: "Lê", GivenName: "Người Khác", Place: bed(2), Admitted: w.clock()}, "p1"))
	return w
}

// stream sends a reading a second from both beds, with a score a minute, and moves the clock along. The
// device of bed 1 is two seconds behind.
func (w *world) stream(from time.Time, d time.Duration) {
	w.t.Helper()
	for s := time.Duration(0); s < d; s += time.Second {
		at := from.Add(s)
		w.at(at)
		var rs []ward.Reading
		for n, stay := range []ward.StayID{w.a.ID, w.b.ID} {
			r := ward.Reading{Place: bed(n + 1), Device: ward.DeviceID(fmt.Sprint("mon-", n+1)), Boot: "b", Seq: uint64(at.Unix()), HasSeq: true, Taken: at, At: at, Point: at, Arrived: at, Stay: stay,
				Values: []ward.Value{{Vital: ward.HR, Number: float64(70 + n), At: at}, {Vital: ward.SpO2, Number: 93, At: at}, {Vital: ward.SBP, Number: 118, At: at.Add(-10 * minutes)}}}
			if n == 0 {
				r.Taken, r.Clock = at.Add(-2*time.Second), ward.ClockSkewed
			}
			rs = append(rs, r)
		}
		ok(w.t, w.journal.Append(rs))
		if s%time.Minute == 0 {
			score := ward.Score{Place: bed(1), Stay: w.a.ID, At: at, Chart: "news2", Version: "rcp-2017", Policy: "default-5", Total: 7, LowerBound: 7, Complete: true, Band: ward.High, NParts: 1,
				Parts: [ward.MaxParts]ward.Part{{Input: "hr", State: ward.Present, Number: 70, At: at}}}
			ok(w.t, w.journal.AppendScores([]ward.Score{score}))
			ok(w.t, w.journal.AppendRisks([]ward.Assessment{{Place: bed(1), Stay: w.a.ID, At: at, Policy: "default-5", Risks: []ward.Risk{{Task: ward.Deterioration, Model: "det", Version: "1+abc", Value: 0.2, Threshold: 0.1, Silent: true}}}}))
		}
	}
}

// happen is the rest of the story, around 12:05: a refused message, an alert told, accepted and
// closed, a set charted and corrected, an order, a board opened, and something about somebody else.
func (w *world) happen() {
	w.t.Helper()
	t, ctx := w.t, w.t.Context()
	at := noon.Add(5 * minutes)
	w.at(at)
	ok(t, w.book.Quarantine(ctx, []ward.Reject{
		{At: at, Topic: "ward/v1/icu/01/vitals", Device: "mon-1", Reason: "bad_json", Message: "not JSON: Văn Bí Mật", Payload: []byte(`{"name":"Văn Bí Mật"`)},
		{At: at, Topic: "ward/v1/icu/02/vitals", Device: "mon-2", Reason: "bad_json", Message: "not JSON", Payload: []byte(`{`)},
	}))
	a := ward.Alert{ID: "K1", Place: bed(1), Stay: w.a.ID, Kind: ward.Clinical, State: ward.Active, Band: ward.High, Raised: at, Told: at, Level: 1, Version: 1,
		Causes: []ward.Cause{{Code: "news2", Band: ward.High, Told: ward.High, Since: at}}}
	row := func(by ward.PersonID, deed, detail string) ward.AuditEntry {
		return ward.AuditEntry{At: at, By: by, Deed: deed, Object: "alert:K1", Detail: detail}
	}
	n := ward.Notice{ID: "N1", Alert: "K1", Place: bed(1), Kind: ward.Clinical, Band: ward.High, Level: 1, Role: ward.RoleNurse, To: "p1", How: ward.HeldByRoster, Channel: "webpush", Made: at, Due: at, Expires: at.Add(2 * minutes)}
	ok(t, w.book.Commit(ctx, ward.Change{Alert: a, Notices: []ward.Notice{n}, Audit: []ward.AuditEntry{row("", "alert.raise", "news2 high"), row("", "alert.tell", "level 1: nurse; news2 high")}}))
	must[ward.Notice](t)(w.book.Settle(ctx, ward.Receipt{Notice: "N1", At: at.Add(time.Second), OK: true}))
	at = at.Add(2 * minutes)
	w.at(at)
	a.State, a.Version, a.Ended, a.EndedBy, a.Reason = ward.Resolved, 2, at, "p1", "treated"
	ok(t, w.book.Commit(ctx, ward.Change{Alert: a, Audit: []ward.AuditEntry{row("p1", "alert.accept", "nurse"), row("p1", "alert.resolve", "treated")}}))
	o := ward.Observation{ID: "O1", Stay: w.a.ID, Origin: ward.OriginCharted, At: at, Entered: at, By: "p1", Values: []ward.Value{{Vital: ward.RR, Number: 24, At: at}}, Note: "anh Văn Bí Mật mệt"}
	must[int64](t)(w.book.Chart(ctx, o))
	o.Values = []ward.Value{{Vital: ward.RR, Number: 26, At: at}}
	must[int64](t)(w.book.Chart(ctx, o))
	ok(t, w.book.AppendAudit(ctx,
		ward.AuditEntry{At: at, By: "p1", Deed: "board.view", Object: "ward:icu"},
		ward.AuditEntry{At: at, By: "p1", Deed: "stay.view", Object: "stay:" + string(w.b.ID), Detail: "somebody else's"},
		ward.AuditEntry{At: at.Add(minutes), By: "p1", Deed: "board.leave", Object: "ward:icu"}))
	_, err := w.book.ExportHead(ctx, filepath.Join(w.dir, "heads"), w.key, at)
	ok(t, err)
}

func (w *world) source() Source {
	view := must[*journal.View](w.t)(journal.NewView(filepath.Join(w.dir, "journal"), nil))
	return Source{Book: w.book, Journal: view, Charts: must[*chart.Library](w.t)(charts()), Policy: []byte("version: default-5\n"), Version: "default-5",
		Build: Build{Version: "test"}, Key: w.key, Heads: filepath.Join(w.dir, "heads"), Zone: time.FixedZone("+07", 7*3600)}
}

func (w *world) request() Request {
	return Request{Stay: w.a.ID, From: noon, To: noon.Add(10 * minutes), By: "command-line", At: w.clock()}
}

// made is a file that was made, by name.
type made struct {
	raw   []byte
	m     Manifest
	files map[string]string
}

func (w *world) make(q Request) made {
	w.t.Helper()
	var out bytes.Buffer
	m, err := Make(context.Background(), w.source(), q, &out)
	ok(w.t, err)
	f := made{raw: out.Bytes(), m: m, files: map[string]string{}}
	z := must[*zip.Reader](w.t)(zip.NewReader(bytes.NewReader(f.raw), int64(len(f.raw))))
	for _, x := range z.File {
		r := must[io.ReadCloser](w.t)(x.Open())
		f.files[x.Name] = string(must[[]byte](w.t)(io.ReadAll(r)))
		r.Close()
	}
	return f
}
