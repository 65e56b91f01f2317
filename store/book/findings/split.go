package findings

import (
	"slices"
	"strings"
	"time"

	"wardwatch/ward"
)

// part is what a report says of one study.
type part struct {
	study    study
	main     bool // the one that the report names
	findings []ward.Finding
	reads    []ward.Read
}

// split sorts what a report says by study. The study that the report names is there even when it says
// nothing of it: others may be told by it whose they are.
func split(d *ward.Delivery, r *ward.PlacedReport) []part {
	p := splitter{d: d, of: r.Of, main: strings.TrimSpace(r.Study.UID), taken: r.Study.Acquired}
	p.of.HospitalID, p.of.Accession = strings.TrimSpace(p.of.HospitalID), strings.TrimSpace(p.of.Accession)
	fill(&p.taken, p.of.Acquired)
	if p.main != "" || p.of.Accession != "" {
		p.in(p.main, p.of.Accession, r.Study)
	}
	for _, f := range r.Findings {
		f.Source, f.Received, f.Delivery = d.Source, d.Received, d.ID
		in := p.in(f.StudyUID, f.Accession, ward.Study{Modality: f.Modality, Region: f.Region, Acquired: f.Acquired})
		if in.main {
			fill(&f.Acquired, p.taken)
		}
		in.findings = append(in.findings, f)
	}
	for _, read := range r.Reads {
		read.Delivery = d.ID
		in := p.in(read.StudyUID, read.Accession, ward.Study{})
		in.reads = append(in.reads, read)
	}
	return p.parts
}

// splitter sorts one report.
type splitter struct {
	d     *ward.Delivery
	of    ward.Claim
	main  string    // UID of the study that the report names
	taken time.Time // when its pictures were taken
	parts []part
}

// in finds the study with a UID and an accession. What names neither, or names those of the report, is of
// the report's own study.
func (p *splitter) in(uid, accession string, about ward.Study) *part {
	uid, accession = strings.TrimSpace(uid), strings.TrimSpace(accession)
	main := (uid == "" || uid == p.main) && (accession == "" || accession == p.of.Accession)
	claim := p.of
	if main {
		uid, accession = p.main, p.of.Accession
		claim.Acquired = p.taken
	} else {
		claim.Acquired = about.Acquired
	}
	claim.Accession, about.UID = accession, uid
	id := studyID(p.d.Source, uid, accession, p.d.ID)
	i := slices.IndexFunc(p.parts, func(x part) bool { return x.study.id == id })
	if i < 0 {
		i = len(p.parts)
		p.parts = append(p.parts, part{study: study{id: id, source: p.d.Source}, main: main})
	}
	p.parts[i].study.learn(claim, about, p.d.Received)
	return &p.parts[i]
}
