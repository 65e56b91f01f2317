package dashboard

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"wardwatch/ward"
)

// ObservationBody is a set of values that a person charts.
type ObservationBody struct {
	At      *int64        `json:"at,omitempty"`
	Values  ChartedValues `json:"values"`
	Partial string        `json:"partial,omitempty"` // why the set is not complete, one of ward.PartialReasons; required then
	Worried bool          `json:"worried,omitempty"`
	Note    string        `json:"note,omitempty"`
}

// ChartedValues are the values of one set, in the fixed units.
type ChartedValues struct {
	RR            *float64 `json:"rr,omitempty"`
	SpO2          *float64 `json:"spo2,omitempty"`
	HR            *float64 `json:"hr,omitempty"`
	SBP           *float64 `json:"sbp,omitempty"`
	DBP           *float64 `json:"dbp,omitempty"`
	Temp          *float64 `json:"temp,omitempty"`
	FiO2          *float64 `json:"fio2,omitempty"`
	O2Flow        *float64 `json:"o2_flow,omitempty"`
	Consciousness string   `json:"consciousness,omitempty"` // A, C, V, P or U
	O2Device      string   `json:"o2_device,omitempty"`
	RespDistress  string   `json:"resp_distress,omitempty"` // none, mild, moderate or severe
	CapRefill     *float64 `json:"cap_refill,omitempty"`
}

// ObservationReply says what was kept, and how it was taken.
type ObservationReply struct {
	ID       string   `json:"id"`
	At       int64    `json:"at"`
	Version  int64    `json:"version"` // 1, or more when it corrects a set of the same time
	Taken    string   `json:"taken"`   // current, or afterwards: kept at its own time, never alerting as new
	Complete bool     `json:"complete"`
	Missing  []string `json:"missing"` // inputs of the person's chart that the set lacks
}

// How a set is taken.
const (
	takenNow        = "current"
	takenAfterwards = "afterwards"
)

// Bounds of when a charted set may have been true: a shift may be written up at its end, and two
// clocks may differ a little.
const (
	chartBack  = 24 * time.Hour
	chartAhead = time.Minute
)

// defaultBackEntry is how old a set may be when it is entered and still speak of now. Our proposal,
// for local clinicians to sign.
const defaultBackEntry = 10 * time.Minute

// chartLimits are what a person can have measured; beyond them the unit or a finger slipped.
var chartLimits = []struct {
	vital    ward.Vital
	low, top float64
	of       func(*ChartedValues) *float64
}{
	{ward.RR, 0, 100, func(v *ChartedValues) *float64 { return v.RR }},
	{ward.SpO2, 0, 100, func(v *ChartedValues) *float64 { return v.SpO2 }},
	{ward.HR, 0, 350, func(v *ChartedValues) *float64 { return v.HR }},
	{ward.SBP, 0, 350, func(v *ChartedValues) *float64 { return v.SBP }},
	{ward.DBP, 0, 300, func(v *ChartedValues) *float64 { return v.DBP }},
	{ward.Temp, 20, 45, func(v *ChartedValues) *float64 { return v.Temp }},
	{ward.FiO2, 0.21, 1, func(v *ChartedValues) *float64 { return v.FiO2 }},
	{ward.O2Flow, 0, 80, func(v *ChartedValues) *float64 { return v.O2Flow }},
	{ward.CapRefill, 0, 20, func(v *ChartedValues) *float64 { return v.CapRefill }},
}

// values checks the set and gives it as ward values.
func (v *ChartedValues) values(at time.Time) ([]ward.Value, error) {
	var out []ward.Value
	for _, l := range chartLimits {
		n := l.of(v)
		if n == nil {
			continue
		}
		if *n < l.low || *n > l.top {
			return nil, badInput(fmt.Sprintf("%s is not possible", l.vital), fmt.Sprintf("give a number from %g to %g; units: /min, %%, mmHg, °C, FiO2 as a fraction, L/min, s", l.low, l.top))
		}
		out = append(out, ward.Value{Vital: l.vital, Number: *n, At: at})
	}
	for _, w := range v.words() {
		if w.said == "" {
			continue
		}
		n, ok := w.code(w.said)
		if !ok {
			return nil, badInput("there is no such "+w.what, "write "+w.choices)
		}
		out = append(out, ward.Value{Vital: w.vital, Number: n, At: at})
	}
	if len(out) == 0 {
		return nil, badInput("the set has no values", "give at least one")
	}
	return out, nil
}

// word is a value that is charted by choosing a word.
type word struct {
	vital               ward.Vital
	said, what, choices string
	code                func(string) (float64, bool)
}

func (v *ChartedValues) words() []word {
	return []word{
		{ward.ACVPU, v.Consciousness, "level of consciousness", "A, C, V, P or U", coded(ward.ConsciousnessNamed)},
		{ward.O2Source, v.O2Device, "oxygen device", "room_air, nasal_cannula, simple_mask, venturi, non_rebreather, hfnc, cpap, niv or ventilator", coded(ward.O2DeviceNamed)},
		{ward.RespDistress, v.RespDistress, "level of respiratory distress", "none, mild, moderate or severe", coded(ward.DistressNamed)},
	}
}

