// Package broker is the MQTT broker inside Wardwatch: nats-server with its MQTT listener and its
// file store, embedded. It keeps what devices publish at QoS 1 until our own durable session has
// acknowledged it, through a kill of the process and, with Sync, through a loss of power.
//
// Devices are let in by Admit, once that session is subscribed: the store keeps a message only while
// somebody waits for it, and acknowledges it in either case.
package broker

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"wardwatch/ward"
)

// Settings of the server. Ours, except where a reason is given.
const (
	internalUser = "_wardwatch"
	idFile       = "session-id"
	storeFolder  = "store"

	// ackWait is after how long an unacknowledged message is sent again. It must be longer than a
	// full window waits for us at our slowest, or under overload everything is sent again and again:
	// 8192 messages in 10 s allow for 820 a second. (At 2 s, 36,772 copies came in one overloaded
	// run.) It is also the longest that a message on its way to us is delayed when our session breaks
	// while the server lives; when both restart, it comes at once (renew).
	ackWait = 10 * time.Second
	// window is how many messages our session may hold unacknowledged. The ingest queue is longer.
	window = 8192
	// maxMessage is over the contract's 64 KiB on purpose: a larger message would make the server
	// cut the device off, which would send it again for ever. Ingest refuses it with a reason.
	maxMessage   = 1 << 20
	defaultStore = 1 << 30
	maxMemory    = 64 << 20 // of store kept in memory only; the MQTT side uses none
	authLimit    = 10 * time.Second
	startLimit   = 30 * time.Second
	nearlyFull   = 0.9 // of the room for messages
	startPoll    = 100 * time.Millisecond
)

// Options says how to run the broker. Dir and Authenticate are required.
type Options struct {
	Listen          string // host:port for MQTT; port 0 takes a free one
	Dir             string // for the store and the name of our session
	TLSCert, TLSKey string // PEM files; empty for plain MQTT
	Sync            bool   // sync each message to disk before it is acknowledged
	MaxStore        int64  // bytes of messages kept for us; then publishers get no acknowledgement; 1 GiB when zero
	// Authenticate knows the devices' credentials. It is called for each connection, from many
	// goroutines.
	Authenticate func(user, password string) (ward.Credential, bool)
	Log          *slog.Logger
}

// Broker is a running broker.
type Broker struct {
	options  Options
	log      *slog.Logger
	clientID string
	guard    *guard
	logger   *logger
	cancel   context.CancelFunc
	watch    sync.WaitGroup
	mends    atomic.Uint64
	closed   atomic.Bool

	server atomic.Pointer[server.Server] // changes when the store is mended
	host   string
	port   int
	tls    *tls.Config
}

