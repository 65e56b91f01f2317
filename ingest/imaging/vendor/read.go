package vendor

import (
	"bytes"
	"cmp"
	"encoding/json"

	"wardwatch/ingest/imaging/report"
	"wardwatch/ward"
)

// Read takes apart one body, the results of one study. A finding whose score is null was not looked for
// and says nothing; a list of findings that is empty is no error. The *ward.Error names the field of the
// mapping and the path that was looked at; it identifies nobody.
func (m *Mapping) Read(body []byte, o Options) (ward.ImagingReport, error) {
	if err := report.CheckJSON(body); err != nil {
		return ward.ImagingReport{}, err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	root := &element{}
	if err := d.Decode(&root.value); err != nil {
		return ward.ImagingReport{}, report.Bad("the body cannot be read", "send JSON in UTF-8")
	}
	r := &reader{m: m, o: o, root: root}
	out := r.head()
	all, err := root.each(m.each)
	if r.err == nil {
		r.err = err
	}
	for _, e := range all {
		if f, said := r.finding(e); said && r.err == nil {
			out.Findings = append(out.Findings, f)
		}
	}
	if r.err == nil {
		r.err = report.Finish(&out, o)
	}
	if r.err != nil {
		return ward.ImagingReport{}, r.err
	}
	return out, nil
}

// reader reads one body. The first error stays.
type reader struct {
	m    *Mapping
	o    Options
	root *element
	err  error
}

// head reads what holds for the whole study.
func (r *reader) head() ward.ImagingReport {
	top, p := &r.m.top, &r.m.patient
	out := ward.ImagingReport{
		Of: ward.Claim{
			HospitalID: r.text("patient.id", r.root, &p.ID), Name: r.text("patient.name", r.root, &p.Name),
			BirthDate: r.day("patient.birth_date", &p.BirthDate), Sex: sex(r.text("patient.sex", r.root, &p.Sex)),
			Accession: r.text("accession", r.root, &top.Accession), Acquired: r.moment("acquired", &top.Acquired),
		},
		Study: ward.Study{
			UID: r.text("study", r.root, &top.Study), Modality: r.text("modality", r.root, &top.Modality),
			Region: report.Code{Text: r.text("region", r.root, &top.Region)}.Region(),
		},
	}
	out.Study.Acquired = out.Of.Acquired
	return out
}

// finding reads one element of the list; said is false when it says nothing.
func (r *reader) finding(e *element) (f ward.Finding, said bool) {
	fields, top := &r.m.finding, &r.m.top
	label := r.text("findings.label", e, &fields.Label)
	if r.m.ignored[folded(label)] && label != "" {
		return f, false
	}
	word := r.word(e)
	if r.err != nil || !word.Claims() {
		return f, false
	}
	var ok bool
	if f.Score, f.Threshold, ok = word.Weigh(); !ok {
		r.fail("findings.score", &fields.Score, e, "holds no score that the mapping's scale allows, or one that contradicts present")
		return f, false
	}
	f.Label = label
	f.Laterality = report.SideOf(r.text("findings.laterality", e, &fields.Laterality))
	r.code(&f, e)
	f.Calibrated = r.m.calibrated && word.Scored
	f.Model, f.ModelVersion = r.text("model", r.root, &top.Model), r.text("version", r.root, &top.Version)
	if f.Model == "" {
		r.fail("model", &top.Model, r.root, "has nothing")
	}
	f.SeriesUID = cmp.Or(r.text("findings.series", e, &fields.Series), r.text("series", r.root, &top.Series))
	f.InstanceUID = cmp.Or(r.text("findings.instance", e, &fields.Instance), r.text("instance", r.root, &top.Instance))
	f.View, f.Device = r.text("view", r.root, &top.View), report.Text(r.text("device", r.root, &top.Device))
	f.Produced = r.moment("produced", &top.Produced)
	return f, r.err == nil
}

// code finds the code of a finding: its own, that of its label, or the label itself as the vendor's code.
func (r *reader) code(f *ward.Finding, e *element) {
	fields := &r.m.finding
	if f.Code = r.text("findings.code", e, &fields.Code); f.Code != "" {
		f.CodeSystem = cmp.Or(report.System(r.text("findings.system", e, &fields.System)), r.m.system)
		return
	}
	if t, known := r.m.labels[folded(f.Label)]; known {
		f.CodeSystem, f.Code, f.Laterality = t.System, t.Code, cmp.Or(f.Laterality, t.Laterality)
		return
	}
	if f.Code, f.CodeSystem = f.Label, r.m.system; f.Code == "" {
		r.fail("findings.label", &fields.Label, e, "has nothing")
	}
}

// word reads what is said of a finding.
func (r *reader) word(e *element) report.Word {
	var w report.Word
	fields := &r.m.finding
	present, there := r.look(e, &fields.Present)
	if there && present != nil {
		if w.Said = saidBy(present); w.Said == report.Unsaid {
			r.fail("findings.present", &fields.Present, e, "holds no word for there or not there")
		}
	}
	if !fields.Score.set() {
		return w
	}
	score, there := r.look(e, &fields.Score)
	if !there && w.Said == report.Unsaid {
		r.fail("findings.score", &fields.Score, e, "has nothing")
	}
	if score == nil {
		return w
	}
	w.Score, w.Scored = r.number("findings.score", e, &fields.Score)/r.m.scale, true
	if t, _ := r.look(e, &fields.Threshold); t != nil {
		w.Threshold = r.number("findings.threshold", e, &fields.Threshold) / r.m.scale
	}
	return w
}
