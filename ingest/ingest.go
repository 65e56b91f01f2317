// Package ingest turns messages into accepted readings. A durable MQTT session hands each message
// to a bounded queue; one goroutine, the committer, takes all that wait, decodes them, judges
// repeats and clocks, finds the stay, has the journal write them in one piece, and only then
// acknowledges them to the broker and delivers them. Acknowledged therefore means durable: what a
// kill takes away was never acknowledged, and the broker sends it again.
//
//	paho ──> queue ──> committer: gather ─> accept ─> Quarantine ─> Append ─> PUBACK ─> Deliver
//	                       ^
//	            Submit ────┘  (charted and hospital-system observations)
//
// What cannot be used is counted by reason, kept in quarantine and acknowledged, so that it cannot
// come back for ever. Readings are never reordered and never dropped.
package ingest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"wardwatch/devices"
	"wardwatch/ward"
)

// Journal makes readings durable.
type Journal interface {
	// Admit says whether an identical reading is already held (repeat), and whether its key was
	// used before with other content (reused). It sets Point of a reading that is not a repeat.
	Admit(r *ward.Reading) (repeat, reused bool)
	// Append makes all readings durable and sets their Position, or none. After an error the same
	// slice may be appended again.
	Append(rs []ward.Reading) error
}

// Registry knows who lies where and which device stands where.
type Registry interface {
	// Resolve finds the stay that held p at the time, which is known to ± within.
	Resolve(p ward.Place, d ward.DeviceID, at time.Time, within time.Duration) (ward.StayID, ward.Apart)
	// Sight notes where devices were heard live, before their readings are resolved. Readings that
	// are late or name no device say nothing of that.
	Sight(rs []ward.Reading)
}

// Options says how to ingest. URL, Now, Journal and Registry are required; a nil function is not
// called.
type Options struct {
	URL            string // tcp, mqtt, ssl, tls or mqtts
	User, Password string
	ClientID       string      // fixed: it names the durable session; "wardwatch-ingest" when empty
	TLS            *tls.Config // for ssl, tls and mqtts; nil means the system's roots

	Now      func() time.Time
	Journal  Journal
	Registry Registry

	// Deliver receives each batch in order after it was acknowledged. It may block, which holds the
	// next batch back. It owns the slice.
	Deliver func([]ward.Reading)
	// Status receives what devices say of themselves, in order.
	Status func(ward.DeviceStatus)
	// Quarantine keeps what could not be used. Its error is counted and does not hold anything back.
	Quarantine func(context.Context, []ward.Reject) error
	// Concern reports a technical state, once when it begins and once when it ends, with one of the
	// codes below. Place and device are empty where it is about the whole. It is called from the
	// committer and from the link, and holds them back for as long as it takes.
	Concern func(code string, bad bool, p ward.Place, d ward.DeviceID, detail string)

	// ScaledClock says that Now runs faster than life, as in a replay: then a millisecond of delay
	// would look like seconds of skew, so none is learned.
	ScaledClock bool

	LateAfter time.Duration // a reading older than this on arrival is history; 2 min when zero
	Log       *slog.Logger
	Probe     func(point string) // "received", "committed", "acknowledged"; for tests
}

// Codes of Concern.
const (
	ClockImpossible = "clock_impossible" // a device's clock is days off
	SeqReuse        = "seq_reuse"        // a device sends other content under a number it has used
	PoisonDevice    = "poison_device"    // nothing that comes from a place can be used
	StorageStalled  = "storage_stalled"  // the journal cannot write: nothing is acknowledged
	LinkLost        = "link_lost"        // no session with the broker
	SessionLost     = "session_lost"     // the broker forgot our session, and what it held for us
)

// Bounds of the queue and of one batch. Ours.
const (
	queueLength  = 16384   // over any broker's window of unacknowledged messages that we configure
	batchLength  = 1024    // messages
	batchBytes   = 4 << 20 // of payload
	defaultLate  = 2 * time.Minute
	defaultID    = "wardwatch-ingest"
	drainLimit   = 5 * time.Second // for what is queued when Run is told to end
	submitLength = 64
)

// Ingest is the way in. Make it with New and start it with Run.
type Ingest struct {
	options Options
	log     *slog.Logger
	link    *link
	count   counters
	concern concerns

	queue   chan delivery
	submits chan *submission
	closing atomic.Bool // take nothing more off the link
	stopped chan struct{}

	subscribed     chan struct{}
	subscribedOnce sync.Once
	running        atomic.Bool
	stalled        atomic.Bool
	down           bool // the link's goroutine only

	accepter accepter
}

