package ident

import (
	"testing"

	"wardwatch/ward"
)

// The same thing again is the same finding, whatever its score, times or patient; anything that makes it
// another statement makes it another finding.
func TestFinding(t *testing.T) {
	first := ward.Finding{Source: "pacs", Model: "cxr", ModelVersion: "2", StudyUID: "1.2", SeriesUID: "1.2.3", InstanceUID: "1.2.3.4", CodeSystem: "s", Code: "c"}
	for _, c := range []struct {
		name   string
		change func(*ward.Finding)
		same   bool
	}{
		{"another score", func(f *ward.Finding) { f.Score = 0.7 }, true},
		{"another number of the patient", func(f *ward.Finding) { f.HospitalID = "9" }, true},
		{"another source", func(f *ward.Finding) { f.Source = "ris" }, false},
		{"another version", func(f *ward.Finding) { f.ModelVersion = "3" }, false},
		{"another picture", func(f *ward.Finding) { f.InstanceUID = "1.2.3.5" }, false},
		{"another code", func(f *ward.Finding) { f.Code = "d" }, false},
		{"another side", func(f *ward.Finding) { f.Laterality = ward.LateralityLeft }, false},
		{"parts that run together", func(f *ward.Finding) { f.Model, f.ModelVersion = "cx", "r2" }, false},
	} {
		again := first
		c.change(&again)
		if got := Finding(&again) == Finding(&first); got != c.same {
			t.Errorf("%s: same %v", c.name, got)
		}
	}
}
