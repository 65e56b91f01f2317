package signin

import (
	"sync"
	"time"
)

// One address may try this often; the book's lock on the login comes on top. Many people share
// one address behind a hospital's proxy, so the brake is loose.
const (
	brakeBurst  = 20
	brakeRefill = 3 * time.Second // one more try each
	maxBrakes   = 4096            // addresses remembered
)

// brake slows guessing from one address.
type brake struct {
	mu   sync.Mutex
	from map[string]*bucket
}

// bucket is full again at the time full.
type bucket struct{ full time.Time }

func newBrake() *brake { return &brake{from: map[string]*bucket{}} }

// take uses one try; otherwise it says from when there is another.
func (b *brake) take(from string, now time.Time) (until time.Time, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.from[from]
	if k == nil {
		if len(b.from) >= maxBrakes {
			b.sweep(now)
		}
		k = &bucket{}
		b.from[from] = k
	}
	if k.full.Before(now) {
		k.full = now
	}
	if empty := now.Add((brakeBurst - 1) * brakeRefill); k.full.After(empty) {
		return now.Add(k.full.Sub(empty)), false
	}
	k.full = k.full.Add(brakeRefill)
	return time.Time{}, true
}

// refund gives back the one try that succeeded.
func (b *brake) refund(from string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if k := b.from[from]; k != nil {
		k.full = k.full.Add(-brakeRefill)
	}
}

// sweep drops addresses that are full again, and all when none is: an attacker with thousands of
// addresses must not make us hold more, and the lock on the login still stands.
func (b *brake) sweep(now time.Time) {
	for from, k := range b.from {
		if !k.full.After(now) {
			delete(b.from, from)
		}
	}
	if len(b.from) >= maxBrakes {
		clear(b.from)
	}
}