// coded turns a word into the number under which it is kept.
func coded[T ~uint8](named func(string) (T, bool)) func(string) (float64, bool) {
	return func(word string) (float64, bool) {
		code, ok := named(word)
		return float64(code), ok
	}
}

// observe keeps the set in the book, with who wrote it, and sends its values the way of every
// reading. It answers when both are durable. A person has one set at a time: another one of the same
// time corrects it, and the book keeps both.
func observe(q *call) error {
	s, err := q.stay()
	if err != nil {
		return err
	}
	var b ObservationBody
	if err := q.read(&b); err != nil {
		return err
	}
	o, missing, err := q.observation(&s, &b)
	if err != nil {
		return err
	}
	place, err := q.placeAt(s.ID, o.At)
	if err != nil {
		return err
	}
	version, err := q.s.o.Book.Chart(q.ctx, o)
	if err != nil {
		return err
	}
	r := readingOf(&o, place, version)
	reply := ObservationReply{ID: o.ID, At: o.At.UnixMilli(), Version: version, Taken: takenNow, Complete: len(missing) == 0, Missing: missing}
	if o.Entered.Sub(o.At) > q.s.o.BackEntry {
		reply.Taken = takenAfterwards
		r.Alarms = nil // a worry of then is not told as new, and its absence then ends none of now
	}
	if err := q.s.o.Submit(q.ctx, []ward.Reading{r}); err != nil {
		return err
	}
	if reply.Taken == takenNow {
		q.tellCharted(&s, &o)
	}
	return q.c.Status(fiber.StatusCreated).JSON(reply)
}

// tellCharted lets an alert that waits for a set know that there is one. The set is kept already: where
// the desk cannot take it the alert climbs, which is the safe side.
func (q *call) tellCharted(s *ward.Stay, o *ward.Observation) {
	if err := q.s.o.Desk.Charted(q.ctx, *o, q.beside(s)); err != nil {
		q.s.log.Error("a charted set was not taken by the desk", "stay", s.ID, "error", err)
	}
}

// beside is the duty in which the person is at a patient's bed: that of their assignment, or their first.
func (q *call) beside(s *ward.Stay) ward.Role {
	switch q.who.Person.ID {
	case s.Nurse:
		return ward.RoleNurse
	case s.Doctor:
		return ward.RoleDoctor
	}
	return duties(q.who.Person)[0]
}

// observation is the body as a set to keep, and what it lacks of the person's chart.
func (q *call) observation(s *ward.Stay, b *ObservationBody) (o ward.Observation, missing []string, err error) {
	if len(b.Note) > maxText {
		return o, nil, badInput("the note is too long", "write it in a sentence or two")
	}
	now := q.s.o.Now()
	at, err := chartedAt(b.At, now)
	if err != nil {
		return o, nil, err
	}
	o = ward.Observation{
		ID: observationID(s.ID, at), Stay: s.ID, Origin: ward.OriginCharted, At: at, Entered: now,
		By: q.who.Person.ID, Worried: b.Worried, Note: b.Note,
	}
	if o.Values, err = b.Values.values(at); err != nil {
		return o, nil, err
	}
	missing = lacking(q.s.o.NeedsFor(s, at), o.Values)
	o.Partial, err = partialReason(b.Partial, missing)
	return o, missing, err
}

// chartedAt is when something was seen that is charted now.
func chartedAt(ms *int64, now time.Time) (time.Time, error) {
	at := moment(ms, now).Truncate(time.Millisecond)
	if at.After(now.Add(chartAhead)) || at.Before(now.Add(-chartBack)) {
		return at, badInput("the time lies in the future or more than 24 hours back", "give when it was measured, in Unix milliseconds")
	}
	return at, nil
}

// readingOf is the set as a reading. Its number is its version: a set corrected back to what it first
// said is no repeat of the first.
func readingOf(o *ward.Observation, place ward.Place, version int64) ward.Reading {
	worry := ward.DeviceAlarm{Code: ward.AlarmWorried, Priority: ward.MediumPriority, On: o.Worried}
	return ward.Reading{
		Place: place, Source: ward.Manual, Seq: uint64(version), HasSeq: true, Taken: o.At, Arrived: o.Entered, At: o.At,
		Stay: o.Stay, Values: o.Values, Partial: o.Partial, Alarms: []ward.DeviceAlarm{worry},
	}
}

// placeAt is where the stay lay then: values belong to the place of their time.
func (q *call) placeAt(id ward.StayID, at time.Time) (ward.Place, error) {
	lyings, err := q.s.o.Book.History(q.ctx, id)
	if err != nil {
		return ward.Place{}, err
	}
	for _, l := range lyings {
		if !at.Before(l.From) && (l.To.IsZero() || at.Before(l.To)) {
			return l.Place, nil
		}
	}
	return ward.Place{}, &ward.Error{Code: ward.Conflict, Message: "this person held no place then", Hint: "check the time, and the times of admission and discharge"}
}

// observationID is the same for every set of a person at a time.
func observationID(s ward.StayID, at time.Time) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", s, at.UnixMilli()))
	return hex.EncodeToString(sum[:16])
}
