package report

import (
	"testing"
	"time"

	"wardwatch/ingest/imaging/ident"
	"wardwatch/ward"
)

// A read is a finding of a person, with the time of the picture, and never the same as a model's.
func TestSpoken(t *testing.T) {
	taken, signed := time.Date(2026, 11, 21, 1, 15, 0, 0, time.UTC), time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)
	r := ward.ImagingReport{
		Study: ward.Study{UID: "1.2", Modality: "DX", Region: Chest, Acquired: taken},
		Reads: []ward.Read{{StudyUID: "1.2", Code: "36118008", Present: true, At: signed}, {StudyUID: "1.2", Code: "60046008", At: signed}},
	}
	got := Spoken(&r, Options{Source: "ris", Delivery: "d"})
	for i, there := range []bool{true, false} {
		f := got[i]
		if !f.ByPerson || f.Present(0.5) != there || !f.Acquired.Equal(taken) || !f.Produced.Equal(signed) || f.Region != Chest || f.Delivery != "d" {
			t.Errorf("%+v", f)
		}
		f.ByPerson = false
		if ident.Finding(&f) == f.ID {
			t.Error("a model without a name would be the same as the radiologist")
		}
	}
}
