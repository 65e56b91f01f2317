package scoring

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"wardwatch/scoring/respiratory"
	"wardwatch/ward"
)

// Models is how learned models and the respiratory view enter a score: they add concern beside the
// points, and take none away. All figures are proposals of ours.
type Models struct {
	Off     bool
	Every   time.Duration // between two assessments of a person
	Band    ward.Band     // of a risk that is raised
	Persist time.Duration // before people are told
	Margin  float64       // a risk that people were told of is over once it is under this share of its threshold
}

// Concern is what an assessment last said of one matter. Its times are Unix ms.
type Concern struct {
	Crossing
	At     int64 // of the last assessment that spoke of it
	Band   ward.Band
	Number float64
	Limit  float64
	Turn   int // of images to be read: how often more of them have come to wait
}

// What assessments speak of: each of ward.Tasks, in that order; the respiratory view, by what is measured, by
// images, and by both together; and images to be read.
const (
	_ = iota // deterioration
	_        // respiratory decline
	concernBreathing
	concernImage // findings that nobody has read
	concernFinding
	concernBoth
	numConcerns
)

var concernCodes = [numConcerns]string{
	ward.FlagRisk + ":" + string(ward.Deterioration), ward.FlagRisk + ":" + string(ward.RespiratoryDecline), ward.FlagRespiratory, ward.FlagReview,
	ward.FlagRespiratory, ward.FlagRespiratory,
}

// judge takes an assessment in. A risk that treating staff may not see says nothing here, nor does
// one that was withheld: that is neither concern nor its end.
func (s *State) judge(p *Policy, a *ward.Assessment) {
	m, now := &p.Models, a.At.UnixMilli()
	for i, task := range ward.Tasks {
		c := &s.Concerns[i]
		r, asked := shownRisk(a, task)
		switch {
		case !asked:
		case r == nil: // nobody may see it any more
			*c = Concern{}
		case r.Withheld == ward.NotWithheld:
			c.see(m, r.Value, r.Threshold, m.Band, now)
		}
	}
	s.breathing(p, &a.Respiratory, now)
	s.images(&p.Imaging, &a.Respiratory, now)
}

// breathing takes the respiratory view in. What rests on measurements is over, or milder, only when a view
// that lacks nothing says so; what rests on images, when those who know of the images say so, whatever
// else is missing; what rests on both, as soon as either is known to say it no more. An image does not
// flicker: people are told of it as soon as the policy has them told of one that nobody has read.
func (s *State) breathing(p *Policy, v *ward.Respiratory, now int64) {
	if v.Table == "" { // it could not be made
		return
	}
	var bands [numConcerns]ward.Band
	evidence := v.Blind
	for i := range v.Rows {
		r := &v.Rows[i]
		if r.Silent {
			continue
		}
		of := concernOf(r)
		bands[of] = max(bands[of], r.Band)
		evidence = evidence || of == concernFinding && r.Band > ward.Low
	}
	seen := p.Models
	seen.Persist = p.Imaging.Persist
	s.Concerns[concernBreathing].follow(&p.Models, bands[concernBreathing], v.Complete, now)
	s.Concerns[concernFinding].follow(&seen, bands[concernFinding], !v.Blind, now)
	s.Concerns[concernBoth].follow(&p.Models, bands[concernBoth], v.SF > 0 && !v.Blind || !evidence, now)
}

// concernOf is what a row rests on.
func concernOf(r *ward.RespiratoryRow) int {
	switch {
	case r.Finding == "":
		return concernBreathing
	case r.Joint:
		return concernBoth
	}
	return concernFinding
}

// follow sees a band that asks for concern from medium up; one that may lack something makes nothing milder,
// and ends nothing.
func (c *Concern) follow(m *Models, band ward.Band, whole bool, now int64) {
	switch raised := band >= ward.Medium; {
	case raised && whole:
		c.see(m, 1, 1, band, now)
	case raised:
		c.see(m, 1, 1, max(band, c.Band), now)
	case whole:
		c.see(m, 0, 1, band, now)
	}
}

// images asks for a doctor's look at what an imaging AI saw and nobody has read, until somebody has,
// or the finding counts no more; and anew when more of it has come. A view that could not be made, or did
// not see what imaging says, says nothing.
func (s *State) images(p *Imaging, v *ward.Respiratory, now int64) {
	if v.Table == "" || v.Blind {
		return
	}
	waiting := 0.0
	for i := range v.Rows {
		if r := &v.Rows[i]; slices.Contains(p.Review, r.Code) {
			waiting += float64(r.Waiting)
		}
	}
	c := &s.Concerns[concernImage]
	turn := c.Turn
	if waiting > c.Number {
		c.Crossing, turn = Crossing{}, turn+1
	}
	c.see(&Models{Persist: p.Persist, Margin: 1}, waiting, 1, p.Band, now)
	c.Turn = turn
}

