package chart

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"wardwatch/ward"
)

// Parse reads one chart file and checks it. The error names the file, the lines and the remedies.
func Parse(file string, raw []byte) (*Chart, error) {
	p := parser{reader: reader{file: file}, chart: &Chart{file: slices.Clone(raw)}}
	if doc := p.document(raw); doc != nil {
		p.read(doc)
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return p.chart, nil
}

// parser turns a file into a chart. Its sections are kept as they come and read in the order in
// which they need each other.
type parser struct {
	reader
	chart  *Chart
	inputs map[Input]declared
	used   map[Input]bool
	points []int

	section struct{ inputs, variants, parts, levels, raises, notes, verdicts *yaml.Node }
}

// declared is an input that the chart names, with the step that it is rounded to; 0: it is not.
type declared struct {
	at   *yaml.Node
	step float64
}

// keep stores a section for later.
func keep(into **yaml.Node) func(*yaml.Node) { return func(n *yaml.Node) { *into = n } }

var goodID = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,39}$`)

func (p *parser) read(doc *yaml.Node) {
	c, s := p.chart, &p.section
	p.object(doc, "a chart",
		need("id", p.id(&c.id)),
		need("version", p.id(&c.version)),
		need("name", p.words(&c.name)),
		need("source", p.text(&c.source)),
		need("population", p.population),
		need("inputs", keep(&s.inputs)),
		may("points", p.allowedPoints),
		may("variants", keep(&s.variants)),
		may("parts", keep(&s.parts)),
		may("value", p.value),
		may("verdicts", keep(&s.verdicts)),
		need("levels", keep(&s.levels)),
		may("raises", keep(&s.raises)),
		may("notes", keep(&s.notes)),
	)
	if len(p.errs) != 0 {
		return
	}
	if c.valued == (s.parts != nil) || c.valued != (s.verdicts != nil) || c.valued == (p.points != nil) {
		p.fail(doc, `a chart has either "points" with "parts", or a "value" with "verdicts": decide which`)
		return
	}
	p.readInputs(s.inputs)
	p.each(s.variants, p.readVariants)
	levels := p.readLevels(s.levels)
	p.each(s.notes, p.readNotes)
	p.each(s.raises, func(n *yaml.Node) { p.readRaises(n, levels) })
	if c.valued {
		p.use(doc, c.value)
		p.readVerdicts(s.verdicts, levels)
	} else {
		p.readParts(s.parts)
	}
	if len(p.errs) == 0 {
		p.finish(doc, levels)
	}
}

func (p *parser) each(section *yaml.Node, read func(*yaml.Node)) {
	if section != nil {
		read(section)
	}
}

func (p *parser) id(into *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if *into = n.Value; !goodID.MatchString(n.Value) {
			p.fail(n, "%q must be 1 to 40 small letters, digits, points and hyphens", n.Value)
		}
	}
}

func (p *parser) population(n *yaml.Node) {
	var pregnancy string
	w := &p.chart.population
	p.object(n, "the population",
		p.source(),
		need("from_months", p.whole(&w.fromMonths, 0, maxMonths)),
		may("to_months", p.whole(&w.toMonths, 1, maxMonths)),
		need("pregnancy", p.text(&pregnancy)),
	)
	switch pregnancy {
	case "refused":
		w.pregnancyRefused = true
	case "allowed", "":
	default:
		p.fail(n, `pregnancy is %q: say "refused" or "allowed"`, pregnancy)
	}
	if w.toMonths != 0 && w.toMonths <= w.fromMonths {
		p.fail(n, "the population ends before it begins: correct from_months or to_months")
	}
}

const maxMonths = 1560

// maxPoints is the most points that a part may give; it keeps totals small.
const maxPoints = 20

func (p *parser) allowedPoints(n *yaml.Node) {
	p.list(n, "the points", func(e *yaml.Node) {
		x := 0
		p.whole(&x, 0, maxPoints)(e)
		p.points = append(p.points, x)
	})
	if len(p.points) < 2 || !slices.IsSorted(p.points) || p.points[0] != 0 {
		p.fail(n, "the points a part may give go up from 0, for example [0, 1, 2, 3]")
	}
}

func (p *parser) value(n *yaml.Node) {
	q, ok := quantityNamed(n.Value)
	if !ok || q.isInput() {
		p.fail(n, "there is no value %q: it may be mean_pressure, pf, sf, rox, rox_hr, si or msi", n.Value)
		return
	}
	p.chart.value, p.chart.valued = q, true
}

// readInputs reads the inputs with their units, which must be ours: a chart printed in other units
// is converted by its reviewer, never here.
func (p *parser) readInputs(n *yaml.Node) {
	p.inputs, p.used = map[Input]declared{}, map[Input]bool{}
	p.pairs(n, "the inputs", func(key, value *yaml.Node) {
		in, ok := InputNamed(key.Value)
		if !ok {
			p.noInput(key)
			return
		}
		var unit string
		d := declared{at: key}
		p.object(value, "an input", need("unit", p.text(&unit)), may("round_to", p.number(&d.step, 1e-3, 10)))
		if _, _, ours := in.Limits(); unit != ours {
			p.fail(value, "%s is kept in %q, not %q: convert the bands", in, ours, unit)
		}
		p.inputs[in] = d
	})
}

func (p *parser) noInput(n *yaml.Node) {
	names := make([]string, NumInputs)
	for i := range NumInputs {
		names[i] = i.String()
	}
	p.fail(n, "there is no input %q: it may be %s", n.Value, strings.Join(names, ", "))
}

// use notes that a row reads a quantity, and refuses inputs that were not declared.
func (p *parser) use(n *yaml.Node, q quantity) {
	for _, in := range append(slices.Clone(q.needs()), q.also()...) {
		if _, ok := p.inputs[in]; !ok {
			p.fail(n, "%q is read here, but is not among the inputs: add it there with its unit", in)
		}
		p.used[in] = true
		p.chart.reads |= 1 << in
	}
}

func (p *parser) step(q quantity) float64 {
	if q.isInput() {
		return p.inputs[Input(q)].step
	}
	return 0
}

func (p *parser) readVariants(n *yaml.Node) {
	c := p.chart
	last := 0.0
	p.pairs(n, "the variants", func(key, value *yaml.Node) {
		v := variant{id: key.Value}
		var scale int
		var months string
		p.object(value, "a variant", p.source(), may("spo2_scale", p.whole(&scale, 1, 2)), may("age_months", p.text(&months)))
		by := byScale
		if months != "" {
			by = byAge
			s, err := parseSpan(months)
			if err != nil || !s.lowIn || s.highIn || s.low != last || s.high > maxMonths {
				p.fail(value, "age_months %q must be a range that begins where the last variant ended, such as 12–<60", months)
			}
			v.from, v.to = last, s.high
			last = s.high
		}
		if !goodID.MatchString(v.id) || (scale == 0) == (months == "") || c.by != byNothing && c.by != by {
			p.fail(value, `a variant has a short id and either "spo2_scale" or "age_months", all variants the same one`)
		}
		v.scale2 = scale == 2
		c.by = by
		c.variants = append(c.variants, v)
	})
	switch {
	case c.by == byScale && (len(c.variants) != 2 || c.variants[0].scale2 == c.variants[1].scale2):
		p.fail(n, "there are two SpO2 scales: describe both, once each")
	case c.by == byAge:
		p.inputs[Age], p.used[Age] = declared{at: n}, true
		c.reads |= 1 << Age
		if w := c.population; float64(w.toMonths) != last && (w.toMonths != 0 || last < maxMonths) {
			p.fail(n, "the age variants end at %g months, the population at %d: let them meet", last, w.toMonths)
		}
	}
}

// finish joins what was read and checks it as a whole.
func (p *parser) finish(doc *yaml.Node, levels []readLevel) {
	p.joinLevels(levels)
	for in := range NumInputs {
		if d, ok := p.inputs[in]; ok && !p.used[in] {
			p.fail(d.at, "the input %q is declared but no row reads it: remove it", in)
		}
	}
	if len(p.chart.parts) > ward.MaxParts {
		p.fail(doc, "the chart has %d parts, at most %d fit: join some", len(p.chart.parts), ward.MaxParts)
	}
}
