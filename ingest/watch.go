package ingest

import (
	"sync"
	"time"

	"wardwatch/devices"
	"wardwatch/ward"
)

// When a state of concern begins and ends. Ours.
const (
	poisonAfter = 5                // messages in a row without anything usable
	reuseEnds   = 10 * time.Minute // without another reuse
)

// concerns reports each state once when it begins and once when it ends.
type concerns struct {
	report func(code string, bad bool, p ward.Place, d ward.DeviceID, detail string)
	mu     sync.Mutex
	link   map[string]bool
}

// set reports a state of the whole, when it changed.
func (c *concerns) set(code string, bad bool, p ward.Place, d ward.DeviceID, detail string) {
	c.mu.Lock()
	if c.link == nil {
		c.link = map[string]bool{}
	}
	changed := c.link[code] != bad
	c.link[code] = bad
	c.mu.Unlock()
	if changed {
		c.report(code, bad, p, d, detail)
	}
}

// admit asks the journal whether r is new, and watches for numbers used twice.
func (a *accepter) admit(dev *device, r *ward.Reading) bool {
	repeat, reused := a.journal.Admit(r)
	if repeat {
		a.count.repeats.Add(1)
		return false
	}
	switch {
	case reused:
		a.count.reused.Add(1)
		if dev.reusing.IsZero() {
			a.concern.report(SeqReuse, true, r.Place, r.Device, "the device sends other content under a number it has used; it may be cloned or restart without a new boot id")
		}
		dev.reusing = r.Arrived
	case !dev.reusing.IsZero() && r.Arrived.Sub(dev.reusing) > reuseEnds:
		dev.reusing = time.Time{}
		a.concern.report(SeqReuse, false, r.Place, r.Device, "")
	}
	return true
}

// watchClock reports a device whose clock became impossible or usable again.
func (a *accepter) watchClock(dev *device, r *ward.Reading) {
	impossible := r.Clock == ward.ClockImpossible
	if impossible == dev.impossible {
		return
	}
	dev.impossible = impossible
	detail := ""
	if impossible {
		detail = "the device's clock says " + r.Taken.Format(time.RFC3339) + "; the time of arrival is used"
	}
	a.concern.report(ClockImpossible, impossible, r.Place, r.Device, detail)
}

// usable watches for places from which nothing usable comes.
func (a *accepter) usable(src *source, good bool) {
	if good {
		if src.refused >= poisonAfter {
			a.concern.report(PoisonDevice, false, src.place, "", "")
		}
		src.refused = 0
		return
	}
	if src.refused++; src.refused == poisonAfter {
		a.concern.report(PoisonDevice, true, src.place, "", "nothing in its last messages could be used; see the quarantine")
	}
}

// refuse counts a fault and puts the message into quarantine, within the share of one message.
func (a *accepter) refuse(t *taken, d *delivery, id ward.DeviceID, f *devices.Fault, kept int) {
	a.count.refused(f.Reason)
	if kept >= rejectsAMessage {
		return
	}
	payload := d.message.Payload()
	t.rejects = append(t.rejects, ward.Reject{
		At: d.arrived, Topic: d.message.Topic(), Device: id,
		Reason: f.Reason, Message: f.Error(), Payload: payload[:min(len(payload), rejectBytes)],
	})
}
