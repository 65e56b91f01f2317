package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"os"
	"time"

	"wardwatch/devices/publish"
	"wardwatch/devices/sim"
)

// monitors publishes a simulated ward to a broker in real time.
type monitors struct {
	url, user, password string
	tls                 *tls.Config
}

const monitorStep = 100 * time.Millisecond

// publisher connects; close it when done.
func (m monitors) publisher(ctx context.Context) (*publish.Publisher, error) {
	p, err := publish.New(publish.Options{
		URL: m.url, User: m.user, Password: m.password, TLS: m.tls, Log: logger(),
		ClientID: fmt.Sprintf("simulated-ward-%d", os.Getpid()),
	})
	if err != nil {
		return nil, err
	}
	return p, p.Connect(ctx)
}

func closing(ctx context.Context, p *publish.Publisher) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_ = p.Close(ctx)
}

// backlog sends everything the ward measured until now, as monitors do after a cut: it is history.
func (m monitors) backlog(ctx context.Context, w *sim.Ward, now time.Time) error {
	p, err := m.publisher(ctx)
	if err != nil {
		return err
	}
	defer closing(ctx, p)
	for _, msg := range w.Step(now) {
		if msg.Reading == nil {
			continue // what the devices say of themselves is for the present
		}
		if _, err := p.Publish(ctx, msg.Topic, msg.Payload, false); err != nil {
			return err
		}
	}
	return p.Flush(ctx)
}

// run publishes in real time until ctx ends.
func (m monitors) run(ctx context.Context, w *sim.Ward) error {
	p, err := m.publisher(ctx)
	if err != nil {
		return err
	}
	defer closing(ctx, p)
	tick := time.NewTicker(monitorStep)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case now := <-tick.C:
			for _, msg := range w.Step(now) {
				if _, err := p.Publish(ctx, msg.Topic, msg.Payload, msg.Retained); err != nil {
					return err
				}
			}
		}
	}
}