// shownRisk is what treating staff may see of a task; of several models' the one that says most. Nil
// when all is silent; asked is false when there is nothing of the task at all.
func shownRisk(a *ward.Assessment, task ward.Task) (most *ward.Risk, asked bool) {
	for i := range a.Risks {
		r := &a.Risks[i]
		if r.Task != task {
			continue
		}
		asked = true
		if r.Silent {
			continue
		}
		if most == nil || r.Withheld == ward.NotWithheld && (most.Withheld != ward.NotWithheld || r.Value*most.Threshold > most.Value*r.Threshold) {
			most = r
		}
	}
	return most, asked
}

// see holds a value against its threshold; under it a concern that people were told of goes on
// until the margin.
func (c *Concern) see(m *Models, value, threshold float64, band ward.Band, now int64) {
	c.At, c.Number, c.Limit = now, value, threshold
	switch {
	case value >= threshold && c.Since == 0:
		c.Crossing = Crossing{Since: now, Due: now + m.Persist.Milliseconds(), High: true}
		c.Band = band
	case value >= threshold:
		c.Band = band
	case now < c.Due || value < m.Margin*threshold:
		*c = Concern{At: now, Number: value, Limit: threshold}
	}
}

// concerns raises what assessments asked for. One that has not been spoken of for two rounds is
// held, marked, until an assessment says that it is over: a model that is lost never ends a concern.
func (s *State) concerns(p *Policy, k *look, score *ward.Score) (wake int64) {
	wake = Never
	var breathing ward.Flag
	for i := range s.Concerns {
		c := &s.Concerns[i]
		if c.Since == 0 {
			continue
		}
		if p.Models.Off {
			*c = Concern{}
			continue
		}
		fresh := c.At + 2*p.Models.Every.Milliseconds()
		if k.now <= fresh {
			wake = min(wake, fresh+1)
		}
		f := c.flag(concernCodes[i], c.Band, c.Number, c.Limit, k.now > fresh)
		switch {
		case f.Code == ward.FlagRespiratory:
			breathing = together(breathing, f)
			continue
		case c.Turn > 1: // people who came for the first need not know of this one
			f.Code += ":" + strconv.Itoa(c.Turn)
		}
		raise(score, f)
	}
	if breathing.Code != "" {
		raise(score, breathing)
	}
	return wake
}

// together is one flag for two concerns about one matter: what the graver says, since the earlier. Of two as
// grave, the one that is not held.
func together(a, b ward.Flag) ward.Flag {
	if a.Code == "" {
		return b
	}
	if b.Band > a.Band || b.Band == a.Band && a.Held {
		a, b = b, a
	}
	if b.Since.Before(a.Since) {
		a.Since = b.Since
	}
	if b.Due.Before(a.Due) {
		a.Due = b.Due
	}
	return a
}

// Judge takes back what models, trends and the respiratory view made of a person, and scores them
// anew. An assessment of a person who has left, or who has moved since, is passed over.
func (e *Engine) Judge(a *ward.Assessment, now time.Time) {
	at, ok := e.stays[a.Stay]
	if !ok || a.Stay == "" || at.place != a.Place || gone(e.o.Stay(a.Stay)) {
		return
	}
	b := e.beds[at]
	before := b.state.Concerns
	b.state.judge(&e.o.Policy, a)
	if b.state.Concerns == before {
		return
	}
	e.step(at.place, b, nil, now)
	e.flush()
}

// gone says that a stay is known to have ended.
func gone(s *ward.Stay) bool { return s != nil && !s.Ended.IsZero() }

func (i *Imaging) check() error {
	for n, code := range i.Review {
		if !slices.Contains(respiratory.Default().Codes(), code) {
			return fmt.Errorf("imaging.review[%d] is %q, which is no row of the respiratory table: for example pneumothorax", n, code)
		}
	}
	switch {
	case len(i.Review) > 0 && i.Band < ward.LowMedium:
		return fmt.Errorf("imaging.band is %s: a finding that waits to be read needs low_medium, medium or high", i.Band)
	case i.Persist < 0 || i.Persist > time.Hour:
		return fmt.Errorf("imaging.persist is %v: give 0s to 1h", i.Persist)
	}
	return nil
}

func (m *Models) check() error {
	switch {
	case m.Off:
		return nil
	case m.Every < time.Minute || m.Every > time.Hour:
		return fmt.Errorf("models.every is %v: give 1m to 1h, for example 5m", m.Every)
	case m.Persist < 0 || m.Persist > time.Hour:
		return fmt.Errorf("models.persist is %v: give 0s to 1h, for example 10m", m.Persist)
	case !(m.Margin > 0 && m.Margin <= 1):
		return fmt.Errorf("models.margin is %v: give a share over 0 and at most 1, for example 0.8", m.Margin)
	case m.Band < ward.LowMedium:
		return fmt.Errorf("models.band is %s: a raised risk needs low_medium, medium or high", m.Band)
	}
	return nil
}
