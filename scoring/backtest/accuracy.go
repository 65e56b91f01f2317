package backtest

import (
	"math"
	"time"

	"wardwatch/scoring/backtest/stat"
	"wardwatch/ward"
)

// alerting are the bands that tell people, the widest choice first.
var alerting = [...]ward.Band{ward.LowMedium, ward.Medium, ward.High}

// accuracies measures the policy and, from the same scores, alerting at every crossing.
func (m *measurer) accuracies(p *Policy) {
	p.Accuracy, p.Crossing = make([]Accuracy, len(alerting)), make([]Accuracy, len(alerting))
	for i, b := range alerting {
		m.accuracy(&p.Accuracy[i], b, m.told)
		m.accuracy(&p.Crossing[i], b, m.rises)
	}
	p.Sweep = m.sweep()
}

// told are the moments at which a patient's people were interrupted for a band or worse.
func (m *measurer) told(i int, least ward.Band) (at []time.Time) {
	for _, a := range m.track(i).alerts {
		if a.kind != ward.Technical && a.band >= least {
			at = append(at, a.at)
		}
	}
	return at
}

// rises are the moments at which the live score's band went up into a band or worse.
func (m *measurer) rises(i int, least ward.Band) (at []time.Time) {
	for _, c := range m.track(i).rises {
		if c.band >= least {
			at = append(at, c.at)
		}
	}
	return at
}

// verdict is what one patient's alerts were worth.
type verdict struct {
	n      int  // alerts in the whole record
	before int  // of them before the event
	right  int  // of them followed by it within the PPV horizon
	warned bool // there was one before the event
	within [len(horizons)]bool
	lead   time.Duration // from the first
	last   time.Duration // from the first within the last day; zero: none
}

// verdictOf weighs a patient's alerts, in time order, against what happened to them.
func verdictOf(p *patient, alerts []time.Time) (v verdict) {
	v.n = len(alerts)
	for _, at := range alerts {
		if !p.before(at) {
			continue
		}
		v.before++
		if !v.warned {
			v.warned, v.lead = true, p.eventAt.Sub(at)
		}
		if !p.event {
			continue
		}
		ahead := p.eventAt.Sub(at)
		if !p.timed || ahead <= ppvHorizon*time.Hour {
			v.right++
		}
		for h, hours := range horizons {
			v.within[h] = v.within[h] || p.timed && ahead <= time.Duration(hours)*time.Hour
		}
		if ahead <= 24*time.Hour && v.last == 0 {
			v.last = ahead
		}
	}
	return v
}

// accuracy sets alerts of a band or worse against the events.
func (m *measurer) accuracy(into *Accuracy, least ward.Band, alerts func(int, ward.Band) []time.Time) {
	n := len(m.all)
	counts, right, before := make([]float64, n), make([]float64, n), make([]float64, n)
	var events, timed, quiet, warned, fair int
	var within [len(horizons)]int
	var lead, last []float64
	for i := range m.all {
		p := &m.all[i]
		v := verdictOf(p, alerts(i, least))
		counts[i] = float64(v.n)
		into.Alerts += v.n
		if !p.followed {
			continue
		}
		before[i], right[i] = float64(v.before), float64(v.right)
		if !p.event {
			quiet++
			if v.n == 0 {
				fair++
			}
			continue
		}
		events++
		if v.warned {
			warned++
		}
		if !p.timed {
			continue
		}
		timed++
		for h, yes := range v.within {
			if yes {
				within[h]++
			}
		}
		if v.warned {
			lead = append(lead, v.lead.Hours())
		}
		if v.last > 0 {
			last = append(last, v.last.Hours())
		}
	}
	into.Band = least.String()
	into.Sensitivity = stat.Proportion(warned, events)
	into.Specificity = stat.Proportion(fair, quiet)
	into.PPVPatient = stat.Proportion(warned, warned+quiet-fair)
	for h, k := range within {
		into.Within = append(into.Within, Within{horizons[h], stat.Proportion(k, timed)})
	}
	into.Lead, into.LeadDay, into.LeadBins = stat.QuartilesOf(lead), stat.QuartilesOf(last), leadBins(lead)
	m.ask(stat.Ratio(counts, m.days), &into.PerDay)
	m.ask(stat.Ratio(right, before), &into.PPVAlert)
}

// leadBins sorts the lead times for a plot; nil without any.
func leadBins(hours []float64) []LeadBin {
	if len(hours) == 0 {
		return nil
	}
	edges := []float64{0, 1, 3, 6, 12, 24, 48, math.Inf(1)}
	out := make([]LeadBin, len(edges)-1)
	for i := range out {
		out[i].From, out[i].To = int(edges[i]), stat.Number(edges[i+1])
		for _, h := range hours {
			if h >= edges[i] && h < edges[i+1] {
				out[i].Patients++
			}
		}
	}
	return out
}

// sweep tries one threshold of points after the other.
func (m *measurer) sweep() []Point {
	out := []Point{}
	for k := 1; k <= maxPoints; k++ {
		crossings, total := 0.0, 0.0
		events, warned := 0, 0
		for i := range m.all {
			t := m.track(i)
			crossings += float64(t.crossed[k])
			total += m.days[i]
			if m.all[i].hadEvent() {
				events++
				if t.crossedIn[k] {
					warned++
				}
			}
		}
		if crossings == 0 {
			break
		}
		out = append(out, Point{k, share(warned, events), stat.Number(crossings / total)})
	}
	return out
}

// missed lists the patients with the event whom nobody was told of before it.
func (m *measurer) missed() []Missed {
	out := []Missed{}
	for i := range m.all {
		p, t := &m.all[i], m.track(i)
		if !p.hadEvent() {
			continue
		}
		v := verdictOf(p, m.told(i, ward.LowMedium))
		if v.warned {
			continue
		}
		x := Missed{Case: p.id, Age: stat.Number(p.age), Sex: string(p.sex), Points: t.highest, Band: t.highestBand.String(), Lacks: []string{}, Told: v.n > 0}
		for j, part := range t.parts {
			if t.seen&(1<<j) == 0 {
				x.Lacks = append(x.Lacks, part)
			}
		}
		out = append(out, x)
	}
	return out
}
