// Package alerts turns scores into people who know: a desk that decides who must be told, a
// ladder that climbs while nobody comes, and an outbox that keeps every promise to tell someone.
//
// The decisions are pure functions of an alert, what was seen and the policy, with the time as an
// argument (cause.go, decide.go, ladder.go, act.go). The Desk is their one writer: it commits each
// decision to the book before it counts, so a crash loses none.
package alerts

import (
	"fmt"
	"strings"
	"time"

	"wardwatch/ward"
)

// Codes of the causes that the desk itself makes. Others are a chart's id ("news2"), a device's
// own alarm ("device:asystole") or what a part of Wardwatch reports by Concern.
const (
	CauseCheck   = "check_patient"
	CauseSignal  = "signal_lost"
	CauseSilent  = "silent_device"
	CauseReturn  = "return_overdue"
	CauseChannel = "channel_down"

	devicePrefix = "device:"
)

// Names of the rules that suppress.
const (
	RuleOffWard = "off_ward"
	RuleComfort = "comfort_care"
)

// Policy is every figure the desk works by. All of Default is a proposal for local clinicians to
// sign; none of it is a standard.
type Policy struct {
	Version string

	// How long a crossing must last before anybody is told.
	PersistScore     time.Duration
	PersistCheck     time.Duration
	PersistSignal    time.Duration
	PersistTechnical time.Duration
	Concerns         map[string]ConcernPolicy // by code; others: PersistTechnical, medium

	// Clear is how long a cause must be proven quiet before it ends, and how long it must be
	// milder before the episode steps down by one band.
	Clear time.Duration
	// Below is the hysteresis: an episode told at the band ends only under this total.
	Below map[ward.Band]int
	// RisePoints more than last told, at medium or worse, is a rise like a higher band.
	RisePoints int

	Review     time.Duration // a high plateau asks for a new look this long after the last; zero: never
	NoticeLife time.Duration // a notice not delivered within it has failed
	MaxSnooze  time.Duration

	Ladder  map[Step][]Rung
	Comfort []Rung // for device alarms of people in comfort care, whatever the band
}

// ConcernPolicy is how one technical concern is treated.
type ConcernPolicy struct {
	Persist time.Duration
	Band    ward.Band
}

// Step finds a ladder: what kind of alert, how bad.
type Step struct {
	Kind ward.AlertKind
	Band ward.Band
}

// Rung is one step of a ladder: who is told in parallel, by which channels, how long they have to
// accept, and how long after that to be at the bedside. A zero time is no deadline.
type Rung struct {
	Roles    []ward.Role
	Channels []string
	Accept   time.Duration
	Bedside  time.Duration
}

// Default is the proposed policy. The rungs notify by the given channels; without any, alerts
// stand on the board only, and still climb.
//
// Sources of the times: 30 and 60 min to assessment are UK audit practice for NEWS2 ≥ 7 and ≥ 5;
// two minutes of persistence and clearing follow published ward delays. The rest is ours.
func Default(channels ...string) Policy {
	rung := func(accept, bedside time.Duration, roles ...ward.Role) Rung {
		return Rung{Roles: roles, Channels: channels, Accept: accept, Bedside: bedside}
	}
	const m = time.Minute
	return Policy{
		Version:          "default-1",
		PersistScore:     2 * m,
		PersistCheck:     15 * time.Second,
		PersistSignal:    m,
		PersistTechnical: 2 * m,
		Concerns: map[string]ConcernPolicy{
			// These have already waited where they were found.
			CauseChannel:      {0, ward.High},
			"storage_stalled": {10 * time.Second, ward.High},
			"ingest_stalled":  {30 * time.Second, ward.High},
			"link_lost":       {30 * time.Second, ward.High},
		},
		Clear:      2 * m,
		Below:      map[ward.Band]int{ward.Medium: 4, ward.High: 4},
		RisePoints: 3,
		Review:     60 * m,
		NoticeLife: 2 * m,
		MaxSnooze:  60 * m,
		Ladder: map[Step][]Rung{
			{ward.Clinical, ward.High}: {
				rung(3*m, 30*m, ward.RoleNurse, ward.RoleCharge, ward.RoleDoctor),
				rung(3*m, 30*m, ward.RoleLead, ward.RoleICU),
			},
			{ward.Clinical, ward.Medium}: {
				rung(10*m, 60*m, ward.RoleNurse),
				rung(10*m, 60*m, ward.RoleDoctor),
			},
			{ward.Clinical, ward.LowMedium}: {
				rung(30*m, 60*m, ward.RoleNurse),
			},
			{ward.DeviceRaise, ward.High}: {
				rung(1*m, 5*m, ward.RoleNurse, ward.RoleCharge, ward.RoleDoctor),
				rung(1*m, 5*m, ward.RoleLead, ward.RoleICU),
			},
			{ward.DeviceRaise, ward.Medium}: {
				rung(3*m, 15*m, ward.RoleNurse),
				rung(3*m, 15*m, ward.RoleCharge),
			},
			{ward.Technical, ward.High}: {
				rung(10*m, 0, ward.RoleEngineer, ward.RoleCharge),
			},
			{ward.Technical, ward.Medium}: {
				rung(30*m, 0, ward.RoleEngineer, ward.RoleNurse),
			},
		},
		Comfort: []Rung{rung(10*m, 60*m, ward.RoleNurse)},
	}
}

