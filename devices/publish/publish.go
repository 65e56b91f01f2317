// Package publish sends messages to an MQTT broker so that each is kept until the broker has
// acknowledged it, through lost connections and, with a folder, through a restart of the sender.
// Messages may arrive twice or out of order around a reconnect; device, boot and seq in the
// payload put that right.
package publish

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"wardwatch/ward"
)

// Message is something to publish.
type Message struct {
	Topic    string
	Payload  []byte
	Retained bool
}

// Options says where and how to publish.
type Options struct {
	URL      string // tcp://host:1883, ssl://host:8883
	ClientID string // stable and unique at the broker: its session and the kept messages go by it
	User     string
	Password string
	TLS      *tls.Config
	Will     *Message      // what the broker says for us when we vanish; retained as given
	Dir      string        // keep unacknowledged messages in files here; empty: in memory, in order
	Window   int           // most unacknowledged messages; Publish waits when it is full. 0: 1024, at most 32768
	Retry    time.Duration // longest pause between attempts to connect; 0: 10 s
	Log      *slog.Logger  // nil: silent
}

// ErrClosed is given to receipts that were still open when the publisher was closed.
var ErrClosed = errors.New("publisher closed before the broker acknowledged")

const maxWindow = 32768 // half of the packet identifiers, so that one is never used again soon

// Publisher publishes with QoS 1. It may be used by several goroutines.
type Publisher struct {
	o      Options
	client mqtt.Client
	ledger *ledger
	slots  chan struct{} // one for each unacknowledged message
	mu     sync.Mutex    // held while a message enters the ledger, so that receipt and message meet
	closed chan struct{}
	once   sync.Once

	connected  atomic.Bool
	lastError  atomic.Pointer[string]
	sent       atomic.Uint64
	reconnects atomic.Uint64
}

// New prepares a publisher; it does not connect.
func New(o Options) (*Publisher, error) {
	if o.URL == "" || o.ClientID == "" {
		return nil, errors.New("publish: URL and ClientID are required")
	}
	if o.Window == 0 {
		o.Window = 1024
	}
	if o.Window < 0 || o.Window > maxWindow {
		return nil, fmt.Errorf("publish: window %d is not between 1 and %d", o.Window, maxWindow)
	}
	if o.Retry == 0 {
		o.Retry = 10 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	p := &Publisher{o: o, slots: make(chan struct{}, o.Window), closed: make(chan struct{})}
	p.ledger = newLedger(o.Dir, p.release)
	p.client = mqtt.NewClient(p.options())
	return p, nil
}

// Connect waits until the first connection stands, trying again until ctx ends. The error then
// names what the last attempt ran into. Call it once, before Publish.
func (p *Publisher) Connect(ctx context.Context) error {
	token := p.client.Connect()
	select {
	case <-token.Done():
		if err := token.Error(); err != nil {
			return fmt.Errorf("publish: connect to %s: %w", p.o.URL, err)
		}
		return nil
	case <-ctx.Done():
		if why := p.lastError.Load(); why != nil {
			return fmt.Errorf("publish: connect to %s: %s: %w", p.o.URL, *why, ctx.Err())
		}
		return fmt.Errorf("publish: connect to %s: %w", p.o.URL, ctx.Err())
	}
}

// Publish hands a message over; it waits while the window is full, until ctx ends. On return
// without error the message is kept and will be sent until it is acknowledged: wait on the receipt
// to know. The payload must not be changed afterwards.
func (p *Publisher) Publish(ctx context.Context, topic string, payload []byte, retained bool) (*Receipt, error) {
	select {
	case <-p.closed:
		return nil, ErrClosed
	default:
	}
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("publish: waiting for acknowledgements: %w", ctx.Err())
	case <-p.closed:
		return nil, ErrClosed
	}
	r := &Receipt{done: make(chan struct{})}
	p.mu.Lock()
	err := p.ledger.enter(r, func() error {
		t := p.client.Publish(topic, 1, retained, payload)
		select {
		case <-t.Done(): // so early only when it was not taken at all, or was acknowledged at once
			return t.Error()
		default:
			return nil
		}
	})
	p.mu.Unlock()
	if err != nil {
		<-p.slots
		return nil, fmt.Errorf("publish: %w", err)
	}
	p.sent.Add(1)
	return r, nil
}

