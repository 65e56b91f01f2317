package live

import (
	"time"

	"wardwatch/ward"
)

// maxAlarms bounds what a device's alarm codes can make one bed hold.
const maxAlarms = 16

// bed is one place of the picture. Its alarms and alerts are replaced, never changed in place, so
// that a copy of the bed stays true while it is being written out.
type bed struct {
	place ward.Place
	label string
	order int
	known bool // in the book; otherwise only heard of

	stay     *ward.Stay // nil: nobody
	sameName [numModes]bool

	apart ward.Apart // of the last live reading of a device
	own   sheet      // what is known to be of the person who lies there
	loose *sheet     // what came while it was uncertain whose it is; nil otherwise

	alerts []ward.Alert
	device device
	dirty  bool
}

// sheet is one set of figures: a person's, or those kept apart.
type sheet struct {
	of     ward.StayID
	vitals [ward.NumVitals]vital
	scored bool
	score  ward.Score
	trend  *int
	alarms []alarm
	spark  *spark

	assessed    *ward.Assessment // replaced, never changed in place
	assessments int              // how many there have been
}

type vital struct {
	number  float64
	at      time.Time
	source  ward.Source
	quality ward.Quality
}

type alarm struct {
	code     string
	priority ward.Priority
	since    time.Time
}

type device struct {
	id      ward.DeviceID
	state   ward.DeviceState
	battery float64 // negative: not known
	seen    time.Time
	stated  time.Time // of the last word on state
}

// shown is the sheet a screen sees: figures of uncertain origin are never mixed with a person's.
func (b *bed) shown() *sheet {
	if b.loose != nil {
		return b.loose
	}
	return &b.own
}

// lies puts s into the bed, or nobody. Figures of whoever lay there before do not stay.
func (b *bed) lies(s *ward.Stay) {
	b.stay = s
	of := ward.StayID("")
	if s != nil {
		of = s.ID
	}
	if b.own.of != of {
		b.own = sheet{of: of}
		b.loose, b.apart = nil, ward.NotApart
	}
}

// looseLife is how long figures of uncertain origin are shown after their device fell silent; then
// the person's own, with their ages, say more.
const looseLife = 10 * time.Minute

func (b *bed) dropOldLoose(now time.Time) {
	if b.loose != nil && b.stay != nil && now.Sub(b.device.seen) > looseLife {
		b.loose, b.apart = nil, ward.NotApart
	}
}

// takeReading reports whether the reading changed what is shown.
func (b *bed) takeReading(r *ward.Reading) bool {
	live := r.Source == ward.FromDevice && !r.Late
	if live {
		b.device.hear(r.Device, r.Arrived)
		b.settle(r.Apart)
	} else {
		b.dropOldLoose(r.Arrived)
	}
	to := b.sheetFor(r.Stay, r.Apart)
	if to == nil {
		return live
	}
	changed := to.takeValues(r)
	if !r.Late {
		changed = to.takeAlarms(r.Alarms, r.At) || changed
	}
	return changed || live
}

// settle follows whether the bed's device is known to speak of the person in the bed.
func (b *bed) settle(why ward.Apart) {
	switch {
	case why == ward.NotApart:
		b.loose = nil
	case b.loose == nil:
		b.loose = &sheet{}
	}
	b.apart = why
}

// sheetFor finds where figures of the stay belong; nil when they are not of this bed's present
// state: of an earlier person, or apart while the bed is settled.
func (b *bed) sheetFor(stay ward.StayID, why ward.Apart) *sheet {
	if stay == "" || why != ward.NotApart {
		return b.loose
	}
	if b.own.of == stay {
		return &b.own
	}
	if b.stay != nil {
		return nil
	}
	b.own = sheet{of: stay} // admitted a moment ago: the readings are ahead of the book's list
	return &b.own
}

// takeScore reports whether the score was taken. A charted one speaks of its own past moment; the
// live score has what screens show of it.
func (b *bed) takeScore(s *ward.Score) bool {
	if s.Origin == ward.OriginCharted {
		return false
	}
	b.dropOldLoose(s.At)
	why := ward.NotApart
	if s.Stay == "" {
		why = b.apart
		if b.loose == nil {
			if b.stay != nil {
				return false
			}
			b.loose, why = &sheet{}, ward.EmptyBed
		}
	}
	to := b.sheetFor(s.Stay, why)
	if to == nil {
		return false
	}
	to.takeScore(s)
	return true
}

// takeValues keeps each value that is not older than the one held, and adds good ones to the small
// history unless their time is ahead of their arrival.
func (sh *sheet) takeValues(r *ward.Reading) bool {
	changed := false
	for i := range r.Values {
		v := &r.Values[i]
		if v.Vital >= ward.NumVitals || !finite(v.Number) {
			continue
		}
		if v.Quality == ward.Good && sparkIndex(v.Vital) >= 0 && !v.At.After(r.Arrived) {
			sh.history().put(v.Vital, v.Number, v.At)
		}
		if seen := &sh.vitals[v.Vital]; !v.At.Before(seen.at) {
			*seen = vital{number: v.Number, at: v.At, source: r.Source, quality: v.Quality}
			changed = true
		}
	}
	return changed
}

func (sh *sheet) history() *spark {
	if sh.spark == nil {
		sh.spark = &spark{}
	}
	return sh.spark
}

