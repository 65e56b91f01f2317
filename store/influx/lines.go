package influx

import (
	"math"
	"slices"
	"strconv"
	"time"

	"wardwatch/ward"
)

// encoder turns journal records into InfluxDB line protocol with millisecond time stamps. All
// numbers are floats, truth included, because a field keeps the type of its first value for ever.
type encoder struct {
	buf  []byte
	ends []int // end of each line in buf, its line feed included
	sent map[cuffKey]cuff
}

// cuffKey and cuff remember the last older value written for a vital, so that a cuff pressure
// carried along in every message is written once and not every second.
type cuffKey struct {
	place  ward.Place
	device ward.DeviceID
	source ward.Source
	vital  ward.Vital
}

type cuff struct {
	at     int64
	number float64
}

// maxSent bounds the memory of sent. When it is full all is forgotten: that costs points written
// twice, which InfluxDB takes as one.
const maxSent = 1 << 16

func (e *encoder) reset() { e.buf, e.ends = e.buf[:0], e.ends[:0] }

func (e *encoder) lines() int { return len(e.ends) }

// span is the text of lines lo to hi.
func (e *encoder) span(lo, hi int) []byte {
	from := 0
	if lo > 0 {
		from = e.ends[lo-1]
	}
	return e.buf[from:e.ends[hi-1]]
}

// record adds the points of one record, and says when it came to be.
func (e *encoder) record(r ward.Record) (at time.Time) {
	switch {
	case r.Reading != nil:
		e.reading(r.Reading)
		at = r.Reading.Arrived
	case r.Score != nil:
		e.score(r.Score)
		at = r.Score.At
	case r.Assessment != nil:
		e.risks(r.Assessment)
		at = r.Assessment.At
	}
	return at
}

// reading adds the points of one reading: its own values at its Point, and each older value
// (a cuff pressure) at its own time. Crowded places are left out: names without end would use up
// the series that InfluxDB can hold.
func (e *encoder) reading(r *ward.Reading) {
	if r.Apart == ward.Crowded {
		return
	}
	var older uint32
	open := false
	for i := range r.Values {
		v := &r.Values[i]
		if !v.At.Equal(r.At) {
			older |= 1 << v.Vital
			continue
		}
		e.field(r, v, &open)
	}
	if open {
		e.end(r.Point)
	}
	if older != 0 {
		e.olderValues(r, older)
	}
}

// olderValues writes values of the same age as one point.
func (e *encoder) olderValues(r *ward.Reading, older uint32) {
	for i := range r.Values {
		at := r.Values[i].At
		open := false
		for k := i; k < len(r.Values); k++ {
			v := &r.Values[k]
			bit := uint32(1) << v.Vital
			if older&bit == 0 || !v.At.Equal(at) {
				continue
			}
			older &^= bit
			if e.fresh(r, v) {
				e.field(r, v, &open)
			}
		}
		if open {
			e.end(at)
		}
	}
}

// fresh notes v and reports whether it has not just been written.
func (e *encoder) fresh(r *ward.Reading, v *ward.Value) bool {
	key := cuffKey{r.Place, r.Device, r.Source, v.Vital}
	now := cuff{v.At.UnixMilli(), v.Number}
	if last, ok := e.sent[key]; ok && last == now {
		return false
	}
	if e.sent == nil || len(e.sent) >= maxSent {
		e.sent = make(map[cuffKey]cuff)
	}
	e.sent[key] = now
	return true
}

func (e *encoder) field(r *ward.Reading, v *ward.Value, open *bool) {
	if *open {
		e.buf = append(e.buf, ',')
	} else {
		*open = true
		e.buf = append(e.buf, "vitals"...)
		e.place(r.Place)
		if r.Device != "" {
			e.tag(",device=", string(r.Device))
		}
		e.tag(",source=", r.Source.String())
		e.buf = append(e.buf, ' ')
	}
	e.buf = append(e.buf, v.Vital.String()...)
	e.buf = append(e.buf, '=')
	e.number(v.Number)
}

// chartedSuffix keeps the scores of sets that a person charted in series of their own: drawn as one
// line with the live score of the same chart, or in its mean, they would tell neither.
const chartedSuffix = "-charted"

