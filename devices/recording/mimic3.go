package recording

import (
	"bytes"
	"time"

	"wardwatch/devices"
	"wardwatch/ward"
)

// The MIMIC-III demo as one charted value a row. The patient here is the stay in intensive care,
// since its minutes count from the admission to it.
var mimicColumns = []string{"icustay_id", "minute_from_icu_in", "itemid", "value", "signal"}

const (
	mimicStay = iota
	mimicMinute
	mimicItem
	mimicValue
)

// Signals beyond the vitals.
const (
	comaEye = uint8(ward.NumVitals) + iota
	comaVerbal
	ventilated // a ventilator mode was charted
)

// wordless is the verbal score of somebody who cannot speak because of a tube ("1.0 ET/Trach").
const wordless = 0

// item is what one of the source's item numbers means.
type item struct {
	what uint8
	form form
	rank uint8 // 1: taken only when nothing of rank 0 stands at that minute
}

type form uint8

const (
	asNumber form = iota
	asFahrenheit
	asPercent
	asO2Device
	asComaScale
	asMode
)

// mimicItems is the source's item numbers. An arterial line (rank 0) comes before a cuff, and a
// charted respiratory rate before the ventilator's total.
func mimicItems() map[int]item {
	items := map[int]item{
		676: {what: uint8(ward.Temp)}, 678: {what: uint8(ward.Temp), form: asFahrenheit},
		223761: {what: uint8(ward.Temp), form: asFahrenheit},
		190:    {what: uint8(ward.FiO2)}, 223835: {what: uint8(ward.FiO2), form: asPercent},
	}
	add := func(i item, numbers ...int) {
		for _, n := range numbers {
			items[n] = i
		}
	}
	add(item{what: uint8(ward.HR)}, 211, 220045)
	add(item{what: uint8(ward.RR)}, 618, 220210)
	add(item{what: uint8(ward.RR), rank: 1}, 615, 224690)
	add(item{what: uint8(ward.SpO2)}, 646, 220277)
	add(item{what: uint8(ward.SBP)}, 51, 6701, 220050)
	add(item{what: uint8(ward.DBP)}, 8368, 8555, 220051)
	add(item{what: uint8(ward.MAP)}, 52, 6702, 220052)
	add(item{what: uint8(ward.SBP), rank: 1}, 455, 442, 220179)
	add(item{what: uint8(ward.DBP), rank: 1}, 8441, 8440, 220180)
	add(item{what: uint8(ward.MAP), rank: 1}, 456, 443, 220181)
	add(item{what: uint8(ward.O2Flow)}, 470, 471, 223834, 227287)
	add(item{what: uint8(ward.O2Source), form: asO2Device}, 467, 468, 226732)
	add(item{what: comaEye, form: asComaScale}, 184, 220739)
	add(item{what: comaVerbal, form: asComaScale}, 723, 223900)
	add(item{what: ventilated, form: asMode}, 720, 223848, 223849)
	return items
}

type mimic struct {
	at    []int
	o     Options
	items map[int]item
	block *block
	vent  []time.Time // of this block, in time order
	now   []ward.Value
}

func newMIMIC(columns []int, o Options, out *sink) parser {
	m := &mimic{at: columns, o: o, items: mimicItems(), block: newBlock(o, out)}
	m.block.whole = m.ventilation
	m.block.each = m.moment
	return m
}

func (m *mimic) finish() { m.block.flush() }

func (m *mimic) row(f [][]byte, number int64) {
	if !m.block.patient(f[m.at[mimicStay]]) {
		m.block.out.bad(&RowError{Row: number, Reason: NoPatient})
		return
	}
	n, ok := whole(f[m.at[mimicItem]])
	if !ok {
		m.block.out.bad(&RowError{Row: number, Reason: NotANumber, Column: "itemid"})
		return
	}
	it, ok := m.items[n]
	if !ok {
		m.block.out.skip(NotAVital)
		return
	}
	minute, ok := whole(f[m.at[mimicMinute]])
	if !ok || minute < -maxHours*60 || minute > maxHours*60 {
		m.block.out.bad(&RowError{Row: number, Reason: BadTime})
		return
	}
	field := bytes.TrimSpace(f[m.at[mimicValue]])
	if len(field) == 0 {
		m.block.out.skip(Empty)
		return
	}
	x, reason := it.read(field)
	switch {
	case reason == UnknownO2:
		m.block.out.skip(reason)
	case reason != "":
		m.block.out.bad(&RowError{Row: number, Reason: reason, Column: "value"})
	default:
		t := m.o.Base.Add(time.Duration(minute) * time.Minute)
		m.block.add(sample{at: t, row: number, what: it.what, rank: it.rank, number: x})
	}
}

// read makes the number that a field stands for.
func (i item) read(field []byte) (float64, Reason) {
	switch i.form {
	case asMode:
		return 1, ""
	case asO2Device:
		d, ok := o2Device(string(field))
		if !ok {
			return 0, UnknownO2
		}
		return float64(d), ""
	}
	x, ok := number(field)
	if i.form == asComaScale {
		return comaScore(i.what, x, ok)
	}
	if !ok {
		return 0, NotANumber
	}
	switch i.form {
	case asFahrenheit:
		x = celsius(x)
	case asPercent:
		x /= 100
	}
	v := ward.Vital(i.what)
	if devices.Check(v, x) != nil || v == ward.FiO2 && float32(x) < 0.21 {
		return 0, OutsideLimits
	}
	return x, ""
}

// moment joins what was charted at one minute.
func (m *mimic) moment(b *block, moment []sample) {
	var first, second chosen // by rank
	var eye, verbal charted
	var times [ward.NumVitals]int
	for _, s := range moment {
		switch {
		case s.what == comaEye:
			eye.set(b, s.number)
		case s.what == comaVerbal:
			verbal.set(b, s.number)
		case s.what == ventilated:
		default:
			times[s.what]++
			c := &first
			if s.rank == 1 {
				c = &second
			}
			if c.got[s.what] {
				b.out.skip(CoveredValue)
			}
			c.set(ward.Vital(s.what), s.number)
		}
	}
	for _, n := range times {
		if n > 1 {
			b.out.counts.Conflicts++
		}
	}
	if level, ok := m.consciousness(b, moment[0].at, eye, verbal); ok {
		first.set(ward.ACVPU, float64(level))
	}
	m.settle(b, &first, &second)
	// The cuff goes first, so that whoever keeps only the newest ends with the arterial pressure.
	m.now = second.list(m.now[:0], moment[0].at)
	b.put(b.second, moment[0], m.now)
	m.now = first.list(m.now[:0], moment[0].at)
	b.put(b.device, moment[0], m.now)
}

// settle moves a value of rank 1 to where nothing of rank 0 stands. What stays behind is the cuff
// beside an arterial line; a ventilator's total beside a charted rate is dropped.
func (m *mimic) settle(b *block, first, second *chosen) {
	for v := range ward.NumVitals {
		switch {
		case !second.got[v]:
		case !first.got[v]:
			first.set(v, second.number[v])
			second.got[v] = false
		case v == ward.RR:
			b.out.skip(CoveredValue)
			second.got[v] = false
		}
	}
}
