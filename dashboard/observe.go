package dashboard

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"wardwatch/ward"
)

// ObservationBody is a set of values that a person charts.
type ObservationBody struct {
	At      *int64        `json:"at,omitempty"`
	Values  ChartedValues `json:"values"`
	Partial string        `json:"partial,omitempty"` // coded reason when the set is not complete
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
}

// ObservationReply names what was kept.
type ObservationReply struct {
	ID string `json:"id"`
	At int64  `json:"at"`
}

// Bounds of when a charted set may have been true: a shift may be written up at its end, and two
// clocks may differ a little.
const (
	chartBack  = 24 * time.Hour
	chartAhead = time.Minute
)

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
			return nil, badInput(fmt.Sprintf("%s is not possible", l.vital), fmt.Sprintf("give a number from %g to %g; units: /min, %%, mmHg, °C, FiO2 as a fraction, L/min", l.low, l.top))
		}
		out = append(out, ward.Value{Vital: l.vital, Number: *n, At: at})
	}
	if v.Consciousness != "" {
		c, ok := ward.ConsciousnessNamed(v.Consciousness)
		if !ok {
			return nil, badInput("there is no such level of consciousness", "write A, C, V, P or U")
		}
		out = append(out, ward.Value{Vital: ward.ACVPU, Number: float64(c), At: at})
	}
	if v.O2Device != "" {
		d, ok := ward.O2DeviceNamed(v.O2Device)
		if !ok {
			return nil, badInput("there is no such oxygen device", "write room_air, nasal_cannula, simple_mask, venturi, non_rebreather, hfnc, cpap, niv or ventilator")
		}
		out = append(out, ward.Value{Vital: ward.O2Source, Number: float64(d), At: at})
	}
	if len(out) == 0 {
		return nil, badInput("the set has no values", "give at least one")
	}
	return out, nil
}

// observe keeps the set in the book, with who wrote it, and sends its values the way of every
// reading. It answers when both are durable. The set's id is made from what it says, so that the
// same request sent again is the same set.
func observe(q *call) error {
	s, err := q.stay()
	if err != nil {
		return err
	}
	var b ObservationBody
	if err := q.read(&b); err != nil {
		return err
	}
	if len(b.Note) > maxText || len(b.Partial) > ward.MaxID {
		return badInput("the note or the reason is too long", "write it in a sentence or two")
	}
	now := q.s.o.Now()
	at := moment(b.At, now).Truncate(time.Millisecond)
	if at.After(now.Add(chartAhead)) || at.Before(now.Add(-chartBack)) {
		return badInput("the time lies in the future or more than 24 hours back", "give when it was measured, in Unix milliseconds")
	}
	values, err := b.Values.values(at)
	if err != nil {
		return err
	}
	place, err := q.placeAt(s.ID, at)
	if err != nil {
		return err
	}
	o := ward.Observation{
		ID: observationID(s.ID, q.who.Person.ID, at, &b), Stay: s.ID, Origin: ward.OriginCharted, At: at, Entered: now,
		By: q.who.Person.ID, Values: values, Partial: b.Partial, Worried: b.Worried, Note: b.Note,
	}
	if err := q.s.o.Book.Chart(q.ctx, o); err != nil {
		return err
	}
	worry := ward.DeviceAlarm{Code: ward.AlarmWorried, Priority: ward.MediumPriority, On: b.Worried}
	r := ward.Reading{Place: place, Source: ward.Manual, Taken: at, Arrived: now, At: at, Stay: s.ID, Values: values, Alarms: []ward.DeviceAlarm{worry}}
	if err := q.s.o.Submit(q.ctx, []ward.Reading{r}); err != nil {
		return err
	}
	return q.c.Status(fiber.StatusCreated).JSON(ObservationReply{ID: o.ID, At: at.UnixMilli()})
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

func observationID(s ward.StayID, by ward.PersonID, at time.Time, b *ObservationBody) string {
	said := *b
	said.At = nil
	text, _ := json.Marshal(said) // numbers come from JSON and are finite
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d\x00%s", s, by, at.UnixMilli(), text))
	return hex.EncodeToString(sum[:16])
}
