package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wardwatch/alerts"
	"wardwatch/alerts/outgoing"
	"wardwatch/ward"
)

const secret = "0123456789abcdef0123456789abcdef"

func notice() ward.Notice {
	made := time.Date(2026, 11, 21, 8, 2, 0, 0, time.UTC)
	return ward.Notice{
		ID: "N1", Alert: "A1", Place: ward.Place{Ward: "hstc", Bed: "12A"}, Kind: ward.Clinical, Band: ward.High,
		Level: 2, Role: ward.RoleDoctor, Channel: "webhook", Made: made, Due: made, Expires: made.Add(2 * time.Minute),
	}
}

func link(n ward.Notice) string { return "https://ward.example.vn/a/" + string(n.ID) }

func sender(t *testing.T, o Options) *Sender {
	t.Helper()
	if o.Secret == nil {
		o.Secret = []byte(secret)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.client.CloseIdleConnections)
	return s
}

// TestPost checks what a receiver gets.
func TestPost(t *testing.T) {
	var header http.Header
	var body []byte
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		header, body = r.Header, nil
		body, _ = io.ReadAll(r.Body)
	}))
	defer receiver.Close()
	s := sender(t, Options{URL: receiver.URL + "/hook", Link: link, Simulation: true})
	n := notice()
	n.To, n.How = "P7", ward.HeldByRoster
	if err := s.Send(context.Background(), n); err != nil {
		t.Fatal(err)
	}
	if header.Get(IdempotencyHeader) != "N1" {
		t.Errorf("idempotency key %q", header.Get(IdempotencyHeader))
	}
	var got map[string]any
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"notice": "N1", "alert": "A1", "ward": "hstc", "bed": "12A", "kind": "clinical", "band": "high", "level": 2.0,
		"role": "doctor_on_duty", "made": "2026-11-21T08:02:00Z", "expires": "2026-11-21T08:04:00Z",
		"why": "alert", "to": "P7", "how": "roster",
		"link": "https://ward.example.vn/a/N1", "simulation": true,
		"text_vi": "MÔ PHỎNG · Cảnh báo · nguy cơ cao · khoa hstc · giường 12A · bậc báo 2",
		"text_en": "SIMULATION · Alert · high risk · ward hstc · bed 12A · level 2",
	}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s is %v, want %v", k, got[k], v)
		}
	}
	for k := range got {
		if _, known := want[k]; !known {
			t.Errorf("the payload carries %q, which is not in its contract", k)
		}
	}
}

// TestAnswers: which answers are delivered, tried again, or final.
func TestAnswers(t *testing.T) {
	now := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	cases := []struct {
		code  int
		after string
		want  string
		wait  time.Duration
	}{
		{200, "", "delivered", 0}, {202, "", "delivered", 0}, {204, "", "delivered", 0},
		{301, "", "final", 0}, {302, "", "final", 0}, {307, "", "final", 0},
		{400, "", "final", 0}, {401, "", "final", 0}, {404, "", "final", 0}, {410, "", "final", 0}, {413, "", "final", 0},
		{408, "", "again", 0}, {425, "", "again", 0}, {500, "", "again", 0}, {502, "", "again", 0}, {504, "", "again", 0},
		{429, "7", "again", 7 * time.Second},
		{503, "Sat, 21 Nov 2026 08:00:30 GMT", "again", 30 * time.Second},
		{503, "Sat, 21 Nov 2026 07:00:00 GMT", "again", 0},
		{503, "-5", "again", 0}, {503, "soon", "again", 0}, {503, "99999999999999999999", "again", 0},
	}
	for _, c := range cases {
		t.Run(http.StatusText(c.code)+" "+c.after, func(t *testing.T) {
			var hits atomic.Int32
			receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				hits.Add(1)
				w.Header().Set("Retry-After", c.after)
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(c.code)
			}))
			defer receiver.Close()
			err := sender(t, Options{URL: receiver.URL, Now: func() time.Time { return now }}).Send(context.Background(), notice())
			got, wait := "delivered", time.Duration(0)
			var e *alerts.SendError
			if errors.As(err, &e) {
				got, wait = "again", e.RetryAfter
				if e.Permanent {
					got = "final"
				}
			}
			if got != c.want || wait != c.wait || hits.Load() != 1 {
				t.Errorf("%s, wait %v, %d requests; want %s, wait %v, 1 request", got, wait, hits.Load(), c.want, c.wait)
			}
		})
	}
}

// TestNoAnswer: a receiver that is away, hangs or breaks off is tried again, and the error that is
// stored holds no address.
func TestNoAnswer(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	release := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer hanging.Close()
	defer close(release)
	breaking := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer breaking.Close()
	untrusted := httptest.NewUnstartedServer(nil)
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	defer untrusted.Close()
	for name, url := range map[string]string{"refused": closed.URL, "hanging": hanging.URL, "breaks off": breaking.URL, "untrusted certificate": untrusted.URL} {
		t.Run(name, func(t *testing.T) {
			err := sender(t, Options{URL: url + "/token-in-path", Timeout: 50 * time.Millisecond}).Send(context.Background(), notice())
			var e *alerts.SendError
			if !errors.As(err, &e) || e.Permanent {
				t.Fatalf("got %v", err)
			}
			if strings.Contains(err.Error(), "token-in-path") || strings.Contains(err.Error(), "127.0.0.1") {
				t.Errorf("the error holds the address: %v", err)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	cases := []struct {
		name string
		o    Options
	}{
		{"no address", Options{}},
		{"another scheme", Options{URL: "ftp://127.0.0.1/"}},
		{"a password in the address", Options{URL: "http://u:p@127.0.0.1/"}},
		{"a short secret", Options{URL: "http://127.0.0.1/", Secret: []byte("short")}},
		{"a simulation to another host", Options{URL: "https://pager.example.vn/", Simulation: true}},
		{"a simulation to a look-alike", Options{URL: "https://127.0.0.1.example.vn/", Simulation: true}},
		{"a simulation to any address", Options{URL: "http://0.0.0.0/", Simulation: true}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.o.Secret == nil {
				c.o.Secret = []byte(secret)
			}
			var e *ward.Error
			if _, err := New(c.o); !errors.As(err, &e) || e.Hint == "" {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestSimulationStaysHere: even when the name resolves to another machine, a simulation connects
// to nobody there.
func TestSimulationStaysHere(t *testing.T) {
	s := sender(t, Options{URL: "http://localhost:9/", Simulation: true})
	for _, address := range []string{"http://192.0.2.1/", "http://[2001:db8::1]/"} {
		s.o.URL = address // as if the name had resolved so
		err := s.Send(context.Background(), notice())
		var e *alerts.SendError
		if !errors.As(err, &e) || !e.Permanent || !errors.Is(err, outgoing.ErrNotLoopback) {
			t.Errorf("%s: got %v", address, err)
		}
	}
}

// A notice is never given to a proxy that the environment names.
func TestNoProxy(t *testing.T) {
	s := sender(t, Options{URL: "http://127.0.0.1:9/"})
	if s.client.Transport.(*http.Transport).Proxy != nil {
		t.Error("a proxy would see the notice")
	}
}
