package alerts

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"wardwatch/ward"
)

// longestCooldown: what is put off for longer is hidden. Ours.
const longestCooldown = 24 * time.Hour

// longestPersist: what must last for longer before anybody is told is not an alert. Ours.
const longestPersist = time.Hour

// longestPlan: a plan that nobody looks at for longer is none. Ours.
const longestPlan = 24 * time.Hour

// duties are all roles that can be told.
var duties = [...]ward.Role{ward.RoleNurse, ward.RoleCharge, ward.RoleDoctor, ward.RoleLead, ward.RoleICU, ward.RoleEngineer}

// Check reports the first thing wrong with the policy: the setting, then what is wrong, then the
// remedy, as in "ladder.clinical.high.2: rung 2: it tells nobody: …". Settings are named as persist.score,
// clear, below.high, rise_points, cooldown.flag, ladder.device_alarm.medium.1, comfort.1.
func (p *Policy) Check() error {
	for _, check := range []func() error{p.checkVersion, p.checkTimes, p.checkPoints, p.checkConcerns, p.checkLadders} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (p *Policy) checkVersion() error {
	if p.Version == "" {
		return fmt.Errorf("version: it is empty: name the policy, so that every decision can say by what it was made")
	}
	return nil
}

func (p *Policy) checkTimes() error {
	for _, t := range []struct {
		name     string
		d        time.Duration
		positive bool
		most     time.Duration
		example  string
	}{
		{"persist.score", p.PersistScore, false, longestPersist, "2m"},
		{"persist.check", p.PersistCheck, false, longestPersist, "15s"},
		{"persist.signal", p.PersistSignal, false, longestPersist, "1m"},
		{"persist.technical", p.PersistTechnical, false, longestPersist, "2m"},
		{"clear", p.Clear, true, 0, "2m"},
		{"cooldown.score", p.CooldownScore, false, longestCooldown, "60m"},
		{"cooldown.flag", p.CooldownFlag, false, longestCooldown, "15m"},
		{"closed_for", p.ClosedFor, false, longestCooldown, "8h"},
		{"closed_score", p.ClosedScore, false, longestCooldown, "24h"},
		{"review", p.Review, false, 0, "60m"},
		{"notice_life", p.NoticeLife, true, 0, "2m"},
		{"max_snooze", p.MaxSnooze, true, 0, "60m"},
		{"snooze_warn", p.SnoozeWarn, false, 0, "5m"},
		{"max_plan", p.MaxPlan, true, longestPlan, "12h"},
		{"symptom_check", p.SymptomCheck, false, longestCooldown, "4h"},
	} {
		switch {
		case t.d < 0:
			return fmt.Errorf("%s: it is negative (%v): write for example %s", t.name, t.d, t.example)
		case t.positive && t.d == 0:
			return fmt.Errorf("%s: it must be more than zero: write for example %s", t.name, t.example)
		case t.most > 0 && t.d > t.most:
			return fmt.Errorf("%s: %v is too long, people would not be told again: write at most %v", t.name, t.d, t.most)
		}
	}
	return nil
}

func (p *Policy) checkPoints() error {
	if p.StormFrom < 0 || p.StormFrom == 1 {
		return fmt.Errorf("storm_from: it is %d: write 2 or more beds, for example 5, or 0 so that nothing is told together", p.StormFrom)
	}
	if p.RisePoints < 1 {
		return fmt.Errorf("rise_points: it is %d: write 1 or more, for example 3", p.RisePoints)
	}
	if err := checkBelow("below", p.Below); err != nil {
		return err
	}
	for _, chart := range slices.Sorted(maps.Keys(p.BelowOf)) {
		if err := checkBelow("below_of."+chart, p.BelowOf[chart]); err != nil {
			return err
		}
	}
	return nil
}

func checkBelow(name string, below map[ward.Band]int) error {
	for _, b := range slices.Sorted(maps.Keys(below)) {
		switch {
		case b != ward.Medium && b != ward.High:
			return fmt.Errorf("%s.%s: only medium and high have a margin: take it out", name, b)
		case below[b] < 1:
			return fmt.Errorf("%s.%s: nothing is ever under %d points: write the limit less one, for example 4", name, b, below[b])
		}
	}
	if m, h := below[ward.Medium], below[ward.High]; m > 0 && h > 0 && h < m {
		return fmt.Errorf("%s.high: %d is under the figure for medium (%d): write the limit of high less one", name, h, m)
	}
	return nil
}

func (p *Policy) checkConcerns() error {
	for _, code := range slices.Sorted(maps.Keys(p.Concerns)) {
		c := p.Concerns[code]
		switch {
		case c.Persist < 0:
			return fmt.Errorf("concerns.%s.persist: it is negative (%v): write for example 2m", code, c.Persist)
		case c.Band != ward.Medium && c.Band != ward.High:
			return fmt.Errorf("concerns.%s.band: %s has no ladder here: write medium or high", code, c.Band)
		}
	}
	return nil
}

func (p *Policy) checkLadders() error {
	needed := []Step{
		{ward.Clinical, ward.LowMedium}, {ward.Clinical, ward.Medium}, {ward.Clinical, ward.High},
		{ward.DeviceRaise, ward.Medium}, {ward.DeviceRaise, ward.High},
		{ward.Technical, ward.Medium}, {ward.Technical, ward.High},
	}
	for _, s := range needed {
		if err := checkLadder(s.String(), p.Ladder[s], s.Kind != ward.Technical); err != nil {
			return err
		}
	}
	for s := range p.Ladder { // a misspelt one; which is named first does not matter
		if !slices.Contains(needed, s) && s != (Step{ward.DeviceRaise, ward.LowMedium}) && s != (Step{ward.Technical, ward.LowMedium}) {
			return fmt.Errorf("%s: nothing ever climbs this ladder: the kinds are clinical, device_alarm and technical, the bands low_medium, medium and high", s)
		}
	}
	return cmp.Or(checkLadder("comfort", p.Comfort, true), checkLadder("comfort_severe", p.ComfortSevere, true), checkLadder("comfort_review", p.ComfortReview, true))
}

func checkLadder(name string, rungs []Rung, patient bool) error {
	if len(rungs) == 0 {
		return fmt.Errorf("%s: it has no rung, so nobody would be told: write at least one with roles and a time to accept", name)
	}
	for i := range rungs {
		if err := rungs[i].check(patient, i == 0); err != nil {
			return fmt.Errorf("%s.%d: rung %d: %w", name, i+1, i+1, err)
		}
	}
	return nil
}

func (r *Rung) check(patient, first bool) error {
	for i, role := range r.Roles {
		switch {
		case !slices.Contains(duties[:], role):
			return fmt.Errorf("there is no role %q: write one of %v", role, duties)
		case slices.Contains(r.Roles[:i], role):
			return fmt.Errorf("it names %s twice: write each role once", role)
		}
	}
	for _, role := range r.Must {
		if !slices.Contains(r.Roles, role) {
			return fmt.Errorf("%s must accept and is not told: name it among the roles, or take it out of must", role)
		}
	}
	switch {
	case len(r.Roles) == 0:
		return fmt.Errorf("it tells nobody: name at least one role of %v", duties)
	case slices.Contains(r.Channels, ""):
		return fmt.Errorf("a channel has no name: name it, for example webhook, or leave the channels out")
	case r.Accept <= 0:
		return fmt.Errorf("it needs a time to accept, or it would never climb: write for example 10m")
	case r.Bedside < 0:
		return fmt.Errorf("its time to the bedside is negative (%v): write for example 60m", r.Bedside)
	case r.Confirm < 0:
		return fmt.Errorf("its time to a charted set is negative (%v): write for example 10m", r.Confirm)
	case r.Confirm > 0 && !patient:
		return fmt.Errorf("it asks for a charted set, but a technical alert is no patient's: take confirm out")
	case patient && first && r.Bedside == 0:
		return fmt.Errorf("a patient's alert needs a time to be at the bedside: write for example 60m")
	}
	return nil
}
