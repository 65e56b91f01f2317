package app

import (
	"context"
	"errors"
	"log/slog"
	"testing"
)

// A write that fails once is tried again at once and is no trouble; one that goes on failing is
// shown as such until it succeeds.
func TestRetrySaysStalledOnlyWhenItIs(t *testing.T) {
	for fails, want := range map[int]bool{0: false, 1: false, 2: true, 3: true} {
		l := &loop{log: slog.New(slog.DiscardHandler)}
		shown, left := false, fails
		l.retry(context.Background(), "test", func() error {
			shown = shown || l.stalled.Load()
			if left--; left >= 0 {
				return errors.New("no space left")
			}
			return nil
		})
		if shown != want || l.stalled.Load() {
			t.Errorf("%d failures: shown %v, want %v; afterwards %v", fails, shown, want, l.stalled.Load())
		}
	}
}
