package recording

import (
	"fmt"
	"strings"
)

// layout is one known arrangement of columns.
type layout struct {
	name    string
	columns []int // where the layout's own columns stand in the file, in the order of its list
	make    func(columns []int, o Options, out *sink) parser
}

func (l layout) parser(o Options, out *sink) parser { return l.make(l.columns, o, out) }

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
	renames  bool // Options.Columns applies
	make     func(columns []int, o Options, out *sink) parser
}

// kinds lists the layouts, the most telling header first.
func kinds() []kind {
	return []kind{
		{name: "mimic3-demo", needed: mimicColumns, make: newMIMIC},
		{name: "cinc2019", needed: cincColumns, make: newCinC},
		{name: "long", needed: longColumns, optional: longOptional, renames: true, make: newLong},
	}
}

// recognise finds the layout that o names, or else the first whose needed columns are all there.
func recognise(header []string, o Options) (layout, error) {
	var known []string
	for _, k := range kinds() {
		known = append(known, k.name)
		if o.Layout != "" && o.Layout != k.name {
			continue
		}
		columns, missing := k.find(header, o)
		if len(missing) == 0 {
			return layout{name: k.name, columns: columns, make: k.make}, nil
		}
		if o.Layout == k.name {
			return layout{}, fmt.Errorf("layout %s needs the columns %s; the header lacks %s and has %s",
				k.name, strings.Join(k.needed, ", "), strings.Join(missing, ", "), found(header))
		}
	}
	if o.Layout != "" {
		return layout{}, fmt.Errorf("unknown layout %q; known are %s", o.Layout, strings.Join(known, ", "))
	}
	return layout{}, unknownHeader(header)
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

func unknownHeader(header []string) error {
	var b strings.Builder
	for _, k := range kinds() {
		fmt.Fprintf(&b, "; %s has %s", k.name, strings.Join(k.needed, ","))
	}
	return fmt.Errorf("unknown header: found %s%s (names of the long layout can be mapped)", found(header), b.String())
}

// found shows a header without letting a data file's first row fill the screen.
func found(header []string) string {
	const most = 12
	if len(header) > most {
		return fmt.Sprintf("%q … (%d columns)", header[:most], len(header))
	}
	return fmt.Sprintf("%q", header)
}
