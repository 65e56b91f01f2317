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
}

// sign is what the moment says of one cause. What is not mentioned has not changed.
type sign struct {
	code    string
	band    ward.Band // low: the cause is absent
	points  int
	persist time.Duration
	due     time.Time // when to tell, where that is a given time and not a persistence
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
// never covered: somebody must hear them.
func (r rule) covers(code string) bool {
	return r.name != "" && !isDevice(code) && code != CauseReturn
}

func isDevice(code string) bool {
	return len(code) > len(devicePrefix) && code[:len(devicePrefix)] == devicePrefix
}

// signsOf reads the signs of a score into buf.
func (p *Policy) signsOf(buf []sign, a *ward.Alert, s *ward.Score) []sign {
	buf = append(buf, p.scoreSign(a, s))
	if s.Check != "" || hasCause(a, CauseCheck) {
		buf = append(buf, p.checkSign(a, s))
	}
	if s.Lost && s.Band >= ward.Medium {
		buf = append(buf, sign{code: CauseSignal, band: ward.Medium, persist: p.PersistSignal})
	} else if hasCause(a, CauseSignal) {
		buf = append(buf, sign{code: CauseSignal, proof: !s.Lost, fell: !s.Lost, quiet: !s.Lost})
	}
	return buf
}

func (p *Policy) scoreSign(a *ward.Alert, s *ward.Score) sign {
	g := sign{code: s.Chart, band: s.Band, points: points(s), persist: p.PersistScore}
	if g.band == ward.Unknown {
		g.band = ward.Low
	}
	if s.Refused != ward.NotRefused {
		// The chart may not be used: it raises nothing, and it cannot lower what it once told.
		g.band, g.points, g.fell = ward.Low, 0, true
		return g
	}
	g.proof = s.Complete && !s.Held && !s.Lost
	g.fell = g.proof
	if a == nil {
		return g
	}
	if c := findCause(a.Causes, s.Chart); !g.proof && c != nil && c.Told < trigger {
		g.fell = !s.Held && !s.Lost && sameInputs(&a.Score, s)
	}
	g.quiet = g.proof && s.Band == ward.Low
	if limit, ok := p.Below[a.Band]; ok && g.quiet {
		g.quiet = s.Total < limit
	}
	return g
}

func (p *Policy) checkSign(a *ward.Alert, s *ward.Score) sign {
	if s.Check != "" {
		return sign{code: CauseCheck, band: ward.High, persist: p.PersistCheck, detail: s.Check}
	}
	// It is over only when the same input is believed again: losing it is not an answer.
	seen := false
	if c := findCause(a.Causes, CauseCheck); c != nil {
		for i := range s.PartList() {
			seen = seen || s.Parts[i].Input == c.Detail && s.Parts[i].State == ward.Present
		}
	}
	return sign{code: CauseCheck, proof: seen, fell: seen, quiet: seen}
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

// maxAlarmCauses is how many alarms of devices one alert tells apart. What else a device raises is
// one cause together, otherAlarm: heard as loudly, but a device that makes codes up fills neither
// the alert nor the book. A message has at most 32 alarms. Ours.
const (
	maxAlarmCauses = 32
	otherAlarm     = "other"
)

// alarmSigns adds the device's own alarms that the reading mentions. Low priority is shown only.
func alarmSigns(buf []sign, a *ward.Alert, alarms []ward.DeviceAlarm) []sign {
	room := maxAlarmCauses - alarmCauses(a)
	for i := range alarms {
		known := ""
		if c := findAlarm(a, alarms[i].Code); c != nil {
			known = c.Code
		}
		band := ward.Low
		if alarms[i].On {
			band = alarmBand(alarms[i].Priority)
		}
		if known == "" && band < trigger {
			continue
		}
		switch {
		case known != "":
		case room > 0:
			known = devicePrefix + alarms[i].Code
			room--
		default:
			known = devicePrefix + otherAlarm
			if louder(buf, known, band) {
				continue
			}
		}
		buf = append(buf, sign{code: known, band: band, proof: true, fell: true, quiet: band < trigger})
	}
	return buf
}

// louder raises the sign of the code that is there already, and reports whether it was.
func louder(buf []sign, code string, band ward.Band) bool {
	for i := range buf {
		if buf[i].code == code {
			buf[i].band = max(buf[i].band, band)
			buf[i].quiet = buf[i].band < trigger
			return true
		}
	}
	return false
}

// alarmCauses is how many alarms of devices an alert has, ended ones included.
func alarmCauses(a *ward.Alert) (n int) {
	if a == nil {
		return 0
	}
	for i := range a.Causes {
		if isDevice(a.Causes[i].Code) {
			n++
		}
	}
	return n
}

func alarmBand(p ward.Priority) ward.Band {
	switch p {
	case ward.HighPriority:
		return ward.High
	case ward.MediumPriority:
		return ward.Medium
	}
	return ward.Low
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

func hasCause(a *ward.Alert, code string) bool {
	if a == nil {
		return false
	}
	c := findCause(a.Causes, code)
	return c != nil && c.Live()
}

func findCause(causes []ward.Cause, code string) *ward.Cause {
	for i := range causes {
		if causes[i].Code == code {
			return &causes[i]
		}
	}
	return nil
}

func findAlarm(a *ward.Alert, code string) *ward.Cause {
	if a == nil {
		return nil
	}
	for i := range a.Causes {
		if c := &a.Causes[i]; isDevice(c.Code) && c.Code[len(devicePrefix):] == code {
			return c
		}
	}
	return nil
}
