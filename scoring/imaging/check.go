package imaging

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"regexp"
	"slices"
	"strings"

	"wardwatch/ward"
)

var (
	idShape   = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]{0,63}$`)
	hashShape = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)
)

// sides are the lateralities that a manifest may give.
var sides = []string{"", ward.LateralityLeft, ward.LateralityRight, ward.LateralityBoth}

func (m *Manifest) check() error {
	switch {
	case !idShape.MatchString(m.ID):
		return fmt.Errorf("id is %q: give small letters, digits, _ . and -, at most 64, beginning with a letter or digit", m.ID)
	case strings.TrimSpace(m.Version) == "":
		return errors.New(`version is empty: name this version of the model, for example "1"`)
	case strings.TrimSpace(m.Licence) == "":
		return errors.New(`licence is empty: say under what terms the model may be used, for example "CC BY 4.0" or "own work"`)
	}
	if err := checkFile(m.File, m.SHA256); err != nil {
		return err
	}
	if err := m.Input.Check(); err != nil {
		return err
	}
	if err := m.Output.check(); err != nil {
		return err
	}
	if err := m.checkFindings(); err != nil {
		return err
	}
	if err := m.Population.check(); err != nil {
		return err
	}
	if m.Picture.Own != nil {
		if err := m.Picture.Own.check(); err != nil {
			return fmt.Errorf("picture: %w", err)
		}
	}
	return nil
}

func checkFile(name, hash string) error {
	if !fs.ValidPath(name) || name == "." || name == ManifestName {
		return fmt.Errorf("file is %q: give the name of the ONNX file in the model's directory", name)
	}
	if !hashShape.MatchString(hash) {
		return fmt.Errorf("sha256 is %q: give the file's SHA-256 as 64 hex digits (sha256sum %s)", hash, name)
	}
	return nil
}

func (o *Output) check() error {
	if o.Name == "" {
		return errors.New("output.name is empty: give the name of the ONNX model's output")
	}
	if o.Kind != Logit && o.Kind != Probability {
		return fmt.Errorf("output.kind is %q: give logit or probability", o.Kind)
	}
	return nil
}

func (m *Manifest) checkFindings() error {
	if len(m.Findings) == 0 {
		return errors.New("findings is empty: say what the model's outputs mean")
	}
	for i := range m.Findings {
		f := &m.Findings[i]
		if err := f.check(); err != nil {
			return fmt.Errorf("findings, number %d: %w", i+1, err)
		}
		for _, other := range m.Findings[:i] {
			if other.System == f.System && other.Code == f.Code && other.Laterality == f.Laterality {
				return fmt.Errorf("findings, number %d: the code %s of that side is there twice: leave one", i+1, f.Code)
			}
		}
	}
	return nil
}

func (f *Outcome) check() error {
	switch {
	case f.Output < 0:
		return fmt.Errorf("output is %d: count from 0", f.Output)
	case f.Label == "" || f.System == "" || f.Code == "":
		return fmt.Errorf("label, system and code: give all three, for example \"pneumonia\", %q, \"233604007\"", ward.SystemSNOMED)
	case !slices.Contains(sides, f.Laterality):
		return fmt.Errorf("laterality is %q: give left, right, bilateral, or leave it out", f.Laterality)
	case !(f.Threshold > 0 && f.Threshold < 1):
		return fmt.Errorf("threshold is %v: give a score over 0 and under 1", f.Threshold)
	case f.Calibrated && f.Calibration == nil:
		return errors.New(`calibrated is true without a calibration: give its slope and intercept, {"slope":1,"intercept":0} where the model needs no correction`)
	case f.Calibration != nil && !(f.Calibration.Slope > 0 && finite(f.Calibration.Slope) && finite(f.Calibration.Intercept)):
		return fmt.Errorf("calibration has slope %v and intercept %v: give a slope over 0 and a number", f.Calibration.Slope, f.Calibration.Intercept)
	}
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func (p *Population) check() error {
	if p.Region == "" || p.Region != strings.ToLower(p.Region) {
		return fmt.Errorf("population.region is %q: name the part of the body in small letters, for example \"chest\"", p.Region)
	}
	from, to := p.ages()
	if !(from >= 0 && from < to) {
		return fmt.Errorf("population: age_from %v and age_to %v: give years, the lower first, or leave one open", from, to)
	}
	for _, list := range [][]string{p.Modalities, p.BodyParts, p.Views, p.Species} {
		if slices.ContainsFunc(list, func(s string) bool { return len(words(s)) == 0 }) {
			return errors.New("population: a list has an empty entry: take it out")
		}
	}
	return nil
}

func (g *GateFile) check() error {
	if err := checkFile(g.File, g.SHA256); err != nil {
		return err
	}
	if err := g.Input.Check(); err != nil {
		return err
	}
	if err := g.Output.check(); err != nil {
		return err
	}
	switch {
	case g.Output.Kind == Probability && !(g.Threshold > 0 && g.Threshold < 1):
		return fmt.Errorf("threshold is %v: give a probability over 0 and under 1", g.Threshold)
	case g.MinSide < 0:
		return fmt.Errorf("min_side is %d: give pixels, or leave it out", g.MinSide)
	case g.MinAspect < 0 || g.MaxAspect < 0 || g.MaxAspect != 0 && g.MaxAspect < g.MinAspect:
		return fmt.Errorf("min_aspect is %v, max_aspect %v: give width over height, the lower first, or leave them out", g.MinAspect, g.MaxAspect)
	}
	return nil
}
