package live

import (
	"time"

	"wardwatch/ward"
)

func viewScore(s *ward.Score, trend *int) *ScoreView {
	v := &ScoreView{
		Chart: s.Chart, Variant: s.Variant, LowerBound: s.LowerBound, Complete: s.Complete,
		Need: s.NParts, Band: s.Band.String(), Held: s.Held, HeldSince: Ms(s.HeldSince), Refused: string(s.Refused),
		Lost: s.Lost, At: Ms(s.At), LastData: Ms(s.LastData), Check: s.Check, Trend: trend,
		Parts: make([]PartView, 0, s.NParts), Flags: make([]FlagView, 0, s.NFlags), Charted: viewCharted(s),
	}
	if s.Complete && s.Refused == ward.NotRefused {
		total := s.Total
		v.Total = &total
	}
	for _, p := range s.PartList() {
		part := PartView{Input: p.Input, Points: p.Points, State: p.State.String(), Doubt: p.Doubt.String(), At: Ms(p.At), Source: p.Source.String()}
		if p.State != ward.Missing {
			part.Value = shownNumber(p.Number)
		}
		if p.State == ward.Present {
			v.Have++
		}
		v.Parts = append(v.Parts, part)
	}
	for _, f := range s.FlagList() {
		v.Flags = append(v.Flags, FlagView{Code: f.Code, Band: f.Band.String(), Number: shownNumber(f.Number), Limit: shownNumber(f.Limit), Since: Ms(f.Since), Held: f.Held})
	}
	return v
}

// viewCharted is the set that a person confirmed. Before the first it only says when that is due, and
// beside a monitor not even that: the whole ward would be overdue until its first round.
func viewCharted(s *ward.Score) *ChartedView {
	c := &s.Charted
	if c.At.IsZero() && (c.Due.IsZero() || !s.LastData.IsZero()) {
		return nil
	}
	v := &ChartedView{At: Ms(c.At), LowerBound: c.LowerBound, Complete: c.Complete, Band: c.Band.String(), Partial: c.Partial, Due: Ms(c.Due)}
	if c.Complete {
		total := c.Total
		v.Total = &total
	}
	return v
}

// shownNumber is a number as JSON can hold it; nil when it cannot.
func shownNumber(x float64) *float64 {
	if !finite(x) {
		return nil
	}
	return &x
}

// LimitsAt are the person's own limits in force at t, by vital.
func LimitsAt(s *ward.Stay, t time.Time) []ward.Limit {
	var out []ward.Limit
	for v := range ward.NumVitals {
		if l, ok := s.LimitAt(v, t); ok {
			out = append(out, *l)
		}
	}
	return out
}

// Given is a limit's number; nil when it is not given.
func Given(x float64) *float64 {
	if x == 0 {
		return nil
	}
	return shownNumber(x)
}

func viewLimits(s *ward.Stay, m Names, name func(ward.PersonID) string, now time.Time) []LimitView {
	out := make([]LimitView, 0, len(s.Limits))
	for _, l := range LimitsAt(s, now) {
		v := LimitView{Vital: l.Vital.String(), Low: Given(l.Low), High: Given(l.High), Usual: Given(l.Usual), Until: Ms(l.Until), By: name(l.By)}
		if m != NamesNone {
			v.Reason = l.Reason
		}
		out = append(out, v)
	}
	return out
}
