package report

import (
	"cmp"

	"wardwatch/ingest/imaging/ident"
	"wardwatch/ward"
)

// Spoken is what a radiologist read, as findings: they stand in the respiratory view like any other, and
// are read.
func Spoken(r *ward.ImagingReport, o Options) []ward.Finding {
	out := make([]ward.Finding, len(r.Reads))
	for i := range r.Reads {
		d := &r.Reads[i]
		f := ward.Finding{
			ByPerson: true, Source: o.Source, Delivery: o.Delivery, Received: o.Received, HospitalID: r.Of.HospitalID,
			StudyUID: d.StudyUID, Accession: d.Accession, Modality: r.Study.Modality, Region: r.Study.Region,
			CodeSystem: d.CodeSystem, Code: d.Code, Label: d.Code, Laterality: d.Laterality,
			Acquired: cmp.Or(r.Study.Acquired, r.Of.Acquired), Produced: d.At,
		}
		if d.Present {
			f.Score = 1
		}
		taken(&f, o.Received)
		f.ID = ident.Finding(&f)
		out[i] = f
	}
	return out
}
