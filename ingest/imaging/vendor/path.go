package vendor

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wardwatch/ingest/imaging/report"
)

// path leads to a value: names with dots between them, [2] for one of a list, [*] for each of a list or of
// an object. Within a finding it begins there: $value is the finding itself, $key its name in an object,
// and $up what encloses it.
type path []step

type step struct {
	name  string // $key, $value and $up among them
	index int
	all   bool
	list  bool // index counts
}

// maxSteps bounds a path.
const maxSteps = 16

// UnmarshalJSON reads a path as it is written.
func (p *path) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return report.Bad("the mapping: a path is written as text", `for example "study.uid"`)
	}
	parsed, err := parsePath(s)
	*p = parsed
	return err
}

func parsePath(s string) (path, error) {
	var p path
	for _, part := range strings.Split(s, ".") {
		name, rest, opened := strings.Cut(part, "[")
		if opened && rest == "" || name == "" && !(opened && len(p) == 0) || strings.ContainsAny(name, "]*") {
			return nil, badPath(s)
		}
		if name != "" {
			p = append(p, step{name: name})
		}
		for rest != "" {
			inside, after, closed := strings.Cut(rest, "]")
			if !closed {
				return nil, badPath(s)
			}
			one, ok := bracket(inside)
			if !ok || after != "" && !strings.HasPrefix(after, "[") {
				return nil, badPath(s)
			}
			p = append(p, one)
			rest = strings.TrimPrefix(after, "[")
		}
	}
	if len(p) > maxSteps || !p.wellFormed() {
		return nil, badPath(s)
	}
	return p, nil
}

func bracket(inside string) (step, bool) {
	if inside == "*" {
		return step{all: true}, true
	}
	n, err := strconv.Atoi(inside)
	return step{index: n, list: true}, err == nil && n >= 0
}

// wellFormed: $up only at the beginning, $key only at the end.
func (p path) wellFormed() bool {
	ups := 0
	for i, s := range p {
		switch s.name {
		case "$up":
			if i != ups {
				return false
			}
			ups++
		case "$value":
			if i != ups {
				return false
			}
		case "$key":
			if i != ups || i != len(p)-1 {
				return false
			}
		default:
			if strings.HasPrefix(s.name, "$") {
				return false
			}
		}
	}
	return true
}

// single refuses a path that leads to more than one value.
func (p path) single() error {
	if slices.ContainsFunc(p, func(s step) bool { return s.all }) {
		return report.Bad(fmt.Sprintf("the mapping's path %q leads to several values where one is wanted", p), "give the place of the one, for example [0]")
	}
	return nil
}

func badPath(s string) error {
	return report.Bad(fmt.Sprintf("the mapping's path %q is not understood", s), `write names with dots between them, [0] for one of a list and [*] for each: "result.findings[*]"`)
}

// String is the path as it is written.
func (p path) String() string {
	var b strings.Builder
	for _, s := range p {
		switch {
		case s.all:
			b.WriteString("[*]")
		case s.list:
			fmt.Fprintf(&b, "[%d]", s.index)
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(s.name)
		}
	}
	return b.String()
}

// element is one value of the body with where it stands. place names lists by number and never by what
// the body says: a name in it may be a patient's.
type element struct {
	value any
	key   string // in an object that [*] went through
	up    *element
	place string
}

// at is the value a path leads to; ok is false when the body has none there. A null is there.
func (e *element) at(p path) (value any, ok bool) {
	v := e.value
	for i, s := range p {
		switch {
		case s.name == "$up":
			if e.up == nil {
				return nil, false
			}
			e = e.up
			v = e.value
		case s.name == "$value":
		case s.name == "$key":
			return e.key, i == len(p)-1 && e.key != ""
		case s.list:
			list, is := v.([]any)
			if !is || s.index >= len(list) {
				return nil, false
			}
			v = list[s.index]
		default:
			object, is := v.(map[string]any)
			if !is {
				return nil, false
			}
			if v, is = object[s.name]; !is {
				return nil, false
			}
		}
	}
	return v, true
}

// each goes through all that a path ending with [*] leads to, in order; objects in the order of their names.
func (e *element) each(p path) ([]*element, error) {
	i := slices.IndexFunc(p, func(s step) bool { return s.all })
	v, ok := e.at(p[:i])
	if !ok {
		return nil, report.Bad(fmt.Sprintf("findings: the body has nothing at %q%s", p[:i], e.where()), "see the mapping's findings.each")
	}
	inner, err := e.enter(v, p[:i])
	if err != nil {
		return nil, err
	}
	if i == len(p)-1 {
		return inner, nil
	}
	var all []*element
	for _, one := range inner {
		deeper, err := one.each(p[i+1:])
		if err != nil {
			return nil, err
		}
		if all = append(all, deeper...); len(all) > report.MaxFindings {
			return nil, tooMany()
		}
	}
	return all, nil
}

// enter lists what a list or an object holds.
func (e *element) enter(v any, p path) ([]*element, error) {
	var all []*element
	add := func(key string, v any) {
		all = append(all, &element{value: v, key: key, up: e, place: fmt.Sprintf("%s%s[%d]", e.place, p, len(all))})
	}
	switch v := v.(type) {
	case []any:
		if len(v) > report.MaxFindings {
			return nil, tooMany()
		}
		for _, one := range v {
			add("", one)
		}
	case map[string]any:
		if len(v) > report.MaxFindings {
			return nil, tooMany()
		}
		keys := make([]string, 0, len(v))
		for key := range v {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for _, key := range keys {
			add(key, v[key])
		}
	case nil:
	default:
		return nil, report.Bad(fmt.Sprintf("findings: at %q%s the body holds neither a list nor an object", p, e.where()), "see the mapping's findings.each")
	}
	return all, nil
}

func (e *element) where() string {
	if e.place == "" {
		return ""
	}
	return " of " + e.place
}

func tooMany() error {
	return report.Bad(fmt.Sprintf("the body holds more than %d findings", report.MaxFindings), "send fewer results at a time")
}
