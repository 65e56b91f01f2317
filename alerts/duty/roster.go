// Package duty says who answers for a duty of a patient at one moment: the pure rule that turns the
// roles of the ladder into people. It holds no time and writes nothing.
package duty

import (
	"slices"
	"time"

	"wardwatch/ward"
)

// Roster is the book's roster, sorted for quick look-up. It is made once and only read.
type Roster struct {
	people   map[ward.PersonID]*ward.Person // who may sign in
	holders  map[ward.Role][]ward.PersonID  // of these, by the duties they have
	shifts   map[post][]ward.Shift          // by their beginning
	longest  time.Duration                  // of any shift
	defaults map[post][]ward.PersonID
}

// post is a duty at a ward; an empty ward is the whole hospital.
type post struct {
	role ward.Role
	ward ward.WardID
}

// New sorts a roster for look-up; nil is one that names nobody. Disabled people are not in it.
func New(from *ward.Roster) *Roster {
	r := &Roster{people: map[ward.PersonID]*ward.Person{}, holders: map[ward.Role][]ward.PersonID{}, shifts: map[post][]ward.Shift{}, defaults: map[post][]ward.PersonID{}}
	if from == nil {
		return r
	}
	for i := range from.People {
		r.addPerson(&from.People[i])
	}
	for _, s := range from.Shifts {
		at := post{s.Role, s.Ward}
		r.shifts[at] = append(r.shifts[at], s)
		r.longest = max(r.longest, s.To.Sub(s.From))
	}
	for _, list := range r.shifts {
		slices.SortFunc(list, func(a, b ward.Shift) int { return a.From.Compare(b.From) })
	}
	for _, d := range from.Defaults {
		r.defaults[post{d.Role, d.Ward}] = d.People
	}
	return r
}

func (r *Roster) addPerson(p *ward.Person) {
	if p.Disabled {
		return
	}
	r.people[p.ID] = p
	for _, role := range roles() {
		if p.Holds(role) {
			r.holders[role] = append(r.holders[role], p.ID)
		}
	}
}

// may says whether a person can be told of a place on the ward: they may sign in, and work there. What
// happens on no ward is everybody's.
func (r *Roster) may(id ward.PersonID, w ward.WardID) bool {
	p := r.people[id]
	return p != nil && (w == "" || p.MayEnter(w))
}

// named lists who the roster names at a moment for a duty on a ward, its own people and the whole
// hospital's, in no order.
func (r *Roster) named(role ward.Role, w ward.WardID, at time.Time) (who []ward.PersonID) {
	who = r.onShift(who, post{role, ""}, w, at)
	if w != "" {
		who = r.onShift(who, post{role, w}, w, at)
	}
	return who
}

// onDuty says whether the roster has a person on the ward, or for the whole hospital, in any duty: a
// nurse in charge may have patients of her own.
func (r *Roster) onDuty(id ward.PersonID, w ward.WardID, at time.Time) bool {
	return slices.ContainsFunc(roles(), func(role ward.Role) bool { return slices.Contains(r.named(role, w, at), id) })
}

func roles() []ward.Role {
	return []ward.Role{ward.RoleNurse, ward.RoleCharge, ward.RoleDoctor, ward.RoleLead, ward.RoleICU, ward.RoleEngineer}
}

// onShift adds who has a shift at a post. A shift holds its beginning, not its end.
func (r *Roster) onShift(who []ward.PersonID, of post, w ward.WardID, at time.Time) []ward.PersonID {
	list := r.shifts[of]
	later, _ := slices.BinarySearchFunc(list, at, func(s ward.Shift, at time.Time) int {
		if s.From.After(at) {
			return 1
		}
		return -1
	})
	for i := later - 1; i >= 0 && at.Sub(list[i].From) < r.longest; i-- {
		if list[i].To.After(at) && r.may(list[i].Person, w) {
			who = append(who, list[i].Person)
		}
	}
	return who
}

// those keeps who can be told of a place on the ward.
func (r *Roster) those(list []ward.PersonID, w ward.WardID) (who []ward.PersonID) {
	for _, id := range list {
		if r.may(id, w) {
			who = append(who, id)
		}
	}
	return who
}
