package app

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"wardwatch/dashboard"
	"wardwatch/scoring/backtest/stat"
	"wardwatch/scoring/risk"
	"wardwatch/scoring/risk/drift"
	"wardwatch/scoring/risk/gate"
	"wardwatch/scoring/validate"
	"wardwatch/store/book"
	"wardwatch/store/book/models"
	"wardwatch/ward"
)

// screenModels is the learned models as screens and programs know them.
type screenModels struct{ a *App }

var errModelsOff = &ward.Error{Code: ward.Unavailable, Message: "learned models are switched off here", Hint: "switch them on in the policy (models) and restart"}

func (s screenModels) assessor() (*assessor, error) {
	x := s.a.assessor.Load()
	switch {
	case x == nil:
		return nil, errModelsOff
	case !x.isReady():
		return nil, &ward.Error{Code: ward.Unavailable, Message: "the learned models are being opened", Hint: "ask again in a moment"}
	}
	return x, nil
}

// List is every model with its gate in every ward.
func (s screenModels) List(ctx context.Context) (out dashboard.ModelList, err error) {
	x, err := s.assessor()
	if err != nil {
		return out, err
	}
	for _, p := range x.models.Problems() {
		out.Problems = append(out.Problems, dashboard.ModelProblem{Code: string(p.Code), Model: p.Model, Detail: p.Detail, Hint: p.Hint})
	}
	for _, m := range x.models.List() {
		out.Models = append(out.Models, viewModel(m))
	}
	wards, err := s.a.book.Wards(ctx)
	if err != nil {
		return out, err
	}
	for _, w := range wards {
		for _, task := range ward.Tasks {
			m, ok := x.serving(task)
			if !ok {
				continue
			}
			g, err := x.gateOf(ctx, w.ID, m)
			if err != nil {
				return out, err
			}
			out.Gates = append(out.Gates, g)
		}
	}
	return out, nil
}

func viewModel(m risk.Info) dashboard.ModelView {
	v := dashboard.ModelView{
		ID: m.About.ID, Task: string(m.About.Task), Version: m.Version, Role: string(m.Role), Trained: m.About.TrainedAt,
		Threshold: m.About.Threshold, Patients: m.About.Patients, Running: m.Role == risk.Serve,
	}
	for _, in := range m.About.Inputs {
		v.Inputs = append(v.Inputs, in.Input)
	}
	return v
}

// gateOf is the gate of the running model in a ward, with what is still missing.
func (x *assessor) gateOf(ctx context.Context, w ward.WardID, m risk.Info) (dashboard.ModelGate, error) {
	out := dashboard.ModelGate{Gate: (*x.gates.Load())[gateOf{w, m.About.Task, m.About.ID}]}
	out.Ward, out.Task = w, m.About.Task
	if out.Open && !gate.Lets(out.Gate, m.About.ID, m.Version) { // signed for another version
		out.Gate = ward.Gate{Ward: w, Task: m.About.Task, At: out.At, Reason: "another version runs now"}
	}
	out.Model, out.Version = m.About.ID, m.Version
	since, events, err := x.a.book.SilentRun(ctx, w, m.About.Task, m.About.ID, m.Version)
	if err != nil {
		return out, err
	}
	out.SilentSince, out.Events = since, events
	out.NeedEvents = gate.Needs(since, events, x.a.clock.now()).Events
	if !since.IsZero() {
		out.OpensFrom = since.Add(gate.SilentFor)
	}
	return out, nil
}

// Open lets treating staff of a ward see the running model of a task.
func (s screenModels) Open(ctx context.Context, g ward.Gate) (ward.Gate, error) {
	x, err := s.assessor()
	if err != nil {
		return g, err
	}
	m, ok := x.serving(g.Task)
	switch {
	case !ok:
		return g, &ward.Error{Code: ward.Unavailable, Message: "no model of this task runs", Hint: "wardwatch doctor says why"}
	case m.Version != g.Version:
		return g, &ward.Error{Code: ward.Conflict, Message: fmt.Sprintf("the version that runs is %s", m.Version), Hint: "look at its figures, and open that one"}
	}
	g.Model = m.About.ID
	return x.after(ctx, g, OpenGate(ctx, s.a.book, x.models.List(), g, s.a.clock.now()))
}

