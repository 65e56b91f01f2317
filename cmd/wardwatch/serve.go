package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"

	"wardwatch/cmd/wardwatch/app"
)

type serveCmd struct {
	app.Config `embed:""`
	Profile    string `name:"cpu-profile" hidden:"" help:"Write a CPU profile of the whole run." placeholder:"FILE"`
}

// Run serves until it is told to stop.
func (c *serveCmd) Run() error {
	if c.Data == "" {
		return errors.New("serve needs --data DIR, where everything is kept")
	}
	if c.Profile != "" {
		end, err := profile(c.Profile)
		if err != nil {
			return err
		}
		defer end()
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	a, err := app.Start(context.WithoutCancel(ctx), app.Options{Config: c.Config, Log: logger(), Version: versionText(), TryModels: tryModels})
	if err != nil {
		return hinted(err)
	}
	defer a.Stop()
	say("board  %s", a.HTTP())
	if a.MQTT() != "" {
		say("mqtt   %s", a.MQTT())
	}
	if a.ImagingAddress() != "" {
		say("imaging %s", a.ImagingAddress())
	}
	<-ctx.Done()
	return nil
}

// profile records where the CPU goes until end is called.
func profile(file string) (end func(), err error) {
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close()
	}, nil
}
