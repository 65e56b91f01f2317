package scoring

import (
	"time"

	"wardwatch/scoring/chart"
	"wardwatch/scoring/signal"
	"wardwatch/ward"
)

// NEWS2 is the id of the chart for adults who are not pregnant.
const NEWS2 = "news2"

// Policy is everything the engine works by. Figures without a source are proposals of ours for
// local clinicians to sign; the version is stored with every score. A policy is not changed while
// an engine runs on it. Ages are completed months, reckoned in Zone; an unknown age is taken for an
// adult's.
type Policy struct {
	Version string
	Zone    *time.Location // of birthdays and of day and night; nil: UTC

	Charts []ChartRule // the first that fits a person is used; none fits: limits only, and the score says why

	Stale  [ward.NumVitals]Stale
	Rounds Rounds
	// Silence is how long a place's device may say nothing before its signal is lost.
	Silence time.Duration

	Signal     signal.Rules
	CheckBelow []CheckRule // the first that fits an age is used

	Limits       []LimitRule // of each vital the first that fits a person is used; their own stands in its place
	PersonalBand ward.Band   // of a person's own limit crossed
	UsualBand    ward.Band   // of a value far from what is usual for the person
	UsualFar     [ward.NumVitals]float64
	Margin       [ward.NumVitals]float64 // a limit that was told is over once the value is back inside by this
	Persist      [ward.NumVitals]Persist

	Oxygen  Oxygen
	Reviews Reviews
	Models  Models
	Imaging Imaging
}

// Who says whom a rule is for.
type Who struct {
	MinMonths, MaxMonths int // age in completed months, from, up to but not including; MaxMonths 0: no upper end
	Pregnant             Choice
}

// Choice is whether something must be so.
type Choice uint8

// Choices. Pregnant covers the six weeks after.
const (
	Any Choice = iota
	No
	Yes
)

var choiceNames = [...]string{"any", "no", "yes"}

// String is the choice's name.
func (c Choice) String() string { return choiceNames[min(int(c), len(choiceNames)-1)] }

// ChoiceNamed finds a choice by its name.
func ChoiceNamed(name string) (Choice, bool) {
	for i, n := range choiceNames {
		if n == name {
			return Choice(i), true
		}
	}
	return Any, false
}

// ChartRule gives a chart to some people. A chart that refuses a person does not fit them.
type ChartRule struct {
	Who
	Chart    *chart.Chart // nil: these people are scored by no chart; vitals, limits and flags go on
	SignedBy string       // who at the hospital has authorised the chart; for the record
}

// Stale is how long a value counts, from when it was measured; past it the input is stale and gives
// no points.
type Stale struct {
	Device, Charted time.Duration // AsObserved: until the next set is due, plus a quarter
}

// AsObserved is a staleness that follows the observation interval: that of the last complete score,
// plus a quarter (Rounds.Grace).
const AsObserved time.Duration = -1

// Rounds are the times between sets of observations.
type Rounds struct {
	Interval  time.Duration // while no complete set has said how long
	Grace     float64       // part of the interval for which a value still counts after it
	FirstSet  time.Duration // the first set is due this long after admission
	BackEntry time.Duration // a charted set older than this on arrival is entered afterwards: history, never scored as current
}

// CheckRule is where values are too low to believe or to wait: the patient is checked at once.
type CheckRule struct {
	MinMonths, MaxMonths int
	Below                [ward.NumVitals]float64 // 0: no such limit
	InDoubt              [ward.NumVitals]float64 // the same for a pressure that does not fit the others
}

// LimitRule is the ward's own limit on one vital, whatever a chart says.
type LimitRule struct {
	Who
	NoChart bool // only for people whom no chart scores
	Vital   ward.Vital
	Low     float64 // a value under it is beyond the limit; 0: none
	High    float64 // a value over it is beyond the limit; 0: none
	Band    ward.Band
}

// Persist is how long a limit must stay crossed before people are told.
type Persist struct {
	For               time.Duration
	Mild              time.Duration // instead, while the value is from MildLow to MildHigh
	MildLow, MildHigh float64       // both 0: nothing is mild
	Repeat            bool          // a second measurement beyond the limit tells at once
}

// Oxygen is when a rising need for oxygen asks for a review even though the score stays flat.
type Oxygen struct {
	Off     bool
	StepUp  bool          // a stronger device than at any time in Within
	FromAir bool          // the first device on top of room air counts as a step up
	Rise    float64       // an inspired fraction higher by this than at any time in Within; 0: not looked at
	Within  time.Duration // at most 6 h; counted in quarters of an hour
	High    float64       // an inspired fraction of this or more, however steady; 0: not looked at
	Persist time.Duration // before people are told
	Band    ward.Band
}

// Reviews are looks that a doctor's orders need.
type Reviews struct {
	Scale2Every time.Duration // SpO2 scale 2 is looked at again after this, by day; 0: never asked
	DayFrom     time.Duration // since midnight in Zone
	DayTo       time.Duration
	LimitsWarn  time.Duration // before a person's own limits lapse; 0: no warning
}

// Imaging is which findings of an imaging AI ask for a doctor's look while nobody has read them.
type Imaging struct {
	Review  []string // codes of rows of the respiratory table; empty: none
	Band    ward.Band
	Persist time.Duration // before people are told
}

func (w Who) fits(months int, pregnant bool) bool {
	if months < w.MinMonths || w.MaxMonths != 0 && months >= w.MaxMonths {
		return false
	}
	return w.Pregnant == Any || (w.Pregnant == Yes) == pregnant
}

// checks finds the limits under which a person of this age is checked; nil when there are none.
func (p *Policy) checks(months int) *CheckRule {
	for i := range p.CheckBelow {
		c := &p.CheckBelow[i]
		if months >= c.MinMonths && (c.MaxMonths == 0 || months < c.MaxMonths) {
			return c
		}
	}
	return nil
}

// StaleAfter is how long a device's value of a chart input counts; where that follows the
// observations, as long as it does before any set is complete. ok is false when there is no such
// input.
func (p *Policy) StaleAfter(input string) (d time.Duration, ok bool) {
	vitals := vitalsNamed(input)
	if len(vitals) == 0 {
		return 0, false
	}
	d = p.Stale[vitals[0]].Device
	if d == AsObserved {
		d = time.Duration(p.Rounds.counts(p.Rounds.Interval.Milliseconds())) * time.Millisecond
	}
	return d, true
}

// vitalsNamed are the vitals behind a chart input.
func vitalsNamed(input string) []ward.Vital {
	switch input {
	case "o2":
		return []ward.Vital{ward.O2Source, ward.FiO2, ward.O2Flow}
	case "hr":
		return []ward.Vital{ward.HR, ward.PR}
	case "consciousness":
		return []ward.Vital{ward.ACVPU}
	}
	if v, ok := ward.VitalNamed(input); ok {
		return []ward.Vital{v}
	}
	return nil
}
