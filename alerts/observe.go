package alerts

import (
	"context"
	"time"

	"wardwatch/ward"
)

// Observe takes one score and the device's own alarms that its reading mentioned (nil: none were;
// an alarm not mentioned stands as it stood). Nearly always there is nothing new, and then nothing
// is written. A score at or below the journal position already committed for its place is passed
// over. An error means that the book could not write: nothing has changed, call it again with the
// same score.
func (d *Desk) Observe(ctx context.Context, s *ward.Score, alarms []ward.DeviceAlarm) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.sure(ctx); err != nil {
		return err
	}
	b := d.beds[s.Place]
	if b == nil {
		b = d.bed(s.Place)
	}
	if s.Position != 0 && s.Position <= b.committed {
		return nil
	}
	b.seen = max(b.seen, s.Position)
	at := plain(s.At)

	e := b.patient
	var stay ward.Stay
	known := false
	if s.Stay != "" {
		d.forget("", s.Place) // whoever lay there unnamed has left, or is this person
		e = d.stays[s.Stay]
		stay, known = d.o.Stay(s.Stay)
	}
	var a *ward.Alert
	if e != nil {
		a = &e.a
		e.note(s, alarms, at)
	}
	var in rule
	if known {
		in = ruleFor(&stay, at)
	}
	if err := d.silence(ctx, b, s, at, in); err != nil {
		return err
	}
	who := whoseIs(s.Stay, s.Place)
	k := knowledge{open: a, past: d.past[who]}
	d.signs = alarmSigns(d.p.signsOf(d.signs[:0], k, s), a, alarms)
	if k.past != nil {
		d.recall(who, k, s, at, in)
	}
	if known {
		d.signs = d.p.recordSigns(d.signs, a, &stay, at)
		d.follow(&stay)
	}
	if a == nil && b.patient == nil && !anything(d.signs) {
		return nil
	}
	g := sighting{signs: d.signs, moment: moment{
		kind: ward.Clinical, place: s.Place, stay: s.Stay, at: at, position: b.seen, score: s, rule: in, turn: b.turn, crew: &d.crew,
	}}
	if s.Stay != "" && b.patient != nil {
		return d.succeed(ctx, b, e, &g)
	}
	return d.take(ctx, e, a, &g)
}

// anything says whether a sign could raise an alert.
func anything(signs []sign) bool {
	for i := range signs {
		if signs[i].band >= trigger {
			return true
		}
	}
	return false
}

// take decides and commits.
func (d *Desk) take(ctx context.Context, e *entry, a *ward.Alert, g *sighting) error {
	if c := decide(&d.p, a, g); c != nil {
		return d.commit(ctx, e, *c)
	}
	return nil
}

// succeed lets a stay's alert take over from that of an unnamed person at its place. Whether they
// are the same person is not known, so nothing is carried under the name, except that what people
// were already called for needs no second wait. The older alert ends only once people were told
// of the stay's own, or the stay is proven well: until then both stand. So they do while what is
// not known to be the stay's goes on sending: it may be a second person's monitor in the same bed.
func (d *Desk) succeed(ctx context.Context, b *bed, e *entry, g *sighting) error {
	before := b.patient
	var a *ward.Alert
	if e != nil {
		a = &e.a
	} else if !before.a.Told.IsZero() {
		g.since = before.a.Raised
	}
	if err := d.take(ctx, e, a, g); err != nil {
		return err
	}
	if g.at.Sub(before.spoke) < d.p.Clear {
		return nil
	}
	e = d.stays[g.stay]
	well := e == nil && g.score.Complete && g.score.Band == ward.Low
	if !well && (e == nil || e.a.Told.IsZero() && e.a.State != ward.Suppressed) {
		return nil
	}
	return d.close(ctx, before, g.at, "a stay began here")
}

// note remembers what was last seen, for people who want to close the alert.
func (e *entry) note(s *ward.Score, alarms []ward.DeviceAlarm, at time.Time) {
	e.saw(s)
	if s.Position != 0 {
		e.spoke = at
	}
	for i := range alarms {
		if !alarms[i].On {
			delete(e.heard, alarms[i].Code)
			continue
		}
		e.heard[e.heardAs(alarms[i].Code)] = at
	}
	for i := range e.a.Causes { // after a restart it is not known when; it may have been just before
		if c := &e.a.Causes[i]; isDevice(c.Code) && c.Live() && c.Clear.IsZero() {
			if _, ok := e.heard[c.Code[len(devicePrefix):]]; !ok {
				e.heard[c.Code[len(devicePrefix):]] = at
			}
		}
	}
}

// lastHeard is when an alarm was last repeated; when it began, where nothing has been seen since.
func (e *entry) lastHeard(c *ward.Cause) time.Time {
	if at, ok := e.heard[c.Code[len(devicePrefix):]]; ok {
		return at
	}
	return c.Since
}

