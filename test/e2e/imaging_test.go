//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardwatch/test/orthanc"
)

// ownModel is a hospital's own model: a directory with an ONNX file and a manifest. The weights are those of
// the demonstration; what it says does not matter here.
func ownModel(t testing.TB, change func(manifest map[string]any)) string {
	t.Helper()
	const from = "../../scoring/imaging/models/demo-pneumonia"
	dir := t.TempDir()
	raw, err := os.ReadFile(filepath.Join(from, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]any{}
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	m["id"], m["demonstration"], m["picture"] = "own-cxr", false, "none"
	m["population"] = map[string]any{"region": "chest", "modalities": []string{"CR", "DX"}, "age_from": 16}
	m["findings"].([]any)[0].(map[string]any)["threshold"] = 0.000001 // whatever it is shown is there
	weights, err := os.ReadFile(filepath.Join(from, "model.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	weights = append(weights, 0x72, 6, 0x0a, 1, 'a', 0x12, 1, 'b') // a remark in the file makes it another
	m["sha256"] = fmt.Sprintf("%x", sha256.Sum256(weights))
	if change != nil {
		change(m)
	}
	if raw, err = json.Marshal(m); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"manifest.json": raw, "model.onnx": weights} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// imagingSite is a ward with people, an archive, and somebody for each other way in.
type imagingSite struct {
	*testing.T
	site    site
	archive *orthanc.Archive
	flags   []string
	srv     *server
	doctor  *session
	staff   person
}

const gatewayToken, vendorSecret = "a-token-of-the-gateway", "a-secret-of-the-vendor"

const vendorMapping = `
name: example
signature: timestamped
model: {is: vendor-cxr}
version: {is: "2"}
study: study
modality: {is: DX}
region: {is: chest}
patient: {id: patient, birth_date: {path: born, layout: "2006-01-02"}}
acquired: {path: taken, layout: rfc3339}
findings: {each: "scores[*]", label: $key, score: $value, labels: {Pneumothorax: {system: "http://snomed.info/sct", code: "36118008"}}}
`

var born = time.Date(1951, 3, 4, 0, 0, 0, 0, time.UTC)

func newImagingSite(t *testing.T, model string) *imagingSite {
	x := &imagingSite{T: t, site: prepare(t, 4), archive: orthanc.Start(t)}
	var people []newcomer
	for i := range 3 {
		people = append(people, newcomer{bed: bed(i), born: born.AddDate(i, 0, 0), sex: "male", from: time.Now().Add(-48 * time.Hour)})
	}
	x.site.admit(t, people...)
	x.staff = x.site.addPerson(t, "doctor")
	dir := t.TempDir()
	for name, text := range map[string]string{
		"pacs.secret": orthanc.Password + strings.Repeat(" ", 16), "token": gatewayToken, "secret": vendorSecret, "vendor.yaml": vendorMapping,
		"imaging.yaml": fmt.Sprintf(`
listen: 127.0.0.1:0
models: [%s]
sources:
  - {name: pacs, kind: pacs, url: %q, user: %s, password_file: pacs.secret, every: 1s}
  - {name: gateway, kind: dicom, token_file: token}
  - {name: vendor, kind: webhook, secret_file: secret, mapping: vendor.yaml}
`, model, x.archive.DICOMweb(), orthanc.User),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	x.flags = []string{"--imaging", filepath.Join(dir, "imaging.yaml")}
	x.serve()
	return x
}

func (x *imagingSite) serve() {
	x.srv = x.site.serve(x.T, nil, x.flags...)
	x.srv.needsModels()
	x.doctor = x.srv.signIn(x.staff)
}

// restart kills the server and starts it again.
func (x *imagingSite) restart() {
	x.srv.kill()
	x.serve()
}

// picture is a DICOM picture of somebody, taken an hour ago.
func picture(t testing.TB, patient string, born time.Time, uid string) []byte {
	taken := time.Now().Add(-time.Hour)
	return orthanc.Picture(t, map[string]string{
		"PatientID": patient, "PatientName": "THU^NGHIEM", "PatientBirthDate": born.Format("20060102"), "PatientSex": "M",
		"Modality": "DX", "BodyPartExamined": "CHEST", "ViewPosition": "PA", "TimezoneOffsetFromUTC": taken.Format("-0700"),
		"StudyDate": taken.Format("20060102"), "StudyTime": taken.Format("150405"), "AcquisitionDate": taken.Format("20060102"), "AcquisitionTime": taken.Format("150405"),
		"StudyInstanceUID": uid, "SeriesInstanceUID": uid + ".1", "SOPInstanceUID": uid + ".1.1",
	})
}

type imagingFinding struct {
	ID, Kind, Source, Model, Version, Confirmed, Withdrawn, Age string

	There, Unread, Picture, Map bool
}

func (x *imagingSite) findings(of int) []imagingFinding {
	x.Helper()
	var reply struct{ Findings []imagingFinding }
	raw := x.doctor.ask(http.MethodGet, "/api/v1/wards/W1/beds/"+bed(of)+"/findings", nil)
	if err := json.Unmarshal([]byte(raw.body), &reply); err != nil || raw.status != http.StatusOK {
		x.Fatalf("%d %s", raw.status, raw.body)
	}
	return reply.Findings
}

// row finds a row of a bed's respiratory view that rests on a finding.
func (x *imagingSite) row(of int, code string) (finding string, unread bool) {
	x.Helper()
	var view struct {
		Respiratory *struct {
			Rows []struct {
				Code, Finding string
				Unread        bool
			}
		}
	}
	raw := x.doctor.ask(http.MethodGet, "/api/v1/wards/W1/beds/"+bed(of)+"/assessment", nil)
	if raw.status != http.StatusOK || json.Unmarshal([]byte(raw.body), &view) != nil || view.Respiratory == nil {
		return "", false
	}
	for _, r := range view.Respiratory.Rows {
		if r.Code == code {
			return r.Finding, r.Unread
		}
	}
	return "", false
}

func (x *imagingSite) waiting() (list struct {
	Total int
	Items []struct {
		ID, Why, Source string
		Guesses         []struct{ Stay string }
	}
}) {
	x.Helper()
	raw := x.doctor.ask(http.MethodGet, "/api/v1/imaging/worklist", nil)
	if err := json.Unmarshal([]byte(raw.body), &list); err != nil || raw.status != http.StatusOK {
		x.Fatalf("%d %s", raw.status, raw.body)
	}
	return list
}

// stow sends one instance to the door, as a gateway does.
func (x *imagingSite) stow(dicom []byte) (status int, said string) {
	x.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreatePart(textproto.MIMEHeader{"Content-Type": {"application/dicom"}})
	if err != nil {
		x.Fatal(err)
	}
	_, _ = part.Write(dicom)
	_ = w.Close()
	return x.post("/dicom-web/studies", "multipart/related; type=\"application/dicom\"; boundary="+w.Boundary(), map[string]string{"Authorization": "Bearer " + gatewayToken}, body.Bytes())
}

// hook posts a vendor's JSON, signed.
func (x *imagingSite) hook(body string) (status int, said string) {
	x.Helper()
	stamp := fmt.Sprint(time.Now().Unix())
	mac := hmac.New(sha256.New, []byte(vendorSecret))
	mac.Write([]byte(stamp + "." + body))
	return x.post("/hooks/vendor", "application/json", map[string]string{"X-Wardwatch-Signature": "t=" + stamp + ",v1=" + hex.EncodeToString(mac.Sum(nil))}, []byte(body))
}

func (x *imagingSite) post(path, kind string, headers map[string]string, body []byte) (int, string) {
	x.Helper()
	var at struct{ Imaging string }
	raw, err := os.ReadFile(filepath.Join(x.site.data, "run.json"))
	if err != nil || json.Unmarshal(raw, &at) != nil {
		x.Fatalf("run.json: %v %s", err, raw)
	}
	req, err := http.NewRequest(http.MethodPost, at.Imaging+path, bytes.NewReader(body))
	if err != nil {
		x.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		x.Fatal(err)
	}
	defer resp.Body.Close()
	var said bytes.Buffer
	_, _ = said.ReadFrom(resp.Body)
	return resp.StatusCode, said.String()
}

// TestImaging follows pictures and results from an archive, a gateway and a vendor to the right bed, and
// those that are nobody's to the worklist; through a second delivery and through kill -9.
func TestImaging(t *testing.T) {
	x := newImagingSite(t, ownModel(t, nil))

	// A picture in the archive appears with its map.
	x.archive.Store(picture(t, "TEST-0", born, "1.2.826.0.1.3680043.10.777.1"))
	until(t, "the picture is in the respiratory view of its bed", func() bool { id, unread := x.row(0, "consolidation"); return id != "" && unread })
	id, _ := x.row(0, "consolidation")
	found := x.findings(0)
	if len(found) != 1 || found[0].ID != id || found[0].Model != "own-cxr" || found[0].Source != "pacs" || !found[0].There || !found[0].Picture || !found[0].Map || found[0].Age != "fresh" {
		t.Fatalf("%+v", found)
	}
	for _, what := range []string{"picture", "map"} {
		a := x.doctor.ask(http.MethodGet, "/api/v1/findings/"+id+"/"+what, nil)
		if _, err := png.Decode(strings.NewReader(a.body)); a.status != http.StatusOK || err != nil {
			t.Errorf("%s: %d %v", what, a.status, err)
		}
	}

	// A structured report and a vendor's results, each sent twice.
	report := reportOf(t, "TEST-1", born.AddDate(1, 0, 0))
	vendor := fmt.Sprintf(`{"study":"1.2.826.0.1.3680043.10.777.3","patient":"TEST-2","born":%q,"taken":%q,"scores":{"Pneumothorax":0.91,"Nodule":0.1}}`,
		born.AddDate(2, 0, 0).Format(time.DateOnly), time.Now().Add(-30*time.Minute).Format(time.RFC3339))
	for range 2 {
		if status, said := x.stow(report); status != http.StatusOK {
			t.Fatalf("a structured report: %d %s", status, said)
		}
		if status, said := x.hook(vendor); status/100 != 2 {
			t.Fatalf("a vendor's results: %d %s", status, said)
		}
	}
	until(t, "the structured report is on its bed", func() bool { return len(x.findings(1)) > 0 })
	until(t, "the vendor's finding is on its bed", func() bool { id, _ := x.row(2, "pneumothorax"); return id != "" })
	until(t, "an unread pneumothorax asks for a look", func() bool { return x.flagged(2, "image_review") })

	// Nobody's waits, until a person says whose it is.
	if status, said := x.stow(picture(t, "NOBODY-1", born, "1.2.826.0.1.3680043.10.777.4")); status != http.StatusOK {
		t.Fatalf("%d %s", status, said)
	}
	until(t, "what is nobody's waits", func() bool { return x.waiting().Total == 1 })
	item := x.waiting().Items[0]
	if item.Why != "unknown_patient" {
		t.Errorf("%+v", item)
	}

	// Killed: all of it is still there, once.
	before := fmt.Sprint(x.findings(0), x.findings(1), x.findings(2))
	x.restart()
	if after := fmt.Sprint(x.findings(0), x.findings(1), x.findings(2)); after != before {
		t.Errorf("after a kill:\n%s\nbefore:\n%s", after, before)
	}
	if x.waiting().Total != 1 {
		t.Error("what waited is gone")
	}
	until(t, "the view rests on the finding again", func() bool { again, _ := x.row(0, "consolidation"); return again == id })

	// A clinician's word, in one step; a rejection withdraws.
	x.judge(id, "confirmed")
	until(t, "it is read", func() bool { found, unread := x.row(0, "consolidation"); return found == id && !unread })
	x.judge(id, "rejected")
	until(t, "it is withdrawn", func() bool { found, _ := x.row(0, "consolidation"); return found == "" })

	stay := x.stayOf(1)
	if a := x.doctor.ask(http.MethodPost, "/api/v1/imaging/worklist/"+item.ID+"/assign", map[string]string{"stay": stay, "reason": "the number was mistyped at the machine"}); a.status/100 != 2 {
		t.Errorf("assigning: %d %s", a.status, a.body)
	}
	until(t, "it is on the bed that was chosen", func() bool {
		for _, f := range x.findings(1) {
			if f.Model == "own-cxr" {
				return x.waiting().Total == 0
			}
		}
		return false
	})
}

// TestDemonstrationModelsAreNotServed: a model that was made to be shown never looks at a patient.
func TestDemonstrationModelsAreNotServed(t *testing.T) {
	s := prepare(t, 1)
	for name, model := range map[string]string{
		"built in":           "demo-pneumonia",
		"under another name": ownModel(t, func(m map[string]any) { m["demonstration"] = true }),
	} {
		file := filepath.Join(t.TempDir(), "imaging.yaml")
		if err := os.WriteFile(file, []byte("models: ["+model+"]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if out, err := exec.CommandContext(ctx, program(t), "serve", "--data", s.data, "--http", "127.0.0.1:0", "--mqtt-listen", "127.0.0.1:0", "--imaging", file).CombinedOutput(); err == nil || ctx.Err() != nil || !bytes.Contains(out, []byte("demonstration")) {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
}

// reportOf is a structured report of an AI, of somebody here, of a picture taken just now.
func reportOf(t testing.TB, patient string, born time.Time) []byte {
	t.Helper()
	raw, err := os.ReadFile("../../ingest/imaging/sr/testdata/ai.dcm")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "report.dcm")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	taken := time.Now().Add(-time.Hour)
	change := []string{"-nb"}
	for tag, value := range map[string]string{
		"PatientID": patient, "PatientName": "THU^NGHIEM", "PatientBirthDate": born.Format("20060102"), "PatientSex": "M", "TimezoneOffsetFromUTC": taken.Format("-0700"),
		"StudyDate": taken.Format("20060102"), "StudyTime": taken.Format("150405"), "ContentDate": taken.Format("20060102"), "ContentTime": taken.Format("150405"),
	} {
		change = append(change, "-m", tag+"="+value)
	}
	if out, err := exec.Command(needs(t, "dcmodify"), append(change, file)...).CombinedOutput(); err != nil {
		t.Fatalf("dcmodify: %v %s", err, out)
	}
	if raw, err = os.ReadFile(file); err != nil {
		t.Fatal(err)
	}
	return raw
}

func (x *imagingSite) judge(id, word string) {
	x.Helper()
	if a := x.doctor.ask(http.MethodPost, "/api/v1/findings/"+id+"/confirmation", map[string]string{"word": word}); a.status != http.StatusOK {
		x.Fatalf("%s: %d %s", word, a.status, a.body)
	}
}

func (x *imagingSite) stayOf(n int) string {
	x.Helper()
	var reply struct{ Stay string }
	raw := x.doctor.ask(http.MethodGet, "/api/v1/wards/W1/beds/"+bed(n)+"/findings", nil)
	if err := json.Unmarshal([]byte(raw.body), &reply); err != nil || reply.Stay == "" {
		x.Fatalf("%v %s", err, raw.body)
	}
	return reply.Stay
}

// flagged says whether an open alert of a bed has a cause.
func (x *imagingSite) flagged(of int, code string) bool {
	x.Helper()
	raw := x.doctor.ask(http.MethodGet, "/api/v1/wards/W1/alerts?open=true", nil)
	var list []struct {
		Bed    string
		Causes []struct{ Code string }
	}
	if err := json.Unmarshal([]byte(raw.body), &list); err != nil {
		x.Fatalf("%v %s", err, raw.body)
	}
	for _, a := range list {
		for _, c := range a.Causes {
			if a.Bed == bed(of) && c.Code == code {
				return true
			}
		}
	}
	return false
}

// TestImagingThatCannotRun: what is missing of imaging keeps nobody from being watched, and says so.
func TestImagingThatCannotRun(t *testing.T) {
	s := prepare(t, 1)
	file := filepath.Join(t.TempDir(), "imaging.yaml")
	if err := os.WriteFile(file, []byte("models: [not/there]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	srv := s.serve(t, nil, "--imaging", file)
	var ready struct {
		Checks []struct {
			Name, Detail string
			OK           bool
		}
	}
	until(t, "the condition is told", func() bool {
		srv.get("/readyz", &ready)
		for _, c := range ready.Checks {
			if c.Name == "imaging_down" && strings.Contains(c.Detail, "not/there") {
				return true
			}
		}
		return false
	})
}
