package main

import (
	"context"
	"errors"
	"os/signal"
	"syscall"

	"wardwatch/cmd/wardwatch/app"
)

type serveCmd struct {
	app.Config `embed:""`
}

// Run serves until it is told to stop.
func (c *serveCmd) Run() error {
	if c.Data == "" {
		return errors.New("serve needs --data DIR, where everything is kept")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	a, err := app.Start(context.WithoutCancel(ctx), app.Options{Config: c.Config, Log: logger(), Version: versionText()})
	if err != nil {
		return hinted(err)
	}
	defer a.Stop()
	say("board  %s", a.HTTP())
	if a.MQTT() != "" {
		say("mqtt   %s", a.MQTT())
	}
	<-ctx.Done()
	return nil
}
