package chart

import (
	"fmt"
	"math/bits"
	"slices"
	"time"

	"wardwatch/ward"
)

// Chart is one published chart, immutable after it is loaded.
type Chart struct {
	id, version string
	name        words
	source      string
	file        []byte // as it was reviewed
	population  population

	by       selector
	variants []variant
	parts    []Part
	plans    [][]plan // by variant, then by part; the last is for a person whose variant is not known
	reads    uint64

	value    quantity // of a chart without points
	valued   bool
	verdicts []verdict

	levels   []level // from the mildest to the worst
	byTotal  []int8  // level of each total
	single   int8    // level of one part at its chart's most points alone, plus one; 0: the chart has none
	singleAt int8
	raises   []raise
	notes    []note
}

// words is one text in the languages of the product.
type words struct{ en, vi string }

func (w words) in(lang string) string {
	if lang == "vi" {
		return w.vi
	}
	return w.en
}

// population is who a chart is for.
type population struct {
	fromMonths, toMonths int // from, up to but not including
	pregnancyRefused     bool
}

// selector is what chooses a chart's variant.
type selector uint8

const (
	byNothing selector = iota
	byScale
	byAge
)

// variant is one form of a chart: an SpO2 scale, an age band.
type variant struct {
	id       string
	scale2   bool
	from, to float64 // completed months, from, up to but not including
}

// Part is one line of a chart: what it is called and the inputs it reads, those asked for first.
type Part struct {
	Name  string
	Reads []Input
	most  int8
}

// level is one rung of a chart's own scale of concern, with what it asks for.
type level struct {
	id       string
	band     ward.Band
	monitor  time.Duration
	response words
}

// raise lifts the level by itself, whatever the total.
type raise struct {
	when     condition
	level    int8
	required bool // the set is incomplete while its input is unknown
}

// note is something to be said beside a result.
type note struct {
	when []condition // all must hold
	text words
}

// verdict is a table of what a value means, where its conditions hold.
type verdict struct {
	when  []condition
	bands table
}

// ID is the chart's id, for example "news2".
func (c *Chart) ID() string { return c.id }

// Version is that of the chart's data.
func (c *Chart) Version() string { return c.version }

// Name is the chart's name; lang is "vi" or anything else for English.
func (c *Chart) Name(lang string) string { return c.name.in(lang) }

// Source is the publication the chart is from.
func (c *Chart) Source() string { return c.source }

// File is the reviewed file the chart was read from.
func (c *Chart) File() []byte { return slices.Clone(c.file) }

// Variant is the form of the chart that a set is scored by, for example "scale2" or "1-4y"; empty
// when the chart has one form only or the set does not say (no age).
func (c *Chart) Variant(s *Set) string {
	if v := c.variantOf(s); v < len(c.variants) {
		return c.variants[v].id
	}
	return ""
}

// Variants are all forms of the chart; none when it has only one.
func (c *Chart) Variants() []string {
	var ids []string
	for _, v := range c.variants {
		ids = append(ids, v.id)
	}
	return ids
}

// variantOf is the index of the set's variant; len(variants) when there is none or it is not known.
func (c *Chart) variantOf(s *Set) int {
	switch c.by {
	case byScale:
		for i := range c.variants {
			if c.variants[i].scale2 == s.Scale2 {
				return i
			}
		}
	case byAge:
		if s.Has(Age) {
			for i := range c.variants {
				if v := &c.variants[i]; s.Number[Age] >= v.from && s.Number[Age] < v.to {
					return i
				}
			}
		}
	}
	return len(c.variants)
}

// NeedsAge reports whether the chart cannot be scored without the person's age.
func (c *Chart) NeedsAge() bool { return c.by == byAge }

// Parts are the chart's lines in its own order, at most ward.MaxParts; none for a chart that gives
// a value instead of points.
func (c *Chart) Parts() []Part { return c.parts }

// HasValue reports whether the chart gives a value instead of points.
func (c *Chart) HasValue() bool { return c.valued }

// Reads has the bit of every input that the chart can use.
func (c *Chart) Reads() uint64 { return c.reads }

// Refuses says why the chart may not be used for a person; ward.NotRefused when it may. An unknown
// age is taken for an adult's: on an adult ward that is nearly always right, and on a children's
// ward the children's chart stays closed until the birth date is entered.
func (c *Chart) Refuses(ageMonths int, ageKnown bool, p ward.Pregnancy) ward.Refusal {
	if !ageKnown {
		ageMonths = max(adultMonths, c.population.fromMonths)
	}
	switch {
	case ageMonths < c.population.fromMonths:
		return ward.RefusedAge
	case c.population.toMonths > 0 && ageMonths >= c.population.toMonths:
		return ward.RefusedAdult
	case c.population.pregnancyRefused && p != ward.NotPregnant:
		return ward.RefusedPregnancy
	}
	return ward.NotRefused
}

const adultMonths = 16 * 12

// Interval is how soon the chart wants the next set of observations after one with this result; of
// an incomplete set, at the latest. Zero: the chart says nothing of it.
func (c *Chart) Interval(r Result) time.Duration {
	if l := c.level(r); l != nil {
		return l.monitor
	}
	return 0
}

// Response is what the chart asks people to do; empty when it says nothing. Lang is "vi" or
// anything else for English.
func (c *Chart) Response(r Result, lang string) string {
	if l := c.level(r); l != nil {
		return l.response.in(lang)
	}
	return ""
}

func (c *Chart) level(r Result) *level {
	if r.Level == 0 || int(r.Level) > len(c.levels) {
		return nil
	}
	return &c.levels[r.Level-1]
}

// Notes are what must be said beside the result; lang as in Name. A chart of criteria that is not
// complete says how many of those that can be judged are met: never that it is negative.
func (c *Chart) Notes(r Result, lang string) []string {
	var texts []string
	if !r.Complete && c.criteria() {
		form := words{"%d of the %d criteria that can be judged are met.", "Đạt %d trong %d tiêu chuẩn đánh giá được."}
		texts = append(texts, fmt.Sprintf(form.in(lang), r.LowerBound, bits.OnesCount8(r.Known)))
	}
	for i := range c.notes {
		if r.Notes&(1<<i) != 0 {
			texts = append(texts, c.notes[i].text.in(lang))
		}
	}
	return texts
}

// criteria reports whether every part is met or not met.
func (c *Chart) criteria() bool {
	return !c.valued && !slices.ContainsFunc(c.parts, func(p Part) bool { return p.most != 1 })
}

// Missing are the inputs that would complete the result: of each part that is not known, what it is
// first asked for.
func (c *Chart) Missing(s *Set, r Result) []Input {
	var missing []Input
	add := func(i Input) {
		if !s.Has(i) && !slices.Contains(missing, i) {
			missing = append(missing, i)
		}
	}
	if c.by == byAge {
		add(Age)
	}
	for i := range c.parts {
		p := &c.plans[c.variantOf(s)][i]
		switch {
		case r.Known&(1<<i) != 0:
		case p.empty():
			add(c.parts[i].Reads[0])
		default:
			p.missing(s, add)
		}
	}
	if c.valued && !r.HasValue {
		for _, i := range c.value.needs() {
			add(i)
		}
	}
	for i := range c.raises {
		if c.raises[i].required {
			add(c.raises[i].when.input)
		}
	}
	return missing
}
