package isbar

import (
	"strings"

	"wardwatch/ward"
)

// background: since when they are here, and what is ordered for them.
func (s *speech) background() string {
	st := s.c.Stay
	out := []string{fill(s.w.admitted, "time", s.clock(st.Admitted))}
	if !st.Ended.IsZero() {
		out = append(out, fill(s.w.ended, "time", s.clock(st.Ended)))
	}
	out = append(out, s.care(), s.condition())
	if st.Scale.Number == 2 {
		out = append(out, s.w.scale2)
	}
	out = append(out, s.limits()...)
	out = append(out, s.away(), s.beside())
	return sentences(out...)
}

// care is the order of how far treatment goes; full care needs no word.
func (s *speech) care() string {
	st := s.c.Stay
	var out []string
	switch st.Care.Status {
	case ward.Ceilings:
		out = append(out, s.w.ceilings)
	case ward.ComfortCare:
		out = append(out, s.w.comfort)
		if st.Symptoms.IsZero() {
			out = append(out, s.w.noSymptoms)
		} else {
			out = append(out, fill(s.w.symptoms, "time", s.clock(st.Symptoms)))
		}
	default:
		return ""
	}
	if !st.Care.Review.IsZero() {
		out = append(out, fill(s.w.comfortReview, "time", s.clock(st.Care.Review)))
	}
	return strings.Join(out, ", ")
}

func (s *speech) condition() string {
	switch s.c.Stay.Pregnancy {
	case ward.Pregnant:
		return s.w.pregnant
	case ward.Postpartum:
		return s.w.postpartum
	}
	return ""
}

// limits are the person's own that are in force.
func (s *speech) limits() (out []string) {
	for v := range ward.NumVitals {
		l, ok := s.c.Stay.LimitAt(v, s.c.Now)
		if !ok || len(out) >= s.most {
			continue
		}
		out = append(out, fill(s.w.limit, "vital", s.vital(v.String()), "range", s.span(l), "time", s.clock(l.Until)))
	}
	return out
}

// span is a limit's numbers: "88–92 %", "≤ 92 %", "≥ 88 %", or what is usual.
func (s *speech) span(l *ward.Limit) string {
	v := l.Vital.String()
	switch {
	case l.Low != 0 && l.High != 0:
		return strings.TrimSuffix(s.measure(v, l.Low), " "+s.text("unit."+v)) + "–" + s.measure(v, l.High)
	case l.Low != 0:
		return "≥ " + s.measure(v, l.Low)
	case l.High != 0:
		return "≤ " + s.measure(v, l.High)
	}
	return fill(s.text("limit.usual_is"), "usual", s.measure(v, l.Usual))
}

func (s *speech) away() string {
	off := s.c.Stay.Off
	switch {
	case off.Until.IsZero():
		return ""
	case s.c.Now.After(off.Until):
		return fill(s.w.offLate, "where", name(off.Destination), "time", s.clock(off.Until))
	}
	return fill(s.w.off, "where", name(off.Destination), "time", s.clock(off.Until))
}

// beside are the nurse and the doctor of this shift.
func (s *speech) beside() string {
	named := func(id ward.PersonID) string {
		if id == "" {
			return s.w.unassigned
		}
		return s.person(id)
	}
	return fill(s.w.nurse, "who", named(s.c.Stay.Nurse)) + "; " + lower(fill(s.w.doctor, "who", named(s.c.Stay.Doctor)))
}
