// Package scoring turns readings into scores: published charts first. Its core is a pure step
// from one bed's state and one input to the next state and a score; the clock is an argument, so
// live, replay and backtest give the same answer.
package scoring

import (
	"math"
	"time"

	"wardwatch/ward"
)

// Never is the wake time of a bed where nothing is waiting to change.
const Never int64 = math.MaxInt64

// Step takes one reading (nil: only time has passed) into the state and scores it at the moment
// at. stay is the person's record, nil when nobody is known to lie there. The score speaks of at.
// wake is when something next changes by time alone (a value goes stale, the signal counts as lost,
// a flag ends), Unix ms; a caller that steps no later than that misses nothing.
func Step(p *Policy, stay *ward.Stay, s State, r *ward.Reading, at time.Time) (next State, score ward.Score, wake int64) {
	next = s
	wake = next.step(p, stay, r, at, &score)
	return next, score, wake
}

// step is Step in place, on a zero score.
func (s *State) step(p *Policy, stay *ward.Stay, r *ward.Reading, at time.Time, score *ward.Score) (wake int64) {
	who := p.person(stay, at)
	if r != nil {
		s.take(p, &who, stay, r)
		score.Position = s.Position
	}
	score.Stay, score.At, score.Policy = s.Stay, at, p.Version

	var k look
	s.look(p, &who, at.UnixMilli(), &k)
	if r != nil && (r.Source == ward.FromDevice || !p.afterwards(r)) {
		s.Oxygen.note(&k, r)
	}
	result, oldest := s.score(p, &who, &k, score)
	if who.chart != nil {
		s.sameChart(&who, &k)
		s.hold(result.Band, knownBy(who.chart, &result, &k), oldestPart(score), k.now, score)
		if result.Complete && s.complete(p, who.chart.Interval(result), k.now, oldest) {
			s.wakes(p, &k) // values may now count for less long
		}
	}
	s.doubts(&k, score)
	s.check(&k, score)
	wake = min(k.wake, s.flags(p, &who, stay, at, &k, score))
	s.Charted.show(p, stay, score)
	return min(wake, s.signal(p, &k, score))
}

// doubts shows why the newest value of a vital is not believed, while it would count if it were.
func (s *State) doubts(k *look, score *ward.Score) {
	for v := range s.Latest {
		if k.state[v] != ward.Stale {
			score.Doubts[v] = s.Latest[v].Doubt
		}
	}
}

// check asks for the patient to be checked: a value is too low to believe, or to wait.
func (s *State) check(k *look, score *ward.Score) {
	for _, v := range [...]ward.Vital{ward.RR, ward.SpO2, ward.SBP, k.rate, ward.DBP, ward.MAP, ward.Temp} {
		if !s.Latest[v].Low || k.state[v] == ward.Stale {
			continue
		}
		score.Check = v.String()
		if v == ward.PR { // it stands in for the rate, and the part is called so
			score.Check = ward.HR.String()
		}
		return
	}
}

// signal says whether the place's device has gone silent, or a continuous input has been lost
// while the band or a grave flag still rests on what was.
func (s *State) signal(p *Policy, k *look, score *ward.Score) (wake int64) {
	if s.LastData == 0 {
		return Never
	}
	score.LastData = time.UnixMilli(s.LastData)
	silent := s.LastData + p.Silence.Milliseconds()
	rests := score.Held
	for _, f := range score.FlagList() {
		rests = rests || f.Held && f.Band >= ward.Medium
	}
	for _, v := range [...]ward.Vital{ward.RR, ward.SpO2, k.rate} {
		score.Lost = score.Lost || rests && k.state[v] == ward.Stale && s.Latest[v].Source == ward.FromDevice
	}
	if k.now > silent {
		score.Lost = true
		return Never
	}
	return silent + 1
}
