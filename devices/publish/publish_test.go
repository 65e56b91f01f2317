package publish

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"
)

// broker is a broker that does only what the test tells it to.
type broker struct {
	net.Listener
	t     *testing.T
	conns chan *session
}

type session struct {
	net.Conn
	t *testing.T
}

func listen(t *testing.T) *broker {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &broker{l, t, make(chan *session, 8)}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			b.conns <- &session{c, t}
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return b
}

func (b *broker) url() string { return "tcp://" + b.Addr().String() }

// accept takes the next connection and answers its CONNECT.
func (b *broker) accept() *session {
	b.t.Helper()
	select {
	case s := <-b.conns:
		b.t.Cleanup(func() { s.Close() })
		if _, ok := s.read().(*packets.ConnectPacket); !ok {
			b.t.Fatal("no CONNECT")
		}
		s.write(packets.NewControlPacket(packets.Connack))
		return s
	case <-time.After(10 * time.Second):
		b.t.Fatal("nobody connected")
		return nil
	}
}

func (s *session) read() packets.ControlPacket {
	s.t.Helper()
	s.SetReadDeadline(time.Now().Add(10 * time.Second))
	p, err := packets.ReadPacket(s)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

func (s *session) write(p packets.ControlPacket) {
	s.t.Helper()
	if err := p.Write(s); err != nil {
		s.t.Fatal(err)
	}
}

func (s *session) readPublish() *packets.PublishPacket {
	s.t.Helper()
	p, ok := s.read().(*packets.PublishPacket)
	if !ok {
		s.t.Fatal("not a PUBLISH")
	}
	return p
}

func (s *session) ack(p *packets.PublishPacket) {
	a := packets.NewControlPacket(packets.Puback).(*packets.PubackPacket)
	a.MessageID = p.MessageID
	s.write(a)
}

func start(t *testing.T, o Options) *Publisher {
	t.Helper()
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func connect(t *testing.T, p *Publisher) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	if err := p.Connect(ctx); err != nil {
		t.Fatal(err)
	}
}

func send(t *testing.T, p *Publisher, payload string) *Receipt {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	r, err := p.Publish(ctx, "ward/v1/a/b/vitals", []byte(payload), false)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func open(r *Receipt) bool {
	select {
	case <-r.Done():
		return false
	default:
		return true
	}
}

func wait(t *testing.T, r *Receipt) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	return r.Wait(ctx)
}

func shut(p *Publisher) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p.Close(ctx)
}

// The client's own token is complete as soon as the connection is back; a receipt waits for the
// PUBACK that the first connection never gave.
func TestAReceiptWaitsForTheAcknowledgementItself(t *testing.T) {
	b := listen(t)
	p := start(t, Options{URL: b.url(), ClientID: "one"})
	defer shut(p)
	accepted := make(chan *session, 1)
	go func() { accepted <- b.accept() }()
	connect(t, p)
	first := <-accepted
	r := send(t, p, "hello")
	first.readPublish()
	first.Close()

	second := b.accept()
	again := second.readPublish()
	if string(again.Payload) != "hello" || !again.Dup {
		t.Fatalf("sent again: %q, dup %v", again.Payload, again.Dup)
	}
	if !open(r) {
		t.Fatalf("the receipt was settled without an acknowledgement: %v", r.Err())
	}
	second.ack(again)
	if err := wait(t, r); err != nil {
		t.Fatal(err)
	}
	if n := p.ledger.acknowledged.Load(); n != 1 {
		t.Errorf("%d acknowledged", n)
	}
}

func TestTheWindowIsBounded(t *testing.T) {
	b := listen(t)
	p := start(t, Options{URL: b.url(), ClientID: "one", Window: 2})
	accepted := make(chan *session, 1)
	go func() { accepted <- b.accept() }()
	connect(t, p)
	s := <-accepted
	r1 := send(t, p, "1")
	r2 := send(t, p, "2")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := p.Publish(ctx, "t", nil, false); !errors.Is(err, context.Canceled) {
		t.Fatalf("third message: %v", err)
	}
	s.ack(s.readPublish())
	if err := wait(t, r1); err != nil {
		t.Fatal(err)
	}
	send(t, p, "3")
	shut(p)
	if !errors.Is(r2.Err(), ErrClosed) || open(r2) {
		t.Errorf("after Close: %v", r2.Err())
	}
	if _, err := p.Publish(context.Background(), "t", nil, false); !errors.Is(err, ErrClosed) {
		t.Errorf("publish after Close: %v", err)
	}
}

