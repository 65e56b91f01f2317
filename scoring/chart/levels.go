package chart

import (
	"math"
	"slices"

	"gopkg.in/yaml.v3"

	"wardwatch/ward"
)

// readLevel is a level with the rule that reaches it.
type readLevel struct {
	at      *yaml.Node
	total   *span // nil: not by a total
	single  int   // by one part alone at these points; 0: not
	reached bool  // a raise or a verdict names it
}

// readLevels reads the chart's levels of concern, from the mildest to the worst.
func (p *parser) readLevels(n *yaml.Node) (read []readLevel) {
	c := p.chart
	p.list(n, "the levels", func(e *yaml.Node) {
		l, rule := level{}, readLevel{at: e}
		var band string
		p.object(e, "a level",
			need("id", p.verdictID(&l.id)),
			need("band", p.text(&band)),
			p.source(),
			need("response", p.words(&l.response)),
			may("monitor", p.duration(&l.monitor)),
			may("total", func(n *yaml.Node) { rule.total = p.totalSpan(n) }),
			may("single", p.whole(&rule.single, 1, maxPoints)),
		)
		var ok bool
		if l.band, ok = ward.BandNamed(band); !ok || l.band == ward.Unknown {
			p.fail(e, "the band is %q: give low, low_medium, medium or high", band)
		}
		if k := len(c.levels); k > 0 && c.levels[k-1].band > l.band {
			p.fail(e, "the level %q is milder than the one before it: order them from the mildest to the worst", l.id)
		}
		if rule.total != nil && rule.single != 0 {
			p.fail(e, "the level %q is reached by a total or by a single part, not both: split it", l.id)
		}
		c.levels = append(c.levels, l)
		read = append(read, rule)
	})
	if len(c.levels) == 0 && len(p.errs) == 0 {
		p.fail(n, "there is no response: add the levels with what each asks for")
	}
	if len(c.levels) > math.MaxInt8 {
		p.fail(n, "there are %d levels, far more than a person can tell apart", len(c.levels))
		c.levels = c.levels[:math.MaxInt8]
	}
	return read
}

func (p *parser) verdictID(into *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if *into = n.Value; !goodPart(n.Value) {
			p.fail(n, "%q must be a short name of small letters, digits and _", n.Value)
		}
	}
}

func (p *parser) totalSpan(n *yaml.Node) *span {
	s, err := parseSpan(n.Value)
	if err != nil {
		p.fail(n, "%v", err)
		return nil
	}
	p.onGrid(n, s, 1)
	return &s
}

// levelNamed finds the level that a raise or a verdict names.
func (p *parser) levelNamed(read []readLevel) gives {
	return func(n *yaml.Node) int8 {
		found := int8(-1)
		for i := range p.chart.levels {
			if p.chart.levels[i].id != n.Value {
				continue
			}
			if found >= 0 {
				p.fail(n, "there are two levels %q: give them different ids", n.Value)
			}
			found = int8(i)
			read[i].reached = true
		}
		if found < 0 {
			p.fail(n, "there is no level %q: add it under levels", n.Value)
			return 0
		}
		return found
	}
}

// joinLevels finds the level of every total, and refuses levels that nothing reaches.
func (p *parser) joinLevels(read []readLevel) {
	c := p.chart
	most := 0
	for i := range c.parts {
		most += int(c.parts[i].most)
	}
	if !c.valued {
		c.byTotal = make([]int8, most+1)
	}
	next := 0
	for i, l := range read {
		switch {
		case c.valued && (l.total != nil || l.single != 0):
			p.fail(l.at, "a chart with a value has no totals: name the level in the verdicts")
		case l.total != nil:
			next = p.totals(l, int8(i), next, most)
		case l.single != 0 && !slices.Contains(p.points, l.single):
			p.fail(l.at, "no part ever gives %d points: the chart's points are %v", l.single, p.points)
		case l.single != 0 && c.single != 0:
			p.fail(l.at, "only one level can be reached by a single part")
		case l.single != 0:
			c.single, c.singleAt = int8(i)+1, int8(l.single)
		case !l.reached:
			p.fail(l.at, "nothing reaches this level: give it a total, or name it in a raise or a verdict")
		}
	}
	if !c.valued && next <= most {
		p.fail(p.section.levels, "there is no response to a total of %d: totals go up to %d", next, most)
	}
}

// totals gives a level to the totals of its span, which must begin where the last ended.
func (p *parser) totals(l readLevel, level int8, next, most int) int {
	s := l.total
	from, to := 0, most
	if !math.IsInf(s.low, 0) {
		from = int(s.first(1))
	}
	if !math.IsInf(s.high, 0) {
		to = int(s.last(1))
	}
	switch {
	case from != next:
		p.fail(l.at, "the totals %q must begin at %d, where those of the last level ended", s.text, next)
	case to > most:
		p.fail(l.at, "the totals %q can never be reached: the most is %d", s.text, most)
	case from > to:
		p.fail(l.at, "the totals %q can never be reached: the most is %d", s.text, most)
	default:
		for t := from; t <= to; t++ {
			p.chart.byTotal[t] = level
		}
	}
	return max(next, to+1)
}

func (p *parser) readRaises(n *yaml.Node, read []readLevel) {
	p.list(n, "the raises", func(e *yaml.Node) {
		var r raise
		var when []condition
		p.object(e, "a raise",
			p.source(),
			need("when", func(n *yaml.Node) { when = p.conditions(n) }),
			need("level", func(n *yaml.Node) { r.level = p.levelNamed(read)(n) }),
			may("required", p.yes(&r.required)),
		)
		if len(when) != 1 {
			p.fail(e, "a raise depends on one input: split it")
			return
		}
		r.when = when[0]
		p.chart.raises = append(p.chart.raises, r)
	})
}

// maxNotes is how many notes a result can carry.
const maxNotes = 16

func (p *parser) readNotes(n *yaml.Node) {
	p.list(n, "the notes", func(e *yaml.Node) {
		var x note
		p.object(e, "a note",
			p.source(),
			need("text", p.words(&x.text)),
			need("when", func(n *yaml.Node) { x.when = p.conditions(n) }),
		)
		p.chart.notes = append(p.chart.notes, x)
	})
	if len(p.chart.notes) > maxNotes {
		p.fail(n, "there are more than %d notes: join some", maxNotes)
		p.chart.notes = p.chart.notes[:maxNotes]
	}
}

// readVerdicts reads what a value means; the first table whose conditions hold is used.
func (p *parser) readVerdicts(n *yaml.Node, read []readLevel) {
	p.list(n, "the verdicts", func(e *yaml.Node) {
		var v verdict
		var bands *yaml.Node
		p.object(e, "a verdict",
			p.source(),
			may("when", func(n *yaml.Node) { v.when = p.conditions(n) }),
			need("bands", keep(&bands)),
		)
		if k := len(p.chart.verdicts); k > 0 && len(p.chart.verdicts[k-1].when) == 0 {
			p.fail(e, "the verdict before this one has no condition: this one can never be reached")
		}
		if bands != nil {
			v.bands = p.table(bands, p.chart.value, 0, p.levelNamed(read))
			p.chart.verdicts = append(p.chart.verdicts, v)
		}
	})
}
