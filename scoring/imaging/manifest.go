package imaging

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"wardwatch/scoring/imaging/prepare"
)

// ManifestName is the file that makes a directory a model.
const ManifestName = "manifest.json"

// Manifest is what a model says of itself.
type Manifest struct {
	ID            string `json:"id"`
	Version       string `json:"version"`
	Demonstration bool   `json:"demonstration"` // made to be shown, not to be used
	Licence       string `json:"licence"`
	Card          string `json:"card,omitempty"` // where its data, figures and limits are written down

	File       string        `json:"file"`
	SHA256     string        `json:"sha256"`
	Input      prepare.Input `json:"input"`
	Output     Output        `json:"output"`
	Findings   []Outcome     `json:"findings"`
	Population Population    `json:"population"`
	Picture    Picture       `json:"picture"`
}

// Output is which of the model's outputs is used, and what its numbers are.
type Output struct {
	Name string     `json:"name"`
	Kind OutputKind `json:"kind"`
}

// OutputKind is what a model's numbers are.
type OutputKind string

// Kinds of outputs.
const (
	Logit       OutputKind = "logit"
	Probability OutputKind = "probability"
)

// Outcome is one thing that the model says is there or is not.
type Outcome struct {
	Output      int          `json:"output"` // which number of the output, from 0
	Label       string       `json:"label"`
	System      string       `json:"system"`
	Code        string       `json:"code"`
	Laterality  string       `json:"laterality,omitempty"`
	Threshold   float64      `json:"threshold"` // of the score, over 0 and under 1
	Calibration *Calibration `json:"calibration,omitempty"`
	Calibrated  bool         `json:"calibrated,omitempty"`
}

// Calibration corrects the logit before it becomes a score.
type Calibration struct {
	Slope     float64 `json:"slope"`
	Intercept float64 `json:"intercept"`
}

// Population is what pictures of whom the model was made for. An empty list says nothing.
type Population struct {
	Modalities []string `json:"modalities,omitempty"`
	Region     string   `json:"region"`
	BodyParts  []string `json:"body_parts,omitempty"`
	Views      []string `json:"views,omitempty"`
	AgeFrom    *float64 `json:"age_from,omitempty"` // years; nil: open
	AgeTo      *float64 `json:"age_to,omitempty"`   // years, exclusive; nil: open
	Species    []string `json:"species,omitempty"`  // empty: human
}

// Picture is the gate that looks at the picture itself.
type Picture struct {
	Builtin string // FrontalChest; empty: none, or Own
	Own     *GateFile
}

// FrontalChest is the built-in gate: an upright frontal radiograph of a human chest.
const FrontalChest = "frontal_chest"

// noGate is how a manifest says that any picture will do.
const noGate = "none"

// UnmarshalJSON reads a name or a gate.
func (p *Picture) UnmarshalJSON(raw []byte) error {
	var name string
	if json.Unmarshal(raw, &name) == nil {
		switch name {
		case FrontalChest:
			p.Builtin = name
		case noGate:
		default:
			return fmt.Errorf(`picture is %q: give %q, %q, or {"file":…,"sha256":…,"input":…,"output":…,"threshold":…}`, name, FrontalChest, noGate)
		}
		return nil
	}
	p.Own = &GateFile{}
	return strict(raw, p.Own)
}

// MarshalJSON writes what UnmarshalJSON reads.
func (p Picture) MarshalJSON() ([]byte, error) {
	switch {
	case p.Own != nil:
		return json.Marshal(p.Own)
	case p.Builtin != "":
		return json.Marshal(p.Builtin)
	}
	return json.Marshal(noGate)
}

// GateFile is a gate's own file, and how to ask it.
type GateFile struct {
	ID        string        `json:"id,omitempty"`
	Version   string        `json:"version,omitempty"`
	Licence   string        `json:"licence,omitempty"`
	Card      string        `json:"card,omitempty"`
	File      string        `json:"file"`
	SHA256    string        `json:"sha256"`
	Input     prepare.Input `json:"input"`
	Output    Output        `json:"output"`
	Threshold float64       `json:"threshold"`            // the output at or over it: like what the model was made for
	MinSide   int           `json:"min_side,omitempty"`   // pixels of the shorter side
	MinAspect float64       `json:"min_aspect,omitempty"` // width over height
	MaxAspect float64       `json:"max_aspect,omitempty"`
}

// ReadManifest reads and checks the manifest of a model's directory. Its errors say what to mend.
func ReadManifest(files fs.FS) (*Manifest, error) {
	raw, err := fs.ReadFile(files, ManifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no %s: a model is a directory with a %s and the files that it names", ManifestName, ManifestName)
	}
	if err != nil {
		return nil, err
	}
	return ParseManifest(raw)
}

// ParseManifest reads and checks a manifest.
func ParseManifest(raw []byte) (*Manifest, error) {
	m := &Manifest{}
	if err := strict(raw, m); err != nil {
		return nil, fmt.Errorf("%s: %w", ManifestName, err)
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", ManifestName, err)
	}
	return m, nil
}

// strict reads one JSON value and refuses what it does not know: a misspelt limit would be no limit.
func strict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("line %d: %w", line(raw, d, err), remedied(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("line %d: there is more after the end: leave one JSON object", 1+bytes.Count(raw[:d.InputOffset()], []byte("\n")))
	}
	return nil
}

func line(raw []byte, d *json.Decoder, err error) int {
	at := d.InputOffset()
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &kind):
		at = kind.Offset
	}
	return 1 + bytes.Count(raw[:min(max(at, 0), int64(len(raw)))], []byte("\n"))
}

func remedied(err error) error {
	if name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		return fmt.Errorf("%s is not known here: correct its spelling or leave it out", name)
	}
	return err
}
