package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"iter"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"wardwatch/alerts"
	"wardwatch/cmd/wardwatch/policy"
	"wardwatch/devices/recording"
	"wardwatch/scoring/backtest"
	"wardwatch/scoring/chart"
	"wardwatch/ward"
)

type backtestCmd struct {
	recordedFlags `embed:""`

	Policy []string `help:"Policy file; several are compared on the same patients. The shipped one when not given." type:"existingfile" placeholder:"FILE"`
	JSON   string   `name:"json" help:"Write the report as JSON." placeholder:"FILE"`
	HTML   string   `name:"html" help:"Write the report as one self-contained page." placeholder:"FILE"`

	Event  string `help:"What the event is, in the report: sepsis, death or a word of your own; known for known layouts."`
	Source string `enum:"device,manual,his,layout" default:"layout" help:"Who measured: a monitor, or people who charted sets. By the layout when not given; the long layout is a monitor's."`
	Half   string `enum:"a,b,all" default:"all" help:"Only one half of the patients, by a fixed draw of their ids: choose a policy on a, report it on b."`

	AfterLabel time.Duration `default:"6h" help:"How long a patient's labelled rows count after the first positive one."`

	Staff modelStaff `embed:"" prefix:"staff-"`

	chartPackage `embed:""`
	Scores       []string `help:"Charts to judge beside the policy's own." default:"news2,news,mews-subbe-2001,qsofa,sirs,sofa,rox,rox-hr,sf,si,msi"`
	Resamples    int      `default:"1000" help:"Bootstrap samples behind each interval."`
	Seed         uint64   `default:"1" help:"Of the bootstrap and of what the staff miss."`
	Workers      int      `help:"Patients driven at a time; 0: as many as there are processors. The result is the same."`
}

// modelStaff is how the staff of the run behave, since the recorded ones were never told.
type modelStaff struct {
	Accept  time.Duration `default:"2m" help:"Model of the staff: from being told to accepting."`
	Charted time.Duration `default:"8m" help:"Model of the staff: from being told to the nurse's charted set."`
	Bedside time.Duration `default:"10m" help:"Model of the staff: from being told to the bedside."`
	Close   time.Duration `default:"60m" help:"Model of the staff: how long the score is under the alerting bands before they close."`
	Plan    time.Duration `default:"0s" help:"Model of the staff: for how long a doctor at something high puts off its reviews by a plan in place; 0: never."`
	Miss    float64       `default:"0.1" help:"Model of the staff: the share of tellings, 0 to 1, that a role does not answer, so that the ladder climbs."`
}

// responder is the model; its draws are those of the run's seed.
func (s modelStaff) responder(seed uint64) (backtest.Responder, error) {
	if d := min(s.Accept, s.Charted, s.Bedside, s.Close, s.Plan); d < 0 {
		return backtest.Responder{}, fmt.Errorf("--staff-…: a time is negative (%v): write for example 2m", d)
	}
	if !(s.Miss >= 0 && s.Miss <= 1) {
		return backtest.Responder{}, fmt.Errorf("--staff-miss: %v is no share: write 0 (every telling is answered) to 1 (none is), for example 0.1", s.Miss)
	}
	return backtest.Responder{Accept: s.Accept, Set: s.Charted, Bedside: s.Bedside, Quiet: s.Close, Plan: s.Plan, Miss: s.Miss, Seed: seed}, nil
}

// Run tries the policies and writes the reports.
func (c *backtestCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	debug.SetGCPercent(400) // patients are read, driven and let go: a larger heap buys a quarter more rows a second
	r, err := c.run(ctx, newBar(os.Stderr))
	if err != nil {
		return err
	}
	if err := c.write(r); err != nil {
		return err
	}
	return summarise(os.Stdout, r)
}

func (c *backtestCmd) run(ctx context.Context, bar *bar) (*backtest.Report, error) {
	set, err := c.open(bar)
	if err != nil {
		return nil, err
	}
	r, err := c.measure(ctx, set.cases(c.Half), bar)
	bar.done()
	if err != nil {
		return nil, err
	}
	r.Set.Name, r.Set.Layout, r.Set.Event = setName(c.Data), set.rec.Layout(), c.event(set.rec.Layout())
	if c.Half != "all" {
		r.Set.Name += " (half " + c.Half + ")"
	}
	r.Set.Skipped = set.skipped()
	return r, nil
}

// measure drives the cases under every policy.
func (c *backtestCmd) measure(ctx context.Context, cases iter.Seq2[backtest.Case, error], bar *bar) (*backtest.Report, error) {
	lib, err := c.library()
	if err != nil {
		return nil, err
	}
	arms, err := c.arms(lib)
	if err != nil {
		return nil, err
	}
	staff, err := c.Staff.responder(c.Seed)
	if err != nil {
		return nil, err
	}
	o := backtest.Options{Responder: staff, Workers: c.Workers, Resamples: c.Resamples, Seed: c.Seed, AfterLabel: c.AfterLabel, Progress: bar.patients}
	for _, id := range c.Scores {
		found, ok := lib.Find(id)
		if !ok {
			return nil, fmt.Errorf("there is no chart %q: the charts are %s", id, strings.Join(lib.IDs(), ", "))
		}
		o.Charts = append(o.Charts, found)
	}
	return backtest.Run(ctx, cases, arms, o)
}

