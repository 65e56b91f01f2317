package incident

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/store/journal"
	"wardwatch/ward"
)

func told(t *testing.T) *world {
	w := begin(t)
	w.stream(noon.Add(-minutes), 6*minutes)
	w.happen()
	w.stream(noon.Add(8*minutes), 3*minutes)
	return w
}

func lines[T any](t *testing.T, text string) (out []T) {
	t.Helper()
	for l := range strings.Lines(text) {
		var one T
		if err := json.Unmarshal([]byte(l), &one); err != nil {
			t.Fatalf("%v in %s", err, l)
		}
		out = append(out, one)
	}
	return out
}

func TestWhatTheFileHolds(t *testing.T) {
	w := told(t)
	f := w.make(w.request())
	readings := lines[Reading](t, f.files["readings.jsonl"])
	if len(readings) != 5*60+2*60 {
		t.Errorf("%d readings, want those of 12:00 to 12:05 and 12:08 to 12:10", len(readings))
	}
	for _, r := range readings {
		if r.Stay != string(w.a.ID) || r.Bed != "01" || r.Vitals["hr"] != 70 || r.Measured["sbp"] == "" {
			t.Fatalf("%+v", r)
		}
	}
	if s := lines[Score](t, f.files["scores.jsonl"]); len(s) != 7 || *s[0].Total != 7 || s[0].Policy != "default-5" {
		t.Errorf("%d scores: %+v", len(s), s)
	}
	if r := lines[Risk](t, f.files["risks.jsonl"]); len(r) != 7 || r[0].Model != "det" || *r[0].Value != 0.2 {
		t.Errorf("%d risks: %+v", len(r), r)
	}
	if r := lines[Rejected](t, f.files["rejected.jsonl"]); len(r) != 1 || r[0].Reason != "bad_json" || r[0].Bytes == 0 || r[0].Payload != "" {
		t.Errorf("rejected: %+v", r)
	}
	if o := lines[Charted](t, f.files["observations.jsonl"]); len(o) != 2 || o[1].Version != 2 || o[1].Values[0].Number != 26 {
		t.Errorf("a correction keeps what it corrects: %+v", o)
	}
	if len(f.m.Clocks) != 1 || f.m.Clocks[0].Median != -2 || f.m.Clocks[0].Skewed != 420 {
		t.Errorf("clock offsets %+v", f.m.Clocks)
	}
	if v := f.m.Versions; !slices.Equal(v["charts"], []string{"news2 rcp-2017"}) || !slices.Equal(v["models"], []string{"det 1+abc"}) {
		t.Errorf("versions %v", v)
	}
	for file, parts := range map[string][]string{
		"timeline.csv":  {"alert.accept,p1,nurse", "notice.delivered,,nurse,p1,roster,webpush,1", "observation.chart,p1"},
		"timeline.html": {"tiếp nhận", "observations charted", "21/11/2026 19:05:01", "MÔ PHỎNG"},
		"screens.csv":   {"p1,board.view,ward:icu", "p1,board.leave,ward:icu"},
		"devices.json":  {`"mon-1"`}, "policy.yaml": {"default-5"}, "charts.json": {`"news2"`}, "stay.json": {`"age": 76`}, "duty.json": {`"p1"`}, "README.txt": {string(w.a.ID)},
	} {
		for _, p := range parts {
			if !strings.Contains(f.files[file], p) {
				t.Errorf("%s lacks %q:\n%s", file, p, f.files[file])
			}
		}
	}
	for _, l := range f.m.Missing {
		if strings.Contains(l, "raw readings") {
			t.Error(l)
		}
	}
}

