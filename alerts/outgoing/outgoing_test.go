package outgoing

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "127.9.8.7": true, "::1": true, "::ffff:127.0.0.1": true,
		"": false, "0.0.0.0": false, "::": false, "10.0.0.1": false, "localhost.example.vn": false, "127.0.0.1.example.vn": false,
	} {
		if Loopback(host) != want {
			t.Errorf("%q: got %v", host, !want)
		}
	}
}

func get(o Options, address string) error {
	o.Timeout = time.Second
	c := Client(o)
	defer c.CloseIdleConnections()
	resp, err := c.Get(address)
	if err == nil {
		resp.Body.Close()
	}
	return err
}

// TestSimulationStaysHere: even when a name resolves to another machine, a simulation connects to
// nobody there, and no proxy does it for us.
func TestSimulationStaysHere(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the proxy was asked") }))
	defer proxy.Close()
	through, _ := url.Parse(proxy.URL)
	for _, address := range []string{"http://192.0.2.1/", "http://[2001:db8::1]/", "http://0.0.0.0:9/"} {
		if err := get(Options{Simulation: true, Proxy: through}, address); !errors.Is(err, ErrNotLoopback) {
			t.Errorf("%s: got %v", address, err)
		}
	}
}

// TestOnlyWhereConfigured: a redirect is an answer, and a proxy is used where one is configured, not
// where the environment names one.
func TestOnlyWhereConfigured(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer elsewhere.Close()
	here := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer here.Close()
	if err := get(Options{}, here.URL); err != nil {
		t.Error(err)
	}
	if Client(Options{}).Transport.(*http.Transport).Proxy != nil {
		t.Error("a proxy that nobody configured would see the notice")
	}
	asked := false
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer proxy.Close()
	through, _ := url.Parse(proxy.URL)
	if err := get(Options{Proxy: through}, "http://gateway.invalid/"); err != nil || !asked {
		t.Errorf("the configured proxy was not used: %v", err)
	}
}

// TestPlain: what happened is said, and where to is not.
func TestPlain(t *testing.T) {
	quiet := log.New(io.Discard, "", 0)
	closed := httptest.NewServer(nil)
	closed.Close()
	breaking := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer breaking.Close()
	breaking.Config.ErrorLog = quiet
	untrusted := httptest.NewUnstartedServer(nil)
	untrusted.Config.ErrorLog = quiet
	untrusted.StartTLS()
	defer untrusted.Close()
	old := httptest.NewUnstartedServer(nil)
	old.Config.ErrorLog = quiet
	old.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	old.StartTLS()
	defer old.Close()
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer slow.Close()
	defer close(release)
	cases := []struct {
		what, address, want string
		wait                time.Duration
	}{
		{"nobody listens", closed.URL, "refused", 10 * time.Second},
		{"it hangs up", breaking.URL, "broke off", 10 * time.Second},
		{"nobody signed its certificate", untrusted.URL, "certificate", 10 * time.Second},
		{"its certificate is for another name", strings.Replace(untrusted.URL, "127.0.0.1", "localhost", 1), "certificate", 10 * time.Second},
		{"it speaks an old TLS", old.URL, "TLS", 10 * time.Second},
		{"it speaks no TLS", strings.Replace(breaking.URL, "http:", "https:", 1), "TLS", 10 * time.Second},
		{"it is slow", slow.URL, "in time", 50 * time.Millisecond},
		{"nobody has its name", "http://gateway.invalid/", "name", 10 * time.Second},
	}
	for _, c := range cases {
		t.Run(c.what, func(t *testing.T) {
			client := Client(Options{Timeout: c.wait})
			defer client.CloseIdleConnections()
			resp, err := client.Get(c.address + "/token-in-path")
			if err == nil {
				resp.Body.Close()
				t.Fatal("there was an answer")
			}
			got := Plain(err).Error()
			if !strings.Contains(got, c.want) {
				t.Errorf("%q does not speak of %q: %v", got, c.want, err)
			}
			for _, address := range []string{"token-in-path", "127.0.0.1", "gateway", "http"} {
				if strings.Contains(got, address) {
					t.Errorf("%q holds %q", got, address)
				}
			}
		})
	}
}

// FuzzRetryAfter: whatever a receiver answers, the wait is never negative and never absurd.
func FuzzRetryAfter(f *testing.F) {
	for _, v := range []string{"", "7", "-1", "Sat, 21 Nov 2026 08:00:30 GMT", "9999999999"} {
		f.Add(v)
	}
	now := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, v string) {
		if d := RetryAfter(v, now); d < 0 || d > 24*time.Hour {
			t.Errorf("%q: %v", v, d)
		}
	})
}
