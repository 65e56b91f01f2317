package backtest

import (
	"fmt"
	"math"
	"time"

	"wardwatch/scoring"
	"wardwatch/scoring/backtest/stat"
	"wardwatch/ward"
)

// tick is how often a live server looks at the clock. The backtest jumps over the seconds in which
// nothing is due, and so comes to the same moments.
const tick = time.Second

// driver drives patients, one at a time. It belongs to one goroutine.
type driver struct {
	arms   []Arm
	scales []scale
	o      Options
	ear    listener
	staff  staff
	room   []tally
	bins   []bin
	whole  []bool // by scale: no input is missing
}

func newDriver(arms []Arm, o Options) *driver {
	d := &driver{arms: arms, o: o, scales: scalesOf(o.Charts)}
	d.room = make([]tally, len(d.scales))
	d.bins, d.whole = make([]bin, len(d.scales)), make([]bool, len(d.scales))
	return d
}

// drive takes one case through every arm.
func (d *driver) drive(c *Case) (patient, error) {
	p := d.facts(c)
	stay := c.stay()
	p.dayOne = d.dayOne(c)
	for i := range d.arms {
		r := run{d: d, c: c, p: &p, arm: &d.arms[i], stay: stay, wake: scoring.Never}
		t, err := r.all()
		if err != nil {
			return patient{}, fmt.Errorf("policy %s: %w", d.arms[i].Name, err)
		}
		p.tracks = append(p.tracks, t)
	}
	return p, nil
}

// facts is what the case itself says.
func (d *driver) facts(c *Case) patient {
	p := patient{
		id: c.ID, age: c.AgeYears, sex: c.Sex, followed: c.Followed, event: c.Event, timed: !c.EventAt.IsZero(),
		eventAt: c.EventAt, days: c.End.Sub(c.Start).Hours() / 24, rows: len(c.Rows), clock: c.Zone != nil,
	}
	if p.clock {
		p.nights = nightsBetween(c.Start, c.End, c.Zone)
	}
	if !p.timed {
		p.eventAt = c.End
	}
	until := d.labelsEnd(c)
	for i := range c.Rows {
		for _, v := range c.Rows[i].Reading.Values {
			p.values[v.Vital]++
		}
		if l := c.Rows[i].Label; l != Unlabelled && c.Rows[i].Reading.Arrived.Before(until) {
			p.labelled++
			if l == Positive {
				p.positive++
			}
		}
	}
	return p
}

// run is one case under one arm.
type run struct {
	d    *driver
	c    *Case
	p    *patient
	arm  *Arm
	stay *ward.Stay

	desk   Desk
	state  scoring.State
	score  ward.Score
	wake   int64
	now    time.Time // of the last thing that happened
	ticked time.Time // of the last look at the clock
	meter  meter
	track  track
}

func (r *run) all() (track, error) {
	d := r.d
	d.staff.reset(d.o.Responder, r.stay.ID)
	d.ear.reset(&d.staff, r.c.Zone)
	for i := range d.room {
		d.room[i].clear()
	}
	var err error
	if r.desk, err = r.arm.NewDesk(r.stay, d.ear.committed); err != nil {
		return track{}, fmt.Errorf("making the desk: %w", err)
	}
	r.state = scoring.State{Stay: r.stay.ID}
	r.meter = meter{t: &r.track, p: r.p}
	r.track.last, r.track.worst = noBins(len(d.scales)), noBins(len(d.scales))
	r.track.judged, r.track.lower = make([]int32, len(d.scales)), make([]int32, len(d.scales))
	until := d.labelsEnd(r.c)
	for i := range r.c.Rows {
		row := &r.c.Rows[i]
		if err := r.row(row, until); err != nil {
			return track{}, err
		}
	}
	if err := r.until(r.c.End); err != nil {
		return track{}, err
	}
	r.meter.pass(r.c.End)
	for i := range d.room {
		r.track.rowCells = append(r.track.rowCells, d.room[i].cells())
	}
	r.track.alerts, r.track.escalations, r.track.reviews = append([]alert(nil), d.ear.alerts...), d.ear.escalations, d.ear.reviews
	r.track.load = d.ear.load
	return r.track, nil
}

