package policy

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"wardwatch/alerts"
	"wardwatch/scoring"
	"wardwatch/ward"
)

// decoder lays a file over a policy, setting by setting, so that every error has its line.
type decoder struct {
	site   Site
	budget int // nodes still to be read: aliases can make a small file endless
}

const maxNodes = 100_000

func (d *decoder) value(n *yaml.Node, v reflect.Value) error {
	if d.budget--; d.budget < 0 {
		return wrong(n, "the file repeats itself without end: write it without anchors")
	}
	if n.Kind == yaml.AliasNode {
		return d.value(n.Alias, v)
	}
	if v.Type() == ladderType {
		return d.ladder(n, v)
	}
	if n.Kind == yaml.ScalarNode {
		return d.scalar(n, v)
	}
	switch v.Kind() {
	case reflect.Struct:
		return d.fields(n, v)
	case reflect.Slice:
		return d.list(n, v)
	case reflect.Map:
		return d.entries(n, v)
	case reflect.Array:
		return d.vitals(n, v)
	}
	return wrong(n, "one value is wanted here, not a group: compare `wardwatch policy show`")
}

func (d *decoder) scalar(n *yaml.Node, v reflect.Value) error {
	if known, err := d.site.setWord(v, n.Value); known {
		if err != nil {
			return wrong(n, "%v", err)
		}
		return nil
	}
	switch v.Kind() {
	case reflect.Bool, reflect.Int, reflect.Float64, reflect.String:
		if n.Decode(v.Addr().Interface()) == nil {
			return nil
		}
		return wrong(n, "%q is not %s", n.Value, map[reflect.Kind]string{
			reflect.Bool: "true or false", reflect.Int: "a whole number", reflect.Float64: "a number", reflect.String: "a word",
		}[v.Kind()])
	}
	return wrong(n, "a group of settings is wanted here, not %q: compare `wardwatch policy show`", n.Value)
}

// pairs gives each key of a group with its value, refusing one that stands twice.
func pairs(n *yaml.Node, each func(k, x *yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return wrong(n, "settings with names are wanted here, not a list: compare `wardwatch policy show`")
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if line, twice := seen[k.Value]; twice {
			return wrong(k, "%s stands on line %d already: keep one", k.Value, line)
		}
		seen[k.Value] = k.Line
		if err := each(k, n.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) fields(n *yaml.Node, v reflect.Value) error {
	return pairs(n, func(k, x *yaml.Node) error {
		field, isAge, ok := fieldNamed(v, k.Value)
		switch {
		case !ok:
			return wrong(k, "there is no setting %q here: the settings are %s", k.Value, strings.Join(keys(v.Type()), ", "))
		case isAge:
			months, err := parseAge(x.Value)
			if err != nil || x.Kind != yaml.ScalarNode {
				return wrong(x, "%q is not an age: write for example 3m, 16y or 1y6m", x.Value)
			}
			field.SetInt(int64(months))
			return nil
		case v.Type() == staleType && x.Value == observed:
			field.SetInt(int64(scoring.AsObserved))
			return nil
		}
		return d.value(x, field)
	})
}

// fieldNamed finds a struct's field by its key; the fields of an embedded struct count as its own.
func fieldNamed(v reflect.Value, name string) (field reflect.Value, isAge, ok bool) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous {
			if field, isAge, ok = fieldNamed(v.Field(i), name); ok {
				return field, isAge, true
			}
			continue
		}
		if k, isAge := key(f); k == name {
			return v.Field(i), isAge, inFiles(v.Type(), f)
		}
	}
	return reflect.Value{}, false, false
}

// inFiles says whether a field may stand in a file: a version stands once, at the top.
func inFiles(of reflect.Type, f reflect.StructField) bool {
	return f.Name != "Version" || of == reflect.TypeFor[Policy]()
}

func keys(t reflect.Type) (names []string) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			names = append(names, keys(f.Type)...)
		} else if k, _ := key(f); inFiles(t, f) {
			names = append(names, k)
		}
	}
	return names
}

func (d *decoder) list(n *yaml.Node, v reflect.Value) error {
	if n.Kind != yaml.SequenceNode {
		return wrong(n, "a list is wanted here: begin each entry with a dash")
	}
	out := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, x := range n.Content {
		if rung, ok := out.Index(i).Addr().Interface().(*alerts.Rung); ok {
			rung.Channels = slices.Clone(d.site.Channels)
		}
		if err := d.value(x, out.Index(i)); err != nil {
			return err
		}
	}
	v.Set(out)
	return nil
}

// entries lays a group over a map; the default's map is left alone.
func (d *decoder) entries(n *yaml.Node, v reflect.Value) error {
	out := reflect.MakeMap(v.Type())
	for _, k := range v.MapKeys() {
		out.SetMapIndex(k, v.MapIndex(k))
	}
	err := pairs(n, func(k, x *yaml.Node) error {
		name, entry := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		if err := d.scalar(k, name); err != nil {
			return err
		}
		if before := out.MapIndex(name); before.IsValid() {
			entry.Set(before)
		}
		if err := d.value(x, entry); err != nil {
			return err
		}
		out.SetMapIndex(name, entry)
		return nil
	})
	v.Set(out)
	return err
}

// vitals lays a group over an array with a place for each vital.
func (d *decoder) vitals(n *yaml.Node, v reflect.Value) error {
	return pairs(n, func(k, x *yaml.Node) error {
		which, ok := ward.VitalNamed(k.Value)
		if !ok {
			return wrong(k, "%q is not a vital: write one of %s", k.Value, strings.Join(vitalNames(), ", "))
		}
		return d.value(x, v.Index(int(which)))
	})
}

// ladder reads kind, band and rungs.
func (d *decoder) ladder(n *yaml.Node, v reflect.Value) error {
	out := maps.Clone(v.Interface().(map[alerts.Step][]alerts.Rung))
	err := pairs(n, func(k, x *yaml.Node) error {
		kind := ward.AlertKind(k.Value)
		if kind != ward.Clinical && kind != ward.DeviceRaise && kind != ward.Technical {
			return wrong(k, "%q is no kind of alert: write %s, %s or %s", k.Value, ward.Clinical, ward.DeviceRaise, ward.Technical)
		}
		return pairs(x, func(k, x *yaml.Node) error {
			band, ok := ward.BandNamed(k.Value)
			if !ok {
				return wrong(k, "%q is not a band: write low_medium, medium or high", k.Value)
			}
			var rungs []alerts.Rung
			if err := d.value(x, reflect.ValueOf(&rungs).Elem()); err != nil {
				return err
			}
			out[alerts.Step{Kind: kind, Band: band}] = rungs
			return nil
		})
	})
	v.Set(reflect.ValueOf(out))
	return err
}

// wrong is an error about one place of the file.
func wrong(n *yaml.Node, format string, args ...any) error {
	return &Problem{Line: n.Line, Message: fmt.Sprintf(format, args...)}
}
