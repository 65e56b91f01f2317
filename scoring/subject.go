package scoring

import (
	"cmp"
	"slices"
	"time"

	"wardwatch/scoring/chart"
	"wardwatch/scoring/course"
	"wardwatch/ward"
)

// Subject is one person as models, trends and the respiratory view look at them. It is a copy: it
// may be looked at while the engine goes on.
type Subject struct {
	Place  ward.Place
	ID     ward.StayID
	Stay   *ward.Stay // nil: the book does not know them
	At     time.Time
	Course course.Course
	Oxygen Oxygenation

	RR, SpO2     Measured // as far as they are believed now
	FiO2, O2Flow Measured

	Findings []ward.Finding // what imaging says; whoever looks at people fills it in …
	// … and says so where that could not be read: Findings may lack some.
	FindingsUnknown bool
}

// Measured is a number with the time at which it was measured; the zero time: it is not known.
type Measured struct {
	Number float64
	At     time.Time
}

// Oxygenation is what is known of the oxygen that a person is given.
type Oxygenation struct {
	Known     bool // whether there is any
	On        bool
	HasDevice bool
	Device    ward.O2Device
	Since     time.Time     // when the device last changed; zero: not known
	Weakest   ward.O2Device // of the last hours (Policy.Oxygen.Within); the device itself when no other is known
}

// Subjects are all people known to lie somewhere, at a moment, by place.
func (e *Engine) Subjects(now time.Time) []Subject {
	out := make([]Subject, 0, len(e.stays))
	for id, at := range e.stays {
		stay := e.o.Stay(id)
		if gone(stay) {
			continue
		}
		s := SubjectOf(&e.o.Policy, stay, &e.beds[at].state, now)
		s.Place = at.place
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Subject) int {
		return cmp.Or(cmp.Compare(a.Place.Ward, b.Place.Ward), cmp.Compare(a.Place.Bed, b.Place.Bed))
	})
	return out
}

// SubjectOf is one person's state as models look at it.
func SubjectOf(p *Policy, stay *ward.Stay, s *State, now time.Time) Subject {
	who := p.person(stay, now)
	var k look
	s.look(p, &who, now.UnixMilli(), &k)
	out := Subject{
		ID: s.Stay, Stay: stay, At: now, Course: s.Course,
		RR: s.measured(&k, chart.RR), SpO2: s.measured(&k, chart.SpO2), FiO2: s.measured(&k, chart.FiO2), O2Flow: s.measured(&k, chart.O2Flow),
	}
	o := &out.Oxygen
	o.Known, o.On = k.set.Has(chart.O2), k.on
	if !k.set.Has(chart.O2Device) {
		return out
	}
	o.HasDevice, o.Device = true, ward.O2Device(k.set.Number[chart.O2Device])
	o.Weakest = o.Device
	if _, weakest := s.Oxygen.least(&p.Oxygen, k.now); weakest != 0 && rank(weakest) < rank(uint8(o.Device)+1) {
		o.Weakest = ward.O2Device(weakest - 1)
	}
	if s.Oxygen.Changed != 0 {
		o.Since = time.UnixMilli(s.Oxygen.Changed)
	}
	return out
}

func (s *State) measured(k *look, in chart.Input) Measured {
	v, ok := k.vital(in)
	if !ok || !k.set.Has(in) {
		return Measured{}
	}
	return Measured{k.set.Number[in], time.UnixMilli(s.Latest[v].At)}
}