// Without --identified nothing in the file names anybody, and nothing is about anybody else.
func TestNothingIdentifiesUnlessAsked(t *testing.T) {
	w := told(t)
	f := w.make(w.request())
	for name, text := range f.files {
		for _, secret := range []string{"BN-4711", "Bí Mật", "Nguyễn", "Trần", "Lan", "Người Khác", string(w.b.ID), "somebody else's"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s has %q", name, secret)
			}
		}
	}
	q := w.request()
	q.Identified = true
	f = w.make(q)
	for file, secret := range map[string]string{"stay.json": "BN-4711", "duty.json": "Trần Thị Lan", "timeline.html": "Trần Thị Lan", "observations.jsonl": "Bí Mật", "rejected.jsonl": `"payload"`} {
		if !strings.Contains(f.files[file], secret) {
			t.Errorf("asked for, %s lacks %q", file, secret)
		}
	}
	if !f.m.Identified || !strings.Contains(f.files["audit.jsonl"], "incident.export") {
		t.Error("the file does not say that it identifies, or that it was taken")
	}
	for name, text := range f.files {
		if strings.Contains(text, string(w.b.ID)) || strings.Contains(text, "Người Khác") {
			t.Errorf("%s is about somebody else", name)
		}
	}
}

func TestVerify(t *testing.T) {
	w := told(t)
	q := w.request()
	for _, whole := range []bool{false, true} {
		q.WholeAudit = whole
		f := w.make(q)
		v, err := Verify(bytes.NewReader(f.raw), int64(len(f.raw)), w.key.Public().(ed25519.PublicKey))
		if err != nil || len(v.Faults) > 0 || !v.Known || v.Shown == 0 || whole == (v.Hidden > 0) {
			t.Fatalf("whole audit %t: %+v, %v", whole, v, err)
		}
	}
}

// Any byte that is changed, wherever it stands, shows; so does every cut.
func TestEveryChangedByteShows(t *testing.T) {
	w := told(t)
	f := w.make(w.request())
	const tries = 60 // at other bytes in every file, and in the archive's own directory between them
	for i := 0; i < len(f.raw); i += max(1, len(f.raw)/tries) {
		bent := bytes.Clone(f.raw)
		bent[i] ^= 1 << (i % 8)
		if v, err := Verify(bytes.NewReader(bent), int64(len(bent))); err == nil && len(v.Faults) == 0 {
			t.Fatalf("byte %d of %d was changed, and nobody saw it", i, len(bent))
		}
	}
	directory := bytes.Index(f.raw, []byte("PK\x01\x02"))
	for _, i := range []int{10, 12, directory + 4, directory + 12, directory + 38} { // what ZIP readers pass over: times, the maker, attributes
		bent := bytes.Clone(f.raw)
		bent[i] ^= 2
		v, err := Verify(bytes.NewReader(bent), int64(len(bent)))
		if err != nil || !slices.Contains(v.Faults, "the archive's own structure was changed, outside of its files") {
			t.Errorf("byte %d, outside of the files: %q, %v", i, v.Faults, err)
		}
		sum := sha256.Sum256(bent[:len(bent)-sealBytes]) // sealed anew by somebody without the key
		bent = append(bent[:len(bent)-sealBytes], sealText(sum[:], make([]byte, ed25519.SignatureSize))...)
		if v, err := Verify(bytes.NewReader(bent), int64(len(bent))); err != nil || len(v.Faults) == 0 {
			t.Errorf("byte %d, sealed anew: %q, %v", i, v.Faults, err)
		}
	}
	for _, n := range []int{0, 1, len(f.raw) / 2, len(f.raw) - 1} {
		if v, err := Verify(bytes.NewReader(f.raw[:n]), int64(n)); err == nil && len(v.Faults) == 0 {
			t.Fatalf("cut at %d, and nobody saw it", n)
		}
	}
	longer := append(bytes.Clone(f.raw), 'x')
	if v, err := Verify(bytes.NewReader(longer), int64(len(longer))); err == nil && len(v.Faults) == 0 {
		t.Fatal("a byte was added, and nobody saw it")
	}
}

