package imaging

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wardwatch/ward"
)

// counters counts what was processed. Any goroutine may use them.
type counters struct {
	matched, unmatched, placed atomic.Uint64
	retried, transcoded, reads atomic.Uint64
	waiting                    atomic.Int64
	oldest                     atomic.Int64 // when the oldest that waits was received, Unix ms; 0: none waits
	late                       atomic.Int64 // the same of those that do not wait by a fault of their own

	mu      sync.Mutex
	blocked error
	refused map[string]uint64
}

func (p *Processor) lookedAt(waiting []ward.Delivery) {
	oldest, late := int64(0), int64(0)
	for i := len(waiting) - 1; i >= 0; i-- {
		oldest = waiting[i].Received.UnixMilli()
		if p.retries[waiting[i].ID].times == 0 {
			late = oldest
		}
	}
	p.count.waiting.Store(int64(len(waiting)))
	p.count.oldest.Store(oldest)
	p.count.late.Store(late)
}

func (c *counters) read(placed []ward.PlacedReport) {
	c.reads.Add(1)
	for i := range placed {
		if placed[i].Why == ward.Matched {
			c.matched.Add(1)
		} else {
			c.unmatched.Add(1)
		}
	}
}

func (c *counters) refuse(code string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refused == nil {
		c.refused = map[string]uint64{}
	}
	c.refused[code]++
}

func (c *counters) setBlocked(err error) (was error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was, c.blocked = c.blocked, err
	return was
}

// tooLate is how long a result may wait before somebody hears of it; a proposal.
const tooLate = 15 * time.Minute

// Ready says why results are not being kept now, or come late; nil when they are kept. One that waits by a
// fault of its own is tried again and is nobody's alarm.
func (p *Processor) Ready() error {
	p.count.mu.Lock()
	defer p.count.mu.Unlock()
	if p.count.blocked != nil {
		return errors.New("imaging results wait: the book cannot be used")
	}
	late := p.count.late.Load()
	if waited := p.o.Now().Sub(time.UnixMilli(late)); late != 0 && waited > tooLate {
		return fmt.Errorf("imaging results wait to be read, the oldest for %v", waited.Truncate(time.Minute))
	}
	return nil
}

// Figures reports what was processed since the start, and what waits.
func (p *Processor) Figures() []ward.Figure {
	c := &p.count
	total := func(name, help string, v *atomic.Uint64) ward.Figure {
		return ward.Figure{Name: "wardwatch_imaging_" + name + "_total", Help: help, Value: float64(v.Load())}
	}
	gauge := func(name, help string, v float64) ward.Figure {
		return ward.Figure{Name: "wardwatch_imaging_" + name, Help: help, Gauge: true, Value: v}
	}
	age := 0.0
	if oldest := c.oldest.Load(); oldest != 0 {
		age = p.o.Now().Sub(time.UnixMilli(oldest)).Seconds()
	}
	fs := []ward.Figure{
		total("read", "Imaging deliveries read.", &c.reads),
		total("reports_matched", "Imaging reports that found their stay.", &c.matched),
		total("reports_unmatched", "Imaging reports that went to the worklist.", &c.unmatched),
		total("rematched", "Worklist items that found their stay later.", &c.placed),
		total("retries", "Attempts to read an imaging delivery that failed and were put off.", &c.retried),
		total("transcoded", "Pictures that their archive gave again in another encoding.", &c.transcoded),
		gauge("waiting", "Imaging deliveries that wait to be read, as far as they are looked at together.", float64(c.waiting.Load())),
		gauge("oldest_waiting_seconds", "How long the oldest imaging delivery has waited.", age),
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, code := range slices.Sorted(maps.Keys(c.refused)) {
		fs = append(fs, ward.Figure{
			Name: "wardwatch_imaging_refused_total", Help: "Imaging deliveries that could not be read, by reason.",
			Label: "reason", Of: code, Value: float64(c.refused[code]),
		})
	}
	return fs
}
