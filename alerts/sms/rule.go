package sms

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Rule recognises an answer. All that is given must fit; an empty rule fits nothing.
type Rule struct {
	Status []int             // one of these
	JSON   map[string]string // path in the body, with dots and numbers from 0: its value, or several with | between
	Match  string            // a regular expression that the body fits somewhere
}

type rule struct {
	status []int
	json   map[string][]string
	match  *regexp.Regexp
}

func (r *rule) empty() bool { return len(r.status) == 0 && len(r.json) == 0 && r.match == nil }

func (r *rule) fits(status int, body []byte) bool {
	switch {
	case r.empty(),
		len(r.status) > 0 && !slices.Contains(r.status, status),
		r.match != nil && !r.match.Match(body):
		return false
	case len(r.json) == 0:
		return true
	}
	var doc any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if dec.Decode(&doc) != nil {
		return false
	}
	for path, wanted := range r.json {
		if got, ok := at(doc, path); !ok || !slices.Contains(wanted, got) {
			return false
		}
	}
	return true
}

// at is a plain value of a JSON document by its path.
func at(doc any, path string) (string, bool) {
	for step := range strings.SplitSeq(path, ".") {
		switch in := doc.(type) {
		case map[string]any:
			doc = in[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(in) {
				return "", false
			}
			doc = in[i]
		default:
			return "", false
		}
	}
	switch doc.(type) {
	case string, json.Number, bool:
		return fmt.Sprint(doc), true
	}
	return "", false
}

// verdict is what an answer means.
type verdict int

const (
	refused verdict = iota // not taken, and not by another try
	taken
	dead  // the number, not the gateway
	again // later
)

// judge reads an answer. What the rules do not know is taken when it is 2xx and no rule says what
// taken looks like, worth another try when it is the gateway's own trouble, and refused otherwise.
func (t *template) judge(status int, body []byte) verdict {
	success := status >= 200 && status < 300
	switch {
	case t.dead.fits(status, body):
		return dead
	case t.again.fits(status, body):
		return again
	case t.taken.empty() && success, t.taken.fits(status, body) && (success || len(t.taken.status) > 0):
		return taken
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= 500:
		return again
	}
	return refused
}
