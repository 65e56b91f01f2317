package app

import (
	"context"
	"maps"
	"sync/atomic"
	"time"

	"wardwatch/scoring"
	"wardwatch/scoring/assess"
	"wardwatch/scoring/respiratory"
	"wardwatch/scoring/risk"
	"wardwatch/scoring/risk/gate"
	"wardwatch/scoring/trend"
	"wardwatch/ward"
)

// assessor looks at everybody by models, trends and the respiratory view every few minutes. It works
// on copies beside the loop: a model that hangs costs predictions and nothing else.
type assessor struct {
	a      *App
	models *risk.Models
	round  assess.Options
	gates  atomic.Pointer[map[gateOf]ward.Gate]
	busy   atomic.Bool // a round is under way, perhaps one that hangs
	slow   atomic.Bool // the last round did not end in time
	hurry  atomic.Bool // the next round is due now
	last   time.Time
}

// gateOf is whose gate it is: a task may have a second model (that with laboratory values).
type gateOf struct {
	ward  ward.WardID
	task  ward.Task
	model string
}

// roundLimit is how long a round may take before its predictions are withheld as too slow; ours.
const roundLimit = 30 * time.Second

// startAssessing opens the models and looks at everybody from then on. Whatever is wrong with the
// models is told and stops nothing.
func (a *App) startAssessing(ctx context.Context) error {
	if a.rules.Scoring.Models.Off {
		a.log.Info("learned models are switched off by the policy")
		return nil
	}
	x := &assessor{a: a, models: risk.Open(risk.Options{Library: a.config.ONNXLib, Probe: a.tryModels})}
	a.undo.push("models", x.models.Close)
	for _, p := range x.models.Problems() {
		a.log.Warn("a model is missing: the charts go on", "code", p.Code, "model", p.Model, "detail", p.Detail, "hint", p.Hint)
	}
	x.round = assess.Options{
		Policy: a.rules.Scoring.Version, Models: x.models, Table: respiratory.Default(), Trends: trend.Default(), Open: x.open,
	}
	if err := x.reload(ctx); err != nil {
		return err
	}
	a.assessor.Store(x)
	a.undo.task(ctx, "models", x.run)
	return nil
}

// tryModels lets whoever started us try the models where a crash does no harm.
func (a *App) tryModels() error {
	if a.options.TryModels == nil {
		return nil
	}
	return a.options.TryModels(a.config.ONNXLib)
}

// gatesEvery is how often gates that another process changed (the command line) are taken up.
const gatesEvery = 2 * time.Second

// run looks whether a round is due, and follows the gates and how the models do.
func (x *assessor) run(ctx context.Context) error {
	every(ctx, map[time.Duration]func(context.Context){
		250 * time.Millisecond: x.look,
		gatesEvery:             func(ctx context.Context) { x.note(x.reload(ctx), "reading the gates") },
		qualityEvery:           x.keepQuality,
	})
	return nil
}

func (x *assessor) note(err error, doing string) {
	if err != nil {
		x.a.log.Error(doing, "error", err)
	}
}

// look starts a round when one is due and none is under way.
func (x *assessor) look(ctx context.Context) {
	now := x.a.clock.now()
	if !x.hurry.Swap(false) && !assess.Due(x.a.rules.Scoring.Models.Every, x.last, now) {
		return
	}
	x.last = now
	people := make(chan []scoring.Subject, 1)
	x.a.loop.call(func(context.Context) { people <- x.a.loop.engine.Subjects(x.a.clock.now()) })
	select {
	case subjects := <-people:
		if len(subjects) == 0 {
			x.last = time.Time{} // nobody yet: look again soon
			return
		}
		x.assess(ctx, subjects)
	case <-ctx.Done():
	}
}

