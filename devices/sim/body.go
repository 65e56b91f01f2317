package sim

import (
	"math"
	"math/rand/v2"
	"time"

	"wardwatch/ward"
)

// vitals is a person's true state at one moment.
type vitals struct {
	hr, rr, spo2, sbp, dbp, temp, co2 float64
	now                               frame // for consciousness and oxygen
}

// body is a person's physiology: an own baseline, a day and a night, noise that remembers, and an
// illness on top.
type body struct {
	start    time.Time
	dt       float64 // seconds between calls of at
	pace     float64
	baseline vitals
	illness  *scenario
	drive    wander // sympathetic drive: moves heart, breathing and pressure together
	own      [7]wander
	random   *rand.Rand
}

func newBody(o Options, name ward.BedID) *body {
	r := o.random("body", name)
	within := func(low, high float64) float64 { return low + r.Float64()*(high-low) }
	illness := o.Scenarios[name]
	if illness == "" {
		illness = "stable"
	}
	b := &body{start: o.Start, dt: o.Interval.Seconds(), pace: o.Pace, random: r, illness: scenarioNamed(illness)}
	b.baseline = vitals{
		hr: within(64, 80), rr: within(14.5, 16.5), spo2: within(97, 98.5),
		sbp: within(120, 136), temp: within(36.6, 36.95), co2: within(36, 40),
	}
	b.baseline.dbp = b.baseline.sbp * within(0.58, 0.64)
	b.drive = wander{sd: 1, memory: 300}
	b.own = [7]wander{
		{sd: 2, memory: 60}, {sd: 0.7, memory: 40}, {sd: 0.35, memory: 60}, {sd: 2.5, memory: 180},
		{sd: 1.8, memory: 180}, {sd: 0.04, memory: 1800}, {sd: 0.8, memory: 60},
	}
	b.drive.settle(r)
	for i := range b.own {
		b.own[i].settle(r)
	}
	return b
}

// at is the person's state at t. It moves the noise on by one interval, so it is called once for
// each.
func (b *body) at(t time.Time) vitals {
	f := b.illness.at(time.Duration(float64(t.Sub(b.start)) * b.pace))
	drive := b.drive.step(b.dt, b.random)
	var n [7]float64
	for i := range b.own {
		n[i] = b.own[i].step(b.dt, b.random)
	}
	day := daytime(t.In(b.start.Location()))
	v := vitals{
		hr:   b.baseline.hr + f.hr + n[0] + 2*drive + 3*day,
		rr:   b.baseline.rr + f.rr + n[1] + 0.4*drive + 0.3*day,
		spo2: b.baseline.spo2 + f.spo2 + n[2],
		sbp:  b.baseline.sbp + f.sbp + n[3] + 2*drive + 4*day,
		dbp:  b.baseline.dbp + f.dbp + n[4] + drive + 2*day,
		temp: b.baseline.temp + f.temp + n[5] + 0.2*day,
		co2:  b.baseline.co2 + f.co2 + n[6],
		now:  f,
	}
	return v.possible()
}

// daytime is 1 at four in the afternoon and -1 at four at night.
func daytime(t time.Time) float64 {
	hour := float64(t.Hour()) + float64(t.Minute())/60
	return math.Cos(2 * math.Pi * (hour - 16) / 24)
}

// possible keeps a state within what a living person can have.
func (v vitals) possible() vitals {
	v.hr = clamp(v.hr, 25, 190)
	v.rr = clamp(v.rr, 2, 48)
	v.spo2 = clamp(v.spo2, 55, 100)
	v.sbp = clamp(v.sbp, 50, 230)
	v.dbp = clamp(v.dbp, 25, v.sbp-15)
	v.temp = clamp(v.temp, 33, 41.5)
	v.co2 = clamp(v.co2, 8, 95)
	return v
}

func clamp(x, low, high float64) float64 { return math.Min(math.Max(x, low), high) }

// wander is an Ornstein-Uhlenbeck process: noise with the given spread that forgets within the
// given seconds. It is cut at 2.2 spreads, so that noise alone never makes anybody ill.
type wander struct{ sd, memory, x float64 }

func (w *wander) settle(r *rand.Rand) { w.x = w.sd * r.NormFloat64() }

func (w *wander) step(dt float64, r *rand.Rand) float64 {
	keep := math.Exp(-dt / w.memory)
	w.x = w.x*keep + w.sd*math.Sqrt(1-keep*keep)*r.NormFloat64()
	return clamp(w.x, -2.2*w.sd, 2.2*w.sd)
}