func (sh *sheet) takeScore(s *ward.Score) {
	sh.score, sh.scored, sh.trend = *s, true, nil
	if s.Refused != ward.NotRefused || s.Lost {
		return
	}
	have := 0
	for _, p := range s.PartList() {
		if p.State == ward.Present {
			have++
		}
	}
	h := sh.history()
	h.putScore(s.LowerBound, have, s.At)
	sh.trend = h.trend(s.LowerBound, have, s.At)
}

func (sh *sheet) takeAlarms(as []ward.DeviceAlarm, at time.Time) bool {
	if len(as) == 0 {
		return false
	}
	next := append(make([]alarm, 0, len(sh.alarms)+len(as)), sh.alarms...)
	for _, a := range as {
		i := 0
		for i < len(next) && next[i].code != a.Code {
			i++
		}
		switch {
		case i < len(next) && a.On:
			next[i].priority = a.Priority
		case i < len(next):
			next = append(next[:i], next[i+1:]...)
		case a.On && len(next) < maxAlarms:
			next = append(next, alarm{code: a.Code, priority: a.Priority, since: at})
		}
	}
	sh.alarms = next
	return true
}

// hear notes that the device spoke: whatever its last will said before, it is there.
func (d *device) hear(id ward.DeviceID, at time.Time) {
	if id != "" && id != d.id {
		*d = device{id: id, battery: -1}
	}
	d.seen = at
	if d.state == ward.DeviceOffline && at.After(d.stated) {
		d.state = ward.DeviceOnline
	}
}

func (d *device) says(st *ward.DeviceStatus) {
	if st.Device != "" && st.Device != d.id {
		*d = device{id: st.Device, battery: -1}
	}
	d.state, d.battery, d.stated = st.State, st.Battery, st.At
}

// takeAlert keeps the alert while it is open and tells somebody; an older version than the one
// held changes nothing.
func (b *bed) takeAlert(a *ward.Alert) bool {
	at := -1
	for i := range b.alerts {
		if b.alerts[i].ID == a.ID {
			if b.alerts[i].Version > a.Version {
				return false
			}
			at = i
		}
	}
	show := a.State.Open() && a.State != ward.Candidate
	if at < 0 && !show {
		return false
	}
	next := make([]ward.Alert, 0, len(b.alerts)+1)
	for i := range b.alerts {
		switch {
		case i != at:
			next = append(next, b.alerts[i])
		case show:
			next = append(next, *a)
		}
	}
	if at < 0 {
		next = append(next, *a)
	}
	b.alerts = next
	return true
}

func (b *bed) dropAlert(id ward.AlertID) bool {
	next := make([]ward.Alert, 0, len(b.alerts))
	for i := range b.alerts {
		if b.alerts[i].ID != id {
			next = append(next, b.alerts[i])
		}
	}
	changed := len(next) != len(b.alerts)
	b.alerts = next
	return changed
}

// tile is the bed in the form of the contract.
func (b *bed) tile(m Names, name func(ward.PersonID) string, now time.Time) Tile {
	sh := b.shown()
	t := Tile{
		Bed: string(b.place.Bed), Label: b.label, Order: b.order, Apart: b.apartShown(),
		Vitals: make(map[string]VitalView, len(sh.vitals)),
		Alarms: make([]AlarmView, 0, len(sh.alarms)), Alerts: make([]AlertView, 0, len(b.alerts)),
	}
	if b.stay != nil {
		t.Stay = viewStay(b.stay, m, b.sameName[m.index()], name, now)
		if b.loose != nil {
			// What is shown may be another person's: not under this one's name.
			t.Stay.Name, t.Stay.BirthYear, t.Stay.Age, t.Stay.Sex, t.Stay.SameName = "", nil, nil, "", false
			t.Stay.Limits = []LimitView{}
		}
	}
	if sh.scored {
		t.Score = viewScore(&sh.score, sh.trend)
	}
	for v, x := range sh.vitals {
		if !x.at.IsZero() {
			t.Vitals[ward.Vital(v).String()] = VitalView{V: x.number, At: x.at.UnixMilli(), Source: x.source.String(), Quality: x.quality.String(), Doubt: sh.score.Doubts[v].String()}
		}
	}
	for _, a := range sh.alarms {
		t.Alarms = append(t.Alarms, AlarmView{Code: a.code, Priority: a.priority.String(), Since: a.since.UnixMilli()})
	}
	for i := range b.alerts {
		t.Alerts = append(t.Alerts, ViewAlert(&b.alerts[i], name))
	}
	t.Device = b.deviceShown()
	t.Assessed = viewAssessed(b.assessment(now), b.own.assessments)
	return t
}

func (b *bed) apartShown() string {
	if b.loose == nil {
		return ""
	}
	if !b.known {
		return ward.UnknownBed.String()
	}
	return b.apart.String()
}

func (b *bed) deviceShown() *DeviceView {
	if b.device.seen.IsZero() && b.device.stated.IsZero() {
		return nil
	}
	v := &DeviceView{ID: string(b.device.id), State: b.device.state.String(), Seen: Ms(b.device.seen), Confirmed: b.apart != ward.Unconfirmed}
	if b.device.battery >= 0 && finite(b.device.battery) {
		v.Battery = &b.device.battery
	}
	return v
}
