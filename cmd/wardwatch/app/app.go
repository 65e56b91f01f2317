// Package app wires the rooms together: it is the one place that sees everything. Start builds
// the whole from the far end (what keeps) to the near (what takes in), and Stop undoes it in the
// opposite order.
package app

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"wardwatch/alerts"
	"wardwatch/cmd/wardwatch/channels"
	"wardwatch/cmd/wardwatch/imaging"
	"wardwatch/cmd/wardwatch/policy"
	"wardwatch/dashboard"
	"wardwatch/dashboard/live"
	"wardwatch/ingest"
	"wardwatch/ingest/broker"
	"wardwatch/scoring"
	"wardwatch/store/book"
	"wardwatch/store/influx"
	"wardwatch/store/journal"
	"wardwatch/store/trend"
	"wardwatch/ward"
)

// Options is what is not configuration: who starts the app, and as what.
type Options struct {
	Config     Config
	Log        *slog.Logger
	Version    string
	Simulation bool         // marks the data, and keeps real people from being paged
	Loopback   *ward.Person // signed in without asking on this machine; simulations only

	// Adjust changes the policy of a simulation; may be nil.
	Adjust func(*policy.Policy)
	// TryModels loads the learned models in a process of its own, with the shared library given (empty:
	// the usual places), so that a crash on load is an error; may be nil.
	TryModels func(library string) error
	// Imaging is what a simulation takes in by itself, before the file of the configuration; may be nil.
	Imaging *imaging.Settings
	// Prepare fills an open book before anything else looks at it; may be nil.
	Prepare func(context.Context, *book.Book) error
}

// App is a running Wardwatch.
type App struct {
	config  Config
	options Options
	log     *slog.Logger
	clock   *clock
	undo    undo

	book         *book.Book
	journal      *journal.Journal
	trend        *trend.Trend
	live         *live.Live
	desk         *alerts.Desk
	outbox       *alerts.Outbox
	broker       *broker.Broker
	ingest       *ingest.Ingest
	influx       *influx.Forwarder
	imaging      *imaging.Imaging // nil: no imaging results are taken in
	imagingFault error            // why imaging does not run, although it should
	server       *dashboard.Server
	loop         *loop
	rules        policy.Policy
	telling      telling
	downtime     *downtime   // nil: no lists for downtime are asked for
	signed       string      // day whose audit head is signed
	taking       atomic.Bool // the door to the devices is open

	assessor atomic.Pointer[assessor] // nil: no learned models

	httpAddr string
	mqttAddr string
}

