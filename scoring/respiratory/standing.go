package respiratory

import (
	"time"

	"wardwatch/ward"
)

// Standings is what each of a person's findings counts for at one moment, in their order.
//
// A finding is withdrawn by a person who says that it is not there: a clinician who rejects it, or a
// radiologist who does not see it in the study. One that no person has confirmed is withdrawn by any
// newer study of the same region in which its own model, or anything that knows its kind, has spoken: what the newer
// study shows stands in its place. One that a person has confirmed is withdrawn only by a newer study that a
// person has read, for a model may raise concern and never lower it.
func (t *Table) Standings(stay ward.StayID, findings []ward.Finding, at time.Time) []ward.Standing {
	out := make([]ward.Standing, len(findings))
	for i := range findings {
		f := &findings[i]
		word := t.word(f, findings)
		out[i] = ward.Standing{
			Finding: f.ID, Kind: t.kinds[plain(f.Code)].name, Age: t.age(f.Acquired, at),
			Unread: word == unspoken, Withdrawn: t.withdrawn(stay, f, findings, word, at),
		}
	}
	return out
}

// age: a finding without a time, or with one to come, is context: its age is not known.
func (t *Table) age(acquired, at time.Time) ward.FindingAge {
	age := at.Sub(acquired)
	switch {
	case acquired.IsZero() || age < -ahead:
		return ward.AgeContext
	case age <= t.fresh:
		return ward.AgeFresh
	case age <= t.fading:
		return ward.AgeFading
	case age <= t.context:
		return ward.AgeContext
	}
	return ward.AgePast
}

// word is what people have said of a finding.
type word uint8

const (
	unspoken word = iota
	agreed
	denied   // by a clinician
	unseen   // by the radiologist who read the study
	personal // it is itself a person's
)

// word is the newest of the clinician's and the radiologist's.
func (t *Table) word(f *ward.Finding, all []ward.Finding) word {
	said, when := unspoken, time.Time{}
	switch {
	case f.Confirmed == ward.Confirmed:
		said, when = agreed, f.ConfirmedAt
	case f.Confirmed == ward.Rejected:
		said, when = denied, f.ConfirmedAt
	case f.ByPerson:
		return personal
	}
	if f.ByPerson {
		return said
	}
	for i := range all {
		r := &all[i]
		if !r.ByPerson || r.StudyUID == "" || r.StudyUID != f.StudyUID || !t.sameKind(r, f) || said != unspoken && !r.Produced.After(when) {
			continue
		}
		said, when = unseen, r.Produced
		if r.Present(t.leastScore) {
			said = agreed
		}
	}
	return said
}

func (t *Table) sameKind(a, b *ward.Finding) bool {
	x, y := t.kinds[plain(a.Code)].name, t.kinds[plain(b.Code)].name
	return x == y && (x != "" || plain(a.Code) == plain(b.Code))
}

func (t *Table) withdrawn(stay ward.StayID, f *ward.Finding, all []ward.Finding, said word, at time.Time) ward.Withdrawal {
	switch {
	case f.Stay == "" || f.Stay != stay:
		return ward.WithdrawnSomeone
	case said == denied:
		return ward.WithdrawnReject
	case said == unseen:
		return ward.WithdrawnRead
	case said != agreed && !f.Present(t.leastScore):
		return ward.WithdrawnAbsent
	}
	for i := range all {
		if n := &all[i]; n.Stay == stay && newer(n, f, at) && t.overrules(n, f, said) {
			return ward.WithdrawnNewer
		}
	}
	return ward.NotWithdrawn
}

// newer is whether n is of a newer study of the same region, whose time can be right.
func newer(n, f *ward.Finding, at time.Time) bool {
	return n.Region != "" && n.Region == f.Region && n.StudyUID != "" && n.StudyUID != f.StudyUID &&
		!f.Acquired.IsZero() && n.Acquired.After(f.Acquired) && n.Acquired.Sub(at) <= ahead
}

// overrules is whether what was said of a newer study speaks of what f says.
func (t *Table) overrules(n, f *ward.Finding, said word) bool {
	byPerson := n.ByPerson || n.Confirmed != ward.Unread && t.sameKind(n, f)
	if said != unspoken {
		return byPerson
	}
	return byPerson || n.Source == f.Source && n.Model == f.Model || t.sameKind(n, f)
}
