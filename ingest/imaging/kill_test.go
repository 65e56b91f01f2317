package imaging

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

func withCancel(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}

// death is what a crash at a point looks like to those who called.
type death struct{ point string }

// living runs fn and reports whether the process lived through it.
func living(fn func()) (lived bool) {
	defer func() {
		if _, died := recover().(death); died {
			lived = false
		}
	}()
	fn()
	return true
}

// However often and wherever the process dies, what was acknowledged is read, once, with the same ids as
// if it had not died; and what the senders repeat changes nothing.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		b := newBench(t, here)
		countdown := 0
		b.probe = func(point string) {
			if countdown--; countdown == 0 {
				panic(death{point})
			}
		}
		life := func(fn func()) bool {
			countdown = rapid.IntRange(0, 6).Draw(r, "steps to live")
			lived := living(fn)
			if !lived {
				b.start()
			}
			return lived
		}
		acknowledged := map[string]bool{}
		for range rapid.IntRange(1, 12).Draw(r, "deeds") {
			if rapid.Bool().Draw(r, "process") {
				life(func() { b.process() })
				continue
			}
			n := rapid.IntRange(1, 4).Draw(r, "picture")
			if life(func() { b.mustSend("pacs", picture(n, "P-0042")) }) {
				acknowledged[fmt.Sprintf("1.2.3.%d", n)] = true
			}
		}
		countdown = 0
		b.drain(t.Context())

		read := map[string]int{}
		for _, report := range b.book.Reports() {
			if report.Stay != here.ID || len(report.Findings) != 1 || report.Findings[0].ID == "" {
				r.Fatalf("%+v", report)
			}
			read[report.Findings[0].InstanceUID]++
		}
		for uid := range acknowledged {
			if read[uid] != 1 {
				r.Fatalf("%s was acknowledged and read %d times", uid, read[uid])
			}
		}
		for _, d := range b.book.Deliveries() {
			if d.State != ward.DeliveryRead {
				r.Fatalf("left over: %+v", d)
			}
		}

		before := fmt.Sprintf("%+v", b.book.Reports())
		writes := b.book.Writes()
		for n := range 4 {
			if acknowledged[fmt.Sprintf("1.2.3.%d", n+1)] {
				b.mustSend("pacs", picture(n+1, "P-0042"))
			}
		}
		b.start()
		b.drain(t.Context())
		if b.book.Writes() != writes || fmt.Sprintf("%+v", b.book.Reports()) != before {
			r.Fatal("a repeat changed something")
		}
	})
}
