package door

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

const (
	ris      = "Authorization: Bearer ris-token"
	fhirType = "application/fhir+json"
)

func sum(parts ...string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(mac.Sum(nil))
}

func signature(at time.Time, body string) string {
	stamp := fmt.Sprint(at.Unix())
	return SignatureHeader + ": t=" + stamp + ",v1=" + sum(stamp, ".", body)
}

// hooked posts a body to the webhook, signed as it must be.
func (b *bench) hooked(body string) reply {
	return b.post("/hooks/cxr", "application/json", strings.NewReader(body), signature(noon, body))
}

func TestFHIR(t *testing.T) {
	bundle := func(kind string) string {
		return `{"resourceType":"Bundle","type":"` + kind + `","entry":[{"resource":{"resourceType":"Patient","id":"x"}},{"resource":` + observation + `}]}`
	}
	for _, c := range []struct {
		name, path, body string
		status           int
		says             string
		kept             []string
	}{
		{"an observation", "/fhir/Observation", observation, 201, "", []string{"waits"}},
		{"a transaction", "/fhir", bundle("transaction"), 200, `"transaction-response"`, []string{"waits"}},
		{"a transaction, with a slash", "/fhir/", bundle("transaction"), 200, `"transaction-response"`, []string{"waits"}},
		{"a batch", "/fhir", bundle("batch"), 200, `"batch-response"`, []string{"waits"}},
		{"a collection", "/fhir", bundle("collection"), 202, "", []string{"waits"}},
		{"an observation at the wrong address", "/fhir/DiagnosticReport", observation, 422, "OperationOutcome", []string{"bad_content"}},
		{"an observation that says nothing", "/fhir/Observation", `{"resourceType":"Observation","status":"final"}`, 422, "OperationOutcome", []string{"bad_content"}},
		{"a body cut off", "/fhir/Observation", observation[:100], 400, "OperationOutcome", []string{"bad_content"}},
		{"too long", "/fhir/Observation", observation + strings.Repeat(" ", 5000), 413, "OperationOutcome", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			got := b.post(c.path, fhirType, strings.NewReader(c.body), ris)
			if got.status != c.status || !strings.Contains(got.body, c.says) {
				t.Errorf("HTTP %d: %s", got.status, got.body)
			}
			if got.body != "" && got.header.Get("Content-Type") != fhirType {
				t.Errorf("it is of type %s", got.header.Get("Content-Type"))
			}
			if c.status == 201 && !strings.HasPrefix(got.header.Get("Location"), "/fhir/Observation/"+b.book.Deliveries()[0].ID) {
				t.Errorf("its place is %q", got.header.Get("Location"))
			}
			if kept := b.codes(); !slices.Equal(kept, c.kept) {
				t.Errorf("kept %v", kept)
			}
		})
	}
}

// A refusal tells the sender where the mistake is, and nobody who the patient is.
func TestRefusalsIdentifyNobody(t *testing.T) {
	b := newBench(t)
	body := strings.Replace(observation, "0.93", "7", 1)
	body = strings.Replace(body, `{"value":"0045"}`, `{"value":"SECRET-0045"}`, 1)
	got := b.post("/fhir/Observation", fhirType, strings.NewReader(body), ris)
	d := b.book.Deliveries()[0]
	if got.status != 422 || strings.Contains(got.body, "SECRET") || strings.Contains(d.Detail, "SECRET") || d.Detail == "" {
		t.Errorf("HTTP %d: %s; kept %q", got.status, got.body, d.Detail)
	}
}

func TestMetadata(t *testing.T) {
	b := newBench(t)
	r, _ := http.NewRequest(http.MethodGet, b.server.URL+"/fhir/metadata", nil)
	if got := b.do(r); got.status != 401 {
		t.Errorf("HTTP %d without a token", got.status)
	}
	r.Header.Set("Authorization", "Bearer ris-token")
	got := b.do(r)
	var c struct{ ResourceType, FhirVersion string }
	if err := json.Unmarshal([]byte(got.body), &c); err != nil || c.ResourceType != "CapabilityStatement" || c.FhirVersion != "4.0.1" {
		t.Errorf("%s", got.body)
	}
}

func TestHooks(t *testing.T) {
	for _, c := range []struct {
		name, path, kind, body, signature string
		status                            int
		kept                              []string
	}{
		{"signed", "/hooks/cxr", "application/json", result, signature(noon, result), 202, []string{"waits"}},
		{"signed four minutes ago", "/hooks/cxr", "application/json; charset=utf-8", result, signature(noon.Add(-4*time.Minute), result), 202, []string{"waits"}},
		{"signed six minutes ago", "/hooks/cxr", "application/json", result, signature(noon.Add(-6*time.Minute), result), 401, nil},
		{"another body than the one signed", "/hooks/cxr", "application/json", result + " ", signature(noon, result), 401, nil},
		{"not signed", "/hooks/cxr", "application/json", result, "X-Nothing: x", 401, nil},
		{"signed by the body alone, where that is agreed", "/hooks/plain", "application/json", result, SignatureHeader + ": sha256=" + sum(result), 202, []string{"waits"}},
		{"signed by the body alone, where that is not agreed", "/hooks/cxr", "application/json", result, SignatureHeader + ": sha256=" + sum(result), 401, nil},
		{"a source that nobody knows", "/hooks/other", "application/json", result, signature(noon, result), 401, nil},
		{"a source of another kind", "/hooks/ris", "application/json", result, signature(noon, result), 401, nil},
		{"a body that the mapping does not fit", "/hooks/cxr", "application/json", `{"model":"cxr"}`, signature(noon, `{"model":"cxr"}`), 422, []string{"bad_content"}},
		{"no JSON", "/hooks/cxr", "application/json", `{`, signature(noon, `{`), 400, []string{"bad_content"}},
		{"another type", "/hooks/cxr", "text/plain", result, signature(noon, result), 415, nil},
		{"too long", "/hooks/cxr", "application/json", result + strings.Repeat(" ", 5000), signature(noon, result), 413, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			got := b.post(c.path, c.kind, strings.NewReader(c.body), c.signature)
			if got.status != c.status {
				t.Errorf("HTTP %d: %s", got.status, got.body)
			}
			if kept := b.codes(); !slices.Equal(kept, c.kept) {
				t.Errorf("kept %v", kept)
			}
		})
	}
}

func TestSourcesMustBeWhole(t *testing.T) {
	whole := newBench(t).o
	for _, c := range []struct {
		name   string
		source Source
	}{
		{"no name", Source{Kind: ward.DeliveryFHIR, Token: "x"}},
		{"no secret", Source{Name: "a", Kind: ward.DeliveryFHIR}},
		{"a user without a password", Source{Name: "a", Kind: ward.DeliveryDICOM, User: "u"}},
		{"a name that is another's", Source{Name: "ris", Kind: ward.DeliveryFHIR, Token: "x"}},
		{"a token that is another's", Source{Name: "a", Kind: ward.DeliveryFHIR, Token: "ris-token"}},
		{"a webhook without a secret", Source{Name: "a", Kind: ward.DeliveryVendor, Token: "x"}},
	} {
		o := whole
		o.Sources = append(slices.Clone(whole.Sources), c.source)
		if _, err := New(o); err == nil {
			t.Errorf("%s: taken", c.name)
		}
	}
}
