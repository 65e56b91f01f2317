package pacs

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardwatch/ingest/imaging/internal/dicomtest"
	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ward"
)

// archive is a made-up archive that misbehaves on cue.
type archive struct {
	*httptest.Server
	t         *testing.T
	instances []string          // UIDs, all of one series of one study
	bodies    map[string][]byte // by instance; a sound one where there is none
	status    map[string]int    // by the end of a path
	asked     []string          // paths
	count     bool              // give numbers of instances
	ignore    bool              // limit and offset
}

const (
	theStudy  = "1.2.826.0.1.3680043.10.1.1" // of dicomtest.Picture
	theSeries = "1.2.826.0.1.3680043.10.1.2"
)

func newArchive(t *testing.T, instances ...string) *archive {
	a := &archive{t: t, instances: instances, bodies: map[string][]byte{}, status: map[string]int{}, count: true}
	a.Server = httptest.NewServer(a)
	t.Cleanup(a.Close)
	return a
}

func instanceOf(uid string) []byte {
	return dicomtest.File(dicomtest.Explicit, dicomtest.Picture(1, 2, []uint16{1, 2}).With(dicomtest.Element{Tag: 0x0008_0018, VR: "UI", Value: uid}))
}

func (a *archive) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.asked = append(a.asked, r.URL.Path)
	for end, status := range a.status {
		if strings.HasSuffix(r.URL.Path, end) {
			w.WriteHeader(status)
			return
		}
	}
	var all []map[string]any
	switch {
	case strings.HasSuffix(r.URL.Path, "/studies"):
		s := map[string]any{tagStudyUID: values(theStudy), tagStudyDate: values("20261122")}
		if a.count {
			s[tagStudyInstances] = values(len(a.instances))
		}
		all = append(all, s)
	case strings.HasSuffix(r.URL.Path, "/series"):
		all = append(all, map[string]any{tagSeriesUID: values(theSeries), tagModality: values("DX")})
	case strings.HasSuffix(r.URL.Path, "/instances"):
		for _, uid := range a.instances {
			all = append(all, map[string]any{tagInstanceUID: values(uid), tagSeriesUID: values(theSeries)})
		}
	default:
		a.give(w, filepath.Base(r.URL.Path))
		return
	}
	if !a.ignore && r.FormValue("offset") != "0" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	json.NewEncoder(w).Encode(all)
}

func values(v any) map[string]any { return map[string]any{"vr": "XX", "Value": []any{v}} }

func (a *archive) give(w http.ResponseWriter, uid string) {
	body, is := a.bodies[uid]
	if !is {
		body = instanceOf(uid)
	}
	w.Header().Set("Content-Type", `multipart/related; type="application/dicom"; boundary=b`)
	fmt.Fprintf(w, "--b\r\nContent-Type: application/dicom\r\n\r\n%s\r\n--b--", body)
}

func (a *archive) requests(end string) int {
	n := 0
	for _, path := range a.asked {
		if strings.HasSuffix(path, end) {
			n++
		}
	}
	a.asked = nil
	return n
}

func (b *bench) codes() map[string]string {
	codes := map[string]string{}
	for _, d := range b.book.Deliveries() {
		codes[d.InstanceUID] = d.Code
	}
	return codes
}

func one(a *archive) Options { return Options{URL: a.URL + "/dicom-web", Modalities: []string{"DX"}} }

// A study that the archive counts no more of is not looked into, but for once an hour; without counts it is
// looked into each time.
func TestUnchangedStudiesAreLeftAlone(t *testing.T) {
	a := newArchive(t, "1.1")
	b := newBench(t, one(a))
	b.poll()
	a.asked = nil
	b.poll()
	if n := a.requests("/instances"); n != 0 {
		t.Errorf("looked into %d times", n)
	}
	b.now = b.now.Add(sweepEvery)
	b.poll()
	if n := a.requests("/instances"); n == 0 {
		t.Error("not looked into after an hour")
	}
	a.count = false
	b.poll()
	b.poll()
	if n := a.requests("/series"); n < 2 {
		t.Error("not looked into although nothing is counted")
	}
}

