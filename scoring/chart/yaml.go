package chart

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// maxFile bounds a chart file, in bytes.
const maxFile = 256 << 10

// maxErrors bounds how many mistakes of one file are told at once.
const maxErrors = 20

// reader walks a YAML file and gathers what is wrong with it, each with its line.
type reader struct {
	file string
	errs []error
}

// fail notes a mistake at a node; the text says what is wrong and how to mend it.
func (r *reader) fail(n *yaml.Node, format string, args ...any) {
	if len(r.errs) < maxErrors {
		r.errs = append(r.errs, fmt.Errorf("%s:%d: %s", r.file, n.Line, fmt.Sprintf(format, args...)))
	}
}

func (r *reader) err() error { return errors.Join(r.errs...) }

// document is the one YAML mapping that raw holds; nil when it holds none.
func (r *reader) document(raw []byte) *yaml.Node {
	if len(raw) > maxFile {
		r.errs = append(r.errs, fmt.Errorf("%s: is over %d bytes: a chart is a short file; is this one?", r.file, maxFile))
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); err != nil {
		r.errs = append(r.errs, fmt.Errorf("%s: not a YAML file: %w", r.file, err))
		return nil
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		r.errs = append(r.errs, fmt.Errorf("%s: holds more than one document: put each in its own file", r.file))
		return nil
	}
	if len(doc.Content) != 1 {
		r.errs = append(r.errs, fmt.Errorf("%s: is empty", r.file))
		return nil
	}
	return doc.Content[0]
}

// field is one key that a mapping may have, and what takes its value.
type field struct {
	name     string
	required bool
	take     func(*yaml.Node)
}

func need(name string, take func(*yaml.Node)) field { return field{name, true, take} }
func may(name string, take func(*yaml.Node)) field  { return field{name, false, take} }

// object reads a mapping with the fields that are known and no others.
func (r *reader) object(n *yaml.Node, what string, fields ...field) {
	seen := make([]bool, len(fields))
	r.pairs(n, what, func(key, value *yaml.Node) {
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == key.Value })
		if i < 0 {
			r.fail(key, "%s has no %q: it may have %s", what, key.Value, fieldNames(fields))
			return
		}
		seen[i] = true
		fields[i].take(value)
	})
	for i, f := range fields {
		if f.required && !seen[i] {
			r.fail(n, "%s lacks %q: add it", what, f.name)
		}
	}
}

func fieldNames(fields []field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return strings.Join(names, ", ")
}

// pairs visits the keys and values of a mapping in their order.
func (r *reader) pairs(n *yaml.Node, what string, visit func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.fail(n, "%s must be a mapping of names to values", what)
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode {
			r.fail(key, "%s: a name must be plain text", what)
			continue
		}
		if seen[key.Value] {
			r.fail(key, "%s has %q twice: keep one", what, key.Value)
			continue
		}
		seen[key.Value] = true
		visit(key, n.Content[i+1])
	}
}

// list visits the elements of a sequence.
func (r *reader) list(n *yaml.Node, what string, visit func(*yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		r.fail(n, "%s must be a list", what)
		return
	}
	for _, e := range n.Content {
		visit(e)
	}
}

// text takes plain text that is not empty.
func (r *reader) text(into *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		*into = strings.TrimSpace(n.Value)
		if n.Kind != yaml.ScalarNode || *into == "" {
			r.fail(n, "text is wanted here: write some")
		}
	}
}

// source takes the publication and clause of a row: the row is refused without it, and the words
// themselves stay in the file for its reviewer.
func (r *reader) source() field {
	var words string
	return need("source", r.text(&words))
}

func (r *reader) words(into *words) func(*yaml.Node) {
	return func(n *yaml.Node) {
		r.object(n, "a text in both languages", need("en", r.text(&into.en)), need("vi", r.text(&into.vi)))
	}
}

func (r *reader) whole(into *int, low, high int) func(*yaml.Node) {
	return func(n *yaml.Node) {
		x, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || x < low || x > high {
			r.fail(n, "%q is not a whole number from %d to %d: correct it", n.Value, low, high)
			return
		}
		*into = x
	}
}

func (r *reader) number(into *float64, low, high float64) func(*yaml.Node) {
	return func(n *yaml.Node) {
		x, err := strconv.ParseFloat(n.Value, 64)
		if n.Kind != yaml.ScalarNode || err != nil || !(x >= low && x <= high) {
			r.fail(n, "%q is not a number from %g to %g: correct it", n.Value, low, high)
			return
		}
		*into = x
	}
}

func (r *reader) yes(into *bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		switch n.Value {
		case "yes", "true":
			*into = true
		case "no", "false":
		default:
			r.fail(n, "%q must be yes or no", n.Value)
		}
	}
}

func (r *reader) duration(into *time.Duration) func(*yaml.Node) {
	return func(n *yaml.Node) {
		d, err := time.ParseDuration(n.Value)
		if err != nil || d <= 0 || d > 7*24*time.Hour {
			r.fail(n, "%q is not a time up to a week such as 30m or 12h: correct it", n.Value)
			return
		}
		*into = d
	}
}
