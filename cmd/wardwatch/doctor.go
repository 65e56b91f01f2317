package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"wardwatch/cmd/wardwatch/app"
	"wardwatch/cmd/wardwatch/channels"
	"wardwatch/cmd/wardwatch/imaging"
	"wardwatch/scoring/risk"
	"wardwatch/store/book"
	"wardwatch/ward"
)

type doctorCmd struct {
	app.Config `embed:""`
}

// Help explains the exit code.
func (doctorCmd) Help() string {
	return "Give it the same --config or flags as serve. It changes nothing. Exit code 0: nothing wrong; 1: something to mend."
}

// examination collects what is found.
type examination struct{ bad int }

func (x *examination) good(what, detail string) { say("ok    %-12s %s", what, detail) }

func (x *examination) wrong(what, detail, remedy string) {
	x.bad++
	say("MEND  %-12s %s\n      %-12s → %s", what, detail, "", remedy)
}

func (x *examination) note(what, detail string) { say("note  %-12s %s", what, detail) }

// Run examines everything that can be examined from here.
func (c *doctorCmd) Run() error {
	x := &examination{}
	c.configuration(x)
	c.disk(x)
	c.certificate(x)
	c.server(x)
	c.broker(x)
	c.influx(x)
	c.channels(x)
	c.devices(x)
	c.models(x)
	c.imaging(x)
	if x.bad > 0 {
		return exitCode(1)
	}
	return nil
}

func (c *doctorCmd) configuration(x *examination) {
	rules, err := c.Rules(nil)
	if err != nil {
		x.wrong("policy", err.Error(), "correct the file and look again with wardwatch policy check")
		return
	}
	if rules.SignedBy == "" {
		x.note("policy", "version "+rules.Version+" is a proposal: a clinician of the hospital must sign it (signed_by)")
		return
	}
	x.good("policy", "version "+rules.Version+", signed by "+rules.SignedBy)
}

// imaging tries the models and sources of the imaging file.
func (c *doctorCmd) imaging(x *examination) {
	if c.Imaging == "" {
		return
	}
	settings, err := imaging.Load(c.Imaging)
	if err != nil {
		x.wrong("imaging", err.Error(), "correct the imaging file")
		return
	}
	good, faults := settings.Examine(context.Background(), c.ONNXLib)
	for _, g := range good {
		x.good("imaging", g)
	}
	for _, f := range faults {
		x.wrong("imaging", f.What+": "+f.Detail, f.Remedy)
	}
}

// Limits of the doctor, ours.
const (
	diskLow      = 2 << 30
	certDaysLow  = 21
	clockOffHint = "set the server's clock by NTP: ages, staleness and deadlines all depend on it"
)

