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
	"slices"
	"time"

	"gopkg.in/yaml.v3"

	"wardwatch/alerts"
	"wardwatch/scoring"
	"wardwatch/scoring/chart"
	"wardwatch/ward"
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
	Channels []string // by which people are told, where a rung names none
}

// Default is the proposal that Wardwatch ships.
func Default(s Site) Policy {
	p := Policy{Scoring: scoring.DefaultPolicy(s.Charts), Alerts: alerts.Default(s.Channels...)}
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
	if version := child(&root, "version"); version == nil || p.Version == "" {
		return p, &Problem{File: file, Message: "version is missing: name the policy, for example version: ward-a-2, so that every score can say by what it was made"}
	}
	if shipped := Default(s); p.Version == shipped.Version && !sameRules(p, shipped) {
		return p, &Problem{File: file, Line: lineAt(&root, []string{"version"}), Message: p.Version + " is the name of the policy that is shipped, and this one differs from it: give it a name of its own"}
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

// sameRules compares policies but for who signed them. A zone may be the same under another name.
func sameRules(p, q Policy) bool {
	if zoneText(p.Scoring.Zone) != zoneText(q.Scoring.Zone) {
		return false
	}
	p.SignedBy, p.Alerts.Version, p.Scoring.Zone = q.SignedBy, q.Alerts.Version, q.Scoring.Zone
	return reflect.DeepEqual(p, q)
}

// Warnings say what a policy may do and hardly means to; each is worth a clinician's look.
func (p *Policy) Warnings() (list []string) {
	warn := func(so bool, format string, args ...any) {
		if so {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	warn(len(p.Scoring.Charts) == 0, "scoring.charts is empty: nobody is scored")
	warn(len(p.Scoring.Limits) == 0, "scoring.limits is empty: people without a chart alert by nothing but checks and their monitors")
	warn(len(p.Scoring.Signal.Believe) == 0, "scoring.signal.believe is empty: every number is believed")
	warn(p.Scoring.Silence > longSilence, "scoring.silence is %s: a silent monitor is noticed that late", formatSpan(p.Scoring.Silence))
	for _, v := range []ward.Vital{ward.RR, ward.SpO2, ward.HR} {
		d := p.Scoring.Stale[v].Device
		warn(d > longStale, "scoring.stale.%s.device is %s: a lost signal counts as fresh for that long", v, formatSpan(d))
	}
	known := Default(Site{Charts: new(chart.Library)}).Alerts.Concerns
	for code := range p.Alerts.Concerns {
		_, ok := known[code]
		warn(!ok, "alerts.concerns.%s: nothing of that name is ever reported", code)
	}
	slices.Sort(list)
	return list
}

// Beyond these a figure is more likely a slip than a wish; ours.
const (
	longSilence = 10 * time.Minute
	longStale   = time.Hour
)

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
