package recording

import (
	"bytes"
	"slices"
	"time"

	"wardwatch/ward"
)

// sample is one usable row of a file with one value a row.
type sample struct {
	at     time.Time
	row    int64
	number float64
	what   uint8 // a ward.Vital, or beyond ward.NumVitals a layout's own signal
	rank   uint8 // 0 before 1: which of two values of a moment is preferred
}

// block gathers the neighbouring rows of one patient, so that they can be put in time order and
// joined into moments. Rows of a patient that stand apart in the file make several blocks; those
// must be in time order among themselves.
type block struct {
	out    *sink
	order  order
	each   func(b *block, moment []sample) // called for each moment, in time order
	whole  func(b *block)                  // called once before, with the samples sorted; may be nil
	id     []byte
	bed    string
	device ward.DeviceID
	second ward.DeviceID // for a value that another was preferred to, where the layout keeps it
	held   []sample
	person person // what the rows say of the patient
	arena  values
	ward   ward.WardID
	source ward.Source
}

// maxBlock bounds the memory one patient may take; a longer run of rows is put out in parts.
const maxBlock = 1 << 20

func newBlock(o Options, out *sink) *block {
	return &block{out: out, order: newOrder(), person: nobody(), ward: o.Ward, source: *o.Source}
}

// patientID is a patient's id as it tells patients apart.
func patientID(field []byte) []byte { return bytes.TrimSpace(field) }

// patient turns to the row's patient, putting out the one before.
func (b *block) patient(id []byte) bool {
	id = patientID(id)
	if len(id) == 0 {
		return false
	}
	if !bytes.Equal(id, b.id) {
		b.flush()
		b.person = nobody()
		b.id = append(b.id[:0], id...)
		b.bed = wireID("", id, "")
		b.device = ward.DeviceID(wireID("rec-", id, ""))
		b.second = ward.DeviceID(wireID("rec-", id, "-cuff"))
		b.order.start(b.bed)
	}
	return true
}

func (b *block) add(s sample) {
	if len(b.held) == maxBlock {
		b.flush()
	}
	b.held = append(b.held, s)
}

// flush puts out what is held, moment by moment.
func (b *block) flush() {
	b.out.person = b.person
	slices.SortStableFunc(b.held, func(x, y sample) int { return x.at.Compare(y.at) })
	if b.whole != nil {
		b.whole(b)
	}
	for from := 0; from < len(b.held) && !b.out.stopped; {
		to := from + 1
		for to < len(b.held) && b.held[to].at.Equal(b.held[from].at) {
			to++
		}
		moment := b.held[from:to]
		from = to
		if !b.order.after(moment[0].at) {
			for _, s := range moment {
				b.out.bad(&RowError{Row: s.row, Reason: OutOfOrder})
			}
			continue
		}
		b.each(b, moment)
	}
	b.held = b.held[:0]
}

// put emits one device's values of a moment, if there are any.
func (b *block) put(device ward.DeviceID, first sample, vs []ward.Value) {
	if len(vs) == 0 {
		return
	}
	if device == b.second && b.out.oneSet {
		for range vs {
			b.out.skip(CoveredValue)
		}
		return
	}
	place := ward.Place{Ward: b.ward, Bed: ward.BedID(b.bed)}
	b.out.emit(Row{Number: first.row, Reading: reading(place, device, b.source, first.at, b.arena.take(vs))})
}

// chosen is what stands for each vital at a moment, after the preferred value has been found.
type chosen struct {
	got    [ward.NumVitals]bool
	number [ward.NumVitals]float64
}

func (c *chosen) set(v ward.Vital, x float64) { c.got[v], c.number[v] = true, x }

// list is the values in the order of the vitals.
func (c *chosen) list(into []ward.Value, at time.Time) []ward.Value {
	for v := range ward.NumVitals {
		if c.got[v] {
			into = append(into, ward.Value{Vital: v, Number: c.number[v], At: at})
		}
	}
	return into
}

// order keeps the promise that each patient's rows come in time order, also in a file where
// patients are mixed. It holds one moment for each patient.
type order struct {
	last    map[string]time.Time
	patient string
	now     time.Time
}

func newOrder() order { return order{last: map[string]time.Time{}} }

// start turns to a patient.
func (o *order) start(patient string) {
	o.last[o.patient] = o.now
	o.patient, o.now = patient, o.last[patient]
}

// after reports whether t is not before what the patient has had already, and remembers it.
func (o *order) after(t time.Time) bool {
	if t.Before(o.now) {
		return false
	}
	o.now = t
	return true
}
