package recording

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"

	"wardwatch/ward"
)

// Outcomes is what a file beside a recording says of its patients: age, sex, what became of them.
type Outcomes struct {
	layout  string
	list    []Patient
	index   map[ward.BedID]int
	days    []DayOne
	skipped map[Reason]int64
	faults  []*RowError
}

// maxFaults is how many faults are kept word for word; all are counted.
const maxFaults = 100

// OpenOutcomes reads a whole outcomes file, plain or gzipped. layout is that of the recording: its own
// file is looked for first, then the plain one; empty: whatever the header says. The files known:
//
//	plain        patient,event[,time][,age][,sex]; event 0 or 1, time as in the long layout
//	cinc2012     outcomes.csv: death in hospital, without its time; observed for 48 hours
//	mimic3-demo  stays.csv: death within the stay in intensive care; Patients adds one within 24 hours of the last
//	             row (everybody in that source died at some time: dying later is no event)
//	eicu-demo    stays.csv: death in hospital, at the discharge that says so; and the first day's values
//
// A row that cannot be understood is counted and left out; a value that is not needed for the outcome
// is left out alone. Faults has the first hundred. Options that count are Base, Unit and Zone.
func OpenOutcomes(path, layout string, o Options) (*Outcomes, error) {
	f, err := openLines(path, nil)
	if err != nil {
		return nil, err
	}
	defer f.close()
	out, err := readOutcomes(f, layout, o.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("recording: outcomes %s: %w", path, err)
	}
	return out, nil
}

func readOutcomes(f *lines, layout string, o Options) (*Outcomes, error) {
	header, err := f.header()
	if err != nil {
		return nil, err
	}
	o.Layout = ""
	l, err := recognise(outcomeKindsFor(layout), header, o)
	if err != nil {
		return nil, err
	}
	out := &Outcomes{layout: l.name, index: map[ward.BedID]int{}, skipped: map[Reason]int64{}}
	for {
		row, err := f.next()
		var bad *RowError
		switch {
		case err == errEnd:
			return out, out.check()
		case errors.As(err, &bad):
			out.bad(bad)
		case err != nil:
			return nil, err
		case len(row) != len(header):
			out.bad(&RowError{Row: f.row, Reason: WrongColumns, Column: fmt.Sprintf("%d instead of %d", len(row), len(header))})
		default:
			out.add(l, fields{row: row, at: l.columns, number: f.row, bad: out.bad}, o)
		}
	}
}

// outcomeKindsFor lists what a recording of that layout may have beside it.
func outcomeKindsFor(layout string) []kind {
	all := outcomeKinds()
	if layout == "" {
		return all
	}
	var kinds []kind
	for _, k := range all {
		if k.name == layout || k.name == plainOutcomes {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// add takes one row. A patient told of twice in different words has no known outcome.
func (o *Outcomes) add(l layout, f fields, options Options) {
	p, day, bad := l.facts(f, options)
	if bad != nil {
		o.bad(bad)
		return
	}
	if i, again := o.index[p.ID]; again {
		o.bad(&RowError{Row: f.number, Reason: Repeated})
		if p.Outcome != o.list[i].Outcome {
			o.list[i].Outcome = Outcome{}
		}
		return
	}
	o.index[p.ID] = len(o.list)
	o.list = append(o.list, p)
	if day != nil {
		o.days = append(o.days, *day)
	}
}

func (o *Outcomes) bad(e *RowError) {
	o.skipped[e.Reason]++
	if len(o.faults) < maxFaults {
		o.faults = append(o.faults, e)
	}
}

// check refuses a file of which nothing could be used.
func (o *Outcomes) check() error {
	switch {
	case len(o.list) > 0:
		return nil
	case len(o.faults) > 0:
		return fmt.Errorf("no row could be used; the first: %w", o.faults[0])
	}
	return errors.New("no patient in it: only the header is there")
}

// Layout is the name of the file's layout; "plain" for our own.
func (o *Outcomes) Layout() string { return o.layout }

// Len is how many patients the file tells of.
func (o *Outcomes) Len() int { return len(o.list) }

// All yields the patients in the order of the file.
func (o *Outcomes) All() iter.Seq[Patient] {
	return slices.Values(o.list)
}

// Find looks for a patient by the id that the recording's readings carry as their bed.
func (o *Outcomes) Find(id ward.BedID) (Patient, bool) {
	i, ok := o.index[id]
	if !ok {
		return Patient{}, false
	}
	return o.list[i], true
}

// Skipped counts rows, and single values, that were left out.
func (o *Outcomes) Skipped() map[Reason]int64 { return maps.Clone(o.skipped) }

// Faults is the first hundred of what was left out, in the order of the file.
func (o *Outcomes) Faults() []*RowError { return o.faults }

// complete adds to p what the file knows.
func (o *Outcomes) complete(p *Patient) {
	known, ok := o.Find(p.ID)
	if !ok {
		return
	}
	if !math.IsNaN(known.Age) {
		p.Age = known.Age
	}
	if known.Sex != ward.SexUnknown {
		p.Sex = known.Sex
	}
	if known.Outcome.Known {
		p.Outcome = known.Outcome
	}
}

// Companion is the outcomes file that lies beside a recording of a known set (outcomes.csv or
// stays.csv), if it is there and is one; otherwise empty.
func Companion(path string) string {
	rec, err := Open(path, Options{})
	if err != nil {
		return ""
	}
	for _, name := range []string{"outcomes.csv", "stays.csv"} {
		beside := filepath.Join(filepath.Dir(path), name)
		if _, err := os.Stat(beside); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		f, err := openLines(beside, nil)
		if err != nil {
			continue
		}
		header, err := f.header()
		f.close()
		if err != nil {
			continue
		}
		if _, err := recognise(outcomeKindsFor(rec.Layout()), header, Options{}); err == nil {
			return beside
		}
	}
	return ""
}
