package course

import (
	"math"
	"time"

	"wardwatch/ward"
)

// traceSteps are the ten-minute steps of a trace: six hours.
const traceSteps = 6 * perHour

const numTraces = 4

// perTrace is the precision to which a trace keeps numbers: hundredths of the unit.
const perTrace = 100

// Traces are ten-minute means of the vitals whose trend is watched, over the last six hours. The
// pulse rate stands in for the heart rate while that has not been known for ten minutes.
type Traces struct {
	Mean [traceSteps][numTraces]uint16 // of steps that have ended, in hundredths; 0: nothing
	Sum  [numTraces]uint32             // of the current step, in hundredths
	N    [numTraces]uint16
}

// Point is the mean of one vital over ten minutes, dated by their middle.
type Point struct {
	At    time.Time
	Value float64 // in the vital's unit
}

func traceOf(input int) int {
	switch input {
	case inHR, inPR:
		return 0
	case inRR:
		return 1
	case inSpO2:
		return 2
	case inSBP:
		return 3
	}
	return none
}

// take adds a value to its ten minutes. Where those have ended already, it counts only if they had
// none: one late value must not outweigh a mean.
func (t *Traces) take(c *Course, input int, number float64, step uint32) {
	i := traceOf(input)
	if i == none || input == inPR && knowsHeart(c, step) || c.Step-step >= traceSteps {
		return
	}
	x := uint32(math.Round(number * perTrace))
	if step < c.Step {
		if mean := &t.Mean[step%traceSteps][i]; *mean == 0 {
			*mean = uint16(x)
		}
		return
	}
	if t.N[i] == math.MaxUint16 {
		t.Sum[i] /= 2
		t.N[i] /= 2
	}
	t.Sum[i] += x
	t.N[i]++
}

func knowsHeart(c *Course, step uint32) bool {
	newest := c.Newest[inHR] / (stepMS / 1000)
	return newest != neverStep && newest+1 >= step
}

// advance ends the current step and empties those up to the new one.
func (t *Traces) advance(was, is uint32) {
	for i := range t.N {
		if t.N[i] != 0 {
			t.Mean[was%traceSteps][i] = uint16(math.Round(float64(t.Sum[i]) / float64(t.N[i])))
		}
	}
	t.Sum, t.N = [numTraces]uint32{}, [numTraces]uint16{}
	for s := was + 1; s <= is && s <= was+traceSteps; s++ {
		t.Mean[s%traceSteps] = [numTraces]uint16{}
	}
}

// Points are the ten-minute means of the six hours up to a moment, the oldest first; of SpO2, RR,
// SBP, and HR or PR, which share one trace. Other vitals have none. The ten minutes of the moment
// itself are dated by the middle of what has passed of them.
func (c *Course) Points(v ward.Vital, at time.Time) []Point {
	i, now := traceOf(inputOf(v)), at.UnixMilli()/stepMS
	if i == none || c.Step == neverStep {
		return nil
	}
	newest := min(now, int64(c.Step))
	points := make([]Point, 0, traceSteps)
	for s := max(now-traceSteps, int64(c.Step)-traceSteps, neverStep) + 1; s <= newest; s++ {
		value, ok := c.Traces.at(uint32(s), c.Step, i)
		if !ok {
			continue
		}
		began := time.UnixMilli(s * stepMS)
		points = append(points, Point{began.Add(min(at.Sub(began), stepMS*time.Millisecond) / 2), value})
	}
	return points
}

func (t *Traces) at(step, newest uint32, i int) (value float64, ok bool) {
	if step == newest {
		return float64(t.Sum[i]) / float64(max(t.N[i], 1)) / perTrace, t.N[i] != 0
	}
	mean := t.Mean[step%traceSteps][i]
	return float64(mean) / perTrace, mean != 0
}
