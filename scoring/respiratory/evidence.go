package respiratory

import (
	"math"
	"time"

	"wardwatch/ward"
)

// reads is what a row looks at.
type reads uint8

// What rows look at. Of an estimated fraction the least is taken: what a row says is then certain.
const (
	readsROX reads = iota
	readsSF
	readsFiO2
	readsSpO2
	readsRR
	readsSupport          // a stronger oxygen device than the weakest of the last 24 h; devices' codes
	readsTrendRR          // hours until it reaches its limit
	readsTrendSpO2        // likewise
	readsForecastRRMid    // the highest of the expected rates
	readsForecastRRLow    // the highest of the intervals' lower ends: the whole interval is as high
	readsForecastSpO2Mid  // the lowest of the expected saturations
	readsForecastSpO2High // the lowest of the intervals' upper ends
	readsRisk             // probability of respiratory decline, by the model's own threshold
	readsFinding          // an imaging finding
	numReads
)

// spec is how a thing is named in the table, and the range that a limit of it can lie in: a limit in
// a wrong unit is refused. A zero range means that the row names no limit.
type spec struct {
	name      string
	low, high float64
}

var specs = [numReads]spec{
	readsROX: {"rox", 0.5, 30}, readsSF: {"sf", 50, 477}, readsFiO2: {"fio2", air, 1}, readsSpO2: {"spo2", 50, 100}, readsRR: {"rr", 1, 80},
	readsSupport:   {name: "support"},
	readsTrendRR:   {"trend_rr_hours", 0.5, 24},
	readsTrendSpO2: {"trend_spo2_hours", 0.5, 24}, readsForecastRRMid: {"forecast_rr_expected", 1, 80},
	readsForecastRRLow: {"forecast_rr_interval", 1, 80}, readsForecastSpO2Mid: {"forecast_spo2_expected", 50, 100},
	readsForecastSpO2High: {"forecast_spo2_interval", 50, 100}, readsRisk: {name: "risk"}, readsFinding: {name: "finding"},
}

func readsNamed(name string) (reads, bool) {
	for i := range specs {
		if specs[i].name == name {
			return reads(i), true
		}
	}
	return 0, false
}

// limited is whether a row that reads it names a limit of its own.
func (r reads) limited() bool { return specs[r].high > 0 }

// reading is what was found for a row.
type reading struct {
	number, limit float64 // limit: where it is not the row's own
	at            time.Time
	silent        bool
}

// read finds what a row looks at; ok is false when it is not known.
func (k *look) read(r *row) (reading, bool) {
	in := k.in
	switch r.reads {
	case readsROX:
		x := k.rox(k.oxygen.low)
		return reading{number: x, at: oldest(in.SpO2.At, in.RR.At, k.oxygen.at)}, x > 0
	case readsSF:
		x := k.sf(k.oxygen.low)
		return reading{number: x, at: oldest(in.SpO2.At, k.oxygen.at)}, x > 0
	case readsFiO2:
		return reading{number: k.oxygen.low, at: k.oxygen.at}, k.oxygen.low > 0
	case readsSpO2:
		return reading{number: math.Round(in.SpO2.Number), at: in.SpO2.At}, k.hasSpO2
	case readsRR:
		return reading{number: math.Round(in.RR.Number), at: in.RR.At}, k.hasRR
	case readsSupport:
		return k.support()
	case readsTrendRR:
		return k.trend(ward.RR)
	case readsTrendSpO2:
		return k.trend(ward.SpO2)
	case readsForecastRRMid:
		return k.forecast(ward.RR, r.within, 1, func(h *ward.ForecastHour) float64 { return h.Mid })
	case readsForecastRRLow:
		return k.forecast(ward.RR, r.within, 1, func(h *ward.ForecastHour) float64 { return h.Low })
	case readsForecastSpO2Mid:
		return k.forecast(ward.SpO2, r.within, -1, func(h *ward.ForecastHour) float64 { return h.Mid })
	case readsForecastSpO2High:
		return k.forecast(ward.SpO2, r.within, -1, func(h *ward.ForecastHour) float64 { return h.High })
	case readsRisk:
		return k.risk()
	}
	return reading{}, false
}

// support is a step up from the weakest device of the last 24 h.
func (k *look) support() (reading, bool) {
	in := k.in
	if !in.HasDevice || !in.HasWeakest || in.Device > ward.Ventilator || in.Weakest > ward.Ventilator {
		return reading{}, false
	}
	up := k.t.support[in.Device] > k.t.support[in.Weakest]
	return reading{number: float64(in.Device), limit: float64(in.Weakest), at: in.DeviceSince}, up
}

// trend is the soonest that a vital reaches its limit, in hours, of those whose range has an end: one
// that may never get there raises nothing.
func (k *look) trend(v ward.Vital) (best reading, ok bool) {
	for i := range k.in.Trends {
		t := &k.in.Trends[i]
		going := t.Means == ward.TrendRising || t.Means == ward.TrendFalling
		if t.Vital != v || !going || t.Reach <= 0 || t.Late <= 0 {
			continue
		}
		if hours := t.Reach.Hours(); !ok || hours < best.number {
			best, ok = reading{number: hours, at: t.At}, true
		}
	}
	return best, ok
}

// forecast is the worst that is foretold of a vital within some hours; side is 1 where high is bad.
// What people may see goes before what is silent, so that the one never hides the other.
func (k *look) forecast(v ward.Vital, within time.Duration, side float64, of func(*ward.ForecastHour) float64) (best reading, ok bool) {
	low, high := specs[readsForecastRRMid].low, specs[readsForecastRRMid].high
	if v == ward.SpO2 {
		low, high = specs[readsForecastSpO2Mid].low, specs[readsForecastSpO2Mid].high
	}
	for i := range k.in.Forecasts {
		f := &k.in.Forecasts[i]
		if f.Vital != v || f.Withheld != ward.NotWithheld {
			continue
		}
		for j := range f.Hours {
			h := &f.Hours[j]
			x := of(h)
			if h.Ahead <= 0 || h.Ahead > within || !(x >= low && x <= high) || !(h.Low <= h.Mid && h.Mid <= h.High) {
				continue
			}
			if !ok || best.silent && !f.Silent || best.silent == f.Silent && side*x > side*best.number {
				best, ok = reading{number: x, at: k.in.At, silent: f.Silent}, true
			}
		}
	}
	return best, ok
}

// risk is a model's raised risk of respiratory decline; one that people may see goes before a
// silent one.
func (k *look) risk() (best reading, ok bool) {
	for i := range k.in.Risks {
		r := &k.in.Risks[i]
		if r.Task != ward.RespiratoryDecline || !r.Raised() || !(r.Value > 0 && r.Value <= 1) || !(r.Threshold > 0) {
			continue
		}
		if !ok || best.silent && !r.Silent || best.silent == r.Silent && r.Value > best.number {
			best, ok = reading{number: r.Value, limit: r.Threshold, at: k.in.At, silent: r.Silent}, true
		}
	}
	return best, ok
}
