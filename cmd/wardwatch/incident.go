package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"wardwatch/cmd/wardwatch/incident"
	"wardwatch/cmd/wardwatch/policy"
	"wardwatch/store/book"
	"wardwatch/store/book/audit"
	"wardwatch/store/journal"
	"wardwatch/ward"
)

// incidentCmd is for looking into what happened: the signed file, its check, and legal holds.
type incidentCmd struct {
	Make    incidentMake    `cmd:"" default:"withargs" help:"Gather everything about one stay in a span of time into one signed file; the default."`
	Verify  incidentVerify  `cmd:"" help:"Check a file: what was changed, if anything."`
	Hold    incidentHold    `cmd:"" help:"Keep what is recorded of a stay in a span from being pruned."`
	Release incidentRelease `cmd:"" help:"End a hold."`
	List    incidentList    `cmd:"" help:"List the holds in force."`
}

// incidentSpan says what to look at.
type incidentSpan struct {
	Stay string `required:"" help:"The stay's id, as its page has it; not the patient number." placeholder:"STAY"`
	From string `required:"" help:"Beginning: RFC 3339, or 2026-11-21T08:00 in the hospital's zone." placeholder:"TIME"`
	To   string `required:"" help:"End, not included." placeholder:"TIME"`
}

func (c *incidentSpan) times() (from, to time.Time, err error) {
	if from, err = momentOf("--from", c.From); err == nil {
		to, err = momentOf("--to", c.To)
	}
	return from, to, err
}

// momentOf reads a time as people write it.
func momentOf(flag, text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, hospitalZone()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%s %q is not a time: write it as 2026-11-21T08:00, or with a zone as 2026-11-21T08:00:00+07:00", flag, text)
}

type incidentMake struct {
	dataDir      `embed:""`
	incidentSpan `embed:""`
	chartPackage `embed:""`
	Policy       string `help:"The server's policy file; the default policy when it has none." placeholder:"FILE" type:"existingfile"`
	Out          string `help:"File to write; must not exist yet. incident-STAY.zip when not given." placeholder:"FILE.zip"`
	Identified   bool   `help:"Put in names, the patient number, free text and the bytes of refused messages."`
	WholeAudit   bool   `name:"whole-audit" help:"Put in audit rows about others too, so that the chain can be checked without the hospital."`
	WithoutRaw   bool   `name:"without-raw" help:"Go on although the raw readings of the span are no longer kept here."`
	Hold         bool   `help:"Keep the record of the span from being pruned from now on; needs --reason."`
	Reason       string `help:"Why it is held."`
}

// Help explains what the file is for.
func (incidentMake) Help() string {
	return "Works whether the server runs or not. The file has no names unless --identified says so; that it was made stands in the audit log."
}

// Run makes the file.
func (c *incidentMake) Run() error {
	from, to, err := c.times()
	if err != nil {
		return err
	}
	if c.Hold && strings.TrimSpace(c.Reason) == "" {
		return errors.New("a hold needs a reason: give --reason")
	}
	if c.Out == "" {
		c.Out = "incident-" + filepath.Base(c.Stay) + ".zip"
	}
	return c.open(func(ctx context.Context, b *book.Book) error {
		source, err := c.source(b)
		if err != nil {
			return err
		}
		q := incident.Request{Stay: ward.StayID(c.Stay), From: from, To: to, Identified: c.Identified, WholeAudit: c.WholeAudit, WithoutRaw: c.WithoutRaw, By: byCommandLine, At: time.Now()}
		m, err := writeIncident(ctx, source, q, c.Out)
		if err != nil {
			return err
		}
		say("%s: %d files, signed by key %s", c.Out, len(m.Files), m.Key)
		for _, lack := range m.Missing {
			say("not in it: %s", lack)
		}
		if !c.Hold {
			return nil
		}
		return hold(ctx, b, q.Stay, from, to, c.Reason)
	})
}

// source opens what the file is gathered from.
func (c *incidentMake) source(b *book.Book) (s incident.Source, err error) {
	view, err := journal.NewView(c.path("journal"), logger())
	if err != nil {
		return s, err
	}
	site, err := c.site()
	if err != nil {
		return s, err
	}
	p := policy.Default(site)
	if c.Policy != "" {
		if p, err = policy.Load(c.Policy, site); err != nil {
			return s, err
		}
	}
	var text bytes.Buffer
	if err := policy.Write(&text, &p); err != nil {
		return s, err
	}
	key, err := audit.LoadKey(c.path("audit.key"))
	if err != nil {
		return s, err
	}
	return incident.Source{
		Book: b, Journal: view, Charts: site.Charts, Policy: text.Bytes(), Version: p.Version, Build: buildOf(),
		Key: key, Heads: c.path("heads"), Zone: hospitalZone(), Log: logger(),
	}, nil
}

// buildOf says which program this is.
func buildOf() incident.Build {
	build := incident.Build{Version: versionText(), Go: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				build.Revision = s.Value
			case "vcs.modified":
				build.Modified = s.Value == "true"
			}
		}
	}
	return build
}

// writeIncident writes a new file, or none.
func writeIncident(ctx context.Context, s incident.Source, q incident.Request, name string) (m incident.Manifest, err error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return m, fmt.Errorf("%w (give another file with --out)", err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	m, err = incident.Make(ctx, s, q, w)
	if err = errors.Join(err, w.Flush(), f.Sync(), f.Close()); err != nil {
		return m, errors.Join(err, os.Remove(name))
	}
	return m, nil
}

type incidentVerify struct {
	File string `arg:"" help:"The file." type:"existingfile"`
	Data string `help:"The data directory that it is said to come from: its key must be one of this log's." placeholder:"DIR"`
	Key  string `help:"The hospital's public key, hexadecimal." placeholder:"HEX"`
}

// Run checks the file; the exit code is 1 when anything was changed.
func (c *incidentVerify) Run() error {
	keys, err := c.keys()
	if err != nil {
		return err
	}
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	v, err := incident.Verify(f, info.Size(), keys...)
	if err != nil {
		return hinted(err)
	}
	say("%s", v.String())
	for _, fault := range v.Faults {
		say("CHANGED: %s", fault)
	}
	if len(v.Faults) > 0 {
		return exitCode(1)
	}
	if !v.Known {
		say("whole, as signed by key %s: compare it with the hospital's (give --key or --data)", v.Manifest.Key)
		return nil
	}
	say("whole, and signed by the hospital's key")
	return nil
}

func (c *incidentVerify) keys() (keys []ed25519.PublicKey, err error) {
	if c.Key != "" {
		key, err := hex.DecodeString(strings.TrimSpace(c.Key))
		if err != nil || len(key) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("--key is not a public key: it has %d hexadecimal digits, as `wardwatch incident` prints it", 2*ed25519.PublicKeySize)
		}
		keys = append(keys, key)
	}
	if c.Data == "" {
		return keys, nil
	}
	err = dataDir{c.Data}.open(func(ctx context.Context, b *book.Book) error {
		known, err := b.Keys(ctx)
		keys = append(keys, known...)
		return err
	})
	return keys, err
}
