package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Bounds on what a sender's JSON may hold. A report with a PDF in it is a few MiB.
const (
	MaxJSON   = 16 << 20 // bytes
	maxDepth  = 48       // objects and arrays inside each other
	maxTokens = 500_000  // values, names and brackets
)

// CheckJSON reports what keeps b from being one JSON value that is safe to take apart: it is too long,
// too deep or holds too much, is not JSON, or says one name twice, so that two readers might take
// different patients from it.
func CheckJSON(b []byte) error {
	if len(b) > MaxJSON {
		return Bad(fmt.Sprintf("the body is %d bytes long; at most %d are taken", len(b), MaxJSON), "leave out attachments or send fewer results at a time")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	s := scan{b: b, d: d}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return s.end()
		}
		if err != nil {
			return s.syntax(err)
		}
		if err := s.take(token); err != nil {
			return err
		}
	}
}

// scan walks one JSON text token by token.
type scan struct {
	b      []byte
	d      *json.Decoder
	open   []level
	tokens int
	whole  int // values at the top
}

// level is one object or array that is open.
type level struct {
	names map[string]bool // of an object; nil for an array
	name  bool            // the next token is a name
}

func (s *scan) take(token json.Token) error {
	if s.tokens++; s.tokens > maxTokens {
		return s.bad("the body holds too many values", "send fewer results at a time")
	}
	if delim, ok := token.(json.Delim); ok {
		return s.bracket(delim)
	}
	if len(s.open) == 0 {
		return s.value()
	}
	top := &s.open[len(s.open)-1]
	if top.names == nil || !top.name {
		return s.value()
	}
	name, _ := token.(string)
	if top.names[name] {
		return s.bad("an object says one name twice", "say each name once")
	}
	top.names[name], top.name = true, false
	return nil
}

func (s *scan) bracket(delim json.Delim) error {
	switch delim {
	case '{':
		s.open = append(s.open, level{names: map[string]bool{}, name: true})
	case '[':
		s.open = append(s.open, level{})
	default:
		s.open = s.open[:len(s.open)-1]
		return s.value()
	}
	if len(s.open) > maxDepth {
		return s.bad(fmt.Sprintf("values lie more than %d deep in each other", maxDepth), "send flatter JSON")
	}
	return nil
}

// value notes that a whole value has been read.
func (s *scan) value() error {
	if len(s.open) == 0 {
		if s.whole++; s.whole > 1 {
			return s.bad("the body holds more than one JSON value", "send one object a request")
		}
		return nil
	}
	top := &s.open[len(s.open)-1]
	top.name = top.names != nil
	return nil
}

func (s *scan) end() error {
	if len(s.open) > 0 || s.whole == 0 {
		return s.bad("the JSON ends too early", "send the whole body")
	}
	return nil
}

func (s *scan) syntax(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return s.bad("the JSON ends too early", "send the whole body")
	}
	at := s.d.InputOffset()
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		at = max(at, syntax.Offset)
	}
	return s.badAt(at, "the body is not JSON", "check the JSON there")
}

func (s *scan) bad(message, hint string) error { return s.badAt(s.d.InputOffset(), message, hint) }

// badAt names the place by line and column, and nothing that stands there: it may be a name.
func (s *scan) badAt(offset int64, message, hint string) error {
	before := s.b[:min(max(offset, 0), int64(len(s.b)))]
	line := bytes.Count(before, []byte{'\n'}) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return Bad(fmt.Sprintf("%s (line %d, column %d)", message, line, column), hint)
}
