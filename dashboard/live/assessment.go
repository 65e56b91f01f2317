package live

import (
	"slices"
	"time"

	"wardwatch/ward"
)

// How long an assessment speaks of the present. Models look every few minutes: after a quarter of an
// hour something keeps them from it, and after an hour they speak of another time. Proposals, for
// local clinicians to sign.
const (
	AssessmentFresh = 15 * time.Minute // then greyed, with its age
	AssessmentShown = time.Hour        // then gone
)

// takeAssessment reports whether the assessment was taken: it must be of the person who is known to
// lie here, and no older than the one held.
func (b *bed) takeAssessment(a *ward.Assessment) bool {
	if b.stay == nil || a.Stay == "" || a.Stay != b.own.of {
		return false
	}
	if held := b.own.assessed; held != nil && a.At.Before(held.At) {
		return false
	}
	kept := *a
	b.own.keep(&kept)
	return true
}

func (sh *sheet) keep(a *ward.Assessment) {
	sh.assessed = a
	sh.assessments++
}

// silence takes a task's predictions, and what rests on them, out of what is shown.
func (b *bed) silence(task ward.Task) bool {
	heard := func(r ward.Risk) bool { return r.Task == task && !r.Silent }
	if b.own.assessed == nil || !slices.ContainsFunc(b.own.assessed.Risks, heard) {
		return false
	}
	quiet := *b.own.assessed
	quiet.Risks = slices.Clone(quiet.Risks)
	for i := range quiet.Risks {
		quiet.Risks[i].Silent = quiet.Risks[i].Silent || quiet.Risks[i].Task == task
	}
	if task == ward.RespiratoryDecline {
		// Which rows and which band rested on the model is not told here: the next assessment says it.
		quiet.Respiratory, quiet.Forecasts = ward.Respiratory{}, nil
	}
	b.own.keep(&quiet)
	return true
}

// assessment is what may be shown of the person in the bed at now; nil when nothing may. Where it is
// uncertain whose figures the bed shows, nothing foretold is.
func (b *bed) assessment(now time.Time) *ward.Assessment {
	a := b.own.assessed
	if a == nil || b.stay == nil || b.loose != nil || now.Sub(a.At) > AssessmentShown {
		return nil
	}
	return a
}

// Silence takes the predictions of a task from every screen of the ward at once. Those published later
// say by themselves whether they are silent.
func (l *Live) Silence(id ward.WardID, task ward.Task) {
	b := l.board(id)
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, x := range b.beds {
		if x.silence(task) {
			b.mark(x)
		}
	}
}

// Assessment is what models, trends and the respiratory view say of the person in the bed, as staff may
// see it: nothing that is silent is in it. ok is false when there is nothing to show.
func (l *Live) Assessment(p ward.Place) (v AssessmentView, ok bool) {
	b := l.board(p.Ward)
	if b == nil {
		return v, false
	}
	a := b.assessment(p.Bed, l.o.Now())
	if a == nil {
		return v, false
	}
	return viewAssessment(a), true
}

func (b *board) assessment(id ward.BedID, now time.Time) *ward.Assessment {
	b.mu.Lock()
	defer b.mu.Unlock()
	x := b.beds[id]
	if x == nil {
		return nil
	}
	return x.assessment(now)
}

// Predictions are what the models of a task say of each person on the ward, silent ones among them:
// for those who judge a model before treating staff see it, and for nobody else.
func (l *Live) Predictions(id ward.WardID, task ward.Task) []PredictionView {
	out := []PredictionView{}
	b := l.board(id)
	if b == nil {
		return out
	}
	b.mu.Lock()
	beds, _ := b.picture()
	b.mu.Unlock()
	now := l.o.Now()
	for i := range beds {
		out = append(out, beds[i].predictions(task, now)...)
	}
	return out
}

func (b *bed) predictions(task ward.Task, now time.Time) (out []PredictionView) {
	a := b.assessment(now)
	if a == nil {
		return nil
	}
	for i := range a.Risks {
		if r := &a.Risks[i]; r.Task == task {
			out = append(out, PredictionView{Bed: string(b.place.Bed), Stay: string(a.Stay), At: a.At.UnixMilli(), Silent: r.Silent, Risk: viewRisk(r, a.At)})
		}
	}
	return out
}
