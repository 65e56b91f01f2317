// Package backtest tries policies on recorded data: every patient's readings go through the engine
// that runs live and through the live desk, under each policy, and what people would have been told
// is set against what happened to the patient.
//
// The engine is called here; the desk, the recorded cases and the wiring are given by the caller.
package backtest

import (
	"context"
	"fmt"
	"iter"
	"math"
	"runtime"
	"sync"
	"time"

	"wardwatch/scoring"
	"wardwatch/scoring/chart"
	"wardwatch/ward"
)

// Case is one recorded patient.
type Case struct {
	ID       string // as the data set names them; it appears in the report
	Rows     []Row  // in time order
	AgeYears float64
	Sex      ward.Sex

	Followed bool      // it is known whether the event came
	Event    bool      // it came
	EventAt  time.Time // when; zero when only the fact is known, and then it counts as at End

	// Zone is the place's, where the times are those of a clock; nil: they count from some moment of
	// the patient's, and say nothing of day and night.
	Zone *time.Location

	// DayOne is a set of the first day's worst values where the data has one (APACHE), judged against
	// the event apart from everything else; zero: none.
	DayOne chart.Set

	Start, End time.Time // of the observation; zero: the first and the last row, which End never precedes
}

// Row is one moment of a case. Run numbers and names its reading and keeps it: it must not be used
// again by who made it.
type Row struct {
	Reading ward.Reading // scored at Arrived; without values when nothing was measured
	Label   Label
}

// Label is what a data set that labels its rows says of one.
type Label uint8

// Labels.
const (
	Unlabelled Label = iota
	Negative         // the event does not follow soon
	Positive         // it does
)

// Desk decides who is told. The caller adapts the live one.
type Desk interface {
	Observe(s *ward.Score, alarms []ward.DeviceAlarm) error
	Tick(now time.Time) error
	Due() time.Time // when the next thing falls due; zero: nothing
	Act(ward.Action) error
	Charted(o *ward.Observation, role ward.Role) error // somebody charted a set
}

// Arm is one policy to try.
type Arm struct {
	Name   string
	Policy *scoring.Policy
	// NewDesk makes the desk for one patient. It passes every change it commits to committed, which
	// looks at it during the call only. Called by several goroutines.
	NewDesk func(stay *ward.Stay, committed func(*ward.Change)) (Desk, error)
}

// Options say how to run. The zero value runs with the defaults named.
type Options struct {
	Charts    []*chart.Chart // scores computed beside the policy's own, from the same believed inputs
	Responder Responder      // zero: DefaultResponder
	// AfterLabel is how long a patient's labelled rows count after the first positive one: later ones
	// would reward a score for what is known by then. 0: 6 h.
	AfterLabel time.Duration
	Workers    int            // 0: GOMAXPROCS; the result does not depend on it
	Resamples  int            // of the bootstrap; 0: 1000
	Seed       uint64         // of the bootstrap
	Progress   func(Progress) // called after each patient, by one goroutine at a time; nil: nobody asks
}

// Progress is how far a run has come.
type Progress struct {
	Patients int
	Rows     int64
}

func (o Options) withDefaults() Options {
	if o.Responder == (Responder{}) {
		o.Responder = DefaultResponder()
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.AfterLabel <= 0 {
		o.AfterLabel = 6 * time.Hour
	}
	if o.Resamples <= 0 {
		o.Resamples = 1000
	}
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	return o
}

// Run drives every case through every arm, patients in parallel, and measures. An error of cases,
// of a desk, or a cancelled context ends it.
func Run(ctx context.Context, cases iter.Seq2[Case, error], arms []Arm, o Options) (*Report, error) {
	o = o.withDefaults()
	if len(arms) == 0 {
		return nil, fmt.Errorf("backtest: there is no policy to try")
	}
	names := map[string]bool{}
	for _, a := range arms {
		if names[a.Name] {
			return nil, fmt.Errorf("backtest: two policies are named %q: give each its own name", a.Name)
		}
		names[a.Name] = true
	}
	all, err := driveAll(ctx, cases, arms, o)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("backtest: there is no patient with a row in the data")
	}
	return measure(ctx, all, arms, o)
}

// numbered is a case with its place in the file.
type numbered struct {
	Case
	n int
}

// driveAll is the parallel part. Results stand in the order of the cases, whoever drove them.
func driveAll(ctx context.Context, cases iter.Seq2[Case, error], arms []Arm, o Options) ([]patient, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	todo := make(chan numbered, o.Workers)
	var (
		workers sync.WaitGroup
		mu      sync.Mutex
		done    []patient
		at      Progress
	)
	for range o.Workers {
		workers.Go(func() {
			d := newDriver(arms, o)
			for c := range todo {
				p, err := d.drive(&c.Case)
				if err != nil {
					stop(fmt.Errorf("backtest: patient %d: %w", c.n+1, err))
					continue
				}
				mu.Lock()
				for len(done) <= c.n {
					done = append(done, patient{})
				}
				done[c.n] = p
				at.Patients++
				at.Rows += int64(len(c.Rows))
				o.Progress(at)
				mu.Unlock()
			}
		})
	}
	err := feed(ctx, cases, todo)
	close(todo)
	workers.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	return done, err
}

// feed hands the cases out until they end, one is bad or the context is done.
func feed(ctx context.Context, cases iter.Seq2[Case, error], todo chan<- numbered) error {
	n := 0
	for c, err := range cases {
		if err != nil {
			return err
		}
		if !c.prepare() {
			continue
		}
		select {
		case todo <- numbered{c, n}:
			n++
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// prepare numbers the readings as the journal would, and fills in what the caller left open. A case
// without rows says nothing.
func (c *Case) prepare() bool {
	if len(c.Rows) == 0 {
		return false
	}
	for i := range c.Rows {
		r := &c.Rows[i].Reading
		r.Position, r.Stay = uint64(i+1), ward.StayID(c.ID)
		if r.Arrived.IsZero() {
			r.Arrived = r.At
		}
	}
	if c.Start.IsZero() {
		c.Start = c.Rows[0].Reading.Arrived
	}
	if last := c.Rows[len(c.Rows)-1].Reading.Arrived; c.End.Before(last) {
		c.End = last
	}
	return true
}

// stay is the record of the case as the engine and the desk see it. An age in years becomes a birth
// date so that the age on the first day is the recorded one.
func (c *Case) stay() *ward.Stay {
	s := &ward.Stay{ID: ward.StayID(c.ID), Sex: c.Sex, Place: c.Rows[0].Reading.Place, Admitted: c.Start}
	if !math.IsNaN(c.AgeYears) && c.AgeYears >= 0 {
		whole := math.Floor(c.AgeYears)
		days := int((c.AgeYears - whole) * 365)
		born := c.Start.UTC().AddDate(-int(whole), 0, -days)
		s.BirthDate = time.Date(born.Year(), born.Month(), born.Day(), 0, 0, 0, 0, time.UTC)
	}
	return s
}
