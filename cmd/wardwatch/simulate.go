package main

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"wardwatch/devices/sim"
	"wardwatch/ward"
)

type simulateCmd struct {
	URL      string            `default:"tcp://127.0.0.1:1883" help:"The broker: tcp://host:port, or ssl://host:port with a certificate that this machine trusts (SSL_CERT_FILE names a private authority's)."`
	User     string            `help:"User of a gateway credential."`
	Password string            `name:"password-file" help:"File with its password." placeholder:"FILE"`
	Ward     string            `default:"SIM" help:"Ward to publish for."`
	Beds     int               `default:"24" help:"How many beds."`
	Interval time.Duration     `default:"1s" help:"Between two messages of one monitor."`
	Seed     int64             `default:"1" help:"The same seed gives the same ward."`
	Pace     float64           `default:"1" help:"How many times faster than life people get worse or better."`
	Scenario map[string]string `help:"Scenario of a bed, for example 05=sepsis;07=haemorrhage." placeholder:"BED=NAME"`
	Fault    map[string]string `help:"Faults of a bed's monitor, for example 03=probe_off+motion." placeholder:"BED=NAME"`
}

// Help names the scenarios and faults.
func (simulateCmd) Help() string {
	var b strings.Builder
	list := func(title string, all []sim.Named) {
		fmt.Fprintf(&b, "%s:\n", title)
		for _, n := range all {
			fmt.Fprintf(&b, "  %-32s %s\n", n.Name, n.EN)
		}
	}
	list("Scenarios", sim.Scenarios())
	list("Faults", sim.Faults())
	return b.String()
}

// Run publishes until it is told to stop.
func (c *simulateCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	o := sim.Options{
		Ward: ward.WardID(c.Ward), Beds: c.Beds, Interval: c.Interval, Seed: c.Seed, Pace: c.Pace, Start: time.Now().In(hospitalZone()),
		Scenarios: map[ward.BedID]string{}, Faults: map[ward.BedID][]string{},
	}
	for bed, name := range c.Scenario {
		o.Scenarios[ward.BedID(bed)] = name
	}
	for bed, names := range c.Fault {
		o.Faults[ward.BedID(bed)] = strings.Split(names, "+")
	}
	w, err := sim.New(o)
	if err != nil {
		return err
	}
	password, err := secretFile(c.Password)
	if err != nil {
		return err
	}
	say("%d monitors of ward %s publish to %s; stop with Ctrl-C", c.Beds, c.Ward, c.URL)
	if err := (monitors{url: c.URL, user: c.User, password: password}).run(ctx, w); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
