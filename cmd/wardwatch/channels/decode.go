package channels

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Problem is one thing wrong with a channels file, with its remedy.
type Problem struct {
	File    string
	Line    int // 0: the file as a whole
	Message string
}

// Error is the file, the line and the message.
func (p *Problem) Error() string {
	if p.Line == 0 {
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
}

func wrong(n *yaml.Node, format string, args ...any) error {
	return &Problem{Line: n.Line, Message: fmt.Sprintf(format, args...)}
}

// group reads a group of settings into the fields of the structs, and refuses a setting that none of
// them has: a misspelt one would silently be a default.
func group(n *yaml.Node, into ...any) error {
	n = aimed(n)
	if n.Kind != yaml.MappingNode {
		return wrong(n, "settings with names are wanted here, for example \"name: pager\"")
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, x := n.Content[i], n.Content[i+1]
		if line, twice := seen[k.Value]; twice {
			return wrong(k, "%s stands on line %d already: keep one", k.Value, line)
		}
		seen[k.Value] = k.Line
		field, ok := fieldNamed(into, k.Value)
		if !ok {
			return wrong(k, "there is no setting %q here: the settings are %s", k.Value, strings.Join(names(into), ", "))
		}
		if err := value(x, field); err != nil {
			return err
		}
	}
	return nil
}

func value(n *yaml.Node, field reflect.Value) error {
	if field.Kind() == reflect.Pointer && field.Type().Elem().Kind() == reflect.Struct {
		field.Set(reflect.New(field.Type().Elem()))
		return group(n, field.Interface())
	}
	if err := n.Decode(field.Addr().Interface()); err != nil {
		return wrong(n, "%s is wanted here", wanted(field.Type()))
	}
	return nil
}

func wanted(t reflect.Type) string {
	if t == reflect.TypeFor[time.Duration]() {
		return "a duration, for example 10s,"
	}
	switch t.Kind() {
	case reflect.Bool, reflect.Pointer:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Slice:
		return "a list"
	case reflect.Map:
		return "a group of names and values"
	}
	return "a word or text"
}

// aimed is the node that an alias stands for.
func aimed(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func fieldNamed(into []any, name string) (reflect.Value, bool) {
	for _, s := range into {
		v := reflect.ValueOf(s).Elem()
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("yaml") == name {
				return v.Field(i), true
			}
		}
	}
	return reflect.Value{}, false
}

func names(into []any) (list []string) {
	for _, s := range into {
		t := reflect.TypeOf(s).Elem()
		for i := range t.NumField() {
			list = append(list, t.Field(i).Tag.Get("yaml"))
		}
	}
	return list
}
