package broker

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"go.uber.org/goleak"

	"wardwatch/ward"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// credentials are a device for one bed, a gateway for a ward, and some that may do nothing.
func credentials(user, password string) (ward.Credential, bool) {
	c, ok := map[string]ward.Credential{
		"mon-07":  {Grants: []ward.Place{{Ward: "icu", Bed: "bed07"}}},
		"gateway": {Gateway: true, Grants: []ward.Place{{Ward: "icu"}}},
		"revoked": {Grants: []ward.Place{{Ward: "icu"}}, Revoked: time.Unix(1, 0)},
		"nothing": {},
		"wild":    {Grants: []ward.Place{{Ward: "*", Bed: ">"}, {Ward: "icu", Bed: "*"}}},
	}[user]
	c.User = user
	return c, ok && password == "pw"
}

func start(t *testing.T, change func(*Options)) *Broker {
	t.Helper()
	o := Options{Listen: "127.0.0.1:0", Dir: t.TempDir(), Authenticate: credentials}
	if change != nil {
		change(&o)
	}
	b, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// inbox is what a subscriber received.
type inbox struct {
	mu   sync.Mutex
	got  []string
	mqtt mqtt.Client
}

func (i *inbox) count() int { i.mu.Lock(); defer i.mu.Unlock(); return len(i.got) }

// own connects our durable session and subscribes.
func own(t *testing.T, b *Broker) *inbox {
	t.Helper()
	i := &inbox{}
	user, password := b.Internal()
	i.mqtt = connect(t, b, b.ClientID(), user, password, func(o *mqtt.ClientOptions) {
		o.SetCleanSession(false).SetDefaultPublishHandler(func(_ mqtt.Client, m mqtt.Message) {
			i.mu.Lock()
			defer i.mu.Unlock()
			i.got = append(i.got, m.Topic())
		})
	})
	if token := i.mqtt.Subscribe("ward/v1/+/+/+", 1, nil); !token.WaitTimeout(5*time.Second) || token.Error() != nil {
		t.Fatalf("subscribe: %v", token.Error())
	}
	return i
}

func dial(b *Broker, id, user, password string, change func(*mqtt.ClientOptions)) (mqtt.Client, error) {
	o := mqtt.NewClientOptions().AddBroker(b.URL()).SetClientID(id).SetUsername(user).SetPassword(password)
	o.SetProtocolVersion(4).SetAutoReconnect(false).SetTLSConfig(b.ClientTLS())
	if change != nil {
		change(o)
	}
	c := mqtt.NewClient(o)
	token := c.Connect()
	token.Wait()
	return c, token.Error()
}

func connect(t *testing.T, b *Broker, id, user, password string, change func(*mqtt.ClientOptions)) mqtt.Client {
	t.Helper()
	c, err := dial(b, id, user, password, change)
	if err != nil {
		t.Fatalf("%s cannot connect: %v", user, err)
	}
	t.Cleanup(func() { c.Disconnect(50) })
	return c
}

// publish sends at QoS 1 and reports whether it was acknowledged.
func publish(c mqtt.Client, topic, payload string, wait time.Duration) bool {
	token := c.Publish(topic, 1, false, payload)
	return token.WaitTimeout(wait) && token.Error() == nil
}

func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(90 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// The store keeps a message only while somebody waits for it. A device let in before our session is
// subscribed would be told that its message is safe when it is gone; so it is not let in.
func TestDevicesWaitForOurSession(t *testing.T) {
	b := start(t, nil)
	if _, err := dial(b, "early", "mon-07", "pw", nil); err == nil {
		t.Fatal("a device was let in before Admit")
	}
	i := own(t, b)
	b.Admit()
	if !publish(connect(t, b, "dev", "mon-07", "pw", nil), "ward/v1/icu/bed07/vitals", "{}", 5*time.Second) {
		t.Fatal("not acknowledged")
	}
	eventually(t, "the message", func() bool { return i.count() == 1 })

	// What the gate is there for: without a subscription an acknowledged message is lost.
	open := start(t, nil)
	open.Admit()
	if !publish(connect(t, open, "dev", "mon-07", "pw", nil), "ward/v1/icu/bed07/vitals", "{}", 5*time.Second) {
		t.Fatal("not acknowledged")
	}
	late := own(t, open)
	connect(t, open, "dev2", "gateway", "pw", nil).Publish("ward/v1/icu/bed08/vitals", 1, false, "{}")
	eventually(t, "the second message", func() bool { return late.count() == 1 })
	if late.got[0] != "ward/v1/icu/bed08/vitals" {
		t.Error("the early message was kept; the gate may not be needed any more")
	}
}

func TestWhoMayConnect(t *testing.T) {
	b := start(t, nil)
	own(t, b)
	b.Admit()
	for _, c := range []struct {
		name, user, password string
		let                  bool
	}{
		{"a device", "mon-07", "pw", true},
		{"a gateway", "gateway", "pw", true},
		{"a wrong password", "mon-07", "guess", false},
		{"no credential", "", "", false},
		{"a revoked credential", "revoked", "pw", false},
		{"a credential for nothing", "nothing", "pw", false},
		{"our own name with a guess", internalUser, "guess", false},
		{"our own name without a password", internalUser, "", false},
	} {
		client, err := dial(b, "x", c.user, c.password, nil)
		if (err == nil) != c.let {
			t.Errorf("%s: %v", c.name, err)
		}
		client.Disconnect(10)
	}
	if got := figure(b, "refused_total"); got != 6-1 {
		// Without a user name the server refuses by itself or we do; either way nobody gets in.
		t.Logf("%v refusals counted", got)
	}
}

// A forbidden publish is acknowledged and dropped by the server. It must be seen all the same.
func TestForbiddenPublishIsDroppedAndCounted(t *testing.T) {
	var log bytes.Buffer
	var mu sync.Mutex
	b := start(t, func(o *Options) { o.Log = slog.New(slog.NewTextHandler(lockedWriter{&mu, &log}, nil)) })
	i := own(t, b)
	b.Admit()
	dev := connect(t, b, "dev", "mon-07", "pw", nil)
	for _, topic := range []string{
		"ward/v1/icu/bed08/vitals", "ward/v1/er/bed07/vitals", "ward/v1/icu/bed07/orders", "ward/v1/icu/bed07", "$MQTT/msgs/x", "$SYS/x",
	} {
		if !publish(dev, topic, "{}", 5*time.Second) {
			t.Fatalf("%s: the connection broke", topic)
		}
	}
	publish(dev, "ward/v1/icu/bed07/status", "{}", 5*time.Second)
	wild := connect(t, b, "wild", "gateway", "pw", nil)
	publish(wild, "ward/v1/er/bed01/vitals", "{}", 5*time.Second)
	publish(wild, "ward/v1/icu/bed01/vitals", "{}", 5*time.Second)
	eventually(t, "the permitted two", func() bool { return i.count() == 2 })
	vs := b.Violations()
	if len(vs) != 2 || vs[0].User != "gateway" || vs[0].Count != 1 || vs[1].User != "mon-07" || vs[1].Count != 6 || vs[0].Subject != "ward.v1.er.bed01.vitals" {
		t.Errorf("violations %+v", vs)
	}
	if figure(b, "violations_total") != 7 {
		t.Errorf("violations_total is %v", figure(b, "violations_total"))
	}
	mu.Lock()
	defer mu.Unlock()
	if n := strings.Count(log.String(), "may not do what it tries"); n != 2 {
		t.Errorf("logged %d times, want once for each credential", n)
	}
	_, secret := b.Internal()
	if strings.Contains(log.String(), secret) || strings.Contains(log.String(), "password") {
		t.Error("the log holds a secret")
	}
}

func TestDevicesMayNotListen(t *testing.T) {
	b := start(t, nil)
	own(t, b)
	b.Admit()
	dev := connect(t, b, "dev", "gateway", "pw", nil)
	for _, filter := range []string{"ward/v1/icu/bed07/vitals", "ward/v1/#", "#", "$SYS/#"} {
		token := dev.Subscribe(filter, 1, nil)
		token.WaitTimeout(5 * time.Second)
		if qos := token.(*mqtt.SubscribeToken).Result()[filter]; qos != 0x80 {
			t.Errorf("%s: subscribed at %#x", filter, qos)
		}
	}
}

// A grant is taken by its letter: a bed called * is no wildcard.
func TestPermissionsKnowNoWildcards(t *testing.T) {
	c, _ := credentials("wild", "pw")
	if p := permissions(c); p != nil {
		t.Errorf("permissions %+v", p.Publish)
	}
	c, _ = credentials("gateway", "pw")
	if p := permissions(c); fmt.Sprint(p.Publish.Allow) != "[ward.v1.icu.*.vitals ward.v1.icu.*.status]" || fmt.Sprint(p.Subscribe.Deny) != "[>]" {
		t.Errorf("permissions %+v %+v", p.Publish, p.Subscribe)
	}
}

func TestKickEndsARevokedConnection(t *testing.T) {
	b := start(t, nil)
	own(t, b)
	b.Admit()
	gone := make(chan struct{})
	connect(t, b, "dev", "mon-07", "pw", func(o *mqtt.ClientOptions) {
		o.SetConnectionLostHandler(func(mqtt.Client, error) { close(gone) })
	})
	other := connect(t, b, "other", "gateway", "pw", nil)
	if n := b.Kick("mon-07"); n != 1 {
		t.Errorf("kicked %d", n)
	}
	<-gone
	if !other.IsConnectionOpen() || b.Kick("mon-07") != 0 {
		t.Error("kicked somebody else")
	}
}

func TestTLS(t *testing.T) {
	cert, key, pool := selfSigned(t)
	b := start(t, func(o *Options) { o.TLSCert, o.TLSKey = cert, key })
	if !strings.HasPrefix(b.URL(), "tls://") {
		t.Errorf("URL %s", b.URL())
	}
	i := own(t, b)
	b.Admit()
	dev := connect(t, b, "dev", "mon-07", "pw", func(o *mqtt.ClientOptions) { o.SetTLSConfig(&tls.Config{RootCAs: pool}) })
	publish(dev, "ward/v1/icu/bed07/vitals", "{}", 5*time.Second)
	eventually(t, "the message", func() bool { return i.count() == 1 })
	if _, err := dial(b, "d2", "mon-07", "pw", func(o *mqtt.ClientOptions) { o.SetTLSConfig(&tls.Config{}) }); err == nil {
		t.Error("an unknown certificate was trusted")
	}
	otherCert, otherKey, _ := selfSigned(t)
	other := start(t, func(o *Options) { o.TLSCert, o.TLSKey = otherCert, otherKey })
	if c, err := tls.Dial("tcp", other.Addr(), b.ClientTLS()); err == nil {
		c.Close()
		t.Error("our session trusts another broker's certificate")
	}
}

func TestStartSaysWhatIsWrong(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, c := range []struct {
		name string
		o    Options
	}{
		{"no folder", Options{Listen: "127.0.0.1:0", Authenticate: credentials}},
		{"no authentication", Options{Listen: "127.0.0.1:0", Dir: t.TempDir()}},
		{"no port", Options{Listen: "127.0.0.1", Dir: t.TempDir(), Authenticate: credentials}},
		{"a port that is taken", Options{Listen: l.Addr().String(), Dir: t.TempDir(), Authenticate: credentials}},
		{"a certificate that is not there", Options{Listen: "127.0.0.1:0", Dir: t.TempDir(), Authenticate: credentials, TLSCert: "no.pem", TLSKey: "no.pem"}},
	} {
		if b, err := Start(c.o); err == nil {
			b.Close()
			t.Errorf("%s: started", c.name)
		}
	}
}

// A device with a long list of connections behind it is still told apart from others.
func TestGuardForgetsEndedConnections(t *testing.T) {
	g := newGuard(credentials)
	g.connections = func() (map[uint64]bool, error) { return map[uint64]bool{5000: true}, nil }
	for id := range uint64(5001) {
		g.remember(id, fmt.Sprint("user-", id%7))
	}
	if len(g.users) > 2100 || g.users[5000] == "" {
		t.Errorf("%d connections remembered", len(g.users))
	}
}

func TestViolationIsReadFromTheServersWords(t *testing.T) {
	for _, c := range []struct {
		text, subject string
		id            uint64
		ok            bool
	}{
		{`127.0.0.1:4000 - mid:12 - "dev" - Publish Violation - Subject "ward.v1.A.1.vitals"`, "ward.v1.A.1.vitals", 12, true},
		{`[::1]:4000 - mid:7 - "dev" - Subscription Violation - Subject "ward.>", SID ward.>`, "ward.>", 7, true},
		{`Publish Violation - Subject "x"`, "x", 0, true},
		{`127.0.0.1:4000 - mid:12 - "dev" - maximum payload exceeded`, "", 0, false},
	} {
		if id, subject, ok := violation(c.text); id != c.id || subject != c.subject || ok != c.ok {
			t.Errorf("%s: %d %q %v", c.text, id, subject, ok)
		}
	}
}

func FuzzViolation(f *testing.F) {
	f.Add(`127.0.0.1:4000 - mid:12 - "dev" - Publish Violation - Subject "ward.v1.A.1.vitals"`)
	f.Fuzz(func(t *testing.T, text string) { violation(text) })
}

func figure(b *Broker, name string) float64 {
	for _, f := range b.Figures() {
		if f.Name == "wardwatch_broker_"+name {
			return f.Value
		}
	}
	return -1
}

type lockedWriter struct {
	mu *sync.Mutex
	b  *bytes.Buffer
}

func (w lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

// selfSigned makes a certificate for 127.0.0.1.
func selfSigned(t *testing.T) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for file, text := range map[string][]byte{certFile: certPEM, keyFile: pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: raw})} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(certPEM)
	return certFile, keyFile, pool
}
