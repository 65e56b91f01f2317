package door

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

const xray = "Authorization: Bearer xray-token"

var errFull = &ward.Error{Code: ward.Unavailable, Message: "no space left on device"}

func TestStow(t *testing.T) {
	big := append(instance("1.9"), make([]byte, 4096)...)
	for _, c := range []struct {
		name   string
		path   string
		body   io.Reader
		status int
		said   string   // by instance
		kept   []string // rows
	}{
		{"one picture", "", parts(picture(1, 2)), 200, "map[" + theInstance + ":kept]", []string{"waits"}},
		{"two pictures", "", parts(instance("1.1"), instance("1.2")), 200, "map[1.1:kept 1.2:kept]", []string{"waits", "waits"}},
		{"into their study", "/" + theStudy, parts(instance("1.1")), 200, "map[1.1:kept]", []string{"waits"}},
		{"into another study", "/1.2.3", parts(instance("1.1")), 409, "map[1.1:C000]", []string{"other_instance"}},
		{"rubbish between two pictures", "", parts(instance("1.1"), []byte("rubbish"), instance("1.2")), 202, "map[1.1:kept 1.2:kept ?:C000]", []string{"corrupt", "waits", "waits"}},
		{"one too big between two pictures", "", parts(instance("1.1"), big, instance("1.2")), 202, "map[1.1:kept 1.2:kept ?:A700]", []string{"waits", "waits"}},
		{"only rubbish", "", parts([]byte("rubbish")), 409, "map[?:C000]", []string{"corrupt"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			got := b.post("/dicom-web/studies"+c.path, multipartType, c.body, xray)
			if got.status != c.status || got.header.Get("Content-Type") != "application/dicom+json" {
				t.Errorf("HTTP %d %s: %s", got.status, got.header.Get("Content-Type"), got.body)
			}
			if said := fmt.Sprint(dicomAnswer(t, got)); said != c.said {
				t.Errorf("said %s, want %s", said, c.said)
			}
			if kept := b.codes(); !slices.Equal(kept, c.kept) {
				t.Errorf("kept %v", kept)
			}
		})
	}
}

func TestStowRefusesTheRequest(t *testing.T) {
	cut := bytes.TrimSuffix(readAll(parts(picture(1))), []byte("\r\n--frontier--\r\n"))
	for _, c := range []struct {
		name, kind string
		body       io.Reader
		status     int
	}{
		{"no multipart", "application/dicom", bytes.NewReader(picture(1)), 415},
		{"no boundary", `multipart/related; type="application/dicom"`, parts(picture(1)), 415},
		{"of metadata and bulk data", `multipart/related; type="application/dicom+json"; boundary=frontier`, parts(picture(1)), 415},
		{"no part", multipartType, strings.NewReader("--frontier--\r\n"), 400},
		{"nothing", multipartType, strings.NewReader(""), 400},
		{"cut off", multipartType, bytes.NewReader(cut), 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			got := b.post("/dicom-web/studies", c.kind, c.body, xray)
			if got.status != c.status || got.header.Get("Content-Type") != "application/problem+json" || !strings.Contains(got.body, `"hint"`) {
				t.Errorf("HTTP %d %s: %s", got.status, got.header.Get("Content-Type"), got.body)
			}
			if kept := b.codes(); len(kept) != 0 {
				t.Errorf("kept %v", kept)
			}
		})
	}
}

// A sender that does not announce the type of its parts, and one that asks for XML, is served all the same.
func TestStowIsLenient(t *testing.T) {
	b := newBench(t)
	body := "--frontier\r\n\r\n" + string(picture(1)) + "\r\n--frontier--"
	got := b.post("/dicom-web/studies", `multipart/related; boundary=frontier`, strings.NewReader(body), xray, "Accept: application/dicom+xml")
	if got.status != 200 {
		t.Errorf("HTTP %d: %s", got.status, got.body)
	}
}

// Nothing is acknowledged that is not kept: not even the brothers of an instance that could not be kept, so
// that the sender sends all of it again.
func TestNothingIsAcknowledgedThatIsNotKept(t *testing.T) {

	for _, c := range []struct {
		name        string
		spoil, mend func(*bench)
	}{
		{"the disk is full", func(b *bench) { b.files.Fail(errFull) }, func(b *bench) { b.files.Fail(nil) }},
		{"the book is busy", func(b *bench) { b.book.Fail(errFull) }, func(b *bench) { b.book.Fail(nil) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			c.spoil(b)
			for _, got := range []reply{
				b.post("/dicom-web/studies", multipartType, parts(instance("1.1"), instance("1.2")), xray),
				b.post("/fhir/Observation", "application/fhir+json", strings.NewReader(observation), ris),
				b.hooked(result),
			} {
				if got.status != 503 || got.header.Get("Retry-After") == "" || strings.Contains(got.body, "space") {
					t.Errorf("HTTP %d: %s", got.status, got.body)
				}
			}
			if kept := b.codes(); len(kept) != 0 {
				t.Errorf("kept %v", kept)
			}
			c.mend(b)
			if got := b.post("/dicom-web/studies", multipartType, parts(instance("1.1"), instance("1.2")), xray); got.status != 200 {
				t.Errorf("HTTP %d: %s", got.status, got.body)
			}
		})
	}
}

func TestARepeatAnswersTheSame(t *testing.T) {
	b := newBench(t)
	send := func() []reply {
		return []reply{
			b.post("/dicom-web/studies", multipartType, parts(instance("1.1"), []byte("rubbish")), xray),
			b.post("/fhir/Observation", "application/fhir+json", strings.NewReader(observation), ris),
			b.post("/fhir/Observation", "application/fhir+json", strings.NewReader(`{"resourceType":"Observation"}`), ris),
			b.hooked(result),
		}
	}
	first := send()
	writes, files := b.book.Writes(), b.files.Count()
	for i, again := range send() {
		if again.status != first[i].status || again.body != first[i].body || again.header.Get("Location") != first[i].header.Get("Location") {
			t.Errorf("answered %d %s, first %d %s", again.status, again.body, first[i].status, first[i].body)
		}
	}
	if b.book.Writes() != writes || b.files.Count() != files {
		t.Error("a repeat changed something")
	}
}

func readAll(r io.Reader) []byte {
	b, _ := io.ReadAll(r)
	return b
}

func FuzzStow(f *testing.F) {
	f.Add(readAll(parts(picture(1))))
	f.Add(readAll(parts([]byte("rubbish"), instance("1.1"))))
	f.Add([]byte("--frontier\r\nContent-Type: x\r\n\r\n--frontier--"))
	f.Fuzz(func(t *testing.T, body []byte) {
		b := newDoor(t)
		r := httptest.NewRequest(http.MethodPost, "/dicom-web/studies", bytes.NewReader(body))
		r.Header.Set("Content-Type", multipartType)
		r.Header.Set("Authorization", "Bearer xray-token")
		got := offline{httptest.NewRecorder()}
		b.ServeHTTP(got, r)
		waiting := 0
		for _, c := range b.codes() {
			if c == "waits" {
				waiting++
			}
		}
		if got.Code == 200 && waiting == 0 {
			t.Errorf("acknowledged, and nothing waits: %s", got.Body)
		}
	})
}

// offline is an answer to a request that came by no line, and so is never too slow.
type offline struct{ *httptest.ResponseRecorder }

func (offline) SetReadDeadline(time.Time) error { return nil }
