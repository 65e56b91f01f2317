package sr

import (
	"wardwatch/ingest/imaging/report"
	"wardwatch/ward"
)

// emit notes one thing that was found, or was not, under its code.
func (r *reader) emit(it *item, what report.Code, w report.Word, s scope) error {
	score, threshold, ok := w.Weigh()
	if !ok {
		return report.Bad("a likelihood in the structured report lies outside 0 to 1, or contradicts the word beside it",
			"send a part of one with the unit 1, or per cent with the unit %")
	}
	if !s.byProgram() {
		r.read(what, w, s)
		return nil
	}
	f := ward.Finding{
		CodeSystem: what.System, Code: what.Value, Label: what.Text, Laterality: s.side,
		Score: score, Threshold: threshold,
		Model: s.algorithm, ModelVersion: s.version,
		Modality: r.out.Study.Modality, Region: r.out.Study.Region,
		Produced: dateTime(it.at, r.head.zone),
	}
	if f.Model == "" {
		f.Model = s.deviceName
	}
	if f.Model == "" {
		f.Model, f.ModelVersion = r.head.maker, r.head.software
	}
	if region := s.site.Region(); f.Region == "" && region == report.Chest {
		f.Region = region // the name of another site is not a part of the body that studies are made of
	}
	if f.Produced.IsZero() {
		f.Produced = r.head.written
	}
	r.place(&f, s.pictures)
	r.out.Findings = append(r.out.Findings, f)
	return nil
}

// read notes a person's word.
func (r *reader) read(what report.Code, w report.Word, s scope) {
	if !r.head.signed {
		r.unsigned = true
		return
	}
	d := ward.Read{
		CodeSystem: what.System, Code: what.Value, Laterality: s.side, Present: w.Present(),
		Accession: r.out.Of.Accession, At: r.head.signedAt,
	}
	d.StudyUID = r.studyOf(s.pictures)
	r.out.Reads = append(r.out.Reads, d)
}

// place says which picture a finding is of: the instance of a projection, the series of a stack of
// slices, where the slice that a program names may change from one run to the next.
func (r *reader) place(f *ward.Finding, pictures []image) {
	f.StudyUID = r.studyOf(pictures)
	f.InstanceUID, f.SeriesUID = r.head.read.only.instance, r.head.read.onlyIn
	if instances := unique(pictures, func(p image) string { return p.instance }); len(instances) > 0 {
		f.InstanceUID, f.SeriesUID = "", ""
		if len(instances) == 1 {
			f.InstanceUID = instances[0]
		}
		if in := unique(pictures, func(p image) string { return r.head.read.series[p.instance] }); len(in) == 1 {
			f.SeriesUID = in[0]
		}
		if f.Modality == "" {
			f.Modality = modalities[pictures[0].class]
		}
	}
	if (f.Modality == "CT" || f.Modality == "MR") && f.SeriesUID != "" {
		f.InstanceUID = ""
	}
}

func (r *reader) studyOf(pictures []image) string {
	if of := unique(pictures, func(p image) string { return r.head.read.study[p.instance] }); len(of) == 1 {
		return of[0]
	}
	return r.out.Study.UID
}

// unique are the different values that are not empty, in order.
func unique(pictures []image, of func(image) string) []string {
	var all []string
	seen := map[string]bool{"": true}
	for _, p := range pictures {
		if v := of(p); !seen[v] {
			seen[v] = true
			all = append(all, v)
		}
	}
	return all
}
