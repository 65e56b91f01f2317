package course

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Plan computes some features in their order, immutable. Make it once for a model with
// Spec.Compile, and use it from as many goroutines as wanted.
type Plan struct {
	size  int
	age   []int // where the age goes
	male  []int
	labs  []labPart
	runs  []run
	reads []int8 // inputs that the runs read
}

// run computes all features of one signal in one pass over the hours.
type run struct {
	signal signal
	kept   int    // its place among the kept signals; none: it is not kept
	parts  []part // by hours; those over all hours last
}

// Compile makes the plan for the features of these names; what the names mean is told where
// features.json is read in training. An error names each that the specification does not know.
func (s *Spec) Compile(names []string) (*Plan, error) {
	p := &Plan{size: len(names)}
	places := map[string]int{}
	var errs []error
	for i, name := range names {
		if err := p.add(s, places, i, name); err != nil {
			errs = append(errs, fmt.Errorf("feature %q: %w", name, err))
		}
	}
	if len(errs) != 0 {
		return nil, errors.Join(errs...)
	}
	for i := range p.runs {
		p.runs[i].arrange()
		p.read(p.runs[i].signal.a)
		p.read(p.runs[i].signal.b)
	}
	return p, nil
}

func (p *Plan) add(s *Spec, places map[string]int, out int, name string) error {
	words := strings.Split(name, ".")
	switch {
	case name == nameAge:
		p.age = append(p.age, out)
		return nil
	case name == nameMale:
		p.male = append(p.male, out)
		return nil
	case words[0] == nameLab:
		l, err := s.parseLab(out, words[1:])
		p.labs = append(p.labs, l)
		return err
	}
	of, ok := s.signals[words[0]]
	if !ok {
		return fmt.Errorf("no signal %q in the specification", words[0])
	}
	part, err := parsePart(out, words[1:])
	if err != nil {
		return err
	}
	at, ok := places[words[0]]
	if !ok {
		at = len(p.runs)
		places[words[0]] = at
		p.runs = append(p.runs, run{signal: of, kept: slices.Index(kept[:], of)})
	}
	r := &p.runs[at]
	if part.hours == 0 && r.kept == none {
		return errors.New("this program keeps no statistics of such a signal over all hours")
	}
	r.parts = append(r.parts, part)
	return nil
}

// arrange sorts the parts as a pass backward in time comes to them.
func (r *run) arrange() {
	ends := func(p part) int {
		if p.hours == 0 {
			return hours + 1
		}
		return p.hours
	}
	slices.SortStableFunc(r.parts, func(a, b part) int { return ends(a) - ends(b) })
}

func (p *Plan) read(input int8) {
	if input != none && !slices.Contains(p.reads, input) {
		p.reads = append(p.reads, input)
	}
}

// Len is how many features the plan computes.
func (p *Plan) Len() int { return p.size }
