// Package vendor reads the JSON that an imaging AI's own interface sends, as a mapping describes it. A
// mapping is data: paths into the body, and a table from the vendor's words to codes. It is pure.
package vendor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"wardwatch/ingest/imaging/report"
	"wardwatch/ward"
)

// Options says where the bytes came from.
type Options = report.Options

// Signature is how a sender signs what it sends.
type Signature string

// Signatures.
const (
	SignedWithTime Signature = "timestamped" // see Verify
	SignedBody     Signature = "body"        // see VerifyBody: a replay is not noticed
)

// Mapping describes one vendor's JSON. It is made by Parse and safe for concurrent use.
type Mapping struct {
	name       string
	signature  Signature
	top        topFields
	patient    patientFields
	each       path
	finding    findingFields
	scale      float64
	calibrated bool
	system     string // of labels that the table does not know
	labels     map[string]target
	ignored    map[string]bool
}

// Name is the mapping's own name.
func (m *Mapping) Name() string { return m.name }

// Signature is how the vendor signs.
func (m *Mapping) Signature() Signature { return m.signature }

type topFields struct {
	Model     field `json:"model"`
	Version   field `json:"version"`
	Study     field `json:"study"`
	Series    field `json:"series"`
	Instance  field `json:"instance"`
	Accession field `json:"accession"`
	Modality  field `json:"modality"`
	Region    field `json:"region"`
	View      field `json:"view"`
	Device    field `json:"device"`
	Acquired  clock `json:"acquired"`
	Produced  clock `json:"produced"`
}

type patientFields struct {
	ID        field `json:"id"`
	Name      field `json:"name"`
	BirthDate clock `json:"birth_date"`
	Sex       field `json:"sex"`
}

type findingFields struct {
	Label      field `json:"label"`
	Code       field `json:"code"`
	System     field `json:"system"`
	Laterality field `json:"laterality"`
	Score      field `json:"score"`
	Threshold  field `json:"threshold"`
	Present    field `json:"present"`
	Series     field `json:"series"`
	Instance   field `json:"instance"`
}

// target is what a vendor's label stands for.
type target struct {
	System     string `json:"system"`
	Code       string `json:"code"`
	Laterality string `json:"laterality"`
}

// file is a mapping as it is written.
type file struct {
	Name      string    `json:"name"`
	Signature Signature `json:"signature"`
	topFields
	Patient  patientFields `json:"patient"`
	Findings struct {
		Each path `json:"each"`
		findingFields
		Scale        float64           `json:"scale"`
		Calibrated   bool              `json:"calibrated"`
		VendorSystem string            `json:"vendor_system"`
		Labels       map[string]target `json:"labels"`
		Ignore       []string          `json:"ignore"`
	} `json:"findings"`
}

// Parse reads a mapping. What it does not know it refuses; the *ward.Error says how to mend it.
func Parse(mapping []byte) (*Mapping, error) {
	if err := report.CheckJSON(mapping); err != nil {
		return nil, err
	}
	var f file
	d := json.NewDecoder(bytes.NewReader(mapping))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, unreadable(mapping, err)
	}
	if err := f.complete(); err != nil {
		return nil, err
	}
	if err := f.sound(); err != nil {
		return nil, err
	}
	return f.mapping(), nil
}

// complete refuses a mapping without what every result needs.
func (f *file) complete() error {
	switch {
	case !ward.ValidID(f.Name):
		return bad("name", "a mapping needs a name of letters, digits, - and _", `for example "name": "cxr-vendor"`)
	case !f.Model.set():
		return bad("model", "it must say where the model's name stands", `give a path, or {"is": "the name"}`)
	case !f.Study.set() && !f.Accession.set() && !f.Series.set() && !f.Instance.set() && !f.Findings.Series.set() && !f.Findings.Instance.set():
		return bad("study", "it must say where the study is named", "give study, series, instance or accession")
	case len(f.Findings.Each) == 0 || !f.Findings.Each[len(f.Findings.Each)-1].all:
		return bad("findings.each", "it must be the path of a list or an object, with [*] at its end", `for example "result.findings[*]"`)
	case !f.Findings.Label.set() && !f.Findings.Code.set():
		return bad("findings.label", "it must say where a finding is named", "give label or code")
	case !f.Findings.Score.set() && !f.Findings.Present.set():
		return bad("findings.score", "it must say where a finding's score stands", "give score or present")
	}
	return nil
}

