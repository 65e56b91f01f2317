package risk

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"wardwatch/ward"
)

// Metadata is what a model's file says of the model: what it takes, and what was in the data it was
// trained on. It stands in the file under the key "wardwatch".
type Metadata struct {
	ID         string            `json:"id"`
	Task       ward.Task         `json:"task"` // or Forecasting
	Version    string            `json:"version"`
	TrainedAt  string            `json:"trained_at"`
	Spec       string            `json:"spec"`        // version of the features' specification
	SpecSHA256 string            `json:"spec_sha256"` // of its file
	DataSHA256 string            `json:"data_sha256"`
	Features   []string          `json:"features"` // in the model's order
	Units      map[string]string `json:"units"`
	Threshold  float64           `json:"threshold"` // 0 for a forecast
	BaseRate   float64           `json:"base_rate"`
	Rows       int               `json:"n"`
	Events     int               `json:"events"`
	Patients   int               `json:"patients"`
	Inputs     []Input           `json:"inputs"`
	Reference  []*float64        `json:"reference"` // the usual value of each feature; nil: missing is usual
	Patterns   []uint64          `json:"patterns"`  // sets of missing inputs that were seen; bit i: input i is missing
	Least      int               `json:"least"`     // fewest of the five vitals known
}

// Input is a group of features under the name that nurses know, with what the training rows had of
// it.
type Input struct {
	Input     string    `json:"input"`
	Signal    string    `json:"signal"`   // whose newest value stands for the input
	Features  []int     `json:"features"` // places in Metadata.Features
	Min       *float64  `json:"min"`      // of the newest value
	Max       *float64  `json:"max"`
	Low       *float64  `json:"low"`        // 10th centile of the newest value
	High      *float64  `json:"high"`       // 90th
	SlopeLow  *float64  `json:"slope_low"`  // 10th centile of the slope over six hours; nil where there is none
	SlopeHigh *float64  `json:"slope_high"` // 90th
	Bins      []float64 `json:"bins"`       // the nine inner deciles of the newest value
	Shares    []float64 `json:"shares"`     // of the training rows, in the ten bins
	Missing   float64   `json:"missing"`    // share of the training rows without it
}

// Forecasting is the task of a model that foretells vitals themselves.
const Forecasting = ward.Forecasting

const (
	maxInputs   = 64 // bits of a pattern
	maxFeatures = 4096
	bins        = 10
)

// fiveVitals are the inputs of which at least Metadata.Least must be known.
var fiveVitals = [...]string{"hr", "rr", "spo2", "bp", "temp"}

// ParseMetadata reads a model's metadata and refuses what is incomplete or contradicts itself.
func ParseMetadata(raw []byte) (*Metadata, error) {
	m := new(Metadata)
	if err := json.Unmarshal(raw, m); err != nil {
		return nil, fmt.Errorf("metadata is no JSON of the right form: %w", err)
	}
	if err := errors.Join(m.checkHead(), m.checkInputs(), m.checkTraining()); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Metadata) checkHead() error {
	var errs []error
	for name, text := range map[string]string{
		"id": m.ID, "version": m.Version, "trained_at": m.TrainedAt, "spec": m.Spec,
		"spec_sha256": m.SpecSHA256, "data_sha256": m.DataSHA256,
	} {
		if strings.TrimSpace(text) == "" {
			errs = append(errs, fmt.Errorf("metadata lacks %q", name))
		}
	}
	if m.Task != Forecasting && !slices.Contains(ward.Tasks, m.Task) {
		errs = append(errs, fmt.Errorf("metadata: task %q is unknown: use one of %v or %q", m.Task, ward.Tasks, Forecasting))
	}
	if m.Task != Forecasting && !(m.Threshold > 0 && m.Threshold < 1) {
		errs = append(errs, fmt.Errorf("metadata: threshold %v must lie between 0 and 1", m.Threshold))
	}
	return errors.Join(errs...)
}

func (m *Metadata) checkInputs() error {
	n := len(m.Features)
	switch {
	case n == 0 || n > maxFeatures:
		return fmt.Errorf("metadata names %d features: give 1 to %d", n, maxFeatures)
	case len(m.Inputs) == 0 || len(m.Inputs) > maxInputs:
		return fmt.Errorf("metadata names %d inputs: give 1 to %d", len(m.Inputs), maxInputs)
	case len(m.Reference) != n:
		return fmt.Errorf("metadata has %d reference values for %d features", len(m.Reference), n)
	}
	owner := make([]string, n)
	seen := map[string]bool{}
	for i := range m.Inputs {
		in := &m.Inputs[i]
		if in.Input == "" || seen[in.Input] {
			return fmt.Errorf("metadata: input %d has the name %q: each needs one of its own", i, in.Input)
		}
		seen[in.Input] = true
		if err := in.check(owner); err != nil {
			return fmt.Errorf("metadata: input %q: %w", in.Input, err)
		}
	}
	if at := slices.Index(owner, ""); at >= 0 {
		return fmt.Errorf("metadata: feature %q belongs to no input", m.Features[at])
	}
	return nil
}

// check looks at one input and enters it as the owner of its features.
func (in *Input) check(owner []string) error {
	if len(in.Features) == 0 {
		return errors.New("has no features")
	}
	for _, f := range in.Features {
		if f < 0 || f >= len(owner) {
			return fmt.Errorf("names feature %d of %d", f, len(owner))
		}
		if owner[f] != "" {
			return fmt.Errorf("names feature %d, which %q has already", f, owner[f])
		}
		owner[f] = in.Input
	}
	switch {
	case in.Signal == "":
		return errors.New("has no signal")
	case in.Min == nil || in.Max == nil || in.Low == nil || in.High == nil:
		return errors.New("needs min, max, low and high")
	case *in.Min > *in.Low || *in.Low > *in.High || *in.High > *in.Max:
		return errors.New("min, low, high and max must rise")
	case (in.SlopeLow == nil) != (in.SlopeHigh == nil) || in.SlopeLow != nil && *in.SlopeLow > *in.SlopeHigh:
		return errors.New("slope_low and slope_high go together and must rise")
	case in.Missing < 0 || in.Missing > 1:
		return errors.New("missing must be a share")
	}
	return in.checkBins()
}

func (in *Input) checkBins() error {
	if len(in.Bins) != bins-1 || !slices.IsSorted(in.Bins) {
		return fmt.Errorf("bins must be %d rising edges", bins-1)
	}
	sum := 0.0
	for _, s := range in.Shares {
		if s < 0 {
			return errors.New("a share is below 0")
		}
		sum += s
	}
	if len(in.Shares) != bins || math.Abs(sum-1) > 1e-3 {
		return fmt.Errorf("shares must be %d that add up to 1", bins)
	}
	return nil
}

func (m *Metadata) checkTraining() error {
	var errs []error
	if len(m.Patterns) == 0 {
		errs = append(errs, errors.New("metadata lacks \"patterns\""))
	}
	for _, p := range m.Patterns {
		if len(m.Inputs) < maxInputs && p>>len(m.Inputs) != 0 {
			errs = append(errs, fmt.Errorf("metadata: pattern %d speaks of more than the %d inputs", p, len(m.Inputs)))
			break
		}
	}
	if m.Least < 1 || m.Least > len(fiveVitals) {
		errs = append(errs, fmt.Errorf("metadata: least is %d: give 1 to %d", m.Least, len(fiveVitals)))
	}
	return errors.Join(errs...)
}
