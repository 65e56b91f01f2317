// Package recording reads recorded vital signs as readings, so that they can be replayed over the
// wire or scored in a backtest. It streams: at most one patient is held in memory. A row that
// cannot be understood is counted, reported by its number and left out; nothing is guessed.
package recording

import (
	"fmt"
	"iter"
	"maps"
	"time"

	"wardwatch/ward"
)

// Options say how a file is to be read. The zero value reads any known layout.
type Options struct {
	Layout string        // "long", "mimic3-demo", "cinc2019", "cinc2012", "eicu-demo"; empty: recognised from the header
	Ward   ward.WardID   // of every reading; empty: "recorded"
	Base   time.Time     // the moment that offsets in the file count from; zero: 2000-01-01 UTC
	Unit   time.Duration // of a bare number in the time column of the long layout; zero: a second

	// Source is what every reading says of where it came from. Nil: the layout's own, a device for the
	// long layout and the hospital's records for the published tables, which hold what nurses charted
	// or validated, set by set.
	Source *ward.Source
	// ArterialSaturation takes the saturation of a blood sample (SaO2) for SpO2. Otherwise such
	// values are left out and counted: they come a few times a day, when somebody is worried already,
	// and are not what an oximeter would have shown (mean difference 1.6 points: Henry et al., 2022).
	ArterialSaturation bool
	// Labs reads laboratory results too, where the layout has them.
	Labs bool
	// Progress is told, from the reading goroutine, how many bytes of the file have been read and how
	// many there are to read; a file that has to be walked twice counts twice. Size is 0 where it is
	// not known. May be nil.
	Progress func(read, size int64)

	// Zone is where a clock time without a zone in the long layout was written. Nil: such rows are
	// refused, since an hour's error would pass unseen.
	Zone *time.Location
	// Columns gives the file's own name for a column of the long layout: "patient", "time",
	// "vital", "value", "unit".
	Columns map[string]string
	// Vitals gives our name for a name in the file's vital column, for example "Pulse": "hr".
	Vitals map[string]string
}

func (o Options) withDefaults() Options {
	if o.Ward == "" {
		o.Ward = "recorded"
	}
	if o.Base.IsZero() {
		o.Base = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if o.Unit <= 0 {
		o.Unit = time.Second
	}
	return o
}

// Row is one moment of one patient: the reading made from it and what the file says beside it.
type Row struct {
	Number  int64        // of the file's line where it begins; the header is line 1
	Reading ward.Reading // without Values when nothing was measured
	Labs    []ward.Lab   // cinc2019, when asked for: laboratory results of the hour
	Label   Label
}

// Label is what a labelled layout says of the patient in that row.
type Label struct {
	Known bool    // the layout has labels; otherwise the rest says nothing
	Event bool    // cinc2019: SepsisLabel
	Hour  int     // hours since admission to intensive care
	Age   float64 // years; NaN when not given
	Sex   ward.Sex
}

// Recording is one recorded file. It holds no open file between iterations. It is not for
// concurrent use.
type Recording struct {
	path   string
	layout layout
	o      Options
	counts Counts
}

// Open looks at the head of a CSV file, plain or gzipped, and recognises its layout. The error of
// an unknown header names the columns found and the layouts known.
func Open(path string, o Options) (*Recording, error) {
	if o.Ward != "" && !ward.ValidID(string(o.Ward)) {
		return nil, fmt.Errorf("recording: ward %q is not an identifier (letters, digits, _ and -, at most %d)", o.Ward, ward.MaxID)
	}
	r := &Recording{path: path, o: o.withDefaults()}
	f, err := openLines(path, nil)
	if err != nil {
		return nil, err
	}
	defer f.close()
	header, err := f.header()
	if err != nil {
		return nil, fmt.Errorf("recording: %s: %w", path, err)
	}
	if r.layout, err = recognise(kinds(), header, r.o); err != nil {
		return nil, fmt.Errorf("recording: %s: %w", path, err)
	}
	return r, nil
}

// Layout is the name of the file's layout.
func (r *Recording) Layout() string { return r.layout.name }

// Counts is what the last iteration, or the present one so far, has met.
func (r *Recording) Counts() Counts {
	c := r.counts
	c.Skipped = maps.Clone(c.Skipped)
	return c
}

// Readings yields every moment at which something was measured. A patient's readings come in time
// order; patients come as they stand in the file. An error of type *RowError is one row or value
// left out, and reading goes on; any other error is the end.
func (r *Recording) Readings() iter.Seq2[ward.Reading, error] {
	return func(yield func(ward.Reading, error) bool) {
		for row, err := range r.Rows() {
			if err == nil && len(row.Reading.Values) == 0 {
				continue
			}
			if !yield(row.Reading, err) {
				return
			}
		}
	}
}

// Rows is Readings with the rows in which nothing was measured, and with labels.
func (r *Recording) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		r.walk(&sink{yield: yield}, r.o.Progress)
	}
}

// walk puts the whole file out; false when it did not come to the end.
func (r *Recording) walk(out *sink, told progress) bool {
	r.counts = Counts{Skipped: map[Reason]int64{}}
	out.counts = &r.counts
	f, err := openLines(r.path, told)
	if err != nil {
		out.yield(Row{}, err)
		return false
	}
	defer f.close()
	if err := r.read(f, out); err != nil {
		if !out.stopped {
			out.yield(Row{}, fmt.Errorf("recording: %s: %w", r.path, err))
		}
		return false
	}
	return !out.stopped
}

// read walks the file once.
func (r *Recording) read(f *lines, out *sink) error {
	header, err := f.header()
	if err != nil {
		return err
	}
	l, err := recognise(kinds(), header, r.o) // again: the file may have changed since Open
	if err != nil {
		return err
	}
	p := l.parser(r.o, out)
	for !out.stopped {
		fields, err := f.next()
		if err == errEnd {
			p.finish()
			return nil
		}
		if bad, ok := err.(*RowError); ok {
			out.counts.Rows++
			out.bad(bad)
			continue
		}
		if err != nil {
			return err
		}
		out.counts.Rows++
		if len(fields) != len(header) {
			out.bad(&RowError{Row: f.row, Reason: WrongColumns, Column: fmt.Sprintf("%d instead of %d", len(fields), len(header))})
			continue
		}
		p.row(fields, f.row)
	}
	return nil
}
