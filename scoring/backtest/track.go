package backtest

import (
	"time"

	"wardwatch/scoring/backtest/stat"
	"wardwatch/ward"
)

// patient is what is kept of a driven case: the facts and, for each arm, what happened.
type patient struct {
	id       string
	age      float64
	sex      ward.Sex
	followed bool
	event    bool
	timed    bool      // the event's time is known
	eventAt  time.Time // of an event; without a known time the end of the observation
	days     float64   // observed
	clock    bool      // its times of day are real
	nights   float64   // observed, of eight hours; only with a clock
	rows     int
	labelled int
	positive int
	values   [ward.NumVitals]int32
	dayOne   []bin // by scale, of the case's set of the first day
	tracks   []track
}

// before reports whether a moment lies before the event. For a patient without one every moment does.
func (p *patient) before(at time.Time) bool {
	return !p.event || at.Before(p.eventAt) || !p.timed
}

// maxPoints is the highest threshold that "alert at every crossing" is tried at.
const maxPoints = 20

// track is one patient under one arm.
type track struct {
	alerts      []alert
	escalations int
	reviews     int
	load        load

	rises     []crossing // something went up into an alerting band
	crossed   [maxPoints + 1]int32
	crossedIn [maxPoints + 1]bool // before the event

	inBand   [ward.High + 1]time.Duration
	complete time.Duration
	moves    int

	highest     int // points, before the event
	highestBand ward.Band
	chart       string
	seen        uint8 // parts that ever counted
	parts       []string

	rowCells [][]stat.Cell // of labelled rows, by scale
	last     []bin         // by scale: at the last reading before the event
	worst    []bin         // by scale: at the worst moment before the event
	judged   []int32       // by scale: how often it was worked out
	lower    []int32       // by scale: of those, how often an input was missing
}

// crossing is one step up into an alerting band, however short, of the live score, of a limit or of
// the oxygen rules, or a value too low to believe: what a system without persistence, hysteresis and
// episodes would tell of. A jump over several bands is one.
type crossing struct {
	at   time.Time
	band ward.Band
}

// meter follows the live score of one patient through time.
type meter struct {
	t      *track
	p      *patient
	at     time.Time
	band   ward.Band
	points int
	whole  bool // complete
	on     bool // there was a score
	check  bool // a value was too low to believe
	flags  [ward.MaxFlags]ward.Flag
	nFlags int
}

// pass lets time pass under the present score.
func (m *meter) pass(to time.Time) {
	d := to.Sub(m.at)
	if !m.on || d <= 0 {
		return
	}
	m.t.inBand[m.band] += d
	if m.whole {
		m.t.complete += d
	}
	m.at = to
}

// score takes the next one.
func (m *meter) score(s *ward.Score) {
	m.pass(s.At)
	points := s.LowerBound
	if m.on && s.Band != m.band {
		m.t.moves++
	}
	if s.Band > m.band && s.Band >= ward.LowMedium {
		m.t.rises = append(m.t.rises, crossing{s.At, s.Band})
	}
	m.beside(s)
	before := m.p.before(s.At)
	for k := m.points + 1; k <= min(points, maxPoints); k++ {
		m.t.crossed[k]++
		m.t.crossedIn[k] = m.t.crossedIn[k] || before
	}
	if before {
		m.t.highest = max(m.t.highest, points)
		m.t.highestBand = max(m.t.highestBand, s.Band)
	}
	m.at, m.band, m.points, m.whole, m.on = s.At, s.Band, points, s.Complete, true
	m.inputs(s)
}

// inputs notes which parts of the chart ever counted.
func (m *meter) inputs(s *ward.Score) {
	if m.t.chart != s.Chart {
		m.t.chart, m.t.parts, m.t.seen = s.Chart, m.t.parts[:0], 0
		for i := range s.PartList() {
			m.t.parts = append(m.t.parts, s.Parts[i].Input)
		}
	}
	for i := range s.PartList() {
		if s.Parts[i].State == ward.Present {
			m.t.seen |= 1 << i
		}
	}
}

// beside takes what asks for concern beside the points: flags, and values too low to believe.
func (m *meter) beside(s *ward.Score) {
	if s.Check != "" && !m.check {
		m.t.rises = append(m.t.rises, crossing{s.At, ward.High})
	}
	m.check = s.Check != ""
	for i := range s.FlagList() {
		if f := &s.Flags[i]; f.Band > m.flagged(f.Code) && f.Band >= ward.LowMedium {
			m.t.rises = append(m.t.rises, crossing{s.At, f.Band})
		}
	}
	m.flags, m.nFlags = s.Flags, s.NFlags
}

func (m *meter) flagged(code string) ward.Band {
	for i := range m.flags[:m.nFlags] {
		if m.flags[i].Code == code {
			return m.flags[i].Band
		}
	}
	return ward.Low
}