// Check reports the first thing wrong with the policy, with the remedy.
func (p *Policy) Check() error {
	if p.Clear <= 0 || p.NoticeLife <= 0 || p.MaxSnooze <= 0 {
		return fmt.Errorf("clear, notice life and longest snooze must be more than zero, for example 2m, 2m and 60m")
	}
	if p.RisePoints < 1 {
		return fmt.Errorf("rise points must be 1 or more, for example 3")
	}
	for _, d := range []time.Duration{p.PersistScore, p.PersistCheck, p.PersistSignal, p.PersistTechnical, p.Review} {
		if d < 0 {
			return fmt.Errorf("a time in the policy is negative (%v)", d)
		}
	}
	needed := []Step{
		{ward.Clinical, ward.LowMedium}, {ward.Clinical, ward.Medium}, {ward.Clinical, ward.High},
		{ward.DeviceRaise, ward.Medium}, {ward.DeviceRaise, ward.High},
		{ward.Technical, ward.Medium}, {ward.Technical, ward.High},
	}
	for _, s := range needed {
		if err := checkLadder(p.Ladder[s]); err != nil {
			return fmt.Errorf("ladder for %s %s: %w", s.Kind, s.Band, err)
		}
		if s.Kind != ward.Technical && p.Ladder[s][0].Bedside <= 0 {
			return fmt.Errorf("ladder for %s %s: a patient's alert needs a time to be at the bedside", s.Kind, s.Band)
		}
	}
	if err := checkLadder(p.Comfort); err != nil {
		return fmt.Errorf("ladder for comfort care: %w", err)
	}
	for code, c := range p.Concerns {
		if c.Persist < 0 || c.Band != ward.Medium && c.Band != ward.High {
			return fmt.Errorf("concern %s: band must be medium or high and its persistence not negative", code)
		}
	}
	return nil
}

func checkLadder(rungs []Rung) error {
	if len(rungs) == 0 {
		return fmt.Errorf("it has no rung, so nobody would be told")
	}
	for i, r := range rungs {
		if len(r.Roles) == 0 {
			return fmt.Errorf("rung %d tells nobody", i+1)
		}
		if r.Accept <= 0 {
			return fmt.Errorf("rung %d needs a time to accept, or it would never climb", i+1)
		}
	}
	return nil
}

// ladder is the way up for an alert as bad as this; where the policy has none, that of the next
// worse band. Check guarantees that there is one.
func (p *Policy) ladder(s Step) []Rung {
	for ; s.Band < ward.High && len(p.Ladder[s]) == 0; s.Band++ {
	}
	return p.Ladder[s]
}

// concern finds how a code is treated; one code may name its object after a colon
// ("channel_down:webhook").
func (p *Policy) concern(code string) ConcernPolicy {
	kind, _, _ := strings.Cut(code, ":")
	if c, ok := p.Concerns[kind]; ok {
		return c
	}
	return ConcernPolicy{p.PersistTechnical, ward.Medium}
}
