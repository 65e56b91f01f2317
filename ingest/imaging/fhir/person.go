package fhir

import (
	"strings"
	"time"

	"wardwatch/ingest/imaging/report"
	"wardwatch/ward"
)

const systemIdentifierType = "http://terminology.hl7.org/CodeSystem/v2-0203"

// claim is whose result it is by one reference.
func (c *collector) claim(from *node, ref *reference) ward.Claim {
	if ref == nil {
		return ward.Claim{}
	}
	n := c.x.find(from, ref)
	if n == nil {
		if ref.Identifier == nil {
			return ward.Claim{}
		}
		return ward.Claim{HospitalID: patientNumber([]identifier{*ref.Identifier}, c.o.PatientSystem)}
	}
	p, ok := n.resource.(*patient)
	if !ok {
		return ward.Claim{}
	}
	of := ward.Claim{HospitalID: patientNumber(p.Identifier, c.o.PatientSystem), Name: p.name(), Sex: sex(p.Gender)}
	of.BirthDate, _ = time.Parse(time.DateOnly, p.BirthDate) // a year alone says no day: zero
	return of
}

// patientNumber picks the hospital's own number. Where more than one may be it there is none: the wrong
// one would be another person's.
func patientNumber(all []identifier, system string) string {
	if system != "" {
		return onlyValue(all, func(id identifier) bool { return id.System == system })
	}
	if number := onlyValue(all, func(id identifier) bool { return id.typed("MR") }); number != "" {
		return number
	}
	for _, id := range all {
		if id.typed("MR") {
			return "" // several of them
		}
	}
	return onlyValue(all, func(id identifier) bool {
		return id.Type == nil || len(id.Type.Coding) == 0 || id.typed("PI") || id.typed("PT")
	})
}

// onlyValue is the one value among identifiers in use that are so; empty when there are several.
func onlyValue(all []identifier, is func(identifier) bool) string {
	only := ""
	for _, id := range all {
		value := trim(id.Value)
		if value == "" || id.Use == "old" || !is(id) {
			continue
		}
		if only != "" && only != value {
			return ""
		}
		only = value
	}
	return only
}

// typed reports whether an identifier is of a type of HL7 table 0203.
func (id identifier) typed(code string) bool {
	return id.Type.any(func(c report.Code) bool {
		return c.Value == code && (c.System == systemIdentifierType || c.System == "")
	})
}

// name is the official name, or else the first.
func (p *patient) name() string {
	best := -1
	for i, n := range p.Name {
		if n.Use == "old" || n.Use == "maiden" {
			continue
		}
		if best < 0 || n.Use == "official" && p.Name[best].Use != "official" {
			best = i
		}
	}
	if best < 0 {
		return ""
	}
	n := p.Name[best]
	if n.Family == "" && len(n.Given) == 0 {
		return n.Text
	}
	return trim(n.Family + " " + strings.Join(n.Given, " "))
}

func sex(gender string) ward.Sex {
	switch gender {
	case "male":
		return ward.Male
	case "female":
		return ward.Female
	case "other":
		return ward.OtherSex
	}
	return ward.SexUnknown
}

// author is who says something.
type author struct {
	device, person bool
	model, version string
}

// author is who says something: a device when one is named, even beside a person.
func (c *collector) author(from *node, of *reference, performers []reference, otherwise author) author {
	var a author
	if of != nil {
		a = c.byDevice(from, of)
	}
	for i := range performers {
		switch c.x.kind(from, &performers[i]) {
		case "Device":
			if !a.device {
				a = c.byDevice(from, &performers[i])
			}
		case "Practitioner", "PractitionerRole":
			a.person = true
		}
	}
	if !a.device && !a.person {
		return otherwise
	}
	a.person = a.person && !a.device
	return a
}

func (c *collector) byDevice(from *node, ref *reference) author {
	a := author{device: true}
	if n := c.x.find(from, ref); n != nil {
		if d, ok := n.resource.(*device); ok {
			a.model, a.version = d.model(), d.version()
			return a
		}
	}
	if a.model = trim(ref.Display); a.model == "" && ref.Identifier != nil {
		a.model = trim(ref.Identifier.Value)
	}
	if a.model == "" && !strings.HasPrefix(ref.Reference, "urn:") && !strings.HasPrefix(ref.Reference, "#") {
		_, a.model, _ = strings.Cut(relative(ref.Reference), "/")
	}
	return a
}

func (d *device) model() string {
	for _, kind := range []string{"model-name", "user-friendly-name", "manufacturer-name"} {
		for _, n := range d.DeviceName {
			if n.Type == kind && trim(n.Name) != "" {
				return trim(n.Name)
			}
		}
	}
	for _, n := range d.DeviceName {
		if trim(n.Name) != "" {
			return trim(n.Name)
		}
	}
	if trim(d.ModelNumber) != "" {
		return trim(d.ModelNumber)
	}
	for _, id := range d.Identifier {
		if trim(id.Value) != "" {
			return trim(id.Value)
		}
	}
	return trim(d.Manufacturer)
}

// version is that of the software, where versions have types.
func (d *device) version() string {
	first := ""
	for _, v := range d.Version {
		software := v.Type.any(func(c report.Code) bool {
			return c.Value == "531975" || strings.Contains(strings.ToLower(c.Text), "software") // MDC_ID_PROD_SPEC_SW
		})
		if software && trim(v.Value) != "" {
			return trim(v.Value)
		}
		if first == "" {
			first = trim(v.Value)
		}
	}
	return first
}

func trim(s string) string { return strings.TrimSpace(s) }
