package main

import (
	"errors"
	"math"
	"time"

	"wardwatch/devices/recording"
	"wardwatch/scoring"
	"wardwatch/scoring/chart"
	"wardwatch/scoring/course"
	"wardwatch/scoring/risk"
	"wardwatch/scoring/validate"
	"wardwatch/ward"
)

// rowsOf takes recorded patients through the live step, hour by hour, and asks the models at the end
// of each hour what they would have said.
type rowsOf struct {
	task   ward.Task
	policy scoring.Policy
	news2  *chart.Chart
	panel  *risk.Panel
	model  string
	plain  string // id of the logistic regression; empty: none

	rows    []validate.Row
	waiting []float32 // features of the rows that are not predicted yet
	asked   int       // rows that are
	read    int
}

// atOnce is how many rows are predicted in one batch.
const atOnce = 4096

// hour is one hour of one patient as the file has it.
type hour struct {
	validate.Hour
	at       time.Time // of its last row
	features []float32
	news2    int
}

func (r *rowsOf) all(set *recordedSet) error {
	number := int32(0)
	for c, err := range set.rec.Patients(set.outcomes) {
		var bad *recording.RowError
		if errors.As(err, &bad) {
			continue
		}
		if err != nil {
			return err
		}
		number++
		if err := r.patient(number, &c); err != nil {
			return err
		}
	}
	return r.predict()
}

func (r *rowsOf) patient(number int32, c *recording.Case) error {
	hours := r.hours(c)
	r.read += len(hours)
	plain := make([]validate.Hour, len(hours))
	for i := range hours {
		plain[i] = hours[i].Hour
	}
	labels, err := r.labels(c, hours, plain)
	if err != nil {
		return err
	}
	for i := range hours {
		if !labels[i].Eligible {
			continue
		}
		r.rows = append(r.rows, validate.Row{
			Patient: number, Hour: hours[i].Hour.Hour, Label: labels[i], News2: hours[i].news2, Logistic: math.NaN(), Age: c.Age, Sex: c.Sex,
		})
		r.waiting = append(r.waiting, hours[i].features...)
		if len(r.rows)-r.asked == atOnce {
			if err := r.predict(); err != nil {
				return err
			}
		}
	}
	return nil
}

// labels are those of the task where the rows tell; otherwise of what became of the patient.
func (r *rowsOf) labels(c *recording.Case, hours []hour, plain []validate.Hour) ([]validate.Label, error) {
	if r.task == ward.Deterioration && len(c.Rows) > 0 && !c.Rows[0].Label.Known {
		return fromOutcome(c, hours), nil
	}
	return validate.Labels(r.task, plain)
}

// outcomeWithin is how long before a dated outcome a row counts as one before an event; ours. Where
// the date is not told every row of the patient does.
const outcomeWithin = 24 * time.Hour

func fromOutcome(c *recording.Case, hours []hour) []validate.Label {
	out := make([]validate.Label, len(hours))
	o := &c.Outcome
	for i := range hours {
		l := validate.Label{Eligible: o.Known, HoursToEvent: math.NaN()}
		switch {
		case !o.Event:
		case o.At.IsZero():
			l.Event = true
		case !hours[i].at.Before(o.At):
			l.Eligible = false
		default:
			l.HoursToEvent = o.At.Sub(hours[i].at).Hours()
			l.Event = o.At.Sub(hours[i].at) <= outcomeWithin
		}
		out[i] = l
	}
	return out
}

