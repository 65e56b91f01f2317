// Package pagetest checks what every report's page must be.
package pagetest

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Whole fails the test unless every tag is closed, every text has its words and figures, and nothing
// is loaded from elsewhere or runs.
func Whole(t *testing.T, what, page string) {
	t.Helper()
	if i := strings.Index(page, "{{"); i >= 0 {
		t.Errorf("%s: a text is missing: %s", what, page[i:min(i+40, len(page))])
	}
	if regexp.MustCompile(`\{[0-9]\}`).MatchString(page) {
		t.Errorf("%s: a figure was not filled in", what)
	}
	for _, bad := range []string{"NaN", "Inf", "http:", "https:", "src=", "@import", "<script"} {
		if strings.Contains(page, bad) {
			t.Errorf("%s: the page has %q in it", what, bad)
		}
	}
	wellFormed(t, what, page)
}

func wellFormed(t *testing.T, what, page string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.Entity, d.AutoClose = false, xml.HTMLEntity, []string{"meta", "input", "br"}
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
}

// Words fails the test unless every text is there in both languages and asks for the same figures.
func Words(t *testing.T, catalogue []byte) {
	t.Helper()
	var words map[string]map[string]string
	if err := json.Unmarshal(catalogue, &words); err != nil {
		t.Fatal(err)
	}
	holes := regexp.MustCompile(`\{[0-9]\}`)
	for k, w := range words {
		for _, lang := range []string{"vi", "en"} {
			if strings.TrimSpace(w[lang]) == "" {
				t.Errorf("%s has no text in %s", k, lang)
			}
		}
		vi, en := holes.FindAllString(w["vi"], -1), holes.FindAllString(w["en"], -1)
		slices.Sort(vi)
		slices.Sort(en)
		if !slices.Equal(vi, en) {
			t.Errorf("%s asks for %v in Vietnamese and %v in English", k, vi, en)
		}
	}
}
