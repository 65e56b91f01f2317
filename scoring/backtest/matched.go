package backtest

import (
	"math"

	"wardwatch/scoring/backtest/stat"
)

// operating is one way to alert: how many of the event patients it warns of, how often it alerts.
type operating struct{ warned, alerts float64 }

// matched compares the policy with every crossing at equal sensitivity: its alerts of a band or
// worse with the crossings into the same. Where those warn of more event patients than the policy,
// they are made stricter until they do not: between two bands the frequency is interpolated in a
// straight line, as if a ward used each for a part of its patients. Where they warn of fewer, they
// stay as they are. The sweep is a harder rival: whichever one threshold of points warns of as many
// with the fewest alerts.
func (m *measurer) matched(p *Policy) {
	p.Matched = make([]Matched, len(alerting))
	events := 0
	for i := range m.all {
		if m.all[i].hadEvent() {
			events++
		}
	}
	total := 0.0
	for _, d := range m.days {
		total += d
	}
	ways := m.ways()
	first := (&measurer{all: m.all, arm: 0}).own()
	for b, least := range alerting {
		own, bands, sweep := ways.sum(b, stat.Once(len(m.all)))
		x := &p.Matched[b]
		x.Band = least.String()
		x.Sensitivity = stat.Number(own.warned / float64(events))
		x.PerDay = stat.Number(own.alerts / total)
		x.Crossing = stat.Number(atSensitivity(bands[b:], own.warned) / total)
		x.Sweep = stat.Number(strictest(sweep, own.warned) / total)
		m.ask(stat.Statistic{N: 2, Of: func(drawn []uint8, out []float64) {
			own, bands, sweep := ways.sum(b, drawn)
			out[0] = own.alerts / atSensitivity(bands[b:], own.warned)
			out[1] = own.alerts / strictest(sweep, own.warned)
		}}, &x.Ratio, &x.SweepRatio)
		x.FirstRatio = stat.NoEstimate()
		if m.arm == 0 {
			continue
		}
		m.ask(stat.Statistic{N: 1, Of: func(drawn []uint8, out []float64) {
			own := over(ways.own[b], drawn)
			var family []operating
			for c := b; c < len(alerting); c++ {
				family = append(family, over(first[c], drawn))
			}
			out[0] = own.alerts / atSensitivity(family, own.warned)
		}}, &x.FirstRatio)
	}
}

// ways is, by patient, what each way of alerting did.
type ways struct {
	own, bands [len(alerting)][]operating
	sweep      [][]operating // by patient, then by threshold; only as far as the patient went
}

func (m *measurer) ways() *ways {
	w := &ways{own: m.own(), sweep: make([][]operating, len(m.all))}
	for b, least := range alerting {
		w.bands[b] = make([]operating, len(m.all))
		for i := range m.all {
			w.bands[b][i] = worth(&m.all[i], verdictOf(&m.all[i], m.rises(i, least)))
		}
	}
	for i := range m.all {
		t := m.track(i)
		for k := 1; k <= maxPoints && t.crossed[k] > 0; k++ {
			w.sweep[i] = append(w.sweep[i], worth(&m.all[i], verdict{n: int(t.crossed[k]), warned: t.crossedIn[k]}))
		}
	}
	return w
}

// own is what the policy's own calls did, by band and patient.
func (m *measurer) own() (of [len(alerting)][]operating) {
	for b, least := range alerting {
		of[b] = make([]operating, len(m.all))
		for i := range m.all {
			of[b][i] = worth(&m.all[i], verdictOf(&m.all[i], m.told(i, least)))
		}
	}
	return of
}

func worth(p *patient, v verdict) operating {
	o := operating{alerts: float64(v.n)}
	if v.warned && p.hadEvent() {
		o.warned = 1
	}
	return o
}

// sum adds up a resample: the policy at one band, the crossings by band and by points, each from
// the widest to the strictest.
func (w *ways) sum(b int, drawn []uint8) (own operating, bands, sweep []operating) {
	var all [len(alerting)]operating
	var points [maxPoints]operating
	for i, n := range drawn {
		if n == 0 {
			continue
		}
		f := float64(n)
		own.add(f, w.own[b][i])
		for c := range all {
			all[c].add(f, w.bands[c][i])
		}
		for k, o := range w.sweep[i] {
			points[k].add(f, o)
		}
	}
	return own, all[:], points[:]
}

// over adds up one way of alerting over a resample.
func over(of []operating, drawn []uint8) (sum operating) {
	for i, n := range drawn {
		sum.add(float64(n), of[i])
	}
	return sum
}

func (o *operating) add(times float64, x operating) {
	o.warned += times * x.warned
	o.alerts += times * x.alerts
}

// atSensitivity is how often a family of ways alerts where it warns of so many. The family runs from
// the widest to the strictest; beyond lies not alerting at all. NaN when there is nobody to warn of.
func atSensitivity(family []operating, warned float64) float64 {
	if warned == 0 {
		return math.NaN()
	}
	wider := family[0]
	if warned >= wider.warned {
		return wider.alerts
	}
	for _, stricter := range append(family[1:len(family):len(family)], operating{}) {
		if warned > stricter.warned {
			part := (warned - stricter.warned) / (wider.warned - stricter.warned)
			return stricter.alerts + part*(wider.alerts-stricter.alerts)
		}
		wider = stricter
	}
	return math.NaN()
}

// strictest is atSensitivity from the strictest way on that still warns of as many.
func strictest(family []operating, warned float64) float64 {
	from := 0
	for i := range family {
		if family[i].warned >= warned {
			from = i
		}
	}
	return atSensitivity(family[from:], warned)
}
