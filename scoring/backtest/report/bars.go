package report

import (
	"fmt"
	"html/template"
	"strings"
)

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
