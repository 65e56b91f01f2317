package fhir

import (
	"fmt"
	"strings"
	"time"

	"wardwatch/ingest/imaging/report"
	"wardwatch/ward"
)

// study is an imaging study as a body tells of it.
type study struct {
	ward.Study
	accession string
	subject   *reference
	node      *node
}

// studies are those that references mean; others are passed over.
func (c *collector) studies(from *node, refs ...[]reference) ([]study, error) {
	var all []study
	for _, list := range refs {
		for i := range list {
			if c.x.kind(from, &list[i]) != "ImagingStudy" && !isStudyUID(list[i].Identifier) {
				continue
			}
			s, err := c.study(from, &list[i])
			if err != nil {
				return nil, err
			}
			if s.UID+s.accession != "" && !known(all, s) {
				all = append(all, s)
			}
		}
	}
	return all, nil
}

func known(all []study, s study) bool {
	for _, other := range all {
		if other.UID == s.UID && other.accession == s.accession {
			return true
		}
	}
	return false
}

func (c *collector) study(from *node, ref *reference) (study, error) {
	n := c.x.find(from, ref)
	if n == nil {
		var s study
		if ref.Identifier != nil {
			s.UID, s.accession = studyUID([]identifier{*ref.Identifier}), accession([]identifier{*ref.Identifier})
		}
		return s, nil
	}
	im, ok := n.resource.(*imagingStudy)
	if !ok {
		return study{}, nil
	}
	s := study{accession: accession(im.Identifier), subject: im.Subject, node: n}
	if s.accession == "" {
		s.accession = c.ordered(n, im.BasedOn)
	}
	s.UID = studyUID(im.Identifier)
	var err error
	if s.Acquired, err = moment(n.path+".started", im.Started, c.o.Location()); err != nil {
		return s, err
	}
	if len(im.Modality) > 0 {
		s.Modality = im.Modality[0].Code
	}
	for _, series := range im.Series {
		if s.Modality == "" && series.Modality != nil {
			s.Modality = series.Modality.Code
		}
		if s.Region == "" && series.BodySite != nil {
			s.Region = (&concept{Coding: []coding{*series.BodySite}}).best().Region()
		}
	}
	return s, nil
}

// ordered is the accession number of the order that a result is based on.
func (c *collector) ordered(from *node, refs []reference) string {
	for i := range refs {
		if n := c.x.find(from, &refs[i]); n != nil {
			if order, ok := n.resource.(*serviceRequest); ok {
				if number := accession(order.Identifier); number != "" {
					return number
				}
			}
		}
		if refs[i].Identifier != nil {
			if number := accession([]identifier{*refs[i].Identifier}); number != "" {
				return number
			}
		}
	}
	return ""
}

// accession is the one identifier of type ACSN.
func accession(all []identifier) string {
	return onlyValue(all, func(id identifier) bool { return id.typed("ACSN") })
}

func isStudyUID(id *identifier) bool {
	return id != nil && (id.System == "urn:dicom:uid" || strings.HasPrefix(id.Value, "urn:oid:"))
}

// studyUID is the DICOM Study Instance UID, which R4 writes as urn:oid: with the system urn:dicom:uid.
func studyUID(all []identifier) string {
	return strings.TrimPrefix(onlyValue(all, func(id identifier) bool { return isStudyUID(&id) }), "urn:oid:")
}

// moment is a dateTime or an instant; zero without a time of day. A time without a zone, which R4 does
// not allow and systems send, is taken in the zone of the source.
func moment(path, sent string, zone *time.Location) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if at, err := time.ParseInLocation(layout, sent, zone); err == nil {
			return at.In(zone), nil // one zone for all, so that equal times are equal values
		}
	}
	for _, layout := range []string{"", "2006", "2006-01", time.DateOnly} {
		if _, err := time.Parse(layout, sent); err == nil {
			return time.Time{}, nil
		}
	}
	return time.Time{}, wrong(path, "the value is no time", `send it as "2026-11-21T08:15:02+07:00"`)
}

// setting is what holds for the statements of one result: whose, of which study, by whom.
type setting struct {
	node      *node
	of        ward.Claim
	study     ward.Study
	by        author
	effective time.Time // when what is stated was true
	issued    time.Time
	signed    bool // a person's word counts
	retracted bool
}

// settle joins whose result it is by all that speak of it. They must not contradict each other.
func settle(path string, claims ...ward.Claim) (ward.Claim, error) {
	var of ward.Claim
	for _, claim := range claims {
		if claim.HospitalID != "" && of.HospitalID != "" && claim.HospitalID != of.HospitalID {
			return of, wrong(path+".subject", "the result, its report and its study name different patients", "send results of one patient with that patient's study")
		}
		if of == (ward.Claim{}) || of.HospitalID == "" && claim.HospitalID != "" {
			of = claim
		}
	}
	return of, nil
}

// one is the study a result is of; none is fine, several are not.
func one(path string, all []study) (study, error) {
	if len(all) > 1 {
		return study{}, wrong(path, fmt.Sprintf("the result refers to %d imaging studies", len(all)), "send derivedFrom with the one study of each Observation")
	}
	if len(all) == 0 {
		return study{}, nil
	}
	return all[0], nil
}

// imaging reports whether one of the categories is radiology's.
func imaging(all []concept) bool {
	for _, category := range all {
		if category.any(func(c report.Code) bool { return imagingCategories[c.Value] }) {
			return true
		}
	}
	return false
}

var imagingCategories = map[string]bool{
	"imaging": true,                                                                                          // observation-category
	"RAD":     true, "RUS": true, "RX": true, "XRC": true, "CT": true, "CTH": true, "NMR": true, "CUS": true, // v2-0074
	"LP29684-5": true,                    // LOINC: Radiology
	"394914008": true, "363679005": true, // SNOMED CT: Radiology; Imaging
	"C0034375": true, // UMLS: Qualitative Evaluations
}
