package backtest

import (
	"fmt"
	"time"

	"wardwatch/ward"
)

// simpleDesk stands in for the live one: it tells when a band has lasted two minutes, tells again
// when it rises, and ends when the score is low. What it hears and what people do is kept.
type simpleDesk struct {
	committed func(*ward.Change)
	a         ward.Alert
	due       time.Time
	scores    []ward.Score
	deeds     []string
	fail      error
}

func (d *simpleDesk) Observe(s *ward.Score, _ []ward.DeviceAlarm) error {
	d.scores = append(d.scores, *s)
	switch {
	case s.Band < ward.LowMedium:
		d.due = time.Time{}
		if d.a.ID != "" {
			d.a.State = ward.Resolved
			d.commit()
			d.a = ward.Alert{}
		}
	case s.Band > d.a.Band && d.due.IsZero():
		d.due = s.At.Add(2 * time.Minute)
	}
	return d.fail
}

func (d *simpleDesk) commit() { d.committed(&ward.Change{Alert: d.a}) }

func (d *simpleDesk) Tick(now time.Time) error {
	if d.due.IsZero() || now.Before(d.due) {
		return nil
	}
	last := d.scores[len(d.scores)-1]
	d.due = time.Time{}
	if d.a.ID == "" {
		d.a = ward.Alert{ID: ward.AlertID(fmt.Sprint(now.Unix())), Kind: ward.Clinical}
	}
	d.a.State, d.a.Level, d.a.Told, d.a.Band = ward.Active, 1, now, last.Band
	d.a.Duties = []ward.Duty{{Role: ward.RoleNurse, Level: 1, Told: now}}
	d.a.Causes = []ward.Cause{{Code: last.Chart, Band: last.Band, Told: last.Band}}
	d.commit()
	return nil
}

func (d *simpleDesk) Due() time.Time { return d.due }

func (d *simpleDesk) Act(x ward.Action) error {
	d.deeds = append(d.deeds, fmt.Sprintf("%s %s", x.At.Format("15:04:05"), x.Do))
	return nil
}

func (d *simpleDesk) Charted(o *ward.Observation, role ward.Role) error {
	d.deeds = append(d.deeds, fmt.Sprintf("%s set by %s", o.At.Format("15:04:05"), role))
	return nil
}