// sound refuses values of a mapping that cannot be meant.
func (f *file) sound() error {
	switch f.Signature {
	case "", SignedWithTime, SignedBody:
	default:
		return bad("signature", "it is neither timestamped nor body", "leave it out for timestamped")
	}
	if s := f.Findings.Scale; s != 0 && s != 1 && s != 100 {
		return bad("findings.scale", "a score at its highest is 1 or 100", "give 1 or 100")
	}
	for label, t := range f.Findings.Labels {
		if strings.TrimSpace(t.Code) == "" || strings.TrimSpace(t.System) == "" {
			return bad("findings.labels."+label, "a label needs system and code", `for example {"system": "http://snomed.info/sct", "code": "36118008"}`)
		}
		switch t.Laterality {
		case "", ward.LateralityLeft, ward.LateralityRight, ward.LateralityBoth:
		default:
			return bad("findings.labels."+label, "the laterality is not left, right or bilateral", "give one of these, or none")
		}
	}
	for _, c := range []struct {
		name  string
		clock *clock
		day   bool
	}{{"acquired", &f.Acquired, false}, {"produced", &f.Produced, false}, {"patient.birth_date", &f.Patient.BirthDate, true}} {
		if err := c.clock.sound(c.name, c.day); err != nil {
			return err
		}
	}
	return nil
}

func (f *file) mapping() *Mapping {
	m := &Mapping{
		name: f.Name, signature: f.Signature, top: f.topFields, patient: f.Patient,
		each: f.Findings.Each, finding: f.Findings.findingFields, scale: f.Findings.Scale,
		system: f.Findings.VendorSystem, labels: map[string]target{}, ignored: map[string]bool{},
		calibrated: f.Findings.Calibrated,
	}
	if m.signature == "" {
		m.signature = SignedWithTime
	}
	if m.scale == 0 {
		m.scale = 1
	}
	if m.system == "" {
		m.system = "urn:vendor:" + f.Name
	}
	for label, t := range f.Findings.Labels {
		t.System = report.System(t.System)
		m.labels[folded(label)] = t
	}
	for _, label := range f.Findings.Ignore {
		m.ignored[folded(label)] = true
	}
	return m
}

// bad is the error about one field of a mapping.
func bad(name, message, hint string) error {
	return report.Bad(fmt.Sprintf("the mapping's %s: %s", name, message), hint)
}

// unreadable says which line of a mapping is not understood.
func unreadable(mapping []byte, err error) error {
	var own *ward.Error
	if errors.As(err, &own) {
		return own
	}
	if _, name, found := strings.Cut(err.Error(), "unknown field "); found {
		line := bytes.Count(mapping[:max(bytes.Index(mapping, []byte(name)), 0)], []byte{'\n'}) + 1
		return report.Bad(fmt.Sprintf("the mapping's line %d: %s is not known", line, name), "see the mappings that come with the documentation for what is")
	}
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) {
		line := bytes.Count(mapping[:min(max(mistyped.Offset, 0), int64(len(mapping)))], []byte{'\n'}) + 1
		return report.Bad(fmt.Sprintf("the mapping's line %d: %s is not of the right type", line, mistyped.Field), "see the mappings that come with the documentation")
	}
	return report.Bad("the mapping cannot be read", "check its JSON")
}

// folded makes a vendor's labels comparable.
func folded(label string) string { return strings.ToLower(strings.Join(strings.Fields(label), " ")) }

// field says where one value stands, or what it is.
type field struct {
	path  path
	fixed string
}

func (f *field) set() bool { return f.fixed != "" || len(f.path) > 0 }

// UnmarshalJSON reads a path, or {"is": "the value itself"}.
func (f *field) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(b), []byte("{")) {
		var fixed struct {
			Is string `json:"is"`
		}
		d := json.NewDecoder(bytes.NewReader(b))
		d.DisallowUnknownFields()
		if err := d.Decode(&fixed); err != nil || fixed.Is == "" {
			return report.Bad(`the mapping: a value that is always the same is written {"is": "…"}`, "give that, or a path")
		}
		f.fixed = fixed.Is
		return nil
	}
	if err := f.path.UnmarshalJSON(b); err != nil {
		return err
	}
	return f.path.single()
}

// clock says where a time stands and how it is written.
type clock struct {
	Path   path   `json:"path"`
	Layout string `json:"layout"` // rfc3339, unix, unix_ms, or as Go writes 2 January 2006, 15:04:05
	Zone   string `json:"zone"`   // of times that name none; empty: that of the source

	zone *time.Location
}

func (c *clock) set() bool { return len(c.Path) > 0 }
