package alerts

import (
	"time"

	"wardwatch/ward"
)

// sighting is all that one moment brings to one alert.
type sighting struct {
	moment
	signs []sign
}

// moment is where and when.
type moment struct {
	kind     ward.AlertKind
	place    ward.Place
	stay     ward.StayID
	at       time.Time
	position uint64      // journal position taken into account; zero when it says nothing of the journal
	score    *ward.Score // nil when there is none
	rule     rule
	tick     bool      // time alone passes: deadlines are looked at
	turn     int       // tells alerts of one cause at one moment apart
	since    time.Time // a new cause counts from here, when it was already going on under another alert
	crew     *crew     // who is told; nil where nobody is
}

// sign is what the moment says of one cause. What is not mentioned has not changed.
type sign struct {
	code    string
	was     string    // under which code the cause is known, where that differs: the person's chart has changed
	band    ward.Band // low: the cause is absent
	points  int
	chart   string // whose points they are; empty when it is no chart's
	persist time.Duration
	since   time.Time // when it began, where that is known better than by this sighting
	due     time.Time // when to tell, where that is a given time and not a persistence
	cool    time.Time // people know of it and it is only back again: not to be told before
	detail  string
	proof   bool // everything needed to say so was seen: may lower
	fell    bool // weaker: nothing seen at the raise is missing now; enough to drop a candidate
	quiet   bool // proven, and under the limit with its margin
	ends    bool // its absence ends it at once, without the clearing time
}

// Trigger is the lowest band that alerts.
const trigger = ward.LowMedium

// rule is a named reason not to tell anybody about some causes for now.
type rule struct {
	name  string
	until time.Time // zero: until the order changes
}

// ruleFor finds the rule in force for a stay at a moment.
func ruleFor(s *ward.Stay, at time.Time) rule {
	switch {
	case at.Before(plain(s.Off.Until)):
		return rule{RuleOffWard, plain(s.Off.Until)}
	case s.Care.Status == ward.ComfortCare:
		return rule{RuleComfort, plain(s.Care.Review)}
	}
	return rule{}
}

// covers says whether the rule keeps the cause quiet. Device alarms and an overdue return are
// never covered: somebody must hear them. Nor does comfort care keep quiet what stands in place of
// the scores there.
func (r rule) covers(code string) bool {
	return r.name != "" && !isDevice(code) && code != CauseReturn && !(r.name == RuleComfort && isCare(code))
}

func isDevice(code string) bool {
	return len(code) > len(devicePrefix) && code[:len(devicePrefix)] == devicePrefix
}

// knowledge is what people know of a person: the open alert, and what is closed or over (past.go).
// Both may be nil.
type knowledge struct {
	open *ward.Alert
	past *ward.Alert
}

// has says whether there is something to say about a cause even when it is absent.
func (k knowledge) has(code string) bool { return hasCause(k.open, code) || hasCause(k.past, code) }

// signsOf reads the signs of a score into buf.
func (p *Policy) signsOf(buf []sign, k knowledge, s *ward.Score) []sign {
	buf = append(buf, p.scoreSign(k, s))
	if s.Check != "" || k.has(CauseCheck) {
		buf = append(buf, p.checkSign(k, s))
	}
	buf = flagSigns(buf, k, s)
	if signalLost(s) {
		buf = append(buf, sign{code: CauseSignal, band: ward.Medium, persist: p.PersistSignal})
	} else if k.has(CauseSignal) {
		buf = append(buf, sign{code: CauseSignal, proof: !s.Lost, fell: !s.Lost, quiet: !s.Lost})
	}
	return buf
}

// signalLost says that a lost signal is the patient's alert and no technical matter: a band of
// medium or worse stands, by the chart or by a flag.
func signalLost(s *ward.Score) bool {
	return s.Lost && (s.Band >= ward.Medium || s.NFlags > 0 && worstFlag(s) >= ward.Medium)
}

