package risk

import (
	"time"

	"wardwatch/ward"
)

// forecasts asks the forecasting model about everybody; the vitals in the order of forecastVitals.
func (p *pass) forecasts(v *view) [][]ward.Forecast {
	all := make([][]ward.Forecast, len(p.subjects))
	var ask []int
	for i := range all {
		withheld, because := p.withheld(i, Forecasting, v), []string(nil)
		if withheld == ward.NotWithheld {
			withheld, because = v.judge(p.row(i))
		}
		all[i] = p.blank(i, v, withheld, because)
		if withheld == ward.NotWithheld {
			ask = append(ask, i)
		}
	}
	if len(ask) > 0 {
		p.foretell(v, all, ask)
	}
	return all
}

// blank is a forecast without its hours, and with the reason where there will be none.
func (p *pass) blank(i int, v *view, withheld ward.Withheld, because []string) []ward.Forecast {
	out := make([]ward.Forecast, len(forecastVitals))
	for k, vital := range forecastVitals {
		out[k] = ward.Forecast{Vital: vital, Withheld: withheld, Because: because}
		if v != nil {
			out[k].Model, out[k].Version = v.about.ID, v.version
		}
		if !mayYield(withheld) {
			continue
		}
		s := &p.subjects[i]
		switch w := s.breathing(); {
		case vital == ward.SpO2 && w != ward.NotWithheld:
			out[k].Withheld, out[k].Because = w, nil
		case vital == ward.RR && s.Oxygen.HasDevice && ventilates(s.Oxygen.Device): // the machine sets it
			out[k].Withheld, out[k].Because = ward.WithheldVentilated, nil
		case withheld == ward.NotWithheld && !p.recent(i, vital):
			out[k].Withheld, out[k].Because = ward.WithheldTooLittle, []string{vital.String()}
		}
	}
	return out
}

// recentFor is how old the newest value of a vital was at most in the rows that its forecast was
// trained on.
const recentFor = 3 * time.Hour

func (p *pass) recent(i int, v ward.Vital) bool {
	s := &p.subjects[i]
	_, age, ok := p.spec.Newest(s.Course, v.String(), s.At)
	return ok && age < recentFor
}

// mayYield reports whether a reason comes after those of the breathing in the order of telling.
func mayYield(w ward.Withheld) bool {
	switch w {
	case ward.NotWithheld, ward.WithheldFailed, ward.WithheldTooLittle, ward.WithheldPattern, ward.WithheldRange:
		return true
	}
	return false
}

func (p *pass) foretell(v *view, all [][]ward.Forecast, ask []int) {
	out, err := v.predict(p.gather(v, ask), len(ask), p.patience)
	withheld := p.answered(v.model, err)
	for n, i := range ask {
		for k := range all[i] {
			f := &all[i][k]
			if f.Withheld != ward.NotWithheld {
				continue
			}
			if f.Withheld = withheld; withheld != ward.NotWithheld {
				continue
			}
			const each = hoursAhead * quantiles
			from := n*forecastWidth + k*each
			if f.Hours = hoursOf(out[from : from+each]); f.Hours == nil {
				f.Withheld = ward.WithheldFailed
			}
		}
	}
}

// hoursOf reads one vital's quantiles; nil when they are not what quantiles are.
func hoursOf(q []float32) []ward.ForecastHour {
	if !finite(q) {
		return nil
	}
	hours := make([]ward.ForecastHour, hoursAhead)
	for h := range hours {
		low, mid, high := q[h*quantiles], q[h*quantiles+1], q[h*quantiles+2]
		if low > mid || mid > high {
			return nil
		}
		hours[h] = ward.ForecastHour{Ahead: time.Duration(h+1) * time.Hour, Low: float64(low), Mid: float64(mid), High: float64(high)}
	}
	return hours
}
