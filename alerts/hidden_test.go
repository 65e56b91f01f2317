package alerts

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

// TestNoRiseIsHidden: whatever people did and whatever came before, what has stood for as long as its
// persistence, by all that was seen, is known to somebody as at least so bad: they are called for it or
// were at the bedside, not longer ago than they may be left alone; or a person closed it, not longer ago
// than it stays closed; or they were told and answered within its cooldown. High stands in an alert,
// always. Whether inputs are missing all the time makes no difference.
func TestNoRiseIsHidden(t *testing.T) {
	p := Default("webhook")
	p.ClosedFor, p.ClosedScore = 3*time.Hour, 3*time.Hour
	rapid.Check(t, func(rt *rapid.T) {
		unnamed, p := rapid.Bool().Draw(rt, "unnamed"), p
		if unnamed { // nobody is known to have an order for comfort care either
			p.SymptomCheck = 0
		}
		w := &witness{run: newRunUnder(t, p), closed: map[string]closing{}}
		w.unnamed = unnamed
		w.chart = rapid.SampledFrom([]string{"news2", "npews-england"}).Draw(rt, "chart")
		for _, s := range episodes().Draw(rt, "steps") {
			w.step(rt, s)
			w.dwell(rt, s)
		}
	})
}

// episodes are steps around the limits, each standing for some time; people mostly answer.
func episodes() *rapid.Generator[[]step] {
	often := []string{"score", "score", "partial", "partial", "flag", "flag gone", "accept", "at_bedside", "resolve"}
	kinds := slices.Concat(often, often, often, often, []string{"single", "single", "held", "lost", "check", "chart", "flag held", "review",
		"see", "decline", "snooze", "escalate", "off", "return", "comfort", "full", "restart"})
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		return step{
			what:   rapid.SampledFrom(kinds).Draw(t, "what"),
			after:  rapid.SampledFrom([]time.Duration{0, 0, time.Minute, 3 * time.Minute, 3 * time.Minute, 3 * time.Minute, 11 * time.Minute, 2 * time.Hour}).Draw(t, "after"),
			points: rapid.SampledFrom([]int{0, 0, 2, 4, 5, 5, 6, 8, 10, 10}).Draw(t, "points"),
			role:   rapid.SampledFrom([]ward.Role{ward.RoleNurse, ward.RoleDoctor}).Draw(t, "role"),
			person: rapid.SampledFrom([]ward.PersonID{"anna", "binh"}).Draw(t, "person"),
			code:   rapid.SampledFrom([]string{"asystole", "desat"}).Draw(t, "code"),
		}
	}), 5, 40)
}

// witness remembers what was seen and done at one bed, without asking the desk.
type witness struct {
	*run
	seen   []glimpse
	closed map[string]closing // by cause; every chart is "chart"
}

// glimpse is what stood for certain at one moment.
type glimpse struct {
	at     time.Time
	points int
	bands  map[string]ward.Band
	loud   map[string]bool // what is not proven to be quiet
}

type closing struct {
	at     time.Time
	band   ward.Band
	points int
	chart  string
}

// step lets one thing happen, and notes what a person closes with it.
func (w *witness) step(t *rapid.T, s step) {
	t.Helper()
	before := w.patient()
	if err := w.do(s); err != nil {
		w.repeat(t, s)
	}
	if s.what != "resolve" || before == nil {
		return
	}
	if a := w.book.alerts[before.ID]; a.EndedBy == "" {
		return
	}
	as := closing{at: w.now, points: points(&w.score), chart: w.chart}
	if !w.score.Complete { // no less than they were told
		as.points = max(as.points, before.Points)
	}
	bands := w.glimpse().bands
	if w.score.Held { // the screen says so
		bands["chart"] = w.score.Band
	}
	for _, f := range w.flags {
		bands[f.Code] = f.Band
	}
	for code, band := range bands {
		if as.band = band; band >= trigger {
			w.closed[code] = as
		}
	}
}

// dwell lets it stand for the step's time, looking again and again.
func (w *witness) dwell(t *rapid.T, s step) {
	t.Helper()
	for end := w.now.Add(s.after); ; {
		w.look(t, s)
		next := w.now.Add(30 * time.Second)
		if s.after > 5*time.Minute && next.Sub(end.Add(-s.after)) > 5*time.Minute {
			next = w.now.Add(looks)
		}
		if next.After(end) {
			return
		}
		w.jumpTo(t, next)
	}
}

// looks is how far apart the looks are when something stands for long.
const looks = 10 * time.Minute

