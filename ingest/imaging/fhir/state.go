package fhir

import (
	"cmp"

	"wardwatch/ward"
)

// state notes one statement: taken back, a read, or a finding.
func (c *collector) state(at *setting, s statement) error {
	of := at.of
	of.Acquired = cmp.Or(at.study.Acquired, at.effective)
	study := at.study
	study.Acquired = of.Acquired
	if at.retracted {
		r := c.of(of, study)
		r.Retracts = append(r.Retracts, ward.Retraction{
			ByPerson: at.by.person, Model: at.by.model, Version: at.by.version,
			CodeSystem: s.what.System, Code: s.what.Value, Laterality: s.side, At: at.issued,
		})
		return nil
	}
	score, threshold, ok := s.word.Weigh()
	if !ok {
		return wrong(s.path, "the value is no likelihood from 0 to 1, or contradicts the word beside it",
			"send a part of one with the unit 1, or per cent with the unit %")
	}
	if at.by.person {
		c.read(of, study, at, s)
		return nil
	}
	r := c.of(of, study)
	r.Findings = append(r.Findings, ward.Finding{
		Model: at.by.model, ModelVersion: at.by.version,
		CodeSystem: s.what.System, Code: s.what.Value, Label: s.what.Text, Laterality: s.side,
		Score: score, Threshold: threshold, Produced: at.issued,
	})
	return nil
}

// read notes a person's word once they stand for it.
func (c *collector) read(of ward.Claim, study ward.Study, at *setting, s statement) {
	if !at.signed {
		c.held++
		return
	}
	r := c.of(of, study)
	r.Reads = append(r.Reads, ward.Read{
		CodeSystem: s.what.System, Code: s.what.Value, Laterality: s.side,
		Present: s.word.Present(), At: cmp.Or(at.issued, at.effective),
	})
}

// retractReport takes back a whole report: what its author said of its studies. Where no author is named
// its results are, and where it has none either, everybody's word from this source is.
func (c *collector) retractReport(n *node, a *around) error {
	if !a.by.person && !a.by.device && a.told > 0 {
		return nil
	}
	all := a.studies
	if len(all) == 0 {
		all = []study{{}}
	}
	for _, s := range all {
		of, err := settle(n.path, a.of, c.claim(s.node, s.subject))
		if err != nil {
			return err
		}
		of.Accession = cmp.Or(s.accession, a.accession)
		r := c.of(of, s.Study)
		if !a.by.person {
			r.Retracts = append(r.Retracts, ward.Retraction{Model: a.by.model, Version: a.by.version, At: a.issued})
		}
		if !a.by.device {
			r.Retracts = append(r.Retracts, ward.Retraction{ByPerson: true, At: a.issued})
		}
	}
	return nil
}