// remade writes the file anew with one of its files changed, as somebody without the key would.
func remade(t *testing.T, f made, change map[string]func(string) string) (Verdict, error) {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(f.files)) {
		text := f.files[name]
		if c := change[name]; c != nil {
			text = c(text)
		}
		if text == "" {
			continue
		}
		file := must[io.Writer](t)(z.Create(name))
		must[int](t)(file.Write([]byte(text)))
	}
	ok(t, z.Close())
	return Verify(bytes.NewReader(out.Bytes()), int64(out.Len()))
}

func TestVerifyNamesWhatWasChanged(t *testing.T) {
	w := told(t)
	f := w.make(w.request())
	for _, c := range []struct {
		what   string
		change map[string]func(string) string
		named  string
	}{
		{"a vital sign", map[string]func(string) string{"readings.jsonl": func(s string) string { return strings.Replace(s, `"spo2":93`, `"spo2":98`, 1) }}, "readings.jsonl was changed"},
		{"a file taken out", map[string]func(string) string{"rejected.jsonl": func(string) string { return "" }}, "rejected.jsonl is missing"},
		{"the manifest", map[string]func(string) string{"manifest.json": func(s string) string { return strings.Replace(s, `"simulation": true`, `"simulation": false`, 1) }}, "manifest.json does not fit its signature"},
		{"the signature", map[string]func(string) string{"manifest.sig": func(s string) string { return s[1:] }}, "manifest.sig"},
		{"who accepted, in the audit", map[string]func(string) string{"audit.jsonl": func(s string) string {
			return strings.Replace(s, `"by":"p1","deed":"alert.accept"`, `"by":"p2","deed":"alert.accept"`, 1)
		}}, "audit.jsonl: row"},
		{"an audit row taken out", map[string]func(string) string{"audit.jsonl": func(s string) string {
			rows := strings.SplitAfter(s, "\n")
			return strings.Join(slices.Delete(rows, 4, 5), "")
		}}, "is missing"},
	} {
		v, err := remade(t, f, c.change)
		if err != nil || !strings.Contains(strings.Join(v.Faults, "; "), c.named) {
			t.Errorf("%s: %q, %v; want %q", c.what, v.Faults, err, c.named)
		}
	}
	other := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	if v, err := Verify(bytes.NewReader(f.raw), int64(len(f.raw)), other); err != nil || v.Known || len(v.Faults) == 0 {
		t.Errorf("another hospital's key: %+v, %v", v, err)
	}
}

