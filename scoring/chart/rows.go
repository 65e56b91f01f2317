package chart

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// row is one row of a part as it stands in the file: a quantity and its bands, in some variants and
// under a condition.
type row struct {
	reads    quantity
	known    bool // reads is known: the row was understood
	variants []string
	when     []condition
	adds     bool // can only add, never settle the part
	bands    table
}

// readParts reads the parts in the chart's order and works out how each is scored in each variant.
func (p *parser) readParts(n *yaml.Node) {
	p.pairs(n, "the parts", func(key, value *yaml.Node) {
		if !goodPart(key.Value) {
			p.fail(key, "%q must be a short name of small letters, digits and _", key.Value)
		}
		var rows []row
		p.list(value, "a part", func(e *yaml.Node) { rows = append(rows, p.row(e)) })
		if len(p.errs) == 0 {
			p.part(key, rows)
		}
	})
	if len(p.chart.parts) == 0 && len(p.errs) == 0 {
		p.fail(n, "there are no parts: add them")
	}
}

func goodPart(name string) bool {
	return name != "" && len(name) <= 24 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

func (p *parser) row(n *yaml.Node) row {
	var r row
	var bands *yaml.Node
	var variants string
	p.object(n, "a row",
		need("reads", func(n *yaml.Node) {
			if r.reads, r.known = quantityNamed(n.Value); r.known {
				p.use(n, r.reads)
				return
			}
			p.noInput(n)
		}),
		p.source(),
		may("variants", p.text(&variants)),
		may("when", func(n *yaml.Node) { r.when = p.conditions(n) }),
		may("only_adds", p.yes(&r.adds)),
		need("bands", keep(&bands)),
	)
	if r.known && bands != nil {
		r.bands = p.table(bands, r.reads, p.step(r.reads), p.pointsOf(p.points))
	}
	r.variants = strings.Fields(variants)
	for _, v := range r.variants {
		if !slices.ContainsFunc(p.chart.variants, func(w variant) bool { return w.id == v }) {
			p.fail(n, "there is no variant %q: declare it under variants", v)
		}
	}
	if len(r.when) > 1 || len(r.when) == 1 && !r.when[0].coded {
		p.fail(n, "a row depends on one coded input at most: split it")
	}
	return r
}

// part plans one part for every variant, and for a person whose variant is not known: then only the
// rows that hold in all of them.
func (p *parser) part(key *yaml.Node, rows []row) {
	c := p.chart
	part := Part{Name: key.Value}
	for i := range rows {
		for _, in := range slices.Concat(rows[i].reads.needs(), rows[i].reads.also(), inputsOf(rows[i].when)) {
			if !slices.Contains(part.Reads, in) {
				part.Reads = append(part.Reads, in)
			}
		}
	}
	if c.plans == nil {
		c.plans = make([][]plan, len(c.variants)+1)
	}
	for v := range c.plans {
		id := ""
		if v < len(c.variants) {
			id = c.variants[v].id
		}
		made := p.plan(key, rows, id)
		for i := range made.ways {
			part.most = max(part.most, made.ways[i].most)
		}
		c.plans[v] = append(c.plans[v], made.simple())
	}
	c.parts = append(c.parts, part)
}

func inputsOf(ks []condition) (in []Input) {
	for _, k := range ks {
		in = append(in, k.input)
	}
	return in
}

// plan gathers the rows of one variant into the ways to know the part. Rows that read the same are
// one way, chosen between by their conditions.
func (p *parser) plan(key *yaml.Node, rows []row, variant string) plan {
	var made plan
	for i := range rows {
		r := &rows[i]
		if len(r.variants) != 0 && !slices.Contains(r.variants, variant) {
			continue
		}
		j := slices.IndexFunc(made.ways, func(w way) bool { return w.reads == r.reads })
		if j < 0 {
			j = len(made.ways)
			made.ways = append(made.ways, way{reads: r.reads, decides: !r.adds})
		}
		w := &made.ways[j]
		k := choice{table: r.bands}
		if len(r.when) == 1 {
			k.when = &r.when[0]
		}
		w.cases = append(w.cases, k)
		for _, g := range r.bands.gives {
			w.most = max(w.most, g, ^g)
		}
	}
	decided := false
	for i := range made.ways {
		p.checkCases(key, &made.ways[i])
		decided = decided || made.ways[i].decides
	}
	if !decided && (variant != "" || len(p.chart.variants) == 0) {
		p.fail(key, "nothing settles the part %q %s: add a row without only_adds", key.Value, variant)
	}
	return made
}

// checkCases refuses tables of one quantity that could both hold, or leave a case in which none does.
func (p *parser) checkCases(key *yaml.Node, w *way) {
	if len(w.cases) == 1 && w.cases[0].when == nil {
		return
	}
	var all uint16
	for i := range w.cases {
		k := w.cases[i].when
		if k == nil || k.input != w.cases[0].when.input {
			p.fail(key, "%q has rows for %s that hold at once: give each its own value of one input under when", key.Value, w.reads.name())
			return
		}
		if all&k.codes != 0 {
			p.fail(key, "%q has two rows for %s and the same %s: keep one", key.Value, w.reads.name(), k.input)
		}
		all |= k.codes
	}
	in := w.cases[0].when.input
	for i, word := range in.Codes() {
		if all&(1<<i) == 0 {
			p.fail(key, "%q says nothing of %s when %s is %q: add a row", key.Value, w.reads.name(), in, word)
		}
	}
}

// simple shortens a plan that reads one input by one table, as nearly all do.
func (pl plan) simple() plan {
	if len(pl.ways) != 1 || len(pl.ways[0].cases) != 1 || !pl.ways[0].decides || !pl.ways[0].reads.isInput() {
		return pl
	}
	k := &pl.ways[0].cases[0]
	if k.when != nil || slices.Min(k.gives) < 0 {
		return pl
	}
	return plan{plain: &k.table, input: Input(pl.ways[0].reads)}
}

// conditions reads a mapping of inputs to the words or the range that they must be in.
func (p *parser) conditions(n *yaml.Node) (ks []condition) {
	p.pairs(n, "a condition", func(key, value *yaml.Node) {
		in, ok := InputNamed(key.Value)
		if !ok {
			p.noInput(key)
			return
		}
		p.use(key, quantity(in))
		k := condition{input: in, coded: in.Codes() != nil}
		if k.coded {
			p.codes(value, in, func(i int) { k.codes |= 1 << i })
		} else if s, err := parseSpan(value.Value); err != nil {
			p.fail(value, "%v", err)
		} else {
			step := p.step(quantity(in))
			p.onGrid(value, s, step)
			k.low, k.high = s.below(step), s.above(step)
		}
		ks = append(ks, k)
	})
	if len(ks) == 0 {
		p.fail(n, "a condition names at least one input")
	}
	return ks
}
