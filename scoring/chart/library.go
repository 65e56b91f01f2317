package chart

import (
	"embed"
	"errors"
	"fmt"
	"path"
	"slices"
)

// The reviewed charts; their order here is nothing, the library sorts by id.
//
//go:embed charts/*.yaml
var charts embed.FS

// Library is a set of charts by id, immutable.
type Library struct{ charts map[string]*Chart }

// Embedded loads and checks the charts that are part of the program.
func Embedded() (*Library, error) {
	names, err := charts.ReadDir("charts")
	if err != nil {
		return nil, err
	}
	l := &Library{map[string]*Chart{}}
	var errs []error
	for _, n := range names {
		file := path.Join("charts", n.Name())
		raw, err := charts.ReadFile(file)
		if err != nil {
			return nil, err
		}
		c, err := Parse(file, raw)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if n.Name() != c.id+".yaml" {
			errs = append(errs, fmt.Errorf("%s: holds the chart %q: name the file after it", file, c.id))
		}
		l.charts[c.id] = c
	}
	return l, errors.Join(errs...)
}

// Find is the chart of an id.
func (l *Library) Find(id string) (*Chart, bool) {
	c, ok := l.charts[id]
	return c, ok
}

// IDs are the ids of all charts, sorted.
func (l *Library) IDs() []string {
	ids := make([]string, 0, len(l.charts))
	for id := range l.charts {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
