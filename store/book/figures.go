package book

import (
	"context"
	"time"

	"wardwatch/ward"
)

// figuresWait bounds how long a scrape may wait for the book.
const figuresWait = 2 * time.Second

// settledWithin is when a prediction should have its outcome: both tasks look some six hours ahead.
const settledWithin = 24 * time.Hour

// Figures reports the book's own numbers. Those it cannot read in time are left out.
func (b *Book) Figures() []ward.Figure {
	s := b.db.Stats()
	out := []ward.Figure{
		{Name: "wardwatch_book_commits_total", Help: "Transactions committed to the book.", Value: float64(s.Commits)},
		{Name: "wardwatch_book_failures_total", Help: "Transactions that were not committed, refusals included.", Value: float64(s.Failures)},
		{Name: "wardwatch_book_write_seconds_total", Help: "Time spent in transactions, waiting for a turn included.", Value: s.Busy.Seconds()},
		{Name: "wardwatch_book_sight_failures_total", Help: "New places of devices that could not be written when first heard.", Value: float64(b.sights.failureCount())},
		{Name: "wardwatch_book_bytes", Help: "Size of the book's file and its write-ahead log.", Gauge: true, Value: float64(s.Bytes)},
		{Name: "wardwatch_predictions_kept_total", Help: "Hourly predictions of models that were kept.", Value: float64(b.KeptPredictions())},
		{Name: "wardwatch_unknown_beds", Help: "Beds not in the book that were heard of lately and are scored all the same.", Gauge: true, Value: float64(b.picture.Strangers())},
		{Name: "wardwatch_unknown_beds_refused_total", Help: "Readings kept as history only, because too many beds are not in the book.", Value: float64(b.crowded.Load())},
	}
	ctx, cancel := context.WithTimeout(context.Background(), figuresWait)
	defer cancel()
	if n, err := b.PendingBehind(ctx, b.now()); err == nil {
		out = append(out, ward.Figure{Name: "wardwatch_notices_behind", Help: "Notices that are due and not settled.", Gauge: true, Value: float64(n)})
	}
	if n, err := b.UnsettledCount(ctx, b.now().Add(-settledWithin)); err == nil {
		out = append(out, ward.Figure{Name: "wardwatch_predictions_unsettled", Help: "Predictions older than a day whose outcome nobody has written, at most 100,000.", Gauge: true, Value: float64(n)})
	}
	counts, err := b.QuarantineSummary(ctx)
	if err != nil {
		return out
	}
	byReason := make(map[string]int64)
	for _, c := range counts {
		byReason[c.Reason] += c.Count
	}
	for reason, n := range byReason {
		out = append(out, ward.Figure{Name: "wardwatch_quarantine_total", Help: "Messages and elements that could not be taken, by reason.", Label: "reason", Of: reason, Value: float64(n)})
	}
	return out
}
