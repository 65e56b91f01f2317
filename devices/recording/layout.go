package recording

import (
	"fmt"
	"strings"

	"wardwatch/ward"
)

// layout is one known arrangement of columns.
type layout struct {
	name    string
	columns []int // where the layout's own columns stand in the file, in the order of its list; the patient's is the first
	source  ward.Source
	labels  bool // its rows carry labels
	make    func(columns []int, o Options, out *sink) parser
	facts   func(f fields, o Options) (Patient, *DayOne, *RowError)
}

func (l layout) parser(o Options, out *sink) parser {
	if o.Source == nil {
		o.Source = &l.source
	}
	return l.make(l.columns, o, out)
}

// parser turns the rows of one layout into readings.
type parser interface {
	row(fields [][]byte, number int64) // fields are valid only during the call
	finish()                           // after the last row
}

// kind describes a layout for recognition.
type kind struct {
	name     string
	needed   []string
	optional []string
	renames  bool        // Options.Columns applies
	source   ward.Source // of its readings when Options say nothing
	labels   bool        // its rows carry labels

	// One of the two: what makes readings of rows, or facts of patients.
	make  func(columns []int, o Options, out *sink) parser
	facts func(f fields, o Options) (Patient, *DayOne, *RowError)
}

// kinds lists the layouts, the most telling header first.
func kinds() []kind {
	return []kind{
		{name: "cinc2012", needed: cinc2012Columns, source: ward.HIS, make: newCinC2012},
		{name: "eicu-demo", needed: eicuColumns, source: ward.HIS, make: newEICU},
		{name: "mimic3-demo", needed: mimicColumns, source: ward.HIS, make: newMIMIC},
		{name: "cinc2019", needed: cincColumns, optional: cincLabColumns(), source: ward.HIS, labels: true, make: newCinC},
		{name: "long", needed: longColumns, optional: longOptional, renames: true, make: newLong},
	}
}

// recognise finds the layout that o names among kinds, or else the first whose needed columns are
// all there.
func recognise(kinds []kind, header []string, o Options) (layout, error) {
	var known []string
	for _, k := range kinds {
		known = append(known, k.name)
		if o.Layout != "" && o.Layout != k.name {
			continue
		}
		columns, missing := k.find(header, o)
		if len(missing) == 0 {
			return layout{name: k.name, columns: columns, source: k.source, labels: k.labels, make: k.make, facts: k.facts}, nil
		}
		if o.Layout == k.name {
			return layout{}, fmt.Errorf("layout %s needs the columns %s; the header lacks %s and has %s",
				k.name, strings.Join(k.needed, ", "), strings.Join(missing, ", "), found(header))
		}
	}
	if o.Layout != "" {
		return layout{}, fmt.Errorf("unknown layout %q; known are %s", o.Layout, strings.Join(known, ", "))
	}
	return layout{}, unknownHeader(kinds, header)
}

// find looks for the layout's columns; the place of an optional one that is not there is -1.
func (k kind) find(header []string, o Options) (columns []int, missing []string) {
	for i, name := range append(k.needed[:len(k.needed):len(k.needed)], k.optional...) {
		if to := o.Columns[name]; k.renames && to != "" {
			name = to
		}
		at := -1
		for j, h := range header {
			if strings.EqualFold(h, name) {
				at = j
				break
			}
		}
		columns = append(columns, at)
		if at < 0 && i < len(k.needed) {
			missing = append(missing, name)
		}
	}
	return columns, missing
}

func unknownHeader(kinds []kind, header []string) error {
	var b strings.Builder
	for _, k := range kinds {
		fmt.Fprintf(&b, "; %s has %s", k.name, strings.Join(k.needed, ","))
		if k.renames {
			b.WriteString(" (its names can be mapped)")
		}
	}
	return fmt.Errorf("unknown header: found %s%s", found(header), b.String())
}

// found shows a header without letting a data file's first row fill the screen.
func found(header []string) string {
	const most = 12
	if len(header) > most {
		return fmt.Sprintf("%q … (%d columns)", header[:most], len(header))
	}
	return fmt.Sprintf("%q", header)
}
