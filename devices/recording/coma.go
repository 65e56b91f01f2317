package recording

import (
	"slices"
	"time"

	"wardwatch/ward"
)

// charted is one part of the Glasgow coma scale at a minute.
type charted struct {
	got    bool
	points float64
}

// set keeps the later row.
func (c *charted) set(b *block, points float64) {
	if c.got {
		b.out.skip(CoveredValue)
		b.out.counts.Conflicts++
	}
	c.got, c.points = true, points
}

// comaScore checks the points of one part. Text in the verbal part says why nobody could score it:
// a tube.
func comaScore(part uint8, x float64, isNumber bool) (float64, Reason) {
	most := 4.0
	if part == comaVerbal {
		most = 5
		if !isNumber {
			return wordless, ""
		}
	}
	switch {
	case !isNumber:
		return 0, NotANumber
	case x != float64(int(x)) || x < 1 || x > most:
		return 0, OutsideLimits
	}
	return x, ""
}

// ventWindow is how near a charted ventilator mode must be for a verbal score of 1 to mean a tube.
const ventWindow = 4 * time.Hour

// ventilation remembers when ventilator modes were charted in this block.
func (m *mimic) ventilation(b *block) {
	m.vent = m.vent[:0]
	for _, s := range b.held {
		if s.what == ventilated {
			m.vent = append(m.vent, s.at)
		}
	}
}

func (m *mimic) ventilatedNear(t time.Time) bool {
	i, _ := slices.BinarySearchFunc(m.vent, t.Add(-ventWindow), time.Time.Compare)
	return i < len(m.vent) && !m.vent[i].After(t.Add(ventWindow))
}

// consciousness makes ACVPU of eye and verbal score: E4 V5 is A, E4 V3–4 is C, E3 V, E2 P, E1 U.
// Somebody with a tube cannot be judged by voice and stays unknown, as does what the table lacks.
func (m *mimic) consciousness(b *block, t time.Time, eye, verbal charted) (ward.Consciousness, bool) {
	switch {
	case !eye.got && !verbal.got:
		return 0, false
	case verbal.got && (verbal.points == wordless || verbal.points == 1 && m.ventilatedNear(t)):
		b.out.skip(Intubated)
		return 0, false
	case !eye.got || eye.points == 4 && !verbal.got:
		b.out.skip(Incomplete)
		return 0, false
	case eye.points == 3:
		return ward.Voice, true
	case eye.points == 2:
		return ward.Pain, true
	case eye.points == 1:
		return ward.Unresponsive, true
	case verbal.points == 5:
		return ward.Awake, true
	case verbal.points >= 3:
		return ward.Confused, true
	}
	b.out.skip(NotInTable)
	return 0, false
}
