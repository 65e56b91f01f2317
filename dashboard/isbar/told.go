package isbar

import (
	"slices"
	"strconv"

	"wardwatch/ward"
)

// toldLine is what the chart said when people were told, where that is not what it says now: a caller who
// gives only the present score cannot say why they call.
func (s *speech) toldLine() []string {
	c, ok := s.moved()
	if !ok {
		return nil
	}
	chart := s.text("score.chart." + c.Code)
	return []string{fill(s.w.toldThen, "band", s.band(s.toldBand(c)), "chart", chart, "n", strconv.Itoa(s.c.Alert.Points))}
}

// sinceTold marks the present score as such beside the one that was told.
func (s *speech) sinceTold(text string) string {
	if _, ok := s.moved(); !ok {
		return text
	}
	return fill(s.w.today, "what", text)
}

// moved finds the chart's cause that people were told of, and whether what it was told for is not what
// stands now.
func (s *speech) moved() (told ward.Cause, moved bool) {
	i := slices.IndexFunc(s.c.Alert.Causes, func(c ward.Cause) bool { return c.Told > ward.Low && s.ofChart(c.Code) })
	if i < 0 || s.comfort() || s.c.Then || s.c.Score == nil {
		return told, false
	}
	told = s.c.Alert.Causes[i]
	sc := s.c.Score
	if sc.Lost { // then the last points known are said as those told
		return told, false
	}
	return told, sc.Refused != ward.NotRefused || sc.Chart != told.Code || sc.LowerBound != s.c.Alert.Points || sc.Band != s.toldBand(told)
}

// toldBand is the worst band that the chart's cause was told as. What a cause is told as falls by itself
// while it eases; the alert's band is the worst of the episode, unless another cause explains it.
func (s *speech) toldBand(chart ward.Cause) ward.Band {
	for _, c := range s.c.Alert.Causes {
		if c.Code != chart.Code && max(c.Band, c.Told) >= s.c.Alert.Band {
			return chart.Told
		}
	}
	return max(chart.Told, s.c.Alert.Band)
}

// fitted gives what is asked for its reason where the score alone would ask for less: the alert was told
// as worse, and has not stepped down.
func (s *speech) fitted(ask string, worst ward.Band) string {
	sc := s.c.Score
	c, moved := s.moved()
	switch {
	case !moved || sc.Refused != ward.NotRefused || !c.Live() || c.Band < worst || sc.Band >= worst:
		return ask
	case sc.Complete:
		return fill(s.w.notYetLower, "ask", ask, "band", s.band(worst))
	}
	return fill(s.w.notKnownLower, "ask", ask, "band", s.band(worst))
}

// doctors are the duties for which no nurse's acceptance stands.
var doctors = [...]ward.Role{ward.RoleDoctor, ward.RoleLead, ward.RoleICU}

// awaited are the duties whose acceptance is still asked for although others have accepted or are there;
// where a doctor's is among them, the doctors' alone: that is why the others' were not enough.
func (s *speech) awaited() (roles []string) {
	a := s.c.Alert
	taken := !a.Bedside.IsZero() || slices.ContainsFunc(a.Duties, ward.Duty.Held)
	if a.Next != ward.DueAccept || !taken {
		return nil
	}
	open := slices.DeleteFunc(slices.Clone(a.Duties), func(d ward.Duty) bool { return d.Told.IsZero() || d.Held() || !d.Declined.IsZero() })
	isDoctor := func(d ward.Duty) bool { return slices.Contains(doctors[:], d.Role) }
	some := slices.ContainsFunc(open, isDoctor)
	for _, d := range open {
		if role := s.role(d.Role); isDoctor(d) == some && !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	return roles
}
