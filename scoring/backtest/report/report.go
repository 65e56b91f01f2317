// Package report writes a backtest's report as one HTML page that needs nothing else: both
// languages, light and dark, on a screen, a phone or paper.
package report

import (
	_ "embed" // the page
	"fmt"
	"html/template"
	"io"

	"wardwatch/scoring/backtest"
)

//go:embed page.gohtml
var pageText string

//go:embed page.css
var pageStyle string

// page is what the template shows.
type page struct {
	Title, SetName string
	Style          template.CSS
	Sentences      []template.HTML
	Facts          []fact
	Lacks          template.HTML
	Skipped        template.HTML
	AccuracyPlot   template.HTML
	Accuracy       table
	Matched        table
	LeadPlot       template.HTML
	Burden         table
	Shares         []titled
	TimePlot       template.HTML
	Time           table
	Scores         []discrimination
	Groups         table
	Missed         []missed
	Method         []template.HTML
}

type fact struct{ Name, Value template.HTML }

type table struct {
	Head []template.HTML
	Rows [][]template.HTML
}

type titled struct {
	Title template.HTML
	Table table
}

type discrimination struct {
	titled
	ROC, PR template.HTML
}

type missed struct {
	Summary template.HTML
	Table   table
	More    template.HTML
}

// Write writes the page.
func Write(w io.Writer, r *backtest.Report) error {
	words, err := readWords()
	if err != nil {
		return err
	}
	t, err := template.New("page").Funcs(template.FuncMap{"t": words.both}).Parse(pageText)
	if err != nil {
		return fmt.Errorf("report: the page's template: %w", err)
	}
	b := builder{catalogue: words, r: r}
	return t.Execute(w, b.page())
}

// builder turns the figures into what the page shows.
type builder struct {
	catalogue
	r *backtest.Report
}

func (b *builder) page() *page {
	p := &page{
		Title:   b.text("vi", "title") + " · " + b.text("en", "title"),
		SetName: b.r.Set.Name, Style: template.CSS(pageStyle),
		Sentences: b.sentences(), Facts: b.facts(), Lacks: b.lacks(), Skipped: b.skipped(),
		AccuracyPlot: b.accuracyPlot(), Accuracy: b.accuracy(), Matched: b.matched(), LeadPlot: b.leadPlot(),
		Burden: b.burden(), Shares: b.shares(), TimePlot: b.timePlot(), Time: b.time(),
		Scores: b.scores(), Groups: b.groups(), Missed: b.missed(), Method: b.method(),
	}
	return p
}

// head makes a row of headings from the catalogue.
func (b *builder) head(keys ...string) []template.HTML {
	out := make([]template.HTML, len(keys))
	for i, k := range keys {
		out[i] = b.both(k)
	}
	return out
}

// word is a text of a family of keys, or the name itself where the catalogue has none.
func (b *builder) word(family, name string) template.HTML {
	if _, ok := b.catalogue[family+"."+name]; ok {
		return b.both(family + "." + name)
	}
	return template.HTML(template.HTMLEscapeString(name))
}
