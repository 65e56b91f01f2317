package app

import (
	"fmt"
	"time"
)

// clock gives the one time everything works by.
type clock struct {
	base  time.Time // the real moment it was started
	start time.Time // what it said then
	speed float64
}

// newClock is the real clock, or one that starts elsewhere and runs faster for replay.
func newClock(start string, speed float64) (*clock, error) {
	if !(speed > 0 && speed <= 1e6) { // not a number is neither
		return nil, fmt.Errorf("clock-speed is %g: give a number above 0, for example 60", speed)
	}
	now := time.Now()
	c := &clock{base: now, start: now, speed: speed}
	if start == "" {
		return c, nil
	}
	t, err := time.Parse(time.RFC3339, start)
	if err != nil {
		return nil, fmt.Errorf("clock-start is %q: give a time like 2026-11-21T08:00:00+07:00", start)
	}
	c.start = t
	return c, nil
}

// simulated reports whether it is anything but the real clock.
func (c *clock) simulated() bool { return !c.start.Equal(c.base) || c.speed != 1 }

// now is the real time for the real clock (so that a step of the system clock shows), otherwise
// the scaled one.
func (c *clock) now() time.Time {
	if !c.simulated() {
		return time.Now()
	}
	return c.start.Add(time.Duration(float64(time.Since(c.base)) * c.speed))
}

// scaled is how much of the clock's time passes in a length of real time.
func (c *clock) scaled(d time.Duration) time.Duration { return time.Duration(float64(d) * c.speed) }

// real is the real duration of d on this clock.
func (c *clock) real(d time.Duration) time.Duration { return time.Duration(float64(d) / c.speed) }
