package ingest

import (
	"time"

	"wardwatch/ward"
)

// Limits of the clock judge. All are ours, not from a standard; the first two are the contract's.
const (
	maxAhead  = 5 * time.Minute // further in the future is impossible
	maxBehind = 24 * time.Hour  // further in the past is impossible

	minStep     = 500 * time.Millisecond // less real time between two messages proves nothing
	steady      = 250 * time.Millisecond // jitter within which live messages keep one offset
	liveInARow  = 5                      // steady steps in a row show that an offset is skew
	skewMatters = 2 * time.Second        // a smaller offset is left alone: it may be the network's
	skewMoved   = time.Second            // an offset this far from the learned one is learned anew

	withinLeast      = time.Second      // no bedside clock is trusted closer than this
	withinImpossible = 5 * time.Second  // transit of a live message whose clock says nothing
	withinUnknown    = maxBehind        // a late message whose clock says nothing
	burstShare       = 2                // arrival gap under 1/this of the taken gap: a burst
	burstLeast       = time.Second / 10 // taken gaps shorter than this prove nothing
)

// clock is what is known of one device's clock at one place. The zero value knows nothing.
type clock struct {
	fixed   bool // never learns: see Options.ScaledClock
	seen    bool
	taken   time.Time // of the message that the next one is compared with
	arrived time.Time

	steps   int           // live steps in a row
	first   time.Duration // offset with which they began
	lowest  time.Duration // offset of the least delayed message among them
	learned bool
	skew    time.Duration // arrival minus taken of an undelayed message; whole milliseconds
}

// verdict is what the judge makes of one message.
type verdict struct {
	at     time.Time // when it is held to be true
	clock  ward.Clock
	late   bool
	within time.Duration // how far from at the truth may lie
}

// judge learns from one message and says when it was true. It is pure: the same messages in the
// same order give the same verdicts. Retained messages and bursts teach nothing.
func (c *clock) judge(taken, arrived time.Time, retained bool, lateAfter time.Duration) verdict {
	burst := c.burst(taken, arrived)
	if !retained {
		c.learn(taken, arrived)
	}
	offset := arrived.Sub(taken)
	if offset < -maxAhead || offset > maxBehind {
		return c.impossible(offset, arrived, retained, burst, lateAfter)
	}
	v := verdict{at: taken, clock: ward.ClockGood}
	if c.learned && c.skew.Abs() > skewMatters {
		v.at, v.clock = taken.Add(c.skew), ward.ClockSkewed
	}
	if v.at.After(arrived) {
		v.at = arrived
	}
	v.within = c.within(arrived.Sub(v.at))
	v.late = retained || arrived.Sub(v.at) > lateAfter
	return v
}

// impossible judges a message whose own time cannot be used. A live one is true on arrival; a
// delayed one is history whose age is known only as far as the skew was learned. A burst tells a
// backlog where nothing better does: once the skew is learned, a message that the network held up
// for a moment must not make the next one look old.
func (c *clock) impossible(offset time.Duration, arrived time.Time, retained, burst bool, lateAfter time.Duration) verdict {
	v := verdict{at: arrived, clock: ward.ClockImpossible, late: retained || burst, within: withinImpossible}
	if c.learned {
		transit := max(0, offset-c.skew)
		v.late = retained || transit > lateAfter
		v.within += transit
		return v
	}
	if v.late {
		v.within = withinUnknown
	}
	return v
}

// within bounds the error of a usable time. Until a device has been seen live, lateness cannot be
// told from skew, so all of it is doubt.
func (c *clock) within(age time.Duration) time.Duration {
	if c.learned {
		return skewMatters
	}
	return max(age, withinLeast)
}

// burst reports that messages arrive much faster than they were taken: a backlog.
func (c *clock) burst(taken, arrived time.Time) bool {
	if !c.seen {
		return false
	}
	gap := taken.Sub(c.taken)
	return gap >= burstLeast && arrived.Sub(c.arrived) < gap/burstShare
}

// learn follows the offset from message to message. Where it stays the same while time really
// advances, messages are live, and after five such steps it is the skew. The offset of a backlog
// shrinks from message to message, so it never counts.
func (c *clock) learn(taken, arrived time.Time) {
	if c.fixed {
		return
	}
	offset := arrived.Sub(taken)
	if !c.seen || (offset-c.first).Abs() > steady {
		c.restart(taken, arrived)
		return
	}
	c.lowest = min(c.lowest, offset)
	if arrived.Sub(c.arrived) < minStep {
		return // too soon to prove anything: keep comparing with the older one
	}
	c.taken, c.arrived = taken, arrived
	if c.steps++; c.steps < liveInARow {
		return
	}
	if !c.learned || (c.lowest-c.skew).Abs() > skewMoved {
		c.learned, c.skew = true, c.lowest.Round(time.Millisecond)
	}
	// The next window starts here, so that a slow drift is followed.
	c.steps, c.first, c.lowest = 0, offset, offset
}

// restart forgets the steps so far. The skew stays until it is refuted: nothing comes from the future.
func (c *clock) restart(taken, arrived time.Time) {
	offset := arrived.Sub(taken)
	c.seen, c.taken, c.arrived = true, taken, arrived
	c.steps, c.first, c.lowest = 0, offset, offset
	if c.learned && offset < c.skew-skewMatters {
		c.learned = false
	}
}