func TestPublishBeforeConnectIsRefused(t *testing.T) {
	p := start(t, Options{URL: "tcp://127.0.0.1:1", ClientID: "x"})
	if _, err := p.Publish(context.Background(), "t", nil, false); err == nil {
		t.Error("taken without a connection")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := p.Connect(ctx); err == nil {
		t.Error("connected to nothing")
	}
	shut(p)
}

// A gateway that dies keeps what was not acknowledged in its folder, and its successor sends it.
func TestAFolderOutlivesTheProcess(t *testing.T) {
	b := listen(t)
	o := Options{URL: b.url(), ClientID: "gateway", Dir: t.TempDir()}
	p := start(t, o)
	accepted := make(chan *session, 1)
	go func() { accepted <- b.accept() }()
	connect(t, p)
	s := <-accepted
	for i := range 3 {
		send(t, p, fmt.Sprint(i))
	}
	for range 3 {
		s.readPublish()
	}
	shut(p)
	s.Close()

	q := start(t, o)
	defer shut(q)
	go func() { accepted <- b.accept() }()
	connect(t, q)
	s = <-accepted
	got := map[string]bool{}
	for range 3 {
		m := s.readPublish()
		got[string(m.Payload)] = true
		s.ack(m)
	}
	if len(got) != 3 {
		t.Errorf("sent again: %v", got)
	}
}

func TestADiskThatIsFullIsAnError(t *testing.T) {
	b := listen(t)
	dir := filepath.Join(t.TempDir(), "kept")
	p := start(t, Options{URL: b.url(), ClientID: "gateway", Dir: dir})
	defer shut(p)
	accepted := make(chan *session, 1)
	go func() { accepted <- b.accept() }()
	connect(t, p)
	<-accepted
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Publish(context.Background(), "t", []byte("x"), false); err == nil {
		t.Error("taken though it could not be kept")
	}
	if n := len(p.slots); n != 0 {
		t.Errorf("%d places in the window are lost", n)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for _, o := range []Options{{}, {URL: "tcp://x"}, {ClientID: "x"}, {URL: "tcp://x", ClientID: "x", Window: -1}, {URL: "tcp://x", ClientID: "x", Window: maxWindow + 1}} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}

// mosquitto runs a real broker on a port of its own; stop kills it as a power cut would.
func mosquitto(t *testing.T, port int) (stop func()) {
	t.Helper()
	path, err := exec.LookPath("mosquitto")
	if err != nil {
		path = "/usr/sbin/mosquitto"
		if _, err := os.Stat(path); err != nil {
			t.Skip("mosquitto is not installed: ", err)
		}
	}
	conf := filepath.Join(t.TempDir(), "mosquitto.conf")
	text := fmt.Sprintf("listener %d 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n", port)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "-c", conf)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	stop = func() { once.Do(func() { cmd.Process.Kill(); cmd.Wait() }) }
	t.Cleanup(stop)
	return stop
}

// With a real broker that is killed under way: every receipt is settled without error, and an
// orderly end does not say the will.
func TestMosquittoKilledUnderWay(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	stop := mosquitto(t, port)
	p := start(t, Options{URL: fmt.Sprintf("tcp://127.0.0.1:%d", port), ClientID: "sim", Retry: time.Second,
		Will: &Message{Topic: "ward/v1/a/b/status", Payload: []byte(`{"state":"offline"}`), Retained: true}})
	connect(t, p)
	var receipts []*Receipt
	for i := range 200 {
		receipts = append(receipts, send(t, p, fmt.Sprint(i)))
		if i == 100 {
			stop()
			mosquitto(t, port)
		}
	}
	for i, r := range receipts {
		if err := wait(t, r); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
	}
	if got := p.Figures(); got[1].Value < 200 || got[2].Value != 0 {
		t.Errorf("%+v", got)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := p.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if said := retained(t, port, "ward/v1/a/b/status"); said != "" {
		t.Errorf("the will was said at an orderly end: %q", said)
	}
}

// retained reads what the broker keeps under topic; empty when nothing.
func retained(t *testing.T, port int, topic string) string {
	t.Helper()
	got := make(chan string, 2)
	c := mqtt.NewClient(mqtt.NewClientOptions().AddBroker(fmt.Sprintf("tcp://127.0.0.1:%d", port)).SetClientID("look"))
	if k := c.Connect(); k.Wait() && k.Error() != nil {
		t.Fatal(k.Error())
	}
	defer c.Disconnect(100)
	take := func(_ mqtt.Client, m mqtt.Message) { got <- string(m.Payload()) }
	c.Subscribe(topic, 1, take).Wait()
	c.Subscribe("marker", 1, take).Wait()
	c.Publish("marker", 1, false, "").Wait()
	return <-got // the retained message when there is one, otherwise the marker
}
