package scoring

import (
	"time"

	"wardwatch/ward"
)

// Crossing is a limit that a value has passed. Its times are Unix ms.
type Crossing struct {
	Since int64 // 0: not crossed
	Due   int64 // when it has lasted long enough to tell
	Seen  int64 // the measurement that began it
	High  bool  // over the upper limit
}

// numUsual vitals have a usual value: those measured in a unit.
const numUsual = int(ward.EtCO2) + 1

// bounds is what a value is held against; 0: no limit on that side.
type bounds struct{ low, high float64 }

// see holds a believed value, measured at measured, against the limits at now. A crossing that
// people were not told of yet is over when the value is back inside; one that they were, when it is
// back by the margin.
func (c *Crossing) see(x float64, b bounds, margin float64, p *Persist, now, measured int64) {
	under, over := b.low != 0 && x < b.low, b.high != 0 && x > b.high
	switch {
	case c.Since != 0 && (c.High && over || !c.High && under):
		due := now + p.lasts(x)
		if p.Repeat && measured != c.Seen {
			due = now
		}
		c.Due = min(c.Due, due)
	case under || over:
		*c = Crossing{Since: now, Due: now + p.lasts(x), Seen: measured, High: over}
	case c.Since == 0:
	case now < c.Due, c.High && x <= b.high-margin, !c.High && x >= b.low+margin:
		*c = Crossing{}
	}
}

// lasts is how long a value must stay where it is, in ms.
func (p *Persist) lasts(x float64) int64 {
	if p.MildHigh != 0 && x >= p.MildLow && x <= p.MildHigh {
		return p.Mild.Milliseconds()
	}
	return p.For.Milliseconds()
}

// limit is the limit a crossing has passed.
func (c *Crossing) limit(b bounds) float64 {
	if c.High {
		return b.high
	}
	return b.low
}

// flag is the crossing as the score shows it.
func (c *Crossing) flag(code string, band ward.Band, number, limit float64, held bool) ward.Flag {
	return ward.Flag{Code: code, Band: band, Number: number, Limit: limit, Held: held, Since: time.UnixMilli(c.Since), Due: time.UnixMilli(c.Due)}
}

// raise adds a flag to a score, the worst first; the mildest gives way when there are too many.
func raise(score *ward.Score, f ward.Flag) {
	i := score.NFlags
	for i > 0 && score.Flags[i-1].Band < f.Band {
		i--
	}
	if i == ward.MaxFlags {
		return
	}
	score.NFlags = min(score.NFlags+1, ward.MaxFlags)
	copy(score.Flags[i+1:score.NFlags], score.Flags[i:])
	score.Flags[i] = f
}

// Codes of limit flags, by vital and side.
var limitCodes, usualCodes = sideCodes(ward.FlagLimit), sideCodes(ward.FlagUsual)

func sideCodes(kind string) (codes [ward.NumVitals][2]string) {
	for v := range codes {
		name := kind + ":" + ward.Vital(v).String()
		codes[v] = [2]string{name + ":low", name + ":high"}
	}
	return codes
}

func (c *Crossing) code(codes *[ward.NumVitals][2]string, v ward.Vital) string {
	if c.High {
		return codes[v][1]
	}
	return codes[v][0]
}

// flags raises everything that asks for concern beside the points, and says when time alone changes
// any of it.
func (s *State) flags(p *Policy, who *person, stay *ward.Stay, at time.Time, k *look, score *ward.Score) (wake int64) {
	var limits, usual [ward.NumVitals]order
	p.orders(who, stay, at, &limits, &usual)
	for v := range ward.NumVitals {
		s.limit(p, v, &s.Limits[v], &limits[v], &limitCodes, k, score)
		if int(v) < numUsual {
			s.limit(p, v, &s.Usual[v], &usual[v], &usualCodes, k, score)
		}
	}
	wake = min(s.rising(p, k, score), s.concerns(p, k, score))
	return min(wake, reviews(p, stay, at, score))
}

// order is what a vital is held against, and how bad it is to be beyond.
type order struct {
	bounds
	band ward.Band
}

// orders are the limits in force for a person: their own, in place of the ward's.
func (p *Policy) orders(who *person, stay *ward.Stay, at time.Time, limits, usual *[ward.NumVitals]order) {
	if stay != nil {
		for i := range stay.Limits {
			l := &stay.Limits[i]
			if own, ok := stay.LimitAt(l.Vital, at); !ok || own != l {
				continue
			}
			if l.Low != 0 || l.High != 0 {
				limits[l.Vital] = order{bounds{l.Low, l.High}, p.PersonalBand}
			}
			if far := p.UsualFar[l.Vital]; l.Usual != 0 && far != 0 {
				usual[l.Vital] = order{bounds{l.Usual - far, l.Usual + far}, p.UsualBand}
			}
		}
	}
	for i := range p.Limits {
		r := &p.Limits[i]
		if (!r.NoChart || who.chart == nil) && limits[r.Vital].band == ward.Low && r.fits(who.months, who.pregnant) {
			limits[r.Vital] = order{bounds{r.Low, r.High}, r.Band}
		}
	}
}

// limit holds one vital against its limits. Single samples count here, not the median: the limit
// has its own persistence. While the value is lost a crossing is neither confirmed nor over.
func (s *State) limit(p *Policy, v ward.Vital, c *Crossing, o *order, codes *[ward.NumVitals][2]string, k *look, score *ward.Score) {
	if o.band == ward.Low { // no order
		if c.Since != 0 {
			*c = Crossing{}
		}
		return
	}
	from := v
	if v == ward.HR {
		from = k.rate
	}
	l, known := &s.Latest[from], k.state[from] == ward.Present
	if known {
		c.see(l.Sample, o.bounds, p.Margin[v], &p.Persist[v], k.now, l.At)
	}
	if c.Since != 0 {
		raise(score, c.flag(c.code(codes, v), o.band, l.Sample, c.limit(o.bounds), !known))
	}
}
