package recording

import (
	"fmt"

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

	Empty        Reason = "empty"             // not a measurement
	NotAVital    Reason = "not_a_vital"       // a signal that Wardwatch does not use
	UnknownO2    Reason = "unknown_o2_device" // text that names none of ours
	Intubated    Reason = "intubated"         // consciousness that cannot be judged by voice
	NotInTable   Reason = "coma_scale_not_in_table"
	Incomplete   Reason = "coma_scale_incomplete"
	CoveredValue Reason = "covered" // another value of that vital and moment was preferred
)

// RowError is one row, or one value of it, left out. It names the place in the file and never
// repeats the content.
type RowError struct {
	Row    int64 // line in the file; the header is line 1
	Reason Reason
	Column string // where it is about one column; otherwise more about the reason
}

// Error is the row and the reason.
func (e *RowError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("row %d: %s", e.Row, e.Reason)
	}
	return fmt.Sprintf("row %d: %s (%s)", e.Row, e.Reason, e.Column)
}

// sink is where parsers put what they make.
type sink struct {
	yield   func(Row, error) bool
	counts  *Counts
	stopped bool // the consumer has had enough
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
