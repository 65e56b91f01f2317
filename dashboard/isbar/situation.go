package isbar

import (
	"slices"
	"strconv"
	"strings"

	"wardwatch/ward"
)

// situation: how bad it is, why there is an alert, and who knows.
func (s *speech) situation() string {
	out := append(s.toldLine(), s.scoreLines()...)
	if s.c.Apart != "" {
		why := spoken(s.c.Apart)
		if text, ok := s.known("apart." + s.c.Apart); ok {
			why = lower(text)
		}
		out = append(out, fill(s.w.apart, "why", why))
	}
	if what := s.causes(); what != "" {
		out = append(out, fill(s.w.because, "what", what))
	}
	return sentences(append(out, s.history())...)
}

// scoreLines is what the chart says, and how far it may be believed. In comfort care it has no word.
func (s *speech) scoreLines() (out []string) {
	sc := s.c.Score
	switch {
	case s.comfort():
		return nil // what is ordered stands in the background
	case sc == nil:
		return []string{s.w.noScore}
	case sc.Lost:
		out = append(out, s.w.lost, fill(s.w.lostLast, "time", s.clock(sc.LastData), "n", strconv.Itoa(s.c.Alert.Points)))
	case sc.Refused != ward.NotRefused:
		out = append(out, fill(s.w.refused, "chart", s.chart(), "why", s.text("refused."+string(sc.Refused))))
	case sc.Complete:
		out = append(out, s.sinceTold(fill(s.w.complete, "chart", s.chart(), "n", strconv.Itoa(sc.Total), "band", s.band(sc.Band))))
	default:
		out = append(out, s.sinceTold(fill(s.w.atLeast, "chart", s.chart(), "n", strconv.Itoa(sc.LowerBound), "have", strconv.Itoa(present(sc)), "need", strconv.Itoa(sc.NParts), "band", s.band(sc.Band))))
	}
	if s.c.Then {
		out = append(out, fill(s.w.then, "time", s.clock(sc.At)))
	}
	if sc.Held && !sc.Lost && !sc.HeldSince.IsZero() {
		out = append(out, fill(s.w.held, "time", s.clock(sc.HeldSince)))
	}
	if sc.Check != "" {
		out = append(out, fill(s.w.check, "vital", s.vital(sc.Check)))
	}
	return out
}

// chart is what people call the chart.
func (s *speech) chart() string {
	id := s.c.Score.Chart
	if text, ok := s.known("score.chart." + id); ok {
		return text
	}
	return strings.ToUpper(spoken(id))
}

func (s *speech) band(b ward.Band) string { return s.text("band." + b.String()) }

func present(sc *ward.Score) (n int) {
	for _, p := range sc.PartList() {
		if p.State == ward.Present {
			n++
		}
	}
	return n
}

// causes are those that stand beside the chart's own points, the worst first.
func (s *speech) causes() string {
	list := slices.Clone(s.c.Alert.Causes)
	list = slices.DeleteFunc(list, func(c ward.Cause) bool { return !c.Live() || s.ofChart(c.Code) })
	slices.SortStableFunc(list, func(a, b ward.Cause) int { return int(b.Band) - int(a.Band) })
	var out []string
	for _, c := range few(list, max(2, s.most)) { // the two worst always
		text := lower(s.cause(c.Code))
		if !c.Since.IsZero() {
			text += " (" + s.clock(c.Since) + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

// ofChart reports whether a cause is a chart's points, which the score says already.
func (s *speech) ofChart(code string) bool {
	_, ok := s.known("score.chart." + code)
	return ok
}

// cause is a cause's or a flag's code in words.
func (s *speech) cause(code string) string {
	kind, rest, _ := strings.Cut(code, ":")
	what, side, _ := strings.Cut(rest, ":")
	if kind == "device" {
		alarm := spoken(rest)
		if text, ok := s.known("alarm." + rest); ok {
			alarm = text
		} else if text, ok := s.known("cause." + rest); ok { // the nurse's worry
			return text
		}
		return fill(s.text("cause.device"), "code", alarm)
	}
	for _, key := range []string{"cause." + kind + "." + what, "cause." + kind + "." + side, "cause." + code, "cause." + kind} {
		if text, ok := s.known(key); ok {
			return fill(text, "vital", s.vital(what))
		}
	}
	return spoken(code)
}

// history is who was told when, and who has it.
func (s *speech) history() string {
	a := s.c.Alert
	var out []string
	if !a.Told.IsZero() {
		out = append(out, fill(s.w.told, "time", s.clock(a.Told), "n", strconv.Itoa(a.Level)))
	}
	took := false
	for _, d := range a.Duties {
		if d.Accepted.IsZero() {
			continue
		}
		if took = true; len(out) <= s.most {
			out = append(out, s.acceptance(d))
		}
	}
	switch roles := s.awaited(); {
	case len(roles) > 0:
		out = append(out, fill(s.w.lacking, "roles", strings.Join(roles, ", ")))
	case !took && !a.Told.IsZero():
		out = append(out, s.w.nobody)
	}
	return strings.Join(append(out, s.now()...), "; ")
}

// acceptance is who took a duty on, and whether they are coming.
func (s *speech) acceptance(d ward.Duty) string {
	text := s.w.accepted
	switch {
	case !d.Held():
		text = s.w.notCome
	case !d.OnWay.IsZero() && s.c.Alert.Bedside.IsZero():
		text += ", " + s.w.onWay
	}
	return fill(text, "who", s.person(d.By), "role", s.role(d.Role), "time", s.clock(d.Accepted))
}

// now is where the alert stands.
func (s *speech) now() (out []string) {
	a := s.c.Alert
	if !a.Bedside.IsZero() {
		out = append(out, fill(s.w.bedside, "who", s.person(a.BedsideBy), "time", s.clock(a.Bedside)))
	}
	switch {
	case a.Until.IsZero():
	case a.State == ward.Snoozed:
		out = append(out, fill(s.w.snoozed, "time", s.clock(a.Until)))
	case a.State == ward.AtBedside:
		out = append(out, fill(s.w.plan, "time", s.clock(a.Until)))
	}
	if roles := s.holes(); len(roles) > 0 {
		out = append(out, fill(s.w.hole, "roles", strings.Join(few(roles, max(1, s.most)), ", ")))
	}
	return out
}

// holes are the duties for which the roster named nobody.
func (s *speech) holes() (out []string) {
	for _, d := range s.c.Alert.Duties {
		if d.How == ward.HeldByDefault || d.How == ward.HeldByAll || d.How == ward.HeldByNobody {
			out = append(out, s.role(d.Role))
		}
	}
	return out
}
