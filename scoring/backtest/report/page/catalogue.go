package page

import (
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"strconv"
	"strings"

	"wardwatch/scoring/backtest/stat"
)

// Languages are those of every report, the first shown first.
func Languages() [2]string { return [...]string{"vi", "en"} }

// Catalogue is every text of a report in every language, by key.
type Catalogue map[string]map[string]string

// ReadCatalogue reads texts from JSON: by key, then by language.
func ReadCatalogue(text []byte) (Catalogue, error) {
	var c Catalogue
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, fmt.Errorf("report: the catalogue of texts: %w", err)
	}
	return c, nil
}

// Number is a figure with so many decimals, written as each language writes it.
type Number struct {
	Value    float64
	Decimals int
}

// Figure is a figure as it stands.
func Figure(n stat.Number, decimals int) Number { return Number{float64(n), decimals} }

// Percent is a share as a percentage.
func Percent(n stat.Number, decimals int) Number { return Number{100 * float64(n), decimals} }

// In writes the figure as a language does; a dash when it is unknown.
func (n Number) In(lang string) string {
	if !stat.Number(n.Value).Known() {
		return "–"
	}
	s := strconv.FormatFloat(n.Value, 'f', n.Decimals, 64)
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	whole, part, fraction := strings.Cut(s, ".")
	s = thousands(whole, lang)
	if !fraction {
		return s
	}
	if lang == "vi" {
		return s + "," + part
	}
	return s + "." + part
}

// thousands puts the mark of the language between groups of three digits.
func thousands(whole, lang string) string {
	mark := ","
	if lang == "vi" {
		mark = "."
	}
	digits := strings.TrimPrefix(whole, "-")
	sign := whole[:len(whole)-len(digits)]
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + mark + digits[i:]
	}
	return sign + digits
}

// Key is a text of the catalogue used as an argument of another.
type Key string

// Text is a text of the catalogue in one language, its {0}, {1} … filled in and everything made
// safe for HTML. A key that is not there is shown as it is, so that a test finds it.
func (c Catalogue) Text(lang, k string, args ...any) string {
	s, ok := c[k][lang]
	if !ok {
		return "{{" + html.EscapeString(k) + "}}"
	}
	s = html.EscapeString(s)
	for i, a := range args {
		s = strings.ReplaceAll(s, "{"+strconv.Itoa(i)+"}", c.argument(lang, a))
	}
	return s
}

func (c Catalogue) argument(lang string, a any) string {
	switch a := a.(type) {
	case Number:
		return a.In(lang)
	case Key:
		return c.Text(lang, string(a))
	case int:
		return thousands(strconv.Itoa(a), lang)
	case Strong:
		return "<b>" + html.EscapeString(string(a)) + "</b>"
	}
	return html.EscapeString(fmt.Sprint(a))
}

// Strong is an argument that stands out.
type Strong string

// Both is a text in every language, of which the page shows one.
func (c Catalogue) Both(k string, args ...any) template.HTML {
	var b strings.Builder
	for _, lang := range Languages() {
		fmt.Fprintf(&b, `<span lang="%s">%s</span>`, lang, c.Text(lang, k, args...))
	}
	return template.HTML(b.String())
}

// Plain is an argument alone; once only where the languages write it alike.
func (c Catalogue) Plain(a any) template.HTML {
	first := c.argument(Languages()[0], a)
	alike := true
	var b strings.Builder
	for _, lang := range Languages() {
		s := c.argument(lang, a)
		alike = alike && s == first
		fmt.Fprintf(&b, `<span lang="%s">%s</span>`, lang, s)
	}
	if alike {
		return template.HTML(first)
	}
	return template.HTML(b.String())
}

// Estimate is a figure with its interval.
func (c Catalogue) Estimate(e stat.Estimate, times float64, decimals int) template.HTML {
	scaled := func(n stat.Number) Number { return Number{times * float64(n), decimals} }
	out := c.Plain(scaled(e.Value))
	if e.Low.Known() && e.High.Known() {
		to := template.HTML("–")
		if e.Low < 0 {
			to = "; " // a dash beside a minus would not be read
		}
		out += " <small>(" + c.Plain(scaled(e.Low)) + to + c.Plain(scaled(e.High)) + ")</small>"
	}
	return out
}
