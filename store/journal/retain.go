package journal

import (
	"slices"
	"time"
)

// Span is a time by our own clock, To excluded.
type Span struct{ From, To time.Time }

// Retain keeps every closed segment with anything that arrived in one of the spans, however old it
// grows, until it is called again for the same name: a legal hold. Unlike Hold it keeps nothing after
// the spans, so that a hold of an hour does not keep months. It is not remembered over a restart: call
// it before anybody calls Prune.
func (j *Journal) Retain(name string, spans []Span) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.retained == nil {
		j.retained = map[string][]Span{}
	}
	j.retained[name] = slices.Clone(spans)
}

// retains says whether a segment is retained. Spans of segments are known to the second.
func (j *Journal) retains(s span) bool {
	for _, spans := range j.retained {
		for _, x := range spans {
			if s.oldest.Before(x.To.Add(time.Second)) && s.newest.After(x.From.Add(-time.Second)) {
				return true
			}
		}
	}
	return false
}

// lists says whether a segment is still one of ours.
func (j *Journal) lists(base uint64) bool {
	return slices.ContainsFunc(*j.segments.Load(), func(s segment) bool { return s.base == base })
}
