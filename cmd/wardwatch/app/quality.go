package app

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"wardwatch/scoring/risk"
	"wardwatch/scoring/risk/drift"
	"wardwatch/scoring/validate"
	"wardwatch/store/book"
	"wardwatch/store/book/models"
	"wardwatch/ward"
)

// How the quality of the models is followed, ours. Predictions are settled once what they foretell
// can be known, are held against their training over the last weeks, and are forgotten.
const (
	qualityEvery  = 10 * time.Minute
	qualityPeriod = 28 * 24 * time.Hour
	predictionsOf = 90 * 24 * time.Hour
	settleAtOnce  = 1000

	declineKnown = 7 * time.Hour // the hour of the prediction, and the six after it
	// outcomeWithin: nobody at the bedside can date the onset of sepsis. A death, or a transfer away from
	// the ward, within a day stands in for it: a proposal, to be signed.
	outcomeWithin = 24 * time.Hour
)

// keepQuality settles what can be settled, and takes a model that has drifted from sight.
func (x *assessor) keepQuality(ctx context.Context) {
	if !x.isReady() {
		return
	}
	now := x.a.clock.now()
	x.note(x.settle(ctx, ward.RespiratoryDecline, now.Add(-declineKnown), x.declined), "settling predictions")
	x.note(x.settle(ctx, ward.Deterioration, now.Add(-outcomeWithin-time.Hour), x.deteriorated), "settling predictions")
	for _, g := range *x.gates.Load() {
		if g.Open {
			x.note(x.watchGate(ctx, g, now), "looking for drift")
		}
	}
	_, err := x.a.book.PrunePredictions(ctx, now.Add(-predictionsOf))
	x.note(err, "forgetting old predictions")
}

// settle finds out what came of the predictions of a task that were made before a time.
func (x *assessor) settle(ctx context.Context, task ward.Task, before time.Time, outcome func(*lyings, *book.Prediction) models.Outcome) error {
	list, err := x.a.book.UnsettledPredictions(ctx, task, before, settleAtOnce)
	if err != nil || len(list) == 0 {
		return err
	}
	rows, err := x.a.book.LyingsSince(ctx, list[0].Hour)
	if err != nil {
		return err
	}
	where := lyingsOf(rows)
	for i := range list {
		list[i].Outcome = outcome(where, &list[i])
	}
	return x.a.book.SettlePredictions(ctx, list)
}

// lyings say where stays were.
type lyings struct{ of map[ward.StayID][]ward.Lying }

func lyingsOf(rows []ward.Lying) *lyings {
	l := &lyings{of: map[ward.StayID][]ward.Lying{}}
	for _, r := range rows {
		l.of[r.Stay] = append(l.of[r.Stay], r)
	}
	return l
}

func (l *lyings) at(s ward.StayID, t time.Time) (ward.Place, bool) {
	for _, r := range l.of[s] {
		if !t.Before(r.From) && (r.To.IsZero() || t.Before(r.To)) {
			return r.Place, true
		}
	}
	return ward.Place{}, false
}

// declined labels a prediction by what was measured in its hour and the six after it, as the labels
// of training have it.
func (x *assessor) declined(where *lyings, p *book.Prediction) models.Outcome {
	hours := make([]validate.Hour, 0, 7)
	for k := range 7 {
		from := p.Hour.Add(time.Duration(k) * time.Hour)
		h := validate.Hour{Hour: int32(k), RR: math.NaN(), SpO2: math.NaN(), FiO2: math.NaN()}
		if place, ok := where.at(p.Stay, from.Add(30*time.Minute)); ok {
			h.RR, h.SpO2 = x.hourly(place, ward.RR, from), x.hourly(place, ward.SpO2, from)
		}
		hours = append(hours, h)
	}
	labels, err := validate.Labels(ward.RespiratoryDecline, hours)
	switch {
	case err != nil || !labels[0].Eligible:
		return models.Unknown
	case labels[0].Event:
		return models.Event
	}
	return models.NoEvent
}

