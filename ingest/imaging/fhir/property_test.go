package fhir

import (
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// The order of a bundle's entries does not matter, nor does sending it again.
func TestOrder(t *testing.T) {
	entries := []object{
		diagnosis.with("result", list{ref("Observation/o1"), ref("Observation/o2")}),
		byProgram.with("valueQuantity", number(0.9, "1")),
		byDoctor.with("id", "o2").with("valueBoolean", true),
		person, pictures, program,
	}
	rapid.Check(t, func(t *rapid.T) {
		all, err := Read(bundleOf(rapid.Permutation(entries).Draw(t, "order")...).json(), Options{Source: "ris"})
		if err != nil || len(all) != 1 || told(all) != "AI example-cxr Pneumonia 0.90/0.00\nread 233604007 true" {
			t.Fatalf("%s %v", told(all), err)
		}
	})
}

// Whatever is sent, a score lies from 0 to 1 and a preliminary word of a person is no read.
func TestBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := rapid.SampledFrom([]object{byProgram, byDoctor}).Draw(t, "by").
			with("status", rapid.SampledFrom([]string{"final", "preliminary", "amended", "unknown"}).Draw(t, "status")).
			with("valueQuantity", number(rapid.Float64Range(-5, 150).Draw(t, "value"), rapid.SampledFrom([]string{"", "1", "%", "mm"}).Draw(t, "unit")))
		if rapid.Bool().Draw(t, "word") {
			o = o.with("interpretation", list{object{"text": rapid.SampledFrom([]string{"positive", "negative", "unknown"}).Draw(t, "said")}})
		}
		all, err := Read(bundleOf(o, person, pictures, program).json(), options)
		if err != nil {
			return
		}
		for _, r := range all {
			for _, f := range r.Findings {
				if f.Score < 0 || f.Score > 1 || f.Threshold < 0 || f.Threshold > 1 {
					t.Fatalf("%+v", f)
				}
			}
			if len(r.Reads) > 0 && (o["status"] == "preliminary" || o["status"] == "unknown") {
				t.Fatalf("a read with the status %s", o["status"])
			}
		}
	})
}

// A body of many results takes time and memory in proportion to its length.
func BenchmarkRead(b *testing.B) {
	all := []object{person, pictures, program}
	for i := range 1000 {
		all = append(all, byProgram.with("id", fmt.Sprint("o", i)).with("code", sct(fmt.Sprint(i), "Finding")).with("valueQuantity", number(0.9, "1")))
	}
	body := bundleOf(all...).json()
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(body, Options{Source: "ris"}); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(bundleOf(diagnosis, byProgram.with("valueQuantity", number(0.9, "1")), person, pictures, program).json())
	f.Add(byDoctor.with("valueCodeableConcept", absent).with("contained", list{person, pictures}).json())
	f.Add(bundleOf(diagnosis.with("status", "entered-in-error"), pictures).json())
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := Read(b, options)
		if err != nil {
			if !json.Valid(Outcome(err)) {
				t.Errorf("outcome of %v", err)
			}
			return
		}
		for _, r := range all {
			for _, one := range r.Findings {
				if one.ID == "" || one.Code == "" || one.Score < 0 || one.Score > 1 || one.Stay != "" {
					t.Errorf("%+v", one)
				}
			}
		}
	})
}
