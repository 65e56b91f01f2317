package sr

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/ingest/imaging/internal/dicomtest"
	"wardwatch/ward"
)

// told is a finding or a read as one line.
func told(r ward.ImagingReport) []string {
	var all []string
	for _, f := range r.Findings {
		all = append(all, strings.TrimSpace(fmt.Sprintf("AI %s %s %.2f/%.2f %s", f.Model, f.Label, f.Score, f.Threshold, f.Laterality)))
	}
	for _, d := range r.Reads {
		all = append(all, strings.TrimSpace(fmt.Sprintf("read %s %v %s", d.Code, d.Present, d.Laterality)))
	}
	return all
}

// What a document says, by how it is written.
func TestRead(t *testing.T) {
	lung := func(side set) set {
		return is("HAS CONCEPT MOD", sct("363698007", "Finding Site"), sct("39607008", "Lung"), is("HAS CONCEPT MOD", sct("272741003", "Laterality"), side))
	}
	left, right := sct("7771000", "Left"), coded("G-A100", "SRT", "Right")
	effusion := sct("60046008", "Pleural effusion")
	for _, c := range []struct {
		name string
		doc  set
		want []string
	}{
		{"a finding with its certainty in per cent", document(byDevice, algorithm, version, measurements(
			group(contains(findingIs, pneumonia), lung(left), measures("CONTAINS", certainty, 93, "%")))),
			[]string{"AI example-cxr Pneumonia 0.93/0.00 left"}},
		{"a certainty as a part of one", document(byDevice, algorithm, measurements(
			group(contains(findingIs, pneumonia), measures("CONTAINS", certainty, 0.4, "1")))),
			[]string{"AI example-cxr Pneumonia 0.40/0.00"}},
		{"a certainty that hangs on the finding", document(byDevice, algorithm, measurements(
			group(contains(findingIs, pneumonia, measures("HAS PROPERTIES", certainty, 40, "%"))))),
			[]string{"AI example-cxr Pneumonia 0.40/0.00"}},
		{"a finding alone is there", document(byDevice, algorithm, measurements(group(contains(findingIs, pneumonia)))),
			[]string{"AI example-cxr Pneumonia 1.00/0.00"}},
		{"a finding that is said to be absent", document(byDevice, algorithm, measurements(
			group(contains(findingIs, pneumonia, is("HAS CONCEPT MOD", coded("1", "99X", "State"), absent))))),
			[]string{"AI example-cxr Pneumonia 0.00/0.00"}},
		{"absence beside the finding", document(byDevice, algorithm, measurements(
			group(contains(findingIs, pneumonia), contains(sct("705057003", "Presence"), absent)))),
			[]string{"AI example-cxr Pneumonia 0.00/0.00"}},
		{"absence under the finding's own code", document(byDevice, algorithm, measurements(
			group(contains(findingIs, pneumonia), contains(pneumonia, absent)))),
			[]string{"AI example-cxr Pneumonia 0.00/0.00"}},
		{"absence of something else beside the finding", document(byDevice, algorithm, measurements(
			group(contains(findingIs, pneumonia), contains(effusion, absent)))),
			[]string{"AI example-cxr Pneumonia 1.00/0.00", "AI example-cxr Pleural effusion 0.00/0.00"}},
		{"the word counts for more than the number", document(byDevice, algorithm, measurements(
			group(contains(findingIs, pneumonia), contains(sct("705057003", "Presence"), present), measures("CONTAINS", certainty, 30, "%")))),
			[]string{"AI example-cxr Pneumonia 0.30/0.30"}},
		{"qualitative evaluations", document(byDevice, algorithm, qualities(
			contains(pneumonia, present), contains(effusion, sct("2667000", "Absent")), contains(sct("246112005", "Severity"), sct("399166001", "Fatal")))),
			[]string{"AI example-cxr Pneumonia 1.00/0.00", "AI example-cxr Pleural effusion 0.00/0.00"}},
		{"an evaluation that leaves it open says nothing", document(byDevice, algorithm, qualities(
			contains(pneumonia, present), contains(effusion, sct("82334004", "Indeterminate")))),
			[]string{"AI example-cxr Pneumonia 1.00/0.00"}},
		{"an evaluation in numbers", document(byDevice, algorithm, qualities(measures("CONTAINS", pneumonia, 0.8, "1"))),
			[]string{"AI example-cxr Pneumonia 0.80/0.00"}},
		{"a measurement in per cent is no likelihood", document(byDevice, algorithm, measurements(
			group(contains(findingIs, pneumonia), measures("CONTAINS", sct("87433001", "Emphysema"), 12, "%")))),
			[]string{"AI example-cxr Pneumonia 1.00/0.00"}},
		{"one finding twice: the higher counts", document(byDevice, algorithm, measurements(
			group(contains(findingIs, pneumonia), measures("CONTAINS", certainty, 20, "%")),
			group(contains(findingIs, pneumonia), measures("CONTAINS", certainty, 90, "%")))),
			[]string{"AI example-cxr Pneumonia 0.90/0.00"}},
		{"both sides are two findings", document(byDevice, algorithm, measurements(
			group(contains(findingIs, pneumonia), lung(left)), group(contains(findingIs, pneumonia), lung(right)))),
			[]string{"AI example-cxr Pneumonia 1.00/0.00 left", "AI example-cxr Pneumonia 1.00/0.00 right"}},
		{"two algorithms in one document", document(byDevice, measurements(
			group(algorithm, version, contains(findingIs, pneumonia)),
			group(says("HAS CONCEPT MOD", dcm("111001", "Algorithm Name"), "other"), contains(findingIs, pneumonia)))),
			[]string{"AI example-cxr Pneumonia 1.00/0.00", "AI other Pneumonia 1.00/0.00"}},
		{"the name of the device stands for the algorithm's", document(byDevice,
			says("HAS OBS CONTEXT", dcm("121013", "Device Observer Name"), "reader"), measurements(group(contains(findingIs, pneumonia)))),
			[]string{"AI reader Pneumonia 1.00/0.00"}},
		{"nobody is named: not a person's word", signed(document(measurements(group(contains(findingIs, pneumonia))))),
			[]string{"AI  Pneumonia 1.00/0.00"}},
		{"a radiologist who signed", signed(document(byPerson, measurements(group(contains(findingIs, pneumonia), lung(left))), qualities(contains(effusion, absent)))),
			[]string{"read 233604007 true left", "read 60046008 false"}},
		{"a radiologist who has not signed", document(byPerson, measurements(group(contains(findingIs, pneumonia)))), nil},
		{"a radiologist's final document", document(byPerson, measurements(group(contains(findingIs, pneumonia)))).With(element{Tag: 0x0040_A496, VR: "CS", Value: "FINAL"}),
			[]string{"read 233604007 true"}},
		{"a radiologist's preliminary document", signed(document(byPerson, measurements(group(contains(findingIs, pneumonia))))).With(element{Tag: 0x0040_A496, VR: "CS", Value: "PRELIMINARY"}), nil},
		{"a radiologist's unfinished document", signed(document(byPerson, measurements(group(contains(findingIs, pneumonia))))).With(element{Tag: 0x0040_A491, VR: "CS", Value: "PARTIAL"}), nil},
		{"a program that a person used", signed(document(byPerson, measurements(group(algorithm, contains(findingIs, pneumonia))))),
			[]string{"AI example-cxr Pneumonia 1.00/0.00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, syntax := range []string{dicomtest.Explicit, dicomtest.Implicit} {
				r, err := Read(dicomtest.File(syntax, c.doc), options)
				if err != nil {
					t.Fatal(err)
				}
				if got := told(r); strings.Join(got, "\n") != strings.Join(c.want, "\n") {
					t.Errorf("%s: got %q, want %q", syntax, got, c.want)
				}
			}
		})
	}
}

