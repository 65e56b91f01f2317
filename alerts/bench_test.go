package alerts

import (
	"context"
	"fmt"
	"testing"
	"time"

	"wardwatch/ward"
)

// condition is a bed where nothing new happens.
type condition struct {
	name   string
	points int
	care   ward.CareStatus
	alarms []ward.DeviceAlarm
	flags  int
	closed bool // by a person, while it stands
}

var quiet = []condition{
	{name: "calm", points: 1},
	{name: "plateau of an open alert", points: 8},
	{name: "suppressed", points: 8, care: ward.ComfortCare},
	{name: "alarm repeated every second", points: 8, alarms: []ward.DeviceAlarm{{Code: "asystole", Priority: ward.HighPriority, On: true}}},
	{name: "six flags that stand", points: 8, flags: 6},
	{name: "six flags and a score closed while they stand", points: 5, flags: 6, closed: true},
}

// observer is a desk with one bed in a given condition.
func (c condition) observer(t testing.TB) (*rig, ward.Score) {
	r := newRig(t, Default("webhook"))
	r.stays["s1"] = ward.Stay{ID: "s1", Place: bed7}
	at := clock("08:00:00")
	score := func(at time.Time) ward.Score {
		s := complete(at, c.points)
		codes := [...]string{"limit:spo2:low", "limit:hr:high", "limit:rr:high", "oxygen_rise", "oxygen_device", "scale2_review"}
		for i := range c.flags {
			s.Flags[i] = ward.Flag{Code: codes[i], Band: ward.Medium, Since: clock("08:00:00"), Due: clock("08:00:00")}
		}
		s.NFlags = c.flags
		return s
	}
	r.observe(score(at), c.alarms...)
	r.tick(at.Add(3 * time.Minute))
	if c.closed {
		if err := r.act(ward.DoResolve, at.Add(3*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	r.stays["s1"] = ward.Stay{ID: "s1", Place: bed7, Care: ward.Care{Status: c.care, Since: at}}
	s := score(at.Add(4 * time.Minute))
	r.observe(s, c.alarms...)
	return r, s
}

// TestNothingNewCostsNothing: no write, no allocation.
func TestNothingNewCostsNothing(t *testing.T) {
	for _, c := range quiet {
		t.Run(c.name, func(t *testing.T) {
			r, s := c.observer(t)
			commits := r.book.commits
			n := testing.AllocsPerRun(100, func() {
				s.Position++
				if err := r.desk.Observe(context.Background(), &s, c.alarms); err != nil {
					t.Fatal(err)
				}
			})
			if n != 0 || r.book.commits != commits {
				t.Errorf("%v allocations and %d commits", n, r.book.commits-commits)
			}
		})
	}
}

func BenchmarkObserve(b *testing.B) {
	for _, c := range quiet {
		b.Run(c.name, func(b *testing.B) {
			r, s := c.observer(b)
			ctx := context.Background()
			b.ReportAllocs()
			for b.Loop() {
				s.Position++
				if err := r.desk.Observe(ctx, &s, c.alarms); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkTick with 1,000 open alerts and nothing due.
func BenchmarkTick(b *testing.B) {
	r := newRig(b, Default("webhook"))
	at := clock("08:00:00")
	for i := range 1000 {
		s := complete(at, 8)
		s.Stay, s.Place.Bed = ward.StayID(fmt.Sprint("s", i)), ward.BedID(fmt.Sprint(i))
		r.observe(s)
	}
	r.tick(at.Add(2 * time.Minute))
	r.tick(at.Add(2*time.Minute + time.Second))
	b.ReportAllocs()
	for b.Loop() {
		r.tick(at.Add(3 * time.Minute))
	}
}
