package imaging

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func written(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "imaging.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestLoad(t *testing.T) {
	file := written(t, `
listen: 127.0.0.1:8081
models: [models/cxr, /srv/models/ct]
sources:
  - {name: pacs, kind: pacs, url: "http://pacs:8042/dicom-web", user: ww, password_file: pw}
  - {name: ct, kind: pacs, url: "https://pacs/dicom-web", modalities: [CT], every: 2m, zone: Asia/Bangkok}
  - {name: gateway, kind: dicom, token_file: token}
  - {name: ris, kind: fhir, user: ris, password_file: pw2, second_identifier: true}
  - {name: vendor, kind: webhook, secret_file: s, mapping: m.yaml}
`)
	s, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(file)
	pacs := s.Sources[0]
	if s.Models[0] != filepath.Join(dir, "models/cxr") || s.Models[1] != "/srv/models/ct" || s.Keep != 30*24*time.Hour ||
		pacs.PasswordFile != filepath.Join(dir, "pw") || pacs.Every != 30*time.Second || pacs.Days != 2 || len(pacs.Modalities) != 3 ||
		s.Sources[1].Zone.String() != "Asia/Bangkok" || !s.Sources[3].SecondIdentifier {
		t.Errorf("%+v", s)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, c := range []struct{ name, text, says string }{
		{"a misspelt setting", "sorces: []", "sorces"},
		{"no name", "sources: [{kind: pacs}]", "name of its own"},
		{"a name twice", "listen: ':1'\nsources: [{name: a, kind: dicom, token_file: t}, {name: a, kind: dicom, token_file: t}]", "name of its own"},
		{"no kind", "sources: [{name: a}]", "dicom, pacs, fhir, webhook"},
		{"no door", "sources: [{name: a, kind: dicom, token_file: t}]", "there is no door"},
		{"nothing to sign in with", "listen: ':1'\nsources: [{name: a, kind: fhir}]", "nobody may send without"},
		{"a webhook without a secret", "listen: ':1'\nsources: [{name: a, kind: webhook, mapping: m}]", "secret_file"},
		{"half a sign-in", "sources: [{name: a, kind: pacs, url: 'http://x', user: u}]", "go together"},
		{"a password in the address", "sources: [{name: a, kind: pacs, url: 'http://u:p@x/'}]", "holds a password"},
		{"no address", "sources: [{name: a, kind: pacs}]", "DICOMweb root"},
		{"a hasty poll", "sources: [{name: a, kind: pacs, url: 'http://x', every: 1ms}]", "1s to 1h"},
		{"an unknown zone", "sources: [{name: a, kind: pacs, url: 'http://x', zone: Mars}]", "Asia/Ho_Chi_Minh"},
		{"a keep shorter than the look back", "keep: 48h\nsources: [{name: a, kind: pacs, url: 'http://x', days: 5}]", "give keep of 144h"},
		{"a short keep", "keep: 1h", "at least 24h"},
		{"a door that is no address", "listen: here", "host:port"},
		{"rubbish", "{", "yaml"},
	} {
		if _, err := Load(written(t, c.text)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v; want %q", c.name, err, c.says)
		}
	}
}
