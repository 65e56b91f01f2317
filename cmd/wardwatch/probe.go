package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"wardwatch/scoring/risk"
)

// probeModelsCmd loads and tries every learned model and ends. The server runs it as a child first:
// what crashes here would have taken the server with it.
type probeModelsCmd struct {
	Library string `arg:"" optional:"" help:"Shared library of ONNX Runtime."`
}

// Run loads everything. What is merely missing is found again, and told, by the server itself.
func (c *probeModelsCmd) Run() error {
	risk.Verify(risk.Options{Library: c.Library})
	return nil
}

const probeLimit = 20 * time.Second

// tryModels runs the probe in a process of its own.
func tryModels(library string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding our own program: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), probeLimit)
	defer cancel()
	args := []string{"probe-models"}
	if library != "" {
		args = append(args, library)
	}
	err = exec.CommandContext(ctx, self, args...).Run()
	if ctx.Err() != nil {
		return errors.New("loading the models did not end in time")
	}
	if err != nil {
		return fmt.Errorf("loading the models failed in a process of its own: %w", err)
	}
	return nil
}
