package quarantine

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

func TestQuarantineIsBoundedAndCounted(t *testing.T) {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "book.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := New(db)
	s.newest, s.maxPairs = 20, 5
	at := time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC)
	const n = 100
	for i := range n {
		r := ward.Reject{At: at, Topic: "ward/v1/a9/01/vitals", Device: ward.DeviceID(fmt.Sprint("x", i%40)), Reason: "bad_json", Message: "not JSON"}
		if i == n-1 {
			r.Device, r.Reason, r.Payload = "m1", "no_time", make([]byte, 9<<10)
		}
		if err := s.Quarantine(t.Context(), []ward.Reject{r}); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := s.Quarantined(t.Context(), 1000)
	if err != nil || len(kept) != 20 || len(kept[0].Payload) != maxPayload || kept[0].Reason != "no_time" || !kept[0].At.Equal(at) {
		t.Errorf("%d kept, %v", len(kept), err)
	}
	counts, err := s.QuarantineSummary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for _, c := range counts {
		sum += c.Count
	}
	if sum != n || len(counts) > 5+2 {
		t.Errorf("%d counted in %d rows: %+v", sum, len(counts), counts)
	}
	if err := s.Quarantine(t.Context(), nil); err != nil {
		t.Error(err)
	}
}
