package recording

import (
	"slices"

	"wardwatch/ward"
)

// gather joins rows into patients.
type gather struct {
	yield   func(Case, error) bool
	facts   *Outcomes
	counts  *Counts
	apart   map[ward.BedID]*Case // those whose rows do not stand together; nil until the first comes
	waiting []*Case              // the same, in the order of the file
	merge   bool                 // rows of one moment are one set

	id   ward.BedID
	who  person
	rows []Row // of the patient being read; used again for the next
}

// add takes one row; false when the consumer has had enough.
func (g *gather) add(row Row, who person) bool {
	id := row.Reading.Place.Bed
	if c, apart := g.apart[id]; apart {
		if c == nil {
			c = &Case{Patient: Patient{ID: id, Age: who.age, Sex: who.sex}}
			g.apart[id] = c
			g.waiting = append(g.waiting, c)
		}
		c.Rows = append(c.Rows, row)
		return true
	}
	if id != g.id {
		if !g.flush() {
			return false
		}
		g.id = id
	}
	g.who = who
	g.rows = append(g.rows, row)
	return true
}

// flush yields the patient being read.
func (g *gather) flush() bool {
	if len(g.rows) == 0 {
		return true
	}
	c := Case{Patient: Patient{ID: g.id, Age: g.who.age, Sex: g.who.sex}, Rows: slices.Clone(g.rows)}
	g.rows = g.rows[:0]
	return g.done(&c)
}

// finish yields what is left at the end of the file; false when the consumer has had enough.
func (g *gather) finish() bool {
	if !g.flush() {
		return false
	}
	for _, c := range g.waiting {
		if g.merge {
			c.Rows = g.joined(c.Rows)
		}
		if !g.done(c) {
			return false
		}
	}
	return true
}

// done adds what is known of the patient and yields.
func (g *gather) done(c *Case) bool {
	c.Outcome = labelled(c.Rows)
	if g.facts != nil {
		g.facts.complete(&c.Patient)
	}
	c.Outcome.seenUntil(c.Rows[len(c.Rows)-1].Reading.At)
	g.counts.Patients++
	if !c.Outcome.Known {
		g.counts.NoOutcome++
	}
	return g.yield(*c, nil)
}

// labelled makes an outcome of the labels in the rows. A label that is on from the first row may have
// turned on earlier.
func labelled(rows []Row) Outcome {
	o := Outcome{Known: rows[0].Label.Known}
	for i := range rows {
		if rows[i].Label.Event {
			o.Event, o.LabelAt = true, rows[i].Reading.At
			o.At = o.LabelAt.Add(beforeOnset)
			break
		}
	}
	return o
}

// joined makes one row of neighbours with the same moment and device, which a file that mixes
// patients tears apart. Of two values for one vital the later row's stands.
func (g *gather) joined(rows []Row) []Row {
	out := rows[:1]
	for _, row := range rows[1:] {
		last := &out[len(out)-1].Reading
		if !row.Reading.At.Equal(last.At) || row.Reading.Device != last.Device {
			out = append(out, row)
			continue
		}
		g.counts.Readings--
		for _, v := range row.Reading.Values {
			g.put(last, v)
		}
	}
	return out
}

// put adds a value to a reading, in the order of the vitals.
func (g *gather) put(r *ward.Reading, v ward.Value) {
	i, there := slices.BinarySearchFunc(r.Values, v.Vital, func(x ward.Value, v ward.Vital) int { return int(x.Vital) - int(v) })
	if there {
		r.Values[i] = v
		g.counts.Values[v.Vital]--
		g.counts.Skipped[CoveredValue]++
		g.counts.Conflicts++
		return
	}
	r.Values = slices.Insert(r.Values, i, v)
}
