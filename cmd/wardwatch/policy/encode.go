package policy

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"

	"wardwatch/alerts"
	"wardwatch/ward"
)

// encode writes a value down so that decode reads it back. What says nothing is left out.
func encode(v reflect.Value) (*yaml.Node, error) {
	if text, ok := word(v); ok {
		return scalar(text), nil
	}
	if v.Type() == ladderType {
		return encodeLadder(v.Interface().(map[alerts.Step][]alerts.Rung))
	}
	switch v.Kind() {
	case reflect.Struct:
		n := &yaml.Node{Kind: yaml.MappingNode}
		return n, encodeFields(n, v)
	case reflect.Slice:
		return encodeList(v)
	case reflect.Map:
		return encodeEntries(v)
	case reflect.Array:
		return encodeVitals(v)
	case reflect.Float64:
		return scalar(strconv.FormatFloat(v.Float(), 'f', -1, 64)), nil
	}
	var n yaml.Node
	return &n, n.Encode(v.Interface())
}

func scalar(text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: text} }

func put(n *yaml.Node, name string, x *yaml.Node) { n.Content = append(n.Content, scalar(name), x) }

// encodeFields adds a struct's fields. An age of 0 is no bound; channels follow what is set up
// where the file is used; a rung that does not say who must accept, or ask for a set, says neither.
func encodeFields(n *yaml.Node, v reflect.Value) error {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, isAge := key(f)
		switch {
		case f.Anonymous:
			if err := encodeFields(n, v.Field(i)); err != nil {
				return err
			}
		case !inFiles(v.Type(), f), f.Name == "Channels", isAge && v.Field(i).IsZero(), seldom(v.Type(), f) && v.Field(i).IsZero():
		case isAge:
			put(n, name, scalar(formatAge(int(v.Field(i).Int()))))
		default:
			x, err := encode(v.Field(i))
			if err != nil {
				return err
			}
			put(n, name, x)
		}
	}
	return nil
}

// seldom names what most rungs leave out.
func seldom(of reflect.Type, f reflect.StructField) bool {
	return of == reflect.TypeFor[alerts.Rung]() && (f.Name == "Must" || f.Name == "Confirm")
}

func encodeList(v reflect.Value) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.SequenceNode}
	for i := range v.Len() {
		x, err := encode(v.Index(i))
		if err != nil {
			return nil, err
		}
		if x.Kind == yaml.MappingNode && short(x) {
			x.Style = yaml.FlowStyle
		}
		n.Content = append(n.Content, x)
	}
	return n, nil
}

// short says whether a group reads well on one line.
func short(n *yaml.Node) bool {
	for _, x := range n.Content {
		if x.Kind == yaml.MappingNode {
			return false
		}
	}
	return true
}

func encodeEntries(v reflect.Value) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.MappingNode}
	names := v.MapKeys()
	slices.SortFunc(names, func(a, b reflect.Value) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	for _, k := range names {
		x, err := encode(v.MapIndex(k))
		if err != nil {
			return nil, err
		}
		put(n, fmt.Sprint(k.Interface()), x)
	}
	return n, nil
}

func encodeVitals(v reflect.Value) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for i := range v.Len() {
		if v.Index(i).IsZero() {
			continue
		}
		x, err := encode(v.Index(i))
		if err != nil {
			return nil, err
		}
		if x.Kind == yaml.MappingNode {
			x.Style = yaml.FlowStyle
		}
		put(n, ward.Vital(i).String(), x)
	}
	return n, nil
}

func encodeLadder(ladder map[alerts.Step][]alerts.Rung) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, kind := range []ward.AlertKind{ward.Clinical, ward.DeviceRaise, ward.Technical} {
		bands := &yaml.Node{Kind: yaml.MappingNode}
		for b := ward.High; b > ward.Low; b-- {
			rungs, ok := ladder[alerts.Step{Kind: kind, Band: b}]
			if !ok {
				continue
			}
			x, err := encode(reflect.ValueOf(rungs))
			if err != nil {
				return nil, err
			}
			put(bands, b.String(), x)
		}
		put(n, string(kind), bands)
	}
	return n, nil
}