func TestAnArchiveWithoutPaging(t *testing.T) {
	a := newArchive(t, "1.1", "1.2")
	a.ignore = true
	b := newBench(t, one(a))
	if n := b.poll(); n != 2 {
		t.Errorf("%d of 2 came", n)
	}
}

// An instance that the archive cannot give does not hold up its brothers, and is tried again later and
// later.
func TestOneBadInstance(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*archive)
	}{
		{"it fails over it", func(a *archive) { a.status["/1.1"] = http.StatusInternalServerError }},
		{"it lists it and does not have it", func(a *archive) { a.status["/1.1"] = http.StatusNotFound }},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newArchive(t, "1.1", "1.2")
			c.spoil(a)
			b := newBench(t, one(a))
			err := b.Poll(t.Context())
			var about *instanceError
			if !errors.As(err, &about) {
				t.Errorf("%v", err)
			}
			if codes := b.codes(); len(codes) != 1 || codes["1.2"] != "" {
				t.Errorf("kept %v", codes)
			}
			a.asked = nil
			if err := b.Poll(t.Context()); !errors.As(err, &about) || a.requests("/1.1") != 0 {
				t.Errorf("tried again at once: %v", err)
			}
			if b.State() != nil {
				t.Errorf("one instance takes the archive down: %v", b.State())
			}
			clear(a.status)
			b.now = b.now.Add(time.Minute)
			if n := b.poll(); n != 1 {
				t.Error("not tried again later")
			}
		})
	}
}

// What is wrong with an instance for good is kept as a refusal, and it is not fetched again.
func TestRefusedInstances(t *testing.T) {
	a := newArchive(t, "1.1", "1.2", "1.3", "1.4")
	a.bodies["1.1"] = []byte("no DICOM")
	a.bodies["1.2"] = instanceOf("1.9")
	a.bodies["1.3"] = append(instanceOf("1.3"), make([]byte, 4096)...)
	o := one(a)
	o.MaxBytes = 2048
	b := newBench(t, o)
	b.poll()
	if got := fmt.Sprint(b.codes()); got != "map[1.1:corrupt 1.2:other_instance 1.3:too_big 1.4:]" {
		t.Error(got)
	}
	b.now = b.now.Add(sweepEvery)
	a.asked = nil
	b.poll()
	if n := a.requests("/1.1") + a.requests("/1.3"); n != 0 {
		t.Errorf("fetched again %d times", n)
	}
}

// An archive that does not transcode says so, or gives what it has all the same; neither is asked for ever.
func TestAnArchiveThatDoesNotTranscode(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*archive)
	}{
		{"it says so", func(a *archive) { a.status["/1.1"] = http.StatusNotAcceptable }},
		{"it gives another encoding", func(a *archive) {
			a.bodies["1.1"] = dicomtest.File(dicomtest.Implicit, dicomtest.Picture(1, 1, []uint16{1}).With(dicomtest.Element{Tag: 0x0008_0018, VR: "UI", Value: "1.1"}))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newArchive(t, "1.1")
			c.spoil(a)
			b := newBench(t, one(a))
			r := refuse.As(b.Transcode(t.Context(), ward.Delivery{StudyUID: theStudy, InstanceUID: "1.1"}))
			if r == nil || r.Code != ward.RefusedSyntax {
				t.Errorf("%v", r)
			}
			for _, d := range b.book.Deliveries() {
				if d.State == ward.DeliveryWaiting {
					t.Errorf("%+v", d)
				}
			}
		})
	}
}

