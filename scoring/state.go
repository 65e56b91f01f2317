package scoring

import (
	"wardwatch/scoring/course"
	"wardwatch/scoring/signal"
	"wardwatch/ward"
)

// State is all that is remembered of one person at one place between readings. It is a plain value
// of fixed size: copying it copies everything, and it survives a restart as a checkpoint keeps it.
// Its times are Unix ms.
type State struct {
	Stay     ward.StayID
	Position uint64 // journal position of the last reading taken in
	LastData int64  // arrival of the last live reading from a device; 0 for none

	Latest [ward.NumVitals]Latest
	Signal signal.Memory

	Chart    string // id of the chart that the holds are of, with its age band where it has one
	Band     ward.Band
	Holds    [numHolds]Hold // one for each band from low_medium up
	Carried  Carried
	HeldFrom int64 // since when the band is held; 0 when it is not

	Round   Round
	Charted Charted

	Limits   [ward.NumVitals]Crossing
	Usual    [numUsual]Crossing
	Oxygen   Need
	Concerns [numConcerns]Concern

	Course course.Course // hour by hour, for models and trends
}

// Latest is the newest of one vital.
type Latest struct {
	Number  float64 // what counts: the median of the window, or the value as it came; when not Trusted the newest
	At      int64   // when that was measured: of a median its newest sample; 0: never
	Until   int64   // when it stops counting, where that follows the observations
	Sample  float64 // the newest believed single value
	Seen    int64   // when the newest value was measured, believed or not
	Source  ward.Source
	Trusted bool       // Number may give points
	Doubt   ward.Doubt // about the newest value
	Low     bool       // the newest value is too low to believe: check the patient
}

// take brings a reading into the state.
func (s *State) take(p *Policy, who *person, stay *ward.Stay, r *ward.Reading) {
	s.Position = max(s.Position, r.Position)
	if r.Source == ward.FromDevice {
		s.LastData = max(s.LastData, r.Arrived.UnixMilli())
		s.takeDevice(p, who.months, r)
		return
	}
	s.takeCharted(p, stay, r)
	afterwards, device, checks := p.afterwards(r), s.Latest[ward.O2Source], p.checks(who.months)
	for i := range r.Values {
		v := &r.Values[i]
		l := &s.Latest[v.Vital]
		ms := v.At.UnixMilli()
		corrects := ms == l.At && l.Source != ward.FromDevice
		if !corrects && (ms < l.Seen && !l.milder(v) || afterwards) {
			continue
		}
		doubt, low := p.Signal.Possible(who.months, v), tooLow(checks, v)
		if doubt != ward.Believed && l.Trusted && setByPeople(v.Vital) {
			l.question(v, doubt, low)
			continue
		}
		s.put(p, v, r.Source, doubt, low)
		s.course(v, doubt)
	}
	s.Oxygen.changed(&device, &s.Latest[ward.O2Source])
}

// course keeps what is believed for the models: each value by itself, not the median.
func (s *State) course(v *ward.Value, doubt ward.Doubt) {
	if doubt == ward.Believed {
		s.Course.Take(v.Vital, v.Number, v.At.UnixMilli())
	}
}

// afterwards says whether a charted set was entered so long after it was true that it is history:
// it scores at its true time and is never taken for what is so now.
func (p *Policy) afterwards(r *ward.Reading) bool {
	return r.Late || r.Arrived.Sub(r.At) > p.Rounds.BackEntry
}

// takeDevice takes the values of a device that are newer than what is known of each vital.
func (s *State) takeDevice(p *Policy, months int, r *ward.Reading) {
	values := r.Values
	for i := range values {
		if !s.newer(p, &values[i], r) {
			var buffer [ward.NumVitals]ward.Value
			values = s.onlyNewer(p, r, buffer[:0])
			break
		}
	}
	device, now, checks := s.Latest[ward.O2Source], r.Arrived.UnixMilli(), p.checks(months)
	doubts := p.Signal.Judge(&s.Signal, months, values)
	for i := range values {
		v := &values[i]
		doubt, low := doubts[v.Vital], tooLow(checks, v) || inDoubtLow(checks, v, doubts[v.Vital])
		s.course(v, doubt)
		switch {
		case signal.Windowed(v.Vital):
			s.sample(p, v, doubt, low, now)
		case doubt == ward.Believed || low || !s.confirmed(p, v.Vital, now):
			s.put(p, v, ward.FromDevice, doubt, low)
		default:
			s.Latest[v.Vital].question(v, doubt, low)
		}
	}
	s.Oxygen.changed(&device, &s.Latest[ward.O2Source])
}

