package journal

import (
	"fmt"
	"testing"
	"time"

	"wardwatch/ward"
)

// A sender that makes up a bed for each message fills a bounded memory, and what it sends is told
// apart all the same.
func TestMadeUpPlacesAreBounded(t *testing.T) {
	j := open(t, t.TempDir(), Options{})
	const over = 500
	rs := make([]ward.Reading, maxPlaces+over)
	for i := range rs {
		rs[i] = reading(0, noon, 1)
		rs[i].Place.Bed = ward.BedID(fmt.Sprint("made-up-", i))
		if repeat, _ := j.Admit(&rs[i]); repeat {
			t.Fatalf("bed %d: taken for a repeat of another's", i)
		}
	}
	if n := len(j.tracker.places); n != maxPlaces+1 {
		t.Errorf("%d places are kept, want %d", n, maxPlaces+1)
	}
	appendAll(t, j, rs[maxPlaces:])
	for i := maxPlaces; i < len(rs); i++ {
		again := rs[i]
		again.Point = time.Time{}
		if repeat, _ := j.Admit(&again); !repeat {
			t.Fatalf("bed %d: its repeat was not seen", i)
		}
	}
}
