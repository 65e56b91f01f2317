package risk

import (
	"fmt"
	"slices"
	"sync/atomic"

	"wardwatch/ward"
)

// Raw is a model's answer to one row, whatever rules would keep it from staff.
type Raw struct {
	P        float64       // calibrated probability
	Withheld ward.Withheld // why it would have been withheld, by what a row can tell
	Because  []string
}

// PredictRaw asks one of the panel's models about n rows that were filled by the panel, for
// validation. It waits as long as it takes. A result that is no number is an error.
func (p *Panel) PredictRaw(id string, rows []float32, n int) ([]Raw, error) {
	at := slices.IndexFunc(p.views, func(v view) bool { return v.about.ID == id })
	switch {
	case at < 0:
		return nil, fmt.Errorf("model %q is not of this panel", id)
	case p.views[at].about.Task == Forecasting:
		return nil, fmt.Errorf("model %q makes forecasts and gives no probability", id)
	case len(rows) != n*p.Width():
		return nil, fmt.Errorf("%d numbers for %d rows: the panel has %d a row", len(rows), n, p.Width())
	}
	return p.raw(&p.views[at], rows, n)
}

func (p *Panel) raw(v *view, rows []float32, n int) ([]Raw, error) {
	w, f := p.Width(), len(v.features)
	batch, logits := make([]float32, atOnce*f), make([]float32, atOnce)
	out := make([]Raw, n)
	for from := 0; from < n; from += atOnce {
		some := min(atOnce, n-from)
		for i := range some {
			v.gather(rows[(from+i)*w:(from+i+1)*w], batch[i*f:(i+1)*f])
		}
		if err := v.chunks(batch[:some*f], some, logits[:some], new(atomic.Bool)); err != nil {
			return nil, fmt.Errorf("model %q: %w", v.about.ID, err)
		}
		for i, logit := range logits[:some] {
			if !finite(logits[i : i+1]) {
				return nil, fmt.Errorf("model %q gave %v for row %d", v.about.ID, logit, from+i+1)
			}
			r := &out[from+i]
			r.P = probability(float64(logit))
			r.Withheld, r.Because = v.judgeWithAge(rows[(from+i)*w : (from+i+1)*w])
		}
	}
	return out, nil
}

func (v *view) judgeWithAge(row []float32) (ward.Withheld, []string) {
	switch age := row[v.age]; {
	case isNaN(age):
		return ward.WithheldAgeUnknown, nil
	case age < adult:
		return ward.WithheldAge, nil
	}
	return v.judge(row)
}