// scoreSign is the chart's own sign. Nobody has two charts at a time: a cause that is open under
// another chart is this one's from now on, so that a birthday neither loses it nor leaves it
// standing with nothing to end it.
func (p *Policy) scoreSign(k knowledge, s *ward.Score) sign {
	g := sign{code: s.Chart, chart: s.Chart, band: s.Band, points: points(s), persist: p.PersistScore}
	c := chartCause(k.open)
	if c != nil && c.Code != g.code {
		g.was = c.Code
	}
	if g.band == ward.Unknown {
		g.band = ward.Low
	}
	if s.Refused != ward.NotRefused {
		// No chart may be used: it raises nothing, and it cannot lower what one once told.
		if c != nil {
			g.code, g.was = c.Code, ""
		}
		g.band, g.points, g.fell = ward.Low, 0, true
		return g
	}
	g.proof = proven(s)
	g.fell = g.proof
	if !g.proof && c != nil && c.Told < trigger {
		g.fell = !s.Held && !s.Lost && sameInputs(&k.open.Score, s)
	}
	g.quiet = g.proof && s.Band == ward.Low && (k.worst() < ward.Medium || !p.within(&g, ward.Medium))
	return g
}

// worst is the worst band known in this episode, or in the one that is over.
func (k knowledge) worst() (b ward.Band) {
	if k.open != nil {
		b = k.open.Band
	}
	if c := chartCause(k.past); c != nil {
		b = max(b, c.Told)
	}
	return b
}

// within says whether the points are not yet under the limit of a band by the margin.
func (p *Policy) within(s *sign, told ward.Band) bool {
	return s.chart != "" && s.points >= p.below(s.chart, told) && p.below(s.chart, told) > 0
}

func (p *Policy) checkSign(k knowledge, s *ward.Score) sign {
	if s.Check != "" {
		return sign{code: CauseCheck, band: ward.High, persist: p.PersistCheck, detail: s.Check}
	}
	// It is over only when the same input is believed again: losing it is not an answer.
	seen := false
	c := liveCause(k.open, CauseCheck)
	if c == nil {
		c = liveCause(k.past, CauseCheck)
	}
	if c != nil {
		for i := range s.PartList() {
			seen = seen || s.Parts[i].Input == c.Detail && s.Parts[i].State == ward.Present
		}
	}
	return sign{code: CauseCheck, proof: seen, fell: seen, quiet: seen}
}

// proven says that everything needed was seen: the points are neither a lower bound nor held.
func proven(s *ward.Score) bool {
	return s.Refused == ward.NotRefused && s.Complete && !s.Held && !s.Lost
}

// sameInputs says whether every input that counted in before counts in now.
func sameInputs(before, now *ward.Score) bool {
	for i := range before.PartList() {
		if before.Parts[i].State != ward.Present {
			continue
		}
		found := false
		for j := range now.PartList() {
			found = found || now.Parts[j].Input == before.Parts[i].Input && now.Parts[j].State == ward.Present
		}
		if !found {
			return false
		}
	}
	return true
}

// points is the total where there is one, otherwise what is certain.
func points(s *ward.Score) int {
	if s.Complete {
		return s.Total
	}
	return s.LowerBound
}

// returnSign watches for the time by which a person off the ward is expected back.
func returnSign(a *ward.Alert, s *ward.Stay, at time.Time) (sign, bool) {
	known, until := hasCause(a, CauseReturn), plain(s.Off.Until)
	told := known && findCause(a.Causes, CauseReturn).Told >= trigger
	switch {
	case known && (until.IsZero() || told && at.Before(until)): // back, or given more time
		return sign{code: CauseReturn, proof: true, fell: true, quiet: true, ends: true}, true
	case !until.IsZero():
		return sign{code: CauseReturn, band: ward.LowMedium, due: until, proof: true}, true
	}
	return sign{}, false
}

func hasCause(a *ward.Alert, code string) bool { return liveCause(a, code) != nil }

func liveCause(a *ward.Alert, code string) *ward.Cause {
	if a == nil {
		return nil
	}
	if c := findCause(a.Causes, code); c != nil && c.Live() {
		return c
	}
	return nil
}

// chartCause is the cause that a chart's score stands behind. There is one at most.
func chartCause(a *ward.Alert) *ward.Cause {
	if a == nil {
		return nil
	}
	for i := range a.Causes {
		if c := &a.Causes[i]; c.Live() && isChart(c.Code) {
			return c
		}
	}
	return nil
}

// isChart says whether a cause of a patient's alert is a chart's score: all that is nothing else.
func isChart(code string) bool {
	switch code {
	case CauseCheck, CauseSignal, CauseReturn:
		return false
	}
	return !isDevice(code) && !isFlag(code) && !isCare(code)
}

func findCause(causes []ward.Cause, code string) *ward.Cause {
	for i := range causes {
		if causes[i].Code == code {
			return &causes[i]
		}
	}
	return nil
}
