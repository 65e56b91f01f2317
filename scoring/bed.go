// Package scoring turns readings into scores: published charts first. Its core is a pure step
// from one bed's state and one input to the next state and a score; the clock is an argument, so
// live, replay and backtest give the same answer.
package scoring

import (
	"math"
	"time"

	"wardwatch/ward"
)

// State is all that is remembered of one person at one place between readings. It is a plain
// value: copying it copies everything, and it survives a restart as JSON.
type State struct {
	Stay     ward.StayID
	Position uint64 // journal position of the last reading taken in
	LastData int64  // arrival of the last live reading from a device, Unix ms; 0 for none
	Latest   [ward.NumVitals]Latest
	Holds    [numHolds]Hold // one for each band from low_medium up
	HeldFrom int64          // since when the band is held, Unix ms; 0 when it is not
}

// Latest is the newest value of one vital, believed or not.
type Latest struct {
	Number float64
	At     int64 // when it was measured, Unix ms; 0: never
	Source ward.Source
	Doubt  bool // not believed: gives no points
	Low    bool // too low to believe: check the patient
}

// Hold remembers that a band was reached, and by which inputs. It is let go only by a newer set
// that has all of them: losing an input never lowers a band.
type Hold struct {
	By uint8 // a bit an Input; 0: the band is not held
}

const numHolds = int(ward.High) - int(ward.LowMedium) + 1

// Never is the wake time of a bed where nothing is waiting to change.
const Never int64 = math.MaxInt64

// Step takes one reading (nil: only time has passed) into the state and scores it at the moment
// at. stay is the person's record, nil when nobody is known to lie there. The score speaks of at.
// wake is when the next value goes stale or the signal counts as lost (Unix ms), if nothing comes.
func Step(p *Policy, stay *ward.Stay, s State, r *ward.Reading, at time.Time) (next State, score ward.Score, wake int64) {
	now := at.UnixMilli()
	if r != nil {
		s.absorb(p, r)
	}
	score = ward.Score{Stay: s.Stay, At: at, Chart: NEWS2, Version: NEWS2Version, Variant: "scale1", Policy: p.Version}
	score.Position = s.Position
	if r == nil {
		score.Position = 0
	}

	var in Inputs
	if stay != nil {
		score.Refused = refuse(stay, at)
		if stay.Scale.Number == 2 {
			in.Scale2, score.Variant = true, "scale2"
		}
	}
	wake = s.gather(p, now, &in, &score)
	points := ScoreNEWS2(&in)
	for i := range NumInputs {
		score.Parts[i].Points = points.Of[i]
	}
	score.LowerBound, score.Complete = points.LowerBound, points.Complete
	if points.Complete {
		score.Total = points.LowerBound
	}
	s.hold(points.Band(), known(&in), now, &score)
	wake = min(wake, s.signal(p, now, &score))
	if score.Refused != ward.NotRefused {
		score.Band, score.Held = ward.Unknown, false
	}
	return s, score, wake
}

// absorb takes the reading's values where they are newer than what is known.
func (s *State) absorb(p *Policy, r *ward.Reading) {
	s.Position = max(s.Position, r.Position)
	if r.Source == ward.FromDevice {
		s.LastData = max(s.LastData, r.Arrived.UnixMilli())
	}
	for _, v := range r.Values {
		l := &s.Latest[v.Vital]
		measured := v.At.UnixMilli()
		if measured < l.At || p.outranked(l, v, r) {
			continue
		}
		*l = Latest{Number: v.Number, At: measured, Source: r.Source, Doubt: !p.believed(v), Low: p.tooLow(v)}
	}
}

// outranked says that a person at the bedside charted a worse level of consciousness than the device
// now reports, and not so long ago that it no longer counts. The device's word may only raise it.
func (p *Policy) outranked(l *Latest, v ward.Value, r *ward.Reading) bool {
	if v.Vital != ward.ACVPU || r.Source != ward.FromDevice || l.Source != ward.Manual || l.At == 0 {
		return false
	}
	return v.Number <= l.Number && r.Arrived.UnixMilli() <= l.At+p.FreshManual[InConsciousness].Milliseconds()
}

// gather finds each input's newest value and whether it still counts at now, and returns when
// the first of them stops counting.
func (s *State) gather(p *Policy, now int64, in *Inputs, score *ward.Score) (wake int64) {
	wake = Never
	score.NParts = int(NumInputs)
	for i := range NumInputs {
		v := s.source(p, i, now)
		part := &score.Parts[i]
		part.Input = i.String()
		l := &s.Latest[v]
		if l.At == 0 {
			continue
		}
		part.Number, part.At, part.Source = l.Number, time.UnixMilli(l.At), l.Source
		if i == InO2 {
			part.Number = s.oxygen(v)
		}
		expires := l.At + p.fresh(i, l.Source).Milliseconds()
		switch {
		case now > expires:
			part.State = ward.Stale
			continue
		case l.Doubt:
			part.State = ward.Implausible
		default:
			part.State = ward.Present
			in.Set(i, part.Number)
		}
		if l.Low && score.Check == "" {
			score.Check = i.String()
		}
		wake = min(wake, expires+1)
	}
	return wake
}

