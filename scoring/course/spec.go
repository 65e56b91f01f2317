package course

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"wardwatch/ward"
)

//go:embed features.json
var features []byte

// Spec is a specification of features, immutable.
type Spec struct {
	version  string
	sum      string
	inputs   []Input
	labs     []Lab
	minPulse float64
	signals  map[string]signal
}

// Input is a vital that features are made of.
type Input struct {
	Vital     ward.Vital
	Unit      string
	Low, High float64 // a value is believed from Low to High, both included
}

// Lab is a laboratory value that features are made of.
type Lab struct{ Name, Unit string }

// Default is the specification that is part of the program.
func Default() *Spec { return embedded() }

var embedded = sync.OnceValue(func() *Spec {
	s, err := Parse(features)
	if err != nil {
		panic(err) // the program was built with a broken file
	}
	return s
})

// file is a specification as it is written.
type file struct {
	Version string
	Hours   int
	Inputs  map[string]struct {
		Unit    string
		Believe [2]float64
	}
	PressureOrder struct {
		MinPulse float64 `json:"min_pulse"`
	} `json:"pressure_order"`
	Labs    map[string]struct{ Unit string }
	Signals map[string]struct {
		FirstOf    []string `json:"first_of"`
		Ratio      []string
		Difference []string
	}
}

// Parse reads a specification. Errors say how to mend it, with the line where there is one.
func Parse(raw []byte) (*Spec, error) {
	var f file
	if err := decode(raw, &f); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(raw)
	s := &Spec{version: f.Version, sum: hex.EncodeToString(sum[:]), minPulse: f.PressureOrder.MinPulse}
	if err := errors.Join(f.check(), s.readInputs(&f), s.readLabs(&f), s.readSignals(&f)); err != nil {
		return nil, err
	}
	return s, nil
}

func decode(raw []byte, into *file) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil && d.More() {
		return fmt.Errorf("features: line %d: text after the end: remove it", lineOf(raw, d.InputOffset()))
	}
	if err == nil {
		return nil
	}
	at := d.InputOffset()
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &kind):
		at = kind.Offset
	}
	return fmt.Errorf("features: line %d: %w", lineOf(raw, at), err)
}

func lineOf(raw []byte, offset int64) int {
	return 1 + bytes.Count(raw[:min(offset, int64(len(raw)))], []byte("\n"))
}

func (f *file) check() error {
	var errs []error
	if f.Version == "" {
		errs = append(errs, errors.New(`features: no "version": give one, models name it`))
	}
	if f.Hours != hours {
		errs = append(errs, fmt.Errorf(`features: "hours" is %d: this program keeps %d`, f.Hours, hours))
	}
	if f.PressureOrder.MinPulse < 0 {
		errs = append(errs, errors.New(`features: "min_pulse" is negative: give mmHg, 0 or more`))
	}
	return errors.Join(errs...)
}

func (s *Spec) readInputs(f *file) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(f.Inputs)) {
		in := f.Inputs[name]
		v, ok := ward.VitalNamed(name)
		if !ok || inputOf(v) == none {
			errs = append(errs, fmt.Errorf("features: input %q: this program keeps no such vital; it keeps %v", name, inputs))
			continue
		}
		if low, high := in.Believe[0], in.Believe[1]; !(0 <= low && low < high && high <= largest) {
			errs = append(errs, fmt.Errorf(`features: input %q: "believe" is %v: give [low, high], from 0 to %d`, name, in.Believe, largest))
		}
		s.inputs = append(s.inputs, Input{v, in.Unit, in.Believe[0], in.Believe[1]})
	}
	slices.SortFunc(s.inputs, func(a, b Input) int { return inputOf(a.Vital) - inputOf(b.Vital) })
	return errors.Join(errs...)
}

func (s *Spec) readLabs(f *file) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(f.Labs)) {
		if labOf(name) == none {
			errs = append(errs, fmt.Errorf("features: laboratory value %q: this program keeps none of that name; it keeps %s", name, strings.Join(labs[:], ", ")))
			continue
		}
		s.labs = append(s.labs, Lab{name, f.Labs[name].Unit})
	}
	return errors.Join(errs...)
}

func (s *Spec) readSignals(f *file) error {
	var errs []error
	s.signals = map[string]signal{}
	for _, name := range slices.Sorted(maps.Keys(f.Signals)) {
		rule := f.Signals[name]
		made, of, err := oneRule(rule.FirstOf, rule.Ratio, rule.Difference)
		switch {
		case name == "" || strings.Contains(name, ".") || name == nameAge || name == nameMale || name == nameLab:
			err = errors.New("choose another name: it must not be empty, age, male or lab, nor hold a dot")
		case err == nil:
			s.signals[name], err = s.signalOf(made, of)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("features: signal %q: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

func oneRule(rules ...[]string) (made, []string, error) {
	found := none
	for i, of := range rules {
		if of == nil {
			continue
		}
		if found != none {
			return 0, nil, errors.New("give one of first_of, ratio and difference, not several")
		}
		found = i
	}
	if found == none {
		return 0, nil, errors.New("give first_of, ratio or difference with the inputs that it is made of")
	}
	return made(found), rules[found], nil
}

func (s *Spec) signalOf(made made, of []string) (signal, error) {
	least := 2
	if made == firstOf {
		least = 1
	}
	if len(of) < least || len(of) > 2 {
		return signal{}, fmt.Errorf("made of %d inputs: name two (first_of: one or two)", len(of))
	}
	out := signal{made, none, none}
	for i, place := range []*int8{&out.a, &out.b}[:len(of)] {
		at := slices.IndexFunc(s.inputs, func(in Input) bool { return in.Vital.String() == of[i] })
		if at == none {
			return signal{}, fmt.Errorf(`made of %q, which is not among "inputs"`, of[i])
		}
		*place = int8(inputOf(s.inputs[at].Vital))
	}
	return out, nil
}

// Version is the specification's own.
func (s *Spec) Version() string { return s.version }

// SHA256 is of the file's bytes, in hexadecimal; models name it.
func (s *Spec) SHA256() string { return s.sum }

// Inputs are the vitals that features are made of.
func (s *Spec) Inputs() []Input { return slices.Clone(s.inputs) }

// Labs are the laboratory values that features are made of, by name.
func (s *Spec) Labs() []Lab { return slices.Clone(s.labs) }

// Believes is the range in which training believed each vital. The engine's rules must say the same
// of adults, or models read another course than they were trained on.
func (s *Spec) Believes() map[ward.Vital][2]float64 {
	out := make(map[ward.Vital][2]float64, len(s.inputs))
	for _, in := range s.inputs {
		out[in.Vital] = [2]float64{in.Low, in.High}
	}
	return out
}

// MinPulse is the least pulse pressure that training believed, mmHg.
func (s *Spec) MinPulse() float64 { return s.minPulse }
