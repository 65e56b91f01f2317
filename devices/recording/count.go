package recording

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"wardwatch/ward"
)

// Counts is what reading a file has met. A row that was read but stands in no reading is counted
// under Skipped, unless it only helped to judge another (a ventilator mode) or had nothing in it.
type Counts struct {
	Rows      int64                 // data rows read, blank lines not among them
	Readings  int64                 // yielded with at least one value
	Values    [ward.NumVitals]int64 // in those readings, by vital
	Skipped   map[Reason]int64      // rows, or single values of a wide row, left out
	Conflicts int64                 // one vital of one patient at one moment with several values, settled by the layout's rule
	Patients  int64                 // yielded by Patients
	NoOutcome int64                 // of those, without a known outcome
	Bare      int64                 // patients of the file without one usable row, whom Patients leaves out
}

// Never lists the vitals of which not one value was yielded: what the file cannot tell.
func (c *Counts) Never() []ward.Vital {
	var never []ward.Vital
	for v, n := range c.Values {
		if n == 0 {
			never = append(never, ward.Vital(v))
		}
	}
	return never
}

// Reasons lists why rows or values were left out, the most frequent first.
func (c *Counts) Reasons() []Reason {
	return slices.SortedFunc(maps.Keys(c.Skipped), func(a, b Reason) int {
		return cmp.Or(cmp.Compare(c.Skipped[b], c.Skipped[a]), cmp.Compare(a, b))
	})
}

// Reason is why a row or value was left out.
type Reason string

// Reasons. The first group is worth a look and is yielded as a *RowError; the second is the layout's
// own way of saying "not a vital sign" and is only counted.
const (
	BrokenQuotes  Reason = "broken_quotes"
	TooLong       Reason = "line_too_long"
	WrongColumns  Reason = "wrong_number_of_columns"
	NoPatient     Reason = "no_patient"
	BadTime       Reason = "bad_time"
	NoZone        Reason = "time_without_zone"
	OutOfOrder    Reason = "out_of_order"
	NotANumber    Reason = "not_a_number"
	OutsideLimits Reason = "outside_limits"
	UnknownUnit   Reason = "unknown_unit"
	UnknownText   Reason = "unknown_text"
	Ambiguous     Reason = "ambiguous_unit"
	Repeated      Reason = "patient_repeated"
	Contradiction Reason = "contradiction"

	Empty        Reason = "empty"             // not a measurement
	NotAVital    Reason = "not_a_vital"       // a signal that Wardwatch does not use
	UnknownO2    Reason = "unknown_o2_device" // text that names none of ours
	Intubated    Reason = "intubated"         // consciousness that cannot be judged by voice
	NotInTable   Reason = "coma_scale_not_in_table"
	Incomplete   Reason = "coma_scale_incomplete"
	CoveredValue Reason = "covered" // another value of that vital and moment was preferred
	Arterial     Reason = "arterial_saturation"
)

// Remedy is what can be done about it; empty where it is the layout's own way.
func (r Reason) Remedy() string {
	switch r {
	case BrokenQuotes:
		return "double a quotation mark inside a quoted field and keep the field on one line"
	case TooLong:
		return "a line may hold 1 MiB: look for a missing line break"
	case WrongColumns:
		return "give the row as many fields as the header; quote a field that holds a comma"
	case NoPatient:
		return "fill in the patient's column"
	case BadTime:
		return "write RFC 3339, or a number counted from the start of the recording"
	case NoZone:
		return "add the zone to the time (2026-02-01T07:00:00+07:00), or say where it was written"
	case OutOfOrder:
		return "sort each patient's rows by time"
	case NotANumber:
		return "write a plain decimal number, or leave the field empty"
	case OutsideLimits:
		return "no such value is possible in this column's unit: check unit and decimal point"
	case UnknownUnit:
		return "use the vital's own unit or one that converts to it"
	case UnknownText:
		return "use one of the words that the layout knows"
	case Ambiguous:
		return "fraction, percentage and flow cannot be told apart here: name the unit in the signal"
	case Repeated:
		return "give each patient one row"
	case Contradiction:
		return "two columns of the row deny each other: correct one"
	case NotAVital:
		return "no vital sign that is used here; in the long layout a name can be mapped to one of ours"
	}
	return ""
}

// RowError is one row, or one value of it, left out. It names the place in the file and never
// repeats the content.
type RowError struct {
	Row    int64 // line in the file; the header is line 1
	Reason Reason
	Column string // where it is about one column; otherwise more about the reason
}

// Error is the row, the reason and the remedy.
func (e *RowError) Error() string {
	text := fmt.Sprintf("row %d: %s", e.Row, e.Reason)
	if e.Column != "" {
		text += " (" + e.Column + ")"
	}
	if remedy := e.Reason.Remedy(); remedy != "" {
		text += ": " + remedy
	}
	return text
}

// sink is where parsers put what they make.
type sink struct {
	yield   func(Row, error) bool
	counts  *Counts
	stopped bool   // the consumer has had enough
	oneSet  bool   // one reading a moment: the cuff beside an arterial line is left out
	person  person // whose rows are being put out
}

func (s *sink) emit(row Row) {
	if s.stopped {
		return
	}
	if len(row.Reading.Values) > 0 {
		s.counts.Readings++
		for i := range row.Reading.Values {
			s.counts.Values[row.Reading.Values[i].Vital]++
		}
	}
	s.stopped = !s.yield(row, nil)
}

// bad counts and reports.
func (s *sink) bad(e *RowError) {
	s.counts.Skipped[e.Reason]++
	if !s.stopped {
		s.stopped = !s.yield(Row{}, e)
	}
}

// skip only counts.
func (s *sink) skip(r Reason) { s.counts.Skipped[r]++ }