// score adds one point of a score. One that a chart may not give for this person is not history.
func (e *encoder) score(s *ward.Score) {
	if s.Refused != ward.NotRefused {
		return
	}
	e.buf = append(e.buf, "score"...)
	e.place(s.Place)
	e.tag(",chart=", s.Chart)
	if s.Origin == ward.OriginCharted {
		e.buf = append(e.buf, chartedSuffix...)
	}
	if s.Complete {
		e.buf = append(e.buf, " total="...)
		e.number(float64(s.Total))
		e.buf = append(e.buf, ",complete=1,lower_bound="...)
	} else {
		e.buf = append(e.buf, " complete=0,lower_bound="...)
	}
	e.number(float64(s.LowerBound))
	e.buf = append(e.buf, ",band="...)
	e.number(float64(s.Band))
	e.end(s.At)
}

// risks adds one point a risk, in the series of its task; a further model of the same task has one of
// its own, under its id. Silent ones are among them, marked: this is history for those who
// judge the models, and no screen of treating staff is drawn from it.
func (e *encoder) risks(a *ward.Assessment) {
	for i := range a.Risks {
		r := &a.Risks[i]
		e.buf = append(e.buf, "score"...)
		e.place(a.Place)
		series := string(r.Task)
		if slices.ContainsFunc(a.Risks[:i], func(earlier ward.Risk) bool { return earlier.Task == r.Task }) {
			series = r.Model
		}
		e.tag(",chart=", series)
		silent := 0.0
		if r.Silent {
			silent = 1
		}
		e.buf = append(e.buf, " silent="...)
		e.number(silent)
		e.opinion(r)
		e.text("model", r.Model)
		e.text("version", r.Version)
		e.text("policy", a.Policy)
		e.end(a.At)
	}
}

// opinion writes a risk's value, or why there is none. InfluxDB takes no number that is not one.
func (e *encoder) opinion(r *ward.Risk) {
	why := r.Withheld
	if why == ward.NotWithheld && (math.IsNaN(r.Value) || math.IsInf(r.Value, 0)) {
		why = ward.WithheldFailed
	}
	if why != ward.NotWithheld {
		e.text("withheld", string(why))
		return
	}
	e.buf = append(e.buf, ",risk="...)
	e.number(r.Value)
}

// text appends a further field that holds text; an empty one is left out. A line feed becomes a
// blank: some readers of line protocol end the line there.
func (e *encoder) text(name, value string) {
	if value == "" {
		return
	}
	e.buf = append(append(append(e.buf, ','), name...), `="`...)
	for i := 0; i < len(value); i++ {
		switch c := value[i]; c {
		case '"', '\\':
			e.buf = append(e.buf, '\\', c)
		case '\n', '\r':
			e.buf = append(e.buf, ' ')
		default:
			e.buf = append(e.buf, c)
		}
	}
	e.buf = append(e.buf, '"')
}

func (e *encoder) place(p ward.Place) {
	e.tag(",ward=", string(p.Ward))
	e.tag(",bed=", string(p.Bed))
}

// tag appends a tag with its value escaped as line protocol asks. A line feed cannot be escaped
// there and becomes a blank.
func (e *encoder) tag(name, value string) {
	e.buf = append(e.buf, name...)
	if ward.ValidID(value) { // as all but a broken sender's are
		e.buf = append(e.buf, value...)
		return
	}
	for i := 0; i < len(value); i++ {
		switch c := value[i]; c {
		case ',', '=', ' ':
			e.buf = append(e.buf, '\\', c)
		case '\n', '\r':
			e.buf = append(e.buf, '\\', ' ')
		default:
			e.buf = append(e.buf, c)
		}
	}
}

// number writes x so that it is read back as the same float64. Vitals have few decimals, and those
// are quicker to write from whole thousandths: when n/1000 gives x again, so does the text of it,
// because both are rounded from the same fraction. Without an `i` behind it a whole number is a
// float in line protocol too.
func (e *encoder) number(x float64) {
	n := int64(math.Round(x * 1000))
	if n <= -1e12 || n >= 1e12 || float64(n)/1000 != x {
		e.buf = strconv.AppendFloat(e.buf, x, 'g', -1, 64)
		return
	}
	if n < 0 {
		e.buf = append(e.buf, '-')
		n = -n
	}
	e.buf = strconv.AppendInt(e.buf, n/1000, 10)
	if n %= 1000; n > 0 {
		e.buf = append(e.buf, '.', byte('0'+n/100), byte('0'+n/10%10), byte('0'+n%10))
		for e.buf[len(e.buf)-1] == '0' {
			e.buf = e.buf[:len(e.buf)-1]
		}
	}
}

func (e *encoder) end(at time.Time) {
	e.buf = append(e.buf, ' ')
	e.buf = strconv.AppendInt(e.buf, at.UnixMilli(), 10)
	e.buf = append(e.buf, '\n')
	e.ends = append(e.ends, len(e.buf))
}
