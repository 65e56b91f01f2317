package recording

import (
	"bytes"
	"math"
	"strings"
	"time"

	"wardwatch/ward"
)

// plainOutcomes is the name of our own layout of an outcomes file.
const plainOutcomes = "plain"

func outcomeKinds() []kind {
	return []kind{
		{name: "cinc2012", needed: []string{"RecordID", "In-hospital_death"}, facts: cinc2012Facts},
		{name: "mimic3-demo", needed: []string{"icustay_id", "age", "gender", "icu_in_to_out_min", "icu_in_to_death_min"}, facts: mimicFacts},
		{name: "eicu-demo", needed: eicuStayColumns, optional: eicuDayColumns(), facts: eicuFacts},
		{name: plainOutcomes, needed: []string{"patient", "event"}, optional: []string{"time", "age", "sex"}, facts: plainFacts},
	}
}

// fields is one row of an outcomes file.
type fields struct {
	row    [][]byte
	at     []int // where the layout's columns stand
	number int64
	bad    func(*RowError) // for a value left out alone
}

// text is a column's content without spaces around it; empty where the file lacks the column.
func (f fields) text(column int) []byte {
	if f.at[column] < 0 {
		return nil
	}
	return bytes.TrimSpace(f.row[f.at[column]])
}

// fault is about the whole row.
func (f fields) fault(r Reason, column string) *RowError {
	return &RowError{Row: f.number, Reason: r, Column: column}
}

func (f fields) patient(column int) (Patient, *RowError) {
	id := f.text(column)
	if len(id) == 0 {
		return Patient{}, f.fault(NoPatient, "")
	}
	return Patient{ID: ward.BedID(wireID("", id, "")), Age: math.NaN()}, nil
}

// oldest is the age that stands for those whom a source hides in one group: "> 89" and "90+".
const oldest = 90

// age reads years; NaN where there are none.
func (f fields) age(column int) float64 {
	s := f.text(column)
	switch string(s) {
	case "":
		return math.NaN()
	case "> 89", ">89", "90+":
		return oldest
	}
	x, ok := number(s)
	if !ok || x < 0 || x > maxAge {
		f.bad(f.fault(outside(ok), "age"))
		return math.NaN()
	}
	return x
}

// outside is why a number is refused: it is none, or one that cannot be.
func outside(isNumber bool) Reason {
	if !isNumber {
		return NotANumber
	}
	return OutsideLimits
}

func (f fields) sex(column int) ward.Sex {
	switch strings.ToLower(string(f.text(column))) {
	case "", "unknown":
	case "f", "female":
		return ward.Female
	case "m", "male":
		return ward.Male
	case "other":
		return ward.OtherSex
	default:
		f.bad(f.fault(UnknownText, "sex"))
	}
	return ward.SexUnknown
}

// minutes reads a distance from the base; zero where the field is empty.
func (f fields) minutes(column int, base time.Time) (time.Time, bool) {
	s := f.text(column)
	if len(s) == 0 {
		return time.Time{}, true
	}
	n, ok := whole(s)
	if !ok || n < -maxHours*60 || n > maxHours*60 {
		return time.Time{}, false
	}
	return base.Add(time.Duration(n) * time.Minute), true
}

// event reads a flag.
func event(s []byte) (yes, ok bool) {
	switch strings.ToLower(string(s)) {
	case "1", "true", "yes":
		return true, true
	case "0", "false", "no":
		return false, true
	}
	return false, false
}

// plainFacts reads patient,event[,time][,age][,sex]. An empty event is not known.
func plainFacts(f fields, o Options) (Patient, *DayOne, *RowError) {
	const patient, happened, at, age, sex = 0, 1, 2, 3, 4
	p, bad := f.patient(patient)
	if bad != nil {
		return p, nil, bad
	}
	if s := f.text(happened); len(s) > 0 {
		yes, ok := event(s)
		if !ok {
			return p, nil, f.fault(UnknownText, "event: write 1 or 0")
		}
		p.Outcome = Outcome{Known: true, Event: yes}
	}
	if s := f.text(at); len(s) > 0 {
		t, reason := clock(s, o)
		switch {
		case reason != "":
			return p, nil, f.fault(reason, "time")
		case !p.Outcome.Event:
			return p, nil, f.fault(Contradiction, "a time without an event")
		}
		p.Outcome.At = t
	}
	p.Age, p.Sex = f.age(age), f.sex(sex)
	return p, nil, nil
}

// recorded2012 is how long each patient of cinc2012 was observed.
const recorded2012 = 48 * time.Hour

// cinc2012Facts reads death in hospital. Its day is told beside it, but not the hour, and most die
// after the record ends: the event stays without a time.
func cinc2012Facts(f fields, o Options) (Patient, *DayOne, *RowError) {
	const patient, died = 0, 1
	p, bad := f.patient(patient)
	if bad != nil {
		return p, nil, bad
	}
	yes, ok := event(f.text(died))
	if !ok {
		return p, nil, f.fault(UnknownText, "In-hospital_death")
	}
	p.Outcome = Outcome{Known: true, Event: yes, End: o.Base.Add(recorded2012)}
	return p, nil, nil
}

// mimicFacts reads death within the stay in intensive care; a later one waits for the last row.
func mimicFacts(f fields, o Options) (Patient, *DayOne, *RowError) {
	const stay, age, gender, out, death = 0, 1, 2, 3, 4
	p, bad := f.patient(stay)
	if bad != nil {
		return p, nil, bad
	}
	left, ok := f.minutes(out, o.Base)
	if !ok {
		return p, nil, f.fault(BadTime, "icu_in_to_out_min")
	}
	died, ok := f.minutes(death, o.Base)
	if !ok {
		return p, nil, f.fault(BadTime, "icu_in_to_death_min")
	}
	p.Outcome = Outcome{Known: true, End: left, died: died}
	if !died.IsZero() && !left.IsZero() && !died.After(left) {
		p.Outcome.Event, p.Outcome.At, p.Outcome.End = true, died, died
	}
	p.Age, p.Sex = f.age(age), f.sex(gender)
	return p, nil, nil
}
