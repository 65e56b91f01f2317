package intake

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"wardwatch/ward"
)

// counters counts what came in. Any goroutine may use them.
type counters struct {
	failed, repeats atomic.Uint64

	mu       sync.Mutex
	byKind   map[string]uint64
	bySource map[string]uint64
	byCode   map[string]uint64
}

// accepted counts a delivery that is durable now.
func (c *counters) accepted(d *ward.Delivery, fresh bool) {
	if !fresh {
		c.repeats.Add(1)
		return
	}
	if d.State == ward.DeliveryRefused {
		c.refused(d.Code)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	rise(&c.byKind, string(d.Kind))
	rise(&c.bySource, d.Source)
}

func (c *counters) refused(code string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	rise(&c.byCode, code)
}

func rise(m *map[string]uint64, key string) {
	if *m == nil {
		*m = map[string]uint64{}
	}
	(*m)[key]++
}

// Figures reports what came in since the start.
func (in *Intake) Figures() []ward.Figure {
	c := &in.count
	fs := []ward.Figure{
		{Name: "wardwatch_imaging_intake_errors_total", Help: "Imaging deliveries that could not be made durable and were not acknowledged.", Value: float64(c.failed.Load())},
		{Name: "wardwatch_imaging_repeats_total", Help: "Imaging deliveries that were held already.", Value: float64(c.repeats.Load())},
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	fs = append(fs, labelled("wardwatch_imaging_deliveries_total", "Imaging deliveries accepted, by kind.", "kind", c.byKind)...)
	fs = append(fs, labelled("wardwatch_imaging_source_deliveries_total", "Imaging deliveries accepted, by source.", "source", c.bySource)...)
	return append(fs, labelled("wardwatch_imaging_intake_refused_total", "Imaging deliveries refused on arrival, by reason.", "reason", c.byCode)...)
}

func labelled(name, help, label string, values map[string]uint64) []ward.Figure {
	var fs []ward.Figure
	for _, of := range slices.Sorted(maps.Keys(values)) {
		fs = append(fs, ward.Figure{Name: name, Help: help, Label: label, Of: of, Value: float64(values[of])})
	}
	return fs
}
