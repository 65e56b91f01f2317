package fhir

import (
	"cmp"
	"fmt"
	"time"

	"wardwatch/ingest/imaging/report"
	"wardwatch/ward"
)

// observation reads an Observation, within a report or alone.
func (c *collector) observation(n *node, o *observation, a *around) error {
	c.seen[n] = true
	if o.ImplicitRules != "" || o.modified() {
		return modified(n)
	}
	own, err := c.studies(n, o.DerivedFrom, o.PartOf)
	if err != nil {
		return err
	}
	number := c.ordered(n, o.BasedOn)
	if a.within == nil && len(own) == 0 && !imaging(o.Category) && (len(o.Category) > 0 || number == "") {
		c.ignore(n)
		return nil
	}
	a.told++
	if len(own) == 0 {
		own = a.studies
	}
	at, err := c.setting(n, c.claim(n, o.Subject), own, cmp.Or(number, a.accession), a)
	if err != nil {
		return err
	}
	at.by = c.author(n, o.Device, o.Performer, a.by)
	effective, issued, err := c.times(n, o.EffectiveDateTime, o.EffectiveInstant, o.EffectivePeriod, o.Issued)
	if err != nil {
		return err
	}
	at.effective, at.issued = cmp.Or(effective, at.effective), cmp.Or(issued, at.issued)
	return c.byStatus(at, o, a)
}

func (c *collector) byStatus(at *setting, o *observation, a *around) error {
	switch o.Status {
	case "entered-in-error":
		at.retracted = true
	case "registered", "cancelled":
		c.held++
		return nil
	case "final", "amended", "corrected":
		at.signed = a.within == nil || a.final
	case "preliminary", "unknown":
	default:
		return wrong(at.node.path+".status", "the observation has no status of R4", "send final, preliminary, or what it is")
	}
	all := o.statements()
	if len(all) == 0 && at.retracted {
		all = []statement{{path: at.node.path, what: o.Code.best(), side: side(o.BodySite)}}
	}
	if len(all) == 0 {
		c.held++
	}
	for _, s := range all {
		s.path = at.node.path + s.path
		if a.coded != nil {
			a.coded[[2]string{s.what.System, s.what.Value}] = true
		}
		if err := c.state(at, s); err != nil {
			return err
		}
	}
	return nil
}

// setting gathers what holds for the statements of one result.
func (c *collector) setting(n *node, of ward.Claim, studies []study, number string, a *around) (*setting, error) {
	s, err := one(n.path, studies)
	if err != nil {
		return nil, err
	}
	at := &setting{node: n, study: s.Study, by: a.by, effective: a.effective, issued: a.issued, signed: a.final, retracted: a.retracted}
	if at.of, err = settle(n.path, of, a.of, c.claim(s.node, s.subject)); err != nil {
		return nil, err
	}
	at.of.Accession = cmp.Or(s.accession, number)
	return at, nil
}

func (c *collector) times(n *node, effective, instant string, during *period, issued string) (at, told time.Time, err error) {
	sent := cmp.Or(effective, instant)
	if sent == "" && during != nil {
		sent = during.Start
	}
	if at, err = moment(n.path+".effective", sent, c.o.Location()); err != nil {
		return at, told, err
	}
	told, err = moment(n.path+".issued", issued, c.o.Location())
	return at, told, err
}

// modified is the error for what must not be read without knowing what changes its meaning (R4 2.4.3).
func modified(n *node) error {
	return wrong(n.path, "a modifierExtension or implicitRules changes what the result means", "send the result without them")
}

func (o *observation) modified() bool {
	if len(o.ModifierExtension) > 0 {
		return true
	}
	for i := range o.Component {
		if len(o.Component[i].ModifierExtension) > 0 {
			return true
		}
	}
	return false
}

// statement is one thing that is said to be there or not.
type statement struct {
	path  string
	what  report.Code
	named bool // by the value, under a code that announces it
	word  report.Word
	side  string
}

