// Package policy reads and writes the one file that says how a hospital scores and alerts: which
// chart for whom, limits, signal rules, staleness, persistence, the ladder. The file's settings are
// the fields of scoring.Policy and alerts.Policy, in lower case with underscores; what a file does
// not mention stays as it is by default, a list that it mentions is replaced whole.
package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"time"

	"gopkg.in/yaml.v3"

	"wardwatch/alerts"
	"wardwatch/scoring"
	"wardwatch/scoring/chart"
)

// Policy is all that a policy file decides.
type Policy struct {
	Version  string // stored with every score and alert
	SignedBy string // the clinician who has authorised it; empty: a proposal
	Scoring  scoring.Policy
	Alerts   alerts.Policy
}

// Site is what a policy needs to know of where it is used.
type Site struct {
	Charts   *chart.Library
	Channels []string       // by which people are told, where a rung names none
	Zone     *time.Location // of birthdays and of day and night; nil: the default policy's
}

// Default is the proposal that Wardwatch ships.
func Default(s Site) Policy {
	p := Policy{Scoring: scoring.DefaultPolicy(s.Charts), Alerts: alerts.Default(s.Channels...)}
	if s.Zone != nil {
		p.Scoring.Zone = s.Zone
	}
	p.Version = p.Scoring.Version
	return p
}

// maxFile bounds a policy file, in bytes.
const maxFile = 1 << 20

// Load reads a policy file over the default. Errors are *Problem, with the line and the remedy.
func Load(file string, s Site) (Policy, error) {
	f, err := os.Open(file)
	if err != nil {
		return Policy{}, fmt.Errorf("reading the policy: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return Policy{}, fmt.Errorf("reading the policy: %w", err)
	}
	return Parse(file, raw, s)
}

// Parse is Load for a file's content; file names it in errors.
func Parse(file string, raw []byte, s Site) (Policy, error) {
	p := Default(s)
	if len(raw) > maxFile {
		return p, &Problem{File: file, Message: fmt.Sprintf("it is longer than %d bytes: is this a policy?", maxFile)}
	}
	var root yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	if err := dec.Decode(&root); err != nil && !errors.Is(err, io.EOF) {
		return p, notYAML(file, err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return p, &Problem{File: file, Message: "it holds a second document: keep one policy a file, without a line of ---"}
	}
	if len(root.Content) == 1 {
		d := decoder{site: s, budget: maxNodes}
		if err := d.value(root.Content[0], reflect.ValueOf(&p).Elem()); err != nil {
			return p, inFile(file, err)
		}
	}
	if p.Version == "" {
		return p, &Problem{File: file, Message: "version: it is empty: name the policy, for example version: ward-a-2"}
	}
	if child(&root, "version") == nil && len(root.Content) == 1 {
		return p, &Problem{File: file, Message: "version is missing: name the policy, for example version: ward-a-2, so that every score can say by what it was made"}
	}
	p.Scoring.Version, p.Alerts.Version = p.Version, p.Version
	if err := p.Scoring.Check(); err != nil {
		return p, locate(file, &root, "scoring", err)
	}
	if err := p.Alerts.Check(); err != nil {
		return p, locate(file, &root, "alerts", err)
	}
	return p, nil
}

// Write prints a policy in full, as a file that can be read back.
func Write(w io.Writer, p *Policy) error {
	n, err := encode(reflect.ValueOf(p).Elem())
	if err != nil {
		return err
	}
	n.HeadComment = "A Wardwatch policy in full. A file needs to hold only what differs from the default,\n" +
		"and its version. Figures without a published source are proposals for local clinicians to sign."
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	if err := enc.Encode(n); err != nil {
		return err
	}
	return enc.Close()
}