// assess makes a round of everybody, and says so when it takes too long: the models are left to end
// by themselves, and what needs none goes on meanwhile.
func (x *assessor) assess(ctx context.Context, subjects []scoring.Subject) {
	if x.busy.Load() {
		x.tell(ctx, x.without(subjects))
		return
	}
	x.busy.Store(true)
	done := make(chan []ward.Assessment, 1)
	go func() {
		defer x.busy.Store(false)
		done <- assess.All(&x.round, subjects)
	}()
	late := time.NewTimer(roundLimit)
	defer late.Stop()
	select {
	case all := <-done:
		x.slow.Store(false)
		x.tell(ctx, all)
	case <-late.C:
		x.slow.Store(true)
		x.a.log.Error("the models do not answer: predictions are withheld, the charts go on", "limit", roundLimit)
		x.tell(ctx, x.without(subjects))
	case <-ctx.Done():
	}
}

func (x *assessor) without(subjects []scoring.Subject) []ward.Assessment {
	o := x.round
	o.Models = assess.Withheld{Why: ward.WithheldSlow}
	return assess.All(&o, subjects)
}

// tell passes a round on: to the engine for what it raises, to the screens, and to what is kept.
func (x *assessor) tell(ctx context.Context, all []ward.Assessment) {
	a := x.a
	a.loop.call(func(ctx context.Context) {
		now := a.clock.now()
		for i := range all {
			s := &all[i]
			x.silence(s)
			a.loop.engine.Judge(s, now)
			a.live.Publish(ward.Event{Ward: s.Place.Ward, At: s.At, Assessment: s})
		}
		a.loop.retry(ctx, "journal", func() error { return a.journal.AppendRisks(all) })
	})
	if err := a.book.KeepPredictions(ctx, all); err != nil && ctx.Err() == nil {
		a.log.Error("predictions are not kept for quality work", "error", err)
	}
}

// silence withdraws what a gate that has closed since the round began would show.
func (x *assessor) silence(s *ward.Assessment) {
	for i := range s.Risks {
		r := &s.Risks[i]
		r.Silent = r.Silent || !x.open(s.Place.Ward, r.Task, r.Model, r.Version)
	}
	closed := func(f *ward.Forecast) bool {
		return !f.Silent && !x.open(s.Place.Ward, risk.Forecasting, f.Model, f.Version)
	}
	for i := range s.Forecasts {
		if closed(&s.Forecasts[i]) {
			s.Forecasts[i].Silent = true
			s.Respiratory = ward.Respiratory{Band: ward.Unknown} // it may rest on them: the next round, now due, makes it anew
		}
	}
}

// open says whether treating staff see a model in a ward. A forecast is seen with the risk of
// respiratory decline: it has no events of its own to be signed by.
func (x *assessor) open(w ward.WardID, task ward.Task, model, version string) bool {
	if task == risk.Forecasting {
		task, model, version = ward.RespiratoryDecline, "", ""
		if serving, ok := x.serving(task); ok {
			model, version = serving.About.ID, serving.Version
		}
	}
	gates := *x.gates.Load()
	if version != "" {
		return gate.Lets(gates[gateOf{w, task, model}], model, version)
	}
	for of, g := range gates { // there is no model: whoever would see it sees that
		if of.ward == w && of.task == task && g.Open {
			return true
		}
	}
	return false
}

// serving is the model that serves a task.
func (x *assessor) serving(task ward.Task) (risk.Info, bool) {
	for _, m := range x.models.List() {
		if m.Role == risk.Serve && m.About.Task == task {
			return m, true
		}
	}
	return risk.Info{}, false
}

// reload takes up the gates as the book has them; after a change a round is due.
func (x *assessor) reload(ctx context.Context) error {
	list, err := x.a.book.Gates(ctx)
	if err != nil {
		return err
	}
	gates := make(map[gateOf]ward.Gate, len(list))
	for _, g := range list {
		gates[gateOf{g.Ward, g.Task, g.Model}] = g
	}
	if before := x.gates.Swap(&gates); before != nil && !maps.Equal(*before, gates) {
		x.hurry.Store(true)
	}
	return nil
}

// missing says what keeps a model that should serve from answering.
func (x *assessor) missing(time.Time) (bool, string) {
	if x.slow.Load() {
		return true, "the learned models do not answer; the charts go on"
	}
	for _, p := range x.models.Problems() {
		if p.Role == "" || p.Role == risk.Serve {
			return true, p.Detail + ": " + p.Hint
		}
	}
	return false, ""
}
