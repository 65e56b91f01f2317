package chart

import "wardwatch/ward"

// Result is what a chart says of a set.
type Result struct {
	Points     [ward.MaxParts]int // by part; of a part that is not Known, what is certain of it
	Known      uint8              // bit i: part i is known
	Complete   bool               // every part and everything else the chart requires is known
	LowerBound int                // the certain points: the total when Complete
	Single3    bool               // one part alone is at the points that the chart sets apart (3 in NEWS2)

	Band    ward.Band
	Level   uint8  // 1 is the mildest level of the chart; 0: it gives none. Of an incomplete set, at least that
	Verdict string // the chart's own word, for example "emergency"; empty when too little is known to say it

	Value    float64 // of a chart that gives a value
	HasValue bool
	Notes    uint16 // bit i: note i of the chart applies; see Chart.Notes
}

// Score applies the chart to a set. It does not judge who the person is: see Refuses.
func (c *Chart) Score(s *Set) Result {
	var r Result
	if c.valued {
		c.scoreValue(s, &r)
	} else {
		c.scorePoints(s, &r)
	}
	if len(c.notes) != 0 {
		c.note(s, &r)
	}
	return r
}

func (c *Chart) scorePoints(s *Set, r *Result) {
	plans := c.plans[c.variantOf(s)]
	for i := range plans {
		points, known := plans[i].points(s)
		r.Points[i] = points
		r.LowerBound += points
		if known {
			r.Known |= 1 << i
		}
		if c.single != 0 && points >= int(c.singleAt) {
			r.Single3 = true
		}
	}
	r.Complete = int(r.Known) == 1<<len(plans)-1
	worst := c.byTotal[r.LowerBound]
	if r.Single3 {
		worst = max(worst, c.single-1)
	}
	for i := range c.raises {
		holds, known := c.raises[i].when.holds(s)
		if holds {
			worst = max(worst, c.raises[i].level)
		}
		if !known && c.raises[i].required {
			r.Complete = false
		}
	}
	c.conclude(worst, r)
}

func (c *Chart) scoreValue(s *Set, r *Result) {
	r.Band = ward.Unknown
	r.Value, r.HasValue = c.value.read(s)
	r.Complete = r.HasValue
	if !r.HasValue {
		return
	}
	for i := range c.verdicts {
		if allHold(c.verdicts[i].when, s) {
			c.conclude(c.verdicts[i].bands.at(r.Value), r)
			return
		}
	}
}

// conclude gives the result its level. What is certain of an incomplete set is at least that; when
// it is no concern yet, nothing is known.
func (c *Chart) conclude(worst int8, r *Result) {
	l := &c.levels[worst]
	r.Level = uint8(worst) + 1
	r.Band, r.Verdict = l.band, l.id
	if !r.Complete && l.band == ward.Low {
		r.Band, r.Verdict = ward.Unknown, ""
	}
}

func (c *Chart) note(s *Set, r *Result) {
	for i := range c.notes {
		if allHold(c.notes[i].when, s) {
			r.Notes |= 1 << i
		}
	}
}

// table gives a number to each band of a quantity: to everything under its first limit the first,
// and so on. The limits are exclusive and already take the chart's rounding into account. A number
// below 0 is a floor that does not settle the part; see atLeast.
type table struct {
	limits []float64
	gives  []int8 // one more than limits
}

func (t *table) at(x float64) int8 {
	for i, l := range t.limits {
		if x < l {
			return t.gives[i]
		}
	}
	return t.gives[len(t.limits)]
}

// condition is a question to one input: one of some codes, or a range.
type condition struct {
	input     Input
	coded     bool
	codes     uint16  // bit i: code i
	low, high float64 // low ≤ x < high
}

func (k *condition) holds(s *Set) (holds, known bool) {
	if !s.Has(k.input) {
		return false, false
	}
	x := s.Number[k.input]
	if k.coded {
		return k.codes&(1<<uint(x)) != 0, true
	}
	return x >= k.low && x < k.high, true
}

func allHold(ks []condition, s *Set) bool {
	for i := range ks {
		if holds, _ := ks[i].holds(s); !holds {
			return false
		}
	}
	return true
}

// plan is how one part is scored in one variant.
type plan struct {
	plain *table // of a part that reads one input without conditions: nearly all of them
	input Input
	ways  []way // otherwise the ways to know the part
}

// way is one of the ways to know a part: a quantity, by one table or by several of which a
// condition chooses.
type way struct {
	reads   quantity
	decides bool // known, it settles the part; otherwise it can only add to what is certain
	most    int8
	cases   []choice
}

type choice struct {
	when *condition // nil: always
	table
}

// points are the certain points of the part, and whether they are all of it. The worst of its ways
// counts. The part is known when a way that decides is known, or when what is certain cannot be
// exceeded by any that does.
func (p *plan) points(s *Set) (points int, known bool) {
	if p.plain != nil {
		if !s.Has(p.input) {
			return 0, false
		}
		return int(p.plain.at(s.Number[p.input])), true
	}
	var worst, deciders int8
	for i := range p.ways {
		w := &p.ways[i]
		n, ok := w.points(s)
		worst = max(worst, n)
		if w.decides {
			known = known || ok
			deciders = max(deciders, w.most)
		}
	}
	return int(worst), known || worst > 0 && worst >= deciders
}

// points of one way. While the condition that chooses between its tables is unknown, the least that
// any gives is certain, and all of it only when they agree.
func (w *way) points(s *Set) (least int8, known bool) {
	x, ok := w.reads.read(s)
	if !ok {
		return 0, false
	}
	first := true
	known = true
	for i := range w.cases {
		k := &w.cases[i]
		if k.when != nil {
			holds, told := k.when.holds(s)
			if told && !holds {
				continue
			}
		}
		n := k.at(x)
		if n < 0 {
			n, known = ^n, false
		}
		switch {
		case first:
			least, first = n, false
		case n != least:
			least, known = min(n, least), false
		}
	}
	return least, known && !first
}

// empty reports that nothing can be said of the part: its rows depend on a variant that is not known.
func (p *plan) empty() bool { return p.plain == nil && len(p.ways) == 0 }

// missing asks for what would settle the part: of its first way that decides, the quantity, or the
// input that chooses its table.
func (p *plan) missing(s *Set, add func(Input)) {
	if p.plain != nil {
		add(p.input)
		return
	}
	for i := range p.ways {
		w := &p.ways[i]
		if !w.decides {
			continue
		}
		if _, ok := w.reads.read(s); !ok {
			for _, in := range w.reads.needs() {
				add(in)
			}
		}
		for j := range w.cases {
			if w.cases[j].when != nil {
				add(w.cases[j].when.input)
			}
		}
		return
	}
}
