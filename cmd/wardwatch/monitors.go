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

func (m monitors) run(ctx context.Context, w *sim.Ward) error {
	p, err := publish.New(publish.Options{
		URL: m.url, User: m.user, Password: m.password, TLS: m.tls, Log: logger(),
		ClientID: fmt.Sprintf("simulated-ward-%d", os.Getpid()),
	})
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		_ = p.Close(ctx)
	}()
	if err := p.Connect(ctx); err != nil {
		return err
	}
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
