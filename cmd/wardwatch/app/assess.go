package app

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"wardwatch/scoring"
	"wardwatch/scoring/assess"
	"wardwatch/scoring/respiratory"
	"wardwatch/scoring/risk"
	"wardwatch/scoring/trend"
	"wardwatch/ward"
)

// assessor looks at everybody by models, trends and the respiratory view every few minutes. It works
// on copies beside the loop: a model that hangs costs predictions and nothing else.
type assessor struct {
	a      *App
	models *risk.Models
	round  assess.Options
	ready  chan struct{} // closed once models and round are set
	gates  atomic.Pointer[map[gateOf]ward.Gate]

	reading sync.Mutex  // of the gates
	busy    atomic.Bool // a round is under way, perhaps one that hangs
	slow    atomic.Bool // the last round did not end in time
	hurry   atomic.Bool // the next round is due now
	last    time.Time
	said    map[ward.StayID][]ward.Finding // by imaging, as last read
	began   time.Time
	told    atomic.Int64 // when a round last ended, or nobody was there to look at; Unix ms, 0: never
}

// hurryEvery is the least time between rounds that are made because something has changed: a flood of
// pictures must not be a flood of rounds.
const hurryEvery = 3 * time.Second

// roundLimit is how long a round may take before its predictions are withheld as too slow; ours.
const roundLimit = 30 * time.Second

// startAssessing opens the models beside everything else and looks at everybody from then on. Whatever
// is wrong with the models is told and stops nothing.
func (a *App) startAssessing(ctx context.Context) error {
	if a.rules.Scoring.Models.Off {
		a.log.Info("learned models are switched off by the policy")
		return nil
	}
	x := &assessor{a: a, began: a.clock.now(), ready: make(chan struct{})}
	x.gates.Store(&map[gateOf]ward.Gate{})
	a.assessor.Store(x)
	a.undo.push("models", func() error {
		select {
		case <-x.ready:
			return x.models.Close()
		default:
			return nil // still opening
		}
	})
	a.undo.task(ctx, "models", func(ctx context.Context) error {
		x.openModels(ctx)
		every(ctx, map[time.Duration]func(context.Context){250 * time.Millisecond: x.look})
		return nil
	})
	a.undo.task(ctx, "gates", func(ctx context.Context) error {
		every(ctx, map[time.Duration]func(context.Context){gatesEvery: func(ctx context.Context) { x.note(x.reload(ctx), "reading the gates") }})
		return nil
	})
	a.undo.task(ctx, "quality", func(ctx context.Context) error {
		every(ctx, map[time.Duration]func(context.Context){max(a.clock.real(qualityEvery), time.Second): x.keepQuality})
		return nil
	})
	return nil
}

// openModels loads the models, first where a crash does no harm.
func (x *assessor) openModels(ctx context.Context) {
	a := x.a
	x.models = risk.Open(risk.Options{Library: a.config.ONNXLib, Probe: a.tryModels})
	for _, p := range x.models.Problems() {
		a.log.Warn("a model is missing: the charts go on", "code", p.Code, "model", p.Model, "detail", p.Detail, "hint", p.Hint)
	}
	x.round = assess.Options{
		Policy: a.rules.Scoring.Version, Models: x.models, Table: respiratory.Default(), Trends: trend.Default(), Open: x.open,
	}
	x.note(x.reload(ctx), "reading the gates")
	close(x.ready)
}

// isReady says whether the models have been opened.
func (x *assessor) isReady() bool {
	select {
	case <-x.ready:
		return true
	default:
		return false
	}
}

// tryModels lets whoever started us try the models where a crash does no harm.
func (a *App) tryModels() error {
	if a.options.TryModels == nil {
		return nil
	}
	return a.options.TryModels(a.config.ONNXLib)
}

func (x *assessor) note(err error, doing string) {
	if err != nil {
		x.a.log.Error(doing, "error", err)
	}
}

// look starts a round when one is due and none is under way.
func (x *assessor) look(ctx context.Context) {
	now := x.a.clock.now()
	every := x.a.rules.Scoring.Models.Every
	if x.hurry.Load() {
		every = min(every, x.a.clock.scaled(hurryEvery))
	}
	if !assess.Due(every, x.last, now) {
		return
	}
	x.hurry.Store(false)
	x.last = now
	people := make(chan []scoring.Subject, 1)
	x.a.loop.call(func(context.Context) { people <- x.a.loop.engine.Subjects(x.a.clock.now()) })
	select {
	case subjects := <-people:
		if len(subjects) == 0 {
			x.last = time.Time{} // nobody yet: look again soon
			x.told.Store(now.UnixMilli())
			return
		}
		x.findings(ctx, subjects)
		x.assess(ctx, subjects)
	case <-ctx.Done():
	}
}

// findings gives each person what imaging says of them. While it cannot be read, what it said before goes
// on, and the person is marked: losing an input never lowers a band.
func (x *assessor) findings(ctx context.Context, people []scoring.Subject) {
	stays := make([]ward.StayID, len(people))
	for i := range people {
		stays[i] = people[i].ID
	}
	said, err := x.a.findingsOf(ctx, stays)
	if err == nil {
		x.said = said
	}
	x.note(err, "reading what imaging says")
	for i := range people {
		people[i].Findings, people[i].FindingsUnknown = x.said[people[i].ID], err != nil
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

// tell passes a round on: to the engine for what it raises, to the screens, and to what is kept. What
// cannot be kept of a round is lost and holds nothing up: the charts must not wait for models.
func (x *assessor) tell(ctx context.Context, all []ward.Assessment) {
	a, done := x.a, make(chan struct{})
	a.loop.call(func(context.Context) {
		defer close(done)
		now := a.clock.now()
		for i := range all {
			s := &all[i]
			x.silence(s)
			a.loop.engine.Judge(s, now)
			a.live.Publish(ward.Event{Ward: s.Place.Ward, At: s.At, Assessment: s})
		}
		x.note(a.journal.AppendRisks(all), "keeping what models said for InfluxDB")
		x.told.Store(now.UnixMilli())
	})
	select {
	case <-done:
	case <-ctx.Done():
		return
	}
	if err := a.book.KeepPredictions(ctx, all); err != nil && ctx.Err() == nil {
		a.log.Error("predictions are not kept for quality work", "error", err)
	}
}

// serving is the model that serves a task.
func (x *assessor) serving(task ward.Task) (risk.Info, bool) { return serving(x.models.List(), task) }

// roundsMissed is after how many rounds without an end somebody must look; ours.
const roundsMissed = 3

// missing says what keeps a model that should serve from answering.
func (x *assessor) missing(now time.Time) (bool, string) {
	last := x.began
	if told := x.told.Load(); told != 0 {
		last = time.UnixMilli(told)
	}
	switch {
	case x.slow.Load():
		return true, "the learned models do not answer; the charts go on"
	case now.Sub(last) > roundsMissed*x.a.rules.Scoring.Models.Every+2*x.a.clock.scaled(roundLimit):
		return true, "nobody has been looked at by the learned models for a while; the charts go on"
	case !x.isReady():
		return false, ""
	}
	for _, p := range x.models.Problems() {
		if p.Role == "" || p.Role == risk.Serve {
			return true, p.Detail + ": " + p.Hint
		}
	}
	return false, ""
}
