package app

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wardwatch/alerts"
	"wardwatch/cmd/wardwatch/channels"
	"wardwatch/store/book"
	. "wardwatch/store/book/booktest"
	"wardwatch/ward"
)

// The day's tests are written when they are due, a topic each, and not again at each look.
func TestDailyTestIsWrittenOnce(t *testing.T) {
	c := NewClock() // 08:00
	file := filepath.Join(t.TempDir(), "channels.yaml")
	OK(t, os.WriteFile(file, []byte("test: {at: \"07:30\", zone: Asia/Ho_Chi_Minh, to: [engineer]}\nchannels:\n  - {name: phones, kind: ntfy, url: \"https://ntfy.benhvien.vn\"}\n"), 0o600))
	a := &App{log: slog.New(slog.DiscardHandler), clock: Must[*clock](t)(newClock(c.At.Format(time.RFC3339), 1e-6)), book: Open(t, c), outbox: alerts.NewOutbox(alerts.OutboxOptions{})}
	a.telling.set = Must[*channels.Set](t)(channels.Load(file, channels.Site{}))
	a.rules.Alerts = alerts.Default("phones")

	a.testDaily(t.Context())
	first := Must[[]ward.Notice](t)(a.book.DueNotices(t.Context(), c.At.Add(time.Minute), 1000))
	if want := 1 + 2*6; len(first) != want { // the hospital's engineers; two wards, six roles
		t.Errorf("%d tests, want %d", len(first), want)
	}
	before := commits(a.book)
	a.testDaily(t.Context())
	if after := commits(a.book); after != before {
		t.Errorf("a minute later %g more were written", after-before)
	}
}

func commits(b *book.Book) float64 {
	for _, f := range b.Figures() {
		if f.Name == "wardwatch_book_commits_total" {
			return f.Value
		}
	}
	return -1
}
