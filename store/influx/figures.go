package influx

import "wardwatch/ward"

// counts are what the forwarder has done since it was started.
type counts struct {
	lines, requests, retries, setup, quarantined, givenUp uint64
	cursorFailed                                          bool
}

// Figures are the forwarder's counters and its lag.
func (f *Forwarder) Figures() []ward.Figure {
	behind, age, trouble := f.Lag()
	f.mu.Lock()
	c := f.state.counts
	f.mu.Unlock()
	up := 1.0
	if trouble != nil {
		up = 0
	}
	return []ward.Figure{
		{Name: "wardwatch_influx_lines_total", Help: "Lines that InfluxDB took.", Value: float64(c.lines)},
		{Name: "wardwatch_influx_requests_total", Help: "Write requests that InfluxDB took.", Value: float64(c.requests)},
		{Name: "wardwatch_influx_failures_total", Help: "Write requests that failed and are tried again.", Label: "kind", Of: "server", Value: float64(c.retries)},
		{Name: "wardwatch_influx_failures_total", Help: "Write requests that failed and are tried again.", Label: "kind", Of: "setup", Value: float64(c.setup)},
		{Name: "wardwatch_influx_quarantined_total", Help: "Lines that InfluxDB refused, in the quarantine file.", Value: float64(c.quarantined)},
		{Name: "wardwatch_influx_quarantine_files_dropped_total", Help: "Full quarantine files that made room for newer lines.", Value: float64(c.givenUp)},
		{Name: "wardwatch_influx_behind_bytes", Help: "Distance from the forwarder's cursor to the journal's end.", Gauge: true, Value: float64(behind)},
		{Name: "wardwatch_influx_lag_seconds", Help: "How long the oldest record that InfluxDB lacks has waited.", Gauge: true, Value: age.Seconds()},
		{Name: "wardwatch_influx_up", Help: "1 when the last write went well.", Gauge: true, Value: up},
	}
}
