package ingest

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wardwatch/devices/publish"
	"wardwatch/ingest/broker"
	"wardwatch/ward"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// edge is a real broker that can be stopped and started again with what it had.
type edge interface {
	start(t *testing.T)
	stop(t *testing.T)
	url() string
	own() (clientID, user, password string)
	admit()
	device() (user, password string)
}

// edges runs a test against both brokers.
func edges(t *testing.T, test func(t *testing.T, e edge)) {
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		e := &embedded{dir: t.TempDir(), listen: "127.0.0.1:0"}
		e.start(t)
		defer e.stop(t)
		test(t, e)
	})
	t.Run("mosquitto", func(t *testing.T) {
		t.Parallel()
		e := newMosquitto(t)
		e.start(t)
		defer e.stop(t)
		test(t, e)
	})
}

type embedded struct {
	dir, listen, cert, key string
	*broker.Broker
}

func (e *embedded) start(t *testing.T) {
	t.Helper()
	b, err := broker.Start(broker.Options{Listen: e.listen, Dir: e.dir, TLSCert: e.cert, TLSKey: e.key, Authenticate: func(user, password string) (ward.Credential, bool) {
		return ward.Credential{User: user, Gateway: true, Grants: []ward.Place{{Ward: "icu"}}}, user == "gateway-icu" && password == "pw"
	}})
	if err != nil {
		t.Fatal(err)
	}
	e.Broker, e.listen = b, b.Addr()
}

func (e *embedded) stop(*testing.T)                 { e.Close() }
func (e *embedded) url() string                     { return e.URL() }
func (e *embedded) admit()                          { e.Admit() }
func (e *embedded) device() (user, password string) { return "gateway-icu", "pw" }
func (e *embedded) own() (clientID, user, password string) {
	user, password = e.Internal()
	return e.ClientID(), user, password
}

// mosquitto runs the real one with the settings that we ship.
type mosquitto struct {
	conf, address string
	cmd           *exec.Cmd
}

func newMosquitto(t *testing.T) *mosquitto {
	t.Helper()
	if _, err := exec.LookPath("/usr/sbin/mosquitto"); err != nil {
		t.Skip("mosquitto is not installed at /usr/sbin/mosquitto: " + err.Error())
	}
	dir := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &mosquitto{conf: filepath.Join(dir, "mosquitto.conf"), address: l.Addr().String()}
	l.Close()
	shipped, err := os.ReadFile("../deploy/mosquitto/wardwatch.conf")
	if err != nil {
		t.Fatal(err)
	}
	acl, err := os.ReadFile("../deploy/mosquitto/wardwatch.acl")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(m.address)
	conf := string(shipped)
	for _, line := range [][2]string{
		{`(?m)^listener 1883$`, "listener " + port + " 127.0.0.1"},
		{`(?m)^password_file .*$`, "password_file " + filepath.Join(dir, "passwd")},
		{`(?m)^acl_file .*$`, "acl_file " + filepath.Join(dir, "acl")},
		{`(?m)^persistence_location .*$`, "persistence_location " + dir + "/"},
	} {
		re := regexp.MustCompile(line[0])
		if !re.MatchString(conf) {
			t.Fatalf("the shipped configuration has no line %s", line[0])
		}
		conf = re.ReplaceAllLiteralString(conf, line[1])
	}
	if os.Getuid() == 0 {
		conf += "\nuser root\n"
	}
	for file, text := range map[string]string{m.conf: conf, filepath.Join(dir, "acl"): string(acl), filepath.Join(dir, "passwd"): "wardwatch:pw\ngateway-icu:pw\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("mosquitto_passwd", "-U", filepath.Join(dir, "passwd")).CombinedOutput(); err != nil {
		t.Fatalf("mosquitto_passwd: %v %s", err, out)
	}
	return m
}