func TestBadRequests(t *testing.T) {
	w := told(t)
	for _, c := range []struct {
		what string
		q    func(*Request)
		says string
	}{
		{"no such stay", func(q *Request) { q.Stay = "nobody" }, "no stay"},
		{"backwards", func(q *Request) { q.From, q.To = q.To, q.From }, "empty"},
		{"before the admission", func(q *Request) { q.From, q.To = noon.Add(-3*time.Hour), noon.Add(-2*time.Hour) }, "outside the stay"},
		{"tomorrow", func(q *Request) { q.From, q.To = noon.Add(24*time.Hour), noon.Add(25*time.Hour) }, "outside the stay"},
		{"nothing kept", func(q *Request) { q.From, q.To = noon.Add(-time.Hour), noon.Add(-30*minutes) }, "no raw readings"},
	} {
		q := w.request()
		c.q(&q)
		var out bytes.Buffer
		_, err := Make(t.Context(), w.source(), q, &out)
		var said *ward.Error
		if !errors.As(err, &said) || !strings.Contains(said.Message, c.says) || said.Hint == "" {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	q := w.request()
	q.From, q.To, q.WithoutRaw = noon.Add(-time.Hour), noon.Add(-30*minutes), true
	if f := w.make(q); !strings.Contains(strings.Join(f.m.Missing, "; "), "InfluxDB") {
		t.Errorf("what is missing is not said: %q", f.m.Missing)
	}
}

// A clock that was put back dates rows earlier than those before them: the chain is whole all the same.
// Where the raw record was pruned around a hold, the file says so.
func TestClockPutBackAndRecordPruned(t *testing.T) {
	w := told(t)
	ok(t, w.book.AppendAudit(t.Context(), ward.AuditEntry{At: noon.Add(-48 * time.Hour), By: "p1", Deed: "board.view", Object: "ward:icu"}))
	f := w.make(w.request())
	if v, err := Verify(bytes.NewReader(f.raw), int64(len(f.raw))); err != nil || len(v.Faults) > 0 {
		t.Errorf("%q, %v", v.Faults, err)
	}
	for h := range 120 { // days of readings, of which a hold keeps the first
		at := noon.Add(time.Hour + time.Duration(h)*time.Hour)
		w.at(at)
		ok(t, w.journal.Append([]ward.Reading{{Place: bed(1), Taken: at, At: at, Point: at, Arrived: at, Stay: w.a.ID, Values: []ward.Value{{Vital: ward.HR, Number: 80, At: at}}}}))
	}
	w.journal.Retain("holds", []journal.Span{{From: noon, To: noon.Add(2 * time.Hour)}})
	if n := must[int](t)(w.journal.Prune(w.clock())); n == 0 {
		t.Fatal("nothing was pruned")
	}
	q := w.request()
	q.To, q.At = noon.Add(100*time.Hour), w.clock()
	f = w.make(q)
	if gone := strings.Join(f.m.Missing, "; "); len(f.m.Kept) != 2 || strings.Count(gone, "raw readings from") != 1 || !strings.Contains(gone, "InfluxDB") {
		t.Errorf("kept %v; missing %q", f.m.Kept, f.m.Missing)
	}
}

// The same record makes the same files; only what speaks of the making itself differs.
func TestTheSameRecordMakesTheSameFiles(t *testing.T) {
	w := told(t)
	one, two := w.make(w.request()), w.make(w.request())
	for name := range one.files {
		if one.files[name] != two.files[name] && !slices.Contains([]string{"audit.jsonl", "heads.json", "manifest.json", "manifest.sig", "timeline.csv", "timeline.html"}, name) {
			t.Errorf("%s differs", name)
		}
	}
}

// A legal hold keeps the readings of its span through pruning, and lets the others go.
func TestPruningRespectsHolds(t *testing.T) {
	w := begin(t)
	dir := filepath.Join(t.TempDir(), "journal")
	j := must[*journal.Journal](t)(journal.Open(dir, journal.Options{Now: w.clock, Keep: 30 * time.Hour}))
	defer j.Close()
	for h := range 24 * 10 {
		at := noon.Add(time.Duration(h) * time.Hour)
		w.at(at)
		ok(t, j.Append([]ward.Reading{{Place: bed(1), Taken: at, At: at, Point: at, Arrived: at, Stay: w.a.ID, Values: []ward.Value{{Vital: ward.HR, Number: 80, At: at}}}}))
	}
	hold := must[ward.Hold](t)(w.book.Hold(t.Context(), ward.Hold{Stay: w.a.ID, From: noon.Add(24 * time.Hour), To: noon.Add(26 * time.Hour), By: "p1", Reason: "khiếu nại"}))
	prune := func() (hours map[time.Duration]bool) {
		j.Retain("holds", Retained(must[[]ward.Hold](t)(w.book.Holds(t.Context()))))
		_ = must[int](t)(j.Prune(w.clock()))
		hours = map[time.Duration]bool{}
		ok(t, j.Read(0, 0, func(_ uint64, r ward.Record) bool { hours[r.Reading.At.Sub(noon)/time.Hour] = true; return true }))
		return hours
	}
	held := prune()
	for h := range time.Duration(24 * 10) {
		want := h >= 24 && h <= 26+24 || h >= 24*10-31
		if held[h] != want {
			t.Errorf("hour %d kept: %t, want %t", h, held[h], want)
		}
	}
	ok(t, w.book.ReleaseHold(t.Context(), hold.ID, "p1"))
	if left := prune(); left[24] || left[25] {
		t.Error("released, it is still kept")
	}
}