// statements are what an Observation says: by its value, with a likelihood or a side in components, or,
// where it is the head of a panel, by each component.
func (o *observation) statements() []statement {
	head := o.value.statement()
	head.side = side(o.BodySite)
	for i := range o.Component {
		head.take(&o.Component[i])
	}
	head.assert()
	var all []statement
	if head.word.Claims() && !head.what.Empty() {
		all = append(all, head)
	}
	stated := len(all) > 0
	for i := range o.Component {
		part := o.Component[i].statement()
		part.assert()
		part.path = fmt.Sprintf(".component[%d]", i)
		if part.side = part.what.Side(); part.side == "" {
			part.side = head.side
		}
		extent := stated && part.word.Said == report.Unsaid // a number beside a finding measures it
		if part.word.Claims() && !part.what.Empty() && !beside(part.what) && !extent {
			all = append(all, part)
		}
	}
	return all
}

// take adds what a component says of the whole observation.
func (s *statement) take(v *value) {
	name := v.Code.best()
	switch {
	case name.Value == "272741003":
		s.side = side(v.Concept)
	case name.IsLikelihood():
		s.word = s.word.Or(v.word())
	case name.IsPresence():
		s.word = s.word.Or(v.word())
	}
}

// beside reports whether a component's code names something about the finding, not a finding.
func beside(name report.Code) bool {
	return name.Value == "272741003" || name.IsLikelihood() || name.IsPresence()
}

// statement is what a value says of its code. Under a code that only announces a finding the value is it.
func (v *value) statement() statement {
	s := statement{what: v.Code.best(), word: v.word()}
	if v.Concept != nil && v.Absent == nil && s.word.Said == report.Unsaid && announces(s.what) {
		s.what, s.named = v.Concept.best(), true
	}
	return s
}

// assert takes a finding that is only named, with no word on whether it is there, for there.
func (s *statement) assert() {
	if s.named && s.word == (report.Word{}) {
		s.word.Said = report.There
	}
}

// word is what a value says of being there.
func (v *value) word() report.Word {
	var w report.Word
	if v.Absent != nil {
		return w
	}
	switch {
	case v.Boolean != nil && *v.Boolean:
		w.Said = report.There
	case v.Boolean != nil:
		w.Said = report.NotThere
	case v.Concept != nil:
		w.Said = said(v.Concept)
	case v.Quantity != nil && v.Quantity.Value != nil:
		w.Score, w.Scored = report.Fraction(*v.Quantity.Value, v.Quantity.ucum())
	}
	for i := range v.Interpretation {
		if w.Said == report.Unsaid {
			w.Said = said(&v.Interpretation[i])
		}
	}
	if w.Said == report.There && v.measured() {
		w.Said = report.Unsaid // abnormal is the measurement, not a finding that is there
	}
	return w
}

// measured reports whether the value is a quantity that is no likelihood.
func (v *value) measured() bool {
	if v.Quantity == nil || v.Quantity.Value == nil {
		return false
	}
	_, likelihood := report.Fraction(*v.Quantity.Value, v.Quantity.ucum())
	return !likelihood
}

func said(c *concept) report.Said {
	for _, code := range c.codes() {
		if said := code.Presence(); said != report.Unsaid {
			return said
		}
	}
	return report.Unsaid
}

func side(c *concept) string {
	for _, code := range c.codes() {
		if s := code.Side(); s != "" {
			return s
		}
	}
	return ""
}

// announces reports whether a code only says that a finding follows: LOINC's and DICOM's names of
// observations, and SNOMED CT's words for finding and diagnosis.
func announces(c report.Code) bool {
	switch {
	case c.Empty(), c.System == report.SystemLOINC, c.System == report.SystemDICOM, c.System == report.SystemUMLS:
		return true
	case c.System != ward.SystemSNOMED:
		return false
	}
	return c.Value == "404684003" || c.Value == "439401001" || c.Value == "246188002" || c.Value == "363679005"
}