// OpenGates lets everybody see everything that runs: for simulations.
func (a *App) OpenGates(ctx context.Context, w ward.WardID, by ward.PersonID, override string) error {
	x := a.assessor.Load()
	if x == nil {
		return nil
	}
	select {
	case <-x.ready:
	case <-ctx.Done():
		return ctx.Err()
	}
	for _, task := range ward.Tasks {
		if m, ok := x.serving(task); ok {
			if _, err := (screenModels{a}).Open(ctx, ward.Gate{Ward: w, Task: task, Version: m.Version, By: by, Override: override}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close takes a task's predictions from the sight of a ward's staff, at once.
func (s screenModels) Close(ctx context.Context, g ward.Gate) (ward.Gate, error) {
	x, err := s.assessor()
	if err != nil {
		return g, err
	}
	if m, ok := x.serving(g.Task); ok {
		g.Model = m.About.ID
	}
	return x.after(ctx, g, CloseGate(ctx, s.a.book, g.Ward, g.Task, g.Reason, g.By))
}

// after is the gate as it stands once a change is made.
func (x *assessor) after(ctx context.Context, g ward.Gate, err error) (ward.Gate, error) {
	if err != nil {
		return g, err
	}
	if err := x.reload(ctx); err != nil {
		return g, err
	}
	return (*x.gates.Load())[gateOf{g.Ward, g.Task, g.Model}], nil
}

// Quality is how the running model of a task has done in a ward over the last weeks.
func (s screenModels) Quality(ctx context.Context, task ward.Task, w ward.WardID) (out dashboard.QualityReply, err error) {
	x, err := s.assessor()
	if err != nil {
		return out, err
	}
	wards, err := s.a.book.Wards(ctx)
	if err != nil {
		return out, err
	}
	if !slices.ContainsFunc(wards, func(known ward.Ward) bool { return known.ID == w }) {
		return out, &ward.Error{Code: ward.NotFound, Message: "there is no such ward", Hint: "GET /api/v1/wards lists them"}
	}
	m, ok := x.serving(task)
	if !ok {
		return out, &ward.Error{Code: ward.NotFound, Message: "no model of this task runs", Hint: "the tasks are deterioration and respiratory"}
	}
	now := s.a.clock.now()
	out = dashboard.QualityReply{Task: string(task), Ward: string(w), Model: m.About.ID, Version: m.Version}
	out.From, out.To = ms(now.Add(-qualityPeriod)), ms(now)
	report, own, err := x.drift(ctx, w, m, now)
	if err != nil {
		return out, err
	}
	out.Predictions, out.Patients = report.Rows, report.People
	for _, c := range report.Checks {
		out.Checks = append(out.Checks, viewCheck(c))
		if c.Measure == drift.AlertRate && c.Verdict != drift.TooLittle {
			out.AlertRate = dashboard.Interval{Value: number(c.Value), Low: number(c.Low), High: number(c.High)}
		}
	}
	out.FallBack = reasons(report, own)
	return out, x.measured(ctx, &out, w, m, now)
}

func viewCheck(c drift.Check) dashboard.CheckView {
	return dashboard.CheckView{Code: string(c.Measure), Input: c.Input, Value: number(c.Value), Limit: number(c.High), Verdict: string(c.Verdict), Detail: string(c.Advice)}
}

// Few people settle nothing: under this many with an event no discrimination is told. Ours.
const leastForAUROC = 10

const qualityResamples = 200

// measured adds what came of the predictions whose outcome is known.
func (x *assessor) measured(ctx context.Context, out *dashboard.QualityReply, w ward.WardID, m risk.Info, now time.Time) error {
	var rows []validate.Row
	people, ill := map[ward.StayID]int32{}, map[ward.StayID]bool{}
	expected, all, withheld := 0.0, 0, 0
	err := x.a.book.Predictions(ctx, x.period(w, m, now), func(p *book.Prediction) bool {
		all++
		if p.Withheld != ward.NotWithheld {
			withheld++
			return true
		}
		if p.Outcome != models.Event && p.Outcome != models.NoEvent {
			return true
		}
		if _, known := people[p.Stay]; !known {
			people[p.Stay] = int32(len(people))
		}
		row := validate.Row{Patient: people[p.Stay], Hour: int32(p.Hour.Unix() / 3600), P: p.Value, News2: validate.Unscored, Logistic: math.NaN(), Age: math.NaN()}
		row.Eligible, row.Event, row.HoursToEvent = true, p.Outcome == models.Event, math.NaN()
		ill[p.Stay] = ill[p.Stay] || row.Event
		expected += p.Value
		rows = append(rows, row)
		return true
	})
	if err != nil || all == 0 {
		return err
	}
	out.Withheld = number(float64(withheld) / float64(all))
	for _, event := range ill {
		if event {
			out.Events++
		}
	}
	if len(rows) > 0 {
		out.Expected = number(expected)
	}
	if out.Events < leastForAUROC || out.Events == len(ill) {
		return nil
	}
	r, err := validate.Measure(ctx, rows, validate.Options{Task: m.About.Task, Model: validate.Model{ID: m.About.ID, Threshold: stat.Number(m.About.Threshold)}, Resamples: qualityResamples, Seed: 1})
	if err != nil {
		return err
	}
	out.AUROC = dashboard.Interval{Value: number(float64(r.AUROC)), Low: number(float64(r.Intervals.AUROC.Low)), High: number(float64(r.Intervals.AUROC.High))}
	oe := r.Intervals.ObservedExpected
	out.Ratio = dashboard.Interval{Value: number(float64(r.Calibration.ObservedExpected)), Low: number(float64(oe.Low)), High: number(float64(oe.High))}
	return nil
}

// number is a figure for a program; nil when it is not one.
func number(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

func ms(t time.Time) *int64 {
	x := t.UnixMilli()
	return &x
}
