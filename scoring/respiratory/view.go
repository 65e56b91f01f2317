// Package respiratory puts all that is known of one person's breathing into one view: the ROX index,
// SpO2/FiO2, where the rates are going, what models foretell, how oxygen is given and what was seen
// on images. A versioned table decides, row by row, each with its source; a row may raise concern
// and none may lower it.
//
// It is pure: the time is an argument.
package respiratory

import (
	"math"
	"slices"
	"time"

	"wardwatch/ward"
)

// Input is what is known of one person at one moment. What is not known is left zero: no row that
// needs it applies, and it is never taken for normal.
type Input struct {
	At     time.Time
	Stay   ward.StayID // findings of anybody else do not count
	Years  int         // age
	HasAge bool        // false: taken for an adult, as NEWS2 is
	Scale2 bool        // SpO2 scale 2 is ordered

	SpO2, RR Measured // %, /min; believed and fresh
	FiO2     Measured // fraction, as set or measured
	O2Flow   Measured // L/min, to estimate FiO2 from when it is not known

	Device      ward.O2Device
	HasDevice   bool
	DeviceSince time.Time     // when Device began; zero: not known
	Weakest     ward.O2Device // the weakest device of the last 24 h
	HasWeakest  bool

	Trends    []ward.Trend    // of this moment; those of RR and SpO2 are read
	Forecasts []ward.Forecast // likewise
	Risks     []ward.Risk     // that of respiratory decline is read
	Findings  []ward.Finding  // any age; what they count for is decided here

	FindingsUnknown bool // they could not be read: Findings may lack some, or be none
}

// Measured is a number and when it was measured; the zero time means that it is not known.
type Measured struct {
	Number float64
	At     time.Time
}

// within is whether the number is known and possible. What is not possible, such as a percentage in
// place of a fraction, is not known.
func (m Measured) within(low, high float64) bool {
	return !m.At.IsZero() && m.Number >= low && m.Number <= high
}

// View applies the table. Band is the worst of the rows that do not rest on a silent model; with no
// row it is low only when saturation, rate, inspired oxygen and what imaging says are all known and nothing is withheld,
// otherwise unknown; Complete when nothing at all is missing. Under the table's age only what was seen on images is
// said: the other figures are adults'. With a ventilator, NIV or CPAP the rows that read the person's own breathing are withheld, and the rest
// go on.
func View(t *Table, in Input) ward.Respiratory {
	v := ward.Respiratory{Table: t.version, Band: ward.Unknown, Device: in.Device, HasDevice: in.HasDevice, Blind: in.FindingsUnknown}
	if in.HasAge && in.Years < t.adult {
		return t.child(v, &in)
	}
	k := t.look(&in)
	v.Estimated = k.oxygen.estimated
	v.ROX, v.SF = k.rox(k.oxygen.low), k.sf(k.oxygen.low)
	if v.Estimated {
		v.ROXLow, v.SFLow = k.rox(k.oxygen.high), k.sf(k.oxygen.high)
	}
	if k.assisted {
		v.Withheld = ward.WithheldVentilated
	}
	v.Rows = k.rows(func(*row) bool { return true })
	if k.hasSpO2 && k.hasRR && k.oxygen.low > 0 && v.Withheld == ward.NotWithheld && !v.Blind {
		v.Band, v.Complete = ward.Low, in.modelsSpeak()
	}
	worst(&v)
	return v
}

// child is what may be said of somebody under the table's age.
func (t *Table) child(v ward.Respiratory, in *Input) ward.Respiratory {
	k := look{t: t, in: in, seen: t.sort(in)}
	v.Withheld, v.Rows = ward.WithheldAge, k.rows(func(r *row) bool { return r.reads == readsFinding })
	worst(&v)
	return v
}

// worst makes the band that of the worst row that counts.
func worst(v *ward.Respiratory) {
	for i := range v.Rows {
		r := &v.Rows[i]
		if r.Silent {
			v.Silent = true
		} else if r.Band > ward.Low {
			v.Band = max(v.Band, r.Band)
		}
	}
}

// modelsSpeak is whether no model that treating staff may see has fallen silent of itself.
func (in *Input) modelsSpeak() bool {
	for i := range in.Risks {
		if r := &in.Risks[i]; r.Task == ward.RespiratoryDecline && !r.Silent && r.Withheld != ward.NotWithheld {
			return false
		}
	}
	for i := range in.Forecasts {
		if f := &in.Forecasts[i]; !f.Silent && f.Withheld != ward.NotWithheld {
			return false
		}
	}
	return true
}

// look is one person seen through the table.
type look struct {
	t              *Table
	in             *Input
	hasSpO2, hasRR bool
	oxygen         fraction
	assisted       bool // a machine breathes with the person
	seen           []seen
}

func (t *Table) look(in *Input) *look {
	k := &look{t: t, in: in}
	k.hasSpO2, k.hasRR = in.SpO2.within(50, 100), in.RR.within(1, 80)
	k.oxygen = t.inspired(in)
	k.assisted = in.HasDevice && in.Device >= ward.CPAP && in.Device <= ward.Ventilator
	k.seen = t.sort(in)
	return k
}

// rows are those that apply, the worst first, of each group the worst. A silent row never stands in
// for one that counts.
func (k *look) rows(may func(*row) bool) []ward.RespiratoryRow {
	type group struct {
		name   string
		silent bool
	}
	var out []ward.RespiratoryRow
	groups := map[group]int{}
	for i := range k.t.rows {
		r := &k.t.rows[i]
		if !may(r) {
			continue
		}
		row, ok := k.apply(r)
		if !ok {
			continue
		}
		g := group{r.group, row.Silent}
		at, known := groups[g]
		switch {
		case r.group == "" || !known:
			groups[g] = len(out)
			out = append(out, row)
		case row.Band > out[at].Band:
			out[at] = row
		}
	}
	slices.SortStableFunc(out, func(a, b ward.RespiratoryRow) int { return int(b.Band) - int(a.Band) })
	return out
}

// apply is one row, if it holds.
func (k *look) apply(r *row) (ward.RespiratoryRow, bool) {
	out := ward.RespiratoryRow{Code: r.code, Band: r.band, Source: r.source}
	if !k.meets(&r.needs) {
		return out, false
	}
	if r.reads == readsFinding {
		return k.finding(r, out)
	}
	read, ok := k.read(r)
	if !ok {
		return out, false
	}
	out.Number, out.At, out.Silent, out.Limit = read.number, read.at, read.silent, read.limit
	if r.compare != nil {
		out.Limit = r.limit(k.in.Scale2)
		if !r.compare(read.number, out.Limit) {
			return out, false
		}
	}
	if r.needs.kind == "" {
		return out, true
	}
	s, waiting, ok := k.both(r)
	if !ok {
		return out, false
	}
	out.Finding, out.Unread, out.Age, out.Band, out.Waiting = s.id, s.unread, s.age, k.t.band(r, &s), waiting
	out.Joint = true
	return out, true
}

// meets is whether the conditions of a row hold.
func (k *look) meets(n *needs) bool {
	in := k.in
	switch {
	case len(n.devices) > 0 && !(in.HasDevice && slices.Contains(n.devices, in.Device)),
		n.ownBreath && k.assisted,
		n.oxygen && !k.onOxygen(),
		n.spo2To > 0 && !(k.hasSpO2 && math.Round(in.SpO2.Number) <= n.spo2To):
		return false
	case !n.hours():
		return true
	}
	on := in.At.Sub(in.DeviceSince).Hours()
	return !in.DeviceSince.IsZero() && on >= n.hoursFrom && (n.hoursTo == 0 || on < n.hoursTo)
}
