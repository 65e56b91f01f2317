package stays

import (
	"context"
	"fmt"
	"time"

	"wardwatch/store/book/people"
	"wardwatch/ward"
)

// Assign gives a stay its nurse and its doctor of this shift, from at on (zero: now): nil leaves as
// it is, empty leaves nobody. Naming the same person again begins their shift anew. Whoever is named
// has that duty and may enter the stay's ward.
func (c *Census) Assign(ctx context.Context, id ward.StayID, nurse, doctor *ward.PersonID, at time.Time, by ward.PersonID) (ward.Stay, error) {
	return c.order(ctx, id, by, "stay.assign", func(e *edit, s *ward.Stay) (string, error) {
		since, err := e.moment(at)
		if err != nil {
			return "", err
		}
		if nurse == nil && doctor == nil {
			return "", bad("neither a nurse nor a doctor is named", "name one of them, or an empty one for nobody")
		}
		for _, part := range []struct {
			role ward.Role
			who  *ward.PersonID
		}{{ward.RoleNurse, nurse}, {ward.RoleDoctor, doctor}} {
			if part.who == nil {
				continue
			}
			if *part.who != "" {
				if _, err := e.mayServe(*part.who, part.role, s.Place.Ward); err != nil {
					return "", err
				}
			}
			give(s, part.role, *part.who, since)
		}
		return assignment(s), nil
	})
}

// moment is when something is to count from: zero means now.
func (e *edit) moment(at time.Time) (time.Time, error) {
	if at.IsZero() {
		return e.now, nil
	}
	if at.After(e.now.Add(ahead)) {
		return at, bad("the time lies in the future", "enter it when it happens")
	}
	return at, nil
}

// mayServe refuses a person who may not be given a duty on a ward, with the remedy.
func (e *edit) mayServe(id ward.PersonID, role ward.Role, w ward.WardID) (ward.Person, error) {
	p, err := people.Enabled(e.ctx, e.tx, id)
	switch {
	case err != nil:
		return p, err
	case !p.Holds(role):
		return p, bad(fmt.Sprintf("this person does not have the duty %s", role), "choose somebody who has it, or add it to their duties")
	case !p.MayEnter(w):
		return p, bad(fmt.Sprintf("this person does not work on the ward %s", w), "choose somebody who does, or add the ward to theirs")
	}
	return p, nil
}

// holder is who has the duty for the stay this shift.
func holder(s *ward.Stay, role ward.Role) ward.PersonID {
	if role == ward.RoleDoctor {
		return s.Doctor
	}
	return s.Nurse
}

// give names who has the duty for the stay from a time on.
func give(s *ward.Stay, role ward.Role, who ward.PersonID, since time.Time) {
	if who == "" {
		since = time.Time{}
	}
	if role == ward.RoleDoctor {
		s.Doctor, s.DoctorSince = who, since
		return
	}
	s.Nurse, s.NurseSince = who, since
}

// assignment is who has the stay, as the audit keeps it.
func assignment(s *ward.Stay) string { return fmt.Sprintf("nurse %s, doctor %s", s.Nurse, s.Doctor) }
