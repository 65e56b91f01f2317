package duty

import (
	"slices"
	"sync/atomic"
	"time"

	"wardwatch/ward"
)

// LongestAssignment is how long an assignment counts on a ward whose roster is not kept: nobody's
// shift is longer, and whoever was assigned before has gone home. Our proposal, for local clinicians
// to sign.
const LongestAssignment = 16 * time.Hour

// Resolve says who answers for a duty of a patient at a place and a moment. The first of these that
// finds somebody counts; whoever may not sign in or does not work on the ward is never found:
//
//  1. the stay's own nurse or doctor, when the roster has them on duty there, in whatever role, or has
//     nobody in that role and they were assigned at most LongestAssignment ago;
//  2. everybody whom the roster has on duty in the role, on the ward or for the whole hospital;
//  3. the ward's default, or the hospital's for wards without one;
//  4. everybody who has the duty;
//  5. nobody.
//
// The zero stay is nobody's; an empty ward (a technical alert of the whole system) is everybody's.
func Resolve(role ward.Role, stay ward.Stay, place ward.Place, at time.Time, r *Roster) ward.OnDuty {
	w := place.Ward
	named := r.named(role, w, at)
	if own := r.own(role, &stay, w, at, named); own != "" {
		return ward.OnDuty{Role: role, How: ward.HeldByAssignment, People: []ward.PersonID{own}}
	}
	d := ward.OnDuty{Role: role, How: ward.HeldByRoster, People: named}
	if len(d.People) == 0 {
		d.How, d.People = ward.HeldByDefault, r.byDefault(role, w)
	}
	if len(d.People) == 0 {
		d.How, d.People = ward.HeldByAll, r.those(r.holders[role], w)
	}
	if len(d.People) == 0 {
		d.How = ward.HeldByNobody
	}
	slices.Sort(d.People)
	d.People = slices.Compact(d.People)
	return d
}

// own is the stay's nurse or doctor, when they are still on duty.
func (r *Roster) own(role ward.Role, s *ward.Stay, w ward.WardID, at time.Time, named []ward.PersonID) ward.PersonID {
	var id ward.PersonID
	var since time.Time
	switch role {
	case ward.RoleNurse:
		id, since = s.Nurse, s.NurseSince
	case ward.RoleDoctor:
		id, since = s.Doctor, s.DoctorSince
	}
	switch {
	case id == "" || !r.may(id, w):
		return ""
	case slices.Contains(named, id), r.onDuty(id, w, at):
		return id
	case len(named) == 0 && !since.IsZero() && at.Sub(since).Abs() <= LongestAssignment:
		return id
	}
	return ""
}

func (r *Roster) byDefault(role ward.Role, w ward.WardID) []ward.PersonID {
	if who := r.those(r.defaults[post{role, w}], w); len(who) > 0 {
		return who
	}
	return r.those(r.defaults[post{role, ""}], w)
}

// Book is where the roster and the stays are looked up, from memory: Roster gives the same pointer as
// long as nothing has changed.
type Book interface {
	Roster() *ward.Roster
	LookUp(ward.StayID) *ward.Stay
}

// Finder is Resolve over a book in use. It is safe for concurrent use, and quick.
type Finder struct {
	book Book
	last atomic.Pointer[sorted]
}

// sorted is a roster of the book, sorted.
type sorted struct {
	of *ward.Roster
	r  *Roster
}

// NewFinder is a finder over a book.
func NewFinder(b Book) *Finder { return &Finder{book: b} }

// OnDuty says who answers for a duty at a place at a moment; stay is empty for nobody in particular.
func (f *Finder) OnDuty(role ward.Role, stay ward.StayID, place ward.Place, at time.Time) ward.OnDuty {
	var s ward.Stay
	if stay != "" {
		if found := f.book.LookUp(stay); found != nil {
			s = *found
		}
	}
	return Resolve(role, s, place, at, f.roster())
}

// roster sorts the book's roster when it is another than last time.
func (f *Finder) roster() *Roster {
	of := f.book.Roster()
	if last := f.last.Load(); last != nil && last.of == of {
		return last.r
	}
	next := &sorted{of: of, r: New(of)}
	f.last.Store(next)
	return next.r
}