// hourly is the mean of a vital over an hour; NaN when it was not measured.
func (x *assessor) hourly(p ward.Place, v ward.Vital, from time.Time) float64 {
	sum, n := 0.0, 0.0
	for _, m := range x.a.trend.Range(p, v, from, from.Add(time.Hour)) {
		sum, n = sum+m.Mean*float64(m.Count), n+float64(m.Count)
	}
	return sum / n
}

// deteriorated says what became of the person within a day.
func (x *assessor) deteriorated(_ *lyings, p *book.Prediction) models.Outcome {
	s := x.a.book.LookUp(p.Stay)
	switch {
	case s == nil:
		return models.Unknown
	case s.Ended.IsZero() || s.Ended.After(p.Hour.Add(outcomeWithin)):
		return models.NoEvent
	case s.EndReason == "died" || s.EndReason == "transferred_out":
		return models.Event
	}
	return models.NoEvent
}

// drift holds the last week of a model in a ward against the weeks before it there (own), or, while
// those are of too few people, against its training.
func (x *assessor) drift(ctx context.Context, w ward.WardID, m risk.Info, now time.Time) (report drift.Report, own bool, err error) {
	var rows []drift.Row
	err = x.a.book.Predictions(ctx, x.period(w, m, now), func(p *book.Prediction) bool {
		rows = append(rows, drift.Row{
			Stay: p.Stay, Hour: p.Hour, Value: p.Value, Threshold: p.Threshold, Withheld: p.Withheld, Inputs: p.Inputs,
			Settled: p.Outcome == models.Event || p.Outcome == models.NoEvent, Event: p.Outcome == models.Event,
		})
		return true
	})
	if err != nil {
		return report, false, err
	}
	rules := drift.Default()
	if m.About.Task == ward.Deterioration { // its local event is another than the one it was trained on
		rules.LeastEvents = math.Inf(1)
	}
	usual, own := drift.Usual(slices.Values(rows), training(m.About), rules, now)
	return drift.Judge(slices.Values(rows), usual, rules, now), own, nil
}

func (x *assessor) period(w ward.WardID, m risk.Info, now time.Time) book.PredictionFilter {
	return book.PredictionFilter{Ward: w, Task: m.About.Task, Model: m.About.ID, Version: m.Version, From: now.Add(-qualityPeriod), To: now}
}

// watchGate closes an open gate whose model has drifted.
func (x *assessor) watchGate(ctx context.Context, g ward.Gate, now time.Time) error {
	m, ok := x.serving(g.Task)
	if !ok || m.Version != g.Version {
		return nil // nothing is shown: the gate is of another version
	}
	report, own, err := x.drift(ctx, g.Ward, m, now)
	if err != nil {
		return err
	}
	why := reasons(report, own)
	if len(why) == 0 {
		return nil
	}
	reason := strings.Join(why, "; ")
	reason = reason[:min(len(reason), 250)]
	x.a.log.Error("a model has drifted and is shown no more", "ward", g.Ward, "task", g.Task, "why", reason)
	if err := CloseGate(ctx, x.a.book, g.Ward, g.Task, reason, ""); err != nil {
		return err
	}
	return x.reload(ctx)
}

// reasons are why a model is to be shown no more. That a ward's people are not those of the intensive
// care it was trained in is known to whoever signs, and is no reason: only that they are no longer
// those of the weeks before.
func reasons(r drift.Report, own bool) (why []string) {
	for _, c := range r.Breaches() {
		if own || c.Measure != drift.PSI && c.Measure != drift.Missing {
			why = append(why, c.String())
		}
	}
	return why
}

func training(m *risk.Metadata) (out []drift.Input) {
	for i := range m.Inputs {
		in := &m.Inputs[i]
		out = append(out, drift.Input{Name: in.Input, Edges: in.Bins, Shares: in.Shares, Missing: in.Missing})
	}
	return out
}
