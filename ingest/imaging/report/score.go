package report

import (
	"slices"
	"strings"
)

// likelihoodCodes are DICOM's words for how sure a reader is.
var likelihoodCodes = []string{
	"111011", // Certainty of Feature
	"111012", // Certainty of Finding
	"111013", // Certainty of Impression
	"111047", // Probability of cancer
}

// IsLikelihood reports whether a number under this name says how likely the finding it belongs to is.
func (c Code) IsLikelihood() bool {
	if c.System == SystemDICOM && slices.Contains(likelihoodCodes, c.Value) {
		return true
	}
	text := fold(c.Text)
	if strings.Contains(text, "interval") || strings.Contains(text, "ratio") {
		return false
	}
	if text == "score" || text == "abnormality score" || text == "ai score" {
		return true
	}
	return slices.ContainsFunc([]string{"probability", "likelihood", "confidence", "certainty"},
		func(word string) bool { return strings.Contains(text, word) })
}

// Fraction is a number as a part of one, by its UCUM unit: "%" is a hundredth; none, "1" and the
// annotations that name a likelihood stay. ok is false for any other unit: the number is a measurement.
func Fraction(value float64, unit string) (fraction float64, ok bool) {
	switch unit = strings.ToLower(strings.TrimSpace(unit)); unit {
	case "%", "percent":
		return value / 100, true
	case "", "1":
		return value, true
	}
	return value, LikelihoodUnit(unit)
}

// LikelihoodUnit reports whether a unit says of itself that the number is a likelihood.
func LikelihoodUnit(unit string) bool {
	return slices.Contains([]string{"{probability}", "[probability]", "{score}", "{confidence}", "{likelihood}"}, unit)
}

// ValidScore reports whether a score lies from 0 to 1.
func ValidScore(score float64) bool { return score >= 0 && score <= 1 }

// Word is what is said of a finding beside its code: that it is there or not, how likely it is, or both.
type Word struct {
	Said      Said
	Score     float64
	Scored    bool
	Threshold float64 // 0: none is told
}

// Or fills in what a word leaves open.
func (w Word) Or(other Word) Word {
	if w.Said == Unsaid {
		w.Said = other.Said
	}
	if !w.Scored {
		w.Score, w.Scored, w.Threshold = other.Score, other.Scored, other.Threshold
	}
	return w
}

// Claims reports whether a word says anything of being there.
func (w Word) Claims() bool { return w.Scored || w.Said == There || w.Said == NotThere }

// Weigh makes a score and a threshold of a word. Without a number it scores 1 or 0. Beside a number the
// word counts for more: it stands for a threshold that the sender did not tell, somewhere at or under the
// score of what is there, and over that of what is not. ok is false when nothing is said, when a number
// lies outside 0 to 1, or when the word cannot be true of it.
func (w Word) Weigh() (score, threshold float64, ok bool) {
	switch {
	case !w.Claims(), w.Scored && !ValidScore(w.Score), !ValidScore(w.Threshold):
		return 0, 0, false
	case !w.Scored && w.Said == There:
		return 1, 0, true
	case !w.Scored:
		return 0, 0, true
	case w.Said == There && (w.Threshold == 0 || w.Threshold > w.Score):
		return w.Score, w.Score, w.Score > 0
	case w.Said == NotThere && w.Threshold <= w.Score:
		return w.Score, 1, w.Score < 1
	}
	return w.Score, w.Threshold, true
}

// Present is the word of a person as yes or no: what is more likely than not is there.
func (w Word) Present() bool {
	return w.Said == There || w.Said != NotThere && w.Scored && w.Score >= 0.5
}
