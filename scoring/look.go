package scoring

import (
	"time"

	"wardwatch/scoring/chart"
	"wardwatch/ward"
)

// look is what is believed of a person at one moment.
type look struct {
	now    int64
	state  [ward.NumVitals]ward.PartState
	wake   int64      // when the first value that counts stops counting
	rate   ward.Vital // what the heart rate is read from
	oxygen ward.Vital // what says whether there is supplemental oxygen
	on     bool       // supplemental oxygen, when oxygen counts
	amount bool       // and nothing that said how much has gone stale since
	set    chart.Set
}

// Believed is what the state holds true at a moment: every input that is fresh and believed, as any
// chart can be scored on it. The score that Step gives at that moment is the policy's chart on this
// very set.
func Believed(p *Policy, s *State, stay *ward.Stay, at time.Time) chart.Set {
	who := p.person(stay, at)
	var k look
	s.look(p, &who, at.UnixMilli(), &k)
	return k.set
}

// look judges the newest value of each vital at a moment.
func (s *State) look(p *Policy, who *person, now int64, k *look) {
	k.now, k.wake = now, Never
	for v := range s.Latest {
		l := &s.Latest[v]
		if l.At == 0 {
			continue
		}
		expires := s.expires(p, ward.Vital(v))
		switch {
		case now > expires:
			k.state[v] = ward.Stale
			continue
		case !l.Trusted:
			k.state[v] = ward.Implausible
		default:
			k.state[v] = ward.Present
		}
		k.wake = min(k.wake, expires+1)
	}
	k.rate, k.oxygen = s.rate(p, k), s.oxygen(p, k)
	k.on = s.says(k.oxygen)
	s.fill(p, who, k)
}

// wakes finds again when the first value that counts stops counting.
func (s *State) wakes(p *Policy, k *look) {
	k.wake = Never
	for v, state := range k.state {
		if state == ward.Present || state == ward.Implausible {
			k.wake = min(k.wake, max(s.expires(p, ward.Vital(v)), k.now)+1)
		}
	}
}

// plain are the vitals that an input is read from as they are.
var plain = [...]struct {
	v  ward.Vital
	in chart.Input
}{
	{ward.RR, chart.RR}, {ward.SpO2, chart.SpO2}, {ward.SBP, chart.SBP}, {ward.DBP, chart.DBP}, {ward.MAP, chart.MAP},
	{ward.Temp, chart.Temp}, {ward.ACVPU, chart.Consciousness}, {ward.RespDistress, chart.RespDistress}, {ward.CapRefill, chart.CapRefill},
}

// fill puts what counts into the set.
func (s *State) fill(p *Policy, who *person, k *look) {
	for _, x := range plain {
		if k.state[x.v] == ward.Present {
			k.set.Put(x.in, s.Latest[x.v].Number)
		}
	}
	if k.state[k.rate] == ward.Present {
		k.set.Put(chart.HR, s.Latest[k.rate].Number)
	}
	k.set.Scale2 = who.scale2
	if who.known {
		k.set.Put(chart.Age, float64(who.months))
	}
	s.fillOxygen(p, k)
}

// airFraction is the oxygen in room air.
const airFraction = 0.21

// fillOxygen: room air is an inspired fraction of 0.21. A fraction or flow counts only while the
// device is the one it was given by.
func (s *State) fillOxygen(p *Policy, k *look) {
	if k.state[k.oxygen] != ward.Present {
		return
	}
	k.amount = true
	if !k.on {
		k.set.Put(chart.O2, 0)
		k.set.Put(chart.O2Device, float64(ward.RoomAir))
		k.set.Put(chart.FiO2, airFraction)
		return
	}
	k.set.Put(chart.O2, 1)
	for _, x := range [...]struct {
		v  ward.Vital
		in chart.Input
	}{{ward.O2Source, chart.O2Device}, {ward.FiO2, chart.FiO2}, {ward.O2Flow, chart.O2Flow}} {
		l := &s.Latest[x.v]
		if !l.Trusted || !s.says(x.v) || l.At < s.Oxygen.Changed {
			continue
		}
		switch k.state[x.v] {
		case ward.Present:
			k.set.Put(x.in, l.Number)
		case ward.Stale:
			k.amount = k.amount && s.Latest[k.oxygen].At > s.expires(p, x.v)
		}
	}
}

// rate is where the heart rate is read from. The pulse stands in where there is no ECG rate, or a
// doubtful one of no later moment. For a rate that has gone stale, or that was too low to believe,
// only a pulse taken since then does: losing a bad rate must not uncover an older, better one.
func (s *State) rate(p *Policy, k *look) ward.Vital {
	hr, pr := &s.Latest[ward.HR], &s.Latest[ward.PR]
	switch {
	case pr.At == 0 || k.state[ward.HR] == ward.Present:
		return ward.HR
	case hr.At == 0 || !hr.Trusted && !hr.Low && pr.At >= hr.At, pr.At > s.expires(p, ward.HR):
		return ward.PR
	}
	return ward.HR
}