func (m *mosquitto) start(t *testing.T) {
	t.Helper()
	m.cmd = exec.Command("/usr/sbin/mosquitto", "-c", m.conf)
	if err := m.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "mosquitto to listen", func() bool {
		c, err := net.Dial("tcp", m.address)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

func (m *mosquitto) stop(*testing.T) {
	m.cmd.Process.Signal(syscall.SIGTERM)
	m.cmd.Wait()
}

// kill ends it as a power switch would, once it has saved our session.
func (m *mosquitto) kill(t *testing.T) {
	t.Helper()
	m.cmd.Process.Signal(syscall.SIGUSR1)
	eventually(t, "the session to be saved", func() bool {
		saved, err := os.ReadFile(filepath.Join(filepath.Dir(m.conf), "mosquitto.db"))
		return err == nil && bytes.Contains(saved, []byte("wardwatch-ingest"))
	})
	m.cmd.Process.Kill()
	m.cmd.Wait()
}

func (m *mosquitto) url() string                     { return "tcp://" + m.address }
func (m *mosquitto) admit()                          {}
func (m *mosquitto) device() (user, password string) { return "gateway-icu", "pw" }
func (m *mosquitto) own() (clientID, user, password string) {
	return "wardwatch-ingest", "wardwatch", "pw"
}

// patience is how long a test waits for what must come. Nothing is concluded from a shorter time:
// it is long enough for a busy machine, and is spent only by a test that fails.
const patience = 90 * time.Second

// eventually waits for something that a real server does in its own time.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// running is an Ingest at work on an edge.
type running struct {
	*Ingest
	notebook *notebook
	stop     func() error
	rejects  func() []ward.Reject
	statuses func() []ward.DeviceStatus
}

// startIngest starts one on e, by way of address where that is not empty, and waits until it is subscribed.
func startIngest(t *testing.T, e edge, address string, n *notebook) *running {
	t.Helper()
	var mu sync.Mutex
	var rejects []ward.Reject
	var statuses []ward.DeviceStatus
	id, user, password := e.own()
	if address == "" {
		address = e.url()
	}
	in, err := New(Options{
		URL: address, ClientID: id, User: user, Password: password, TLS: edgeTLS(e),
		Now: time.Now, Journal: n, Registry: &house{},
		Quarantine: func(_ context.Context, rs []ward.Reject) error {
			mu.Lock()
			defer mu.Unlock()
			rejects = append(rejects, rs...)
			return nil
		},
		Status: func(s ward.DeviceStatus) {
			mu.Lock()
			defer mu.Unlock()
			statuses = append(statuses, s)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- in.Run(ctx) }()
	select {
	case <-in.Subscribed():
	case <-time.After(patience):
		t.Fatal("never subscribed")
	}
	var once sync.Once
	var end error
	stop := func() error {
		once.Do(func() { cancel(); end = <-done })
		return end
	}
	t.Cleanup(func() { stop() })
	return &running{Ingest: in, notebook: n, stop: stop,
		rejects: func() []ward.Reject { mu.Lock(); defer mu.Unlock(); return append([]ward.Reject(nil), rejects...) },
		statuses: func() []ward.DeviceStatus {
			mu.Lock()
			defer mu.Unlock()
			return append([]ward.DeviceStatus(nil), statuses...)
		},
	}
}

func edgeTLS(e edge) *tls.Config {
	if e, ok := e.(*embedded); ok {
		return e.ClientTLS()
	}
	return nil
}

// monitor connects a device that keeps what is not acknowledged and sends it again.
func monitor(t *testing.T, e edge, name string) *publish.Publisher {
	t.Helper()
	user, password := e.device()
	p, err := publish.New(publish.Options{
		URL: e.url(), ClientID: name, User: user, Password: password, TLS: edgeTLS(e), Retry: 200 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := p.Connect(ctx); err != nil {
		t.Fatalf("device cannot connect: %v", err)
	}
	t.Cleanup(func() {
		ended, cancel := context.WithCancel(context.Background())
		cancel() // whoever wants an acknowledgement has waited for it
		p.Close(ended)
	})
	return p
}

// send publishes a message and leaves it to the publisher to have it acknowledged.
func send(t *testing.T, p *publish.Publisher, topic string, payload []byte, retained bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := p.Publish(ctx, topic, payload, retained); err != nil {
		t.Error(err)
	}
}

// stream sends n messages of bed 1 in the rhythm of a busy gateway, so that something is on its way
// at any moment.
func stream(t *testing.T, p *publish.Publisher, n int) {
	for i := range n {
		topic, payload := current("1", i+1)
		send(t, p, topic, payload, false)
		time.Sleep(time.Millisecond)
	}
}

// acknowledged waits until the broker has acknowledged all that was sent.
func acknowledged(t *testing.T, p *publish.Publisher) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := p.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}

func current(bed string, seq int) (topic string, payload []byte) {
	return "ward/v1/icu/" + bed + "/vitals", fmt.Appendf(nil, `{"device":"mon-%s","boot":"b","seq":%d,"time":%d,"vitals":{"hr":80}}`, bed, seq, time.Now().UnixMilli())
}

// complete checks that each of n messages of a bed was kept, and once.
func complete(t *testing.T, rs []ward.Reading, bed string, n int) {
	t.Helper()
	seen := map[uint64]int{}
	for _, r := range rs {
		if r.Place.Bed == ward.BedID(bed) {
			seen[r.Seq]++
		}
	}
	for i := 1; i <= n; i++ {
		if seen[uint64(i)] != 1 {
			t.Errorf("message %d was kept %d times", i, seen[uint64(i)])
		}
	}
}