// row brings one row in at its time.
func (r *run) row(row *Row, labelsEnd time.Time) error {
	reading := &row.Reading
	if err := r.until(reading.Arrived); err != nil {
		return err
	}
	measured := len(reading.Values) > 0 || len(reading.Alarms) > 0
	if reading.Late && reading.Source == ward.FromDevice { // history, which the engine never scores
		measured = false
	}
	if measured {
		if err := r.step(reading, reading.Arrived); err != nil {
			return err
		}
	}
	labelled := row.Label != Unlabelled && reading.Arrived.Before(labelsEnd)
	if before := measured && r.p.before(reading.Arrived); labelled || before {
		r.judge(row, labelled, before)
	}
	return nil
}

// judge notes what every scale says at a row.
func (r *run) judge(row *Row, labelled, before bool) {
	r.evaluate(row.Reading.Arrived)
	t := &r.track
	for i, b := range r.d.bins {
		if b == noBin {
			continue
		}
		t.judged[i]++
		if !r.d.whole[i] {
			t.lower[i]++
		}
		if before {
			t.last[i] = b
			t.worst[i] = max(t.worst[i], b)
		}
		if labelled {
			r.d.room[i].add(b, row.Label == Positive)
		}
	}
}

// until lets time pass up to, and not including, a moment: values go stale, the desk's deadlines
// fire, the staff act.
func (r *run) until(end time.Time) error {
	for {
		next := r.next()
		if next.IsZero() || !next.Before(end) {
			return nil
		}
		if next.UnixMilli() >= r.wake {
			if err := r.step(nil, next); err != nil {
				return err
			}
		}
		if err := r.desk.Tick(next); err != nil {
			return err
		}
		if err := r.d.staff.act(r.desk, next); err != nil {
			return err
		}
		r.now, r.ticked = next, next
	}
}

// next is the first tick of the clock at which anything is due; zero: nothing waits.
func (r *run) next() time.Time {
	due := earlier(r.desk.Due(), r.d.staff.due())
	if r.wake != scoring.Never {
		due = earlier(due, time.UnixMilli(r.wake).UTC())
	}
	if due.IsZero() {
		return due
	}
	if whole := due.Truncate(tick); whole.Before(due) {
		due = whole.Add(tick)
	}
	if due.Before(r.now) { // it was due before what has been read since
		due = r.now.Add(tick - 1).Truncate(tick)
	}
	if !due.After(r.ticked) {
		due = r.ticked.Add(tick)
	}
	return due
}

// step scores one reading, or the passing of time, and shows it to the desk.
func (r *run) step(reading *ward.Reading, at time.Time) error {
	r.state, r.score, r.wake = scoring.Step(r.arm.Policy, r.stay, r.state, reading, at)
	r.score.Place = r.c.Rows[0].Reading.Place
	r.now = at
	r.meter.score(&r.score)
	r.d.staff.scored(r.score.Band, at)
	var alarms []ward.DeviceAlarm
	if reading != nil {
		alarms = reading.Alarms
	}
	return r.desk.Observe(&r.score, alarms)
}

// labelsEnd is when a case's rows stop counting; never for a case without a positive row.
func (d *driver) labelsEnd(c *Case) time.Time {
	for i := range c.Rows {
		if c.Rows[i].Label == Positive {
			return c.Rows[i].Reading.Arrived.Add(d.o.AfterLabel)
		}
	}
	return time.Unix(math.MaxInt32, 0)
}

// tally counts one scale's labelled rows of one patient by bin.
type tally struct {
	pos, neg [valueBins]uint32
	met      []bin // those with a count, in the order met
}

func (t *tally) clear() {
	for _, b := range t.met {
		t.pos[b], t.neg[b] = 0, 0
	}
	t.met = t.met[:0]
}

func (t *tally) add(b bin, positive bool) {
	if t.pos[b]+t.neg[b] == 0 {
		t.met = append(t.met, b)
	}
	if positive {
		t.pos[b]++
	} else {
		t.neg[b]++
	}
}

func (t *tally) cells() []stat.Cell {
	out := make([]stat.Cell, len(t.met))
	for i, b := range t.met {
		out[i] = stat.Cell{Bin: uint16(b), Pos: t.pos[b], Neg: t.neg[b]}
	}
	return out
}
