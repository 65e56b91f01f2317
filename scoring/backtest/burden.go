package backtest

import (
	"slices"
	"strings"

	"wardwatch/scoring/backtest/stat"
	"wardwatch/ward"
)

// What a policy is set against, of the people on the ladder: our proposals, for local clinicians to
// sign. Neither means anything without the sensitivity it was reached at.
const (
	nurseGoal  = 1.0 // interruptions of nurses a patient-day
	doctorGoal = 4.0 // pages of the doctor on duty, 40 beds and night
	goalBeds   = 40
)

// ladderRoles are the roles in the order of the report; a policy's others stand behind them.
var ladderRoles = [...]ward.Role{ward.RoleNurse, ward.RoleCharge, ward.RoleDoctor, ward.RoleLead, ward.RoleICU, ward.RoleEngineer}

// burden counts the interruptions.
func (m *measurer) burden(p *Policy) {
	b := &p.Burden
	of := func(keep func(*alert) bool) func(int) float64 {
		return func(i int) (n float64) {
			for j := range m.track(i).alerts {
				if keep(&m.track(i).alerts[j]) {
					n++
				}
			}
			return n
		}
	}
	m.perDay(&b.Interruptive, of(func(a *alert) bool { return a.kind != ward.Technical }))
	m.perDay(&b.Technical, of(func(a *alert) bool { return a.kind == ward.Technical }))
	m.perDay(&b.Escalations, func(i int) float64 { return float64(m.track(i).escalations) })
	m.perDay(&b.Reviews, func(i int) float64 { return float64(m.track(i).reviews) })
	b.Kinds = m.shares(func(a *alert) string { return string(a.kind) })
	b.Bands = m.shares(func(a *alert) string {
		if a.kind == ward.Technical {
			return ""
		}
		return a.band.String()
	})
	b.Causes = m.shares(func(a *alert) string { return a.cause })
	b.Roles, b.Rungs = m.roles(), m.rungs()
}

// shares counts the alerts by a name, the most frequent first; those without a name are left out.
func (m *measurer) shares(name func(*alert) string) []Share {
	counts := map[string][]float64{}
	totals := map[string]int{}
	for i := range m.all {
		for j := range m.track(i).alerts {
			n := name(&m.track(i).alerts[j])
			if n == "" {
				continue
			}
			if counts[n] == nil {
				counts[n] = make([]float64, len(m.all))
			}
			counts[n][i]++
			totals[n]++
		}
	}
	out := make([]Share, 0, len(counts))
	for n := range counts {
		out = append(out, Share{Name: n, Alerts: totals[n]})
	}
	slices.SortFunc(out, func(a, b Share) int {
		if a.Alerts != b.Alerts {
			return b.Alerts - a.Alerts
		}
		return strings.Compare(a.Name, b.Name)
	})
	for i := range out {
		m.ask(stat.Ratio(counts[out[i].Name], m.days), &out[i].PerDay)
	}
	return out
}

// roles is how often each role was told.
func (m *measurer) roles() []RoleBurden {
	names := slices.Clone(ladderRoles[:])
	for i := range m.all {
		for _, r := range m.track(i).load.roles {
			if !slices.Contains(names, r.role) {
				names = append(names, r.role)
			}
		}
	}
	slices.Sort(names[len(ladderRoles):])
	out := make([]RoleBurden, len(names))
	for i, role := range names {
		m.role(&out[i], role)
	}
	return out
}

func (m *measurer) role(into *RoleBurden, role ward.Role) {
	var told [whys]int
	notices := 0
	all, night, nights := make([]float64, len(m.all)), make([]float64, len(m.all)), make([]float64, len(m.all))
	for i := range m.all {
		l := m.track(i).load.of(role)
		for w, n := range l.told {
			told[w] += int(n)
		}
		notices += int(l.notices)
		all[i], night[i], nights[i] = float64(l.all()), float64(l.night)*goalBeds, m.all[i].nights
	}
	total := m.total()
	per := func(n int) stat.Number { return stat.Number(float64(n) / total) }
	*into = RoleBurden{
		Role: string(role), Tellings: told[asCall] + told[asClimb] + told[asReview] + told[asTechnical],
		Calls: per(told[asCall]), Climbs: per(told[asClimb]), Reviews: per(told[asReview]), Technical: per(told[asTechnical]), Notices: per(notices),
	}
	m.ask(stat.Ratio(all, m.days), &into.PerDay)
	if !clocked(m.all) { // a night is a third of a day in which any hour is like any other
		thirds := make([]float64, len(all))
		for i, n := range all {
			thirds[i] = n * goalBeds * nightHours / 24
		}
		night, nights = thirds, m.days
	}
	m.ask(stat.Ratio(night, nights), &into.Night)
}

func (m *measurer) total() (days float64) {
	for _, d := range m.days {
		days += d
	}
	return days
}

// clocked says whether the times of day are real, of every patient.
func clocked(all []patient) bool {
	return !slices.ContainsFunc(all, func(p patient) bool { return !p.clock })
}

// rungs is how often each rung was told about a patient.
func (m *measurer) rungs() []RungBurden {
	out := make([]RungBurden, topRung)
	for i := range out {
		out[i].Rung = i + 1
		m.perDay(&out[i].PerDay, func(j int) float64 { return float64(m.track(j).load.rungs[i+1]) })
		for j := range m.all {
			out[i].Rounds += int(m.track(j).load.rungs[i+1])
		}
	}
	return out
}

// goals sets the burden against the goals, once the estimates are known.
func (m *measurer) goals(p *Policy) {
	of := func(role ward.Role) *RoleBurden {
		return &p.Burden.Roles[slices.Index(ladderRoles[:], role)]
	}
	sensitivity := p.Accuracy[0].Sensitivity
	p.Burden.Goals = []Goal{
		goal("nurse_interruptions_per_patient_day", ward.RoleNurse, nurseGoal, of(ward.RoleNurse).PerDay, sensitivity),
		goal("doctor_pages_per_40_beds_and_night", ward.RoleDoctor, doctorGoal, of(ward.RoleDoctor).Night, sensitivity),
	}
}

func goal(name string, role ward.Role, most float64, value, sensitivity stat.Estimate) Goal {
	g := Goal{Name: name, Role: string(role), AtMost: stat.Number(most), Value: value, Sensitivity: sensitivity, Met: Unclear}
	low, high := value.Low, value.High
	if !low.Known() { // too few patients for an interval
		low, high = value.Value, value.Value
	}
	switch {
	case float64(high) <= most:
		g.Met = Met
	case float64(low) > most:
		g.Met = NotMet
	}
	return g
}