func (c *doctorCmd) disk(x *examination) {
	if c.Data == "" {
		x.wrong("data", "no data directory was named", "give --data DIR")
		return
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(c.Data, &fs); err != nil {
		x.wrong("data", err.Error(), "make the directory, owned by the user that serves, or correct --data")
		return
	}
	free := fs.Bavail * uint64(fs.Bsize)
	if free < diskLow {
		x.wrong("disk", fmt.Sprintf("%d MiB free for %s", free>>20, c.Data), "free some space or shorten --keep; when it is full nothing is acknowledged any more")
		return
	}
	x.good("disk", fmt.Sprintf("%d GiB free", free>>30))
}

func (c *doctorCmd) certificate(x *examination) {
	if c.TLSCert == "" {
		x.note("certificate", "none: the board and the broker speak without encryption; phones will not take push alerts")
		return
	}
	raw, err := os.ReadFile(c.TLSCert)
	if err != nil {
		x.wrong("certificate", err.Error(), "correct --tls-cert")
		return
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		x.wrong("certificate", "not a PEM file", "give the certificate as PEM")
		return
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		x.wrong("certificate", err.Error(), "renew it")
		return
	}
	if left := time.Until(cert.NotAfter); left < certDaysLow*24*time.Hour {
		x.wrong("certificate", fmt.Sprintf("ends in %d days", int(left.Hours()/24)), "renew it now")
		return
	}
	x.good("certificate", "good until "+cert.NotAfter.Format(time.DateOnly))
}

// server asks a running server how it is.
func (c *doctorCmd) server(x *examination) {
	raw, err := os.ReadFile(dataDir{c.Data}.path("run.json"))
	if err != nil {
		x.note("server", "is not running on this data directory")
		return
	}
	var run struct{ HTTP string }
	if err := json.Unmarshal(raw, &run); err != nil {
		x.wrong("server", "run.json cannot be read", "restart the server")
		return
	}
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{TLSClientConfig: c.own()}}
	resp, err := client.Get(run.HTTP + "/readyz")
	if errors.Is(err, errOtherCertificate) {
		x.wrong("server", err.Error(), "restart it so that it takes the new one, or correct --tls-cert")
		return
	}
	if err != nil {
		x.wrong("server", err.Error(), "start it; its log says why it ended")
		return
	}
	defer resp.Body.Close()
	var ready struct {
		Checks []struct {
			Name, Detail string
			OK           bool
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&ready); err != nil {
		x.wrong("server", "its answer cannot be read", "is "+run.HTTP+" Wardwatch?")
		return
	}
	for _, check := range ready.Checks {
		if check.OK && check.Detail == "" {
			x.good(check.Name, "")
		} else {
			x.wrong(check.Name, check.Detail, "see the operations guide under this name")
		}
	}
}

var errOtherCertificate = errors.New("the server shows another certificate than the configured one")

// own trusts exactly the configured certificate: the server is asked by its address on this machine,
// for which no certificate is made out.
func (c *doctorCmd) own() *tls.Config {
	return &tls.Config{
		InsecureSkipVerify: true, // VerifyConnection is stricter
		VerifyConnection: func(s tls.ConnectionState) error {
			raw, err := os.ReadFile(c.TLSCert)
			if err != nil {
				return err
			}
			if block, _ := pem.Decode(raw); block == nil || !bytes.Equal(block.Bytes, s.PeerCertificates[0].Raw) {
				return errOtherCertificate
			}
			return nil
		},
	}
}

func (c *doctorCmd) broker(x *examination) {
	if c.MQTTURL == "" {
		x.note("broker", "embedded")
		return
	}
	if err := reach(c.MQTTURL, "1883"); err != nil {
		x.wrong("broker", err.Error(), "start it, or correct --mqtt-url")
		return
	}
	x.good("broker", "reachable; for Mosquitto compare its settings with deploy/mosquitto/wardwatch.conf: its defaults drop what it has acknowledged")
}

func (c *doctorCmd) influx(x *examination) {
	if c.Influx == "" {
		x.note("influx", "none configured: history is kept here for "+c.Keep.String()+" only")
		return
	}
	client := http.Client{Timeout: 5 * time.Second}
	resp, err := client.Get(c.Influx + "/ping")
	if err != nil {
		x.wrong("influx", err.Error(), "start InfluxDB or correct --influx; meanwhile the journal keeps everything and sends it later")
		return
	}
	defer resp.Body.Close()
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil && time.Since(date).Abs() > time.Minute {
		x.wrong("clock", fmt.Sprintf("InfluxDB's clock and ours differ by %s", time.Since(date).Round(time.Second)), clockOffHint)
	}
	x.good("influx", "answers, version "+resp.Header.Get("X-Influxdb-Version"))
}

// models loads the learned models, first where a crash does no harm.
func (c *doctorCmd) models(x *examination) {
	if rules, err := c.Rules(nil); err == nil && rules.Scoring.Models.Off {
		x.note("models", "switched off by the policy: published charts only")
		return
	}
	m := risk.Open(risk.Options{Library: c.ONNXLib, Probe: func() error { return tryModels(c.ONNXLib) }})
	defer m.Close()
	for _, p := range m.Problems() {
		x.wrong("models", strings.TrimSpace(p.Model+" "+p.Detail), p.Hint)
	}
	for _, one := range m.List() {
		x.good("models", fmt.Sprintf("%s %s (%s)", one.About.ID, one.Version, one.Role))
	}
}

// channels looks whether people could be told, and whether they have addresses to be told at.
func (c *doctorCmd) channels(x *examination) {
	if c.Channels == "" && c.Webhook == "" {
		x.wrong("alerts", "no channel is configured: alerts reach the board only", "give --channels FILE: see docs/channels.md")
		return
	}
	flags := channelFlags{dataDir: dataDir{c.Data}, Channels: c.Channels, Webhook: c.Webhook, WebhookSecret: c.WebhookSecret}
	set, err := flags.look()
	if err != nil {
		x.wrong("channels", err.Error(), "correct the channels file")
		return
	}
	x.channels(set)
	if _, err := os.Stat(flags.path("book.db")); err != nil {
		return
	}
	if err := flags.open(func(ctx context.Context, b *book.Book) error { return reachable(ctx, x, b, set) }); err != nil {
		x.wrong("channels", err.Error(), "restore a backup")
	}
}

// reachable says for each personal channel how many of those who may sign in have an address in it.
func reachable(ctx context.Context, x *examination, b *book.Book, set *channels.Set) error {
	people, err := b.People(ctx)
	if err != nil {
		return err
	}
	for _, d := range set.Describe() {
		if !d.Personal {
			continue
		}
		name, with := d.Name, 0
		for _, p := range people {
			list, err := b.Contacts(ctx, p.ID, name)
			if err != nil {
				return err
			}
			if len(list) > 0 {
				with++
			}
		}
		if with == 0 {
			x.wrong(name, "nobody has an address in it: it tells nobody", "add addresses with `wardwatch user contact add`, or have telephones subscribe")
			continue
		}
		x.note(name, fmt.Sprintf("%d of %d people have an address in it", with, len(people)))
	}
	return nil
}

// devices names the devices whose messages could not be taken.
func (c *doctorCmd) devices(x *examination) {
	if _, err := os.Stat(dataDir{c.Data}.path("book.db")); err != nil {
		x.note("devices", "no book yet")
		return
	}
	err := dataDir{c.Data}.open(func(ctx context.Context, b *book.Book) error {
		topics := unnamedOn(ctx, b)
		counts, err := b.QuarantineSummary(ctx)
		for _, n := range counts {
			who := string(n.Device)
			if who == "" {
				who = "(unnamed) on " + strings.Join(topics[n.Reason], ", ")
			}
			x.wrong("device", fmt.Sprintf("%s: %d × %s, last %s", who, n.Count, n.Reason, n.Last.Format(time.DateTime)), remedies[n.Reason])
		}
		if err != nil {
			return err
		}
		if err := filled(ctx, x, b); err != nil {
			return err
		}
		return technical(ctx, x, b)
	})
	if err != nil {
		x.wrong("book", err.Error(), "restore a backup")
	}
}

// unnamedOn lists, by reason, up to three topics of the latest refused messages that name no device:
// where a message cannot be read at all, its topic is what tells whose it is.
func unnamedOn(ctx context.Context, b *book.Book) map[string][]string {
	const latest, most = 1000, 3
	topics := map[string][]string{}
	refused, err := b.Quarantined(ctx, latest)
	if err != nil {
		return topics // the summary beside it says why
	}
	for _, r := range refused {
		known := topics[r.Reason]
		if r.Device == "" && len(known) < most && !slices.Contains(known, r.Topic) {
			topics[r.Reason] = append(known, r.Topic)
		}
	}
	return topics
}

// filled looks for what a new installation still lacks.
func filled(ctx context.Context, x *examination, b *book.Book) error {
	wards, err := b.Wards(ctx)
	if err != nil {
		return err
	}
	people, err := b.People(ctx)
	if err != nil {
		return err
	}
	credentials, err := b.Credentials(ctx)
	if err != nil {
		return err
	}
	if len(wards) == 0 {
		x.wrong("book", "there is no ward yet", "add its beds with `wardwatch ward beds`")
	}
	if len(people) == 0 {
		x.wrong("book", "nobody may sign in yet", "add people with `wardwatch user add`")
	}
	x.good("book", fmt.Sprintf("wards: %d, people: %d, credentials of devices: %d", len(wards), len(people), len(credentials)))
	return nil
}

// technical lists the open technical alerts: clocks that are off, numbers used twice, silence.
func technical(ctx context.Context, x *examination, b *book.Book) error {
	open, err := b.OpenAlerts(ctx)
	for _, a := range open {
		if a.Kind != ward.Technical {
			continue
		}
		for _, cause := range a.Causes {
			if cause.Ended.IsZero() {
				x.wrong(cause.Code, fmt.Sprintf("%s %s, since %s", a.Place, cause.Detail, cause.Since.Format(time.DateTime)), "see the operations guide under this name")
			}
		}
	}
	return err
}

// reach opens and closes a connection to a URL's host.
func reach(address, defaultPort string) error {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return errors.New("the address is not a URL")
	}
	port := u.Port()
	if port == "" {
		port = defaultPort
	}
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(u.Hostname(), port), 3*time.Second)
	if err != nil {
		return err
	}
	return conn.Close()
}