// oxygenVitals say whether there is supplemental oxygen.
var oxygenVitals = [...]ward.Vital{ward.O2Source, ward.FiO2, ward.O2Flow}

// oxygen picks what says whether the person is on oxygen: a device other than room air, or a
// fraction or flow as new as the device's entry; room air charted later ends an older one. When all
// that says oxygen has gone stale, what says air takes its place only if it was seen since then.
func (s *State) oxygen(p *Policy, k *look) ward.Vital {
	device := int64(0)
	if l := &s.Latest[ward.O2Source]; l.Trusted {
		device = l.At
	}
	lapsed, stale := int64(0), ward.NumVitals
	for _, v := range oxygenVitals {
		l := &s.Latest[v]
		if !l.Trusted || !s.says(v) || l.At < device {
			continue
		}
		if k.state[v] == ward.Present {
			return v
		}
		lapsed = max(lapsed, s.expires(p, v))
		if stale == ward.NumVitals {
			stale = v
		}
	}
	air := ward.NumVitals
	for _, v := range oxygenVitals {
		l := &s.Latest[v]
		if l.Trusted && !s.says(v) && l.At > lapsed && (air == ward.NumVitals || l.At > s.Latest[air].At) {
			air = v
		}
	}
	switch {
	case air != ward.NumVitals:
		return air
	case stale != ward.NumVitals:
		return stale
	}
	return newest(s, oxygenVitals[:]...)
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

// says reports whether a vital says supplemental oxygen.
func (s *State) says(v ward.Vital) bool {
	n := s.Latest[v].Number
	if v == ward.FiO2 {
		return n > airFraction
	}
	return n > 0
}

// vital is where an input is read from; ok is false for what no reading carries. Of a person on
// air, device and fraction are known by whatever says so.
func (k *look) vital(in chart.Input) (v ward.Vital, ok bool) {
	if !k.on && (in == chart.O2Device || in == chart.FiO2) && k.state[k.oxygen] == ward.Present {
		return k.oxygen, true
	}
	switch in {
	case chart.HR:
		return k.rate, true
	case chart.O2:
		return k.oxygen, true
	case chart.O2Device:
		return ward.O2Source, true
	case chart.FiO2:
		return ward.FiO2, true
	case chart.O2Flow:
		return ward.O2Flow, true
	}
	for _, x := range plain {
		if x.in == in {
			return x.v, true
		}
	}
	return 0, false
}

// shown are the inputs shown for a person whom no chart scores.
var shown = [...]chart.Input{chart.RR, chart.SpO2, chart.O2, chart.SBP, chart.HR, chart.Consciousness, chart.Temp}

// score applies the person's chart to what is believed and writes it out part by part. oldest is
// the age of the oldest part that counts for as long as the observations allow; now when none does.
func (s *State) score(p *Policy, who *person, k *look, score *ward.Score) (result chart.Result, oldest int64) {
	oldest = k.now
	c := who.chart
	if c == nil {
		if who.refusing != nil {
			score.Chart, score.Version = who.refusing.ID(), who.refusing.Version()
		}
		score.Refused, score.Band, score.NParts = who.refusal, ward.Unknown, len(shown)
		for i, in := range shown {
			s.part(k, in, in.String(), &score.Parts[i])
		}
		result.Band = ward.Unknown
		return result, oldest
	}
	result = c.Score(&k.set)
	score.Chart, score.Version, score.Variant = c.ID(), c.Version(), c.Variant(&k.set)
	score.LowerBound, score.Complete, score.Band = result.LowerBound, result.Complete, result.Band
	if result.Complete {
		score.Total = result.LowerBound
	}
	parts := c.Parts()
	score.NParts = len(parts)
	for i := range parts {
		in := k.read(&parts[i], result.Known&(1<<i) != 0)
		s.part(k, in, parts[i].Name, &score.Parts[i])
		score.Parts[i].Points = result.Points[i]
		if v, ok := k.vital(in); ok && k.state[v] == ward.Present && p.staleness(s.Latest[v].Source, v) == AsObserved {
			oldest = min(oldest, s.Latest[v].At)
		}
	}
	return result, oldest
}

// read is the input to show for a part: the one asked for first, unless another made it known.
func (k *look) read(part *chart.Part, known bool) chart.Input {
	first := part.Reads[0]
	if !known || k.set.Has(first) {
		return first
	}
	for _, in := range part.Reads[1:] {
		if k.set.Has(in) {
			return in
		}
	}
	return first
}

// part writes out one input as it stands.
func (s *State) part(k *look, in chart.Input, name string, out *ward.Part) {
	out.Input = name
	v, ok := k.vital(in)
	if !ok || s.Latest[v].At == 0 {
		return
	}
	l := &s.Latest[v]
	out.State, out.Number, out.At, out.Source = k.state[v], l.Number, time.UnixMilli(l.At), l.Source
	switch {
	case out.State == ward.Present && k.set.Has(in):
		out.Number = k.set.Number[in]
	case in == chart.O2:
		out.Number = 0
		if k.on {
			out.Number = 1
		}
	}
	if out.State == ward.Implausible {
		out.Doubt = l.Doubt
	}
}
