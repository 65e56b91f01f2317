package sms

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

func TestNormalise(t *testing.T) {
	cases := []struct{ number, country, want string }{
		{"0912345678", "84", "+84912345678"},
		{"0912.345.678", "84", "+84912345678"},
		{"(091) 234-5678", "84", "+84912345678"},
		{"+84 912 345 678", "84", "+84912345678"},
		{"+84 912 345 678", "", "+84912345678"},
		{"0084912345678", "84", "+84912345678"},
		{"+84 (0)912 345 678", "84", "+84912345678"},
		{"+8424 3869 3731", "84", "+842438693731"},
		{"+65 6123 4567", "84", "+6561234567"},
		{"02438693731", "84", "+842438693731"},
		{"0912345678", "", ""},
		{"912345678", "84", ""},
		{"115", "84", ""},
		{"0", "84", ""},
		{"", "84", ""},
		{"+", "84", ""},
		{"+0912345678", "84", ""},
		{"+84912345678901234", "84", ""},
		{"+84912abc678", "84", ""},
		{"+84912345678\r\nX: y", "84", ""},
		{"++84912345678", "84", ""},
		{"٠٩١٢٣٤٥٦٧٨", "84", ""},
	}
	for _, c := range cases {
		got, err := Normalise(c.number, c.country)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q in %q: %q, %v; want %q", c.number, c.country, got, err, c.want)
		}
	}
}

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{7,14}$`)

// FuzzNormalise: what comes out is E.164, stays so, and holds the digits that went in.
func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"0912345678", "+84912345678", "0084912345678", "(091) 234-5678", "+840912345678"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Normalise(s, "84")
		if err != nil {
			return
		}
		if !e164.MatchString(got) {
			t.Fatalf("%q became %q", s, got)
		}
		if again, err := Normalise(got, "84"); again != got || err != nil {
			t.Fatalf("%q became %q, and that %q, %v", s, got, again, err)
		}
	})
}

func TestTemplateRefuses(t *testing.T) {
	good := func() Template { return withURL(plainJSON(), "http://127.0.0.1:9/") }
	cases := []struct {
		name   string
		change func(*Template)
	}{
		{"no address", func(t *Template) { t.URL = "" }},
		{"another scheme", func(t *Template) { t.URL = "ftp://10.0.0.9/" }},
		{"a password in the address", func(t *Template) { t.URL = "http://u:p@10.0.0.9/" }},
		{"a field in the host", func(t *Template) { t.URL = "http://{from}/" }},
		{"a field in the path", func(t *Template) { t.URL = "http://10.0.0.9/{to}" }},
		{"a query given twice", func(t *Template) { t.URL += "?a=1&a=2" }},
		{"a query in both places", func(t *Template) { t.URL += "?a=1"; t.Query = map[string]string{"a": "2"} }},
		{"a query that is none", func(t *Template) { t.URL += "?a=%zz" }},
		{"an unknown field", func(t *Template) { t.JSON["x"] = "{name}" }},
		{"an unknown secret", func(t *Template) { t.JSON["x"] = "{secret.other}" }},
		{"an open brace", func(t *Template) { t.JSON["x"] = "{to" }},
		{"a closing brace", func(t *Template) { t.JSON["x"] = "to}" }},
		{"no text", func(t *Template) { t.JSON = map[string]any{"to": "{to}"} }},
		{"no number", func(t *Template) { t.JSON = map[string]any{"text": "{text}"} }},
		{"two bodies", func(t *Template) { t.Form = map[string]string{"a": "b"} }},
		{"a body with GET", func(t *Template) { t.Method = http.MethodGet }},
		{"another method", func(t *Template) { t.Method = http.MethodDelete }},
		{"the text in a header", func(t *Template) { t.Headers["X-Text"] = "{text}" }},
		{"a header with a line break", func(t *Template) { t.Headers["X\r\nY"] = "z" }},
		{"the Host header", func(t *Template) { t.Headers["host"] = "z" }},
		{"what JSON does not have", func(t *Template) { t.JSON["x"] = map[any]any{1: 2} }},
		{"a bad expression", func(t *Template) { t.Taken.Match = "(" }},
		{"a bad status", func(t *Template) { t.Taken.Status = []int{20} }},
		{"an empty path", func(t *Template) { t.Taken.JSON = map[string]string{"": "x"} }},
	}
	if _, err := parse(good(), nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			x := good()
			c.change(&x)
			var e *ward.Error
			if _, err := parse(x, nil); !errors.As(err, &e) || e.Hint == "" {
				t.Errorf("got %v", err)
			}
		})
	}
	deep := map[string]any{"to": "{to}", "text": "{text}"}
	for range maxDepth + 1 {
		deep = map[string]any{"x": deep}
	}
	x := good()
	x.JSON = deep
	if _, err := parse(x, nil); err == nil {
		t.Error("a body without end was taken")
	}
}

// TestHeaderInjection: a value that would begin another header is never sent.
func TestHeaderInjection(t *testing.T) {
	x := withURL(plainJSON(), "http://127.0.0.1:9/")
	x.Headers["X-From"] = "{from}"
	p, err := parse(x, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{"a\r\nEvil: yes", "a\nEvil: yes", "a\x00b", "a\x7f"} {
		if _, err := p.request(context.Background(), map[string]string{"from": from, "notice": "N1"}); err == nil {
			t.Errorf("%q was taken", from)
		}
	}
}

// FuzzText: a template text either reads, and then gives back its words and values in their order, or
// is refused with a remedy. What is filled in is never read as a template again.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "{to}", "a{{b}}c", "{text} {from}{notice}", "{secret.k}", "{", "}", "{{}", "{to}}", "{}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := parseText(s, map[string]string{"k": "{to}"})
		if err != nil {
			var e *ward.Error
			if !errors.As(err, &e) || e.Hint == "" {
				t.Fatalf("no remedy: %v", err)
			}
			return
		}
		values := map[string]string{}
		pairs := []string{"{{", "{", "}}", "}", "{secret.k}", "{to}"}
		for _, field := range fields {
			values[field] = "<{" + field + "}>"
			pairs = append(pairs, "{"+field+"}", values[field])
		}
		want := strings.NewReplacer(pairs...)
		if filled := got.fill(values); filled != want.Replace(s) {
			t.Fatalf("%q became %q, want %q", s, filled, want.Replace(s))
		}
	})
}

// TestAnythingArrives: any value in any place of a request is read back as it was.
func TestAnythingArrives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, from := rapid.String().Draw(t, "text"), rapid.String().Draw(t, "from")
		p, err := parse(Template{URL: "http://127.0.0.1:9/?q={to}", Query: map[string]string{"from": "{from}"}, JSON: map[string]any{"x": []any{"{text}|{from}"}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		req, err := p.request(context.Background(), map[string]string{"to": "+84912345678", "text": text, "from": from})
		if err != nil {
			t.Fatal(err)
		}
		q, err := url.ParseQuery(req.URL.RawQuery)
		if err != nil || q.Get("from") != from || q.Get("q") != "+84912345678" || len(q) != 2 {
			t.Fatalf("query %v, %v", q, err)
		}
		var body struct{ X []string }
		if err := json.NewDecoder(req.Body).Decode(&body); err != nil || len(body.X) != 1 || body.X[0] != text+"|"+from {
			t.Fatalf("body %q, %v", body.X, err)
		}
	})
}

// FuzzRule: no answer of a gateway breaks the reading of it.
func FuzzRule(f *testing.F) {
	f.Add(`{"a":[{"b":"1"}]}`, "a.0.b")
	f.Add(`[]`, "0")
	f.Add(`{"a":`, "a..b")
	f.Fuzz(func(t *testing.T, body, path string) {
		r := rule{json: map[string][]string{path: {"1"}}}
		r.fits(200, []byte(body))
	})
}
