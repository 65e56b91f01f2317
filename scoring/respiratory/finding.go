package respiratory

import (
	"strings"
	"time"

	"wardwatch/ward"
)

// bilateral names what needs opacities of both lungs.
const bilateral = "bilateral_opacities"

// ahead is how far a finding's time may lie in the future before it cannot be right: what clocks are
// allowed to differ by.
const ahead = 5 * time.Minute

// kind is what a finding's code stands for.
type kind struct {
	name    string
	opacity bool // counts for opacities of both lungs
}

// seen is a finding that counts for something.
type seen struct {
	kind   kind
	sides  sides
	fresh  bool // otherwise it is context, and raises nothing
	unread bool
	id     string
	study  string
	score  float64
	at     time.Time
}

// sides are the lungs that a finding is of.
type sides uint8

const (
	left sides = 1 << iota
	right
)

// sort keeps the findings of this person that count: known by the table, not rejected, acquired
// within the table's hours. One without a time, or with one to come, is context: its age is not known.
// What nobody has read counts from the least score on, what a clinician confirmed at any.
func (t *Table) sort(in *Input) []seen {
	var out []seen
	for i := range in.Findings {
		f := &in.Findings[i]
		kind, ok := t.kinds[plain(f.Code)]
		unread := f.Confirmed != ward.Confirmed
		if !ok || f.Stay == "" || f.Stay != in.Stay || f.Confirmed == ward.Rejected || unread && f.Score < t.leastScore {
			continue
		}
		age := in.At.Sub(f.Acquired)
		known := !f.Acquired.IsZero() && age >= -ahead
		if known && age > t.context {
			continue
		}
		out = append(out, seen{
			kind: kind, sides: sidesOf(f.Laterality), fresh: known && age <= t.fresh, unread: unread,
			id: f.ID, study: f.StudyUID, score: f.Score, at: f.Acquired,
		})
	}
	return out
}

// sidesOf reads a laterality: a word, a DICOM letter or a SNOMED CT code.
func sidesOf(laterality string) sides {
	switch plain(laterality) {
	case "bilateral", "both", "b", "51440002":
		return left | right
	case "left", "l", "7771000":
		return left
	case "right", "r", "24028007":
		return right
	}
	return 0
}

// plain is a code as the table's names are compared: small letters, words apart by one space.
func plain(code string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(code), func(r rune) bool {
		return r == ' ' || r == '_' || r == '-'
	}), " ")
}

// finding is a row that rests on one kind of finding alone: the finding that gives it the highest
// band, then the newest. What is no longer fresh stays as context.
func (k *look) finding(r *row, out ward.RespiratoryRow) (ward.RespiratoryRow, bool) {
	found := false
	for i := range k.seen {
		s := &k.seen[i]
		if s.kind.name != r.needs.kind {
			continue
		}
		band := r.band
		switch {
		case !s.fresh:
			band = ward.Low
		case s.unread:
			band = r.unread
		}
		if found && (band < out.Band || band == out.Band && !s.at.After(out.At)) {
			continue
		}
		found = true
		out.Band, out.Number, out.Limit, out.At = band, s.score, k.t.leastScore, s.at
		out.Finding, out.Unread = s.id, s.unread
	}
	return out, found
}

// both finds fresh evidence of a kind: for opacities of both lungs one finding of both sides, or one
// of each side in the same study. Confirmed evidence goes before unread, then the newest.
func (k *look) both(need string) (best seen, ok bool) {
	take := func(s seen) {
		if !ok || best.unread && !s.unread || best.unread == s.unread && s.at.After(best.at) {
			best, ok = s, true
		}
	}
	for i := range k.seen {
		a := k.seen[i]
		switch {
		case !a.fresh:
		case need != bilateral:
			if a.kind.name == need {
				take(a)
			}
		case !a.kind.opacity:
		case a.sides == left|right:
			take(a)
		default:
			for j := range k.seen {
				b := &k.seen[j]
				if b.fresh && b.kind.opacity && a.study != "" && a.study == b.study && a.sides|b.sides == left|right {
					pair := a
					pair.unread = a.unread || b.unread
					take(pair)
				}
			}
		}
	}
	return best, ok
}
