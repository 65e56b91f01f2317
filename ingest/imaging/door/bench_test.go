package door

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/ingest/imaging/intake"
	"wardwatch/ingest/imaging/internal/dicomtest"
	"wardwatch/ingest/imaging/internal/memory"
	"wardwatch/ingest/imaging/vendor"
	"wardwatch/ward"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const (
	theStudy    = "1.2.826.0.1.3680043.10.1.1" // of dicomtest.Picture
	theInstance = "1.2.826.0.1.3680043.10.1.3"
	secret      = "a secret of 16 bytes and more"
	mapping     = `{"name":"cxr","model":"model","study":"study","patient":{"id":"patient"},
		"findings":{"each":"scores[*]","label":"$key","score":"$value","labels":{"pneumothorax":{"system":"http://snomed.info/sct","code":"36118008"}}}}`
	result      = `{"model":"cxr","study":"1.2.3","patient":"0045","scores":{"pneumothorax":0.9}}`
	observation = `{"resourceType":"Observation","status":"final",
		"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"imaging"}]}],
		"contained":[{"resourceType":"ImagingStudy","id":"s","status":"available","identifier":[{"system":"urn:dicom:uid","value":"urn:oid:1.2.3"}]},
			{"resourceType":"Patient","id":"p","identifier":[{"value":"0045"}]},
			{"resourceType":"Device","id":"d","deviceName":[{"name":"cxr","type":"model-name"}]}],
		"code":{"coding":[{"system":"http://snomed.info/sct","code":"36118008"}]},"subject":{"reference":"#p"},"device":{"reference":"#d"},
		"partOf":[{"reference":"#s"}],"effectiveDateTime":"2026-11-22T08:00:00+07:00","valueQuantity":{"value":0.93,"unit":"1"}}`
)

// bench is a door with a source of each kind.
type bench struct {
	*Door
	t      *testing.T
	book   *memory.Book
	files  *memory.Files
	server *httptest.Server
}

func newBench(t *testing.T, change ...func(*Options)) *bench {
	t.Helper()
	b := newDoor(t, change...)
	b.server = httptest.NewServer(b.Door)
	t.Cleanup(b.server.Close)
	return b
}

// newDoor is a bench without a listener.
func newDoor(t *testing.T, change ...func(*Options)) *bench {
	t.Helper()
	m, err := vendor.Parse([]byte(mapping))
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, book: memory.NewBook(), files: &memory.Files{}}
	in, err := intake.New(intake.Options{Store: b.book, Objects: b.files, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Intake: in, Now: func() time.Time { return noon }, Sources: []Source{
		{Name: "xray", Kind: ward.DeliveryDICOM, Token: "xray-token", User: "xray", Password: "xray-password", MaxBytes: 4096},
		{Name: "ris", Kind: ward.DeliveryFHIR, Token: "ris-token", MaxBytes: 4096},
		{Name: "cxr", Kind: ward.DeliveryVendor, Secret: []byte(secret), Mapping: m, MaxBytes: 4096},
		{Name: "plain", Kind: ward.DeliveryVendor, Secret: []byte(secret), Mapping: m, PlainHash: true},
	}}
	for _, c := range change {
		c(&o)
	}
	if b.Door, err = New(o); err != nil {
		t.Fatal(err)
	}
	return b
}

// reply is what was answered.
type reply struct {
	status int
	header http.Header
	body   string
}

func (b *bench) post(path, kind string, body io.Reader, headers ...string) reply {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.server.URL+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	return b.do(r)
}

func (b *bench) do(r *http.Request) reply {
	b.t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(body)}
}

// codes lists what was kept: the code of a refusal, or "waits".
func (b *bench) codes() []string {
	var codes []string
	for _, d := range b.book.Deliveries() {
		if d.State == ward.DeliveryWaiting {
			d.Code = "waits"
		}
		codes = append(codes, d.Code)
	}
	slices.Sort(codes)
	return codes
}

func picture(greys ...uint16) []byte {
	return dicomtest.File(dicomtest.Explicit, dicomtest.Picture(1, len(greys), greys))
}

func instance(uid string) []byte {
	return dicomtest.File(dicomtest.Explicit, dicomtest.Picture(1, 1, []uint16{1}).With(dicomtest.Element{Tag: 0x0008_0018, VR: "UI", Value: uid}))
}

const multipartType = `multipart/related; type="application/dicom"; boundary=frontier`

func parts(all ...[]byte) io.Reader {
	var b bytes.Buffer
	for _, p := range all {
		fmt.Fprintf(&b, "--frontier\r\nContent-Type: application/dicom\r\n\r\n%s\r\n", p)
	}
	b.WriteString("--frontier--\r\n")
	return &b
}

// dicomAnswer is a Store response, by instance: "kept", or the failure reason in hex.
func dicomAnswer(t *testing.T, r reply) map[string]string {
	t.Helper()
	type attribute struct{ Value []any }
	var a map[string]struct{ Value []map[string]attribute }
	if err := json.Unmarshal([]byte(r.body), &a); err != nil {
		t.Fatalf("%s: %v", r.body, err)
	}
	first := func(x attribute) any { return append(x.Value, "?")[0] }
	said := map[string]string{}
	for _, i := range a["00081199"].Value {
		said[fmt.Sprint(first(i["00081155"]))] = "kept"
	}
	for _, i := range slices.Concat(a["00081198"].Value, a["0008119A"].Value) {
		said[fmt.Sprint(first(i["00081155"]))] = fmt.Sprintf("%X", int(first(i["00081197"]).(float64)))
	}
	return said
}