// Start runs a broker. It is ready when Start returns, but lets in only our own session until Admit.
func Start(o Options) (*Broker, error) {
	if o.Dir == "" || o.Authenticate == nil {
		return nil, errors.New("broker: Dir and Authenticate are required")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MaxStore == 0 {
		o.MaxStore = defaultStore
	}
	id, err := sessionID(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("broker: %w", err)
	}
	b := &Broker{options: o, log: o.Log, clientID: id, guard: newGuard(o.Authenticate)}
	b.logger = newLogger(o.Log, b.guard)
	b.guard.connections = b.openConnections
	if err := b.run(); err != nil {
		return nil, fmt.Errorf("broker: cannot start on %s: %w", o.Listen, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	b.cancel = cancel
	b.watch.Go(func() { b.supervise(ctx) })
	return b, nil
}

// settings translates the options for the server.
func (o *Options) settings(g *guard) (*server.Options, error) {
	host, portText, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen address: %w", err)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("listen address: port %q is not a number up to 65535", portText)
	}
	s := &server.Options{
		ServerName: "wardwatch", DontListen: true, NoSigs: true, NoLog: true,
		MaxPayload: maxMessage, MaxControlLine: 4096,
		JetStream: true, StoreDir: filepath.Join(o.Dir, storeFolder), DisableJetStreamBanner: true,
		JetStreamMaxMemory: maxMemory, JetStreamMaxStore: o.MaxStore + reserve, SyncAlways: o.Sync,
		CustomClientAuthentication: g, AuthTimeout: authLimit.Seconds(),
	}
	s.MQTT.Host, s.MQTT.Port = host, int(port)
	if port == 0 {
		s.MQTT.Port = server.RANDOM_PORT
	}
	s.MQTT.AckWait, s.MQTT.MaxAckPending = ackWait, window
	if o.TLSCert == "" && o.TLSKey == "" {
		return s, nil
	}
	cert, err := tls.LoadX509KeyPair(o.TLSCert, o.TLSKey)
	if err != nil {
		return nil, fmt.Errorf("TLS certificate: %w", err)
	}
	s.MQTT.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	s.MQTT.TLSTimeout = authLimit.Seconds()
	return s, nil
}

// sessionID is the client id of our own session: kept, because it names what the broker holds for
// us, and secret, because whoever connects with it takes the session over and may clear it.
func sessionID(dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	path := filepath.Join(dir, idFile)
	kept, err := os.ReadFile(path)
	if err == nil {
		if id := strings.TrimSpace(string(kept)); id != "" {
			return id, nil
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	id := "wardwatch-" + rand.Text()
	next := path + ".new"
	if err := os.WriteFile(next, []byte(id+"\n"), 0o600); err != nil {
		return "", err
	}
	return id, os.Rename(next, path)
}

// Addr is where devices connect, host:port.
func (b *Broker) Addr() string { return net.JoinHostPort(b.host, strconv.Itoa(b.port)) }

// URL is where our own session connects. It carries no credentials.
func (b *Broker) URL() string {
	scheme, host := "tcp", b.host
	if b.tls != nil {
		scheme = "tls"
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return scheme + "://" + net.JoinHostPort(host, strconv.Itoa(b.port))
}

// Internal is the credential of our own session: good for this run of the broker only.
func (b *Broker) Internal() (user, password string) { return internalUser, b.guard.secret }

// ClientID is the client id that our own session must use.
func (b *Broker) ClientID() string { return b.clientID }

// ClientTLS is what our own session needs to trust URL: this very certificate. Nil for plain MQTT.
func (b *Broker) ClientTLS() *tls.Config {
	if b.tls == nil {
		return nil
	}
	own := b.tls.Certificates[0].Certificate[0]
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // in favour of the stricter check below: no name, but these bytes
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) == 0 || string(s.PeerCertificates[0].Raw) != string(own) {
				return errors.New("broker: that is not our own certificate")
			}
			return nil
		},
	}
}

// Admit lets devices in. Call it once our own session is subscribed.
func (b *Broker) Admit() { b.guard.admitting.Store(true) }

// Ready says why messages cannot be kept now; nil when they can.
func (b *Broker) Ready() error {
	switch {
	case b.closed.Load():
		return errors.New("the broker is closed")
	case b.logger.broken.Load() || !b.current().JetStreamEnabled():
		return errors.New("the broker's store cannot write; its disk may be full")
	case b.kept().filled >= nearlyFull:
		return errors.New("the broker's store is full of messages that nobody takes; devices get no acknowledgement")
	case !b.guard.admitting.Load():
		return errors.New("the broker does not let devices in yet")
	}
	return nil
}

// Kick ends all connections of a user, so that a revoked or changed credential counts at once. It
// returns how many it ended.
func (b *Broker) Kick(user string) int {
	n := 0
	for _, id := range b.guard.of(user) {
		if b.current().DisconnectClientByID(id) == nil {
			n++
		}
	}
	return n
}

// Close ends all connections and the server, and waits until the store is shut.
func (b *Broker) Close() {
	b.closed.Store(true)
	b.cancel()
	b.watch.Wait()
	stop(b.current())
}

// openConnections lists the ids of all connections.
func (b *Broker) openConnections() (map[uint64]bool, error) {
	z, err := b.current().Connz(&server.ConnzOptions{Limit: 1 << 20, State: server.ConnOpen})
	if err != nil {
		return nil, err
	}
	open := make(map[uint64]bool, len(z.Conns))
	for _, c := range z.Conns {
		open[c.Cid] = true
	}
	return open, nil
}
