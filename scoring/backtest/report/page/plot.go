package page

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"

	"wardwatch/scoring/backtest/stat"
)

// Series is one line or set of marks on a plot. Each has its own dash and mark beside its colour.
type Series struct {
	Name   template.HTML
	Points []Point
	Line   bool
	Marks  bool
	Spread []Spread // beside the points; may be shorter
	Labels []string // beside the points, by key of the catalogue; may be shorter
}

// Point is a point of a plot.
type Point struct{ X, Y float64 }

// Spread is how far up and down a point's interval reaches.
type Spread struct{ Low, High float64 }

// Axes of a plot; percentages run from 0 to 1. What lies beyond is drawn on the edge.
type Axes struct {
	XMax, YMin, YMax   float64
	XPercent, YPercent bool
}

// The plot's box, in its own units.
const (
	plotW, plotH                = 460, 320
	left, right, top, underfoot = 46, 22, 18, 34
)

func (a Axes) at(p Point) (x, y float64) {
	up := min(max((p.Y-a.YMin)/(a.YMax-a.YMin), 0), 1)
	return left + min(p.X/a.XMax, 1)*(plotW-left-right), plotH - underfoot - up*(plotH-top-underfoot)
}

// Plot draws lines and marks over axes. level is a grey line across, NaN for none; the diagonal is
// drawn on request.
func (c Catalogue) Plot(caption template.HTML, a Axes, lines []Series, level float64, diagonal bool) template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<figure><svg viewBox="0 0 %d %d" role="img">`, plotW, plotH)
	c.grid(&b, a)
	if diagonal {
		a.path(&b, "grey", []Point{{0, 0}, {a.XMax, a.YMax}})
	}
	if stat.Number(level).Known() {
		a.path(&b, "grey", []Point{{0, level}, {a.XMax, level}})
	}
	for i := range lines {
		c.series(&b, a, i, &lines[i])
	}
	b.WriteString(`</svg><figcaption>`)
	b.WriteString(string(caption))
	b.WriteString(`</figcaption><ul class="legend">`)
	for i := range lines {
		fmt.Fprintf(&b, `<li><svg class="key" viewBox="0 0 40 14" aria-hidden="true">`)
		if lines[i].Line {
			fmt.Fprintf(&b, `<path class="line s%d" d="M2 7H38"/>`, i%6)
		}
		if lines[i].Marks {
			mark(&b, i, 20, 7)
		}
		fmt.Fprintf(&b, `</svg>%s</li>`, lines[i].Name)
	}
	b.WriteString(`</ul></figure>`)
	return template.HTML(b.String())
}

// grid draws the axes with about five ticks each.
func (c Catalogue) grid(b *strings.Builder, a Axes) {
	for _, v := range ticks(0, a.XMax) {
		x, _ := a.at(Point{v, 0})
		fmt.Fprintf(b, `<path class="grid" d="M%.1f %dV%d"/>`, x, top, plotH-underfoot)
		c.tick(b, x, plotH-underfoot+16, "middle", v, a.XMax, a.XPercent)
	}
	for _, v := range ticks(a.YMin, a.YMax) {
		_, y := a.at(Point{0, v})
		fmt.Fprintf(b, `<path class="grid" d="M%d %.1fH%d"/>`, left, y, plotW-right)
		c.tick(b, left-6, y+4, "end", v, a.YMax, a.YPercent)
	}
}

func (c Catalogue) tick(b *strings.Builder, x, y float64, anchor string, v, most float64, isPercent bool) {
	n, unit := Number{v, decimalsFor(most)}, ""
	if isPercent {
		n, unit = Number{100 * v, decimalsFor(100 * most)}, " %"
	}
	texts := map[string]bool{}
	for _, lang := range Languages() {
		texts[n.In(lang)] = true
	}
	if len(texts) == 1 {
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s">%s%s</text>`, x, y, anchor, n.In(Languages()[0]), unit)
		return
	}
	for _, lang := range Languages() {
		fmt.Fprintf(b, `<text lang="%s" x="%.1f" y="%.1f" text-anchor="%s">%s%s</text>`, lang, x, y, anchor, n.In(lang), unit)
	}
}

// ticks are round numbers from least, which is 0 or less, to most.
func ticks(least, most float64) (at []float64) {
	step := math.Pow(10, math.Floor(math.Log10(most)))
	for _, finer := range []float64{1, 0.5, 0.2, 0.1} {
		if n := most / (step * finer); n >= 4 || finer == 0.1 {
			step *= finer
			break
		}
	}
	for i := math.Ceil(least / step * 0.9999); i*step <= most*1.0001; i++ {
		at = append(at, i*step)
	}
	return at
}

// Highest is the top of the highest line, or 0 without lines over it.
func Highest(lines []Series) (top float64) {
	for _, l := range lines {
		for _, p := range l.Points {
			top = max(top, p.Y)
		}
	}
	return top
}

// RoundUp is where an axis for shares up to one ends: rare events need a finer one.
func RoundUp(share float64) float64 {
	for _, round := range []float64{0.01, 0.02, 0.05, 0.1, 0.2, 0.5} {
		if share <= round {
			return round
		}
	}
	return 1
}

func decimalsFor(most float64) int {
	switch {
	case most <= 0.004:
		return 4
	case most <= 0.04:
		return 3
	case most <= 0.4:
		return 2
	case most < 4:
		return 1
	}
	return 0
}

func (a Axes) path(b *strings.Builder, class string, points []Point) {
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

func (c Catalogue) series(b *strings.Builder, a Axes, i int, s *Series) {
	if s.Line {
		a.path(b, "s"+strconv.Itoa(i%6), s.Points)
	}
	for j, spread := range s.Spread {
		x, high := a.at(Point{s.Points[j].X, spread.High})
		_, low := a.at(Point{s.Points[j].X, spread.Low})
		fmt.Fprintf(b, `<path class="spread s%d" d="M%.1f %.1fV%.1f"/>`, i%6, x, low, high)
	}
	if !s.Marks {
		return
	}
	for j, p := range s.Points {
		x, y := a.at(p)
		mark(b, i, x, y)
		if j < len(s.Labels) {
			for _, lang := range Languages() {
				fmt.Fprintf(b, `<text class="mark" lang="%s" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, lang, x, y-9, c.Text(lang, s.Labels[j]))
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
