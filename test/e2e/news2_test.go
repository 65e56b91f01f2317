//go:build e2e

package e2e

import (
	"math"
	"os"
	"path/filepath"
	"testing"
)

// This file is NEWS2 a second time, from the printed chart, with the carrying forward of charted
// values. It shares no code with the product.

// Limits by which the real-input test starts the server, fit for hourly charting, in milliseconds.
const (
	hour      = int64(3600_000)
	vitalsFor = 4 * hour
	slowFor   = 8 * hour // temperature, consciousness, oxygen
)

// hourly is the same for the server, as a policy. The rules that look for artefacts are off, and a value
// is taken as it came, not as the median of its minute: they are for monitors, and the second telling of NEWS2 here knows nothing of them.
func hourly(silence string) string {
	return `version: hourly-charting
scoring:
  silence: ` + silence + `
  stale:
    rr: {device: 4h, charted: 4h}
    spo2: {device: 4h, charted: 4h}
    hr: {device: 4h, charted: 4h}
    pr: {device: 4h, charted: 4h}
    sbp: {device: 4h, charted: 4h}
    temp: {device: 8h, charted: 8h}
    acvpu: {device: 8h, charted: 8h}
    o2_device: {device: 8h, charted: 8h}
    fio2: {device: 8h, charted: 8h}
    o2_flow: {device: 8h, charted: 8h}
  signal:
    window: 1s
    pressure_order: {off: true}
    pulse_mismatch: {off: true}
    sudden_fall: {off: true}
    cardiac: {off: true}
    stuck: {off: true}
    probe_off: {off: true}
    flush: {off: true}
    damped: {off: true}
`
}

// policyFile writes a policy where the server can read it.
func policyFile(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// believable is the range in which a value gives points (the documented policy default-5, adults).
var believable = map[string][2]float64{
	"hr": {15, 300}, "rr": {1, 80}, "spo2": {50, 100}, "sbp": {30, 300}, "temp": {25, 45},
	"fio2": {0.21, 1}, "o2_flow": {0, 80}, "acvpu": {0, 4}, "o2_device": {0, 8},
}

// known is the newest value of a vital.
type known struct {
	number float64
	at     int64 // Unix milliseconds
}

// bedside is what has been measured of one person so far.
type bedside map[string]known

// take keeps what is not older than what is there.
func (b bedside) take(values map[string]float64, at int64) {
	for vital, n := range values {
		if old, ok := b[vital]; !ok || at >= old.at {
			b[vital] = known{n, at}
		}
	}
}

func (b bedside) fresh(vital string, now, limit int64) (float64, bool) {
	k, ok := b[vital]
	r := believable[vital]
	if !ok || now > k.at+limit || k.number < r[0] || k.number > r[1] {
		return 0, false
	}
	return k.number, true
}

// oxygen is 1 on oxygen and 0 on air; unknown when nothing fresh says which.
func (b bedside) oxygen(now int64) (on float64, known bool) {
	device, hasDevice := b.fresh("o2_device", now, slowFor)
	if hasDevice && device != 0 {
		return 1, true
	}
	entered, everEntered := b["o2_device"]
	said := hasDevice
	for vital, air := range map[string]float64{"fio2": 0.21, "o2_flow": 0} {
		n, ok := b.fresh(vital, now, slowFor)
		said = said || ok
		if ok && n > air && (!everEntered || b[vital].at >= entered.at) {
			return 1, true
		}
	}
	return 0, said
}

// verdict is what the chart says at one moment.
type verdict struct {
	points     map[string]int // of the inputs that are known, by their names in the contract
	lowerBound int
	complete   bool
}

// band is the clinical risk: 0 low, 1 unknown, 2 low-medium, 3 medium, 4 high.
func (v verdict) band() int {
	single3 := false
	for _, p := range v.points {
		single3 = single3 || p == 3
	}
	switch {
	case v.lowerBound >= 7:
		return 4
	case v.lowerBound >= 5:
		return 3
	case single3:
		return 2
	case !v.complete:
		return 1
	}
	return 0
}

// printed is RCP NEWS2 chart 1, each row "up to this, these points"; temperature in tenths.
var printed = map[string][][2]float64{
	"rr":   {{8, 3}, {11, 1}, {20, 0}, {24, 2}, {math.Inf(1), 3}},
	"spo2": {{91, 3}, {93, 2}, {95, 1}, {math.Inf(1), 0}},
	"sbp":  {{90, 3}, {100, 2}, {110, 1}, {219, 0}, {math.Inf(1), 3}},
	"hr":   {{40, 3}, {50, 1}, {90, 0}, {110, 1}, {130, 2}, {math.Inf(1), 3}},
	"temp": {{350, 3}, {360, 1}, {380, 0}, {390, 1}, {math.Inf(1), 2}},
}

// news2 is the score at a moment, on SpO2 scale 1.
func (b bedside) news2(now int64) verdict {
	v := verdict{points: map[string]int{}}
	for input, rows := range printed {
		limit, scale := vitalsFor, 1.0
		if input == "temp" {
			limit, scale = slowFor, 10
		}
		n, ok := b.fresh(input, now, limit)
		if !ok {
			continue
		}
		n = math.Floor(n*scale + 0.5 + 1e-9) // half up
		for _, r := range rows {
			if n <= r[0] {
				v.points[input] = int(r[1])
				break
			}
		}
	}
	if on, ok := b.oxygen(now); ok {
		v.points["o2"] = 2 * int(on)
	}
	if level, ok := b.fresh("acvpu", now, slowFor); ok {
		v.points["consciousness"] = 3 * int(min(level, 1))
	}
	for _, p := range v.points {
		v.lowerBound += p
	}
	v.complete = len(v.points) == 7
	return v
}
