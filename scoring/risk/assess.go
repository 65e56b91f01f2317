package risk

import (
	"wardwatch/ward"
)

// Result is what the models say of one subject.
type Result struct {
	// Risks has one of each task of ward.Tasks, in that order, and after them those of optional
	// models for which there is something to go by.
	Risks []ward.Risk
	// Forecasts has one each of RR and SpO2.
	Forecasts []ward.Forecast
}

// Assess asks every model about every subject, one batch a model. What a model may not or cannot say
// is withheld with its reason; there is never a value in its stead.
func (m *Models) Assess(subjects []Subject) []Result {
	m.assessing.Lock()
	defer m.assessing.Unlock()
	results := make([]Result, len(subjects))
	p := m.pass(subjects)
	for _, task := range ward.Tasks {
		p.risks(task, p.view(task), everybody(subjects), results)
	}
	for _, v := range p.optional() {
		p.risks(v.about.Task, v, p.supplied(v), results)
	}
	for i, f := range p.forecasts(p.view(Forecasting)) {
		results[i].Forecasts = f
	}
	return results
}

// pass is one asking of every model about everybody.
type pass struct {
	*Models
	*sheet   // nil when no model can be asked
	subjects []Subject
}

func (m *Models) pass(subjects []Subject) *pass {
	p := &pass{Models: m, subjects: subjects}
	if m.serving != nil {
		p.sheet = m.serving.sheet(subjects)
	}
	return p
}

// view is of the model that serves a task; nil when there is none.
func (p *pass) view(task ward.Task) *view {
	return p.find(func(v *view) bool { return v.role == Serve && v.about.Task == task })
}

func (p *pass) find(is func(*view) bool) *view {
	if p.serving == nil {
		return nil
	}
	for i := range p.serving.views {
		if v := &p.serving.views[i]; is(v) {
			return v
		}
	}
	return nil
}

func (p *pass) optional() (out []*view) {
	p.find(func(v *view) bool {
		if v.role == Optional {
			out = append(out, v)
		}
		return false
	})
	return out
}

func everybody(subjects []Subject) []int {
	all := make([]int, len(subjects))
	for i := range all {
		all[i] = i
	}
	return all
}

// supplied are the subjects of whom there is a laboratory value for an optional model to go by.
func (p *pass) supplied(v *view) (out []int) {
	for i := range p.subjects {
		for input := range v.about.Inputs {
			if p.filled[i] && v.about.Inputs[input].isLab() && v.known(p.row(i), input) {
				out = append(out, i)
				break
			}
		}
	}
	return out
}

// withheld is the first reason, in the order in which they are told, that needs no measurement.
func (p *pass) withheld(i int, task ward.Task, v *view) ward.Withheld {
	s := &p.subjects[i]
	if s.Stay == nil {
		return ward.WithheldNobody
	}
	if v == nil {
		return p.why[task]
	}
	if p.person[i] != ward.NotWithheld {
		return p.person[i]
	}
	if task == ward.RespiratoryDecline {
		if w := s.breathing(); w != ward.NotWithheld {
			return w
		}
	}
	if !p.filled[i] {
		return ward.WithheldFailed
	}
	return ward.NotWithheld
}

// question is what a model is asked of one subject.
type question struct {
	subject int
	risk    *ward.Risk // to be answered
	logit   float32
}

// risks asks one model about some subjects and adds what it says to their results.
func (p *pass) risks(task ward.Task, v *view, of []int, results []Result) {
	risks := make([]ward.Risk, len(of))
	var ask []question
	for k, i := range of {
		r := &risks[k]
		*r = p.blankRisk(task, v)
		if r.Withheld = p.withheld(i, task, v); r.Withheld != ward.NotWithheld {
			continue
		}
		r.Inputs = p.inputs(v, i)
		if r.Withheld, r.Because = v.judge(p.row(i)); r.Withheld == ward.NotWithheld {
			ask = append(ask, question{subject: i, risk: r})
		}
	}
	if len(ask) > 0 {
		p.predict(v, ask)
	}
	for k, i := range of {
		results[i].Risks = append(results[i].Risks, risks[k])
	}
}

func (p *pass) blankRisk(task ward.Task, v *view) ward.Risk {
	if v == nil {
		return ward.Risk{Task: task}
	}
	return ward.Risk{Task: task, Model: v.about.ID, Version: v.version, Threshold: v.about.Threshold}
}

// predict answers the questions, and says why where it is asked for or a risk is raised.
func (p *pass) predict(v *view, ask []question) {
	subjects := make([]int, len(ask))
	for k := range ask {
		subjects[k] = ask[k].subject
	}
	logits, err := v.predict(p.gather(v, subjects), len(ask), p.patience)
	withheld := p.answered(v.model, err)
	var why []question
	for k := range ask {
		q := &ask[k]
		switch {
		case withheld != ward.NotWithheld:
			q.risk.Withheld = withheld
		case !finite(logits[k : k+1]):
			q.risk.Withheld = ward.WithheldFailed
		default:
			q.logit = logits[k]
			q.risk.Value = probability(float64(q.logit))
			if q.risk.Raised() || p.subjects[q.subject].Explain || len(p.subjects) <= fewEnough {
				why = append(why, *q)
			}
		}
	}
	p.explain(v, why)
}
