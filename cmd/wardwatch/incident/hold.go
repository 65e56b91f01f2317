package incident

import (
	"wardwatch/store/journal"
	"wardwatch/ward"
)

// Retained are the spans of the journal that legal holds keep: journal.Retain takes them before each
// pruning. What was measured in a held span may have arrived somewhat before it by a clock that was
// behind, and up to a day after it.
func Retained(holds []ward.Hold) []journal.Span {
	var spans []journal.Span
	for _, h := range holds {
		if h.Released.IsZero() {
			spans = append(spans, journal.Span{From: h.From.Add(-edge), To: h.To.Add(lateBy)})
		}
	}
	return spans
}
