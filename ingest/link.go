package ingest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"sync/atomic"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"
)

// Times of the link. Ours.
const (
	connectLimit = 10 * time.Second
	keepAlive    = 15 * time.Second
	firstRetry   = 250 * time.Millisecond
	lastRetry    = 10 * time.Second
	goodSession  = 5 * time.Second // a session that lived so long starts the retries anew
	partingLimit = 250 * time.Millisecond
)

// filter takes vitals and status in one subscription. With one filter for each, nats-server would
// count both against one session's window and hold what is over it back for its whole AckWait.
const filter = "ward/v1/+/+/+"

// link keeps one durable MQTT session with the broker. Each dial makes a fresh paho client: a used
// one may not be used again, and its store would offer messages of the old connection with packet
// ids that the broker may have given to others since.
type link struct {
	server    *url.URL
	options   Options
	receive   func(*session, mqtt.Message)
	changed   func(up bool, why error) // after each change of state
	forgotten func(bad bool)           // on each session after the first: whether the broker had forgotten us

	connected atomic.Bool
	known     bool // the broker has accepted our subscription before
}

// session is one connection of the link. Only run's goroutine makes and ends it.
type session struct {
	conn    *conn
	settled func() bool // the connection no longer ends with the context by itself
	pending pending
}

// run keeps the session up until ctx ends, then parts in order. It returns when all its goroutines
// have ended.
func (l *link) run(ctx context.Context) {
	wait := firstRetry
	for ctx.Err() == nil {
		began := time.Now()
		err := l.once(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > goodSession {
			wait = firstRetry
		}
		l.changed(false, err)
		sleep(ctx, wait/2+rand.N(wait))
		wait = min(2*wait, lastRetry)
	}
}

// once is one session from dial to loss. Its error says why it ended.
func (l *link) once(ctx context.Context) error {
	s := &session{}
	lost := make(chan error, 1)
	client := mqtt.NewClient(l.clientOptions(ctx, s, lost))
	token := client.Connect()
	token.Wait() // bounded by connectLimit
	if s.settled != nil {
		s.settled()
	}
	if err := token.Error(); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer l.part(client, s, lost)
	if err := l.subscribe(client); err != nil {
		return err
	}
	present := token.(*mqtt.ConnectToken).SessionPresent()
	if l.known {
		l.forgotten(!present)
	}
	l.known = true
	l.connected.Store(true)
	defer l.connected.Store(false)
	l.changed(true, nil)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-lost:
		lost <- err // for part
		return err
	}
}

// subscribe asks for everything. The broker keeps the subscription with the session; asking again
// costs the retained messages once more, and heals a session that the broker has forgotten.
func (l *link) subscribe(client mqtt.Client) error {
	token := client.Subscribe(filter, 1, nil)
	if !token.WaitTimeout(connectLimit) {
		return errors.New("subscribe: the broker does not answer")
	}
	if err := token.Error(); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	if qos := token.(*mqtt.SubscribeToken).Result()[filter]; qos != 1 {
		return fmt.Errorf("subscribe: the broker refuses %s at QoS 1 (it answered %#x)", filter, qos)
	}
	return nil
}

// part ends the session and waits until paho has let go of it.
func (l *link) part(client mqtt.Client, s *session, lost chan error) {
	select {
	case <-lost:
		return // paho has already ended everything
	default:
	}
	client.Disconnect(uint(partingLimit / time.Millisecond))
	s.conn.Close()
}

func (l *link) clientOptions(ctx context.Context, s *session, lost chan error) *mqtt.ClientOptions {
	o := mqtt.NewClientOptions()
	o.AddBroker(l.server.String())
	o.SetClientID(l.options.ClientID).SetCleanSession(false).SetProtocolVersion(4)
	o.SetUsername(l.options.User).SetPassword(l.options.Password)
	o.SetAutoReconnect(false).SetConnectRetry(false).SetResumeSubs(false)
	o.SetConnectTimeout(connectLimit).SetKeepAlive(keepAlive).SetPingTimeout(keepAlive)
	o.SetOrderMatters(true).SetAutoAckDisabled(true).SetStore(noStore{})
	o.SetDefaultPublishHandler(func(_ mqtt.Client, m mqtt.Message) { l.receive(s, m) })
	o.SetConnectionLostHandler(func(_ mqtt.Client, err error) { lost <- err })
	o.SetCustomOpenConnectionFn(func(*url.URL, mqtt.ClientOptions) (net.Conn, error) {
		raw, err := l.dial(ctx)
		if err != nil {
			return nil, err
		}
		s.conn = newConn(raw)
		s.settled = context.AfterFunc(ctx, func() { s.conn.Close() })
		return s.conn, nil
	})
	return o
}

func (l *link) dial(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectLimit)
	defer cancel()
	if encrypted(l.server) {
		d := tls.Dialer{Config: l.options.TLS}
		return d.DialContext(ctx, "tcp", l.server.Host)
	}
	var d net.Dialer
	return d.DialContext(ctx, "tcp", l.server.Host)
}

// acknowledge sends one PUBACK (MQTT 3.1.1 §3.4) for each packet id, in order and in one write. It
// goes to the connection that the messages came by and to no other; where that is gone the broker
// will send them again. paho's own Ack would pass each one through three goroutines and a system call.
func (s *session) acknowledge(ids []uint16, scratch []byte) ([]byte, error) {
	b := scratch[:0]
	for _, id := range ids {
		b = append(b, packets.Puback<<4, 2, byte(id>>8), byte(id))
	}
	_, err := s.conn.Write(b)
	return b, err
}

// parseURL checks a broker's address: tcp or mqtt without TLS, ssl, tls or mqtts with it.
func parseURL(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("broker address: not a URL") // the error itself may show a password
	}
	port := "1883"
	switch u.Scheme {
	case "tcp", "mqtt":
	case "ssl", "tls", "mqtts":
		port = "8883"
	default:
		return nil, fmt.Errorf("broker address: scheme %q is not one of tcp mqtt ssl tls mqtts", u.Scheme)
	}
	if u.Hostname() == "" {
		return nil, errors.New("broker address: no host")
	}
	if u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), port)
	}
	return u, nil
}

func encrypted(u *url.URL) bool { return u.Scheme != "tcp" && u.Scheme != "mqtt" }

// sleep waits for d or until ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// noStore keeps nothing. We publish nothing, so nothing need be sent again; and what paho keeps of
// received messages it would offer once more on the next connection under stale packet ids.
type noStore struct{}

func (noStore) Open()                             {}
func (noStore) Put(string, packets.ControlPacket) {}
func (noStore) Get(string) packets.ControlPacket  { return nil }
func (noStore) All() []string                     { return nil }
func (noStore) Del(string)                        {}
func (noStore) Close()                            {}
func (noStore) Reset()                            {}