// Whose it is, of which picture, when and by what.
func TestReadFacts(t *testing.T) {
	doc := document(byDevice, algorithm, version, is("HAS CONCEPT MOD", dcm("121058", "Procedure reported"), coded("36643-5", "LN", "XR Chest 2 Views")),
		measurements(group(contains(findingIs, pneumonia), measures("CONTAINS", certainty, 93, "%"), picture(dx, instance))))
	r, err := Read(bytesOf(doc), options)
	if err != nil {
		t.Fatal(err)
	}
	acquired := time.Date(2026, 11, 21, 8, 15, 0, 0, hanoi)
	if w := (ward.Claim{HospitalID: "BN-000123", Name: "Nguyễn Văn A", BirthDate: time.Date(1960, 1, 31, 0, 0, 0, 0, time.UTC), Sex: ward.Male, Accession: "ACC-77", Acquired: acquired}); r.Of != w {
		t.Errorf("of %+v", r.Of)
	}
	if w := (ward.Study{UID: study, Modality: "DX", Region: "chest", Acquired: acquired}); r.Study != w {
		t.Errorf("study %+v", r.Study)
	}
	f := r.Findings[0]
	want := ward.Finding{
		ID: f.ID, Source: "pacs", Model: "example-cxr", ModelVersion: "2.1.0", StudyUID: study, SeriesUID: series, InstanceUID: instance,
		Accession: "ACC-77", HospitalID: "BN-000123", Modality: "DX", Region: "chest", CodeSystem: ward.SystemSNOMED, Code: "233604007",
		Label: "Pneumonia", Score: 0.93, Acquired: acquired, Produced: time.Date(2026, 11, 21, 8, 17, 0, 500e6, hanoi), Received: received, Delivery: "d1",
	}
	if fmt.Sprint(f) != fmt.Sprint(want) || len(f.ID) != 32 {
		t.Errorf("finding\n got %v\nwant %v", f, want)
	}
}