// Start brings everything up. On error everything that had started is stopped again.
func Start(ctx context.Context, o Options) (_ *App, err error) {
	a := &App{config: o.Config, options: o, log: o.Log, undo: undo{log: o.Log}}
	defer func() {
		if err != nil {
			a.undo.run()
		}
	}()
	if a.clock, err = newClock(o.Config.ClockStart, o.Config.ClockSpeed); err != nil {
		return nil, err
	}
	a.options.Simulation = o.Simulation || a.clock.simulated()
	if err := o.Config.sane(a.options.Simulation); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{
		a.openRules, a.openStores, a.openTelling, a.openOutbox, a.openRooms, a.openLoop, a.startTelling, a.startForwarding, a.openImaging, a.startScreens, a.startTaking, a.startUpkeep, a.startAssessing, a.startImaging, a.announce,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// Stop ends everything in order; what is kept is closed last.
func (a *App) Stop() { a.undo.run() }

// HTTP and MQTT are where the board and the embedded broker listen.
func (a *App) HTTP() string { return a.httpAddr }

// MQTT is the embedded broker's address; empty with an external one.
func (a *App) MQTT() string { return a.mqttAddr }

// Book is the open book.
func (a *App) Book() *book.Book { return a.book }

// Now is the one clock.
func (a *App) Now() time.Time { return a.clock.now() }

func (a *App) path(parts ...string) string {
	return filepath.Join(append([]string{a.config.Data}, parts...)...)
}

func (a *App) power() bool { return a.config.Durability == "power" }

// openRules reads the channels and the policy, which rests on them. Nothing is open yet.
func (a *App) openRules(context.Context) (err error) {
	a.telling.set, err = channels.Load(a.config.Channels, channels.Site{
		Data: a.config.Data, Simulation: a.options.Simulation, Webhook: a.config.Webhook, WebhookSecret: a.config.WebhookSecret,
	})
	if err != nil {
		return err
	}
	if a.rules, err = a.config.Rules(a.telling.set.Names()); err != nil {
		return err
	}
	if a.options.Adjust != nil {
		a.options.Adjust(&a.rules)
	}
	for _, w := range a.telling.set.Warnings() {
		a.log.Warn("the channels: look again", "what", w)
	}
	for _, w := range a.rules.Warnings() {
		a.log.Warn("the policy: look again", "version", a.rules.Version, "what", w)
	}
	return nil
}

func (a *App) openStores(ctx context.Context) (err error) {
	if err := os.MkdirAll(a.config.Data, 0o700); err != nil {
		return fmt.Errorf("making the data directory: %w", err)
	}
	if a.journal, err = journal.Open(a.path("journal"), journal.Options{Power: a.power(), Keep: a.config.Keep, Now: a.clock.now, Log: a.log, Probe: probe}); err != nil {
		return fmt.Errorf("opening the journal: %w", err)
	}
	a.undo.push("journal", a.journal.Close)
	if a.book, err = book.Open(ctx, a.path("book.db"), book.Options{Power: a.power(), Now: a.clock.now, Zone: a.rules.Scoring.Zone, Log: a.log, Probe: probe}); err != nil {
		return fmt.Errorf("opening the book: %w", err)
	}
	a.undo.push("book", a.book.Close)
	if err := a.markSimulation(ctx); err != nil {
		return err
	}
	if a.options.Prepare != nil {
		if err := a.options.Prepare(ctx, a.book); err != nil {
			return fmt.Errorf("preparing the book: %w", err)
		}
	}
	if a.trend, err = trend.Open(a.path("trend"), trend.Options{Keep: a.config.Keep, Power: a.power(), Log: a.log}); err != nil {
		return fmt.Errorf("opening the roll-ups: %w", err)
	}
	a.undo.push("trend", a.trend.Close)
	return nil
}

// markSimulation makes sure that simulated and real data never share a directory.
func (a *App) markSimulation(ctx context.Context) error {
	if err := a.book.MarkSimulation(ctx, a.options.Simulation); err != nil {
		return fmt.Errorf("%s: %w", a.config.Data, err)
	}
	return nil
}

func (a *App) openRooms(ctx context.Context) (err error) {
	limits := map[string]time.Duration{}
	for _, input := range []string{"rr", "spo2", "o2", "sbp", "hr", "consciousness", "temp"} {
		limits[input], _ = a.rules.Scoring.StaleAfter(input)
	}
	a.live = live.New(live.Options{Now: a.clock.now, Version: a.options.Version, Simulation: a.options.Simulation, Limits: limits})
	a.undo.push("live", func() error { a.live.Close(); return nil })

	if a.desk, err = alerts.New(alerts.Options{Book: a.book, Policy: a.rules.Alerts, Announce: a.announceAlert, Stay: a.stay, Who: a.who, Personal: a.telling.set.Personal(), Log: a.log, Probe: probe}); err != nil {
		return err
	}
	if err := a.desk.Load(ctx); err != nil {
		return fmt.Errorf("loading the open alerts: %w", err)
	}
	a.telling.holes.restore(a.desk.Open())
	a.loop = &loop{log: a.log, now: a.clock.now, desk: a.desk, journal: a.journal, trend: a.trend, live: a.live, pulse: newPulse(), probe: probe}
	a.loop.engine = scoring.NewEngine(scoring.Options{Policy: a.rules.Scoring, Stay: a.book.LookUp, Scored: a.loop.scored, Record: a.loop.record})
	return nil
}

// openLoop recovers, then lets the loop run. It is stopped after what feeds it and before what it
// writes to.
func (a *App) openLoop(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	a.undo.push("loop context", func() error { cancel(); return nil })
	a.loop.open(ctx)
	if err := a.recover(ctx); err != nil {
		return err
	}
	a.loop.tick(ctx, a.clock.now()) // deadlines that passed while we were down fire at once
	ticks := time.NewTicker(max(a.clock.real(time.Second), 20*time.Millisecond))
	a.undo.push("last checkpoint", func() error { a.checkpoint(); return nil })
	a.undo.task(ctx, "loop", func(ctx context.Context) error {
		defer ticks.Stop()
		a.loop.run(ctx, ticks.C)
		return nil
	})
	return nil
}

func (a *App) startForwarding(ctx context.Context) (err error) {
	if a.config.Influx == "" {
		return nil
	}
	token, err := secret(a.config.InfluxToken)
	if err != nil {
		return err
	}
	a.influx, err = influx.New(influx.Options{
		URL: a.config.Influx, Token: token, Org: a.config.InfluxOrg, Bucket: a.config.InfluxBucket,
		Dir: a.path("influx"), Source: a.journal, Log: a.log, Now: a.clock.now,
	})
	if err != nil {
		return fmt.Errorf("forwarding to InfluxDB: %w", err)
	}
	a.undo.push("influx", a.influx.Close)
	a.undo.task(ctx, "influx forwarder", a.influx.Run)
	return nil
}

func (a *App) startScreens(ctx context.Context) (err error) {
	o, err := a.dashboardOptions()
	if err != nil {
		return err
	}
	if a.server, err = dashboard.New(o); err != nil {
		return err
	}
	if err := a.server.Load(ctx); err != nil {
		return fmt.Errorf("filling the board: %w", err)
	}
	a.loop.call(a.settleStays) // a bed without a monitor says nothing by itself: its score is shown anew
	a.loop.call(a.settleHandOvers)
	ln, err := net.Listen("tcp", a.config.HTTP)
	if err != nil {
		return fmt.Errorf("the board cannot listen on %s: %w (give another address with --http)", a.config.HTTP, err)
	}
	scheme := "http"
	if a.config.TLSCert != "" {
		scheme = "https"
	}
	a.httpAddr = scheme + "://" + ln.Addr().String()
	served := make(chan error, 1)
	go func() { served <- a.server.Serve(ln) }()
	a.undo.push("board", func() error {
		ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
		defer cancel()
		return errors.Join(a.server.Shutdown(ctx), <-served)
	})
	return nil
}

// ImagingAddress is where imaging sources send to; empty when none do.
func (a *App) ImagingAddress() string {
	if a.imaging == nil {
		return ""
	}
	return a.imaging.Address()
}

// DeviceTLS is what a device on this machine needs to trust the embedded broker; nil without TLS.
func (a *App) DeviceTLS() *tls.Config {
	if a.broker == nil {
		return nil
	}
	return a.broker.ClientTLS()
}

func (a *App) tls() (*tls.Config, error) {
	if a.config.TLSCert == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(a.config.TLSCert, a.config.TLSKey)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// announce leaves the addresses where other commands find them.
func (a *App) announce(context.Context) error {
	raw, err := json.Marshal(map[string]any{"pid": os.Getpid(), "http": a.httpAddr, "mqtt": a.mqttAddr, "imaging": a.ImagingAddress()})
	if err != nil {
		return err
	}
	file := a.path("run.json")
	a.undo.push("run file", func() error { return os.Remove(file) })
	return os.WriteFile(file, raw, 0o600)
}
