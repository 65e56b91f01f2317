// Package page is what the reports are made of: one HTML page that needs nothing else, in both
// languages, light and dark, on a screen, a phone or paper; its texts, figures, plots and tables.
package page

import (
	_ "embed" // the shell and its style
	"fmt"
	"html/template"
	"io"
)

//go:embed page.gohtml
var shell string

//go:embed page.css
var style string

// Sheet is a report's page: its own part within the shell.
type Sheet struct {
	Title string
	Words Catalogue // with the key "language"
	Body  string    // a template; t shows a text of Words, and the template "table" a Table
	Style string    // beside the common style
	Data  any       // of Body
}

// Write writes the page. An error is the template's or the writer's.
func (s Sheet) Write(w io.Writer) error {
	t, err := template.New("page").Funcs(template.FuncMap{"t": s.Words.Both}).Parse(shell)
	if err == nil {
		_, err = t.New("body").Parse(s.Body)
	}
	if err != nil {
		return fmt.Errorf("report: the page's template: %w", err)
	}
	return t.Execute(w, struct {
		Title string
		Style template.CSS
		Data  any
	}{s.Title, template.CSS(style + s.Style), s.Data})
}

// Fact is a figure with its name.
type Fact struct{ Name, Value template.HTML }

// Table is a table; the first of each row is its heading.
type Table struct {
	Head []template.HTML
	Rows [][]template.HTML
}

// Head makes a row of headings from the catalogue.
func (c Catalogue) Head(keys ...string) []template.HTML {
	out := make([]template.HTML, len(keys))
	for i, k := range keys {
		out[i] = c.Both(k)
	}
	return out
}

// Word is a text of a family of keys, or the name itself where the catalogue has none.
func (c Catalogue) Word(family, name string) template.HTML {
	if _, ok := c[family+"."+name]; ok {
		return c.Both(family + "." + name)
	}
	return Name(name)
}

// Name is a name as it is, made safe for HTML.
func Name(s string) template.HTML { return template.HTML(template.HTMLEscapeString(s)) }

// Join puts sentences one after the other.
func Join(parts []template.HTML) (out template.HTML) {
	for i, p := range parts {
		if i > 0 {
			out += " "
		}
		out += p
	}
	return out
}
