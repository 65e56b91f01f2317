// Package replay sends recorded readings over the wire again: each patient gets a bed, times are
// moved to a new start, and messages are paced by an injected clock.
package replay

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"wardwatch/devices/recording"
	"wardwatch/ward"
)

// Align says how patients' times are moved to the start.
type Align uint8

// Alignments.
const (
	Each     Align = iota // each patient's first reading stands at the start; for data whose dates were shifted per patient
	Together              // the first reading of all does; distances between patients are kept
)

// Options says how a recording is laid out on a ward.
type Options struct {
	Ward  ward.WardID
	Bed   func(i int) ward.BedID // bed of the i-th patient in order of appearance; nil: 01, 02, …
	Beds  int                    // most patients; the readings of later ones are skipped and counted. 0: all
	Align Align
	Start time.Time // of the moved time axis, at least a whole millisecond
	Boot  string    // of every device in this replay; must differ from one replay to the next
}

// Patient says where a recorded patient was laid.
type Patient struct {
	Recorded ward.BedID // the patient's sanitised id in the recording
	Place    ward.Place
	First    time.Time // of their readings, moved
	Last     time.Time
	Readings int
}

// Plan is a recording laid out on a ward: what Run sends. It holds every reading in memory, about
// 100 bytes and 48 a value each; Options.Beds bounds it.
type Plan struct {
	Patients []Patient
	Readings []ward.Reading // in order of Taken; readings of one moment in the order of the recording
	Skipped  int            // readings of patients for whom there was no bed
	Faults   int            // rows that the recording reported as unreadable
}

// New reads a recording to its end and lays it out. Place.Bed of each reading holds the patient's
// id. What the recording says about one row (*recording.RowError) is counted and passed over; any
// other error means that the file ends early, and is returned.
func New(readings iter.Seq2[ward.Reading, error], o Options) (*Plan, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	p := &Plan{}
	index := make(map[ward.BedID]int)
	patientOf := []int(nil)
	for r, err := range readings {
		var row *recording.RowError
		if errors.As(err, &row) {
			p.Faults++
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("replay: reading the recording: %w", err)
		}
		i, known := index[r.Place.Bed]
		if !known {
			if o.Beds > 0 && len(p.Patients) == o.Beds {
				p.Skipped++
				continue
			}
			i = len(p.Patients)
			index[r.Place.Bed] = i
			p.Patients = append(p.Patients, Patient{Recorded: r.Place.Bed, Place: ward.Place{Ward: o.Ward, Bed: o.Bed(i)}, First: r.Taken, Last: r.Taken})
		}
		p.Patients[i].see(r.Taken)
		p.Readings = append(p.Readings, r)
		patientOf = append(patientOf, i)
	}
	if len(p.Readings) == 0 {
		return nil, fmt.Errorf("replay: the recording has no reading (%d rows were unreadable)", p.Faults)
	}
	if err := p.checkBeds(); err != nil {
		return nil, err
	}
	p.move(patientOf, o)
	p.sort()
	p.number(o.Boot)
	return p, nil
}

func (o *Options) check() error {
	if o.Bed == nil {
		o.Bed = func(i int) ward.BedID { return ward.BedID(fmt.Sprintf("%02d", i+1)) }
	}
	switch {
	case !ward.ValidID(string(o.Ward)):
		return fmt.Errorf("replay: ward %q is not a valid id", o.Ward)
	case !ward.ValidID(o.Boot):
		return fmt.Errorf("replay: boot %q is not a valid id", o.Boot)
	case o.Start.IsZero():
		return errors.New("replay: the start is missing")
	}
	return nil
}

func (p *Plan) checkBeds() error {
	taken := make(map[ward.BedID]bool)
	for _, x := range p.Patients {
		if !ward.ValidID(string(x.Place.Bed)) || taken[x.Place.Bed] {
			return fmt.Errorf("replay: bed %q is not a valid id, or two patients were given it", x.Place.Bed)
		}
		taken[x.Place.Bed] = true
	}
	return nil
}

func (x *Patient) see(t time.Time) {
	x.Readings++
	if t.Before(x.First) {
		x.First = t
	}
	if t.After(x.Last) {
		x.Last = t
	}
}

// move shifts every time of a patient by one distance, so that ages stay what they were.
func (p *Plan) move(patientOf []int, o Options) {
	first := slices.MinFunc(p.Patients, func(a, b Patient) int { return a.First.Compare(b.First) }).First
	by := make([]time.Duration, len(p.Patients))
	for i := range p.Patients {
		x := &p.Patients[i]
		from := first
		if o.Align == Each {
			from = x.First
		}
		by[i] = o.Start.Truncate(time.Millisecond).Sub(from)
		x.First, x.Last = x.First.Add(by[i]), x.Last.Add(by[i])
	}
	for i := range p.Readings {
		r := &p.Readings[i]
		d := by[patientOf[i]]
		r.Place = p.Patients[patientOf[i]].Place
		r.Taken = r.Taken.Add(d).UTC()
		r.At = r.Taken
		r.Values = slices.Clone(r.Values) // the recording may own them
		for k := range r.Values {
			if at := &r.Values[k].At; !at.IsZero() {
				*at = at.Add(d).UTC()
			}
		}
	}
}

// sort puts the readings in order of time. It sorts their numbers first, because a reading is
// large to move about.
func (p *Plan) sort() {
	order := make([]int, len(p.Readings))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(p.Readings[a].Taken.Compare(p.Readings[b].Taken), a-b)
	})
	sorted := make([]ward.Reading, len(order))
	for to, from := range order {
		sorted[to] = p.Readings[from]
	}
	p.Readings = sorted
}

// number gives each reading its device, boot and sequence number. A recording names the same
// device for every patient; on the wire that would be one device wheeled about, so each bed gets
// its own.
func (p *Plan) number(boot string) {
	type line struct {
		place  ward.Place
		device ward.DeviceID
	}
	next := make(map[line]uint64)
	names := make(map[line]ward.DeviceID)
	for i := range p.Readings {
		r := &p.Readings[i]
		key := line{r.Place, r.Device}
		name, ok := names[key]
		if !ok {
			name = deviceAt(r.Place.Bed, cmp.Or(r.Device, "monitor"))
			names[key] = name
		}
		next[key]++
		r.Device, r.Boot, r.Seq, r.HasSeq = name, boot, next[key], true
	}
}

func deviceAt(bed ward.BedID, device ward.DeviceID) ward.DeviceID {
	name := string(bed) + "-" + string(device)
	return ward.DeviceID(name[:min(len(name), ward.MaxID)])
}
