package recording

import (
	"bytes"
	"time"

	"wardwatch/devices"
	"wardwatch/ward"
)

// table reads the layouts with one charted value a row: patient, minute, name of the signal, value.
type table struct {
	at       []int
	o        Options
	find     func(name []byte) (item, Reason) // what a signal means to us
	minusOne bool                             // -1 stands for "missing"
	block    *block
	tube     tube
	now      []ward.Value
}

// Where the columns stand in a table's list.
const (
	tablePatient = iota
	tableMinute
	tableSignal
	tableValue
)

// Signals beyond the vitals.
const (
	comaEye = uint8(ward.NumVitals) + iota
	comaVerbal
	comaTotal
	ventilated // a ventilator was charted
	ageYears
	sexCode
)

// item is what one of a source's signals means.
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
	asFractionOrPercent // oxygen under a name that does not say which
	asSaturation        // of a blood sample
	asO2Device
	asComaScale
	asMode    // any ventilator mode
	asOn      // 1: on a ventilator
	asRunning // Start or Continued: on a ventilator
	asPerson  // a fact of the patient
)

func newTable(columns []int, o Options, out *sink, find func([]byte) (item, Reason)) *table {
	t := &table{at: columns, o: o, find: find, block: newBlock(o, out)}
	t.block.whole = t.tube.see
	t.block.each = t.moment
	return t
}

// among looks signals up by their name.
func among(items map[string]item) func([]byte) (item, Reason) {
	return func(name []byte) (item, Reason) {
		it, ok := items[string(name)]
		if !ok {
			return it, NotAVital
		}
		return it, ""
	}
}

func (t *table) finish() { t.block.flush() }

func (t *table) row(f [][]byte, number int64) {
	out := t.block.out
	if !t.block.patient(f[t.at[tablePatient]]) {
		out.bad(&RowError{Row: number, Reason: NoPatient})
		return
	}
	it, reason := t.find(f[t.at[tableSignal]])
	switch {
	case reason == NotAVital:
		out.skip(reason)
		return
	case reason != "":
		out.bad(&RowError{Row: number, Reason: reason, Column: "itemid"})
		return
	}
	minute, ok := whole(f[t.at[tableMinute]])
	if !ok || minute < -maxHours*60 || minute > maxHours*60 {
		out.bad(&RowError{Row: number, Reason: BadTime})
		return
	}
	field := bytes.TrimSpace(f[t.at[tableValue]])
	if len(field) == 0 || t.minusOne && isMinusOne(field) {
		out.skip(Empty)
		return
	}
	x, reason := it.read(field, t.o)
	switch reason {
	case "":
		t.take(it, sample{at: t.o.Base.Add(time.Duration(minute) * time.Minute), row: number, what: it.what, rank: it.rank, number: x})
	case UnknownO2, Arterial:
		out.skip(reason)
	default:
		out.bad(&RowError{Row: number, Reason: reason, Column: "value"})
	}
}

func isMinusOne(field []byte) bool {
	if field[0] != '-' {
		return false
	}
	x, ok := number(field)
	return ok && x == -1
}

func (t *table) take(it item, s sample) {
	switch {
	case s.what == ageYears:
		t.block.person.age = s.number
	case s.what == sexCode:
		t.block.person.sex = cincSex(s.number)
	case it.form == asOn || it.form == asRunning:
		t.block.add(s)
		s.what, s.number = uint8(ward.O2Source), float64(ward.Ventilator)
		t.block.add(s)
	default:
		t.block.add(s)
	}
}

// read makes the number that a field stands for.
func (i item) read(field []byte, o Options) (float64, Reason) {
	switch i.form {
	case asMode:
		return 1, ""
	case asRunning:
		return running(field)
	case asO2Device:
		d, ok := o2Device(string(field))
		if !ok {
			return 0, UnknownO2
		}
		return float64(d), ""
	case asFractionOrPercent:
		return fractionOrPercent(field)
	}
	x, ok := number(field)
	switch {
	case i.form == asComaScale:
		return comaScore(i.what, x, ok)
	case !ok:
		return 0, NotANumber
	case i.form == asPerson:
		return x, i.fact(x)
	case i.form == asOn:
		if x != 1 {
			return 0, OutsideLimits
		}
		return x, ""
	case i.form == asSaturation && !o.ArterialSaturation:
		return 0, Arterial
	case i.form == asFahrenheit:
		x = celsius(x)
	case i.form == asPercent:
		x /= 100
	}
	return x, inLimits(ward.Vital(i.what), x)
}

// fact checks a fact of the patient.
func (i item) fact(x float64) Reason {
	if i.what == ageYears && (x < 0 || x > maxAge) || i.what == sexCode && x != 0 && x != 1 {
		return OutsideLimits
	}
	return ""
}

// inLimits refuses what cannot be v in v's unit. A charted fraction under that of air is a slip.
func inLimits(v ward.Vital, x float64) Reason {
	if devices.Check(v, x) != nil || v == ward.FiO2 && float32(x) < 0.21 {
		return OutsideLimits
	}
	return ""
}

// moment joins what was charted at one minute.
func (t *table) moment(b *block, moment []sample) {
	var first, second chosen // by rank
	var coma coma
	var times [ward.NumVitals]int
	for _, s := range moment {
		switch {
		case s.what == ventilated:
		case s.what >= uint8(ward.NumVitals):
			coma.part(s.what).set(b, s.number)
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
	level, reason := coma.consciousness(t.tube.near(moment[0].at))
	switch {
	case reason != "":
		b.out.skip(reason)
	case level != unknownLevel:
		first.set(ward.ACVPU, float64(level))
	}
	settle(b, &first, &second)
	// The cuff goes first, so that whoever keeps only the newest ends with the arterial pressure.
	t.now = second.list(t.now[:0], moment[0].at)
	b.put(b.second, moment[0], t.now)
	t.now = first.list(t.now[:0], moment[0].at)
	b.put(b.device, moment[0], t.now)
}

// settle moves a value of rank 1 to where nothing of rank 0 stands. What stays behind is the cuff
// beside an arterial line; a ventilator's total beside a charted rate is dropped.
func settle(b *block, first, second *chosen) {
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
