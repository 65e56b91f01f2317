package report

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"

	"wardwatch/scoring/backtest/stat"
)

// series is one line or set of marks on a plot. Each has its own dash and mark beside its colour.
type series struct {
	name   template.HTML
	points []point
	line   bool
	marks  bool
	labels []string // beside the points, by key of the catalogue; may be shorter
}

type point struct{ x, y float64 }

// axes of a plot; percentages run from 0 to 1.
type axes struct {
	xMax, yMax         float64
	xPercent, yPercent bool
}

// The plot's box, in its own units.
const (
	plotW, plotH                = 460, 320
	left, right, top, underfoot = 46, 22, 18, 34
)

func (a axes) at(p point) (x, y float64) {
	return left + min(p.x/a.xMax, 1)*(plotW-left-right), plotH - underfoot - min(p.y/a.yMax, 1)*(plotH-top-underfoot)
}

// plot draws lines and marks over axes. level is a grey line across, NaN for none; the diagonal is
// drawn on request.
func (c catalogue) plot(caption template.HTML, a axes, lines []series, level float64, diagonal bool) template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<figure><svg viewBox="0 0 %d %d" role="img">`, plotW, plotH)
	c.grid(&b, a)
	if diagonal {
		a.path(&b, "grey", []point{{0, 0}, {a.xMax, a.yMax}})
	}
	if stat.Number(level).Known() {
		a.path(&b, "grey", []point{{0, level}, {a.xMax, level}})
	}
	for i := range lines {
		c.series(&b, a, i, &lines[i])
	}
	b.WriteString(`</svg><figcaption>`)
	b.WriteString(string(caption))
	b.WriteString(`</figcaption><ul class="legend">`)
	for i := range lines {
		fmt.Fprintf(&b, `<li><svg class="key" viewBox="0 0 40 14" aria-hidden="true">`)
		if lines[i].line {
			fmt.Fprintf(&b, `<path class="line s%d" d="M2 7H38"/>`, i%6)
		}
		if lines[i].marks {
			mark(&b, i, 20, 7)
		}
		fmt.Fprintf(&b, `</svg>%s</li>`, lines[i].name)
	}
	b.WriteString(`</ul></figure>`)
	return template.HTML(b.String())
}

// grid draws the axes with about five ticks each.
func (c catalogue) grid(b *strings.Builder, a axes) {
	for _, v := range ticks(a.xMax) {
		x, _ := a.at(point{v, 0})
		fmt.Fprintf(b, `<path class="grid" d="M%.1f %dV%d"/>`, x, top, plotH-underfoot)
		c.tick(b, x, plotH-underfoot+16, "middle", v, a.xMax, a.xPercent)
	}
	for _, v := range ticks(a.yMax) {
		_, y := a.at(point{0, v})
		fmt.Fprintf(b, `<path class="grid" d="M%d %.1fH%d"/>`, left, y, plotW-right)
		c.tick(b, left-6, y+4, "end", v, a.yMax, a.yPercent)
	}
}

func (c catalogue) tick(b *strings.Builder, x, y float64, anchor string, v, most float64, isPercent bool) {
	n, unit := number{v, decimalsFor(most)}, ""
	if isPercent {
		n, unit = number{100 * v, decimalsFor(100 * most)}, " %"
	}
	texts := map[string]bool{}
	for _, lang := range languages {
		texts[n.in(lang)] = true
	}
	if len(texts) == 1 {
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s">%s%s</text>`, x, y, anchor, n.in(languages[0]), unit)
		return
	}
	for _, lang := range languages {
		fmt.Fprintf(b, `<text lang="%s" x="%.1f" y="%.1f" text-anchor="%s">%s%s</text>`, lang, x, y, anchor, n.in(lang), unit)
	}
}

// ticks are round numbers from 0 to most.
func ticks(most float64) (at []float64) {
	step := math.Pow(10, math.Floor(math.Log10(most)))
	for _, finer := range []float64{1, 0.5, 0.2, 0.1} {
		if n := most / (step * finer); n >= 4 || finer == 0.1 {
			step *= finer
			break
		}
	}
	for i := 0.0; i*step <= most*1.0001; i++ {
		at = append(at, i*step)
	}
	return at
}

func decimalsFor(most float64) int {
	switch {
	case most <= 0.4:
		return 2
	case most < 4:
		return 1
	}
	return 0
}

func (a axes) path(b *strings.Builder, class string, points []point) {
	var d strings.Builder
	for i, p := range points {
		x, y := a.at(p)
		command := byte('L')
		if i == 0 {
			command = 'M'
		}
		fmt.Fprintf(&d, "%c%.1f %.1f", command, x, y)
	}
	fmt.Fprintf(b, `<path class="line %s" d="%s"/>`, class, d.String())
}

func (c catalogue) series(b *strings.Builder, a axes, i int, s *series) {
	if s.line {
		a.path(b, "s"+strconv.Itoa(i%6), s.points)
	}
	if !s.marks {
		return
	}
	for j, p := range s.points {
		x, y := a.at(p)
		mark(b, i, x, y)
		if j < len(s.labels) {
			for _, lang := range languages {
				fmt.Fprintf(b, `<text class="mark" lang="%s" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, lang, x, y-9, c.text(lang, s.labels[j]))
			}
		}
	}
}

// mark is a shape of its own for each series.
func mark(b *strings.Builder, i int, x, y float64) {
	shapes := [...]string{
		`<circle class="dot s%d" cx="%.1f" cy="%.1f" r="5"/>`,
		`<path class="dot s%d" d="M%.1f %.1fm-5 -5h10v10h-10z"/>`,
		`<path class="dot s%d" d="M%.1f %.1fm0 -6l6 10h-12z"/>`,
		`<path class="dot s%d" d="M%.1f %.1fm0 -6l6 6l-6 6l-6 -6z"/>`,
		`<path class="line s%d" d="M%.1f %.1fm-5 -5l10 10m0 -10l-10 10"/>`,
		`<path class="line s%d" d="M%.1f %.1fm-6 0h12m-6 -6v12"/>`,
	}
	fmt.Fprintf(b, shapes[i%6], i%6, x, y)
}

// bar is one row of a bar chart: parts beside each other, each with its pattern.
type bar struct {
	name  template.HTML
	parts []part
}

type part struct {
	share float64
	class string
}

// bars draws rows of parts of a whole.
func bars(rows []bar) template.HTML {
	var b strings.Builder
	b.WriteString(`<div class="bars">`)
	for _, r := range rows {
		fmt.Fprintf(&b, `<div class="barname">%s</div><svg class="bar" viewBox="0 0 1000 40" preserveAspectRatio="none" aria-hidden="true">`, r.name)
		x := 0.0
		for _, p := range r.parts {
			w := 1000 * p.share
			fmt.Fprintf(&b, `<rect class="%s" x="%.1f" y="0" width="%.1f" height="40"/>`, p.class, x, w)
			x += w
		}
		b.WriteString(`</svg>`)
	}
	b.WriteString(`</div>`)
	return template.HTML(b.String())
}
