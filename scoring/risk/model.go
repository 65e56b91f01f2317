package risk

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"wardwatch/scoring/course"
	"wardwatch/scoring/runtime"
	"wardwatch/ward"
)

// model is one that passed every check.
type model struct {
	runner
	about     *Metadata
	role      Role
	version   string
	reference []float32
	patterns  map[uint64]bool
	five      uint64 // which inputs are of the five vitals
}

// metadataKey is where a model's file carries its Metadata.
const metadataKey = "wardwatch"

// forecast's output: two vitals, six hours, three quantiles.
const (
	quantiles     = 3
	hoursAhead    = 6
	forecastWidth = len(forecastVitals) * hoursAhead * quantiles
)

var forecastVitals = [...]ward.Vital{ward.RR, ward.SpO2}

// newModel checks a model in every way that needs no patient: its metadata, that its features are
// those which the engine computes, its shape, and that it gives a number for a usual person.
func newModel(e engine, spec *course.Spec, raw []byte, role Role, patience time.Duration) (*model, error) {
	s, err := e.Load(raw)
	if err != nil {
		return nil, err
	}
	m := &model{runner: runner{session: s}, role: role}
	if err := m.check(spec, raw, patience); err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

func (m *model) check(spec *course.Spec, raw []byte, patience time.Duration) error {
	text, ok := m.session.Metadata(metadataKey)
	if !ok {
		return fmt.Errorf("the file carries no metadata under %q", metadataKey)
	}
	about, err := ParseMetadata([]byte(text))
	if err != nil {
		return err
	}
	m.about = about
	if err := errors.Join(about.checkSpec(spec), about.checkOrder(), about.checkShape(m.session.Shape())); err != nil {
		return err
	}
	if _, err := newPanel(spec, []*model{m}); err != nil {
		return fmt.Errorf("the features are not those of this program: %w", err)
	}
	m.version = about.Version + "+" + fingerprint(raw)[:8]
	m.prepare()
	return m.smoke(patience)
}

// prepare lays out what every pass needs of the metadata.
func (m *model) prepare() {
	about := m.about
	m.patterns = make(map[uint64]bool, len(about.Patterns))
	for _, p := range about.Patterns {
		m.patterns[p] = true
	}
	for i := range about.Inputs {
		if slices.Contains(fiveVitals[:], about.Inputs[i].Input) {
			m.five |= 1 << i
		}
	}
	m.reference = make([]float32, len(about.Reference))
	for i, r := range about.Reference {
		m.reference[i] = float32(math.NaN())
		if r != nil {
			m.reference[i] = float32(*r)
		}
	}
}

// checkSpec sees that the model was trained on the very features that this program computes.
func (m *Metadata) checkSpec(spec *course.Spec) error {
	if m.Spec != spec.Version() || m.SpecSHA256 != spec.SHA256() {
		return fmt.Errorf("the model was trained on version %s of the features' specification (%.8s), this program has version %s (%.8s): train it again",
			m.Spec, m.SpecSHA256, spec.Version(), spec.SHA256())
	}
	return nil
}

func (m *Metadata) checkShape(got runtime.Shape) error {
	want := runtime.Shape{Input: "features", Features: len(m.Features), Output: "logit", Outputs: 1}
	if m.Task == Forecasting {
		want.Output, want.Outputs = "quantiles", forecastWidth
	}
	if got != want {
		return fmt.Errorf("the model has the shape %+v, its metadata asks for %+v", got, want)
	}
	return nil
}

// smoke asks the model about a person in whom everything is usual.
func (m *model) smoke(patience time.Duration) error {
	row := append([]float32(nil), m.reference...)
	out, err := m.predict(row, 1, patience)
	if err != nil {
		return fmt.Errorf("a trial prediction failed: %w", err)
	}
	if !finite(out) {
		return fmt.Errorf("a trial prediction gave %v", out)
	}
	return nil
}

func fingerprint(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// probability of a logit.
func probability(logit float64) float64 { return 1 / (1 + math.Exp(-logit)) }