// hours steps through a patient's rows.
func (r *rowsOf) hours(c *recording.Case) (out []hour) {
	stay := stayOf(c)
	who := whoOf(c)
	state := scoring.State{Stay: stay.ID}
	var carried carry
	for i := range c.Rows {
		row := &c.Rows[i]
		at := row.Reading.Arrived
		if len(row.Reading.Values) > 0 {
			state, _, _ = scoring.Step(&r.policy, stay, state, &row.Reading, at)
		}
		for k := range row.Labs {
			state.Course.TakeLab(&row.Labs[k])
		}
		if n := len(out); n == 0 || hourOf(out[n-1].at) != hourOf(at) {
			out = append(out, hour{Hour: validate.Hour{
				Hour: int32(hourOf(at) - hourOf(c.Rows[0].Reading.Arrived)), RR: math.NaN(), SpO2: math.NaN(), FiO2: math.NaN(),
			}})
		}
		h := &out[len(out)-1]
		h.take(row)
		h.at = at
		carried.take(&row.Reading)
		if i+1 < len(c.Rows) && hourOf(c.Rows[i+1].Reading.Arrived) == hourOf(at) {
			continue
		}
		h.features = make([]float32, r.panel.Width())
		r.panel.Fill(&state.Course, who, at, h.features)
		h.news2 = carried.news2(r.news2, at)
	}
	return out
}

func hourOf(t time.Time) int64 { return t.Unix() / 3600 }

// take keeps the newest of the hour.
func (h *hour) take(row *recording.Row) {
	for _, v := range row.Reading.Values {
		switch v.Vital {
		case ward.RR:
			h.RR = v.Number
		case ward.SpO2:
			h.SpO2 = v.Number
		case ward.FiO2:
			h.FiO2 = v.Number
		}
	}
	h.Sepsis = row.Label.Event
}

func stayOf(c *recording.Case) *ward.Stay {
	s := &ward.Stay{ID: ward.StayID(c.ID), Sex: c.Sex}
	if !math.IsNaN(c.Age) && len(c.Rows) > 0 {
		at := c.Rows[0].Reading.Arrived
		s.BirthDate = time.Date(at.Year()-int(c.Age), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	}
	return s
}

func whoOf(c *recording.Case) course.Who {
	who := course.Who{Age: math.Floor(c.Age), Male: math.NaN()}
	switch c.Sex {
	case ward.Male:
		who.Male = 1
	case ward.Female:
		who.Male = 0
	}
	return who
}

// carryFor is how long a value of the reference is carried forward.
const carryFor = 8 * time.Hour

// carry holds the newest of each vital, as the file has it: the reference is a chart on plain values,
// without the rules by which the engine believes or doubts.
type carry [ward.NumVitals]ward.Value

func (k *carry) take(r *ward.Reading) {
	for _, v := range r.Values {
		k[v.Vital] = v
	}
}

// news2 is the lower bound from what the data has; Unscored where it has nothing.
func (k *carry) news2(c *chart.Chart, at time.Time) int {
	var set chart.Set
	fresh := func(v ward.Vital) bool { return !k[v].At.IsZero() && at.Sub(k[v].At) <= carryFor }
	for v, in := range map[ward.Vital]chart.Input{
		ward.RR: chart.RR, ward.SpO2: chart.SpO2, ward.SBP: chart.SBP, ward.HR: chart.HR, ward.Temp: chart.Temp, ward.ACVPU: chart.Consciousness,
	} {
		if fresh(v) {
			set.Put(in, k[v].Number)
		}
	}
	switch {
	case fresh(ward.O2Source):
		set.Put(chart.O2, min(1, k[ward.O2Source].Number))
	case fresh(ward.FiO2) && k[ward.FiO2].Number > 0.21:
		set.Put(chart.O2, 1)
	case fresh(ward.FiO2):
		set.Put(chart.O2, 0)
	}
	if set.Known == 0 {
		return validate.Unscored
	}
	return c.Score(&set).LowerBound
}

// predict asks the models about the rows that wait.
func (r *rowsOf) predict() error {
	rows := r.rows[r.asked:]
	if len(rows) == 0 {
		return nil
	}
	said, err := r.panel.PredictRaw(r.model, r.waiting, len(rows))
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i].P, rows[i].Withheld = said[i].P, said[i].Withheld
	}
	if r.plain != "" {
		if said, err = r.panel.PredictRaw(r.plain, r.waiting, len(rows)); err != nil {
			return err
		}
		for i := range rows {
			rows[i].Logistic = said[i].P
		}
	}
	r.asked, r.waiting = len(r.rows), r.waiting[:0]
	return nil
}
