// Package match decides whose an imaging result is. It is pure. Only a match that nothing speaks against
// is made; everything else waits for a person, with the reason and the stays that come near.
package match

import (
	"slices"
	"strings"
	"time"

	"wardwatch/ward"
)

// Rules of one imaging source.
type Rules struct {
	// SecondMark asks for a birth date or a name that was compared with the stay's and is the same, on top
	// of the patient number.
	SecondMark bool
}

// How far outside a stay a picture may have been taken and still be of it. A picture is often taken in the
// emergency department before the admission is written down, and a discharge is often written down while
// the patient is still in radiology. A proposal for local clinicians to sign.
const (
	Before = 24 * time.Hour
	After  = time.Hour
)

// maxGuesses is how many stays are shown to the person who decides.
const maxGuesses = 5

// Verdict is whose a result is. With a stay, Why is ward.Matched and there are no guesses.
type Verdict struct {
	Stay    ward.StayID
	Why     ward.Unmatched
	Guesses []ward.StayID // the nearest first
}

// Decide says whose a result is. It is certain only when one stay carries the patient number and covers
// the time at which the picture was taken, and birth date, sex, name and what is known of the study and
// the accession do not speak against it. Without a number, the stay to which the study already belongs takes
// its place; the stay of the accession only with a time and a second mark of the person, for some machines
// give every study the same accession. sameStudy says that a stay of c.Bound is there by the study's UID.
func Decide(of ward.Claim, study ward.Study, c ward.Candidates, sameStudy bool, r Rules) Verdict {
	at := of.Acquired
	if at.IsZero() {
		at = study.Acquired
	}
	byAccession := !numbered(of) && !sameStudy
	stay, why := choose(of, at, c)
	if why == ward.Matched && byAccession && at.IsZero() {
		why = ward.UnmatchedNoTime
	}
	if why == ward.Matched {
		why = contradiction(of, stay)
	}
	if why == ward.Matched && (r.SecondMark || byAccession) && !secondMark(of, stay) {
		why = ward.UnmatchedOneMark
	}
	if why != ward.Matched {
		return Verdict{Why: why, Guesses: guesses(c, at)}
	}
	return Verdict{Stay: stay.ID}
}

// choose finds the one stay, by number, binding and time.
func choose(of ward.Claim, at time.Time, c ward.Candidates) (*ward.Stay, ward.Unmatched) {
	bound := distinct(c.Bound)
	among := bound
	if !numbered(of) {
		if len(bound) == 0 {
			return nil, ward.UnmatchedNoID
		}
	} else {
		if strange(bound, c.Stays) {
			return nil, ward.UnmatchedAccession
		}
		if len(c.Stays) == 0 {
			return nil, ward.UnmatchedUnknown
		}
		if len(bound) == 0 {
			among = distinct(c.Stays)
		}
	}
	switch {
	case len(bound) > 1:
		return nil, ward.UnmatchedSeveral
	case at.IsZero() && len(bound) == 0:
		return nil, ward.UnmatchedNoTime
	case at.IsZero(): // the same study as before, whose time was known then
		return &bound[0], ward.Matched
	}
	return covering(among, at)
}

func numbered(of ward.Claim) bool { return strings.TrimSpace(of.HospitalID) != "" }

// strange reports whether the study or the accession belongs to a stay without the patient number.
func strange(bound, stays []ward.Stay) bool {
	return slices.ContainsFunc(bound, func(b ward.Stay) bool {
		return !slices.ContainsFunc(stays, func(s ward.Stay) bool { return s.ID == b.ID })
	})
}

// covering finds the one stay that covers the time. A stay during which the picture was taken goes before
// one that had just ended, and that before one that had not begun.
func covering(stays []ward.Stay, at time.Time) (*ward.Stay, ward.Unmatched) {
	for _, fits := range []func(*ward.Stay, time.Time) bool{during, justAfter, justBefore} {
		var found []*ward.Stay
		for i := range stays {
			if fits(&stays[i], at) {
				found = append(found, &stays[i])
			}
		}
		if len(found) == 1 {
			return found[0], ward.Matched
		}
		if len(found) > 1 {
			return nil, ward.UnmatchedSeveral
		}
	}
	return nil, ward.UnmatchedTime
}

func during(s *ward.Stay, at time.Time) bool {
	return !at.Before(s.Admitted) && (s.Ended.IsZero() || !at.After(s.Ended))
}

func justAfter(s *ward.Stay, at time.Time) bool {
	return !s.Ended.IsZero() && at.After(s.Ended) && !at.After(s.Ended.Add(After))
}

func justBefore(s *ward.Stay, at time.Time) bool {
	return at.Before(s.Admitted) && !at.Before(s.Admitted.Add(-Before))
}

// contradiction is what speaks against the stay. What one side does not say speaks against nothing.
func contradiction(of ward.Claim, s *ward.Stay) ward.Unmatched {
	switch {
	case !of.BirthDate.IsZero() && !s.BirthDate.IsZero() && !sameDay(of.BirthDate, s.BirthDate):
		return ward.UnmatchedBirth
	case binary(of.Sex) && binary(s.Sex) && of.Sex != s.Sex:
		return ward.UnmatchedSex
	case of.Name != "" && stayName(s) != "" && !SameName(of.Name, stayName(s)):
		return ward.UnmatchedName
	}
	return ward.Matched
}

// secondMark reports whether birth date or name were compared; that they agree is known by then.
func secondMark(of ward.Claim, s *ward.Stay) bool {
	return !of.BirthDate.IsZero() && !s.BirthDate.IsZero() || len(words(of.Name)) > 0 && len(words(stayName(s))) > 0
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

func binary(s ward.Sex) bool { return s == ward.Female || s == ward.Male }

func stayName(s *ward.Stay) string { return strings.TrimSpace(s.FamilyName + " " + s.GivenName) }
