package sr

import (
	"wardwatch/ingest/imaging/report"
	"wardwatch/ward"
)

// reader takes one document apart.
type reader struct {
	o        Options
	head     header
	out      ward.ImagingReport
	unsigned bool // a person said something and has not signed it
}

// library reads what the image library and the head of the document say of the pictures (TID 1600).
func (r *reader) library(root *item) {
	if lib := root.child(imageLibrary); lib != nil {
		if m := lib.deep(libraryModality); m != nil {
			r.out.Study.Modality = m.value.Value
		}
		if t := lib.deep(targetRegion); t != nil {
			r.out.Study.Region = t.value.Region()
		}
		r.libraryTime(lib)
	}
	if p := root.child(procedureReported); p != nil && r.out.Study.Region == "" {
		if region := p.value.Region(); region == report.Chest {
			r.out.Study.Region = region // the name of another procedure is not a part of the body
		}
	}
}

func (r *reader) libraryTime(lib *item) {
	for _, pair := range [][2]concept{{libraryDate, libraryTime}, {libraryStudyDate, libraryStudyTime}} {
		date, clock := lib.deep(pair[0]), lib.deep(pair[1])
		if date == nil || clock == nil {
			continue
		}
		if at := moment(date.text, clock.text, r.head.zone); !at.IsZero() {
			r.out.Study.Acquired, r.out.Of.Acquired = at, at
			return
		}
	}
}

// deep is the first item of that name anywhere under it.
func (it *item) deep(name concept) *item {
	for _, c := range it.items {
		if c.is(name) {
			return c
		}
		if found := c.deep(name); found != nil {
			return found
		}
	}
	return nil
}

// walk reads what hangs under a container.
func (r *reader) walk(it *item, s scope) error {
	s = s.enter(it)
	for _, c := range it.items {
		if err := r.visit(c, s); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) visit(it *item, s scope) error {
	switch {
	case it.is(imageLibrary):
		return nil
	case it.kind == "CONTAINER" && it.is(measurementGroup):
		return r.group(it, s)
	case it.kind == "CONTAINER":
		s.qualitative = it.is(qualitative)
		return r.walk(it, s)
	case it.relation == "CONTAINS" || it.relation == "INFERRED FROM":
		return r.evaluate(it, s)
	}
	return nil
}

// group reads a measurement group (TID 1501, 1410, 1411): a finding with what is said beside it.
func (r *reader) group(it *item, s scope) error {
	s = s.enter(it)
	s.qualitative = false
	s.pictures = it.pictures(nil)
	beside := it.said()
	for _, c := range it.items {
		var err error
		switch {
		case c.kind == "CODE" && c.is(finding):
			err = r.found(c, s, it.saidOf(c.value).Or(beside))
		case c.name.IsPresence(), c.name.IsLikelihood(), it.finds(c.name): // said beside the finding
		default:
			err = r.visit(c, s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// saidOf is what a group says of its finding under the finding's own code.
func (it *item) saidOf(what report.Code) report.Word {
	for _, c := range it.items {
		if c.kind == "CODE" && sameCode(c.name, what) {
			return c.said().Or(report.Word{Said: c.value.Presence()})
		}
	}
	return report.Word{}
}

// finds reports whether what is the finding of a group.
func (it *item) finds(what report.Code) bool {
	for _, c := range it.items {
		if c.kind == "CODE" && c.is(finding) && sameCode(c.value, what) {
			return true
		}
	}
	return false
}

func sameCode(a, b report.Code) bool { return !a.Empty() && a.Value == b.Value && a.System == b.System }

// evaluate reads one qualitative evaluation, and those that hang under it.
func (r *reader) evaluate(it *item, s scope) error {
	if pictures := it.pictures(nil); len(pictures) > 0 {
		s.pictures = pictures
	}
	var err error
	switch {
	case it.kind == "CODE" && it.is(finding):
		err = r.found(it, s, report.Word{})
	case it.kind == "CODE":
		if said := it.value.Presence(); said == report.There || said == report.NotThere {
			err = r.emit(it, it.name, it.said().Or(report.Word{Said: said}), s.enter(it))
		}
	case it.kind == "NUM" && it.numbered && (s.qualitative || report.LikelihoodUnit(it.unit)) && !it.name.IsLikelihood():
		if score, ok := report.Fraction(it.number, it.unit); ok {
			err = r.emit(it, it.name, report.Word{Score: score, Scored: true}, s.enter(it))
		}
	}
	if err != nil {
		return err
	}
	for _, c := range it.items {
		if err := r.visit(c, s); err != nil {
			return err
		}
	}
	return nil
}

// found reads an item whose value is the finding. It is there unless something says that it is not.
func (r *reader) found(it *item, s scope, beside report.Word) error {
	w := it.said().Or(beside)
	if w.Said == report.Unsaid && !w.Scored {
		w.Said = report.There
	}
	if !w.Claims() || it.value.Presence() != report.Unsaid {
		return nil
	}
	return r.emit(it, it.value, w, s.enter(it))
}

// said gathers presence and likelihood from the items under one.
func (it *item) said() report.Word {
	var w report.Word
	for _, c := range it.items {
		switch {
		case c.kind == "NUM" && c.numbered && c.name.IsLikelihood():
			if score, ok := report.Fraction(c.number, c.unit); ok && !w.Scored {
				w.Score, w.Scored = score, true
			}
		case c.kind == "CODE" && (c.name.IsPresence() || c.relation == "HAS CONCEPT MOD"):
			if said := c.value.Presence(); said != report.Unsaid {
				w.Said = said
			}
		}
	}
	return w
}

// pictures are all that an item and those under it refer to.
func (it *item) pictures(all []image) []image {
	all = append(all, it.images...)
	for _, c := range it.items {
		all = c.pictures(all)
	}
	return all
}
