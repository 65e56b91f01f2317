package ntfy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"wardwatch/alerts"
	"wardwatch/alerts/outgoing"
)

const taken = `{"id":"hwQ2YpKdmg6c","time":1635528741,"event":"message","topic":"hstc-doctor_on_duty","message":"x"}`

func verdict(err error) string {
	var e *alerts.SendError
	switch {
	case err == nil:
		return "delivered"
	case errors.As(err, &e) && e.Permanent:
		return "final"
	}
	return "again"
}

// TestAnswers: which answers are delivered, tried again, or final.
func TestAnswers(t *testing.T) {
	cases := []struct {
		code              int
		after, body, want string
		wait              time.Duration
		says              string
	}{
		{200, "", taken, "delivered", 0, ""}, {200, "", taken + "\n", "delivered", 0, ""},
		{200, "", "<html>Please sign in to the hospital's Wi-Fi</html>", "final", 0, "not an ntfy server"},
		{200, "", `{"ok":true}`, "final", 0, "not an ntfy server"}, {200, "", `[]`, "final", 0, "not an ntfy server"}, {200, "", "", "final", 0, "not an ntfy server"},
		{200, "", strings.Replace(taken, "hstc", "noi", 1), "final", 0, "not an ntfy server"},
		{200, "", strings.Replace(taken, `"message","topic"`, `"open","topic"`, 1), "final", 0, "not an ntfy server"},
		{204, "", "", "final", 0, "204"}, {301, "", "", "final", 0, "final address"}, {307, "", "", "final", 0, "final address"},
		{400, "", `{"code":40009,"http":400,"error":"secret-topic"}`, "final", 0, "400"},
		{401, "", "", "final", 0, "token"}, {403, "", "", "final", 0, "token"}, {404, "", "", "final", 0, "404"},
		{413, "", "", "final", 0, "too long"}, {507, "", "", "final", 0, "no device"},
		{408, "", "", "again", 0, "408"}, {425, "", "", "again", 0, "425"}, {429, "7", "", "again", 7 * time.Second, "429"}, {429, "", "", "again", 0, "429"},
		{500, "", "", "again", 0, "500"}, {502, "", "", "again", 0, "502"}, {503, "Sun, 22 Nov 2026 05:00:30 GMT", "", "again", 30 * time.Second, "503"},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.code, " ", c.after, c.body), func(t *testing.T) {
			hits := 0
			at := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				hits++
				w.Header().Set("Retry-After", c.after)
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(c.code)
				io.WriteString(w, c.body)
			}))
			defer at.Close()
			err := sender(t, Options{URL: at.URL, Token: token}).Send(context.Background(), notice())
			if got := verdict(err); got != c.want || hits != 1 {
				t.Fatalf("%s (%v), %d requests; want %s, 1 request", got, err, hits, c.want)
			}
			if err == nil {
				return
			}
			var e *alerts.SendError
			if errors.As(err, &e); e.RetryAfter != c.wait || !strings.Contains(err.Error(), c.says) {
				t.Errorf("wait %v, says %q; want %v, %q", e.RetryAfter, err, c.wait, c.says)
			}
			keepsQuiet(t, err, at.URL)
		})
	}
}

// keepsQuiet: what is stored and logged shows no address, topic or token.
func keepsQuiet(t *testing.T, err error, address string) {
	t.Helper()
	u, _ := url.Parse(address)
	for _, part := range []string{u.Host, u.Hostname(), "secret-topic", "hstc", token} {
		if strings.Contains(err.Error(), part) {
			t.Errorf("the error holds an address: %v", err)
		}
	}
}

// TestNoAnswer: a server that is away, hangs, breaks off, is not trusted or talks nonsense is tried again.
func TestNoAnswer(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	release := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer hanging.Close()
	halfway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(taken)))
		io.WriteString(w, taken[:20])
		w.(http.Flusher).Flush()
		<-release
	}))
	defer halfway.Close()
	defer close(release)
	breaking := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer breaking.Close()
	cut := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(taken)))
		io.WriteString(w, taken[:20])
		panic(http.ErrAbortHandler)
	}))
	defer cut.Close()
	untrusted := httptest.NewUnstartedServer(nil)
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	defer untrusted.Close()
	garbage, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer garbage.Close()
	go func() {
		for {
			c, err := garbage.Accept()
			if err != nil {
				return
			}
			io.WriteString(c, "+OK gpsd ready\r\n")
			c.Close()
		}
	}()
	for name, at := range map[string]string{
		"refused": closed.URL, "hanging": hanging.URL, "hanging in the answer": halfway.URL, "breaks off": breaking.URL, "breaks off in the answer": cut.URL,
		"a certificate nobody signed": untrusted.URL, "nonsense": "http://" + garbage.Addr().String(),
	} {
		t.Run(name, func(t *testing.T) {
			s := sender(t, Options{URL: at, Token: token})
			ctx := context.Background()
			if strings.HasPrefix(name, "hanging") {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, 50*time.Millisecond)
				defer cancel()
			}
			err := s.Send(ctx, notice())
			if verdict(err) != "again" {
				t.Fatalf("got %v", err)
			}
			keepsQuiet(t, err, at)
			if err := s.Check(ctx); err == nil {
				t.Error("and it is found well")
			}
		})
	}
}

// An answer that never ends is read so far and no further.
func TestEndlessAnswer(t *testing.T) {
	ended := make(chan struct{})
	at := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		for {
			if _, err := w.Write(make([]byte, 4096)); err != nil {
				return
			}
		}
	}))
	defer at.Close()
	if err := sender(t, Options{URL: at.URL}).Send(context.Background(), notice()); verdict(err) != "final" {
		t.Errorf("got %v", err)
	}
	<-ended
}

// A simulation that is led elsewhere by a name connects to nobody there.
func TestSimulationStaysHere(t *testing.T) {
	s := sender(t, Options{URL: "http://localhost:9/", Simulation: true})
	s.o.URL = "http://192.0.2.1" // as if the name had resolved so
	if err := s.Send(context.Background(), notice()); verdict(err) != "final" || !errors.Is(err, outgoing.ErrNotLoopback) {
		t.Errorf("got %v", err)
	}
}

func TestNoProxyOfTheEnvironment(t *testing.T) {
	if sender(t, Options{URL: "https://ntfy.benhvien.vn"}).http.Transport.(*http.Transport).Proxy != nil {
		t.Error("a proxy that nobody configured would see the notices")
	}
}