// heardAs is the name under which an alarm is remembered: its own while there is room.
func (e *entry) heardAs(code string) string {
	if _, ok := e.heard[code]; ok || len(e.heard) < maxAlarmCauses || findAlarm(&e.a, code) != nil {
		return code
	}
	return otherAlarm
}

// saw keeps of a score what the next decision of a person needs.
func (e *entry) saw(s *ward.Score) {
	e.band, e.check = s.Band, s.Check != ""
	e.flags = append(e.flags[:0], s.FlagList()...)
	e.proven = proven(s)
	if p := points(s); e.proven || s.Refused == ward.NotRefused && p > e.points {
		e.points = p
	}
}

// stands is how bad a cause was when last looked; below the trigger when it was not there. A device
// that repeats its alarm but never says that it has ended stops counting once it has not repeated it
// for the clearing time.
func (d *Desk) stands(e *entry, c *ward.Cause, at time.Time) ward.Band {
	switch {
	case isDevice(c.Code):
		if c.Clear.IsZero() && at.Sub(e.lastHeard(c)) < d.p.Clear {
			return c.Band
		}
	case c.Code == CauseCheck:
		if e.check {
			return ward.High
		}
	case isFlag(c.Code):
		for i := range e.flags {
			if e.flags[i].Code == c.Code {
				return e.flags[i].Band
			}
		}
		if len(e.flags) == ward.MaxFlags && c.Clear.IsZero() { // a full list leaves milder ones out
			return c.Band
		}
	case isChart(c.Code):
		return e.band
	case c.Clear.IsZero():
		return c.Band
	}
	return ward.Low
}

// Act does what a person asks. Errors are *ward.Error: NotFound, BadInput, Forbidden, Conflict, or
// Unavailable when the book cannot write. Doing the same again changes nothing and is no error.
func (d *Desk) Act(ctx context.Context, x ward.Action) (ward.Alert, error) {
	x.At, x.Until = plain(x.At), plain(x.Until)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.sure(ctx); err != nil {
		return ward.Alert{}, unavailable(err)
	}
	if x.At.After(d.last) {
		d.last = x.At
	}
	e, ok := d.byID[x.Alert]
	if !ok {
		return ward.Alert{}, refuse(ward.NotFound, "there is no such open alert", "it may have ended: reload to see what stands now")
	}
	g := moment{kind: e.a.Kind, place: e.a.Place, stay: e.a.Stay, at: x.At, position: d.seenFor(&e.a), rule: d.ruleOf(&e.a, x.At), crew: &d.crew}
	if worstVoiced(e.a.Causes, g.rule) == nil { // the rule is newer than the alert's last look
		g.rule = rule{}
	}
	c, changed, err := act(&d.p, &e.a, x, &g, func(c *ward.Cause) ward.Band { return d.stands(e, c, x.At) })
	if err != nil || !changed {
		return e.a, err
	}
	if err := d.commit(ctx, e, c); err != nil {
		return ward.Alert{}, unavailable(err)
	}
	if x.Do == ward.DoResolve && c.Alert.Kind == ward.Technical {
		d.dismiss(c.Alert.Place, codeOf(&c.Alert))
	}
	return c.Alert, nil
}

func unavailable(err error) error {
	return &ward.Error{Code: ward.Unavailable, Message: "this could not be written down", Hint: "reload to see whether it was done and try again; if it fails again, call the engineer", Err: err}
}

// StayEnded closes a stay's alert: its person has left. The reason is recorded.
func (d *Desk) StayEnded(ctx context.Context, id ward.StayID, at time.Time, reason string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.sure(ctx); err != nil {
		return err
	}
	delete(d.comfort, id)
	e, ok := d.stays[id]
	if !ok {
		d.forget(id, ward.Place{})
		return nil
	}
	return d.close(ctx, e, plain(at), "stay ended: "+reason)
}

// StayMoved takes a stay's alert along to its new place.
func (d *Desk) StayMoved(ctx context.Context, id ward.StayID, to ward.Place, at time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.sure(ctx); err != nil {
		return err
	}
	if past := d.past[whoseIs(id, to)]; past != nil {
		past.Place = to
	}
	e, ok := d.stays[id]
	if !ok || e.a.Place == to {
		return nil
	}
	dr := draft{p: &d.p, g: &moment{at: plain(at), position: d.seenFor(&e.a)}, next: e.a}
	dr.audit("alert.move", e.a.Place.String()+" to "+to.String())
	dr.next.Place = to
	return d.commit(ctx, e, dr.finish())
}

// close ends the alert of a person who has left.
func (d *Desk) close(ctx context.Context, e *entry, at time.Time, reason string) error {
	dr := draft{p: &d.p, g: &moment{at: at, position: d.seenFor(&e.a)}, next: e.a}
	dr.next.Causes = append([]ward.Cause(nil), e.a.Causes...)
	dr.end(reason, "")
	if err := d.commit(ctx, e, dr.finish()); err != nil {
		return err
	}
	d.forget(e.a.Stay, e.a.Place)
	return nil
}