// A slice of a stack is not what a finding is of: the next run may name another one.
func TestReadStack(t *testing.T) {
	doc := document(byDevice, algorithm, measurements(group(contains(findingIs, pneumonia), picture(ct, instance)))).
		With(evidenceOf(ref(ct, instance), ref(ct, instance+"1")))
	r, err := Read(bytesOf(doc), options)
	if err != nil {
		t.Fatal(err)
	}
	if f := r.Findings[0]; f.InstanceUID != "" || f.SeriesUID != series || f.Modality != "CT" {
		t.Errorf("instance %q, series %q, modality %q", f.InstanceUID, f.SeriesUID, f.Modality)
	}
}

// The signature's time and not the dictation's is when a read was made.
func TestReadSignedAt(t *testing.T) {
	r, err := Read(bytesOf(signed(document(byPerson, measurements(group(contains(findingIs, pneumonia)))))), options)
	if err != nil || len(r.Reads) != 1 {
		t.Fatal(r, err)
	}
	if w := time.Date(2026, 11, 21, 8, 30, 0, 0, hanoi); !r.Reads[0].At.Equal(w) {
		t.Errorf("at %v", r.Reads[0].At)
	}
}

// Documents of another writer.
func TestReadHighdicom(t *testing.T) {
	for name, want := range map[string][]string{
		"ai.dcm": {"AI example-cxr Pneumonia 0.93/0.00 left", "AI example-cxr Pneumothorax 0.02/0.00 right",
			"AI example-cxr Pleural effusion 0.00/0.00 right"},
		"radiologist.dcm": {"read 233604007 true left"},
	} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		r, err := Read(b, options)
		if err != nil {
			t.Fatal(name, err)
		}
		if got := told(r); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// A real document of a CT measurement, where the data is.
func TestReadReal(t *testing.T) {
	dir := os.Getenv("WARDWATCH_TESTDATA")
	if dir == "" {
		t.Log("WARDWATCH_TESTDATA is not set: only documents made for the tests ran")
		return
	}
	b, err := os.ReadFile(filepath.Join(dir, "dicom-samples", "sr_document.dcm"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Read(b, options)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Findings) != 1 || len(r.Reads) != 0 || r.Findings[0].Code != "T-A7010" || r.Findings[0].Modality != "CT" || r.Findings[0].SeriesUID == "" {
		t.Errorf("%+v", r)
	}
}

// What cannot be read says why, and never whose it is.
func TestReadRefuses(t *testing.T) {
	deep := contains(pneumonia, present)
	for range 20 {
		deep = container(dcm("1", "Box"), deep)
	}
	for name, doc := range map[string]set{
		"basic text":                 document(byDevice).With(element{Tag: 0x0008_0016, VR: "UI", Value: "1.2.840.10008.5.1.4.1.1.88.11"}),
		"nothing that is understood": document(byDevice, algorithm, measurements(group(measures("CONTAINS", sct("1", "Length"), 4, "mm")))),
		"a likelihood over one":      document(byDevice, algorithm, measurements(group(contains(findingIs, pneumonia), measures("CONTAINS", certainty, 93, "1")))),
		"there with a likelihood of none": document(byDevice, algorithm, measurements(group(contains(findingIs, pneumonia),
			contains(sct("705057003", "Presence"), present), measures("CONTAINS", certainty, 0, "1")))),
		"too deep": document(byDevice, deep),
		"a patient number of many lines": document(byDevice, algorithm, qualities(contains(pneumonia, present))).
			With(element{Tag: 0x0010_0020, VR: "LO", Value: "BN-000123\nBN"}),
	} {
		_, err := Read(bytesOf(doc), options)
		if err == nil {
			t.Errorf("%s: was read", name)
			continue
		}
		var e *ward.Error
		if errors.As(err, &e) && e.Hint == "" {
			t.Errorf("%s: %v has no remedy", name, err)
		}
		if strings.Contains(err.Error(), "BN-000123") || strings.Contains(err.Error(), "Nguy") {
			t.Errorf("%s: %v says whose it is", name, err)
		}
	}
}

// The same document again is the same findings.
func TestReadRepeats(t *testing.T) {
	b := bytesOf(document(byDevice, algorithm, qualities(contains(pneumonia, present))))
	one, _ := Read(b, options)
	later := options
	later.Received, later.Delivery = received.Add(time.Hour), "d2"
	two, _ := Read(b, later)
	if len(one.Findings) != 1 || one.Findings[0].ID != two.Findings[0].ID {
		t.Errorf("%v and %v", one.Findings, two.Findings)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []set{
		document(byDevice, algorithm, measurements(group(contains(findingIs, pneumonia), measures("CONTAINS", certainty, 93, "%")))),
		signed(document(byPerson, qualities(contains(pneumonia, absent)))),
	} {
		f.Add(bytesOf(s))
		f.Add(dicomtest.File(dicomtest.Implicit, s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Read(b, options)
		if err != nil {
			return
		}
		for _, one := range r.Findings {
			if one.ID == "" || one.Code == "" || one.Score < 0 || one.Score > 1 || one.Stay != "" {
				t.Errorf("%+v", one)
			}
		}
	})
}

// Two thousand spoilt documents: each is read or refused, and none is believed beyond 0 to 1.
func TestReadSpoilt(t *testing.T) {
	sound := bytesOf(document(byDevice, algorithm, measurements(group(contains(findingIs, pneumonia), measures("CONTAINS", certainty, 93, "%")))))
	random := rand.New(rand.NewPCG(5, 2026))
	for range 2000 {
		b := slices.Clone(sound)
		for range 1 + random.IntN(4) {
			b[132+random.IntN(len(b)-132)] = byte(random.Uint32())
		}
		r, err := Read(b[:len(b)-random.IntN(2)*random.IntN(len(b))], options)
		if err != nil {
			continue
		}
		for _, f := range r.Findings {
			if f.Code == "" || f.Score < 0 || f.Score > 1 {
				t.Fatalf("%+v", f)
			}
		}
	}
}
