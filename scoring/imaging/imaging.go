// Package imaging looks at pictures with models: those that come with the program, and those that a
// hospital brings as a directory with a manifest. A model sees only what it was made for; everything
// else is refused with the reason.
package imaging

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"wardwatch/scoring/imaging/prepare"
	"wardwatch/scoring/runtime"
	"wardwatch/ward"
)

// Model is a loaded model. Its methods may be called from several goroutines.
type Model struct {
	manifest *Manifest
	version  string
	session  session
	gate     *gate // nil: any picture will do
}

// session runs a model on prepared pictures.
type session interface {
	Shape() runtime.PictureShape
	Run(pixels []float32, n int, out []float32) error
	Close() error
}

// Manifest is what the model says of itself.
func (m *Model) Manifest() *Manifest { return m.manifest }

// Version is the model's version with the beginning of its file's hash; as in ward.Finding.
func (m *Model) Version() string { return m.version }

// Close frees the model; it may be called again.
func (m *Model) Close() error {
	err := m.session.Close()
	if m.gate != nil {
		err = errors.Join(err, m.gate.session.Close())
	}
	return err
}

// Result is what a model says of one picture.
type Result struct {
	Findings []ward.Finding // there or not; whose and which picture it is, the caller adds
	Warnings []string       // ward.WarnAgeUnknown and so on; each finding has them too
	Refused  *Refusal       // nil: it was looked at
}

// Refusal is why a model would not look at a picture.
type Refusal struct {
	Code   string // ward.RefusedModality and so on
	Detail string // for a person, with what would be accepted; never identifying
}

// String is "code: detail".
func (r *Refusal) String() string { return r.Code + ": " + r.Detail }

func refuse(code, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// Look asks the model about one picture. An error means that the model itself failed.
func (m *Model) Look(img *ward.Image) (Result, error) {
	source := prepare.Of(img)
	warnings, refused, err := m.judge(source)
	if err != nil || refused != nil {
		return Result{Refused: refused}, err
	}
	out := make([]float32, m.session.Shape().Outputs)
	if err := m.session.Run(m.manifest.Input.Picture(source), 1, out); err != nil {
		return Result{}, fmt.Errorf("the model %s failed: %w", m.manifest.ID, err)
	}
	r := Result{Warnings: warnings}
	for i := range m.manifest.Findings {
		score, err := m.score(i, float64(out[m.manifest.Findings[i].Output]))
		if err != nil {
			return Result{}, err
		}
		r.Findings = append(r.Findings, m.finding(i, score, img, warnings))
	}
	return r, nil
}

// judge is every gate, the cheapest first.
func (m *Model) judge(img *prepare.Source) (warnings []string, refused *Refusal, err error) {
	warnings, refused = m.manifest.Population.judge(&img.Facts)
	if refused == nil {
		refused = plain(img, &m.manifest.Input)
	}
	if refused == nil && m.gate != nil {
		refused, err = m.gate.judge(img)
	}
	if m.manifest.Demonstration {
		warnings = append(warnings, ward.WarnDemonstration)
	}
	return warnings, refused, err
}

func (m *Model) finding(i int, score float64, img *ward.Image, warnings []string) ward.Finding {
	o := &m.manifest.Findings[i]
	return ward.Finding{
		Model: m.manifest.ID, ModelVersion: m.version, Demonstration: m.manifest.Demonstration,
		Modality: img.Facts.Modality, Region: m.manifest.Population.Region, View: img.Facts.View, Device: img.Facts.Device,
		CodeSystem: o.System, Code: o.Code, Label: o.Label, Laterality: o.Laterality,
		Score: score, Threshold: o.Threshold, Calibrated: o.Calibrated,
		Warnings: slices.Clone(warnings),
	}
}

// score is an output as a score of 0 to 1.
func (m *Model) score(i int, out float64) (float64, error) {
	if !finite(out) {
		return 0, fmt.Errorf("the model %s gave no number for %s", m.manifest.ID, m.manifest.Findings[i].Label)
	}
	c := m.manifest.Findings[i].Calibration
	if c == nil && m.manifest.Output.Kind == Probability {
		if out < 0 || out > 1 {
			return 0, fmt.Errorf("the model %s gave %v for %s: its manifest says that it gives probabilities", m.manifest.ID, out, m.manifest.Findings[i].Label)
		}
		return out, nil
	}
	logit := m.logit(out)
	if c != nil {
		logit = c.Slope*logit + c.Intercept
	}
	return 1 / (1 + math.Exp(-logit)), nil
}

// logit is an output on the scale where evidence adds up.
func (m *Model) logit(out float64) float64 {
	if m.manifest.Output.Kind == Logit {
		return out
	}
	const edge = 1e-6
	p := min(max(out, edge), 1-edge)
	return math.Log(p / (1 - p))
}
