package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"gopkg.in/yaml.v3"
)

// yamlConfig reads a configuration file: the names of its keys are those of the flags, with - or
// _. The environment stands above it and flags above both. A key that no command knows is an
// error, because a misspelt limit would otherwise be a silent default.
func yamlConfig(r io.Reader) (kong.Resolver, error) {
	var raw map[string]any
	if err := yaml.NewDecoder(r).Decode(&raw); err != nil && err != io.EOF {
		return nil, fmt.Errorf("the configuration is not YAML of names and values: %w", err)
	}
	values := make(map[string]any, len(raw))
	for name, v := range raw {
		values[strings.ReplaceAll(name, "_", "-")] = flagText(v)
	}
	return &yamlResolver{values}, nil
}

type yamlResolver struct{ values map[string]any }

// Validate refuses unknown keys.
func (y *yamlResolver) Validate(app *kong.Application) error {
	var known []string
	var walk func(n *kong.Node)
	walk = func(n *kong.Node) {
		for _, f := range n.Flags {
			known = append(known, f.Name)
		}
		for _, c := range n.Children {
			walk(c)
		}
	}
	walk(app.Node)
	for name := range y.values {
		if !slices.Contains(known, name) {
			return fmt.Errorf("the configuration has %q, which is no setting: see wardwatch serve --help for the names", name)
		}
	}
	return nil
}

// Resolve finds a flag's value in the file.
func (y *yamlResolver) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	return y.values[flag.Name], nil
}

// flagText turns YAML lists and maps into what the same flag would take on the command line.
func flagText(v any) any {
	switch v := v.(type) {
	case []any:
		parts := make([]string, len(v))
		for i, p := range v {
			parts[i] = fmt.Sprint(p)
		}
		return strings.Join(parts, ",")
	case map[string]any:
		parts := make([]string, 0, len(v))
		for k, p := range v {
			parts = append(parts, fmt.Sprintf("%s=%v", k, p))
		}
		slices.Sort(parts)
		return strings.Join(parts, ";")
	case nil:
		return nil
	}
	return fmt.Sprint(v)
}
