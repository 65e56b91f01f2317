package vendor

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

var (
	hanoi    = time.FixedZone("", 7*3600)
	received = time.Date(2026, 11, 21, 8, 20, 0, 0, hanoi)
	options  = Options{Source: "ai", Delivery: "d1", Received: received, Zone: hanoi}
)

func content(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mappingOf(t testing.TB, name string) *Mapping {
	t.Helper()
	m, err := Parse(content(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func told(r ward.ImagingReport) string {
	var lines []string
	for _, f := range r.Findings {
		lines = append(lines, fmt.Sprintf("%s %s|%s %s %.4f/%.2f %s", f.Model, f.CodeSystem, f.Code, f.Label, f.Score, f.Threshold, f.Laterality))
	}
	return strings.Join(lines, "\n")
}

// Scores in an object, of 100, with the vendor's words as names; what was not looked for is null.
func TestScores(t *testing.T) {
	r, err := mappingOf(t, "scores.mapping.json").Read(content(t, "scores.json"), options)
	if err != nil {
		t.Fatal(err)
	}
	want := "example-cxr urn:vendor:example-scores|Nodule Nodule 0.0400/0.00 \n" +
		"example-cxr http://snomed.info/sct|60046008 Pleural effusion 0.9100/0.00 \n" +
		"example-cxr http://snomed.info/sct|36118008 Pneumothorax 0.0125/0.00 "
	if got := told(r); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	acquired := time.Date(2026, 11, 21, 8, 15, 0, 0, hanoi)
	if of := r.Of; of.HospitalID != "BN-000124" || of.Name != "NGUYEN VAN B" || of.Sex != ward.Male || of.Accession != "ACC-88" ||
		!of.BirthDate.Equal(time.Date(1960, 1, 31, 0, 0, 0, 0, time.UTC)) || !of.Acquired.Equal(acquired) {
		t.Errorf("of %+v", of)
	}
	f := r.Findings[0]
	if f.Region != "chest" || f.Modality != "DX" || f.View != "PA" || f.Device != "Example DR 5" || f.ModelVersion != "3.1.4" || f.InstanceUID == "" || f.SeriesUID == "" ||
		f.StudyUID == "" || !f.Acquired.Equal(acquired) || !f.Produced.Equal(time.UnixMilli(1795223820000)) || f.Calibrated || f.ID == "" || f.Stay != "" {
		t.Errorf("finding %+v", f)
	}
}

// Findings in lists within a list of series.
func TestList(t *testing.T) {
	m := mappingOf(t, "list.mapping.json")
	r, err := m.Read(content(t, "list.json"), options)
	if err != nil {
		t.Fatal(err)
	}
	want := "example-ct http://radlex.org|RID28531 Ground glass 0.7000/0.40 bilateral\n" +
		"example-ct http://snomed.info/sct|60046008 effusion_R 0.2000/0.50 right\n" +
		"example-ct urn:example:ct|Nodule Nodule 0.3000/0.30 left"
	if got := told(r); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if r.Findings[0].SeriesUID != "1.2.826.0.1.3680043.10.513.1.1" || r.Findings[2].SeriesUID != "1.2.826.0.1.3680043.10.513.1.2" {
		t.Error("a finding is of the wrong series")
	}
	if r.Of.Accession != "90017" || r.Findings[0].ModelVersion != "7" || r.Study.Region != "chest" || m.Signature() != SignedBody || m.Name() != "example-list" {
		t.Errorf("%+v", r)
	}
}

// edit sets one value of a JSON text; a nil takes it out.
func edit(t testing.TB, b []byte, at string, value any) []byte {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	o := all
	names := strings.Split(at, "/")
	for _, name := range names[:len(names)-1] {
		o = o[name].(map[string]any)
	}
	if last := names[len(names)-1]; value == nil {
		delete(o, last)
	} else {
		o[last] = value
	}
	out, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A mapping that cannot be meant says which of its fields is wrong.
func TestParseRefuses(t *testing.T) {
	good := content(t, "scores.mapping.json")
	for _, c := range []struct {
		name, want string
		mapping    []byte
	}{
		{"no JSON", "line 1", []byte("name: x")},
		{"a name twice", "twice", []byte(`{"name":"a","name":"b"}`)},
		{"an unknown key", `line 2: "modell" is not known`, []byte("{\"name\":\"a\",\n\"modell\":\"x\"}")},
		{"an unknown key inside", `"threshhold" is not known`, edit(t, good, "findings/threshhold", "x")},
		{"no name", "mapping's name", edit(t, good, "name", nil)},
		{"no model", "mapping's model", edit(t, good, "model", nil)},
		{"no study", "mapping's study", edit(t, edit(t, edit(t, edit(t, good, "study", nil), "accession", nil), "series", nil), "instance", nil)},
		{"no list", "findings.each", edit(t, good, "findings/each", "scores")},
		{"no label", "findings.label", edit(t, good, "findings/label", nil)},
		{"no score", "findings.score", edit(t, good, "findings/score", nil)},
		{"a scale of ten", "findings.scale", edit(t, good, "findings/scale", 10)},
		{"a label without a code", "findings.labels.X", edit(t, good, "findings/labels/X", map[string]any{"system": "s"})},
		{"a side that is none", "findings.labels.X", edit(t, good, "findings/labels/X", map[string]any{"system": "s", "code": "c", "laterality": "up"})},
		{"a signature that is none", "signature", edit(t, good, "signature", "md5")},
		{"a layout without the time of day", "acquired", edit(t, good, "acquired/layout", "2006-01-02")},
		{"a layout that is none", "acquired", edit(t, good, "acquired/layout", "yyyy-MM-dd HH:mm")},
		{"a zone that is none", "acquired", edit(t, good, "acquired/zone", "Hanoi")},
		{"several values for one", "several values", edit(t, good, "study", "studies[*].uid")},
		{"a path that is none", "not understood", edit(t, good, "study", "study..uid")},
		{"a star in a name", "not understood", edit(t, good, "study", "study.*")},
		{"an unknown word", "not understood", edit(t, good, "study", "$root.uid")},
		{"a value that is always nothing", "always the same", edit(t, good, "model", map[string]any{"is": ""})},
		{"a number for a path", "written as text", edit(t, good, "model", 7)},
	} {
		_, err := Parse(c.mapping)
		var e *ward.Error
		if !errors.As(err, &e) || e.Hint == "" || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// A body that lacks something says which field of the mapping looked where, and never whose it is.
func TestReadRefuses(t *testing.T) {
	m, good := mappingOf(t, "scores.mapping.json"), content(t, "scores.json")
	for _, c := range []struct {
		name, want string
		body       []byte
	}{
		{"no JSON", "line 1", []byte(`{"scores":`)},
		{"no model", `model: the body has nothing at "algorithm.name"`, edit(t, good, "algorithm", nil)},
		{"no scores", `nothing at "scores"`, edit(t, good, "scores", nil)},
		{"scores that are text", `neither a list nor an object`, edit(t, good, "scores", "BN-000124")},
		{"a score that is no number", `findings.score: the body holds no number at "$value" of scores[0]`, edit(t, good, "scores", map[string]any{"BN-000124": "high"})},
		{"a score over the scale", "findings.score", edit(t, good, "scores", map[string]any{"Nodule": 101})},
		{"a score under nothing", "findings.score", edit(t, good, "scores", map[string]any{"Nodule": -1})},
		{"a time of another layout", `acquired: the body holds no time of the mapping's layout at "study.taken_at"`, edit(t, good, "study/taken_at", "21/11/2026")},
		{"a birth date of another layout", "patient.birth_date", edit(t, good, "patient/dob", "1960-01-31")},
		{"a number that is an object", `patient.id: the body holds neither text nor a number`, edit(t, good, "patient/mrn", map[string]any{"BN-000124": 1})},
		{"no study", "of which study", edit(t, good, "study", map[string]any{})},
	} {
		_, err := m.Read(c.body, options)
		var e *ward.Error
		if !errors.As(err, &e) || e.Hint == "" || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
			continue
		}
		for _, secret := range []string{"BN-000", "NGUYEN", "1960", "ACC-88"} {
			if strings.Contains(err.Error()+e.Hint, secret) {
				t.Errorf("%s: %v says whose it is", c.name, err)
			}
		}
	}
}

// An AI that found nothing it has a name for sends an empty list: nothing is wrong.
func TestReadNothing(t *testing.T) {
	r, err := mappingOf(t, "scores.mapping.json").Read(edit(t, content(t, "scores.json"), "scores", map[string]any{}), options)
	if err != nil || len(r.Findings) != 0 || r.Of.HospitalID == "" {
		t.Errorf("%+v %v", r, err)
	}
}

// What a path says is what it is written as, and it leads where it says.
func TestPath(t *testing.T) {
	for written, ok := range map[string]bool{
		"a": true, "a.b": true, "a[0].b": true, "a[*].b[*]": true, "[0].a": true, "[*]": true, "a[0][1]": true, "$key": true, "$value.a": true,
		"$up.$up.a": true, "$up.$key": true,
		"": false, ".": false, "a.": false, ".a": false, "a[": false, "a[]": false, "a[-1]": false, "a[x]": false, "a]": false, "a[0]b": false, "a.$up": false,
		"$key.a": false, "$x": false, "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q": false,
	} {
		p, err := parsePath(written)
		if (err == nil) != ok {
			t.Errorf("%q: %v", written, err)
		}
		if err == nil && p.String() != written {
			t.Errorf("%q is written as %q", written, p)
		}
	}
}

// Every score that is read is the one that was sent, whatever the names in the body.
func TestScoresProperty(t *testing.T) {
	m := mappingOf(t, "scores.mapping.json")
	good := content(t, "scores.json")
	rapid.Check(t, func(t *rapid.T) {
		scores := rapid.MapOfN(rapid.StringMatching(`[A-Za-z][A-Za-z .$*\[\]]{0,12}[a-z]`), rapid.IntRange(0, 100), 0, 8).Draw(t, "scores")
		sent := map[string]any{}
		for k, v := range scores {
			sent[k] = v
		}
		var body map[string]any
		if err := json.Unmarshal(good, &body); err != nil {
			t.Fatal(err)
		}
		body["scores"] = sent
		b, _ := json.Marshal(body)
		r, err := m.Read(b, options)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Findings) > len(scores) {
			t.Fatalf("%d findings of %d scores", len(r.Findings), len(scores))
		}
		best := map[string]int{}
		for k, v := range scores {
			best[strings.Join(strings.Fields(k), " ")] = max(v, best[strings.Join(strings.Fields(k), " ")])
		}
		for _, f := range r.Findings {
			if want := float64(best[f.Label]) / 100; f.Score != want {
				t.Fatalf("%s: %v, want %v", f.Label, f.Score, want)
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	scores, list := mappingOf(f, "scores.mapping.json"), mappingOf(f, "list.mapping.json")
	f.Add(content(f, "scores.json"))
	f.Add(content(f, "list.json"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, m := range []*Mapping{scores, list} {
			r, err := m.Read(b, options)
			if err != nil {
				continue
			}
			for _, one := range r.Findings {
				if one.ID == "" || one.Code == "" || one.Score < 0 || one.Score > 1 || one.Stay != "" {
					t.Errorf("%+v", one)
				}
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(content(f, "scores.mapping.json"))
	f.Add(content(f, "list.mapping.json"))
	body := content(f, "list.json")
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := Parse(b); err == nil {
			_, _ = m.Read(body, options)
		}
	})
}
