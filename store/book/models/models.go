// Package models is the part of the book that follows the learned models: what they said hour by
// hour and what came of it, for quality work, and the gates that decide whether treating staff see
// them.
package models

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// Ledger holds predictions and gates.
type Ledger struct {
	db  *sqlite.DB
	now func() time.Time

	kept atomic.Uint64 // predictions, since New

	mu     sync.Mutex
	latest map[whose]int64 // hour of the newest prediction that is in the book, in Unix ms
}

// whose is what has one prediction an hour.
type whose struct {
	stay  ward.StayID
	task  ward.Task
	model string
}

// New is the ledger kept in db.
func New(db *sqlite.DB, now func() time.Time) *Ledger {
	return &Ledger{db: db, now: now, latest: map[whose]int64{}}
}

// KeptPredictions is how many predictions were kept since New.
func (l *Ledger) KeptPredictions() uint64 { return l.kept.Load() }

// countLimit bounds the work of one count.
const countLimit = 100_000

// UnsettledCount is how many predictions made before a time have no outcome yet; counting ends at
// 100,000.
func (l *Ledger) UnsettledCount(ctx context.Context, before time.Time) (int64, error) {
	return sqlite.Number(ctx, l.db.Read(), `SELECT count(*) FROM (SELECT 1 FROM predictions WHERE outcome IS NULL AND hour < ? LIMIT ?)`, sqlite.Ms(before), countLimit)
}

func bad(message, hint string) error {
	return &ward.Error{Code: ward.BadInput, Message: message, Hint: hint}
}
