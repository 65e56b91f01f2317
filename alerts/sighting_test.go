package alerts

import (
	"fmt"
	"testing"
	"time"

	"wardwatch/ward"
)

// TestMadeUpAlarmsAreBounded: a device that invents a new alarm a message fills neither its alert
// nor the book, and is heard all the same.
func TestMadeUpAlarmsAreBounded(t *testing.T) {
	r := newRig(t, Default("webhook"))
	now := clock("08:00:00")
	for i := range 500 {
		now = now.Add(time.Second)
		alarms := []ward.DeviceAlarm{{Code: fmt.Sprint("made-up-", i), Priority: ward.MediumPriority, On: true}}
		if i == 499 {
			alarms[0].Priority = ward.HighPriority
		}
		r.observe(complete(now, 0), alarms...)
	}
	open := r.desk.Open()
	if len(open) != 1 || len(open[0].Causes) != maxAlarmCauses+1 {
		t.Fatalf("%d alerts, %d causes", len(open), len(open[0].Causes))
	}
	if open[0].Band != ward.High {
		t.Error("a high alarm among the others was not heard")
	}
	if n := len(r.desk.byID[open[0].ID].heard); n > maxAlarmCauses+1 {
		t.Errorf("%d alarms are remembered", n)
	}
	if r.book.commits > 2*maxAlarmCauses {
		t.Errorf("%d commits for one alert", r.book.commits)
	}
}

// TestTwoMonitorsAtOneBed: the monitor of the person admitted to a bed finds them well, each
// second; another, which nobody has confirmed there, goes on with its alarm. Two people may share a
// bed, so the first does not silence the second.
func TestTwoMonitorsAtOneBed(t *testing.T) {
	r := newRig(t, Default("webhook"))
	at := clock("08:00:00")
	other := func() ward.Score { s := complete(at, 0); s.Stay = ""; return s }
	asystole := ward.DeviceAlarm{Code: "asystole", Priority: ward.HighPriority, On: true}
	for range 600 {
		at = at.Add(time.Second)
		r.observe(other(), asystole)
		r.observe(complete(at, 0))
	}
	open := r.desk.Open()
	if len(open) != 1 || open[0].Stay != "" || open[0].Raised.Sub(clock("08:00:01")) > time.Second {
		t.Fatalf("the other's alarm was closed by the first's good values: %+v", open)
	}
	for range 150 { // the second monitor is taken away
		at = at.Add(time.Second)
		r.observe(complete(at, 0))
	}
	if open := r.desk.Open(); len(open) != 0 {
		t.Errorf("still open long after it fell silent: %+v", open)
	}
}

// TestLosingAnInputIsNoRecovery: five points wait out their persistence; an input is lost, something
// else begins, and it goes on so. They are not known to be over, so people are told of them.
func TestLosingAnInputIsNoRecovery(t *testing.T) {
	r := newRig(t, Default("webhook"))
	at := clock("08:00:00")
	r.observe(complete(at, 5))
	limit := ward.Flag{Code: "limit:hr:high", Band: ward.Medium, Due: at.Add(time.Hour)}
	for i := range 10 {
		s := withFlags(at, limit)
		s.Complete, s.LowerBound, s.Parts[0].State, s.Band = false, 2, ward.Stale, ward.Unknown
		s.At = at.Add(time.Duration(i+1) * time.Second)
		r.observe(s)
	}
	r.tick(at.Add(2 * time.Minute))
	if a := r.desk.Open()[0]; a.State != ward.Active || !hasCause(&a, "news2") || a.Points != 5 {
		t.Errorf("%s, %d points: %+v", a.State, a.Points, a.Causes)
	}
}
