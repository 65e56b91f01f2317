package backtest

import (
	"context"
	"slices"
	"time"

	"wardwatch/scoring/backtest/stat"
	"wardwatch/ward"
)

// horizons are the windows before an event, in hours, in which an alert may still help. With ppvHorizon
// they are ours; 24 h is the window of most published comparisons.
var horizons = [...]int{24, 12, 6}

const ppvHorizon = 24 // hours

// measure turns what was driven into the report.
func measure(ctx context.Context, all []patient, arms []Arm, o Options) (*Report, error) {
	r := &Report{Format: Format, Set: setOf(all), Method: Method{
		Accept: minutes(o.Responder.Accept), Charted: minutes(o.Responder.Set), Bedside: minutes(o.Responder.Bedside),
		Quiet: minutes(o.Responder.Quiet), Plan: minutes(o.Responder.Plan), Miss: stat.Number(o.Responder.Miss), Resamples: o.Resamples, Seed: o.Seed,
		Horizons: slices.Clone(horizons[:]), PPVHorizon: ppvHorizon,
		LabelWindow: stat.Number(o.AfterLabel.Hours()),
	}}
	scales := scalesOf(o.Charts)
	for i := range arms {
		m := measurer{all: all, arm: i, days: days(all)}
		p := &Policy{Name: arms[i].Name, Version: arms[i].Policy.Version, Charts: m.charts()}
		m.burden(p)
		m.time(p)
		m.accuracies(p)
		m.matched(p)
		m.scores(p, scales)
		m.groups(p)
		p.Missed = m.missed()
		if err := m.estimate(ctx, o); err != nil {
			return nil, err
		}
		m.goals(p)
		r.Policies = append(r.Policies, *p)
	}
	return r, nil
}

func minutes(d time.Duration) stat.Number { return stat.Number(d.Minutes()) }

// setOf describes the data.
func setOf(all []patient) Set {
	s := Set{Patients: len(all), Clock: clocked(all), Values: map[string]int64{}, Lacks: []string{}, Skipped: map[string]int64{}}
	total := 0.0
	for i := range all {
		p := &all[i]
		if p.followed {
			s.Followed++
		}
		if p.hadEvent() {
			s.Events++
			s.Timed = s.Timed || p.timed
		}
		total += p.days
		s.Rows += int64(p.rows)
		s.LabelledRows += int64(p.labelled)
		s.PositiveRows += int64(p.positive)
		for v, n := range p.values {
			s.Values[ward.Vital(v).String()] += int64(n)
		}
	}
	for v := range ward.NumVitals {
		if s.Values[v.String()] == 0 {
			s.Lacks = append(s.Lacks, v.String())
		}
	}
	s.PatientDays = stat.Number(total)
	s.Prevalence = share(s.Events, s.Followed)
	s.RowShare = share(int(s.PositiveRows), int(s.LabelledRows))
	return s
}

func share(k, n int) stat.Number { return stat.Proportion(k, n).Value }

func (p *patient) hadEvent() bool { return p.followed && p.event }

func days(all []patient) []float64 {
	out := make([]float64, len(all))
	for i := range all {
		out[i] = all[i].days
	}
	return out
}

// measurer measures one arm. Figures that need the bootstrap are asked for one by one and worked
// out together, over the same resamples.
type measurer struct {
	all        []patient
	arm        int
	days       []float64
	statistics []stat.Statistic
	into       [][]*stat.Estimate
}

func (m *measurer) track(i int) *track { return &m.all[i].tracks[m.arm] }

// ask orders a statistic's figures; they are filled in by estimate.
func (m *measurer) ask(s stat.Statistic, into ...*stat.Estimate) {
	m.statistics, m.into = append(m.statistics, s), append(m.into, into)
}

func (m *measurer) estimate(ctx context.Context, o Options) error {
	found, err := stat.Bootstrap(ctx, len(m.all), o.Resamples, o.Seed, o.Workers, m.statistics)
	if err != nil {
		return err
	}
	for s := range found {
		for f := range m.into[s] {
			*m.into[s][f] = found[s][f]
		}
	}
	return nil
}

// perDay asks for a count over the days of observation.
func (m *measurer) perDay(into *stat.Estimate, count func(i int) float64) {
	over := make([]float64, len(m.all))
	for i := range over {
		over[i] = count(i)
	}
	m.ask(stat.Ratio(over, m.days), into)
}

func (m *measurer) charts() []string {
	names := []string{}
	for i := range m.all {
		if c := m.track(i).chart; c != "" && !slices.Contains(names, c) {
			names = append(names, c)
		}
	}
	slices.Sort(names)
	return names
}

// time is how restless the score was and where it stood.
func (m *measurer) time(p *Policy) {
	m.perDay(&p.BandChanges, func(i int) float64 { return float64(m.track(i).moves) })
	var in [ward.High + 1]float64
	total, complete := 0.0, 0.0
	for i := range m.all {
		t := m.track(i)
		for b, d := range t.inBand {
			in[b] += d.Hours()
			total += d.Hours()
		}
		complete += t.complete.Hours()
	}
	p.TimeInBand = map[string]stat.Number{}
	for b, d := range in {
		p.TimeInBand[ward.Band(b).String()] = stat.Number(d / total)
	}
	p.Complete = stat.Number(complete / total)
	p.LowerBound = m.lowerBound(0)
}

// lowerBound is how often a scale lacked an input, of the times it was worked out.
func (m *measurer) lowerBound(scale int) stat.Number {
	lower, judged := 0, 0
	for i := range m.all {
		lower += int(m.track(i).lower[scale])
		judged += int(m.track(i).judged[scale])
	}
	return share(lower, judged)
}
