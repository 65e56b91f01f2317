package isbar

import (
	"slices"
	"strings"

	"wardwatch/ward"
)

// recommendation: what is asked for, what to measure, and by when.
func (s *speech) recommendation() string {
	out := []string{s.ask()}
	if s.c.Score != nil && s.c.Score.Check != "" {
		out = append(out, s.w.checkAsk)
	}
	if what := s.toMeasure(); what != "" {
		out = append(out, fill(s.w.measure, "what", what))
	}
	if slices.ContainsFunc(s.c.Findings, func(f Finding) bool { return f.Unread }) {
		out = append(out, s.w.lookImage)
	}
	return sentences(append(out, s.deadline(), s.w.readBack)...)
}

// ask is the response to a band. For a chart's points it is that of NEWS2 (RCP 2017, charts 2 and 4,
// thresholds and triggers and the clinical response to them): an emergency assessment at 7 or more, an
// urgent one at 5 or 6, an urgent ward-based one at 3 in a single parameter. That other charts' bands and
// other causes ask for the same is a proposal, for local clinicians to sign.
func (s *speech) ask() string {
	a := s.c.Alert
	sc := s.c.Score
	switch {
	case s.comfort():
		return s.w.comfortAsk
	case a.State == ward.AtBedside && !a.Until.IsZero():
		return s.w.planAsk
	case slices.ContainsFunc(a.Causes, func(c ward.Cause) bool { return c.Live() && c.Code == overdueBack }):
		return s.w.whereAsk
	case a.Kind == ward.DeviceRaise:
		return s.w.alarm
	case sc != nil && sc.Lost:
		return s.w.lostAsk
	}
	switch s.worst() {
	case ward.High:
		return s.fitted(s.w.emergency, ward.High)
	case ward.Medium:
		return s.fitted(s.w.urgent, ward.Medium)
	case ward.LowMedium:
		if sc != nil && sc.Band == ward.LowMedium && sc.Refused == ward.NotRefused {
			return s.w.single
		}
	}
	return s.w.reviewNow
}

// overdueBack is the cause of a patient who has not come back to the ward in time.
const overdueBack = "return_overdue"

// worst is the worst of the score's band, where the chart applies, and of the causes that stand.
func (s *speech) worst() ward.Band {
	worst := ward.Low
	if sc := s.c.Score; sc != nil && sc.Refused == ward.NotRefused {
		worst = sc.Band
	}
	for _, c := range s.c.Alert.Causes {
		if c.Live() {
			worst = max(worst, c.Band)
		}
	}
	return worst
}

// toMeasure are the inputs without a value that counts.
func (s *speech) toMeasure() string {
	if s.c.Score == nil || s.comfort() {
		return ""
	}
	var out []string
	for _, p := range s.c.Score.PartList() {
		if p.State != ward.Present {
			out = append(out, lower(s.vital(p.Input)))
		}
	}
	return strings.Join(out, ", ")
}

// deadline is what falls due next.
func (s *speech) deadline() string {
	a := s.c.Alert
	text := map[ward.Due]string{
		ward.DueAccept: s.w.acceptBy, ward.DueBedside: s.w.bedsideBy, ward.DueReview: s.w.reviewBy, ward.DueConfirm: s.w.confirmBy, ward.DueWake: s.w.wakeAt, ward.DueWarn: s.w.wakeAt,
	}[a.Next]
	if text == "" || a.NextAt.IsZero() {
		return ""
	}
	at := a.NextAt
	if a.Next == ward.DueWarn { // the warning comes first; what matters is the end
		at = a.Until
	}
	roles := s.awaited()
	if len(roles) > 0 {
		text = s.w.acceptOf
	}
	text = fill(text, "time", s.clock(at), "roles", strings.Join(roles, ", "))
	if s.c.Now.After(at) {
		text += ", " + s.w.overdue
	}
	return text
}
