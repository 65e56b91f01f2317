package fhir

import (
	"fmt"
	"slices"
	"time"

	"wardwatch/ingest/imaging/report"
	"wardwatch/ward"
)

// around is what a report says for the results in it.
type around struct {
	within    *node // the report's; nil for an observation that stands alone
	of        ward.Claim
	studies   []study
	accession string
	by        author
	effective time.Time
	issued    time.Time
	final     bool
	retracted bool
	imaging   bool
	coded     map[[2]string]bool // what the results in it spoke of
	told      int                // results in it that the body holds
}

// Statuses of a report by which a person stands for it.
var finalReport = map[string]bool{"final": true, "amended": true, "corrected": true, "appended": true}

// report reads a DiagnosticReport with its results.
func (c *collector) report(n *node, d *diagnosticReport) error {
	a, err := c.around(n, d)
	if err != nil {
		return err
	}
	if !a.imaging {
		c.ignore(n)
		c.pass(n, d.Result)
		return nil
	}
	if d.Status == "cancelled" || d.Status == "registered" {
		c.held++
		c.pass(n, d.Result)
		return nil
	}
	if err := c.results(n, d.Result, a); err != nil {
		return err
	}
	if a.retracted {
		return c.retractReport(n, a)
	}
	return c.conclusions(n, d.ConclusionCode, a)
}

func (c *collector) around(n *node, d *diagnosticReport) (*around, error) {
	if len(d.ModifierExtension) > 0 || d.ImplicitRules != "" {
		return nil, modified(n)
	}
	if d.Status == "" {
		return nil, wrong(n.path+".status", "the report has no status", "send final, preliminary, or what it is")
	}
	a := &around{
		within: n, accession: accession(d.Identifier), by: c.author(n, nil, slices.Concat(d.Performer, d.ResultsInterpreter), author{}),
		final: finalReport[d.Status], retracted: d.Status == "entered-in-error", coded: map[[2]string]bool{},
	}
	if a.accession == "" {
		a.accession = c.ordered(n, d.BasedOn)
	}
	var err error
	if a.studies, err = c.studies(n, d.ImagingStudy); err != nil {
		return nil, err
	}
	a.imaging = len(a.studies) > 0 || imaging(d.Category) || len(d.Category) == 0 && a.accession != ""
	if a.effective, a.issued, err = c.times(n, d.EffectiveDateTime, "", d.EffectivePeriod, d.Issued); err != nil {
		return nil, err
	}
	a.of = c.claim(n, d.Subject)
	return a, nil
}

// pass notes results that belong to a report that is not read.
func (c *collector) pass(n *node, refs []reference) {
	for i := range refs {
		if in := c.x.find(n, &refs[i]); in != nil {
			c.seen[in] = true
		}
	}
}

// results reads the observations of a report, and those that they hold.
func (c *collector) results(n *node, refs []reference, a *around) error {
	for i := range refs {
		in := c.x.find(n, &refs[i])
		if in == nil || c.seen[in] {
			continue
		}
		if o, ok := in.resource.(*observation); ok {
			if err := c.observation(in, o, a); err != nil {
				return err
			}
			if err := c.results(in, o.HasMember, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// conclusions reads what a report concludes in codes and no result in it has said better.
func (c *collector) conclusions(n *node, all []concept, a *around) error {
	for i := range all {
		what := all[i].best()
		if what.Empty() || a.coded[[2]string{what.System, what.Value}] {
			continue
		}
		at, err := c.setting(n, ward.Claim{}, a.studies, a.accession, a)
		if err != nil {
			return err
		}
		path := fmt.Sprintf("%s.conclusionCode[%d]", n.path, i)
		if err := c.state(at, statement{path: path, what: what, word: report.Word{Said: report.There}, side: side(&all[i])}); err != nil {
			return err
		}
	}
	return nil
}
