// Package report writes a backtest's report as one HTML page.
package report

import (
	_ "embed" // the page
	"html/template"
	"io"

	"wardwatch/scoring/backtest"
	"wardwatch/scoring/backtest/report/page"
)

//go:embed page.gohtml
var body string

//go:embed bands.css
var bandStyle string

//go:embed words.json
var words []byte

// shown is what the template shows.
type shown struct {
	SetName      string
	Sentences    []template.HTML
	Facts        []page.Fact
	Lacks        template.HTML
	Skipped      template.HTML
	AccuracyPlot template.HTML
	Accuracy     page.Table
	Matched      page.Table
	LeadPlot     template.HTML
	Burden       page.Table
	Goals        page.Table
	Roles        page.Table
	Rungs        page.Table
	Night        template.HTML
	Shares       []titled
	TimePlot     template.HTML
	Time         page.Table
	Scores       []discrimination
	Groups       page.Table
	Missed       []missed
	Method       []template.HTML
}

type titled struct {
	Title template.HTML
	Table page.Table
}

type discrimination struct {
	titled
	ROC, PR template.HTML
}

type missed struct {
	Summary template.HTML
	Table   page.Table
	More    template.HTML
}

// Write writes the page. An error is the writer's, or says what is wrong with the page itself.
func Write(w io.Writer, r *backtest.Report) error {
	catalogue, err := page.ReadCatalogue(words)
	if err != nil {
		return err
	}
	b := builder{Catalogue: catalogue, r: r}
	title := b.Text("vi", "title") + " · " + b.Text("en", "title")
	return page.Sheet{Title: title, Words: catalogue, Body: body, Style: bandStyle, Data: b.shown()}.Write(w)
}

// builder turns the figures into what the page shows.
type builder struct {
	page.Catalogue
	r *backtest.Report
}

func (b *builder) shown() *shown {
	return &shown{
		SetName: b.r.Set.Name, Sentences: b.sentences(), Facts: b.facts(), Lacks: b.lacks(), Skipped: b.skipped(),
		AccuracyPlot: b.accuracyPlot(), Accuracy: b.accuracy(), Matched: b.matched(), LeadPlot: b.leadPlot(),
		Burden: b.burden(), Goals: b.goals(), Roles: b.roles(), Rungs: b.rungs(), Night: b.night(), Shares: b.shares(), TimePlot: b.timePlot(), Time: b.time(),
		Scores: b.scores(), Groups: b.groups(), Missed: b.missed(), Method: b.method(),
	}
}