// newer says whether a device's value tells more than what is known.
func (s *State) newer(p *Policy, v *ward.Value, r *ward.Reading) bool {
	return v.At.UnixMilli() >= s.Latest[v.Vital].Seen && !s.outranked(p, v, r)
}

func (s *State) onlyNewer(p *Policy, r *ward.Reading, into []ward.Value) []ward.Value {
	for i := range r.Values {
		if v := &r.Values[i]; s.newer(p, v, r) && len(into) < cap(into) {
			into = append(into, *v)
		}
	}
	return into
}

// sample takes a value of a vital that counts as the median of the last minute. A value in doubt
// never moves the median: that goes on counting while enough of the minute is good.
func (s *State) sample(p *Policy, v *ward.Value, doubt ward.Doubt, low bool, now int64) {
	l := &s.Latest[v.Vital]
	number, at, ok := p.Signal.Sample(&s.Signal, v, doubt)
	switch {
	case ok && doubt == ward.Believed:
		l.Number, l.At, l.Source, l.Trusted, l.Sample = number, at, ward.FromDevice, true, v.Number
		l.Until = at + s.Round.counts(&p.Rounds)
	case ok && l.Trusted:
	case low || !s.confirmed(p, v.Vital, now):
		s.put(p, v, ward.FromDevice, ward.TooFewGood, low)
	}
	if !ok && doubt == ward.Believed {
		doubt = ward.TooFewGood
	}
	l.question(v, doubt, low)
}

// confirmed says whether a person charted the vital and that still counts, or what is believed is a
// setting: what a device says beside it in doubt does not take its place.
func (s *State) confirmed(p *Policy, v ward.Vital, now int64) bool {
	l := &s.Latest[v]
	return l.Trusted && (setByPeople(v) || l.Source != ward.FromDevice && now <= s.expires(p, v))
}

// setByPeople are the vitals that stay as they were set until they are seen to be otherwise.
func setByPeople(v ward.Vital) bool { return v == ward.O2Source || v == ward.FiO2 || v == ward.O2Flow }

// put makes a value the newest.
func (s *State) put(p *Policy, v *ward.Value, source ward.Source, doubt ward.Doubt, low bool) {
	l := &s.Latest[v.Vital]
	l.Number, l.At, l.Source, l.Trusted = v.Number, v.At.UnixMilli(), source, doubt == ward.Believed
	l.Until = l.At + s.Round.counts(&p.Rounds)
	if l.Trusted {
		l.Sample = v.Number
	}
	l.question(v, doubt, low)
}

// question notes what is thought of the newest value.
func (l *Latest) question(v *ward.Value, doubt ward.Doubt, low bool) {
	l.Seen, l.Doubt, l.Low = v.At.UnixMilli(), doubt, low
}

// outranked says that a person at the bedside charted a worse level of consciousness than the device
// now reports, and not so long ago that it no longer counts. The device's word may only raise it.
func (s *State) outranked(p *Policy, v *ward.Value, r *ward.Reading) bool {
	l := &s.Latest[ward.ACVPU]
	if v.Vital != ward.ACVPU || l.Source != ward.Manual || l.At == 0 {
		return false
	}
	return v.Number <= l.Number && r.Arrived.UnixMilli() <= s.expires(p, ward.ACVPU)
}

// milder says that what a device reported of consciousness is milder than what a person charted: the
// person was at the bedside, even if the device has spoken since.
func (l *Latest) milder(charted *ward.Value) bool {
	return charted.Vital == ward.ACVPU && l.Source == ward.FromDevice && l.Number < charted.Number
}

// tooLow says whether a value asks for the patient to be checked, whatever its quality: a value
// that low is never only a technical matter.
func tooLow(c *CheckRule, v *ward.Value) bool {
	return c != nil && v.Quality != ward.Invalid && v.Number < c.Below[v.Vital]
}

// inDoubtLow says that a value is doubted only for how it fits the others, and is so low that somebody
// must look: the narrow pulse pressure of shock reads like a damped line.
func inDoubtLow(c *CheckRule, v *ward.Value, d ward.Doubt) bool {
	return c != nil && (d == ward.PressureOrder || d == ward.LineDamped) && v.Number < c.InDoubt[v.Vital]
}
