package dashboard

import "wardwatch/ward"

// AssignmentBody gives a stay its nurse and doctor of this shift: an id, or empty for nobody. What is
// left out stays as it is.
type AssignmentBody struct {
	Nurse  *string `json:"nurse,omitempty"`
	Doctor *string `json:"doctor,omitempty"`
}

// bedsidePost is one of the two places beside a patient.
type bedsidePost struct {
	role ward.Role
	now  ward.PersonID // who holds it
	to   *string       // who is to hold it; nil: no change
}

func assignStay(q *call) error {
	var b AssignmentBody
	return q.order(&b, func(s ward.Stay) (ward.Stay, error) {
		if b.Nurse == nil && b.Doctor == nil {
			return s, badInput("nobody is named", "give nurse or doctor; empty for nobody")
		}
		posts := []bedsidePost{{ward.RoleNurse, s.Nurse, b.Nurse}, {ward.RoleDoctor, s.Doctor, b.Doctor}}
		for _, p := range posts {
			if err := q.mayAssign(p, s.Place.Ward); err != nil {
				return s, err
			}
		}
		return q.s.o.Duty.Assign(q.ctx, s.ID, personID(b.Nurse), personID(b.Doctor), q.s.o.Now(), q.who.Person.ID)
	})
}

// mayAssign: the nurse in charge assigns anybody, everybody else themselves.
func (q *call) mayAssign(p bedsidePost, w ward.WardID) error {
	if p.to == nil {
		return nil
	}
	me := q.who.Person
	to := ward.PersonID(*p.to)
	if me.Access != ward.AccessCharge {
		mine := me.Holds(p.role) && (to == me.ID || to == "" && p.now == me.ID)
		if !mine {
			return forbidden("you may take a patient or give up your own, not assign somebody else", "ask the nurse in charge, or offer a hand-over")
		}
	}
	if to == "" {
		return nil
	}
	return q.mayHold(to, p.role, w)
}

func personID(id *string) *ward.PersonID {
	if id == nil {
		return nil
	}
	p := ward.PersonID(*id)
	return &p
}
