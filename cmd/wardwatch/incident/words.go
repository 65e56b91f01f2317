package incident

import (
	"slices"
	"strings"

	"wardwatch/alerts"
	"wardwatch/alerts/evidence"
	"wardwatch/ward"
)

// leftOut stands for free text where nothing may identify.
const leftOut = "(left out)"

// text is free text, which may name somebody.
func (g *gathering) text(s string) string {
	if s == "" || g.Identified {
		return s
	}
	return leftOut
}

// reason is what a person gave as the reason for a deed: its code, where it has one.
func (g *gathering) reason(s string) string {
	if code := evidence.CodeOf(s); code != "" && !g.Identified {
		return code
	}
	return g.text(s)
}

func (g *gathering) limits(all []ward.Limit) []ward.Limit {
	all = slices.Clone(all)
	for i := range all {
		all[i].Reason = g.text(all[i].Reason)
	}
	return all
}

// plainAlert is an alert without the words of people's reasons.
func (g *gathering) plainAlert(a ward.Alert) ward.Alert {
	if a.EndedBy != "" {
		a.Reason = g.reason(a.Reason)
	}
	switch a.Rule {
	case alerts.RuleOffWard, alerts.RuleComfort, alerts.RuleStorm, alerts.RulePlan:
	default: // why somebody snoozed it
		a.Rule = g.reason(a.Rule)
	}
	a.Duties = slices.Clone(a.Duties)
	for i := range a.Duties {
		a.Duties[i].Reason = g.reason(a.Duties[i].Reason)
	}
	return a
}

// plainSteps are an alert's steps without the words of people's reasons: the detail of a person's deed
// is one, but where an alert went from one to the next.
func (g *gathering) plainSteps(steps []evidence.Step) []evidence.Step {
	for i := range steps {
		if s := &steps[i]; s.By != "" && strings.HasPrefix(s.What, "alert.") && s.What != "alert.handover" {
			s.Detail = g.reason(s.Detail)
		}
	}
	return steps
}

// plainGate is a model's gate without the words of whoever opened or closed it.
func (g *gathering) plainGate(x ward.Gate) ward.Gate {
	x.Override = g.text(x.Override)
	if x.By != "" {
		x.Reason = g.text(x.Reason)
	}
	return x
}
