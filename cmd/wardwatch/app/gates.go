package app

import (
	"context"
	"maps"
	"slices"
	"time"

	"wardwatch/scoring/risk"
	"wardwatch/scoring/risk/gate"
	"wardwatch/store/book"
	"wardwatch/ward"
)

// gateOf is whose gate it is: a task may have a second model (that with laboratory values).
type gateOf struct {
	ward  ward.WardID
	task  ward.Task
	model string
}

// gatesEvery is how often gates that another process changed (the command line) are taken up.
const gatesEvery = 2 * time.Second

// OpenGate lets treating staff of a ward see the model that g names, by the rule of scoring/risk/gate.
// With that of respiratory decline goes the forecast, which has no events of its own to be signed by:
// it gets a gate for its own version, so that a new forecaster closes it.
func OpenGate(ctx context.Context, b *book.Book, list []risk.Info, g ward.Gate, now time.Time) error {
	err := b.OpenGate(ctx, g, func(since time.Time, events int) error { return gate.May(g, since, events, now) })
	if err != nil || g.Task != ward.RespiratoryDecline {
		return err
	}
	if m, ok := serving(list, risk.Forecasting); ok {
		g.Task, g.Model, g.Version = risk.Forecasting, m.About.ID, m.Version
		return b.OpenGate(ctx, g, func(time.Time, int) error { return nil })
	}
	return nil
}

// CloseGate takes the models of a task from the sight of a ward's staff; by is empty when Wardwatch
// does so itself.
func CloseGate(ctx context.Context, b *book.Book, w ward.WardID, task ward.Task, reason string, by ward.PersonID) error {
	if task == ward.RespiratoryDecline {
		if err := b.CloseGate(ctx, w, risk.Forecasting, reason, by); err != nil {
			return err
		}
	}
	return b.CloseGate(ctx, w, task, reason, by)
}

// serving is the model that serves a task.
func serving(list []risk.Info, task ward.Task) (risk.Info, bool) {
	i := slices.IndexFunc(list, func(m risk.Info) bool { return m.Role == risk.Serve && m.About.Task == task })
	if i < 0 {
		return risk.Info{}, false
	}
	return list[i], true
}

// open says whether treating staff see what a model's version says in a ward. Where there is no model
// (version is empty), whoever would see it sees that.
func (x *assessor) open(w ward.WardID, task ward.Task, model, version string) bool {
	gates := *x.gates.Load()
	if version != "" {
		return gate.Lets(gates[gateOf{w, task, model}], model, version)
	}
	for of, g := range gates {
		if of.ward == w && of.task == task && g.Open {
			return true
		}
	}
	return false
}

// reload takes up the gates as the book has them. What a gate that is open no more let people see goes
// from every screen at once, and a round is due.
func (x *assessor) reload(ctx context.Context) error {
	x.reading.Lock() // what was read first must not be put in the place of what was read later
	defer x.reading.Unlock()
	list, err := x.a.book.Gates(ctx)
	if err != nil {
		return err
	}
	gates := make(map[gateOf]ward.Gate, len(list))
	for _, g := range list {
		gates[gateOf{g.Ward, g.Task, g.Model}] = g
	}
	before := x.gates.Swap(&gates)
	if maps.Equal(*before, gates) {
		return nil
	}
	for of, g := range *before {
		if g.Open && !gates[of].Open {
			x.a.loop.call(func(context.Context) { x.a.live.Silence(of.ward, of.task) })
		}
	}
	x.hurry.Store(true)
	return nil
}

// silence withdraws what a gate that has closed since the round began would show. The respiratory view
// may rest on it: the next round, now due, makes it anew.
func (x *assessor) silence(s *ward.Assessment) {
	w, rests := s.Place.Ward, false
	for i := range s.Risks {
		if r := &s.Risks[i]; !r.Silent && !x.open(w, r.Task, r.Model, r.Version) {
			r.Silent, rests = true, rests || r.Task == ward.RespiratoryDecline
		}
	}
	for i := range s.Forecasts {
		if f := &s.Forecasts[i]; !f.Silent && !x.open(w, risk.Forecasting, f.Model, f.Version) {
			f.Silent, rests = true, true
		}
	}
	if rests {
		s.Respiratory = ward.Respiratory{Band: ward.Unknown}
	}
}
