package brake

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// Whatever the times of the tries: in any stretch no more pass than the brake allows.
func TestNoMorePassThanAllowed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const burst, refill = 20, 3 * time.Second
		b := New(burst, refill)
		now := noon
		var passed []time.Time
		for range rapid.IntRange(1, 100).Draw(t, "tries") {
			now = now.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "ms")) * time.Millisecond)
			until, ok := b.Take("a", now)
			if ok {
				passed = append(passed, now)
			} else if !until.After(now) {
				t.Fatalf("refused until %v, which is not after %v", until, now)
			} else if _, ok := b.Take("b", now); !ok {
				t.Fatal("another key is held back too")
			} else {
				b.Refund("b")
			}
		}
		for i, from := range passed {
			for j := i + burst; j < len(passed); j++ {
				if most := burst + int(passed[j].Sub(from)/refill); j-i+1 > most {
					t.Fatalf("%d tries within %v", j-i+1, passed[j].Sub(from))
				}
			}
		}
	})
}

func TestABoundedNumberIsHeld(t *testing.T) {
	b := New(1, time.Second)
	for i := range 3 * maxKeys {
		b.Take(fmt.Sprint(i), noon)
	}
	if len(b.from) > maxKeys {
		t.Errorf("%d are held", len(b.from))
	}
}
