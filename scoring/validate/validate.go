// Package validate measures a learned model against labelled data: discrimination, calibration, and
// what alerting by it would do, beside NEWS2 and a plain logistic regression on the same rows. It is pure.
package validate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"wardwatch/scoring/backtest/stat"
	"wardwatch/ward"
)

// Row is one eligible hour of one patient.
type Row struct {
	Patient int32 // any number that tells patients apart
	Hour    int32
	Label
	P        float64       // what the model says, 0–1, also where it would be withheld
	News2    int           // the lower bound of NEWS2; Unscored when no part of it is known
	Logistic float64       // what the plain logistic regression says, 0–1; NaN in every row where there is none
	Withheld ward.Withheld // why staff would not see P
	Age      float64       // years; NaN: unknown
	Sex      ward.Sex
}

// Unscored is the NEWS2 of a row of which nothing is known. It ranks below 0.
const Unscored = -1

// News2Name is what the reference is where the data has neither consciousness nor, mostly, oxygen.
const News2Name = "NEWS2 without consciousness and oxygen"

// The frame of the measures: rows are hours, and a NEWS2 of 5 or more is an urgent call (Royal College
// of Physicians, National Early Warning Score 2, 2017).
const (
	dayRows    = 24
	news2Least = 5
)

// Options of a measurement.
type Options struct {
	Task      ward.Task
	Model     Model  // its Threshold must be set
	News2     string // what the reference is, where the rows have more of it; empty: News2Name
	Resamples int    // of the bootstrap; 0: no intervals
	Seed      uint64
	Workers   int // how many goroutines the bootstrap may use; no figure depends on it
}

// Measure measures the model on rows that Labels found eligible, in any order. An error says which
// row, counted from 1, cannot be measured and why, or is the context's.
func Measure(ctx context.Context, rows []Row, o Options) (*Report, error) {
	if err := check(rows, &o); err != nil {
		return nil, err
	}
	r := &Report{
		Format: Format, Task: o.Task, Model: o.Model,
		Set:    Set{Rows: len(rows), Skipped: map[string]int64{}},
		Method: Method{Resamples: o.Resamples, Seed: o.Seed, DayRows: dayRows, News2Least: news2Least},
	}
	people := numbered(rows)
	m := &measurer{study: studyOf(rows, people, len(people)), threshold: float64(o.Model.Threshold), reference: o.News2}
	m.headline(m.study, &r.Headline)
	m.calibrationCurve(&r.CalibrationCurve)
	r.Curves = m.curves()
	m.decision(r)
	m.alerting(&r.Alerting, m.threshold, func(row *Row) bool { return row.P >= m.threshold })
	m.alerting(&r.News2Alerting, news2Least, func(row *Row) bool { return row.News2 >= news2Least })
	m.matched(r)
	m.groups(r)
	m.withheld(r)
	m.masked(r)
	if err := m.estimate(ctx, o); err != nil {
		return nil, err
	}
	return r, nil
}

// check refuses what cannot be measured.
func check(rows []Row, o *Options) error {
	if len(rows) == 0 {
		return errors.New("validate: there are no eligible rows: respiratory decline needs RR and SpO2 (of an oximeter) measured in the same hour and the hours after it, deterioration a label or an outcome (--outcomes)")
	}
	if t := float64(o.Model.Threshold); !(t > 0 && t < 1) {
		return fmt.Errorf("validate: the model's alert threshold is %v: give one between 0 and 1", t)
	}
	plain := !math.IsNaN(rows[0].Logistic)
	for i := range rows {
		r := &rows[i]
		switch {
		case !(r.P >= 0 && r.P <= 1):
			return fmt.Errorf("validate: row %d: the prediction is %v, not a probability: mend the model, or leave out the rows it cannot judge", i+1, r.P)
		case r.News2 < Unscored || r.News2 > 20:
			return fmt.Errorf("validate: row %d: NEWS2 is %d: it runs from 0 to 20, %d where nothing is known", i+1, r.News2, Unscored)
		case plain != !math.IsNaN(r.Logistic):
			return fmt.Errorf("validate: row %d: the logistic regression must judge all rows or none", i+1)
		case plain && !(r.Logistic >= 0 && r.Logistic <= 1):
			return fmt.Errorf("validate: row %d: the logistic regression says %v, not a probability", i+1, r.Logistic)
		}
	}
	return nil
}

// numbered gives each patient a number from 0, in the order of their own, so that nothing depends on
// the order of the rows.
func numbered(rows []Row) map[int32]int32 {
	var all []int32
	for i := range rows {
		if i == 0 || rows[i].Patient != rows[i-1].Patient {
			all = append(all, rows[i].Patient)
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	out := make(map[int32]int32, len(all))
	for i, p := range all {
		out[p] = int32(i)
	}
	return out
}

// measurer gathers what needs the bootstrap and works it out together, over the same resamples.
type measurer struct {
	*study
	threshold  float64
	reference  string
	statistics []stat.Statistic
	into       [][]sink
}

// sink takes a figure with its interval.
type sink func(stat.Estimate)

// ask orders a statistic's figures; they are filled in by estimate.
func (m *measurer) ask(n int, of func(drawn []uint8, out []float64), into ...sink) {
	m.statistics, m.into = append(m.statistics, stat.Statistic{N: n, Of: of}), append(m.into, into)
}

func (m *measurer) estimate(ctx context.Context, o Options) error {
	found, err := stat.Bootstrap(ctx, m.people, o.Resamples, o.Seed, o.Workers, m.statistics)
	if err != nil {
		return err
	}
	for s := range found {
		for f, take := range m.into[s] {
			take(found[s][f])
		}
	}
	return nil
}

// whole keeps the figure and its interval together.
func whole(into *stat.Estimate) sink { return func(e stat.Estimate) { *into = e } }

// apart keeps the figure and its interval apart.
func apart(value *stat.Number, interval *Interval) sink {
	return func(e stat.Estimate) { *value, *interval = e.Value, Interval{e.Low, e.High} }
}

// only keeps the interval of a figure that was worked out otherwise.
func only(interval *Interval) sink {
	return func(e stat.Estimate) { *interval = Interval{e.Low, e.High} }
}
