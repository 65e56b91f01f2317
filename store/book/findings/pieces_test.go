package findings_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardwatch/store/book"
	"wardwatch/ward"
)

// A long delivery leaves room for an alert between its pieces. One that was cut off after any of them is
// read again, and says then what it would have said at once.
func TestALongDelivery(t *testing.T) {
	c := newClock()
	long := says("H1", 0.9)
	long.Retracts = []ward.Retraction{{StudyUID: "1.2.3", At: c.at}}
	for n := range 210 {
		f := long.Findings[0]
		f.ID, f.StudyUID, f.Produced = fmt.Sprint("g", n), fmt.Sprint("1.2.3.", n), c.at.Add(-time.Hour)
		if n%2 == 0 {
			f.StudyUID = "1.2.3" // beside what is taken back of it
		}
		long.Findings = append(long.Findings, f)
	}
	long.Findings = long.Findings[1:]
	var whole string
	for cut := range 3 {
		pieces, stop := 0, func() {}
		path := filepath.Join(t.TempDir(), "book.db")
		ok(t, os.WriteFile(path, must[[]byte](t)(blank()), 0o600))
		b := openAt(t, path, book.Options{Now: c.now, Probe: func(point string) {
			if point != "book_committed" {
				return
			}
			if pieces++; pieces == cut {
				stop()
			}
		}})
		a := admit(t, b, "H1", "01")
		report(t, b, delivery(c, "d1"), placed(says("H1", 0.9), a))
		must[bool](t)(b.Accept(t.Context(), delivery(c, "d2")))
		ctx, cancel := context.WithCancel(t.Context())
		pieces, stop = 0, cancel
		_, err := b.Report(ctx, "d2", []ward.PlacedReport{placed(long, a)})
		cancel()
		if cut == 0 && pieces < 2 || cut == 0 && err != nil {
			t.Fatalf("written in %d pieces: %v", pieces, err)
		}
		if err != nil && len(must[[]ward.Delivery](t)(b.Waiting(t.Context(), 9))) != 1 {
			t.Fatalf("cut off after %d, it waits no more", cut)
		}
		must[[]ward.StayID](t)(b.Report(t.Context(), "d2", []ward.PlacedReport{placed(long, a)}))
		now := strings.ReplaceAll(dump(t, b), string(a), "the stay")
		if whole == "" {
			whole = now
		}
		if now != whole {
			t.Fatalf("cut off after %d it says something else", cut)
		}
		for _, f := range of(t, b, a) {
			if f.Retracted.IsZero() != (f.ID != "f1") {
				t.Fatalf("cut off after %d: %+v", cut, f)
			}
		}
	}
}
