package scoring

import (
	"fmt"
	"time"

	"wardwatch/scoring/signal"
	"wardwatch/ward"
)

// Check reports what is wrong with a policy; the error names the field and the remedy.
func (p *Policy) Check() error {
	if p.Version == "" {
		return fmt.Errorf("version is empty: give the policy a name, so that each score can say what it was made by")
	}
	for _, check := range [...]func() error{p.checkCharts, p.checkTimes, p.Signal.Check, p.checkChecks, p.checkLimits, p.Oxygen.check, p.Reviews.check, p.Models.check, p.Imaging.check} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (p *Policy) checkCharts() error {
	for i := range p.Charts {
		c := &p.Charts[i]
		if err := c.check(fmt.Sprintf("charts[%d]", i)); err != nil {
			return err
		}
		if c.Chart == nil {
			continue
		}
		if len(c.Chart.Parts()) == 0 {
			return fmt.Errorf("charts[%d]: %s gives a value, not points, and cannot score a ward: choose a chart with points", i, c.Chart.ID())
		}
		pregnancy := ward.NotPregnant
		if c.Pregnant == Yes {
			pregnancy = ward.Pregnant
		}
		if why := c.Chart.Refuses(c.MinMonths, true, pregnancy); why != ward.NotRefused {
			return fmt.Errorf("charts[%d]: %s may not be used from %d months of age, pregnant %v (%s): narrow the rule to the people it is for", i, c.Chart.ID(), c.MinMonths, c.Pregnant, why)
		}
	}
	return nil
}

func (w Who) check(field string) error {
	if w.MinMonths < 0 || w.MaxMonths != 0 && w.MaxMonths <= w.MinMonths {
		return fmt.Errorf("%s: the ages %d to %d months leave nobody: give the lower one first, 0 for no upper end", field, w.MinMonths, w.MaxMonths)
	}
	if w.Pregnant > Yes {
		return fmt.Errorf("%s: pregnant must be any, no or yes", field)
	}
	return nil
}

// longest is the longest time between sets of observations; twice the longest of any chart. Ours.
const longest = 24 * time.Hour

func (p *Policy) checkTimes() error {
	for v, s := range p.Stale {
		for _, side := range [...]struct {
			name string
			d    time.Duration
		}{{"device", s.Device}, {"charted", s.Charted}} {
			if side.d <= 0 && side.d != AsObserved {
				return fmt.Errorf("stale.%s.%s is %v: give more than zero, for example 5m, or as observed", ward.Vital(v), side.name, side.d)
			}
		}
	}
	if p.Silence <= 0 {
		return fmt.Errorf("silence is %v: give more than zero, for example 1m", p.Silence)
	}
	r := &p.Rounds
	for _, f := range [...]struct {
		name string
		d    time.Duration
	}{{"rounds.interval", r.Interval}, {"rounds.first_set", r.FirstSet}, {"rounds.back_entry", r.BackEntry}} {
		if f.d <= 0 || f.d > longest {
			return fmt.Errorf("%s is %v: give more than zero and at most %v", f.name, f.d, longest)
		}
	}
	if !(r.Grace >= 0 && r.Grace <= 1) {
		return fmt.Errorf("rounds.grace is %v: give a part of the interval from 0 to 1, for example 0.25", r.Grace)
	}
	return nil
}

func (p *Policy) checkChecks() error {
	for i := range p.CheckBelow {
		c := &p.CheckBelow[i]
		if err := (Who{c.MinMonths, c.MaxMonths, Any}).check(fmt.Sprintf("check_below[%d]", i)); err != nil {
			return err
		}
		for v, below := range c.Below {
			if !(below >= 0) {
				return fmt.Errorf("check_below[%d].%s is %v: give a number, 0 for none", i, ward.Vital(v), below)
			}
			if x := checkMost[v]; below != 0 && !x.Holds(below) {
				return fmt.Errorf("check_below[%d].%s is %v: everybody or nobody would be under it: give %v to %v", i, ward.Vital(v), below, x.Min, x.Max)
			}
		}
	}
	return nil
}

func (p *Policy) checkLimits() error {
	for i := range p.Limits {
		l, field := &p.Limits[i], fmt.Sprintf("limits[%d]", i)
		if err := l.check(field); err != nil {
			return err
		}
		switch {
		case l.Vital >= ward.NumVitals:
			return fmt.Errorf("%s: there is no such vital", field)
		case !(l.Low >= 0) || !(l.High >= 0) || l.Low == 0 && l.High == 0:
			return fmt.Errorf("%s.%s: give a low or a high limit, 0 for none on that side", field, l.Vital)
		case l.Low != 0 && !possible[l.Vital].Holds(l.Low) || l.High != 0 && !possible[l.Vital].Holds(l.High):
			return fmt.Errorf("%s.%s: %v and %v are not both possible in its unit: give %v to %v, 0 for none", field, l.Vital, l.Low, l.High, possible[l.Vital].Min, possible[l.Vital].Max)
		case l.High != 0 && l.Low > l.High:
			return fmt.Errorf("%s.%s: low %v is over high %v: every value would be beyond a limit", field, l.Vital, l.Low, l.High)
		case l.Band < ward.LowMedium || l.Band > ward.High:
			return fmt.Errorf("%s.%s: the band %v tells nobody: give low_medium, medium or high", field, l.Vital, l.Band)
		}
	}
	for _, b := range [...]struct {
		name string
		band ward.Band
	}{{"personal_band", p.PersonalBand}, {"usual_band", p.UsualBand}} {
		if b.band < ward.LowMedium || b.band > ward.High {
			return fmt.Errorf("%s: the band %v tells nobody: give low_medium, medium or high", b.name, b.band)
		}
	}
	for v := range p.Persist {
		s := &p.Persist[v]
		if s.For < 0 || s.Mild < 0 || s.For > time.Hour || s.Mild > time.Hour || s.MildHigh < s.MildLow {
			return fmt.Errorf("persist.%s: give times from 0 to 1h, and the lower end of what is mild first", ward.Vital(v))
		}
		if !(p.Margin[v] >= 0) || !(p.UsualFar[v] >= 0) {
			return fmt.Errorf("margin.%s and usual_far.%s: give numbers, 0 for none", ward.Vital(v), ward.Vital(v))
		}
	}
	return nil
}

func (o *Oxygen) check() error {
	switch {
	case o.Off:
	case o.Within <= 0 || o.Within > maxWithin:
		return fmt.Errorf("oxygen.within is %v: give more than zero and at most %v", o.Within, maxWithin)
	case !(o.Rise >= 0 && o.Rise < 0.8):
		return fmt.Errorf("oxygen.rise is %v: give a fraction, for example 0.10; 0: not looked at", o.Rise)
	case !(o.High == 0 || o.High > airFraction && o.High <= 1):
		return fmt.Errorf("oxygen.high is %v: give a fraction over 0.21 and at most 1, for example 0.40; 0: not looked at", o.High)
	case o.Persist < 0 || o.Persist > time.Hour:
		return fmt.Errorf("oxygen.persist is %v: give a time from 0 to 1h", o.Persist)
	case o.Band < ward.LowMedium || o.Band > ward.High:
		return fmt.Errorf("oxygen.band: %v tells nobody: give low_medium, medium or high", o.Band)
	}
	return nil
}

func (v *Reviews) check() error {
	switch {
	case v.Scale2Every < 0 || v.LimitsWarn < 0:
		return fmt.Errorf("reviews: give times of 0 or more; 0: never asked")
	case v.DayFrom < 0 || v.DayTo > 24*time.Hour || v.DayFrom >= v.DayTo:
		return fmt.Errorf("reviews: the day from %v to %v has no hours: give times since midnight, for example 7h and 19h", v.DayFrom, v.DayTo)
	}
	return nil
}

// possible is what a limit of each vital can be in its fixed unit: beyond it the unit or a digit is wrong.
var possible = [ward.NumVitals]signal.Range{
	ward.HR: {Min: 10, Max: 350}, ward.PR: {Min: 10, Max: 350}, ward.RR: {Min: 2, Max: 150}, ward.SpO2: {Min: 30, Max: 100},
	ward.SBP: {Min: 20, Max: 350}, ward.DBP: {Min: 8, Max: 250}, ward.MAP: {Min: 10, Max: 300}, ward.Temp: {Min: 25, Max: 45},
	ward.EtCO2: {Min: 1, Max: 150}, ward.FiO2: {Min: 0.21, Max: 1}, ward.O2Flow: {Min: 0.1, Max: 80}, ward.ACVPU: {Min: 0.1, Max: 4},
	ward.O2Source: {Min: 0.1, Max: 8}, ward.RespDistress: {Min: 0.1, Max: 3}, ward.CapRefill: {Min: 0.5, Max: 20},
}

// checkMost is where "too low to believe, or to wait" can lie; ours.
var checkMost = [ward.NumVitals]signal.Range{
	ward.HR: {Min: 10, Max: 90}, ward.PR: {Min: 10, Max: 90}, ward.RR: {Min: 1, Max: 25}, ward.SpO2: {Min: 30, Max: 92},
	ward.SBP: {Min: 20, Max: 100}, ward.DBP: {Min: 8, Max: 60}, ward.MAP: {Min: 10, Max: 75}, ward.Temp: {Min: 25, Max: 36},
}
