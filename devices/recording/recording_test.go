package recording

import (
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

// file writes content under a name in a fresh folder; a name in .gz is gzipped.
func file(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if !strings.HasSuffix(name, ".gz") {
		if _, err := f.WriteString(content); err != nil {
			t.Fatal(err)
		}
		return path
	}
	z := gzip.NewWriter(f)
	if _, err := z.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// base makes times in tests short to write.
var base = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)

// show writes a reading on one line: bed, device, offset from the base, values.
func show(r ward.Reading) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %v", r.Place.Bed, r.Device, r.At.Sub(base))
	for _, v := range r.Values {
		fmt.Fprintf(&b, " %s=%.5g", v.Vital, v.Number)
		if !v.At.Equal(r.At) {
			b.WriteString("(other time)")
		}
	}
	return b.String()
}

// read collects readings and row errors as text; any other error fails the test.
func read(t testing.TB, path string, o Options) (got []string, counts Counts) {
	t.Helper()
	if o.Base.IsZero() {
		o.Base = base
	}
	r, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	for reading, err := range r.Readings() {
		var bad *RowError
		switch {
		case errors.As(err, &bad):
			got = append(got, short(bad))
		case err != nil:
			t.Fatal(err)
		default:
			got = append(got, show(reading))
		}
	}
	return got, r.Counts()
}

// short is a row error without its remedy.
func short(e *RowError) string { return strings.TrimSuffix(e.Error(), ": "+e.Reason.Remedy()) }

func same(t testing.TB, got []string, want ...string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		g, w := "(nothing)", "(nothing)"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Errorf("line %d\n got %s\nwant %s", i+1, g, w)
		}
	}
}

const smallLong = "patient,time,vital,value\nA,0,hr,80\n"

func TestLayoutIsRecognisedFromTheHeader(t *testing.T) {
	cases := map[string]string{
		"long":        smallLong,
		"mimic3-demo": "subject_id,icustay_id,minute_from_icu_in,signal,itemid,value,unit\n",
		"cinc2019":    strings.Join(cincColumns, ",") + "\n",
	}
	for want, content := range cases {
		r, err := Open(file(t, "x.csv", content), Options{})
		if err != nil || r.Layout() != want {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestUnknownHeaderSaysWhatWasFoundAndWhatIsKnown(t *testing.T) {
	cases := []struct {
		content, layout string
		says            []string
	}{
		{"time,bed,pulse\n1,2,3\n", "", []string{`"bed"`, `"pulse"`, "mimic3-demo", "cinc2019", "long", "itemid", "SepsisLabel", "patient,time,vital,value"}},
		{"time,bed,pulse\n", "long", []string{"lacks patient, vital, value", `"pulse"`}},
		{smallLong, "hl7", []string{`"hl7"`, "mimic3-demo, cinc2019, long"}},
		{"", "", []string{"empty"}},
		{"\n\n", "", []string{"empty"}},
		{strings.Repeat("a,", 500) + "z\n", "", []string{"(501 columns)"}},
	}
	for _, c := range cases {
		_, err := Open(file(t, "x.csv", c.content), Options{Layout: c.layout})
		if err == nil {
			t.Errorf("%.20q: no error", c.content)
			continue
		}
		for _, s := range c.says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%q does not say %q", err, s)
			}
		}
	}
}

func TestOpenFaults(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "none.csv"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := Open(file(t, "x.csv", smallLong), Options{Ward: "a b"}); err == nil {
		t.Error("a ward that is no identifier was taken")
	}
}

func TestGzipByNameOrContent(t *testing.T) {
	want := "A rec-A 0s hr=80"
	zipped := file(t, "x.csv.gz", smallLong)
	got, _ := read(t, zipped, Options{})
	same(t, got, want)

	plain := filepath.Join(t.TempDir(), "gzipped.csv")
	content, err := os.ReadFile(zipped)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(plain, content, 0o600); err != nil {
		t.Fatal(err)
	}
	got, _ = read(t, plain, Options{})
	same(t, got, want)

	liar := filepath.Join(t.TempDir(), "plain.csv.gz")
	if err := os.WriteFile(liar, []byte(smallLong), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(liar, Options{}); err == nil || !strings.Contains(err.Error(), "not gzipped") {
		t.Errorf("plain text named .gz: %v", err)
	}
}

// A file cut short must not look like a complete one.
func TestTruncatedGzipIsAnError(t *testing.T) {
	var b strings.Builder
	b.WriteString("patient,time,vital,value\n")
	for i := range 20_000 {
		fmt.Fprintf(&b, "A,%d,hr,%d\n", i, 60+i*7919%60)
	}
	path := file(t, "x.csv.gz", b.String())
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content[:len(content)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var last error
	for _, err := range r.Readings() {
		last = err
	}
	var bad *RowError
	if last == nil || errors.As(last, &bad) {
		t.Errorf("ended with %v", last)
	}
}

func TestIterationCanStopAndBeginAgain(t *testing.T) {
	path := file(t, "x.csv", "patient,time,vital,value\nA,0,hr,80\nA,1,hr,x\nA,2,hr,82\nB,0,hr,70\n")
	r, err := Open(path, Options{Base: base})
	if err != nil {
		t.Fatal(err)
	}
	for stopAfter := 1; stopAfter <= 4; stopAfter++ {
		n := 0
		for range r.Readings() {
			if n++; n == stopAfter {
				break
			}
		}
		if n != stopAfter {
			t.Fatalf("%d of %d", n, stopAfter)
		}
	}
	for range 2 {
		n := 0
		for range r.Readings() {
			n++
		}
		if c := r.Counts(); n != 4 || c.Readings != 3 || c.Rows != 4 || c.Skipped[NotANumber] != 1 {
			t.Fatalf("%d, %+v", n, c)
		}
	}
}

// Two patients never become one because their numbers had to be changed for the wire.
func TestWireIDs(t *testing.T) {
	long := strings.Repeat("7", 70)
	raw := []string{"p1", "p 1", "p_1", "p.1", "Nguyễn", "NguyỄn", long, long + "8", "a/b", "a#b"}
	seen := map[string]string{}
	for _, r := range raw {
		for _, suffix := range []string{"", "-cuff"} {
			id := wireID("rec-", []byte(r), suffix)
			if !ward.ValidID(id) {
				t.Errorf("%q became %q", r, id)
			}
			if was, ok := seen[id]; ok {
				t.Errorf("%q and %q both became %q", was, r, id)
			}
			seen[id] = r
		}
	}
	if got := wireID("", []byte("p100003"), ""); got != "p100003" {
		t.Errorf("a good number became %q", got)
	}
}
