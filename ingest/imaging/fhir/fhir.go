// Package fhir reads imaging results in FHIR R4 (4.0.1) JSON: a DiagnosticReport or an Observation with
// what it refers to contained in it, or a Bundle of them. It is pure.
package fhir

import (
	"wardwatch/ingest/imaging/report"
	"wardwatch/ward"
)

// Options says where the bytes came from. PatientSystem names the hospital's patient numbers among the
// identifiers of a Patient; without it the one of type MR counts, or else the only one.
type Options = report.Options

// Read takes apart one body, into a report for each person and study.
//
// What a Device says is a finding; so is what nobody says who is named, for it must not pass as a person's
// word. What a Practitioner says is a read once it is final, amended or corrected, and nothing before. A
// result that was entered in error takes back what was said. A result that is not about pictures is passed
// over (Ignored), and a body with no other is an error.
//
// The error is a *ward.Error with the path of what is wrong (Outcome says it in FHIR); it identifies nobody.
func Read(b []byte, o Options) ([]ward.ImagingReport, error) {
	x, err := open(b)
	if err != nil {
		return nil, err
	}
	c := begin(x, o)
	if err := c.collect(); err != nil {
		return nil, err
	}
	var all []ward.ImagingReport
	for _, r := range c.reports {
		if len(r.Findings)+len(r.Reads)+len(r.Retracts) == 0 {
			continue
		}
		if err := report.Finish(r, o); err != nil {
			return nil, err
		}
		all = append(all, *r)
	}
	if len(all) == 0 && c.held == 0 {
		return nil, report.Bad("the body holds no result of an imaging study",
			`send DiagnosticReport or Observation with the category "imaging" or a reference to their ImagingStudy, and a coded finding with a value`)
	}
	return all, nil
}

// Ignored counts what Read passes over in a body, by resource type: what it does not know, and results
// that are not about pictures. A body that cannot be read has none.
func Ignored(b []byte) map[string]int {
	x, err := open(b)
	if err != nil {
		return nil
	}
	c := begin(x, Options{})
	if err := c.collect(); err != nil {
		return nil
	}
	for _, n := range x.top {
		if n.resource == nil {
			c.ignore(n)
		}
	}
	return c.ignored
}

// collector gathers the statements of one body.
type collector struct {
	x       *index
	o       Options
	seen    map[*node]bool // observations that were read with a report
	reports []*ward.ImagingReport
	by      map[whose]*ward.ImagingReport
	held    int // results that were understood and say nothing yet
	ignored map[string]int
}

func begin(x *index, o Options) *collector {
	return &collector{x: x, o: o, seen: map[*node]bool{}, by: map[whose]*ward.ImagingReport{}, ignored: map[string]int{}}
}

func (c *collector) collect() error {
	for _, n := range c.x.top {
		if d, ok := n.resource.(*diagnosticReport); ok {
			if err := c.report(n, d); err != nil {
				return err
			}
		}
	}
	for _, n := range c.x.top {
		if o, ok := n.resource.(*observation); ok && !c.seen[n] {
			if err := c.observation(n, o, &around{}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *collector) ignore(n *node) {
	c.ignored[n.kind]++
}

// whose is one person and study.
type whose struct {
	of    ward.Claim
	study ward.Study
}

// of is the report on one person and study, begun when it is not there yet.
func (c *collector) of(of ward.Claim, study ward.Study) *ward.ImagingReport {
	key := whose{of, study}
	if r := c.by[key]; r != nil {
		return r
	}
	r := &ward.ImagingReport{Of: of, Study: study}
	c.reports = append(c.reports, r)
	c.by[key] = r
	return r
}
