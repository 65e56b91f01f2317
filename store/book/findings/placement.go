package findings

import (
	"slices"
	"strings"

	"wardwatch/ward"
)

// placement is whose a study is, or why nobody knows.
type placement struct {
	state   state
	stay    ward.StayID
	why     ward.Unmatched
	held    bool          // only a person may say whose it is
	by      ward.PersonID // who placed or dismissed it; empty: the matching rule
	guesses []ward.StayID
}

// state is where a study stands on its way to a person.
type state string

const (
	placed    state = "placed"
	waiting   state = "waiting"
	dismissed state = "dismissed" // a person says that it is nobody's here
)

// verdict is what the matching rule says of one delivery of a study.
type verdict struct {
	stay    ward.StayID
	why     ward.Unmatched
	guesses []ward.StayID
}

// first is the placement of a study that was not known before.
func (v verdict) first() placement {
	if v.stay != "" {
		return placement{state: placed, stay: v.stay}
	}
	return placement{state: waiting, why: v.why, guesses: v.guesses}
}

// next is the placement of a study once one more delivery of it has come. What was certain, or a
// person's word, stands as long as nothing new speaks against it; otherwise the study waits for a
// person, and nobody has it meanwhile.
func (p placement) next(had, says ward.Claim, v verdict) placement {
	news := saysMore(had, says)
	switch p.state {
	case placed:
		switch {
		case v.stay == p.stay:
			return p
		case p.by != "" && !news:
			return p
		case p.by == "" && v.stay == "" && silent(v.why) && !contradicts(had, says):
			return p
		}
		return doubt(v, p.stay)
	case dismissed:
		if !news && v.stay == "" {
			return p
		}
		return doubt(v, "")
	}
	switch {
	case p.held:
		return p
	case contradicts(had, says):
		return doubt(v, "")
	}
	return v.first()
}

// doubt is the placement of a study of which two things were said that cannot both be true.
func doubt(v verdict, had ward.StayID) placement {
	p := placement{state: waiting, why: v.why, held: true}
	if p.why == ward.Matched {
		p.why = ward.UnmatchedAccession
	}
	for _, id := range append([]ward.StayID{had, v.stay}, v.guesses...) {
		if id != "" && !slices.Contains(p.guesses, id) {
			p.guesses = append(p.guesses, id)
		}
	}
	return p
}

// silent reports whether a reason says only that the delivery tells too little, not that it tells of
// somebody else.
func silent(why ward.Unmatched) bool {
	switch why {
	case ward.UnmatchedNoID, ward.UnmatchedNoTime, ward.UnmatchedTime, ward.UnmatchedSeveral, ward.UnmatchedOneMark:
		return true
	}
	return false
}

// marks are what a claim says of the person, as texts that can be compared; an empty one was not said.
func marks(of ward.Claim) [4]string {
	return [...]string{of.HospitalID, day(of.BirthDate), string(of.Sex), strings.ToLower(strings.Join(strings.Fields(of.Name), " "))}
}

// saysMore reports whether a claim says anything of the person that is not known already.
func saysMore(had, says ward.Claim) bool {
	a, b := marks(had), marks(says)
	for i := range b {
		if b[i] != "" && a[i] != b[i] {
			return true
		}
	}
	return false
}

// contradicts reports whether two claims cannot be of one person.
func contradicts(had, says ward.Claim) bool {
	a, b := marks(had), marks(says)
	for i := range b {
		if a[i] != "" && b[i] != "" && a[i] != b[i] {
			return true
		}
	}
	return false
}
