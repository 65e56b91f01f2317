package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"wardwatch/cmd/wardwatch/policy"
	"wardwatch/scoring/chart"
)

type chartCmd struct {
	List  chartList  `cmd:"" help:"List the charts with their versions and sources."`
	Show  chartShow  `cmd:"" help:"Print a chart as it was reviewed."`
	Check chartCheck `cmd:"" help:"Check chart files or a chart package; with --charts-key its signature, too."`
	Sign  chartSign  `cmd:"" help:"Sign a chart package."`
}

// Help is shown by --help.
func (chartCmd) Help() string {
	return `A hospital's own charts are a folder of chart files and a package.yaml:
  name: Wards of internal medicine
  version: "1"
  signed_by: {person: …, role: …, date: 2026-11-21}
A clinician reviews them and signs the folder; files changed afterwards are refused. Keys:
  openssl genpkey -algorithm ed25519 -out charts.key
  openssl pkey -in charts.key -pubout -out charts.pub`
}

// chartPackage names a package that adds to or replaces the charts of the program.
type chartPackage struct {
	Charts    string `help:"Folder of a signed chart package to add." placeholder:"DIR" type:"path"`
	ChartsKey string `help:"Public key of its signer (PEM)." placeholder:"FILE" type:"path"`
}

// library is the embedded charts, with those of the package.
func (c chartPackage) library() (*chart.Library, error) { return policy.Charts(c.Charts, c.ChartsKey) }

type chartList struct {
	chartPackage `embed:""`
	Lang         string `help:"Language of the names." enum:"en,vi" default:"en"`
}

// Run lists the charts.
func (c chartList) Run() error {
	lib, err := c.library()
	if err != nil {
		return err
	}
	for _, id := range lib.IDs() {
		x, _ := lib.Find(id)
		variants := strings.Join(x.Variants(), ", ")
		if variants != "" {
			variants = " (" + variants + ")"
		}
		say("%-16s %-16s %s%s\n%34s%s", id, x.Version(), x.Name(c.Lang), variants, "", x.Source())
	}
	return nil
}

type chartShow struct {
	chartPackage `embed:""`
	ID           string `arg:"" help:"Of the chart, for example news2."`
}

// Run prints the chart's file.
func (c chartShow) Run() error {
	lib, err := c.library()
	if err != nil {
		return err
	}
	x, ok := lib.Find(c.ID)
	if !ok {
		return fmt.Errorf("unknown chart %q: the charts here are %s", c.ID, strings.Join(lib.IDs(), ", "))
	}
	_, err = os.Stdout.Write(x.File())
	return err
}

type chartCheck struct {
	Path      []string `arg:"" help:"Chart files, or the folder of a package." type:"path"`
	ChartsKey string   `help:"Public key of the signer (PEM); also checks the signature." placeholder:"FILE" type:"path"`
}

// Run checks all that is named and fails when anything is wrong.
func (c chartCheck) Run() error {
	var errs []error
	for _, path := range c.Path {
		errs = append(errs, c.check(path))
	}
	return errors.Join(errs...)
}

func (c chartCheck) check(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return c.checkPackage(path)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	x, err := chart.Parse(path, raw)
	if err == nil {
		say("%s: good: chart %s, version %s", path, x.ID(), x.Version())
	}
	return err
}

func (c chartCheck) checkPackage(dir string) error {
	if c.ChartsKey == "" {
		pkg, err := chart.CheckPackage(dir)
		if err == nil {
			say("%s: good: %s %s, charts %s; the signature was not checked, which needs --charts-key", dir, pkg.Name, pkg.Version, strings.Join(pkg.IDs(), ", "))
		}
		return err
	}
	key, err := policy.PublicKey(c.ChartsKey)
	if err != nil {
		return err
	}
	pkg, err := chart.OpenPackage(dir, key)
	if err == nil {
		say("%s: good and signed: %s %s, charts %s", dir, pkg.Name, pkg.Version, strings.Join(pkg.IDs(), ", "))
	}
	return err
}

type chartSign struct {
	Dir        string `arg:"" help:"Folder of the package." type:"path"`
	PrivateKey string `required:"" help:"Private key of the signer (PEM)." placeholder:"FILE" type:"path"`
}

// Run checks the package and writes its signature beside the charts.
func (c chartSign) Run() error {
	key, err := policy.PrivateKey(c.PrivateKey)
	if err != nil {
		return err
	}
	if err := chart.SignPackage(c.Dir, key); err != nil {
		return err
	}
	say("%s: signed", c.Dir)
	return nil
}