func (p *Publisher) release() { <-p.slots }

// Flush waits until everything published so far is acknowledged.
func (p *Publisher) Flush(ctx context.Context) error {
	for _, r := range p.ledger.open() {
		if err := r.Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Close waits for what is open until ctx ends, then disconnects in order, so that the will is not
// said. Receipts still open are given ErrClosed; with a folder their messages are sent by the next
// publisher of the same ClientID and folder.
func (p *Publisher) Close(ctx context.Context) error {
	err := p.Flush(ctx)
	p.once.Do(func() {
		close(p.closed)
		p.client.Disconnect(250)
		p.ledger.abandon(ErrClosed)
	})
	return err
}

// Figures are the publisher's counters.
func (p *Publisher) Figures() []ward.Figure {
	up := 0.0
	if p.connected.Load() {
		up = 1
	}
	return []ward.Figure{
		{Name: "wardwatch_publish_messages_total", Help: "Messages handed to the publisher.", Value: float64(p.sent.Load())},
		{Name: "wardwatch_publish_acknowledged_total", Help: "Messages the broker acknowledged.", Value: float64(p.ledger.acknowledged.Load())},
		{Name: "wardwatch_publish_open", Help: "Messages not acknowledged yet.", Gauge: true, Value: float64(len(p.slots))},
		{Name: "wardwatch_publish_reconnects_total", Help: "Connections lost.", Value: float64(p.reconnects.Load())},
		{Name: "wardwatch_publish_connected", Help: "1 while connected.", Gauge: true, Value: up},
	}
}

func (p *Publisher) options() *mqtt.ClientOptions {
	o := mqtt.NewClientOptions().AddBroker(p.o.URL).SetClientID(p.o.ClientID).
		SetUsername(p.o.User).SetPassword(p.o.Password).
		SetProtocolVersion(4).  // else every refusal is followed by an attempt with MQTT 3.1
		SetCleanSession(false). // only then does the client send again what it kept
		SetOrderMatters(false).
		SetStore(p.ledger).
		SetAutoReconnect(true).SetMaxReconnectInterval(p.o.Retry).
		SetConnectRetry(true).SetConnectRetryInterval(min(time.Second, p.o.Retry)).
		SetKeepAlive(15 * time.Second).SetPingTimeout(10 * time.Second).
		SetConnectTimeout(10 * time.Second).SetWriteTimeout(10 * time.Second)
	if p.o.TLS != nil {
		o.SetTLSConfig(p.o.TLS)
	}
	if w := p.o.Will; w != nil {
		o.SetBinaryWill(w.Topic, w.Payload, 1, w.Retained)
	}
	o.SetOnConnectHandler(func(mqtt.Client) {
		p.connected.Store(true)
		p.o.Log.Info("publisher connected", "broker", p.o.URL)
	})
	o.SetConnectionLostHandler(func(_ mqtt.Client, err error) {
		p.connected.Store(false)
		p.reconnects.Add(1)
		p.o.Log.Warn("publisher lost its connection", "broker", p.o.URL, "error", err)
	})
	o.SetConnectionNotificationHandler(func(_ mqtt.Client, n mqtt.ConnectionNotification) {
		if f, ok := n.(mqtt.ConnectionNotificationFailed); ok && f.Reason != nil {
			p.failed(f.Reason.Error())
		}
	})
	return o
}

// failed remembers why there is no connection, and logs it when it was not the reason before: the
// attempts go on, and whoever waits should know what for.
func (p *Publisher) failed(why string) {
	if before := p.lastError.Swap(&why); before == nil || *before != why {
		p.o.Log.Warn("publisher cannot connect, and tries again", "broker", p.o.URL, "error", why)
	}
}
