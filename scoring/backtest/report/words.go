package report

import (
	_ "embed" // the catalogue and the page
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"strconv"
	"strings"

	"wardwatch/scoring/backtest/stat"
)

//go:embed words.json
var wordsJSON []byte

// languages of the report, the first shown first.
var languages = [...]string{"vi", "en"}

// catalogue is every text in every language, by key.
type catalogue map[string]map[string]string

func readWords() (catalogue, error) {
	var c catalogue
	if err := json.Unmarshal(wordsJSON, &c); err != nil {
		return nil, fmt.Errorf("report: words.json: %w", err)
	}
	return c, nil
}

// number is a figure with so many decimals, written as each language writes it.
type number struct {
	value    float64
	decimals int
}

func figure(n stat.Number, decimals int) number { return number{float64(n), decimals} }

// percent is a share as a percentage.
func percent(n stat.Number, decimals int) number { return number{100 * float64(n), decimals} }

func (n number) in(lang string) string {
	if !stat.Number(n.value).Known() {
		return "–"
	}
	s := strconv.FormatFloat(n.value, 'f', n.decimals, 64)
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

// key is a text of the catalogue used as an argument of another.
type key string

// text is a text of the catalogue in one language, its {0}, {1} … filled in and everything made
// safe for HTML. A key that is not there is shown as it is, so that a test finds it.
func (c catalogue) text(lang, k string, args ...any) string {
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

func (c catalogue) argument(lang string, a any) string {
	switch a := a.(type) {
	case number:
		return a.in(lang)
	case key:
		return c.text(lang, string(a))
	case int:
		return thousands(strconv.Itoa(a), lang)
	case strong:
		return "<b>" + html.EscapeString(string(a)) + "</b>"
	}
	return html.EscapeString(fmt.Sprint(a))
}

// strong is an argument that stands out.
type strong string

// both is a text in every language, of which the page shows one.
func (c catalogue) both(k string, args ...any) template.HTML {
	var b strings.Builder
	for _, lang := range languages {
		fmt.Fprintf(&b, `<span lang="%s">%s</span>`, lang, c.text(lang, k, args...))
	}
	return template.HTML(b.String())
}

// plain is an argument alone; once only where the languages write it alike.
func (c catalogue) plain(a any) template.HTML {
	first := c.argument(languages[0], a)
	alike := true
	var b strings.Builder
	for _, lang := range languages {
		s := c.argument(lang, a)
		alike = alike && s == first
		fmt.Fprintf(&b, `<span lang="%s">%s</span>`, lang, s)
	}
	if alike {
		return template.HTML(first)
	}
	return template.HTML(b.String())
}

// estimate is a figure with its interval.
func (c catalogue) estimate(e stat.Estimate, times float64, decimals int) template.HTML {
	scaled := func(n stat.Number) number { return number{times * float64(n), decimals} }
	out := c.plain(scaled(e.Value))
	if e.Low.Known() && e.High.Known() {
		out += " <small>(" + c.plain(scaled(e.Low)) + "–" + c.plain(scaled(e.High)) + ")</small>"
	}
	return out
}
