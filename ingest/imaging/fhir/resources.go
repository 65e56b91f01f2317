package fhir

import (
	"encoding/json"

	"wardwatch/ingest/imaging/report"
)

// The parts of R4 (4.0.1) resources that are read here.

type coding struct {
	System  string `json:"system"`
	Code    string `json:"code"`
	Display string `json:"display"`
}

type concept struct {
	Coding []coding `json:"coding"`
	Text   string   `json:"text"`
}

// codes are its codings by the names of this house, each with a text.
func (c *concept) codes() []report.Code {
	if c == nil {
		return nil
	}
	all := make([]report.Code, 0, len(c.Coding)+1)
	for _, one := range c.Coding {
		code := report.Code{System: report.System(one.System), Value: trim(one.Code), Text: one.Display}
		if code.Text == "" {
			code.Text = c.Text
		}
		all = append(all, code)
	}
	if len(all) == 0 && c.Text != "" {
		all = append(all, report.Code{Text: c.Text})
	}
	return all
}

func (c *concept) best() report.Code { return report.Best(c.codes()) }

// any reports whether one of its codings is so.
func (c *concept) any(is func(report.Code) bool) bool {
	for _, code := range c.codes() {
		if is(code) {
			return true
		}
	}
	return false
}

type identifier struct {
	Use    string   `json:"use"`
	System string   `json:"system"`
	Value  string   `json:"value"`
	Type   *concept `json:"type"`
}

type reference struct {
	Reference  string      `json:"reference"`
	Type       string      `json:"type"`
	Identifier *identifier `json:"identifier"`
	Display    string      `json:"display"`
}

type quantity struct {
	Value *float64 `json:"value"`
	Unit  string   `json:"unit"`
	Code  string   `json:"code"`
}

// ucum is the unit: the code, or the wording where there is none.
func (q *quantity) ucum() string {
	if q.Code != "" {
		return q.Code
	}
	return q.Unit
}

type period struct {
	Start string `json:"start"`
}

// value is value[x] with what stands beside it, in an Observation and in a component.
type value struct {
	Code           *concept  `json:"code"`
	Quantity       *quantity `json:"valueQuantity"`
	Concept        *concept  `json:"valueCodeableConcept"`
	Boolean        *bool     `json:"valueBoolean"`
	Interpretation []concept `json:"interpretation"`
	Absent         *concept  `json:"dataAbsentReason"`

	ModifierExtension []json.RawMessage `json:"modifierExtension"`
}

type base struct {
	ResourceType  string            `json:"resourceType"`
	ID            string            `json:"id"`
	ImplicitRules string            `json:"implicitRules"`
	Contained     []json.RawMessage `json:"contained"`
}

type observation struct {
	base
	value
	Status            string      `json:"status"`
	Category          []concept   `json:"category"`
	Subject           *reference  `json:"subject"`
	BasedOn           []reference `json:"basedOn"`
	PartOf            []reference `json:"partOf"`
	DerivedFrom       []reference `json:"derivedFrom"`
	HasMember         []reference `json:"hasMember"`
	Performer         []reference `json:"performer"`
	Device            *reference  `json:"device"`
	EffectiveDateTime string      `json:"effectiveDateTime"`
	EffectiveInstant  string      `json:"effectiveInstant"`
	EffectivePeriod   *period     `json:"effectivePeriod"`
	Issued            string      `json:"issued"`
	BodySite          *concept    `json:"bodySite"`
	Component         []value     `json:"component"`
}

type diagnosticReport struct {
	base
	Status             string       `json:"status"`
	Identifier         []identifier `json:"identifier"`
	Category           []concept    `json:"category"`
	Subject            *reference   `json:"subject"`
	BasedOn            []reference  `json:"basedOn"`
	ImagingStudy       []reference  `json:"imagingStudy"`
	Result             []reference  `json:"result"`
	Performer          []reference  `json:"performer"`
	ResultsInterpreter []reference  `json:"resultsInterpreter"`
	EffectiveDateTime  string       `json:"effectiveDateTime"`
	EffectivePeriod    *period      `json:"effectivePeriod"`
	Issued             string       `json:"issued"`
	ConclusionCode     []concept    `json:"conclusionCode"`

	ModifierExtension []json.RawMessage `json:"modifierExtension"`
}

type imagingStudy struct {
	base
	Identifier []identifier `json:"identifier"`
	Modality   []coding     `json:"modality"`
	Subject    *reference   `json:"subject"`
	Started    string       `json:"started"`
	BasedOn    []reference  `json:"basedOn"`
	Series     []struct {
		UID      string  `json:"uid"`
		Modality *coding `json:"modality"`
		BodySite *coding `json:"bodySite"`
		Instance []struct {
			UID string `json:"uid"`
		} `json:"instance"`
	} `json:"series"`
}

type patient struct {
	base
	Identifier []identifier `json:"identifier"`
	Name       []struct {
		Use    string   `json:"use"`
		Text   string   `json:"text"`
		Family string   `json:"family"`
		Given  []string `json:"given"`
	} `json:"name"`
	Gender    string `json:"gender"`
	BirthDate string `json:"birthDate"`
}

type device struct {
	base
	Identifier   []identifier `json:"identifier"`
	Manufacturer string       `json:"manufacturer"`
	ModelNumber  string       `json:"modelNumber"`
	DeviceName   []struct {
		Name string `json:"name"`
		Type string `json:"type"`
	} `json:"deviceName"`
	Version []struct {
		Type  *concept `json:"type"`
		Value string   `json:"value"`
	} `json:"version"`
}

type serviceRequest struct {
	base
	Identifier []identifier `json:"identifier"`
}

type bundle struct {
	base
	Type  string `json:"type"`
	Entry []struct {
		FullURL  string          `json:"fullUrl"`
		Resource json.RawMessage `json:"resource"`
		Request  *struct {
			Method string `json:"method"`
			URL    string `json:"url"`
		} `json:"request"`
	} `json:"entry"`
}
