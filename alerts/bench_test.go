package alerts

import (
	"context"
	"fmt"
	"testing"
	"time"

	"wardwatch/ward"
)

// observer is a desk with one bed in a given condition.
func observer(t testing.TB, points int, care ward.CareStatus, alarms []ward.DeviceAlarm) (*rig, ward.Score) {
	r := newRig(t, Default("webhook"))
	r.stays["s1"] = ward.Stay{ID: "s1", Place: bed7}
	at := clock("08:00:00")
	r.observe(complete(at, points), alarms...)
	r.tick(at.Add(3 * time.Minute))
	r.stays["s1"] = ward.Stay{ID: "s1", Place: bed7, Care: ward.Care{Status: care}}
	s := complete(at.Add(4*time.Minute), points)
	r.observe(s, alarms...)
	return r, s
}

var quiet = []struct {
	name   string
	points int
	care   ward.CareStatus
	alarms []ward.DeviceAlarm
}{
	{"calm", 1, ward.FullCare, nil},
	{"plateau of an open alert", 8, ward.FullCare, nil},
	{"suppressed", 8, ward.ComfortCare, nil},
	{"alarm repeated every second", 8, ward.FullCare, []ward.DeviceAlarm{{Code: "asystole", Priority: ward.HighPriority, On: true}}},
}

// TestNothingNewCostsNothing: no write, no allocation.
func TestNothingNewCostsNothing(t *testing.T) {
	for _, c := range quiet {
		t.Run(c.name, func(t *testing.T) {
			r, s := observer(t, c.points, c.care, c.alarms)
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
			r, s := observer(b, c.points, c.care, c.alarms)
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
