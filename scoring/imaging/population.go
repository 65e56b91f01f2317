package imaging

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"wardwatch/ward"
)

// ages is the range of years, the upper end exclusive.
func (p *Population) ages() (from, to float64) {
	to = math.Inf(1)
	if p.AgeFrom != nil {
		from = *p.AgeFrom
	}
	if p.AgeTo != nil {
		to = *p.AgeTo
	}
	return from, to
}

// judge compares what the file says with what the model was made for. What is known and outside is
// refused; what is not known is a warning.
func (p *Population) judge(f *ward.ImageFacts) (warnings []string, refused *Refusal) {
	for _, rule := range []func(*ward.ImageFacts) (string, *Refusal){p.species, p.modality, p.bodyPart, p.view, p.age} {
		warning, refused := rule(f)
		if refused != nil {
			return nil, refused
		}
		if warning != "" {
			warnings = append(warnings, warning)
		}
	}
	return warnings, nil
}

func (p *Population) species(f *ward.ImageFacts) (string, *Refusal) {
	if f.Species == "" {
		return "", nil // hospitals of people do not say it
	}
	accepted := p.Species
	if len(accepted) == 0 {
		accepted = []string{human}
	}
	said := words(f.Species)
	for _, a := range accepted {
		if contains(said, a) || strings.EqualFold(a, human) && slices.ContainsFunc(humanWords, func(w string) bool { return contains(said, w) }) {
			return "", nil
		}
	}
	return "", refuse(ward.RefusedSpecies, "the picture is of another species (%s); accepted: %s", short(f.Species), list(accepted))
}

const human = "human"

// humanWords are the other ways to say it: the scientific name, and its codes in SNOMED CT and SRT
// (DICOM PS3.16 CID 7454).
var humanWords = []string{"homo sapiens", "337915000", "L-85B00"}

func (p *Population) modality(f *ward.ImageFacts) (string, *Refusal) {
	switch {
	case len(p.Modalities) == 0:
		return "", nil
	case f.Modality == "":
		return ward.WarnModalityUnknown, nil
	case !oneOf(f.Modality, p.Modalities):
		return "", refuse(ward.RefusedModality, "the picture is of modality %s; accepted: %s", short(f.Modality), list(p.Modalities))
	}
	return "", nil
}

func (p *Population) bodyPart(f *ward.ImageFacts) (string, *Refusal) {
	switch {
	case len(p.BodyParts) == 0:
		return "", nil
	case len(words(f.BodyPart)) == 0:
		return ward.WarnRegionUnknown, nil
	case !oneOf(f.BodyPart, p.BodyParts):
		return "", refuse(ward.RefusedRegion, "the picture shows %s; accepted: %s", short(f.BodyPart), list(p.BodyParts))
	}
	return "", nil
}

// view goes by the file's own code. Where there is none, a description that says another view and no
// accepted one is believed, and one that says an accepted view is not: it is often the order's text.
func (p *Population) view(f *ward.ImageFacts) (string, *Refusal) {
	switch {
	case len(p.Views) == 0:
		return "", nil
	case len(words(f.View)) > 0:
		if !oneOf(f.View, p.Views) {
			return "", refuse(ward.RefusedView, "the view is %s; accepted: %s", short(f.View), list(p.Views))
		}
		return "", nil
	case !oneOf(f.ViewText, p.Views) && oneOf(f.ViewText, otherViews):
		return "", refuse(ward.RefusedView, "its description says another view; accepted: %s", list(p.Views))
	}
	return ward.WarnViewUnknown, nil
}

// otherViews are words for views that are not frontal (DICOM (0018,5101) and common words).
var otherViews = []string{
	"lateral", "lat", "LL", "RL", "LLD", "RLD", "oblique", "obl", "LAO", "RAO", "LPO", "RPO", "LLO", "RLO",
	"axial", "tangential", "apical", "nghiêng", "nghieng", "chếch", "chech",
}

func (p *Population) age(f *ward.ImageFacts) (string, *Refusal) {
	if p.AgeFrom == nil && p.AgeTo == nil {
		return "", nil
	}
	if !f.HasAge {
		return ward.WarnAgeUnknown, nil
	}
	from, to := p.ages()
	if !(f.AgeYears >= from && f.AgeYears < to) {
		return "", refuse(ward.RefusedPerson, "the person is outside the ages that the model was made for; accepted: %s", span(from, to))
	}
	return "", nil
}

func span(from, to float64) string {
	if math.IsInf(to, 1) {
		return fmt.Sprintf("from %g years", from)
	}
	return fmt.Sprintf("from %g to under %g years", from, to)
}

// oneOf reports whether a text has one of the names in it, whole and in any case: "CHEST PA" has
// "chest", "CHESTABDPELVIS" has not.
func oneOf(text string, names []string) bool {
	said := words(text)
	return slices.ContainsFunc(names, func(name string) bool { return contains(said, name) })
}

func contains(said []string, name string) bool {
	want := words(name)
	for i := range said {
		if len(said)-i >= len(want) && slices.Equal(said[i:i+len(want)], want) {
			return true
		}
	}
	return false
}

func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func list(names []string) string { return strings.Join(names, ", ") }

// short keeps what a file says of itself from filling a line: it is a code's length or it is none.
func short(text string) string {
	const most = 32
	r := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text))
	if len(r) > most {
		return string(r[:most]) + "…"
	}
	return string(r)
}
