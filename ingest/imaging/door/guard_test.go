package door

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhoMayEnter(t *testing.T) {
	for _, c := range []struct {
		name, path, auth string
		status           int
	}{
		{"a token", "/dicom-web/studies", "Bearer xray-token", 415},
		{"a token, as some write it", "/dicom-web/studies", "bearer xray-token", 415},
		{"user and password", "/dicom-web/studies", "Basic eHJheTp4cmF5LXBhc3N3b3Jk", 415},
		{"the token as a password", "/dicom-web/studies", "Basic eHJheTp4cmF5LXRva2Vu", 401},
		{"the password as a token", "/dicom-web/studies", "Bearer xray:xray-password", 401},
		{"nothing", "/dicom-web/studies", "", 401},
		{"an empty token", "/dicom-web/studies", "Bearer ", 401},
		{"an empty user and password", "/dicom-web/studies", "Basic Og==", 401},
		{"another token", "/dicom-web/studies", "Bearer xray-token2", 401},
		{"a source of another kind", "/dicom-web/studies", "Bearer ris-token", 403},
		{"pictures where reports go", "/fhir", "Bearer xray-token", 403},
		{"an address that there is not", "/dicom-web/wado", "Bearer xray-token", 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			got := b.post(c.path, "text/plain", strings.NewReader("x"), "Authorization: "+c.auth)
			if got.status != c.status {
				t.Errorf("HTTP %d: %s", got.status, got.body)
			}
			if c.status == 401 && got.header.Get("WWW-Authenticate") == "" {
				t.Error("it does not say how to authenticate")
			}
		})
	}
}

func TestHealthNeedsNoToken(t *testing.T) {
	b := newBench(t)
	r, _ := http.NewRequest(http.MethodGet, b.server.URL+"/healthz", nil)
	if got := b.do(r); got.status != 200 {
		t.Errorf("HTTP %d", got.status)
	}
}

// One source may not hold all places, and all together no more than there are. A sender over that is told
// to come again.
func TestUploadsAtTheSameTime(t *testing.T) {
	b := newBench(t, func(o *Options) {
		o.Uploads = 2
		another := o.Sources[0]
		another.Name, another.Token, another.User = "another", "another-token", ""
		o.Sources = append(o.Sources, another)
	})
	release := b.hold("xray-token", 1)
	got := b.post("/dicom-web/studies", multipartType, parts(picture(1)), xray)
	if got.status != 429 || got.header.Get("Retry-After") == "" {
		t.Errorf("a second upload of the source: HTTP %d", got.status)
	}
	releaseAnother := b.hold("another-token", 2)
	if got := b.post("/fhir/Observation", fhirType, strings.NewReader(observation), ris); got.status != 503 || got.header.Get("Retry-After") == "" {
		t.Errorf("a third upload of all: HTTP %d", got.status)
	}
	release()
	releaseAnother()
	if got := b.post("/dicom-web/studies", multipartType, parts(picture(1)), xray); got.status != 200 {
		t.Errorf("afterwards: HTTP %d", got.status)
	}
}

// hold begins an upload, the nth at the same time, and keeps it going until release.
func (b *bench) hold(token string, nth int) (release func()) {
	b.t.Helper()
	r, w := io.Pipe()
	req, _ := http.NewRequest(http.MethodPost, b.server.URL+"/dicom-web/studies", r)
	req.Header.Set("Content-Type", multipartType)
	req.Header.Set("Authorization", "Bearer "+token)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
		}
	}()
	io.WriteString(w, "--frontier\r\n")
	for len(b.slots) < nth { // the server has it once it holds a place
		runtime.Gosched()
	}
	return func() { w.Close(); <-done }
}

// The pace of a body: what comes at the least rate is waited for, a drip is not, and time that we need
// ourselves does not count.
func TestPace(t *testing.T) {
	for _, c := range []struct {
		name  string
		bytes int
		every time.Duration
		ours  time.Duration // spent by us after each read
		total int
		stall bool // afterwards nothing comes, and the line stays open
		ends  bool
	}{
		{name: "at once", bytes: 1 << 20, total: 8 << 20},
		{name: "at the least rate", bytes: 16 << 10, every: time.Second, total: 4 << 20},
		{name: "a byte a second", bytes: 1, every: time.Second, total: 1 << 20, ends: true},
		{name: "half the least rate", bytes: 8 << 10, every: time.Second, total: 4 << 20, ends: true},
		{name: "much at once, then nothing", bytes: 1 << 20, total: 64 << 20, stall: true, ends: true},
		{name: "our disk is slow", bytes: 64 << 10, every: time.Second, ours: time.Minute, total: 1 << 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				near, far := net.Pipe()
				var sender sync.WaitGroup
				began := time.Now()
				sender.Go(func() {
					defer far.Close()
					drip(far, c.bytes, c.every, c.total)
					if c.stall {
						time.Sleep(time.Hour)
					}
				})
				defer sender.Wait()
				defer near.Close()
				p := &paced{body: near, control: http.NewResponseController(deadlines{near}), left: grace}
				b, err := make([]byte, 64<<10), error(nil)
				for err == nil {
					_, err = p.Read(b)
					time.Sleep(c.ours)
				}
				if slow(err) != c.ends || c.stall && time.Since(began) > 2*grace {
					t.Errorf("after %v: %v", time.Since(began), err)
				}
			})
		})
	}
}

func drip(w net.Conn, bytes int, every time.Duration, total int) {
	for b := make([]byte, bytes); total > 0; total -= bytes {
		time.Sleep(every)
		if _, err := w.Write(b); err != nil {
			return
		}
	}
}

// deadlines is as much of a ResponseWriter as the pace needs.
type deadlines struct{ conn net.Conn }

func (d deadlines) Header() http.Header               { return nil }
func (d deadlines) Write([]byte) (int, error)         { return 0, nil }
func (d deadlines) WriteHeader(int)                   {}
func (d deadlines) SetReadDeadline(t time.Time) error { return d.conn.SetReadDeadline(t) }

func TestServe(t *testing.T) {
	b := newBench(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- b.Serve(ctx, l) }()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "200") {
		t.Errorf("%q %v", line, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A connection over the bound waits until another one ends.
func TestConnectionsAreBounded(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	in := &bounded{Listener: l, slots: make(chan struct{}, 1)}
	for range 2 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	first, err := in.Accept()
	if err != nil {
		t.Fatal(err)
	}
	second := make(chan net.Conn)
	go func() { c, _ := in.Accept(); second <- c }()
	select {
	case <-second:
		t.Fatal("one too many was taken in")
	default:
	}
	first.Close()
	first.Close() // gives its place back once
	c := <-second
	if len(in.slots) != 1 {
		t.Errorf("%d places are taken by one", len(in.slots))
	}
	c.Close()
}

func TestFiguresAndTheUnknown(t *testing.T) {
	b := newBench(t)
	b.post("/fhir", fhirType, strings.NewReader("{}"))
	b.post("/fhir", fhirType, strings.NewReader("{}"), xray)
	counted := map[string]float64{}
	for _, f := range b.Figures() {
		counted[f.Of] = f.Value
	}
	if counted["unauthorised"] != 1 || counted["forbidden"] != 1 {
		t.Errorf("%v", counted)
	}
}
