package risk

import (
	"time"

	"wardwatch/scoring/course"
	"wardwatch/ward"
)

// sheet holds the features of many people, a row each, and the newest values that they are made of.
type sheet struct {
	panel    *Panel
	subjects []Subject
	rows     []float32
	values   []newest        // of the panel's signals, a row each
	person   []ward.Withheld // why nothing may be said of the person, whatever was measured
	filled   []bool          // false: the row says nothing
}

// newest is a value and how old it is.
type newest struct {
	value float64
	age   time.Duration
	ok    bool
}

func (p *Panel) sheet(subjects []Subject) *sheet {
	n := len(subjects)
	s := &sheet{
		panel: p, subjects: subjects,
		rows: make([]float32, n*p.Width()), values: make([]newest, n*len(p.signals)),
		person: make([]ward.Withheld, n), filled: make([]bool, n),
	}
	for i := range subjects {
		if s.person[i] = subjects[i].withheld(); s.person[i] == ward.NotWithheld {
			s.filled[i] = s.fill(i)
		}
	}
	return s
}

// fill reports false when a course cannot be read: one person's must not cost the others theirs.
func (s *sheet) fill(i int) (ok bool) {
	defer func() { ok = recover() == nil }()
	of := &s.subjects[i]
	c := of.course()
	s.panel.Fill(c, of.who(), of.At, s.row(i))
	for k, signal := range s.panel.signals {
		v := &s.values[i*len(s.panel.signals)+k]
		v.value, v.age, v.ok = s.panel.spec.Newest(c, signal, of.At)
	}
	return true
}

func (s *Subject) course() *course.Course {
	if s.Course == nil {
		return new(course.Course)
	}
	return s.Course
}

func (s *sheet) row(i int) []float32 {
	w := s.panel.Width()
	return s.rows[i*w : (i+1)*w]
}

// gather is the batch of a model for some of the subjects.
func (s *sheet) gather(v *view, of []int) []float32 {
	f := len(v.features)
	batch := make([]float32, len(of)*f)
	for k, i := range of {
		v.gather(s.row(i), batch[k*f:(k+1)*f])
	}
	return batch
}

// newest is an input's newest value and its age; ok is false when it is not known to the model.
func (s *sheet) newest(v *view, i, input int) newest {
	switch {
	case !v.known(s.row(i), input):
		return newest{}
	case v.about.Inputs[input].isPerson():
		return newest{value: float64(s.row(i)[v.newest[input]]), ok: true}
	}
	return s.values[i*len(s.panel.signals)+v.signal[input]]
}

// inputs are what a prediction for one subject is made from.
func (s *sheet) inputs(v *view, i int) []ward.RiskInput {
	out := make([]ward.RiskInput, 0, len(v.about.Inputs))
	for input := range v.about.Inputs {
		if x := s.newest(v, i, input); x.ok {
			out = append(out, ward.RiskInput{Input: v.about.Inputs[input].Input, Value: x.value, Age: x.age})
		}
	}
	return out
}
