package scoring

import (
	"time"

	"wardwatch/scoring/chart"
	"wardwatch/scoring/signal"
	"wardwatch/ward"
)

const (
	sixteen = 16 * 12 // NEWS2 begins (RCP 2017)
	noEnd   = 0

	alert = 0.5 // a level of consciousness over it is anything but alert: 0, a limit itself, means none
)

// DefaultPolicy is our proposal for a general ward with continuous monitors: NEWS2 for people of 16
// and over who are not pregnant and have not been within six weeks (RCP 2017; the six weeks are
// ours). For children and in pregnancy no chart is used until clinicians of the hospital have signed
// one; single limits go on. Figures without a source are ours, to be signed.
func DefaultPolicy(lib *chart.Library) Policy {
	p := Policy{
		Version: "default-5",
		Zone:    time.FixedZone("ICT", 7*60*60), // Viet Nam has no summer time
		Rounds: Rounds{
			Interval: 4 * time.Hour, Grace: 0.25, FirstSet: time.Hour,
			BackEntry: 10 * time.Minute, // SPOT (NHS England): entered up to 10 min later still counts as scoring
		},
		Silence:      time.Minute,
		Signal:       signal.Default(),
		Limits:       append(childLimits(), maternalLimits()...),
		PersonalBand: ward.Medium,
		UsualBand:    ward.LowMedium,
		Oxygen: Oxygen{
			StepUp: true, FromAir: true, Rise: 0.10, Within: 6 * time.Hour, High: 0.40,
			Persist: 2 * time.Minute, Band: ward.Medium,
		},
		Reviews: Reviews{Scale2Every: 24 * time.Hour, DayFrom: 7 * time.Hour, DayTo: 19 * time.Hour, LimitsWarn: 4 * time.Hour},
		Models: Models{
			Every: 5 * time.Minute, Band: ward.Medium, Persist: 10 * time.Minute, Margin: 0.8,
		},
		Imaging: Imaging{Review: []string{"pneumothorax"}, Band: ward.Medium},
	}
	if c, ok := lib.Find(NEWS2); ok {
		p.Charts = []ChartRule{{Who: Who{sixteen, noEnd, No}, Chart: c}}
	}
	p.defaultTimes()
	p.defaultChecks()
	return p
}

// defaultTimes: what a monitor measures all the time counts for minutes; cuff pressures and what
// people chart count as long as the observations of that patient may wait. Persistence of SpO2, HR
// and RR after 90 %/15 s in PACU (Rheineck) and the step-down studies that used longer delays near
// the limit; the rest ours.
func (p *Policy) defaultTimes() {
	const continuous = 5 * time.Minute
	for v := range p.Stale {
		p.Stale[v] = Stale{AsObserved, AsObserved}
	}
	for _, v := range [...]ward.Vital{ward.HR, ward.PR, ward.RR, ward.SpO2, ward.EtCO2} {
		p.Stale[v].Device = continuous
	}
	p.Stale[ward.Temp].Device = 30 * time.Minute

	p.Persist = [ward.NumVitals]Persist{
		ward.SpO2: {For: 15 * time.Second, Mild: 30 * time.Second, MildLow: 88, MildHigh: 90},
		ward.HR:   {For: 15 * time.Second}, ward.PR: {For: 15 * time.Second},
		ward.RR: {For: time.Minute}, ward.EtCO2: {For: time.Minute}, ward.Temp: {For: 5 * time.Minute},
	}
	for _, v := range [...]ward.Vital{ward.SBP, ward.DBP, ward.MAP} {
		p.Persist[v] = Persist{For: 5 * time.Minute, Repeat: true}
	}
	p.Margin = [ward.NumVitals]float64{
		ward.HR: 5, ward.PR: 5, ward.RR: 2, ward.SpO2: 1, ward.SBP: 5, ward.DBP: 5, ward.MAP: 5, ward.Temp: 0.2, ward.EtCO2: 2,
	}
	p.UsualFar = [ward.NumVitals]float64{
		ward.HR: 30, ward.PR: 30, ward.RR: 8, ward.SpO2: 4, ward.SBP: 40, ward.DBP: 25, ward.MAP: 25, ward.Temp: 1.5, ward.EtCO2: 10,
	}
}

// defaultChecks: a value that low is never only a technical matter. Adults as for NEWS2 wards; a
// child's heart under 60 is where resuscitation councils begin compressions when circulation is
// poor; the rest ours.
func (p *Policy) defaultChecks() {
	adult := CheckRule{MinMonths: sixteen, Below: [ward.NumVitals]float64{
		ward.HR: 30, ward.PR: 30, ward.RR: 5, ward.SpO2: 70, ward.SBP: 50,
	}}
	infant := CheckRule{MaxMonths: 12, Below: [ward.NumVitals]float64{
		ward.HR: 60, ward.PR: 60, ward.RR: 10, ward.SpO2: 70, ward.SBP: 40,
	}}
	child := infant
	child.MinMonths, child.MaxMonths = 12, sixteen
	child.Below[ward.HR], child.Below[ward.PR], child.Below[ward.RR] = 50, 50, 8
	adult.InDoubt[ward.SBP] = 91                               // 3 points of NEWS2, if it were believed
	infant.InDoubt[ward.SBP], child.InDoubt[ward.SBP] = 50, 70 // likewise 4 of National PEWS at its oldest ages
	p.CheckBelow = []CheckRule{infant, child, adult}
}

// childLimits stand in until a children's chart is signed: where one vital alone gets the most
// points (4) of the National PEWS, England, at its age. That they ask for an urgent review is ours.
func childLimits() []LimitRule {
	var rules []LimitRule
	for _, age := range [...]struct {
		from, to                                          int
		rrUnder, rrOver, hrUnder, hrOver, bpUnder, bpOver float64
	}{
		{0, 12, 10, 69, 80, 179, 50, 109},
		{12, 60, 10, 59, 60, 169, 50, 129},
		{60, 156, 10, 49, 60, 159, 70, 129},
		{156, sixteen, 10, 39, 50, 129, 80, 139},
	} {
		who := Who{age.from, age.to, No}
		rules = append(rules,
			LimitRule{who, true, ward.RR, age.rrUnder, age.rrOver, ward.Medium},
			LimitRule{who, true, ward.HR, age.hrUnder, age.hrOver, ward.Medium},
			LimitRule{who, true, ward.SBP, age.bpUnder, age.bpOver, ward.Medium},
			LimitRule{who, true, ward.SpO2, 92, 0, ward.Medium},
		)
	}
	return append(rules, LimitRule{Who{0, sixteen, No}, true, ward.ACVPU, 0, alert, ward.High}) // the same chart: V is high by itself
}

// maternalLimits stand in until an obstetric chart is signed: the Maternal Early Warning Criteria
// of the National Partnership for Maternal Safety (Mhyre et al., Obstet Gynecol 2014;124:782), each
// of which asks for prompt bedside evaluation. Its saturation is meant on room air.
func maternalLimits() []LimitRule {
	who := Who{0, noEnd, Yes}
	return []LimitRule{
		{who, true, ward.RR, 10, 30, ward.Medium},
		{who, true, ward.HR, 50, 120, ward.Medium},
		{who, true, ward.SBP, 90, 160, ward.Medium},
		{who, true, ward.DBP, 0, 100, ward.Medium},
		{who, true, ward.SpO2, 95, 0, ward.Medium},
		{who, true, ward.ACVPU, 0, alert, ward.Medium},
	}
}
