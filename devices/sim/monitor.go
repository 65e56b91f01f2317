package sim

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"wardwatch/devices"
	"wardwatch/ward"
)

const devicePrefix = "mon-"

// monitor is the device at a bed. Heart, breathing and saturation are measured for each message; a
// cuff pressure, a temperature and what a nurse has charted are carried with the time they were
// measured.
type monitor struct {
	place   ward.Place
	id      ward.DeviceID
	boot    string
	seq     uint64
	battery float64
	random  *rand.Rand

	cuffEvery, tempEvery, chartEvery time.Duration
	cuffDue, tempDue, chartDue       time.Time
	cuff, temp, chart                time.Time // when last measured; zero before
	sbp, dbp, celsius                float64
	charted                          frame
	alarms                           []limit
}

func newMonitor(o Options, p ward.Place) *monitor {
	r := o.random("monitor", p.Bed)
	// With a faster illness the cuff and the charting keep up, as far as a real one could.
	often := func(life, fastest time.Duration) time.Duration {
		return max(fastest, time.Duration(float64(life)/o.Pace)).Truncate(time.Millisecond)
	}
	return &monitor{
		place: p, id: ward.DeviceID(devicePrefix + string(p.Bed)),
		// A monitor that starts at another time is in another boot: its sequence starts again.
		boot:       fmt.Sprintf("%08x", uint32(r.Uint64())^uint32(o.Start.UnixMilli())),
		battery:    math.Round(60+40*r.Float64()) / 100,
		random:     r,
		cuffEvery:  often(5*time.Minute, 10*time.Second),
		tempEvery:  often(time.Minute, 5*time.Second),
		chartEvery: often(15*time.Minute, 15*time.Second),
		alarms:     limits(),
	}
}

// read makes the message of t.
func (m *monitor) read(v vitals, t time.Time) ward.Reading {
	m.seq++
	m.measure(v, t)
	vs := make([]ward.Value, 0, ward.NumVitals)
	add := func(vital ward.Vital, x float64, at time.Time) {
		vs = append(vs, ward.Value{Vital: vital, Number: x, At: at})
	}
	add(ward.HR, math.Round(v.hr), t)
	add(ward.PR, math.Round(v.hr+m.random.NormFloat64()/2), t)
	add(ward.RR, math.Round(v.rr), t)
	add(ward.SpO2, math.Round(v.spo2), t)
	add(ward.SBP, m.sbp, m.cuff)
	add(ward.DBP, m.dbp, m.cuff)
	add(ward.MAP, math.Round((m.sbp+2*m.dbp)/3), m.cuff)
	add(ward.Temp, math.Round(m.celsius*10)/10, m.temp)
	if v.now.capnograph {
		add(ward.EtCO2, math.Round(v.co2), t)
	}
	if m.charted.fio2 > 0 {
		add(ward.FiO2, m.charted.fio2, m.chart)
	}
	if m.charted.flow > 0 {
		add(ward.O2Flow, m.charted.flow, m.chart)
	}
	add(ward.ACVPU, float64(m.charted.mind), m.chart)
	add(ward.O2Source, float64(m.charted.o2), m.chart)
	return ward.Reading{
		Place: m.place, Device: m.id, Boot: m.boot, Seq: m.seq, HasSeq: true, Source: ward.FromDevice,
		Taken: t, At: t, Values: vs,
	}
}

// measure takes what is due.
func (m *monitor) measure(v vitals, t time.Time) {
	if !t.Before(m.cuffDue) {
		m.sbp, m.dbp = math.Round(v.sbp), math.Round(v.dbp)
		m.cuff, m.cuffDue = t, t.Add(m.cuffEvery)
	}
	if !t.Before(m.tempDue) {
		m.celsius = m.probe(v.temp, t)
		m.temp, m.tempDue = t, t.Add(m.tempEvery)
	}
	if f := v.now; !t.Before(m.chartDue) || f.mind != m.charted.mind || f.o2 != m.charted.o2 || f.flow != m.charted.flow || f.fio2 != m.charted.fio2 {
		m.charted = f
		m.chart, m.chartDue = t, t.Add(m.chartEvery)
	}
}

// probe is a thermometer. It follows no faster than 0.4 °C a minute whatever the pace, since a
// faster step means a probe that came off.
func (m *monitor) probe(celsius float64, t time.Time) float64 {
	if !m.temp.IsZero() {
		most := 0.4 * t.Sub(m.temp).Minutes()
		celsius = clamp(celsius, m.celsius-most, m.celsius+most)
	}
	return celsius
}

// status is the monitor's word on itself.
func (m *monitor) status(p ward.Place, s ward.DeviceState, t time.Time) Message {
	return Message{
		Topic:    devices.Topic(p, devices.Status),
		Payload:  devices.EncodeStatus(ward.DeviceStatus{Place: p, Device: m.id, State: s, At: t, Battery: m.battery}),
		Retained: true,
	}
}