// source is the vital an input is read from. The pulse stands in where there is no ECG rate.
func (s *State) source(p *Policy, i Input, now int64) ward.Vital {
	switch i {
	case InRR:
		return ward.RR
	case InSpO2:
		return ward.SpO2
	case InO2:
		return s.oxygenSource(p, now)
	case InSBP:
		return ward.SBP
	case InHR:
		hr, pr := &s.Latest[ward.HR], &s.Latest[ward.PR]
		hrCounts := hr.At != 0 && !hr.Doubt && now <= hr.At+p.fresh(InHR, hr.Source).Milliseconds()
		if !hrCounts && pr.At > 0 && !hr.Low {
			return ward.PR
		}
		return ward.HR
	case InConsciousness:
		return ward.ACVPU
	}
	return ward.Temp
}

// oxygenSource picks what says whether the person is on oxygen: a device other than room air, or
// else an inspired fraction or flow as new as the device's entry. Room air charted later ends an
// older fraction or flow.
func (s *State) oxygenSource(p *Policy, now int64) ward.Vital {
	device := &s.Latest[ward.O2Source]
	fresh := func(v ward.Vital) bool {
		l := &s.Latest[v]
		return l.At != 0 && !l.Doubt && now <= l.At+p.fresh(InO2, l.Source).Milliseconds()
	}
	if fresh(ward.O2Source) && s.oxygen(ward.O2Source) != 0 {
		return ward.O2Source
	}
	for _, v := range [...]ward.Vital{ward.FiO2, ward.O2Flow} {
		if fresh(v) && s.oxygen(v) != 0 && s.Latest[v].At >= device.At {
			return v
		}
	}
	for _, v := range [...]ward.Vital{ward.O2Source, ward.FiO2, ward.O2Flow} {
		if fresh(v) {
			return v
		}
	}
	return newest(s, ward.O2Source, ward.FiO2, ward.O2Flow)
}

func newest(s *State, vitals ...ward.Vital) ward.Vital {
	best := vitals[0]
	for _, v := range vitals[1:] {
		if s.Latest[v].At > s.Latest[best].At {
			best = v
		}
	}
	return best
}

// oxygen is 1 when the vital says supplemental oxygen, otherwise 0.
func (s *State) oxygen(v ward.Vital) float64 {
	n := s.Latest[v].Number
	on := n > 0
	if v == ward.FiO2 {
		on = n > 0.21
	}
	if on {
		return 1
	}
	return 0
}

// hold applies the rule that losing an input never lowers a band. A band that was reached stays
// until a newer set, with every input that made it, says less.
func (s *State) hold(raw ward.Band, by uint8, now int64, score *ward.Score) {
	band := raw
	for i := range s.Holds {
		level, h := ward.LowMedium+ward.Band(i), &s.Holds[i]
		if level == raw {
			h.By |= by
		}
		if level <= raw || h.By == 0 {
			continue
		}
		if by&h.By == h.By {
			h.By = 0
			continue
		}
		band = level
	}
	score.Band, score.Held = band, band != raw
	if !score.Held {
		s.HeldFrom = 0
		return
	}
	if s.HeldFrom == 0 {
		s.HeldFrom = now
	}
	score.HeldSince = time.UnixMilli(s.HeldFrom)
}

// signal says whether the place's device has gone silent, or a continuous input has been lost
// while the band still rests on it.
func (s *State) signal(p *Policy, now int64, score *ward.Score) (wake int64) {
	if s.LastData == 0 {
		return Never
	}
	score.LastData = time.UnixMilli(s.LastData)
	silent := s.LastData + p.Silence.Milliseconds()
	for _, i := range [...]Input{InRR, InSpO2, InHR} {
		part := &score.Parts[i]
		score.Lost = score.Lost || score.Held && part.State == ward.Stale && part.Source == ward.FromDevice
	}
	if now > silent {
		score.Lost = true
		return Never
	}
	return silent + 1
}

func known(in *Inputs) (mask uint8) {
	for i, k := range in.Known {
		if k {
			mask |= 1 << i
		}
	}
	return mask
}

// refuse says why NEWS2 may not be used (RCP 2017: not under 16, not in pregnancy; we add six
// weeks after it). An unknown age is taken for an adult's.
func refuse(stay *ward.Stay, at time.Time) ward.Refusal {
	if years, ok := stay.AgeAt(at); ok && years < 16 {
		return ward.RefusedAge
	}
	if stay.Pregnancy != ward.NotPregnant {
		return ward.RefusedPregnancy
	}
	return ward.NotRefused
}
