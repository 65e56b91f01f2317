// Wardwatch is a ward early-warning system: bedside monitors stream vital signs in over MQTT,
// every patient is scored all the time, nurses see the ward live, and alerts are pushed until a
// person has accepted them.
package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/alecthomas/kong"
)

// cli is the whole command line; each command is one file beside this one.
type cli struct {
	Config kong.ConfigFlag `help:"YAML file with the same names as the flags." placeholder:"FILE"`

	Demo     demoCmd     `cmd:"" help:"A simulated ward, everything in one process, signed in on loopback."`
	Serve    serveCmd    `cmd:"" help:"The real thing."`
	Simulate simulateCmd `cmd:"" help:"Virtual monitors on any broker."`
	Replay   replayCmd   `cmd:"" help:"Play a recorded data set through the wire."`
	Score    scoreCmd    `cmd:"" help:"Score JSON lines on standard input."`
	Backtest backtestCmd `cmd:"" help:"Try policies on recorded data through the live engine, before they go live."`
	Validate validateCmd `cmd:"" help:"Measure a learned model on labelled data: discrimination, calibration, alerts."`
	Image    imageCmd    `cmd:"" help:"Show DICOM, PNG or JPEG pictures to an imaging model: JSON lines."`
	Policy   policyCmd   `cmd:"" help:"Check and print policies: charts, limits, persistence, the ladder."`
	Chart    chartCmd    `cmd:"" help:"List, check and sign charts."`
	Model    modelCmd    `cmd:"" help:"Learned models: list them, and let a ward's staff see them or not."`
	Doctor   doctorCmd   `cmd:"" help:"What is wrong and how to mend it."`
	User     userCmd     `cmd:"" help:"People who may sign in, and their tokens."`
	Channel  channelCmd  `cmd:"" help:"Channels by which people are told: list, check, test."`
	Device   deviceCmd   `cmd:"" help:"Credentials of devices and gateways."`
	Ward     wardCmd     `cmd:"" help:"Wards, beds and stays, from CSV files."`
	Audit    auditCmd    `cmd:"" help:"Verify and export the audit log."`
	Incident incidentCmd `cmd:"" help:"What was recorded about a stay in a span of time, in one signed file; legal holds."`
	Backup   backupCmd   `cmd:"" help:"Copy the book while the server runs."`
	Restore  restoreCmd  `cmd:"" help:"Put a backup in the place of the book."`
	Version  versionCmd  `cmd:"" help:"Print the version."`

	ProbeModels probeModelsCmd `cmd:"" name:"probe-models" hidden:""`
	ReadImages  readImagesCmd  `cmd:"" name:"read-images" hidden:""`
}

func main() {
	var c cli
	parser, err := kong.New(&c,
		kong.Name("wardwatch"),
		kong.Description("A ward early-warning system. A second pair of eyes: bedside alarms stay on."),
		kong.DefaultEnvars("WARDWATCH"),
		kong.Configuration(yamlConfig),
		kong.Vars{"now": time.Now().Format(time.RFC3339), "models": modelNames()},
		kong.ShortUsageOnError(),
	)
	if err != nil {
		panic(err) // the command line's own declaration is wrong
	}
	ctx, err := parser.Parse(os.Args[1:])
	parser.FatalIfErrorf(err)
	err = ctx.Run()
	var coded exitCode
	if errors.As(err, &coded) {
		os.Exit(int(coded))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "wardwatch:", err)
		os.Exit(1)
	}
}

// exitCode ends the program with a code and nothing more to say.
type exitCode int

// Error names the code.
func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }
