package risk

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"time"

	"wardwatch/scoring/course"
	"wardwatch/ward"
)

// Panel fills the features of several models in one row, so that what they share is computed once.
type Panel struct {
	spec    *course.Spec
	plan    *course.Plan
	columns []string
	signals []string // of inputs that are measured
	views   []view
}

// view is a model's part of a panel's row.
type view struct {
	*model
	features []int // columns of the model's features
	newest   []int // column of each input's newest value
	slope    []int // column of each input's slope; -1: none
	signal   []int // place of each input's signal; -1: it is not measured
	age      int   // column of the person's age
}

func newPanel(spec *course.Spec, models []*model) (*Panel, error) {
	p := &Panel{spec: spec}
	for _, m := range models {
		p.views = append(p.views, p.viewOf(m))
	}
	plan, err := spec.Compile(p.columns)
	if err != nil {
		return nil, err
	}
	p.plan = plan
	return p, nil
}

func (p *Panel) viewOf(m *model) view {
	v := view{model: m, age: place(&p.columns, "age")}
	for _, name := range m.about.Features {
		v.features = append(v.features, place(&p.columns, name))
	}
	for i := range m.about.Inputs {
		in := &m.about.Inputs[i]
		slope, signal := none, none
		if name := m.about.slope(in); name != "" {
			slope = place(&p.columns, name)
		}
		if !in.isPerson() {
			signal = place(&p.signals, in.Signal)
		}
		v.newest = append(v.newest, place(&p.columns, m.about.newest(in)))
		v.slope, v.signal = append(v.slope, slope), append(v.signal, signal)
	}
	return v
}

const none = -1

// place is where a name stands in a list; it is added when it does not yet.
func place(list *[]string, name string) int {
	if at := slices.Index(*list, name); at >= 0 {
		return at
	}
	*list = append(*list, name)
	return len(*list) - 1
}

// Panel is a panel of these models, for validation.
func (m *Models) Panel(ids ...string) (*Panel, error) {
	var models []*model
	for _, id := range ids {
		one, ok := m.models[id]
		if m.extra != nil && m.extra.about.ID == id {
			one, ok = m.extra, true
		}
		if !ok {
			return nil, fmt.Errorf("model %q is not loaded", id)
		}
		models = append(models, one)
	}
	return newPanel(m.spec, models)
}

// Width is the number of features in a row.
func (p *Panel) Width() int { return len(p.columns) }

// Fill writes a person's features at a moment into a row of Width numbers.
func (p *Panel) Fill(c *course.Course, who course.Who, at time.Time, row []float32) {
	p.plan.Fill(c, who, at, row)
}

// gather copies a model's own features out of a panel's row.
func (v *view) gather(row, into []float32) {
	for i, c := range v.features {
		into[i] = row[c]
	}
}

// known reports whether an input has a value in the last 24 hours.
func (v *view) known(row []float32, input int) bool { return !isNaN(row[v.newest[input]]) }

// judge says why a prediction from this row must be withheld: too little is known, this set of
// missing inputs was never seen in training, or an input is beyond what was.
func (v *view) judge(row []float32) (ward.Withheld, []string) {
	var missing uint64
	for i := range v.about.Inputs {
		if !v.known(row, i) {
			missing |= 1 << i
		}
	}
	if bits.OnesCount64(v.five&^missing) < v.about.Least {
		return ward.WithheldTooLittle, v.names(v.five & missing)
	}
	if !v.patterns[missing] {
		return ward.WithheldPattern, v.names(missing)
	}
	if beyond := v.beyond(row); beyond != nil {
		return ward.WithheldRange, beyond
	}
	return ward.NotWithheld, nil
}

// names are the inputs of a set.
func (v *view) names(set uint64) (out []string) {
	for i := range v.about.Inputs {
		if set>>i&1 == 1 {
			out = append(out, v.about.Inputs[i].Input)
		}
	}
	return out
}

// beyond are the inputs whose newest value is outside the training range. Both are compared as the
// model reads them.
func (v *view) beyond(row []float32) []string {
	var out []string
	for i := range v.about.Inputs {
		in := &v.about.Inputs[i]
		if x := row[v.newest[i]]; x < float32(*in.Min) || x > float32(*in.Max) {
			out = append(out, in.Input)
		}
	}
	return out
}

func isNaN(x float32) bool { return math.IsNaN(float64(x)) }
