// Package evidence says what became of alerts: the timeline of one, the response times, the burden and
// the yield of many, and what one shift hands to the next. It is pure: it reads records and decides
// nothing.
//
// Its words. A telling is one role told on one rung of one alert at one moment, whatever channels
// were used and however many people they reached. A round is everything from one telling of the first
// rung to the next: a rise, the end of a snooze and a review each begin a new round, and each round is
// measured by itself, or a quick answer to the first would hide that nobody came to the second.
package evidence

import (
	"slices"
	"time"

	"wardwatch/ward"
)

// Limit is how long something may wait: what this cause is told for, what else is told in comfort
// care, or a kind and band of alert, the first that fits. A zero time is no limit.
type Limit struct {
	Cause   string // whatever its kind and band
	Comfort bool   // whatever its kind and band, where Cause is empty
	Kind    ward.AlertKind
	Band    ward.Band
	Accept  time.Duration // from being told until somebody takes it over
	Bedside time.Duration // from then until somebody is at the bedside
	Must    []ward.Role   // roles that each have to accept in time; none: anybody's acceptance is enough
}

// Goals are what is measured against. They are proposals for local clinicians to sign.
type Goals struct {
	Limits        []Limit
	Interruptions float64 // of nurses, a patient-day; zero: DefaultGoals'
	Pages         float64 // of the doctor on duty, for 40 beds and night; zero: DefaultGoals'

	// Sensitivity is that of the policy on recorded data, from its backtest, and SensitivityOf names
	// the run. It cannot be measured live: who deteriorated without an alert is not in this record.
	// Nil: not known.
	Sensitivity   *float64
	SensitivityOf string
}

// The default goals of burden: at most one interruption of a nurse a patient-day, at most four pages
// of a doctor for 40 beds and night. Ours, for local clinicians to sign; published designs ask for at
// most one new alert for 35 patients and day (Kipnis 2016).
const (
	GoalInterruptions = 1.0
	GoalPages         = 4.0
)

// limit finds what a round is measured against: the ladder on which it was told.
func (g *Goals) limit(r *round) Limit {
	for _, fits := range []func(*Limit) bool{
		func(l *Limit) bool { return l.Cause != "" && l.Cause == r.cause },
		func(l *Limit) bool { return l.Cause == "" && l.Comfort && r.comfort },
		func(l *Limit) bool { return l.Cause == "" && !l.Comfort && l.Kind == r.kind && l.Band == r.band },
	} {
		for i := range g.Limits {
			if fits(&g.Limits[i]) {
				return g.Limits[i]
			}
		}
	}
	return Limit{Kind: r.kind, Band: r.band}
}

// Span is what is looked at: [From, To) as it stood at Now (zero: To). Hours of the day are those of
// Zone (nil: UTC).
type Span struct {
	From, To time.Time
	Now      time.Time
	Zone     *time.Location
}

func (s Span) withDefaults() Span {
	if s.Now.IsZero() {
		s.Now = s.To
	}
	if s.Zone == nil {
		s.Zone = time.UTC
	}
	return s
}

func (s Span) holds(t time.Time) bool { return !t.Before(s.From) && t.Before(s.To) }

// Input is what Measure reads. Order does not matter.
type Input struct {
	Span
	Goals    Goals
	Alerts   []ward.Alert      // raised in the span, or told in it
	Audit    []ward.AuditEntry // their rows, "alert." deeds; others are stepped over
	Notices  []ward.Notice     // theirs, and tests
	Receipts map[ward.NoticeID][]ward.Receipt
	Lyings   []ward.Lying // who lay where: what rates are divided by
}

// Case is one alert with all that was written of it. Audit holds its rows, oldest first.
type Case struct {
	Alert    ward.Alert
	Audit    []ward.AuditEntry
	Notices  []ward.Notice
	Receipts map[ward.NoticeID][]ward.Receipt
	Comfort  []Spell // when the patient was in comfort care, which has ladders of its own
}

// Spell is a time from From (included) to To (excluded; zero: still).
type Spell struct{ From, To time.Time }

func (c *Case) comfortAt(at time.Time) bool {
	return c.Alert.Kind != ward.Technical && slices.ContainsFunc(c.Comfort, func(s Spell) bool {
		return !at.Before(s.From) && (s.To.IsZero() || at.Before(s.To))
	})
}
