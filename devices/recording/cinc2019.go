package recording

import (
	"bytes"
	"math"
	"time"

	"wardwatch/devices"
	"wardwatch/ward"
)

// The PhysioNet/CinC Challenge 2019 layout (Reyna et al., 2020): a row an hour, a column a
// variable, empty where not measured.
var cincColumns = []string{
	"patient", "ICULOS", "HR", "O2Sat", "Temp", "SBP", "MAP", "DBP", "Resp", "EtCO2", "FiO2",
	"Age", "Gender", "SepsisLabel",
}

// cincLabs are the laboratory columns, in the units of the set.
var cincLabs = [...]struct{ name, column string }{
	{"base_excess", "BaseExcess"}, {"bicarbonate", "HCO3"}, {"ph", "pH"}, {"paco2", "PaCO2"}, {"sao2", "SaO2"}, {"ast", "AST"},
	{"bun", "BUN"}, {"alp", "Alkalinephos"}, {"calcium", "Calcium"}, {"chloride", "Chloride"}, {"creatinine", "Creatinine"},
	{"bilirubin_direct", "Bilirubin_direct"}, {"glucose", "Glucose"}, {"lactate", "Lactate"}, {"magnesium", "Magnesium"},
	{"phosphate", "Phosphate"}, {"potassium", "Potassium"}, {"bilirubin_total", "Bilirubin_total"}, {"troponin_i", "TroponinI"},
	{"haematocrit", "Hct"}, {"haemoglobin", "Hgb"}, {"ptt", "PTT"}, {"wbc", "WBC"}, {"fibrinogen", "Fibrinogen"}, {"platelets", "Platelets"},
}

func cincLabColumns() []string {
	var names []string
	for _, l := range cincLabs {
		names = append(names, l.column)
	}
	return names
}

const (
	cincPatient = iota
	cincHour
	cincFirstVital
)

const (
	cincAge = cincFirstVital + 9 + iota
	cincGender
	cincLabel
	cincFirstLab
)

var cincVitals = [...]ward.Vital{ward.HR, ward.SpO2, ward.Temp, ward.SBP, ward.MAP, ward.DBP, ward.RR, ward.EtCO2, ward.FiO2}

// cinc keeps only the patient it is at, and the last hour of each patient seen.
type cinc struct {
	at     []int
	o      Options
	out    *sink
	arena  values
	order  order
	name   []byte // the patient's own id, as in the file
	place  ward.Place
	device ward.DeviceID
	now    [len(cincVitals)]ward.Value
}

func newCinC(columns []int, o Options, out *sink) parser {
	return &cinc{at: columns, o: o, out: out, order: newOrder()}
}

func (c *cinc) finish() {}

func (c *cinc) row(f [][]byte, number int64) {
	if !c.patient(patientID(f[c.at[cincPatient]])) {
		c.out.bad(&RowError{Row: number, Reason: NoPatient})
		return
	}
	hour, ok := whole(f[c.at[cincHour]])
	if !ok || hour < 0 || hour > maxHours {
		c.out.bad(&RowError{Row: number, Reason: BadTime, Column: "ICULOS"})
		return
	}
	t := c.o.Base.Add(time.Duration(hour) * time.Hour)
	if !c.order.after(t) {
		c.out.bad(&RowError{Row: number, Reason: OutOfOrder})
		return
	}
	label, ok := c.label(f, hour)
	if !ok {
		c.out.bad(&RowError{Row: number, Reason: NotANumber, Column: "SepsisLabel"})
		return
	}
	c.out.person = person{age: label.Age, sex: label.Sex}
	c.out.emit(Row{Number: number, Label: label, Labs: c.labs(f, number, t), Reading: reading(c.place, c.device, *c.o.Source, t, c.arena.take(c.measured(f, number, t)))})
}

// beforeOnset is how long before the onset of sepsis its label turns on (Reyna et al., 2020).
const beforeOnset = 6 * time.Hour

// maxHours is some eleven years: beyond it an hour is a slip.
const maxHours = 100_000

// patient moves to the row's patient; false when there is none.
func (c *cinc) patient(id []byte) bool {
	if len(id) == 0 {
		return false
	}
	if !bytes.Equal(id, c.name) {
		c.name = append(c.name[:0], id...)
		bed := wireID("", id, "")
		c.place = ward.Place{Ward: c.o.Ward, Bed: ward.BedID(bed)}
		c.device = ward.DeviceID(wireID("rec-", id, ""))
		c.order.start(bed)
	}
	return true
}

func (c *cinc) measured(f [][]byte, row int64, t time.Time) []ward.Value {
	n := 0
	for i, v := range cincVitals {
		field := f[c.at[cincFirstVital+i]]
		if len(field) == 0 {
			continue
		}
		x, ok := number(field)
		switch {
		case !ok:
			c.out.bad(&RowError{Row: row, Reason: NotANumber, Column: cincColumns[cincFirstVital+i]})
		case devices.Check(v, x) != nil:
			c.out.bad(&RowError{Row: row, Reason: OutsideLimits, Column: cincColumns[cincFirstVital+i]})
		default:
			c.now[n] = ward.Value{Vital: v, Number: x, At: t}
			n++
		}
	}
	return c.now[:n]
}

func (c *cinc) labs(f [][]byte, row int64, t time.Time) (labs []ward.Lab) {
	if !c.o.Labs {
		return nil
	}
	for i, l := range cincLabs {
		at := c.at[cincFirstLab+i]
		if at < 0 || len(f[at]) == 0 {
			continue
		}
		x, ok := number(f[at])
		if !ok {
			c.out.bad(&RowError{Row: row, Reason: NotANumber, Column: l.column})
			continue
		}
		labs = append(labs, ward.Lab{Name: l.name, Number: x, At: t})
	}
	return labs
}

func (c *cinc) label(f [][]byte, hour int) (Label, bool) {
	l := Label{Known: true, Hour: hour, Age: math.NaN()}
	if age, ok := number(f[c.at[cincAge]]); ok {
		l.Age = age
	}
	if code, ok := number(f[c.at[cincGender]]); ok && (code == 0 || code == 1) {
		l.Sex = cincSex(code)
	}
	switch string(f[c.at[cincLabel]]) {
	case "0":
	case "1":
		l.Event = true
	default:
		return l, false
	}
	return l, true
}

// reading is one moment of a recorded device or chart.
func reading(p ward.Place, d ward.DeviceID, from ward.Source, t time.Time, vs []ward.Value) ward.Reading {
	return ward.Reading{Place: p, Device: d, Source: from, Taken: t, Arrived: t, At: t, Point: t, Values: vs}
}
