package signal

import (
	"math"
	"time"

	"wardwatch/ward"
)

// Memory is what the rules remember of one person's device between readings. It is a plain value
// of fixed size; times are Unix ms, 0: not so.
type Memory struct {
	Windows [numWindowed]Window

	Mismatch int64   // since when the rates of ECG and oximeter disagree
	Cardiac  int64   // since when the respiratory rate follows the heart
	Fall     int64   // until when a fallen saturation is suspect
	FallFrom float64 // what it fell from, %
	Temp     float64 // highest believed temperature of the last minute, °C
	TempAt   int64
	Probe    int64 // since when the temperature is suspect
	Pressure int64 // time of the last pressure: those of a line follow one another quickly
}

// The vitals of a device that are taken as the median of a window.
const (
	windowHR = iota
	windowPR
	windowRR
	windowSpO2
	numWindowed
)

func windowOf(v ward.Vital) int {
	switch v {
	case ward.HR:
		return windowHR
	case ward.PR:
		return windowPR
	case ward.RR:
		return windowRR
	case ward.SpO2:
		return windowSpO2
	}
	return -1
}

// Windowed reports whether a vital of a device is taken as the median of a window.
func Windowed(v ward.Vital) bool { return windowOf(v) >= 0 }

// Bounds of what belongs together; proposals of ours.
const (
	together = 10 * time.Second // rates this close in time speak of the same moment
	lineGap  = 30 * time.Second // no cuff measures again so soon: pressures closer than this come from a line
)

// Possible judges a value by itself: the word of its sender, and what is possible at an age in
// months. It is all that is asked of what a person charted.
func (r *Rules) Possible(months int, v *ward.Value) ward.Doubt {
	return possible(r.ranges(months), v)
}

func possible(ranges *[ward.NumVitals]Range, v *ward.Value) ward.Doubt {
	if v.Quality != ward.Good {
		return ward.PoorSignal
	}
	if ranges != nil && !ranges[v.Vital].Holds(v.Number) {
		return ward.OutOfRange
	}
	return ward.Believed
}

// Judge finds the doubt about each value of a device's reading, and remembers what the rules need
// for the next. The values must not be older than those of the reading before.
func (r *Rules) Judge(m *Memory, months int, values []ward.Value) (doubts [ward.NumVitals]ward.Doubt) {
	var at [ward.NumVitals]*ward.Value
	ranges := r.ranges(months)
	for i := range values {
		v := &values[i]
		at[v.Vital] = v
		doubts[v.Vital] = possible(ranges, v)
	}
	r.judgePressures(m, &at, &doubts)
	r.judgeRates(m, &at, &doubts)
	r.judgeSaturation(m, &at, &doubts)
	if t := at[ward.Temp]; t != nil && doubts[ward.Temp] == ward.Believed {
		doubts[ward.Temp] = r.judgeTemperature(m, t)
	}
	return doubts
}

type (
	present = [ward.NumVitals]*ward.Value
	judged  = [ward.NumVitals]ward.Doubt
)

// suspect doubts a value that is there and has no doubt yet.
func suspect(d *judged, at *present, why ward.Doubt, vitals ...ward.Vital) {
	for _, v := range vitals {
		if at[v] != nil && d[v] == ward.Believed {
			d[v] = why
		}
	}
}

// judgePressures looks at the pressures of one measurement together.
func (r *Rules) judgePressures(m *Memory, at *present, d *judged) {
	s, dia, mean := at[ward.SBP], at[ward.DBP], at[ward.MAP]
	newest := newestOf(s, dia, mean)
	if newest == 0 {
		return
	}
	gap := newest - m.Pressure
	line := m.Pressure != 0 && gap > 0 && gap <= lineGap.Milliseconds()
	if gap > 0 {
		m.Pressure = newest
	}
	if f := &r.Flush; line && !f.Off && (over(s, f.SBPOver) || over(mean, f.MAPOver)) {
		for _, v := range [...]ward.Vital{ward.SBP, ward.DBP, ward.MAP} {
			if at[v] != nil {
				d[v] = ward.LineFlush
			}
		}
		return
	}
	paired := s != nil && dia != nil && s.At.Equal(dia.At)
	if p := &r.Damped; line && !p.Off && paired && s.Number > dia.Number && s.Number-dia.Number < p.MaxPulse {
		if mid := (s.Number + 2*dia.Number) / 3; mid >= p.MAPMin && mid <= p.MAPMax { // damping keeps the mean
			suspect(d, at, ward.LineDamped, ward.SBP, ward.DBP)
			return
		}
	}
	o := &r.PressureOrder
	if o.Off {
		return
	}
	if paired && s.Number-dia.Number < o.MinPulse || outOfOrder(dia, mean) || outOfOrder(mean, s) {
		suspect(d, at, ward.PressureOrder, ward.SBP, ward.DBP, ward.MAP)
	}
}

func newestOf(values ...*ward.Value) (ms int64) {
	for _, v := range values {
		if v != nil {
			ms = max(ms, v.At.UnixMilli())
		}
	}
	return ms
}

func over(v *ward.Value, limit float64) bool { return v != nil && v.Number > limit }

// outOfOrder reports whether two pressures of one measurement are not in rising order.
func outOfOrder(low, high *ward.Value) bool {
	return low != nil && high != nil && low.At.Equal(high.At) && low.Number >= high.Number
}

