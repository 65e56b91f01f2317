package sms

import (
	"fmt"
	"regexp"
	"strings"
)

// reader reads the parts of a template; the first thing wrong is kept.
type reader struct {
	secrets map[string]string
	used    map[string]bool
	err     error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reader) text(s string) text {
	t, err := parseText(s, r.secrets)
	if err != nil {
		r.fail(err)
	}
	if r.used == nil {
		r.used = map[string]bool{}
	}
	for _, p := range t {
		r.used[p.field] = true
	}
	return t
}

func (r *reader) texts(from map[string]string) map[string]text {
	to := make(map[string]text, len(from))
	for k, v := range from {
		to[k] = r.text(v)
	}
	return to
}

// maxDepth is how deep a JSON body may be nested.
const maxDepth = 16

func (r *reader) tree(v any, depth int) any {
	if depth > maxDepth {
		r.fail(bad("the SMS template's JSON is nested too deeply", fmt.Sprintf("keep it to %d levels", maxDepth)))
		return nil
	}
	switch v := v.(type) {
	case string:
		return r.text(v)
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = r.tree(x, depth+1)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = r.tree(x, depth+1)
		}
		return out
	case nil, bool, int, int64, uint64, float64:
		return v
	}
	r.fail(bad(fmt.Sprintf("the SMS template's JSON holds %v, which JSON does not have", v), "write it in quotes"))
	return nil
}

func (r *reader) rule(from Rule) rule {
	to := rule{status: from.Status, json: map[string][]string{}}
	for path, values := range from.JSON {
		if path == "" {
			r.fail(bad("a rule of the SMS template has an empty path", "name the JSON field, for example status or messages.0.status"))
		}
		to.json[path] = strings.Split(values, "|")
	}
	for _, s := range from.Status {
		if s < 100 || s > 599 {
			r.fail(bad(fmt.Sprintf("a rule of the SMS template waits for the HTTP status %d", s), "give 100 to 599"))
		}
	}
	if from.Match != "" {
		match, err := regexp.Compile(from.Match)
		if err != nil {
			r.fail(bad("a rule of the SMS template has a match that is not a regular expression", "see the syntax at https://pkg.go.dev/regexp/syntax"))
		}
		to.match = match
	}
	return to
}
