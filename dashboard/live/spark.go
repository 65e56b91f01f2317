package live

import (
	"math"
	"time"

	"wardwatch/ward"
)

// The small history behind a tile: four hours in steps of two minutes.
const (
	sparkStep  = 2 * time.Minute
	sparkSlots = 120
)

// trendAge is how old the earliest score must be before a change since then is called a trend.
const trendAge = 10 * time.Minute

// sparkLine is one sign: the mean of each step, in tenths to stay small.
type sparkLine [sparkSlots]int16

// allInputs is how many inputs a complete NEWS2 has.
const allInputs = 7

const noSpark = math.MinInt16

// spark holds the lines of one stay. Slots are addressed by absolute step number modulo the size;
// last is the newest step written.
type spark struct {
	last  int64 // step number; zero before the first value
	lines [4]sparkLine
	sums  [4]float64 // of the newest step
	ns    [4]uint32
	score [sparkSlots]int8 // worst of the step; -1: none
	have  [sparkSlots]uint8
}

var sparkVitals = [4]ward.Vital{ward.RR, ward.SpO2, ward.HR, ward.SBP}

func sparkIndex(v ward.Vital) int {
	for i, x := range sparkVitals {
		if x == v {
			return i
		}
	}
	return -1
}

func stepOf(t time.Time) int64 { return t.UnixMilli() / sparkStep.Milliseconds() }

// advance makes step the newest, emptying what lies between; false when step is too old to hold.
func (s *spark) advance(step int64) bool {
	if step <= s.last {
		return step > s.last-sparkSlots
	}
	from := max(s.last+1, step-sparkSlots+1)
	for k := from; k <= step; k++ {
		i := k % sparkSlots
		for l := range s.lines {
			s.lines[l][i] = noSpark
		}
		s.score[i], s.have[i] = -1, 0
	}
	s.sums, s.ns = [4]float64{}, [4]uint32{}
	s.last = step
	return true
}

// put takes one value into its step. Only the newest step is averaged; an older one is filled
// when it was a gap.
func (s *spark) put(v ward.Vital, number float64, at time.Time) {
	l := sparkIndex(v)
	if l < 0 {
		return
	}
	step := stepOf(at)
	if step <= 0 || !s.advance(step) {
		return
	}
	slot := &s.lines[l][step%sparkSlots]
	if step < s.last {
		if *slot == noSpark {
			*slot = tenths(number)
		}
		return
	}
	s.sums[l] += number
	s.ns[l]++
	*slot = tenths(s.sums[l] / float64(s.ns[l]))
}

// putScore keeps the worst points of the step, with how many inputs stood behind them.
func (s *spark) putScore(points, have int, at time.Time) {
	step := stepOf(at)
	if step <= 0 || !s.advance(step) {
		return
	}
	i := step % sparkSlots
	if int8(points) > s.score[i] {
		s.score[i], s.have[i] = int8(min(points, math.MaxInt8)), uint8(have)
	}
}

// trend is the change of the points since the earliest score of the last four hours. There is
// none while that is too young, nor when points seem to fall only because inputs were lost.
func (s *spark) trend(points, have int, now time.Time) *int {
	step := stepOf(now)
	for k := max(1, step-sparkSlots+1, s.last-sparkSlots+1); k <= s.last; k++ {
		i := k % sparkSlots
		if s.score[i] < 0 {
			continue
		}
		if step-k < int64(trendAge/sparkStep) {
			return nil
		}
		change := points - int(s.score[i])
		if change < 0 && have < int(s.have[i]) {
			return nil
		}
		return &change
	}
	return nil
}

func (s *spark) view(now time.Time) *SparkView {
	end := stepOf(now)
	start := end - sparkSlots + 1
	v := &SparkView{Start: start * sparkStep.Milliseconds(), Step: sparkStep.Milliseconds()}
	lines := [4]*Series{&v.RR, &v.SpO2, &v.HR, &v.SBP}
	for l := range lines {
		*lines[l] = make(Series, 0, sparkSlots)
	}
	v.Score = make(Series, 0, sparkSlots)
	for k := start; k <= end; k++ {
		held := s.last > 0 && k <= s.last && k > s.last-sparkSlots
		for l, line := range lines {
			*line = append(*line, gapOr(held && s.lines[l][slot(k)] != noSpark, float64(s.lines[l][slot(k)])/10))
		}
		v.Score = append(v.Score, gapOr(held && s.score[slot(k)] >= 0, float64(s.score[slot(k)])))
	}
	return v
}

func slot(step int64) int64 { return ((step % sparkSlots) + sparkSlots) % sparkSlots }

func gapOr(ok bool, v float64) float64 {
	if !ok {
		return math.NaN()
	}
	return v
}

func tenths(v float64) int16 {
	return int16(math.Round(max(-3000, min(3000, v)) * 10))
}

// rememberMinutes fills the history from roll-ups, oldest first.
func (sh *sheet) rememberMinutes(minutes []ward.Minute, scores []ward.ScoreMinute) {
	h := sh.history()
	for _, m := range minutes {
		if m.Count > 0 && finite(m.Mean) {
			h.put(m.Vital, m.Mean, m.Start)
		}
	}
	for _, m := range scores {
		if m.Known {
			// How many inputs stood behind it is not kept. All: then only a complete score may
			// call itself lower.
			h.putScore(m.Points, allInputs, m.Start)
		}
	}
}

// SparkSpan is how far back the history behind a tile reaches.
const SparkSpan = sparkSlots * sparkStep

// SparkVitals are the vitals that have such a history.
func SparkVitals() []ward.Vital {
	v := sparkVitals
	return v[:]
}
