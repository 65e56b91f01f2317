// Package brake slows whoever asks too often: an address that guesses, a person who sends test after
// test. It remembers a bounded number of them.
package brake

import (
	"sync"
	"time"
)

// maxKeys bounds how many are remembered.
const maxKeys = 4096

// Brake lets each key pass burst times at once, and once more every refill after that. Its methods may
// be called from any goroutine.
type Brake struct {
	burst  int
	refill time.Duration

	mu   sync.Mutex
	from map[string]*bucket
}

// bucket is full again at the time full.
type bucket struct{ full time.Time }

// New is a Brake.
func New(burst int, refill time.Duration) *Brake {
	return &Brake{burst: burst, refill: refill, from: map[string]*bucket{}}
}

// Take uses one try; otherwise it says from when there is another.
func (b *Brake) Take(key string, now time.Time) (until time.Time, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.from[key]
	if k == nil {
		if len(b.from) >= maxKeys {
			b.sweep(now)
		}
		k = &bucket{}
		b.from[key] = k
	}
	if k.full.Before(now) {
		k.full = now
	}
	if empty := now.Add(time.Duration(b.burst-1) * b.refill); k.full.After(empty) {
		return now.Add(k.full.Sub(empty)), false
	}
	k.full = k.full.Add(b.refill)
	return time.Time{}, true
}

// Refund gives back one try.
func (b *Brake) Refund(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if k := b.from[key]; k != nil {
		k.full = k.full.Add(-b.refill)
	}
}

// sweep drops keys that are full again, and all when none is: an attacker with thousands of addresses
// must not make us hold more, and what else guards the door still stands.
func (b *Brake) sweep(now time.Time) {
	for key, k := range b.from {
		if !k.full.After(now) {
			delete(b.from, key)
		}
	}
	if len(b.from) >= maxKeys {
		clear(b.from)
	}
}
