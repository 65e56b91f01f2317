// Package report writes a validation's report as one HTML page.
package report

import (
	_ "embed" // the page
	"html/template"
	"io"

	"wardwatch/scoring/backtest/report/page"
	"wardwatch/scoring/validate"
)

//go:embed page.gohtml
var body string

//go:embed words.json
var words []byte

// shown is what the template shows.
type shown struct {
	Name            string
	Sentences       []template.HTML
	Facts           []page.Fact
	Skipped         template.HTML
	ROC, PR         template.HTML
	Scores          page.Table
	Unscored        template.HTML
	Points          page.Table
	CalibrationPlot template.HTML
	Calibration     page.Table
	Deciles         page.Table
	Smooth          page.Table
	Alerting        page.Table
	Ratio           template.HTML
	Matched         page.Table
	DecisionPlot    template.HTML
	Decision        page.Table
	Groups          page.Table
	Withheld        page.Table
	Kept            page.Table
	Masked          template.HTML
	Method          []template.HTML
}

// Write writes the page. An error is the writer's, or says what is wrong with the page itself.
func Write(w io.Writer, r *validate.Report) error {
	catalogue, err := page.ReadCatalogue(words)
	if err != nil {
		return err
	}
	b := builder{Catalogue: catalogue, r: r}
	title := b.Text("vi", "title") + " · " + b.Text("en", "title")
	return page.Sheet{Title: title, Words: catalogue, Body: body, Data: b.shown()}.Write(w)
}

// builder turns the figures into what the page shows.
type builder struct {
	page.Catalogue
	r *validate.Report
}

func (b *builder) shown() *shown {
	s := &shown{
		Name: b.r.Model.ID + " · " + b.r.Set.Name, Sentences: b.sentences(), Facts: b.facts(), Skipped: b.skipped(),
		Scores: b.scores(&b.r.Headline), Unscored: b.unscored(), Points: b.points(),
		CalibrationPlot: b.calibrationPlot(), Calibration: b.calibration(), Deciles: b.deciles(), Smooth: b.smooth(),
		Alerting: b.alerting(), Ratio: b.ratio(), Matched: b.matched(), DecisionPlot: b.decisionPlot(), Decision: b.decision(),
		Groups: b.groups(), Withheld: b.withheld(), Masked: b.masked(), Method: b.method(),
	}
	s.ROC, s.PR = b.curves()
	if b.r.Withheld.Kept != nil {
		s.Kept = b.scores(b.r.Withheld.Kept)
	}
	return s
}
