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
