package webpush

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

// answerByPath answers with the code that the path ends in.
func answerByPath(w http.ResponseWriter, r *http.Request) {
	code, _ := strconv.Atoi(r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:])
	w.Header().Set("Location", "/201")
	w.WriteHeader(code)
}

// TestAnswers: which answers are delivered, tried again, final, or mean that the subscription is void.
func TestAnswers(t *testing.T) {
	cases := []struct {
		code  int
		after string
		want  string
		wait  time.Duration
		says  string
	}{
		{200, "", "delivered", 0, ""}, {201, "", "delivered", 0, ""}, {202, "", "delivered", 0, ""},
		{204, "", "final", 0, "204"},
		{301, "", "final", 0, "not followed"}, {302, "", "final", 0, "not followed"}, {307, "", "final", 0, "not followed"}, {308, "", "final", 0, "not followed"},
		{400, "", "final", 0, "VAPID"}, {401, "", "final", 0, "VAPID"}, {403, "", "final", 0, "VAPID"},
		{404, "", "nobody", 0, ""}, {410, "", "nobody", 0, ""},
		{413, "", "final", 0, "too long"}, {405, "", "final", 0, "405"},
		{408, "", "again", 0, "408"}, {425, "", "again", 0, "425"},
		{429, "7", "again", 7 * time.Second, "429"}, {429, "", "again", 0, "429"}, {429, "soon", "again", 0, "429"},
		{500, "", "again", 0, "500"}, {502, "", "again", 0, "502"},
		{503, "Sun, 22 Nov 2026 05:00:30 GMT", "again", 30 * time.Second, "503"},
	}
	for _, c := range cases {
		t.Run(strconv.Itoa(c.code)+" "+c.after, func(t *testing.T) {
			push := newService(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Retry-After", c.after)
				answerByPath(w, r)
			})
			b := &book{contacts: []ward.Contact{phone(t, "1", push.URL+"/secret-subscription/"+strconv.Itoa(c.code))}}
			err := sender(t, b, func(o *Options) { o.Roots = push.roots() }).Send(context.Background(), notice())
			if got := verdict(err); got != c.want || len(push.got()) != 1 {
				t.Fatalf("%s (%v), %d requests; want %s, 1 request", got, err, len(push.got()), c.want)
			}
			if err == nil {
				return
			}
			if e := failure(t, err); e.RetryAfter != c.wait || !strings.Contains(err.Error(), c.says) {
				t.Errorf("wait %v, says %q; want %v, %q", e.RetryAfter, err, c.wait, c.says)
			}
			keepsQuiet(t, err, push.URL)
		})
	}
}

// keepsQuiet: what is stored and logged shows no part of the endpoint.
func keepsQuiet(t *testing.T, err error, endpoint string) {
	t.Helper()
	u, _ := url.Parse(endpoint)
	for _, part := range []string{"secret-subscription", u.Host, u.Hostname(), u.Port()} {
		if part != "" && strings.Contains(err.Error(), part) {
			t.Errorf("the error holds the endpoint: %v", err)
		}
	}
}

// TestNoAnswer: a push service that is away, hangs, breaks off, is not trusted or talks nonsense is tried
// again within the notice's deadline.
func TestNoAnswer(t *testing.T) {
	closed := newService(t, nil)
	closed.Close()
	release := make(chan struct{})
	hanging := newService(t, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) })
	breaking := newService(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	untrusted := newService(t, nil)
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	garbage, talk := nonsense(t)
	defer garbage.Close()
	go talk()
	trusted := hanging.roots()
	trusted.AddCert(breaking.Certificate())
	cases := []struct{ name, url, says string }{
		{"refused", closed.URL, "refused"}, {"hanging", hanging.URL, "no answer in time"}, {"breaks off", breaking.URL, "broke off"},
		{"a certificate nobody signed", untrusted.URL, "certificate"},
		{"no encryption", "https://" + strings.TrimPrefix(plain.URL, "http://"), "the push service: "},
		{"nonsense", "https://" + garbage.Addr().String(), "TLS"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := &book{contacts: []ward.Contact{phone(t, "1", c.url+"/secret-subscription")}}
			s := sender(t, b, func(o *Options) {
				if o.Roots = trusted; c.name == "a certificate nobody signed" {
					o.Roots = nil
				}
			})
			ctx := context.Background()
			if c.name == "hanging" {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, 50*time.Millisecond)
				defer cancel()
			}
			err := s.Send(ctx, notice())
			if verdict(err) != "again" || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v, want it tried again and saying %q", err, c.says)
			}
			keepsQuiet(t, err, c.url)
		})
	}
}

// nonsense is a listener that speaks no protocol.
func nonsense(t *testing.T) (net.Listener, func()) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l, func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			io.WriteString(c, "+OK gpsd ready\r\n")
			c.Close()
		}
	}
}

// TestReason: one word of Apple's is passed on, and nothing else that a push service may write.
func TestReason(t *testing.T) {
	for body, want := range map[string]string{
		`{"reason":"BadJwtToken"}`: ", BadJwtToken", `{"reason":"https://web.push.apple.com/secret-subscription"}`: "",
		strings.Repeat(" ", 4096) + `{"reason":"TooFar"}`: "", `{"reason":""}`: "", `{"reason":7}`: "", "secret-subscription": "", "": "", `{"reason":"` + strings.Repeat("x", 41) + `"}`: "",
	} {
		if got := reason(strings.NewReader(body)); got != want {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
	}
}

// An answer that never ends holds nobody up: its code is enough.
func TestEndlessAnswer(t *testing.T) {
	ended := make(chan struct{})
	push := newService(t, func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		w.WriteHeader(http.StatusCreated)
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 4096)); err != nil {
				return
			}
		}
	})
	b := &book{contacts: []ward.Contact{phone(t, "1", push.URL+"/1")}}
	if err := sender(t, b, func(o *Options) { o.Roots = push.roots() }).Send(context.Background(), notice()); err != nil {
		t.Error(err)
	}
	<-ended
}

// TestProxy: the hospital's proxy is used when it is configured, and none that the environment names.
func TestProxy(t *testing.T) {
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.Host)
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer proxy.Close()
	address, _ := url.Parse(proxy.URL)
	b := &book{contacts: []ward.Contact{phone(t, "1", "https://fcm.googleapis.com/fcm/send/secret-subscription"), phone(t, "2", "https://10.1.2.3/x")}}
	s := sender(t, b, func(o *Options) { o.Proxy, o.AllowHosts = address, nil })
	err := s.Send(context.Background(), notice())
	if len(asked) != 1 || asked[0] != "CONNECT fcm.googleapis.com:443" {
		t.Errorf("the proxy was asked for %v", asked)
	}
	if verdict(err) != "again" {
		t.Errorf("got %v", err)
	}
	keepsQuiet(t, err, "https://fcm.googleapis.com/")
	if sender(t, b, nil).http.Transport.(*http.Transport).Proxy != nil {
		t.Error("a proxy of the environment would be used")
	}
}
