package main

import (
	"fmt"
	"os"

	"wardwatch/cmd/wardwatch/policy"
)

// policyCmd looks after the one file that says how a hospital scores and alerts.
type policyCmd struct {
	Check policyCheckCmd `cmd:"" help:"Read policy files as the server would, and say what is wrong with them and how to mend it."`
	Show  policyShowCmd  `cmd:"" help:"Print a policy in full, the default or a file's, as a file to begin from."`
}

// site is where a policy is looked at: the charts that it may name.
func (c chartPackage) site() (policy.Site, error) {
	lib, err := c.library()
	return policy.Site{Charts: lib}, err
}

type policyCheckCmd struct {
	chartPackage `embed:""`
	Files        []string `arg:"" help:"Policy files." type:"existingfile"`
}

// Run checks each file; the exit code is 1 when one of them cannot be used.
func (c *policyCheckCmd) Run() error {
	site, err := c.site()
	if err != nil {
		return err
	}
	bad := false
	for _, file := range c.Files {
		p, err := policy.Load(file, site)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			bad = true
			continue
		}
		signed := "signed by " + p.SignedBy
		if p.SignedBy == "" {
			signed = "signed by nobody yet: a proposal"
		}
		fmt.Printf("%s: good: version %s, %s\n", file, p.Version, signed)
		for _, w := range p.Warnings() {
			fmt.Printf("%s: look again: %s\n", file, w)
		}
	}
	if bad {
		return exitCode(1)
	}
	return nil
}

type policyShowCmd struct {
	chartPackage `embed:""`
	File         string `arg:"" optional:"" help:"A policy file; the default policy when not given." type:"existingfile"`
}

// Run prints the policy.
func (c *policyShowCmd) Run() error {
	site, err := c.site()
	if err != nil {
		return err
	}
	p := policy.Default(site)
	if c.File != "" {
		if p, err = policy.Load(c.File, site); err != nil {
			return err
		}
	}
	return policy.Write(os.Stdout, &p)
}
