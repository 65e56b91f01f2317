package fhir

import (
	"os"
	"strings"
	"testing"
)

// The example of docs/imaging.md is read as it says.
func TestTheExampleOfTheGuide(t *testing.T) {
	guide, err := os.ReadFile("../../../docs/imaging.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(guide), "```json\n{\"resourceType\": \"Bundle\"")
	example, _, ended := strings.Cut(rest, "```")
	if !found || !ended {
		t.Fatal("the guide has no example")
	}
	reports, err := Read([]byte(`{"resourceType": "Bundle"`+example), options)
	if err != nil || len(reports) != 1 {
		t.Fatal(err, reports)
	}
	r := reports[0]
	if r.Of.HospitalID != "BN-000123" || r.Study.UID != "1.2.826.0.1.1" || r.Study.Modality != "DX" || len(r.Reads) != 1 || !r.Reads[0].Present || r.Reads[0].Code != "36118008" {
		t.Errorf("%+v", r)
	}
}