// Where the whole is at fault the poll ends, and nothing is held against the instance.
func TestTheWholeIsAtFault(t *testing.T) {
	full := &ward.Error{Code: ward.Unavailable, Message: "the disk is full"}
	for _, c := range []struct {
		name        string
		spoil, mend func(*archive, *bench)
	}{
		{"the archive is overloaded", func(a *archive, _ *bench) { a.status["/1.1"] = 503 }, func(a *archive, _ *bench) { clear(a.status) }},
		{"the archive knows us no more", func(a *archive, _ *bench) { a.status["/1.1"] = 401 }, func(a *archive, _ *bench) { clear(a.status) }},
		{"our disk is full", func(_ *archive, b *bench) { b.files.Fail(full) }, func(_ *archive, b *bench) { b.files.Fail(nil) }},
		{"our book is busy", func(_ *archive, b *bench) { b.book.Fail(full) }, func(_ *archive, b *bench) { b.book.Fail(nil) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newArchive(t, "1.1")
			b := newBench(t, one(a))
			c.spoil(a, b)
			err := b.Poll(t.Context())
			var about *instanceError
			if err == nil || errors.As(err, &about) || b.State() == nil {
				t.Fatalf("%v", err)
			}
			c.mend(a, b)
			if n := b.poll(); n != 1 {
				t.Error("not fetched as soon as it can be")
			}
		})
	}
}

func TestAHostileArchive(t *testing.T) {
	for _, c := range []struct {
		name, says string
		answer     http.HandlerFunc
	}{
		{"no JSON", "not DICOM JSON", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }},
		{"an answer without end", "bytes", func(w http.ResponseWriter, _ *http.Request) {
			for range maxAnswer / 4096 * 2 {
				w.Write(make([]byte, 4096))
			}
		}},
		{"more and more studies", "more than", func() http.HandlerFunc {
			n := 0
			return func(w http.ResponseWriter, _ *http.Request) {
				var page []map[string]any
				for range 2000 {
					n++
					page = append(page, map[string]any{tagStudyUID: values(fmt.Sprintf("1.%d", n))})
				}
				json.NewEncoder(w).Encode(page)
			}
		}()},
		{"a redirect to somebody else", "redirects elsewhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := httptest.NewServer(c.answer)
			defer s.Close()
			b := newBench(t, Options{URL: s.URL})
			if err := b.Poll(t.Context()); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
		})
	}
}

// A UID that would lead elsewhere in the archive is no UID.
func TestUIDsThatAreNone(t *testing.T) {
	for _, uid := range []string{"..", "../../system", "1.2/3", "1..2", ".", "1.2?x", strings.Repeat("1", 65), "1.2%2f"} {
		a := newArchive(t, uid)
		b := newBench(t, one(a))
		if n := b.poll(); n != 0 {
			t.Errorf("%q: %d came", uid, n)
		}
		for _, path := range a.asked {
			if !strings.HasPrefix(path, "/dicom-web/studies") {
				t.Errorf("asked for %s", path)
			}
		}
	}
}

func TestCAFile(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	defer s.Close()
	s.Config.ErrorLog = nil
	file := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(file, block, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := newBench(t, Options{URL: s.URL, CAFile: file}).Poll(t.Context()); err != nil {
		t.Error(err)
	}
	if err := newBench(t, Options{URL: s.URL}).Poll(t.Context()); err == nil {
		t.Error("an archive that nobody vouches for was trusted")
	}
}

func TestOptions(t *testing.T) {
	b := newBench(t, Options{URL: "http://127.0.0.1:1"})
	for _, c := range []struct {
		name   string
		change func(*Options)
	}{
		{"no source", func(o *Options) { o.Source = "" }},
		{"no URL", func(o *Options) { o.URL = "pacs" }},
		{"a password in the URL", func(o *Options) { o.URL = "http://a:b@127.0.0.1/dicom-web" }},
		{"a CA file that is not there", func(o *Options) { o.CAFile = "/nowhere" }},
	} {
		o := b.o
		c.change(&o)
		if _, err := New(o); err == nil || strings.Contains(err.Error(), "a:b") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestFigures(t *testing.T) {
	b := newBench(t, one(newArchive(t, "1.1")))
	b.poll()
	values := map[string]float64{}
	for _, f := range b.Figures() {
		if f.Of != "pacs" {
			t.Errorf("%s is labelled %q", f.Name, f.Of)
		}
		values[strings.TrimPrefix(f.Name, "wardwatch_imaging_pacs_")] = f.Value
	}
	if values["fetched_total"] != 1 || values["up"] != 1 || values["polls_total"] != 1 {
		t.Errorf("%v", values)
	}
}
