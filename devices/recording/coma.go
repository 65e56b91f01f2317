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

// coma is what was charted of the scale at a minute: parts, or only their sum.
type coma struct{ eye, verbal, total charted }

func (c *coma) part(what uint8) *charted {
	switch what {
	case comaEye:
		return &c.eye
	case comaVerbal:
		return &c.verbal
	}
	return &c.total
}

// wordless is the verbal score of somebody who cannot speak because of a tube ("1.0 ET/Trach").
const wordless = 0

// comaScore checks the points of one part or the sum. Text in the verbal part says why nobody could
// score it: a tube.
func comaScore(part uint8, x float64, isNumber bool) (float64, Reason) {
	least, most := 1.0, 4.0
	switch part {
	case comaVerbal:
		most = 5
		if !isNumber {
			return wordless, ""
		}
	case comaTotal:
		least, most = 3, 15
	}
	switch {
	case !isNumber:
		return 0, NotANumber
	case x != float64(int(x)) || x < least || x > most:
		return 0, OutsideLimits
	}
	return x, ""
}

// tube remembers when a ventilator was charted in a block.
type tube struct{ at []time.Time }

func (t *tube) see(b *block) {
	t.at = t.at[:0]
	for _, s := range b.held {
		if s.what == ventilated {
			t.at = append(t.at, s.at)
		}
	}
}

// tubeWindow is how near a charted ventilator must be for a verbal score of 1 to mean a tube.
const tubeWindow = 4 * time.Hour

func (t *tube) near(at time.Time) bool {
	i, _ := slices.BinarySearchFunc(t.at, at.Add(-tubeWindow), time.Time.Compare)
	return i < len(t.at) && !t.at[i].After(at.Add(tubeWindow))
}

// unknownLevel is a level that nobody charted.
const unknownLevel = ward.Unresponsive + 1

// consciousness is the level, or why there is none; unknownLevel without a reason when nothing was
// charted.
func (c *coma) consciousness(tubeNear bool) (ward.Consciousness, Reason) {
	if c.eye.got || c.verbal.got {
		return ofParts(c.eye, c.verbal, tubeNear)
	}
	if c.total.got {
		return ofTotal(c.total.points, tubeNear)
	}
	return unknownLevel, ""
}

// ofParts makes ACVPU of eye and verbal score: E4 V5 is A, E4 V3–4 is C, E3 V, E2 P, E1 U.
// Somebody with a tube cannot be judged by voice and stays unknown, as does what the table lacks.
func ofParts(eye, verbal charted, tubeNear bool) (ward.Consciousness, Reason) {
	switch {
	case verbal.got && (verbal.points == wordless || verbal.points == 1 && tubeNear):
		return unknownLevel, Intubated
	case !eye.got || eye.points == 4 && !verbal.got:
		return unknownLevel, Incomplete
	case eye.points == 3:
		return ward.Voice, ""
	case eye.points == 2:
		return ward.Pain, ""
	case eye.points == 1:
		return ward.Unresponsive, ""
	case verbal.points == 5:
		return ward.Awake, ""
	case verbal.points >= 3:
		return ward.Confused, ""
	}
	return unknownLevel, NotInTable
}

// mostWordless is the highest sum with a verbal score of 1: E4 V1 M6.
const mostWordless = 11

// ofTotal makes ACVPU of the sum alone: 15 is A, 14 C, 9–13 V, 4–8 P, 3 U. Median sums charted beside
// A, V, P and U were 15, 13, 8 and 6 (McNarry & Goldhill, Anaesthesia 2004;59:34–37); where the ranges
// between them end is our proposal, for local clinicians to sign, and so is 14 as C. NEWS2 gives
// all but A the same 3 points. A sum that a tube may have made says nothing.
func ofTotal(points float64, tubeNear bool) (ward.Consciousness, Reason) {
	switch {
	case points <= mostWordless && tubeNear:
		return unknownLevel, Intubated
	case points == 15:
		return ward.Awake, ""
	case points == 14:
		return ward.Confused, ""
	case points >= 9:
		return ward.Voice, ""
	case points >= 4:
		return ward.Pain, ""
	}
	return ward.Unresponsive, ""
}
