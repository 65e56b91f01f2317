package fhir

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

// told is what reports say, a line each.
func told(all []ward.ImagingReport) string {
	var lines []string
	for _, r := range all {
		for _, f := range r.Findings {
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("AI %s %s %.2f/%.2f %s", f.Model, f.Label, f.Score, f.Threshold, f.Laterality)))
		}
		for _, d := range r.Reads {
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("read %s %v %s", d.Code, d.Present, d.Laterality)))
		}
		for _, t := range r.Retracts {
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("back %s person=%v %s", t.Model, t.ByPerson, t.Code)))
		}
	}
	return strings.Join(lines, "\n")
}

// What one Observation says, by how it is written.
func TestObservation(t *testing.T) {
	loinc := object{"coding": list{object{"system": "http://loinc.org", "code": "18782-3", "display": "Radiology Study observation"}}}
	effusion := sct("60046008", "Pleural effusion")
	for _, c := range []struct {
		name string
		o    object
		want string
	}{
		{"a part of one", byProgram.with("valueQuantity", number(0.93, "1")), "AI example-cxr Pneumonia 0.93/0.00"},
		{"per cent", byProgram.with("valueQuantity", number(93, "%")), "AI example-cxr Pneumonia 0.93/0.00"},
		{"no unit", byProgram.with("valueQuantity", object{"value": 0.93}), "AI example-cxr Pneumonia 0.93/0.00"},
		{"yes", byProgram.with("valueBoolean", true), "AI example-cxr Pneumonia 1.00/0.00"},
		{"no", byProgram.with("valueBoolean", false), "AI example-cxr Pneumonia 0.00/0.00"},
		{"present", byProgram.with("valueCodeableConcept", present), "AI example-cxr Pneumonia 1.00/0.00"},
		{"absent", byProgram.with("valueCodeableConcept", absent), "AI example-cxr Pneumonia 0.00/0.00"},
		{"a number that the sender calls positive", byProgram.with("valueQuantity", number(0.3, "1")).
			with("interpretation", list{object{"coding": list{object{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "code": "POS"}}}}),
			"AI example-cxr Pneumonia 0.30/0.30"},
		{"a number that the sender calls negative", byProgram.with("valueQuantity", number(0.6, "1")).
			with("interpretation", list{object{"text": "Negative"}}), "AI example-cxr Pneumonia 0.60/1.00"},
		{"the finding is the value", byProgram.with("code", loinc).with("valueCodeableConcept", pneumonia), "AI example-cxr Pneumonia 1.00/0.00"},
		{"the finding is the value, its likelihood a component", byProgram.with("code", loinc).with("valueCodeableConcept", pneumonia).
			with("component", list{object{"code": object{"text": "Probability"}, "valueQuantity": number(0.7, "1")}}), "AI example-cxr Pneumonia 0.70/0.00"},
		{"likelihood and side as components", byProgram.with("component", list{
			object{"code": object{"text": "Probability"}, "valueQuantity": number(70, "%")},
			object{"code": sct("272741003", "Laterality"), "valueCodeableConcept": sct("7771000", "Left")}}), "AI example-cxr Pneumonia 0.70/0.00 left"},
		{"a panel", byProgram.with("code", object{"text": "Chest AI"}).with("component", list{
			object{"code": pneumonia, "valueQuantity": number(0.9, "1")},
			object{"code": effusion, "valueQuantity": number(0.1, "1")}}), "AI example-cxr Pneumonia 0.90/0.00\nAI example-cxr Pleural effusion 0.10/0.00"},
		{"an extent in per cent is no likelihood", byProgram.with("valueBoolean", true).with("component", list{
			object{"code": object{"text": "Lung involved"}, "valueQuantity": number(12, "%")}}), "AI example-cxr Pneumonia 1.00/0.00"},
		{"a body site with a side", byProgram.with("valueBoolean", true).with("bodySite", sct("3341006", "Right lung structure")), "AI example-cxr Pneumonia 1.00/0.00 right"},
		{"SNOMED CT is kept before the vendor's code", byProgram.with("valueBoolean", true).with("code", object{"coding": list{
			object{"system": "urn:vendor", "code": "PNA", "display": "PNA"}, object{"system": "http://snomed.info/sct", "code": "233604007", "display": "Pneumonia"}}}),
			"AI example-cxr Pneumonia 1.00/0.00"},
		{"preliminary by a program", byProgram.with("valueBoolean", true).with("status", "preliminary"), "AI example-cxr Pneumonia 1.00/0.00"},
		{"nobody is named", byProgram.without("device").with("valueBoolean", true), "AI  Pneumonia 1.00/0.00"},
		{"a program beside a person", byDoctor.with("device", ref("Device/d1")).with("valueBoolean", true), "AI example-cxr Pneumonia 1.00/0.00"},
		{"a device that only has a name", byProgram.with("device", object{"display": "other-cxr"}).with("valueBoolean", true), "AI other-cxr Pneumonia 1.00/0.00"},
		{"a radiologist", byDoctor.with("valueCodeableConcept", absent), "read 233604007 false"},
		{"a radiologist, corrected", byDoctor.with("valueBoolean", true).with("status", "corrected"), "read 233604007 true"},
		{"a radiologist, preliminary", byDoctor.with("valueBoolean", true).with("status", "preliminary"), ""},
		{"a radiologist, status unknown", byDoctor.with("valueBoolean", true).with("status", "unknown"), ""},
		{"registered", byProgram.with("status", "registered"), ""},
		{"no value and why", byProgram.with("dataAbsentReason", object{"text": "not performed"}), ""},
		{"no value and why, whatever is beside it", byProgram.with("dataAbsentReason", object{"text": "error"}).with("interpretation", list{object{"text": "positive"}}), ""},
		{"left open", byProgram.with("valueCodeableConcept", sct("82334004", "Indeterminate")), ""},
		{"entered in error", byProgram.with("valueBoolean", true).with("status", "entered-in-error"), "back example-cxr person=false 233604007"},
		{"entered in error, the value taken out", byProgram.with("status", "entered-in-error"), "back example-cxr person=false 233604007"},
		{"a read entered in error", byDoctor.with("status", "entered-in-error"), "back  person=true 233604007"},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, err := Read(bundleOf(c.o, person, pictures, program).json(), options)
			if err != nil {
				t.Fatal(err)
			}
			if got := told(all); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// What a report adds to its results.
func TestDiagnosticReport(t *testing.T) {
	positive := byProgram.with("valueQuantity", number(0.93, "1"))
	byNobody := byDoctor.without("performer").with("valueBoolean", true)
	radiologist := diagnosis.with("performer", list{doctor})
	for _, c := range []struct {
		name string
		all  []object
		want string
	}{
		{"of an AI", []object{diagnosis, positive}, "AI example-cxr Pneumonia 0.93/0.00"},
		{"results take its author", []object{radiologist, byNobody}, "read 233604007 true"},
		{"who interpreted it is its author", []object{diagnosis.with("resultsInterpreter", list{doctor}), byNobody}, "read 233604007 true"},
		{"a final result in a preliminary report", []object{radiologist.with("status", "preliminary"), byNobody}, ""},
		{"an AI's result in a radiologist's report", []object{radiologist, positive}, "AI example-cxr Pneumonia 0.93/0.00"},
		{"conclusions", []object{radiologist.with("result", list{}).with("conclusionCode", list{pneumonia})}, "read 233604007 true"},
		{"a conclusion that a result says better", []object{diagnosis.with("performer", list{ref("Device/d1")}).with("conclusionCode", list{pneumonia, pneumothorax}), positive},
			"AI example-cxr Pneumonia 0.93/0.00\nAI example-cxr Pneumothorax 1.00/0.00"},
		{"entered in error, by a radiologist", []object{radiologist.with("status", "entered-in-error").with("result", list{})}, "back  person=true"},
		{"entered in error, by a program", []object{diagnosis.with("status", "entered-in-error").with("performer", list{ref("Device/d1")}).with("result", list{})}, "back example-cxr person=false"},
		{"entered in error, results by a program", []object{diagnosis.with("status", "entered-in-error"), positive}, "back example-cxr person=false 233604007"},
		{"entered in error, by nobody that is named", []object{diagnosis.with("status", "entered-in-error")}, "back  person=false\nback  person=true"},
		{"cancelled", []object{diagnosis.with("status", "cancelled"), positive}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, err := Read(bundleOf(append(c.all, person, pictures, program)...).json(), options)
			if err != nil {
				t.Fatal(err)
			}
			if got := told(all); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// Whose, of which study, when and by what.
func TestFacts(t *testing.T) {
	all, err := Read(bundleOf(byProgram.with("valueBoolean", true), person, pictures, program).json(), options)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	r := all[0]
	acquired := time.Date(2026, 11, 21, 8, 15, 0, 0, hanoi)
	same := func(a, b any) bool { return fmt.Sprint(a) == fmt.Sprint(b) }
	if w := (ward.Claim{HospitalID: "BN-000123", Name: "Nguyễn Văn A", BirthDate: time.Date(1960, 1, 31, 0, 0, 0, 0, time.UTC), Sex: ward.Male, Accession: "ACC-77", Acquired: acquired}); !same(r.Of, w) {
		t.Errorf("of %+v", r.Of)
	}
	if w := (ward.Study{UID: "1.2.826.0.1.3680043.10.511.1", Modality: "DX", Region: "chest", Acquired: acquired}); !same(r.Study, w) {
		t.Errorf("study %+v", r.Study)
	}
	f := r.Findings[0]
	want := ward.Finding{
		ID: f.ID, Source: "ris", Model: "example-cxr", ModelVersion: "2.1.0", StudyUID: r.Study.UID, Accession: "ACC-77", HospitalID: "BN-000123",
		Modality: "DX", Region: "chest", CodeSystem: ward.SystemSNOMED, Code: "233604007", Label: "Pneumonia", Score: 1,
		Acquired: acquired, Produced: time.Date(2026, 11, 21, 8, 17, 0, 0, hanoi), Received: received, Delivery: "d1",
	}
	if !same(f, want) {
		t.Errorf("finding\n got %v\nwant %v", f, want)
	}
	reads, err := Read(bundleOf(byDoctor.with("valueBoolean", true), person, pictures).json(), options)
	if err != nil || !reads[0].Reads[0].At.Equal(time.Date(2026, 11, 21, 8, 30, 0, 0, hanoi)) {
		t.Errorf("read %+v %v", reads, err)
	}
}

// Which of a patient's identifiers is the hospital's number.
func TestPatientNumber(t *testing.T) {
	typed := func(kind, value string) identifier {
		return identifier{Value: value, System: "urn:" + kind, Type: &concept{Coding: []coding{{System: systemIdentifierType, Code: kind}}}}
	}
	plain := func(system, value string) identifier { return identifier{System: system, Value: value} }
	for _, c := range []struct {
		name   string
		ids    []identifier
		system string
		want   string
	}{
		{"the configured system", []identifier{plain("urn:a", "1"), plain("urn:b", "2")}, "urn:b", "2"},
		{"the configured system is not there", []identifier{typed("MR", "1")}, "urn:b", ""},
		{"type MR", []identifier{typed("NI", "0790"), typed("MR", "1")}, "", "1"},
		{"two of type MR", []identifier{typed("MR", "2"), typed("MR", "1")}, "", ""},
		{"one number twice", []identifier{typed("MR", "1"), typed("MR", "1 ")}, "", "1"},
		{"an old one beside it", []identifier{{Use: "old", Value: "9", Type: typed("MR", "").Type}, typed("MR", "1")}, "", "1"},
		{"the only one", []identifier{plain("urn:a", "1")}, "", "1"},
		{"two and nothing says which", []identifier{plain("urn:a", "1"), plain("urn:b", "2")}, "", ""},
		{"only an identity card", []identifier{typed("NI", "0790")}, "", ""},
		{"none", nil, "", ""},
	} {
		if got := patientNumber(c.ids, c.system); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// An Observation alone, with all that it needs inside it.
func TestContained(t *testing.T) {
	o := byProgram.with("valueQuantity", number(0.5, "1")).with("subject", ref("#p1")).with("derivedFrom", list{ref("#s1")}).with("device", ref("#d1")).
		with("contained", list{person, pictures.with("subject", ref("#p1")), program})
	all, err := Read(o.json(), options)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	if f := all[0].Findings[0]; f.HospitalID != "BN-000123" || f.Model != "example-cxr" || f.StudyUID == "" {
		t.Errorf("%+v", f)
	}
	logical := byProgram.with("valueQuantity", number(0.5, "1")).
		with("subject", object{"identifier": object{"system": "urn:bv", "value": "BN-000123"}}).
		with("derivedFrom", list{object{"type": "ImagingStudy", "identifier": object{"system": "urn:dicom:uid", "value": "urn:oid:1.2.826.0.1.3680043.10.511.1"}}}).
		with("device", object{"display": "example-cxr"}).
		with("basedOn", list{object{"identifier": object{"value": "ACC-77", "type": object{"coding": list{object{"code": "ACSN"}}}}}})
	again, err := Read(logical.json(), options)
	if err != nil || len(again) != 1 {
		t.Fatal(again, err)
	}
	if a := again[0]; a.Of.HospitalID != "BN-000123" || a.Of.Accession != "ACC-77" || a.Study.UID != all[0].Study.UID {
		t.Errorf("%+v", a)
	}
}

// What is refused says where and how to mend it, and never whose it is.
func TestRefused(t *testing.T) {
	good := byProgram.with("valueQuantity", number(0.5, "1"))
	other := person.with("id", "p2").with("identifier", list{object{"value": "BN-000999"}})
	for _, c := range []struct {
		name, want string
		body       []byte
	}{
		{"no JSON", "line 1", []byte(`{"resourceType":"Observation",}`)},
		{"cut short", "too early", []byte(`{"resourceType":"Observation","status":"fin`)},
		{"one name twice", "twice", []byte(`{"resourceType":"Observation","status":"final","status":"preliminary"}`)},
		{"too deep", "deep", []byte(strings.Repeat(`{"extension":[`, 60) + strings.Repeat(`]}`, 60))},
		{"another resource", "resourceType", person.json()},
		{"a search set", "Bundle.type", bundleOf(good).with("type", "searchset").json()},
		{"a deletion", "Bundle.entry[0].request.method", object{"resourceType": "Bundle", "type": "transaction", "entry": list{object{"request": object{"method": "DELETE", "url": "Observation/o1"}}}}.json()},
		{"a value of the wrong type", "Bundle.entry[0].resource.valueQuantity.value", bundleOf(byProgram.with("valueQuantity", object{"value": "BN-000123"})).json()},
		{"no status", "Bundle.entry[0].resource.status", bundleOf(good.without("status"), person, pictures).json()},
		{"a likelihood over one", "Bundle.entry[0].resource", bundleOf(byProgram.with("valueQuantity", number(93, "1")), person, pictures).json()},
		{"a component over one", "Bundle.entry[0].resource.component[0]", bundleOf(byProgram.with("code", object{"text": "panel"}).with("component", list{object{"code": pneumonia, "valueQuantity": number(7, "1")}}), person, pictures).json()},
		{"a modifier extension", "modifierExtension", bundleOf(good.with("modifierExtension", list{object{"url": "urn:not"}}), person, pictures).json()},
		{"a modifier extension in a component", "modifierExtension", bundleOf(good.with("component", list{object{"modifierExtension": list{object{"url": "urn:not"}}}}), person, pictures).json()},
		{"no study", "study", bundleOf(good.with("category", list{object{"coding": list{object{"code": "imaging"}}}}).without("derivedFrom"), person).json()},
		{"a study of somebody else", "different patients", bundleOf(good.with("subject", ref("Patient/p2")), person, other, pictures).json()},
		{"two resources of one name", "one name", bundleOf(good, good, person, pictures).json()},
		{"no time", "started", bundleOf(good, person, pictures.with("started", "yesterday")).json()},
		{"vital signs", "no result of an imaging study", bundleOf(object{"resourceType": "Observation", "id": "v", "status": "final", "subject": ref("Patient/p1"),
			"category": list{object{"coding": list{object{"code": "vital-signs"}}}}, "code": object{"coding": list{object{"system": "http://loinc.org", "code": "2708-6"}}}, "valueQuantity": number(95, "%")}, person).json()},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, err := Read(c.body, options)
			var e *ward.Error
			if !errors.As(err, &e) {
				t.Fatalf("read as %+v, %v", all, err)
			}
			if e.Code != ward.BadInput || e.Hint == "" || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v (%s); want %q", err, e.Hint, c.want)
			}
			for _, secret := range []string{"BN-000", "Nguy", "1960"} {
				if strings.Contains(err.Error()+e.Hint, secret) {
					t.Errorf("%v says whose it is", err)
				}
			}
			var out outcome
			if json.Unmarshal(Outcome(err), &out) != nil || out.ResourceType != "OperationOutcome" || len(out.Issue) != 1 || out.Issue[0].Severity != "error" || out.Issue[0].Details.Text == "" {
				t.Errorf("outcome %s", Outcome(err))
			}
		})
	}
}

func TestOutcome(t *testing.T) {
	if got := string(Outcome(errors.New("dial 10.0.0.1"))); strings.Contains(got, "10.0.0.1") {
		t.Error("an error of ours is told to the sender: ", got)
	}
	if got := string(Outcome(wrong("Bundle.type", "x", "y"))); !strings.Contains(got, `"expression":["Bundle.type"]`) {
		t.Error(got)
	}
}

// Two studies and nobody says which: refused; each observation says its own: two reports.
func TestTwoStudies(t *testing.T) {
	second := pictures.with("id", "s2").with("identifier", list{object{"system": "urn:dicom:uid", "value": "urn:oid:1.2.826.0.1.3680043.10.511.7"}})
	both := diagnosis.with("imagingStudy", list{ref("ImagingStudy/s1"), ref("ImagingStudy/s2")})
	good := byProgram.with("valueBoolean", true)
	if _, err := Read(bundleOf(both, good.without("derivedFrom"), person, pictures, second).json(), options); err == nil || !strings.Contains(err.Error(), "2 imaging studies") {
		t.Error(err)
	}
	all, err := Read(bundleOf(both.with("result", list{ref("Observation/o1"), ref("Observation/o2")}), good,
		good.with("id", "o2").with("derivedFrom", list{ref("ImagingStudy/s2")}), person, pictures, second).json(), options)
	if err != nil || len(all) != 2 || all[0].Study.UID == all[1].Study.UID {
		t.Errorf("%+v %v", all, err)
	}
}

// Results of one study are one report, in whatever zone its time is told.
func TestOneStudy(t *testing.T) {
	good := byProgram.with("valueBoolean", true)
	all, err := Read(bundleOf(good, good.with("id", "o2").with("code", pneumothorax), person, pictures.with("started", "2026-11-21T06:45:00+05:30"), program).json(), Options{Source: "ris"})
	if err != nil || len(all) != 1 || len(all[0].Findings) != 2 {
		t.Errorf("%+v %v", all, err)
	}
}

func TestIgnored(t *testing.T) {
	lab := object{"resourceType": "Observation", "id": "v", "status": "final", "category": list{object{"coding": list{object{"code": "laboratory"}}}}}
	body := bundleOf(byProgram.with("valueBoolean", true), person, pictures, program, lab, object{"resourceType": "Encounter", "id": "e"}).json()
	if got := fmt.Sprint(Ignored(body)); got != "map[Encounter:1 Observation:1]" {
		t.Error(got)
	}
}

// The official examples are understood or refused with a reason; an X-ray study gives its marks.
func TestReal(t *testing.T) {
	dir := os.Getenv("WARDWATCH_TESTDATA")
	if dir == "" {
		t.Log("WARDWATCH_TESTDATA is not set: only resources made for the tests ran")
		return
	}
	files, err := filepath.Glob(filepath.Join(dir, "fhir-r4-examples", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no examples", err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all, err := Read(b, options)
		var e *ward.Error
		if len(all) > 0 || err != nil && !errors.As(err, &e) {
			t.Errorf("%s: %s %v", filepath.Base(name), told(all), err) // none of them is a coded finding
		}
	}
	xr, err := os.ReadFile(filepath.Join(dir, "fhir-r4-examples", "ImagingStudy-example-xr.json"))
	if err != nil {
		t.Fatal(err)
	}
	var study object
	if err := json.Unmarshal(xr, &study); err != nil {
		t.Fatal(err)
	}
	o := byProgram.with("valueBoolean", true).with("derivedFrom", list{ref("ImagingStudy/example-xr")}).without("subject")
	all, err := Read(bundleOf(o, study, program).json(), options)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	if r := all[0]; r.Study.UID != "2.16.124.113543.6003.1154777499.30246.19789.3503430046" || r.Of.Accession != "W12342398" || r.Study.Modality != "DX" || r.Study.Acquired.IsZero() {
		t.Errorf("%+v", r)
	}
}
