// Package assess asks models, trends and the respiratory view about everybody, and puts what they
// say of one person into one assessment. It works on copies, away from the engine's loop.
package assess

import (
	"time"

	"wardwatch/scoring"
	"wardwatch/scoring/course"
	"wardwatch/scoring/respiratory"
	"wardwatch/scoring/risk"
	"wardwatch/scoring/trend"
	"wardwatch/ward"
)

// Models are asked about a batch of people; *risk.Models.
type Models interface {
	Assess([]risk.Subject) []risk.Result
}

// Options is what an assessment is made with.
type Options struct {
	Policy string // version, kept with what is said
	Models Models
	Table  *respiratory.Table
	Trends trend.Rules
	// Open says whether treating staff of a ward may see what a model's version says of a task.
	Open func(w ward.WardID, task ward.Task, model, version string) bool
}

// watched are the vitals whose trend is told, in the order in which they are shown.
var watched = [...]ward.Vital{ward.SpO2, ward.RR, ward.HR, ward.SBP}

// All assesses everybody, in the order given.
func All(o *Options, people []scoring.Subject) []ward.Assessment {
	asked := make([]risk.Subject, len(people))
	for i := range people {
		s := &people[i]
		asked[i] = risk.Subject{Stay: s.Stay, At: s.At, Course: &s.Course, Oxygen: risk.Oxygen{
			Known: s.Oxygen.Known, On: s.Oxygen.On, Device: s.Oxygen.Device, HasDevice: s.Oxygen.HasDevice,
		}}
	}
	said := o.ask(asked)
	out := make([]ward.Assessment, len(people))
	for i := range people {
		out[i] = o.one(&people[i], said[i])
	}
	return out
}

// ask is what the models say. One that panics costs its predictions: the charts must not go with it.
func (o *Options) ask(asked []risk.Subject) (said []risk.Result) {
	defer func() {
		if recover() != nil {
			said = Withheld{Why: ward.WithheldFailed}.Assess(asked)
		}
	}()
	return o.Models.Assess(asked)
}

// one puts together what is said of one person. Where that panics nothing is said of them.
func (o *Options) one(s *scoring.Subject, said risk.Result) (a ward.Assessment) {
	defer func() {
		if recover() != nil {
			a = ward.Assessment{Place: s.Place, Stay: s.ID, At: s.At, Policy: o.Policy, Respiratory: ward.Respiratory{Band: ward.Unknown}}
		}
	}()
	a = ward.Assessment{Place: s.Place, Stay: s.ID, At: s.At, Policy: o.Policy, Risks: said.Risks, Forecasts: said.Forecasts}
	for i := range a.Risks {
		r := &a.Risks[i]
		r.Silent = !o.Open(s.Place.Ward, r.Task, r.Model, r.Version)
	}
	for i := range a.Forecasts {
		f := &a.Forecasts[i]
		f.Silent = !o.Open(s.Place.Ward, risk.Forecasting, f.Model, f.Version)
	}
	a.Trends = o.trends(s)
	a.Respiratory = respiratory.View(o.Table, o.breathing(s, &a))
	return a
}

// trends are where the vitals are going, against the person's own limits where they have any.
func (o *Options) trends(s *scoring.Subject) []ward.Trend {
	rules := o.Trends
	if s.Stay != nil {
		if s.Stay.Scale.Number == 2 {
			rules = rules.Scale2()
		}
		for i := range s.Stay.Limits {
			if l := &s.Stay.Limits[i]; !s.At.Before(l.Since) && s.At.Before(l.Until) {
				rules = rules.With(*l)
			}
		}
	}
	out := make([]ward.Trend, 0, len(watched))
	for _, v := range watched {
		out = append(out, trend.Of(v, points(s.Course.Points(v, s.At)), s.At, rules))
	}
	return out
}

func points(from []course.Point) []trend.Point {
	out := make([]trend.Point, len(from))
	for i, p := range from {
		out[i] = trend.Point(p)
	}
	return out
}

// breathing is what the respiratory view is made of.
func (o *Options) breathing(s *scoring.Subject, a *ward.Assessment) respiratory.Input {
	in := respiratory.Input{
		At: s.At, Stay: s.ID,
		SpO2: respiratory.Measured(s.SpO2), RR: respiratory.Measured(s.RR),
		FiO2: respiratory.Measured(s.FiO2), O2Flow: respiratory.Measured(s.O2Flow),
		Device: s.Oxygen.Device, HasDevice: s.Oxygen.HasDevice, DeviceSince: s.Oxygen.Since,
		Weakest: s.Oxygen.Weakest, HasWeakest: s.Oxygen.HasDevice,
		Trends: a.Trends, Forecasts: a.Forecasts, Risks: a.Risks, Findings: s.Findings, FindingsUnknown: s.FindingsUnknown,
	}
	if s.Stay != nil {
		in.Years, in.HasAge = s.Stay.AgeAt(s.At)
		in.Scale2 = s.Stay.Scale.Number == 2
	}
	return in
}

// Withheld is what is said while the models do not answer: trends and view go on without them.
type Withheld struct{ Why ward.Withheld }

// Assess withholds everything.
func (w Withheld) Assess(subjects []risk.Subject) []risk.Result {
	out := make([]risk.Result, len(subjects))
	for i := range out {
		for _, t := range ward.Tasks {
			out[i].Risks = append(out[i].Risks, ward.Risk{Task: t, Withheld: w.Why})
		}
	}
	return out
}

// Due says whether it is time to look at everybody again.
func Due(every time.Duration, last, now time.Time) bool {
	return last.IsZero() || now.Sub(last) >= every
}
