package backtest

import (
	"errors"
	"time"

	"wardwatch/ward"
)

// Responder is how the staff of a backtest behave, since the recorded ones were never told. It is
// a model, the same for every policy, and the report names it. Without it every alert would climb
// to the top of its ladder.
type Responder struct {
	Accept  time.Duration // from being told to accepting
	Bedside time.Duration // from being told to standing at the bedside
	Quiet   time.Duration // how long the score is under the alerting band before they close
}

// DefaultResponder is our proposal: accepted after 2 min, at the bedside after 10 min, closed by a
// person after an hour under the alerting band. Real times are longer and differ by ward.
func DefaultResponder() Responder {
	return Responder{Accept: 2 * time.Minute, Bedside: 10 * time.Minute, Quiet: time.Hour}
}

// staff is the responder at work on one patient.
type staff struct {
	how   Responder
	cares []care
	quiet time.Time // since when the score is under the alerting band; zero: it is not
}

// care is what the staff owe one open alert.
type care struct {
	alert   ward.AlertID
	role    ward.Role
	accept  time.Time // when they will accept; zero: done
	bedside time.Time // when they will be there; zero: done, or nobody has to go
	there   bool
}

func (s *staff) reset(how Responder) { *s = staff{how: how, cares: s.cares[:0]} }

// scored notes whether the score asks for anything.
func (s *staff) scored(band ward.Band, at time.Time) {
	switch {
	case band >= ward.LowMedium:
		s.quiet = time.Time{}
	case s.quiet.IsZero():
		s.quiet = at
	}
}

// told makes the staff answer a round of telling. Whoever is already on the way goes on.
func (s *staff) told(a *ward.Alert) {
	c := s.find(a.ID)
	if c == nil {
		s.cares = append(s.cares, care{alert: a.ID})
		c = &s.cares[len(s.cares)-1]
	}
	c.role = ward.RoleNurse
	if len(a.Duties) > 0 {
		c.role = a.Duties[0].Role
	}
	c.there = false
	if c.accept.IsZero() {
		c.accept = a.Told.Add(s.how.Accept)
	}
	if c.bedside.IsZero() && a.Kind != ward.Technical {
		c.bedside = a.Told.Add(s.how.Bedside)
	}
}

func (s *staff) ended(id ward.AlertID) {
	for i := range s.cares {
		if s.cares[i].alert == id {
			s.cares = append(s.cares[:i], s.cares[i+1:]...)
			return
		}
	}
}

func (s *staff) find(id ward.AlertID) *care {
	for i := range s.cares {
		if s.cares[i].alert == id {
			return &s.cares[i]
		}
	}
	return nil
}

// due is when somebody next does something; zero: nothing is to be done.
func (s *staff) due() (first time.Time) {
	for i := range s.cares {
		first = earlier(first, s.cares[i].due(s))
	}
	return first
}

func (c *care) due(s *staff) time.Time {
	switch {
	case !c.accept.IsZero():
		return c.accept
	case !c.bedside.IsZero():
		return c.bedside
	case c.there && !s.quiet.IsZero():
		return s.quiet.Add(s.how.Quiet)
	}
	return time.Time{}
}

// act does what is due by now, one deed after the other: each may change what there is to do. A
// deed that the desk refuses, because things have moved on, is let go.
func (s *staff) act(desk Desk, now time.Time) error {
	for {
		deed, ok := s.next(now)
		if !ok {
			return nil
		}
		var refused *ward.Error
		if err := desk.Act(deed); err != nil && !errors.As(err, &refused) {
			return err
		}
	}
}

// next takes the first deed that is due.
func (s *staff) next(now time.Time) (ward.Action, bool) {
	for i := range s.cares {
		c := &s.cares[i]
		if at := c.due(s); at.IsZero() || at.After(now) {
			continue
		}
		deed := ward.Action{Alert: c.alert, By: "staff", Role: c.role, At: now}
		switch {
		case !c.accept.IsZero():
			c.accept, deed.Do = time.Time{}, ward.DoAccept
		case !c.bedside.IsZero():
			c.bedside, c.there, deed.Do = time.Time{}, true, ward.DoBedside
		default:
			c.there, deed.Do, deed.Reason = false, ward.DoResolve, "seen, and quiet since"
		}
		return deed, true
	}
	return ward.Action{}, false
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
