package app

import (
	"context"
	"log/slog"
	"time"
)

// undo is what must be done to stop, named, last in first out. Each step of starting pushes its
// own undoing as soon as its thing exists, so that a failure half way uses the same stack.
type undo struct {
	log   *slog.Logger
	steps []undoStep
}

type undoStep struct {
	name string
	do   func() error
}

func (u *undo) push(name string, do func() error) { u.steps = append(u.steps, undoStep{name, do}) }

// task starts f in a goroutine and pushes the undoing that ends it and waits for it.
func (u *undo) task(ctx context.Context, name string, f func(context.Context) error) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := f(ctx); err != nil && ctx.Err() == nil {
			u.log.Error("a part has stopped", "part", name, "error", err)
		}
	}()
	u.push(name, func() error {
		cancel()
		<-done
		return nil
	})
}

// stopLimit bounds each step of stopping.
const stopLimit = 5 * time.Second

// run does all of it, newest first, each step bounded.
func (u *undo) run() {
	for i := len(u.steps) - 1; i >= 0; i-- {
		s := u.steps[i]
		done := make(chan error, 1)
		go func() { done <- s.do() }()
		select {
		case err := <-done:
			if err != nil {
				u.log.Error("stopping", "part", s.name, "error", err)
			}
		case <-time.After(stopLimit):
			u.log.Error("a part did not stop in time", "part", s.name)
		}
	}
	u.steps = nil
}