// judgeRates compares the rates with each other and with time.
func (r *Rules) judgeRates(m *Memory, at *present, d *judged) {
	for _, v := range [...]ward.Vital{ward.HR, ward.PR, ward.RR, ward.SpO2} {
		if at[v] != nil && r.stuck(&m.Windows[windowOf(v)], at[v]) {
			suspect(d, at, ward.StuckValue, v)
		}
	}
	hr, hrAt, hasHR := m.rate(ward.HR, at, d)
	if p := &r.PulseMismatch; !p.Off && (at[ward.HR] != nil || at[ward.PR] != nil || at[ward.SpO2] != nil) {
		pr, prAt, hasPR := m.rate(ward.PR, at, d)
		apart := math.Abs(hr - pr)
		differ := hasHR && hasPR && abs(hrAt-prAt) <= together.Milliseconds() && (apart > p.Share*hr || apart > p.Beats)
		m.Mismatch = since(m.Mismatch, differ, max(hrAt, prAt))
	}
	if rr := at[ward.RR]; rr != nil && !r.Cardiac.Off {
		c, t := &r.Cardiac, rr.At.UnixMilli()
		follows := hasHR && abs(t-hrAt) <= together.Milliseconds() && math.Abs(rr.Number-hr) <= c.Share*hr
		m.Cardiac = since(m.Cardiac, follows, t)
		if m.Cardiac != 0 && t-m.Cardiac > c.For.Milliseconds() {
			suspect(d, at, ward.CardiacArtefact, ward.RR)
		}
	}
}

// since keeps the beginning of what is so, and forgets it once it is not.
func since(began int64, so bool, now int64) int64 {
	switch {
	case !so:
		return 0
	case began == 0:
		return now
	}
	return began
}

func abs(x int64) int64 { return max(x, -x) }

// rate is a rate as the reading has it, or as it was last seen.
func (m *Memory) rate(v ward.Vital, at *present, d *judged) (number float64, ms int64, ok bool) {
	if x := at[v]; x != nil {
		return x.Number, x.At.UnixMilli(), d[v] == ward.Believed
	}
	w := &m.Windows[windowOf(v)]
	return float64(w.Last) / perUnit, w.Newest, w.Newest != 0 && w.Newest == w.Good
}

func (r *Rules) stuck(w *Window, v *ward.Value) bool {
	x, t := thousandths(v.Number), v.At.UnixMilli()
	if r.Stuck.Off || w.Newest == 0 || x != w.Last || x%perUnit == 0 || t-w.Newest >= r.Window.Milliseconds() {
		return false
	}
	return t-w.Flat > r.Stuck.After.Milliseconds()
}

// judgeSaturation suspects a saturation whose pulse does not agree, or that fell too fast.
func (r *Rules) judgeSaturation(m *Memory, at *present, d *judged) {
	v := at[ward.SpO2]
	if v == nil || d[ward.SpO2] != ward.Believed {
		return
	}
	t := v.At.UnixMilli()
	if p := &r.PulseMismatch; !p.Off && m.Mismatch != 0 && t-m.Mismatch > p.For.Milliseconds() && t-m.Mismatch <= p.Most.Milliseconds() {
		d[ward.SpO2] = ward.PulseMismatch
		return
	}
	f := &r.SuddenFall
	if f.Off {
		return
	}
	if m.Fall != 0 && (t >= m.Fall || m.FallFrom-v.Number <= f.Points) {
		m.Fall = 0 // it lasted, or it has recovered
	}
	w := &m.Windows[windowSpO2]
	if m.Fall == 0 {
		high, ok := w.highest(t, f.Within.Milliseconds())
		if !ok || high-v.Number <= f.Points || !w.poor(t, f.Within.Milliseconds()) {
			return
		}
		m.Fall, m.FallFrom = t+f.For.Milliseconds(), high
	}
	d[ward.SpO2] = ward.SuddenFall
}

// judgeTemperature suspects a fall that is too fast, until it has recovered or lasted.
func (r *Rules) judgeTemperature(m *Memory, v *ward.Value) ward.Doubt {
	p, t := &r.ProbeOff, v.At.UnixMilli()
	fell := m.TempAt != 0 && m.Temp-v.Number > p.Fall
	if p.Off {
		return ward.Believed
	}
	if fell && m.Probe == 0 && t-m.TempAt <= p.Within.Milliseconds() {
		m.Probe = t
	}
	if fell && m.Probe != 0 && t-m.Probe <= p.For.Milliseconds() {
		return ward.ProbeOff
	}
	if m.Probe != 0 || v.Number >= m.Temp || t-m.TempAt > p.Within.Milliseconds() {
		m.Temp, m.TempAt, m.Probe = v.Number, t, 0
	}
	return ward.Believed
}

// Sample takes a judged value of a windowed vital into its window, and gives the robust value: the
// median of the believed samples of the window before it, dated by the newest of them. ok is false
// when too few are believed. Of fewer than three the newest counts, so that a slow device is taken
// at its word.
func (r *Rules) Sample(m *Memory, v *ward.Value, doubt ward.Doubt) (number float64, at int64, ok bool) {
	w := &m.Windows[windowOf(v.Vital)]
	w.add(v.At.UnixMilli(), v.Number, doubt == ward.Believed, r.Window.Milliseconds())
	if w.NGood == 0 || float64(w.NGood) < r.GoodShare*float64(w.N) {
		return 0, 0, false
	}
	return w.robust(), w.Good, true
}
