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
	age    ward.FindingAge
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

// sort keeps the findings of this person that count.
func (t *Table) sort(in *Input) []seen {
	var out []seen
	for i, s := range t.Standings(in.Stay, in.Findings, in.At) {
		if s.Withdrawn != ward.NotWithdrawn || s.Kind == "" || s.Age == ward.AgePast {
			continue
		}
		f := &in.Findings[i]
		out = append(out, seen{
			kind: t.kinds[plain(f.Code)], sides: sidesOf(f.Laterality), age: s.Age, unread: s.Unread,
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

// band is what a row raises by a finding: less while it fades, nothing once it is context.
func (t *Table) band(r *row, s *seen) ward.Band {
	band := r.band
	if s.unread {
		band = r.unread
	}
	switch s.age {
	case ward.AgeFresh:
		return band
	case ward.AgeFading:
		return milder(band, t.fadingSteps)
	}
	return ward.Low
}

// milder is a band some steps down, over unknown, which is no step of concern.
func milder(b ward.Band, steps int) ward.Band {
	for range steps {
		switch b {
		case ward.High, ward.Medium:
			b--
		default:
			return ward.Low
		}
	}
	return b
}

// finding is a row that rests on one kind of finding alone: the finding that gives it the highest
// band, then the newest. What it shows never hides that others wait to be read.
func (k *look) finding(r *row, out ward.RespiratoryRow) (ward.RespiratoryRow, bool) {
	found := false
	for i := range k.seen {
		s := &k.seen[i]
		if s.kind.name != r.needs.kind {
			continue
		}
		band := k.t.band(r, s)
		if s.unread && band > ward.Low {
			out.Waiting++
		}
		if found && (band < out.Band || band == out.Band && !s.at.After(out.At)) {
			continue
		}
		found = true
		out.Band, out.Number, out.Limit, out.At = band, s.score, k.t.leastScore, s.at
		out.Finding, out.Unread, out.Age = s.id, s.unread, s.age
	}
	return out, found
}

// both finds evidence of a kind that is no mere context: for opacities of both lungs one finding of
// both sides, or one of each side in the same study. What raises most goes first, then the newest. waiting is
// how many of them nobody has read.
func (k *look) both(r *row) (best seen, waiting int, ok bool) {
	last := "" // id of the last that was counted: one may make several pairs
	take := func(s seen, unread bool) {
		if unread && s.id != last && k.t.band(r, &s) > ward.Low {
			waiting, last = waiting+1, s.id
		}
		a, b := k.t.band(r, &s), k.t.band(r, &best)
		if !ok || a > b || a == b && s.at.After(best.at) {
			best, ok = s, true
		}
	}
	for i := range k.seen {
		a := k.seen[i]
		switch {
		case a.age == ward.AgeContext:
		case r.needs.kind != bilateral:
			if a.kind.name == r.needs.kind {
				take(a, a.unread)
			}
		case !a.kind.opacity:
		case a.sides == left|right:
			take(a, a.unread)
		default:
			for j := range k.seen {
				b := &k.seen[j]
				if b.age == a.age && b.kind.opacity && a.study != "" && a.study == b.study && a.sides|b.sides == left|right {
					pair := a
					pair.unread = a.unread || b.unread
					take(pair, a.unread)
				}
			}
		}
	}
	return best, waiting, ok
}
