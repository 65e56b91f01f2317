package risk

import (
	"cmp"
	"math"
	"slices"

	"wardwatch/ward"
)

// How much of a prediction is explained; proposals for local clinicians to sign.
const (
	fewEnough  = 64  // subjects in a pass, up to which every prediction is explained
	mostPushes = 5   // contributions told
	leastPush  = 0.1 // of the log-odds, to be told: about a tenth more or less
)

// explain says what pushed some predictions: for each input, the log-odds less those with all of
// that input's features at their usual values, by the model itself. One batch answers for all. Where
// the model fails here, its predictions stand without reasons.
func (p *pass) explain(v *view, asked []question) {
	if len(asked) == 0 {
		return
	}
	inputs, f := len(v.about.Inputs), len(v.features)
	batch := make([]float32, len(asked)*inputs*f)
	for n := range asked {
		for input := range inputs {
			at := (n*inputs + input) * f
			row := batch[at : at+f]
			v.gather(p.row(asked[n].subject), row)
			for _, c := range v.about.Inputs[input].Features {
				row[c] = v.reference[c]
			}
		}
	}
	usual, err := v.predict(batch, len(asked)*inputs, p.patience)
	if err != nil {
		return
	}
	for n, q := range asked {
		q.risk.Reasons = p.reasons(v, q, usual[n*inputs:(n+1)*inputs])
	}
}

// reasons are the contributions worth telling, the strongest first.
func (p *pass) reasons(v *view, q question, usual []float32) []ward.Contribution {
	var out []ward.Contribution
	for input, u := range usual {
		push := float64(q.logit) - float64(u)
		if math.Abs(push) >= leastPush && !math.IsInf(push, 0) {
			out = append(out, p.contribution(v, q.subject, input, push))
		}
	}
	slices.SortStableFunc(out, func(a, b ward.Contribution) int { return cmp.Compare(math.Abs(b.Push), math.Abs(a.Push)) })
	return out[:min(len(out), mostPushes)]
}

func (p *pass) contribution(v *view, i, input int, push float64) ward.Contribution {
	in := &v.about.Inputs[input]
	c := ward.Contribution{Input: in.Input, Push: push, Value: math.NaN()}
	x := p.newest(v, i, input)
	if !x.ok {
		return c
	}
	c.Value, c.Age = x.value, x.age
	switch {
	case x.value < *in.Low:
		c.Level = ward.LevelLow
	case x.value > *in.High:
		c.Level = ward.LevelHigh
	}
	if at := v.slope[input]; at >= 0 {
		c.Course = in.course(float64(p.row(i)[at]))
	}
	return c
}

// course says where an input is going; a slope that is not known says nothing.
func (in *Input) course(slope float64) ward.Course {
	switch {
	case slope < *in.SlopeLow && slope < 0:
		return ward.CourseFalling
	case slope > *in.SlopeHigh && slope > 0:
		return ward.CourseRising
	}
	return ward.CourseSteady
}
