package backtest

import (
	"errors"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"wardwatch/ward"
)

// Responder is how the staff of a backtest behave, since the recorded ones were never told. It is
// a model, the same for every policy, and the report names it. Without it every alert would climb
// to the top of its ladder.
type Responder struct {
	Accept  time.Duration // from being told to accepting
	Set     time.Duration // from being told to a set of observations charted by the nurse, where the rung asks for one
	Bedside time.Duration // from being told to standing at the bedside
	Quiet   time.Duration // how long the score is under the alerting band before they close
	// Plan is for how long a doctor who was told of something high says, once somebody is at the bedside,
	// that a plan is in place: no further review is asked for before it ends. 0: nobody ever says so.
	Plan time.Duration
	// Miss is the share of tellings, 0 to 1, that a role does not answer: nobody of it accepts or
	// comes, and the ladder climbs. Which ones they are is drawn from Seed, the patient, the role and
	// the time, so that a telling at the same time is missed under every policy.
	Miss float64
	Seed uint64
}

// DefaultResponder is our proposal: accepted after 2 min, the nurse's set charted after 8 min, at the
// bedside after 10 min, closed by a person after an hour under the alerting band, and one telling in
// ten not answered. Real times are longer and differ by ward.
func DefaultResponder() Responder {
	return Responder{Accept: 2 * time.Minute, Set: 8 * time.Minute, Bedside: 10 * time.Minute, Quiet: time.Hour, Miss: 0.1}
}

// staff is the responder at work on one patient.
type staff struct {
	how   Responder
	stay  ward.StayID
	tasks []task
	at    []ward.AlertID // the alerts somebody has been to the bedside for since people were last told
	quiet time.Time      // since when the score is under the alerting band; zero: it is not
}

// task is one thing a role will do about an alert.
type task struct {
	at    time.Time
	do    ward.Deed
	alert ward.AlertID
	role  ward.Role
}

// doChart is charting a set of observations, which is no deed of an alert.
const doChart ward.Deed = "chart"

func (s *staff) reset(how Responder, stay ward.StayID) {
	*s = staff{how: how, stay: stay, tasks: s.tasks[:0], at: s.at[:0]}
}

// scored notes whether the score asks for anything.
func (s *staff) scored(band ward.Band, at time.Time) {
	switch {
	case band >= ward.LowMedium:
		s.quiet = time.Time{}
	case s.quiet.IsZero():
		s.quiet = at
	}
}

// told makes a round's roles answer, those that do: who is first accepts and comes, and so does a doctor;
// the others see that somebody has. Whoever is already on the way goes on.
func (s *staff) told(a *ward.Alert) {
	s.at = slices.DeleteFunc(s.at, func(id ward.AlertID) bool { return id == a.ID })
	first := true
	for i := range a.Duties {
		u := &a.Duties[i]
		if !u.Told.Equal(a.Told) || !u.Accepted.IsZero() || s.misses(u.Role, a.Told) {
			continue
		}
		if doctor := slices.Contains(doctors, u.Role); first || doctor {
			s.answer(a, u.Role, doctor)
		}
		first = false
	}
}

func (s *staff) answer(a *ward.Alert, role ward.Role, doctor bool) {
	s.plan(task{a.Told.Add(s.how.Accept), ward.DoAccept, a.ID, role}, true)
	if a.Kind == ward.Technical {
		return
	}
	if role == ward.RoleNurse && !a.ConfirmDue.IsZero() {
		s.plan(task{a.Told.Add(s.how.Set), doChart, a.ID, role}, true)
	}
	s.plan(task{a.Told.Add(s.how.Bedside), ward.DoBedside, a.ID, role}, doctor)
	if doctor && s.how.Plan > 0 && a.Band == ward.High {
		s.plan(task{a.Told.Add(s.how.Bedside), ward.DoPlan, a.ID, role}, false)
	}
}

// doctors are the roles that are waited for at the bedside of something high, and whose plan puts off its
// reviews.
var doctors = []ward.Role{ward.RoleDoctor, ward.RoleLead, ward.RoleICU}

// plan adds a task unless the same is planned already: by that role, or by anybody.
func (s *staff) plan(t task, ofRole bool) {
	for i := range s.tasks {
		if x := &s.tasks[i]; x.alert == t.alert && x.do == t.do && (!ofRole || x.role == t.role) {
			return
		}
	}
	s.tasks = append(s.tasks, t)
}

// misses draws whether a role does not answer a telling.
func (s *staff) misses(role ward.Role, told time.Time) bool {
	if s.how.Miss <= 0 {
		return false
	}
	h := fnv.New64a()
	_, _ = io.WriteString(h, string(s.stay)+"|"+string(role)+"|"+strconv.FormatInt(told.UnixMilli(), 10))
	return rand.New(rand.NewPCG(s.how.Seed, h.Sum64())).Float64() < s.how.Miss
}

func (s *staff) ended(id ward.AlertID) {
	s.at = slices.DeleteFunc(s.at, func(x ward.AlertID) bool { return x == id })
	s.tasks = slices.DeleteFunc(s.tasks, func(t task) bool { return t.alert == id })
}

// due is when somebody next does something; zero: nothing is to be done.
func (s *staff) due() (first time.Time) {
	for i := range s.tasks {
		first = earlier(first, s.tasks[i].at)
	}
	if len(s.at) > 0 && !s.quiet.IsZero() {
		first = earlier(first, s.quiet.Add(s.how.Quiet))
	}
	return first
}

// act does what is due by now, one deed after the other: each may change what there is to do. A
// deed that the desk refuses, because things have moved on, is let go.
func (s *staff) act(desk Desk, now time.Time) error {
	for {
		t, ok := s.next(now)
		if !ok {
			return nil
		}
		var refused *ward.Error
		if err := s.do(desk, t, now); err != nil && !errors.As(err, &refused) {
			return err
		}
	}
}

// next takes the first task that is due.
func (s *staff) next(now time.Time) (task, bool) {
	first := -1
	for i := range s.tasks {
		if !s.tasks[i].at.After(now) && (first < 0 || s.tasks[i].at.Before(s.tasks[first].at)) {
			first = i
		}
	}
	switch {
	case first >= 0:
		t := s.tasks[first]
		s.tasks = slices.Delete(s.tasks, first, first+1)
		return t, true
	case len(s.at) > 0 && !s.quiet.IsZero() && !s.quiet.Add(s.how.Quiet).After(now):
		t := task{do: ward.DoResolve, alert: s.at[0], role: ward.RoleNurse}
		s.at = slices.Delete(s.at, 0, 1)
		return t, true
	}
	return task{}, false
}

// do does one task. A person of the model is their role.
func (s *staff) do(desk Desk, t task, now time.Time) error {
	by := ward.PersonID(t.role)
	if t.do == doChart {
		return desk.Charted(&ward.Observation{Stay: s.stay, Origin: ward.OriginCharted, At: now, Entered: now, By: by}, t.role)
	}
	deed := ward.Action{Alert: t.alert, Do: t.do, By: by, Role: t.role, At: now}
	switch t.do {
	case ward.DoBedside:
		if !slices.Contains(s.at, t.alert) {
			s.at = append(s.at, t.alert)
		}
	case ward.DoPlan:
		deed.Reason, deed.Until = "treatment is under way", now.Add(s.how.Plan)
	case ward.DoResolve:
		deed.Reason = "seen, and quiet since"
	}
	return desk.Act(deed)
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
