package respiratory

import (
	"time"

	"wardwatch/ward"
)

// Standings is what each of a person's findings counts for at one moment, in their order.
//
// A finding is withdrawn by its sender, who takes it back; by a person who says that it is not there: a
// clinician who rejects it, or a radiologist who does not see it on that side in the study. One that no person has confirmed is withdrawn by any
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

// word is the newest of the clinician's and the radiologist's. Of words of one moment, the one that it is
// there holds: a thing on either side is there.
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
		if !r.ByPerson || !r.Retracted.IsZero() || r.Stay != f.Stay || !t.sameThing(r, f) {
			continue
		}
		if same, _ := sameStudy(r, f); !same {
			continue
		}
		says := unseen
		if r.Present(t.leastScore) {
			says = agreed
		}
		if said == unspoken || r.Produced.After(when) || says == agreed && r.Produced.Equal(when) {
			said, when = says, r.Produced
		}
	}
	return said
}

// sameStudy compares two findings' studies by their UIDs, or else by their accession numbers; known is
// false where nothing names both alike.
func sameStudy(a, b *ward.Finding) (same, known bool) {
	switch {
	case a.StudyUID != "" && b.StudyUID != "":
		return a.StudyUID == b.StudyUID, true
	case a.Accession != "" && b.Accession != "":
		return a.Accession == b.Accession, true
	}
	return false, false
}

// sameThing is whether two findings are of one kind, and can be of the same side: one that is not said can
// be either.
func (t *Table) sameThing(a, b *ward.Finding) bool {
	x, y := t.kinds[plain(a.Code)].name, t.kinds[plain(b.Code)].name
	p, q := sidesOf(a.Laterality), sidesOf(b.Laterality)
	return x == y && (x != "" || plain(a.Code) == plain(b.Code)) && (p == 0 || q == 0 || p&q != 0)
}

func (t *Table) withdrawn(stay ward.StayID, f *ward.Finding, all []ward.Finding, said word, at time.Time) ward.Withdrawal {
	switch {
	case !f.Retracted.IsZero():
		return ward.WithdrawnSender
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

// newer is whether n, which stands, is of a newer study of the same region, whose time can be right. What may be
// the same study is none.
func newer(n, f *ward.Finding, at time.Time) bool {
	same, known := sameStudy(n, f)
	return known && !same && n.Retracted.IsZero() && n.Region != "" && n.Region == f.Region &&
		!f.Acquired.IsZero() && n.Acquired.After(f.Acquired) && n.Acquired.Sub(at) <= ahead
}

// overrules is whether what was said of a newer study speaks of what f says.
func (t *Table) overrules(n, f *ward.Finding, said word) bool {
	byPerson := n.ByPerson || n.Confirmed != ward.Unread && t.sameThing(n, f)
	if said != unspoken {
		return byPerson
	}
	return byPerson || n.Source == f.Source && n.Model == f.Model || t.sameThing(n, f)
}
