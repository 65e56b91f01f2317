// Package alerts turns scores into people who know: a desk that decides who must be told, a
// ladder that climbs while nobody comes, and an outbox that keeps every promise to tell someone.
//
// The decisions are pure functions of an alert, what was seen and the policy, with the time as an
// argument (cause.go, decide.go, ladder.go, deadline.go, act.go). The Desk is their one writer: it commits each
// decision to the book before it counts, so a crash loses none. What people already know of, and
// have closed or seen end, does not call them twice (past.go).
package alerts

import (
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

	// In comfort care looks at symptoms take the place of scores.
	CauseSymptoms   = "symptom_check_due"
	CauseSevere     = "symptom_severe"
	CauseCareReview = "care_review_due"

	// ManyPrefix begins the code of a technical concern that many beds of a ward have at once.
	ManyPrefix = "many:"

	devicePrefix = "device:"
)

// Names of the rules that suppress, and of the one by which no further look is asked for.
const (
	RuleOffWard = "off_ward"
	RuleComfort = "comfort_care"
	RuleStorm   = "storm"
	RulePlan    = "plan_in_place"
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
	// Below is the hysteresis, a point under each limit of the chart: what was told at the band
	// steps down only under this total, and an episode that reached medium ends only under that of
	// medium. A band without an entry has no margin. The figures are NEWS2's.
	Below map[ward.Band]int
	// BelowOf is the same for charts with other limits, by chart id.
	BelowOf map[string]map[ward.Band]int
	// RisePoints more than last told, at medium or worse, is a rise like a higher band. So many more
	// within a quarter of an hour, or up to half of one, are rapid worsening, which is told whatever
	// people know. (A design survey proposes 3 points in 30 min; the shorter time is ours.)
	RisePoints int
	// CooldownScore and CooldownFlag put off what people were told of and answered, when it is over
	// and comes back no worse: they are told again this long after they last were, if it still
	// stands. High and what has risen is never put off, nor is anything that nobody answered. Zero: none.
	CooldownScore time.Duration // a chart's score
	CooldownFlag  time.Duration // a limit, oxygen need, a review
	// ClosedFor is how long what a person closed while it stood stays closed, and how long what is
	// still open is left alone after they were at the bedside; then people are told anew if it stands.
	// It never keeps a rise or a high band quiet. Zero: until it rises or is quiet.
	ClosedFor time.Duration
	// ClosedScore is how long a chart's score and oxygen need stay closed: they may stand for days.
	ClosedScore time.Duration

	Review     time.Duration // the same for what is high, after they were at the bedside; zero: ClosedFor
	NoticeLife time.Duration // a notice not delivered within it has failed
	MaxSnooze  time.Duration
	SnoozeWarn time.Duration // how long before its end who snoozed is warned; zero: not at all
	MaxPlan    time.Duration // the longest plan in place

	// SymptomCheck is how often symptoms are looked at in comfort care, where scores call nobody; zero: not asked for.
	SymptomCheck time.Duration
	// StormFrom is from how many beds of one ward a technical concern that nobody was told of yet is
	// told once for all of them; zero: never. It ends when fewer than half as many are left.
	StormFrom int

	Ladder        map[Step][]Rung
	Comfort       []Rung // in comfort care: device alarms, whatever the band, and symptom checks that are due
	ComfortSevere []Rung // in comfort care: a severe symptom
	ComfortReview []Rung // in comfort care: the order is due to be looked at again
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

// String is the ladder's name in a policy file.
func (s Step) String() string { return "ladder." + string(s.Kind) + "." + s.Band.String() }

// Rung is one step of a ladder: who is told in parallel, by which channels, how long they have to
// accept, and how long after that to be at the bedside. A zero time is no deadline.
type Rung struct {
	Roles    []ward.Role
	Must     []ward.Role // those of them whose acceptance settles the rung; none: any one
	Channels []string
	Accept   time.Duration
	Confirm  time.Duration // from telling to a charted set of observations
	Bedside  time.Duration // from the first acceptance; none: the first rung's
}

// Default is the proposed policy. The rungs notify by the given channels; without any, alerts
// stand on the board only, and still climb.
//
// Sources of the times: 30 and 60 min to assessment are UK audit practice for NEWS2 ≥ 7 and ≥ 5;
// two minutes of persistence and clearing follow published ward delays; an hour between tellings of
// the same score is the interval at which NEWS2 asks for it anyway (RCP 2017: hourly at 5–6 and at 3
// in one parameter). The limits less one point are those of NEWS2 (5 and 7) and of the National
// PEWS of England (5 and 9). That a nurse alone does not settle a high score follows the RCP (NEWS2,
// 2017), which asks at 7 or more for an emergency assessment by a clinician with critical-care
// competencies. The rest is ours.
func Default(channels ...string) Policy {
	rung := func(accept, bedside time.Duration, roles ...ward.Role) Rung {
		return Rung{Roles: roles, Channels: channels, Accept: accept, Bedside: bedside}
	}
	must := func(r Rung, roles ...ward.Role) Rung { r.Must = roles; return r }
	confirm := func(r Rung, within time.Duration) Rung { r.Confirm = within; return r }
	const m = time.Minute
	return Policy{
		Version:          "default-5",
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
		Clear: 2 * m,
		Below: map[ward.Band]int{ward.Medium: 4, ward.High: 6},
		BelowOf: map[string]map[ward.Band]int{
			"npews-england": {ward.Medium: 4, ward.High: 8},
		},
		RisePoints:    3,
		CooldownScore: 60 * m,
		CooldownFlag:  15 * m,
		ClosedFor:     8 * time.Hour,  // a shift: who comes on duty is told anew
		ClosedScore:   24 * time.Hour, // chosen on recorded data: docs/backtest.md
		Review:        60 * m,
		NoticeLife:    2 * m,
		MaxSnooze:     60 * m,
		SnoozeWarn:    5 * m,
		MaxPlan:       12 * time.Hour,
		SymptomCheck:  4 * time.Hour,
		StormFrom:     5,
		Ladder: map[Step][]Rung{
			{ward.Clinical, ward.High}: {
				must(rung(3*m, 30*m, ward.RoleNurse, ward.RoleCharge, ward.RoleDoctor), ward.RoleDoctor),
				rung(3*m, 30*m, ward.RoleLead, ward.RoleICU),
			},
			{ward.Clinical, ward.Medium}: {
				confirm(rung(10*m, 60*m, ward.RoleNurse), 10*m),
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
		Comfort:       []Rung{rung(10*m, 60*m, ward.RoleNurse)},
		ComfortSevere: []Rung{rung(10*m, 30*m, ward.RoleNurse), rung(10*m, 60*m, ward.RoleDoctor)},
		ComfortReview: []Rung{rung(60*m, 4*time.Hour, ward.RoleDoctor)},
	}
}

// ladder is the way up for an alert as bad as this; where the policy has none, that of the next
// worse band. Check guarantees that there is one.
func (p *Policy) ladder(s Step) []Rung {
	for ; s.Band < ward.High && len(p.Ladder[s]) == 0; s.Band++ {
	}
	return p.Ladder[s]
}

// concern finds how a code is treated; one code may name its object after a colon
// ("channel_down:webhook"). What many beds have has waited at each of them.
func (p *Policy) concern(code string) ConcernPolicy {
	if each, many := strings.CutPrefix(code, ManyPrefix); many {
		return ConcernPolicy{0, p.concern(each).Band}
	}
	kind, _, _ := strings.Cut(code, ":")
	if c, ok := p.Concerns[kind]; ok {
		return c
	}
	return ConcernPolicy{p.PersistTechnical, ward.Medium}
}

// below is the total under which what was told at the band of a chart is milder; zero: the band
// alone decides.
func (p *Policy) below(chart string, told ward.Band) int {
	if of, ok := p.BelowOf[chart]; ok {
		return of[told]
	}
	return p.Below[told]
}