// New checks the options. Nothing runs until Run.
func New(o Options) (*Ingest, error) {
	server, err := parseURL(o.URL)
	if err != nil {
		return nil, err
	}
	if o.Now == nil || o.Journal == nil || o.Registry == nil {
		return nil, errors.New("ingest: Now, Journal and Registry are required")
	}
	if o.User == "" && server.User != nil {
		o.User = server.User.Username()
		o.Password, _ = server.User.Password()
	}
	server.User = nil
	o.setDefaults()
	in := &Ingest{
		options: o, log: o.Log,
		queue: make(chan delivery, queueLength), submits: make(chan *submission, submitLength),
		stopped: make(chan struct{}), subscribed: make(chan struct{}),
	}
	in.count.init(devices.Reasons())
	in.concern.report = o.Concern
	in.link = &link{server: server, options: o, receive: in.receive, changed: in.linkChanged, forgotten: in.sessionForgotten}
	in.accepter = newAccepter(o, &in.count, &in.concern)
	return in, nil
}

func (o *Options) setDefaults() {
	if o.ClientID == "" {
		o.ClientID = defaultID
	}
	if o.LateAfter == 0 {
		o.LateAfter = defaultLate
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Deliver == nil {
		o.Deliver = func([]ward.Reading) {}
	}
	if o.Status == nil {
		o.Status = func(ward.DeviceStatus) {}
	}
	if o.Quarantine == nil {
		o.Quarantine = func(context.Context, []ward.Reject) error { return nil }
	}
	if o.Concern == nil {
		o.Concern = func(string, bool, ward.Place, ward.DeviceID, string) {}
	}
}

// Run connects and ingests until ctx ends. Then it takes nothing more from the link, commits,
// acknowledges and delivers what is queued, and parts from the broker. It fails only when that was
// not possible: what was left unacknowledged the broker will send again, but to a journal that is
// opened anew, because this one has admitted readings that it never got to write. Run may be called
// once.
func (in *Ingest) Run(ctx context.Context) error {
	if !in.running.CompareAndSwap(false, true) {
		return errors.New("ingest: Run was called twice")
	}
	linkCtx, endLink := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	wg.Go(func() { in.link.run(linkCtx) })
	err := in.commitUntil(ctx)
	close(in.stopped)
	endLink()
	wg.Wait()
	return err
}

// Subscribed is closed once the broker keeps messages for our session. Devices that publish before
// may be acknowledged by a broker that has nobody to keep the message for.
func (in *Ingest) Subscribed() <-chan struct{} { return in.subscribed }

// Ready says why messages are not being made durable now; nil when they are.
func (in *Ingest) Ready() error {
	switch {
	case !in.running.Load():
		return errors.New("ingest has not started")
	case in.stalled.Load():
		return errors.New("the journal cannot write; nothing is acknowledged")
	case !in.link.connected.Load():
		return errors.New("no session with the broker")
	}
	select {
	case <-in.stopped:
		return errors.New("ingest has stopped")
	default:
		return nil
	}
}

func (in *Ingest) linkChanged(up bool, why error) {
	if up {
		in.down = false
		in.subscribedOnce.Do(func() { close(in.subscribed) })
		in.count.connects.Add(1)
		in.log.Info("broker session is up", "broker", in.link.server.Host)
		in.concern.set(LinkLost, false, ward.Place{}, "", "")
		return
	}
	in.count.losses.Add(1)
	if !in.down { // said once, not at each attempt
		in.log.Warn("no broker session; a refused password may look like EOF", "broker", in.link.server.Host, "error", why)
	}
	in.down = true
	in.concern.set(LinkLost, true, ward.Place{}, "", fmt.Sprint(why))
}

func (in *Ingest) sessionForgotten(bad bool) {
	if bad {
		in.count.forgotten.Add(1)
		in.log.Error("the broker has forgotten our session; what devices sent meanwhile may be lost", "broker", in.link.server.Host)
	}
	in.concern.set(SessionLost, bad, ward.Place{}, "", "check persistence in the broker's configuration")
}

func (in *Ingest) probe(point string) {
	if in.options.Probe != nil {
		in.options.Probe(point)
	}
}