func (w *witness) look(t *rapid.T, s step) {
	t.Helper()
	w.score.At = w.now
	w.position++
	w.score.Position = w.position
	if err := w.again(step{}); err != nil {
		t.Fatal(err)
	}
	w.tick(w.now)
	if w.rule(w.now).name != "" || s.what == "chart" { // it must last anew
		w.seen = nil
		return
	}
	w.seen = append(w.seen, w.glimpse())
	for code, f := range w.floor() {
		if f.Band >= trigger && !w.known(code, f) {
			t.Fatalf("%v: %s stands at %s, %d points or more, and nobody knows\nclosed: %+v\n%s", s, code, f.Band, f.points, w.closed, w.record())
		}
	}
}

func (w *witness) rule(at time.Time) rule {
	if w.unnamed {
		return rule{}
	}
	return ruleFor(new(w.stays["s1"]), at)
}

func (w *witness) glimpse() glimpse {
	g := glimpse{at: w.now, points: points(&w.score), bands: map[string]ward.Band{}, loud: map[string]bool{}}
	if !w.score.Held && !w.score.Lost {
		g.bands["chart"] = w.score.Band
	}
	g.loud["chart"] = !w.score.Complete || w.score.Band > ward.Low || w.score.Total >= w.policy.below(w.chart, ward.Medium)
	for _, f := range w.flags {
		g.loud[f.Code] = true
		if !f.Held {
			g.bands[f.Code] = f.Band
		}
	}
	return g
}

// floor is what was there at every look for as long as anything must last.
type floor struct {
	ward.Band
	points int
}

// floor finds it by cause, and forgets the closing of what has been proven quiet.
func (w *witness) floor() map[string]floor {
	since := w.now.Add(-w.policy.PersistScore)
	i := len(w.seen) - 1
	for i >= 0 && w.seen[i].at.After(since) {
		i--
	}
	if i < 0 {
		return nil
	}
	w.seen = slices.Delete(w.seen, 0, i)
	maps.DeleteFunc(w.closed, func(code string, _ closing) bool {
		return !slices.ContainsFunc(w.seen, func(g glimpse) bool { return g.loud[code] })
	})
	out := map[string]floor{}
	for code, band := range w.seen[0].bands {
		f := floor{band, w.seen[0].points}
		for _, g := range w.seen[1:] {
			f.Band, f.points = min(f.Band, g.bands[code]), min(f.points, g.points)
		}
		out[code] = f
	}
	return out
}

// known says whether what stands is known to somebody, and not only from long ago.
func (w *witness) known(code string, f floor) bool {
	if w.called(code, f.Band) {
		return true
	}
	if f.Band >= ward.High {
		return false
	}
	if c := w.closed[code]; c.band >= f.Band && w.now.Sub(c.at) <= w.policy.ClosedFor+looks+w.policy.PersistScore {
		if code != "chart" || c.chart == w.chart && f.points < c.points+w.policy.RisePoints {
			return true
		}
	}
	cooldown := w.policy.CooldownFlag
	if code == "chart" {
		cooldown = w.policy.CooldownScore
	}
	return slices.ContainsFunc(w.book.notices, func(n ward.Notice) bool {
		knew, spared := n.Made, cooldown
		if a := w.book.alerts[n.Alert]; a.EndedBy != "" {
			knew = a.Ended
			if code == "chart" && !a.Bedside.IsZero() { // who was there knows of it
				spared = w.policy.ClosedScore + looks + w.policy.PersistScore
			}
		}
		return n.Band >= f.Band && w.now.Sub(knew) <= spared && w.answered(n.Alert)
	})
}

// answered says that somebody has taken an alert, by the record of what people did.
func (w *witness) answered(id ward.AlertID) bool {
	return slices.ContainsFunc(w.book.audit, func(e ward.AuditEntry) bool {
		return e.Object == "alert:"+string(id) && e.By != "" && slices.Contains([]string{"alert.accept", "alert.at_bedside", "alert.snooze", "alert.resolve"}, e.Deed)
	})
}

// called says that people are called for it by an open alert, or were at the bedside.
func (w *witness) called(code string, band ward.Band) bool {
	a := w.patient()
	if a == nil {
		return false
	}
	if code == "chart" {
		code = w.chart
	}
	c := liveCause(a, code)
	switch {
	case c == nil || c.Told < band:
		return false
	case a.State == ward.AtBedside:
		return w.now.Sub(a.Bedside) <= w.policy.review(&ward.Cause{Code: code, Told: band})
	}
	return a.State != ward.Candidate && a.NextAt.After(w.now)
}
