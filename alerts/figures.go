package alerts

import (
	"wardwatch/ward"
)

// counts only rise. They belong to the desk's lock.
type counts struct {
	raised  map[ward.AlertKind]int
	told    map[ward.AlertKind]int
	notices int
	climbed int
	brief   int // candidates that did not persist
	failed  int
}

func newCounts() counts {
	return counts{raised: map[ward.AlertKind]int{}, told: map[ward.AlertKind]int{}}
}

func (c *counts) add(change *ward.Change) {
	if change.Alert.Version == 1 {
		c.raised[change.Alert.Kind]++
	}
	c.notices += len(change.Notices)
	for _, e := range change.Audit {
		switch e.Deed {
		case "alert.tell":
			c.told[change.Alert.Kind]++
		case "alert.escalate":
			c.climbed++
		}
	}
}

// Figures are the desk's numbers for /metrics.
func (d *Desk) Figures() []ward.Figure {
	d.mu.Lock()
	defer d.mu.Unlock()
	open := map[ward.AlertState]int{}
	for _, e := range d.byID {
		open[e.a.State]++
	}
	var out []ward.Figure
	for _, s := range []ward.AlertState{ward.Candidate, ward.Active, ward.Delivered, ward.Seen, ward.Accepted, ward.AtBedside, ward.Snoozed, ward.Suppressed} {
		out = append(out, ward.Figure{Name: "wardwatch_alerts_open", Help: "Alerts that have not ended.", Label: "state", Of: string(s), Gauge: true, Value: float64(open[s])})
	}
	closed, cooling := d.pastCauses()
	for state, n := range map[string]int{"closed": closed, "cooling": cooling} {
		out = append(out, ward.Figure{Name: "wardwatch_alerts_known", Help: "Causes that call nobody for now: closed by a person while they stand, or over and cooling.", Label: "state", Of: state, Gauge: true, Value: float64(n)})
	}
	for _, k := range []ward.AlertKind{ward.Clinical, ward.DeviceRaise, ward.Technical} {
		out = append(out,
			ward.Figure{Name: "wardwatch_alerts_raised_total", Help: "Alerts raised; a crossing that did not last is none.", Label: "kind", Of: string(k), Value: float64(d.counts.raised[k])},
			ward.Figure{Name: "wardwatch_alerts_told_total", Help: "Times that a rung was told.", Label: "kind", Of: string(k), Value: float64(d.counts.told[k])})
	}
	return append(out,
		ward.Figure{Name: "wardwatch_alerts_notices_total", Help: "Notices promised.", Value: float64(d.counts.notices)},
		ward.Figure{Name: "wardwatch_alerts_brief_total", Help: "Crossings that did not last, and told nobody.", Value: float64(d.counts.brief)},
		ward.Figure{Name: "wardwatch_alerts_climbed_total", Help: "Times that an alert climbed because nobody came, declined or could be reached.", Value: float64(d.counts.climbed)},
		ward.Figure{Name: "wardwatch_alerts_commit_failures_total", Help: "Decisions that the book could not write and that were tried again.", Value: float64(d.counts.failed)},
	)
}