// arms are the policies, each with the desk that runs live.
func (c *backtestCmd) arms(lib *chart.Library) ([]backtest.Arm, error) {
	site := policy.Site{Charts: lib}
	if len(c.Policy) == 0 {
		p := policy.Default(site)
		return []backtest.Arm{armOf("default", &p)}, nil
	}
	var arms []backtest.Arm
	for _, file := range c.Policy {
		p, err := policy.Load(file, site)
		if err != nil {
			return nil, err
		}
		arms = append(arms, armOf(strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), &p))
	}
	return arms, nil
}

func armOf(name string, p *policy.Policy) backtest.Arm {
	return backtest.Arm{Name: name, Policy: &p.Scoring, NewDesk: func(stay *ward.Stay, committed func(*ward.Change)) (backtest.Desk, error) {
		desk, err := alerts.New(alerts.Options{
			Policy: p.Alerts, Book: &recordedBook{committed: committed},
			Stay: func(id ward.StayID) (ward.Stay, bool) { return *stay, id == stay.ID },
		})
		return recordedDesk{desk}, err
	}}
}

// recordedBook only passes on what the desk commits: a patient's desk lives as long as their run,
// and nothing is ever read back.
type recordedBook struct {
	committed func(*ward.Change)
	last      ward.Change // here, so that a commit needs no room of its own
}

func (b *recordedBook) Commit(_ context.Context, c ward.Change) error {
	b.last = c
	b.committed(&b.last)
	return nil
}

func (*recordedBook) OpenAlerts(context.Context) ([]ward.Alert, error) { return nil, nil }

func (*recordedBook) Positions(context.Context) (map[ward.Place]uint64, error) { return nil, nil }

// recordedDesk is the live desk as a backtest drives it. Its book never waits, so there is nothing
// to cancel.
type recordedDesk struct{ desk *alerts.Desk }

func (d recordedDesk) Observe(s *ward.Score, alarms []ward.DeviceAlarm) error {
	return d.desk.Observe(context.Background(), s, alarms)
}

func (d recordedDesk) Tick(now time.Time) error { return d.desk.Tick(context.Background(), now) }

func (d recordedDesk) Due() time.Time { return d.desk.Due() }

func (d recordedDesk) Act(x ward.Action) error {
	_, err := d.desk.Act(context.Background(), x)
	return err
}

func (d recordedDesk) Charted(o *ward.Observation, role ward.Role) error {
	return d.desk.Charted(context.Background(), *o, role)
}

// open opens the set under the source that was asked for.
func (c *backtestCmd) open(bar *bar) (*recordedSet, error) {
	o := recording.Options{Progress: bar.bytes}
	for _, source := range []ward.Source{ward.FromDevice, ward.Manual, ward.HIS} {
		if source.String() == c.Source {
			o.Source = &source
		}
	}
	return c.recordedFlags.open(o)
}

// cases yields the patients of one half, or all. A bad row is counted by the reader and left out.
func (s *recordedSet) cases(half string) iter.Seq2[backtest.Case, error] {
	return func(yield func(backtest.Case, error) bool) {
		for c, err := range s.rec.Patients(s.outcomes) {
			var bad *recording.RowError
			if errors.As(err, &bad) || err == nil && half != "all" && halfOf(string(c.ID)) != half {
				continue
			}
			if err != nil {
				yield(backtest.Case{}, err)
				return
			}
			if !yield(s.caseOf(&c), nil) {
				return
			}
		}
	}
}

// halfOf draws a patient into one of two halves.
func halfOf(id string) string {
	h := fnv.New32a()
	_, _ = io.WriteString(h, id)
	if h.Sum32()%2 == 0 {
		return "a"
	}
	return "b"
}

func (s *recordedSet) caseOf(c *recording.Case) backtest.Case {
	out := backtest.Case{
		ID: string(c.ID), AgeYears: c.Age, Sex: c.Sex, Followed: c.Outcome.Known, Event: c.Outcome.Event,
		EventAt: c.Outcome.At, End: c.Outcome.End, DayOne: s.days[c.ID], Rows: make([]backtest.Row, len(c.Rows)),
	}
	for i := range c.Rows {
		r := &c.Rows[i]
		out.Rows[i].Reading = r.Reading
		switch {
		case r.Label.Known && r.Label.Event:
			out.Rows[i].Label = backtest.Positive
		case r.Label.Known:
			out.Rows[i].Label = backtest.Negative
		}
	}
	if clockTimes(s.rec.Layout(), c) {
		out.Zone = hospitalZone()
	}
	if s.rec.Layout() == "cinc2019" { // a row stands for its hour
		out.End = out.End.Add(time.Hour)
	}
	return out
}

// clockTimes says whether a patient's times are those of a clock. The published tables count from
// each patient's admission, and so do bare numbers of the long layout: from 2000-01-01.
func clockTimes(layout string, c *recording.Case) bool {
	if layout != "long" || len(c.Rows) == 0 {
		return false
	}
	const longest = 5 // years from which a stay is no stay
	offsets := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	first := c.Rows[0].Reading.At
	return first.Before(offsets) || !first.Before(offsets.AddDate(longest, 0, 0))
}

// event is what the event of a layout is.
func (c *backtestCmd) event(layout string) string {
	switch {
	case c.Event != "":
		return c.Event
	case layout == "cinc2019":
		return "sepsis"
	case layout == "long":
		return "event"
	}
	return "death"
}
