package dashboard

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"wardwatch/dashboard/live"
	"wardwatch/dashboard/signin"
	"wardwatch/ward"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// clock is a time that only a test moves.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// house is a real server on a loopback port with everything behind it faked.
type house struct {
	t         testing.TB
	s         *Server
	book      *fakeBook
	imaging   *fakeImaging
	duty      *fakeDuty
	channels  *fakeChannels
	live      *live.Live
	clock     *clock
	base      string
	log       *lockedBuffer
	submitted chan []ward.Reading
	client    *http.Client
}

// narrow gives connections small buffers, so that a reader which stops is soon felt.
type narrow struct{ net.Listener }

func (n narrow) Accept() (net.Conn, error) {
	c, err := n.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		err = tcp.SetWriteBuffer(4096)
	}
	return c, err
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

var everyAccess = []ward.Access{ward.AccessNurse, ward.AccessCharge, ward.AccessDoctor, ward.AccessEngineer, ward.AccessAdmin, ward.AccessDisplay}

// open starts a house; edit changes its options.
func open(t testing.TB, edit func(*Options)) *house {
	t.Helper()
	h := &house{t: t, clock: &clock{t: noon}, log: &lockedBuffer{}, submitted: make(chan []ward.Reading, 8)}
	h.book = newFakeBook(h.clock.now)
	h.imaging = newFakeImaging(h.book)
	h.duty = newFakeDuty(h.book)
	h.channels = &fakeChannels{}
	for _, a := range everyAccess {
		h.book.people[ward.PersonID("p-"+a)] = ward.Person{ID: ward.PersonID("p-" + a), Login: string(a), Name: "Tên " + string(a), Access: a, Lang: "vi"}
	}
	h.book.people["p-elsewhere"] = ward.Person{ID: "p-elsewhere", Login: "elsewhere", Access: ward.AccessDoctor, Wards: []ward.WardID{"er"}, Lang: "vi"}
	h.admit("s1", "1", "Nguyễn Văn", "An")
	h.book.alerts["A1"] = ward.Alert{ID: "A1", Place: ward.Place{Ward: "icu", Bed: "1"}, Stay: "s1", Kind: ward.Clinical, State: ward.Active, Band: ward.High, Points: 8,
		Causes: []ward.Cause{{Code: "news2", Band: ward.High, Told: ward.High, Since: noon}}, Duties: []ward.Duty{{Role: ward.RoleNurse, Told: noon}}, Raised: noon, Version: 1}
	h.book.alerts["T1"] = ward.Alert{ID: "T1", Place: ward.Place{Ward: "icu", Bed: "2"}, Kind: ward.Technical, State: ward.Active, Version: 1}
	h.book.alerts["C1"] = ward.Alert{ID: "C1", Place: ward.Place{Ward: "icu", Bed: "2"}, Kind: ward.Clinical, State: ward.Candidate, Version: 1}
	pace := time.Millisecond
	if _, measuring := t.(*testing.B); measuring {
		pace = live.DefaultPace
	}
	h.live = live.New(live.Options{Now: h.clock.now, Version: "v1", Pace: pace})
	o := Options{
		Now: h.clock.now, Log: slog.New(slog.NewJSONHandler(h.log, nil)), Version: "v1",
		Live: h.live, Book: h.book, Desk: fakeDesk{h.book}, Trends: fakeTrends{}, Models: newFakeModels(h.book), Imaging: h.imaging,
		Duty: h.duty, Evidence: fakeEvidence{}, Channels: h.channels, Digest: fakeDigest, OpenLink: fakeLinks, PushKey: "BPushKey",
		Submit: func(_ context.Context, rs []ward.Reading) error { h.submitted <- rs; return nil },
		Web: fstest.MapFS{
			"index.html":         {Data: []byte("<!doctype html><script type=module src=/assets/app-1a2b.js></script>")},
			"assets/app-1a2b.js": {Data: bytes.Repeat([]byte("let a=1;"), 100)},
			"sw.js":              {Data: []byte("self.onpush=()=>{}")},

			"manifest.webmanifest": {Data: []byte(`{"name":"Wardwatch"}`)},
		},
		Vitals: []byte(`{"type":"object"}`),
	}
	if edit != nil {
		edit(&o)
	}
	var err error
	if h.s, err = New(o); err != nil {
		t.Fatal(err)
	}
	if err := h.s.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h.base = "http://" + ln.Addr().String()
	done := make(chan error, 1)
	go func() { done <- h.s.Serve(narrow{ln}) }()
	h.client = &http.Client{Transport: &http.Transport{}}
	t.Cleanup(func() {
		h.client.CloseIdleConnections()
		if err := h.s.Shutdown(context.Background()); err != nil {
			t.Errorf("stopping: %v", err)
		}
		if err := <-done; err != nil {
			t.Errorf("serving: %v", err)
		}
		h.live.Close()
	})
	return h
}

func (h *house) admit(id ward.StayID, bed ward.BedID, family, given string) {
	s := ward.Stay{ID: id, HospitalID: "BN-SECRET-" + string(id), FamilyName: family, GivenName: given, BirthDate: time.Date(1950, 1, 2, 0, 0, 0, 0, time.UTC),
		Place: ward.Place{Ward: "icu", Bed: bed}, Admitted: noon.Add(-2 * time.Hour)}
	h.book.stays[id] = s
	h.book.lyings[id] = []ward.Lying{{Stay: id, Place: s.Place, From: s.Admitted}}
}

// ask is one request to make.
type ask struct {
	method, path string
	as           ward.PersonID // opens a session
	cookie       string        // instead of as
	token        string
	csrf         string // "-": none; empty: the right one
	kind         string
	body         string
	header       map[string]string
	host         string
}

type answer struct {
	status int
	body   string
	head   http.Header
}

func (h *house) do(a ask) answer {
	h.t.Helper()
	req, err := http.NewRequest(a.method, h.base+a.path, strings.NewReader(a.body))
	if err != nil {
		h.t.Fatal(err)
	}
	if a.as != "" {
		a.cookie = h.book.enter(a.as)
	}
	if a.cookie != "" {
		req.AddCookie(&http.Cookie{Name: "wardwatch", Value: a.cookie})
		switch a.csrf {
		case "":
			req.Header.Set(csrfHeader, signin.Identity{Session: a.cookie}.CSRF())
		case "-":
		default:
			req.Header.Set(csrfHeader, a.csrf)
		}
	}
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	if a.kind == "" {
		a.kind = "application/json"
	}
	if a.body != "" {
		req.Header.Set("Content-Type", a.kind)
	}
	for k, v := range a.header {
		req.Header.Set(k, v)
	}
	if a.host != "" {
		req.Host = a.host
	}
	res, err := h.client.Do(req)
	if len(a.body) > maxBody && (errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)) {
		return answer{status: http.StatusRequestEntityTooLarge} // refused by its head, while we were still sending
	}
	if err != nil {
		h.t.Fatalf("%s %s: %v", a.method, a.path, err)
	}
	defer res.Body.Close()
	if res.Header.Get("Content-Type") == "text/event-stream" { // never ends
		return answer{res.StatusCode, "", res.Header}
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatalf("%s %s: %v", a.method, a.path, err)
	}
	return answer{res.StatusCode, string(body), res.Header}
}

func decode[T any](t testing.TB, a answer) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	return v
}
