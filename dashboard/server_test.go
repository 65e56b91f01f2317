package dashboard

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"wardwatch/ward"
)

func TestOptionsAreChecked(t *testing.T) {
	if _, err := New(Options{}); err == nil {
		t.Error("a server of nothing was built")
	}
	if _, err := New(Options{Loopback: &ward.Person{}}); err == nil || !strings.Contains(err.Error(), "simulation") {
		t.Errorf("signing in without a password outside a simulation: %v", err)
	}
}

func TestHeadersThatProtectTheBrowser(t *testing.T) {
	h := open(t, nil)
	for _, path := range []string{"/", "/signin", "/board/icu", "/api/v1/session", "/nothing", "/assets/app-1a2b.js", "/healthz"} {
		a := h.do(ask{method: "GET", path: path})
		csp := a.head.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'self'") || strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: Content-Security-Policy is %q", path, csp)
		}
		for key, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer"} {
			if got := a.head.Get(key); got != want {
				t.Errorf("%s: %s is %q, want %q", path, key, got, want)
			}
		}
		if strings.HasPrefix(path, "/api") && a.head.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be cached", path)
		}
		if a.head.Get("Server") != "" {
			t.Errorf("%s names its server", path)
		}
	}
}

func TestFrontEndFiles(t *testing.T) {
	h := open(t, nil)
	for _, path := range []string{"/", "/signin", "/board/icu?kiosk=1"} {
		if a := h.do(ask{method: "GET", path: path}); a.status != 200 || !strings.Contains(a.body, "<!doctype html>") || a.head.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %q", path, a.status, a.body)
		}
	}
	a := h.do(ask{method: "GET", path: "/assets/app-1a2b.js", header: map[string]string{"Accept-Encoding": "gzip"}})
	if a.head.Get("Content-Encoding") != "gzip" || !strings.Contains(a.head.Get("Cache-Control"), "immutable") || len(a.body) > 100 {
		t.Errorf("asset: %d bytes, %v", len(a.body), a.head)
	}
	if b := h.do(ask{method: "GET", path: "/assets/app-1a2b.js", header: map[string]string{"If-None-Match": a.head.Get("ETag")}}); b.status != 304 {
		t.Errorf("unchanged: %d", b.status)
	}
	for _, path := range []string{"/../server.go", "/assets/../../go.mod", "/assets/%2e%2e/%2e%2e/go.mod", "/index.html", "/assets/"} {
		if a := h.do(ask{method: "GET", path: path}); a.status != 404 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

func TestHealthAndReadiness(t *testing.T) {
	var mu sync.Mutex
	checks := []Check{{Name: "book", OK: true}}
	h := open(t, func(o *Options) {
		o.Health = func() []Check { mu.Lock(); defer mu.Unlock(); return checks }
	})
	if a := h.do(ask{method: "GET", path: "/healthz"}); a.status != 200 {
		t.Errorf("healthz: %d", a.status)
	}
	if a := h.do(ask{method: "HEAD", path: "/healthz"}); a.status != 200 {
		t.Errorf("HEAD healthz: %d", a.status)
	}
	if a := h.do(ask{method: "GET", path: "/readyz"}); a.status != 200 || !decode[ReadyReply](t, a).Ready {
		t.Errorf("ready: %d %s", a.status, a.body)
	}
	mu.Lock()
	checks = append(checks, Check{Name: "broker", Detail: "not connected"})
	mu.Unlock()
	if a := h.do(ask{method: "GET", path: "/readyz"}); a.status != 503 || decode[ReadyReply](t, a).Ready || !strings.Contains(a.body, "not connected") {
		t.Errorf("not ready: %d %s", a.status, a.body)
	}
}

func TestMetrics(t *testing.T) {
	h := open(t, func(o *Options) {
		o.MetricsToken = "open-sesame"
		o.Figures = []func() []ward.Figure{
			func() []ward.Figure {
				return []ward.Figure{
					{Name: "wardwatch_ingest_rejected_total", Help: "h", Label: "reason", Of: "bad_json", Value: 3},
					{Name: "wardwatch_ingest_rejected_total", Help: "h", Label: "reason", Of: "too_large", Value: 4},
					{Name: "wardwatch_book_bytes", Help: "h", Gauge: true, Value: 5},
				}
			},
			func() []ward.Figure {
				return []ward.Figure{{Name: "wardwatch_ingest_rejected_total", Help: "h", Label: "reason", Of: "bad_json", Value: 1}}
			},
		}
	})
	h.do(ask{method: "GET", path: "/api/v1/wards/icu/alerts", as: "p-nurse"})
	a := h.do(ask{method: "GET", path: "/metrics"})
	for _, want := range []string{
		`wardwatch_ingest_rejected_total{reason="bad_json"} 4`, `wardwatch_ingest_rejected_total{reason="too_large"} 4`,
		"wardwatch_book_bytes 5", "wardwatch_live_screens 0", "go_goroutines", `wardwatch_http_requests_total{route="/api/v1/wards/:ward/alerts",status="200"} 1`,
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("no %s in /metrics", want)
		}
	}
	if strings.Contains(a.body, "icu") {
		t.Error("/metrics names a ward")
	}
	behind := map[string]string{"X-Forwarded-For": "203.0.113.5"}
	if a := h.do(ask{method: "GET", path: "/metrics", header: behind}); a.status != 403 {
		t.Errorf("from elsewhere: %d", a.status)
	}
	if a := h.do(ask{method: "GET", path: "/metrics", header: behind, token: "open-sesame"}); a.status != 200 {
		t.Errorf("with the token: %d", a.status)
	}
}

// Each route appears in openapi.json, and nothing else does.
func TestOpenAPIIsComplete(t *testing.T) {
	h := open(t, nil)
	doc := decode[struct {
		Paths      map[string]map[string]json.RawMessage
		Components struct{ Schemas map[string]json.RawMessage }
	}](t, h.do(ask{method: "GET", path: "/api/v1/openapi.json"}))
	described := map[string]bool{}
	for path, ops := range doc.Paths {
		for method := range ops {
			described[strings.ToUpper(method)+" "+path] = true
		}
	}
	served := map[string]bool{}
	for _, r := range h.s.app.GetRoutes(true) {
		if r.Method == http.MethodHead {
			continue
		}
		var parts []string
		for _, part := range strings.Split(r.Path, "/") {
			if name, ok := strings.CutPrefix(part, ":"); ok {
				part = "{" + name + "}"
			}
			parts = append(parts, part)
		}
		served[r.Method+" "+strings.Join(parts, "/")] = true
	}
	for r := range served {
		if !described[r] {
			t.Errorf("%s is served and not described", r)
		}
	}
	for r := range described {
		if !served[r] {
			t.Errorf("%s is described and not served", r)
		}
	}
	if len(served) < 30 {
		t.Errorf("only %d routes were found", len(served))
	}
	all, _ := json.Marshal(doc)
	for _, ref := range strings.Split(string(all), `"#/components/schemas/`)[1:] {
		name, _, _ := strings.Cut(ref, `"`)
		if _, ok := doc.Components.Schemas[name]; !ok {
			t.Errorf("schema %s is referred to and not there", name)
		}
	}
}

func TestHostileRequests(t *testing.T) {
	h := open(t, nil)
	big := `{"login":"` + strings.Repeat("a", maxBody) + `"}`
	deep := strings.Repeat("[", 20_000)
	for _, c := range []struct {
		name   string
		ask    ask
		status int
	}{
		{"too large a body", ask{method: "POST", path: "/api/v1/stays", as: "p-nurse", body: big}, 413},
		{"not JSON", ask{method: "POST", path: "/api/v1/stays", as: "p-nurse", body: "{"}, 400},
		{"deep JSON", ask{method: "POST", path: "/api/v1/stays", as: "p-nurse", body: deep}, 400},
		{"two values", ask{method: "POST", path: "/api/v1/stays", as: "p-nurse", body: "{} {}"}, 400},
		{"a field that is not known", ask{method: "POST", path: "/api/v1/stays", as: "p-nurse", body: `{"Ward ":"icu"}`}, 400},
		{"wrong type", ask{method: "POST", path: "/api/v1/stays", as: "p-nurse", body: `{"ward":7}`}, 400},
		{"form", ask{method: "POST", path: "/api/v1/stays", as: "p-nurse", kind: "application/x-www-form-urlencoded", body: "ward=icu"}, 415},
		{"no body", ask{method: "POST", path: "/api/v1/alerts/A1/actions", as: "p-nurse"}, 415},
		{"identifier with a quote", ask{method: "GET", path: "/api/v1/stays/x'--", as: "p-nurse"}, 400},
		{"identifier with a slash", ask{method: "GET", path: "/api/v1/stays/..%2f..%2fetc", as: "p-nurse"}, 400},
		{"too long an identifier", ask{method: "GET", path: "/api/v1/alerts/" + strings.Repeat("a", 65), as: "p-nurse"}, 400},
		{"too long a header", ask{method: "GET", path: "/api/v1/wards", header: map[string]string{"X-Long": strings.Repeat("a", maxHeader)}}, 431},
		{"no such address", ask{method: "GET", path: "/api/v1/nothing", as: "p-nurse"}, 404},
		{"no such method", ask{method: "PUT", path: "/api/v1/wards", as: "p-nurse"}, 404},
		{"no such mode", ask{method: "GET", path: "/api/v1/wards/icu/stream?names=all", as: "p-nurse"}, 400},
		{"no such ward", ask{method: "GET", path: "/api/v1/wards/nowhere/stream", as: "p-nurse"}, 404},
		{"time as a word", ask{method: "GET", path: "/api/v1/wards/icu/beds/1/trend?from=yesterday", as: "p-nurse"}, 400},
		{"too long a span", ask{method: "GET", path: "/api/v1/wards/icu/beds/1/trend?from=0", as: "p-nurse"}, 400},
		{"no such vital", ask{method: "GET", path: "/api/v1/wards/icu/beds/1/trend?vitals=rr,mood", as: "p-nurse"}, 400},
	} {
		a := h.do(c.ask)
		if a.status != c.status {
			t.Errorf("%s: %d %s, want %d", c.name, a.status, a.body, c.status)
			continue
		}
		if a.head == nil {
			continue // cut off while it was still sending: there is no answer to look at
		}
		if kind := a.head.Get("Content-Type"); kind != "application/problem+json" {
			t.Errorf("%s: answered as %q", c.name, kind)
			continue
		}
		if p := decode[Problem](t, a); p.Status != c.status || p.Title == "" || p.Code == "" || p.Type == "" {
			t.Errorf("%s: %s", c.name, a.body)
		}
	}
}

// A body larger than any route takes is not even read: the sender sees a refusal or a closed door.
func TestTheLargestBody(t *testing.T) {
	h := open(t, nil)
	req, err := http.NewRequest("POST", h.base+"/api/v1/stays/import", strings.NewReader(strings.Repeat("x", maxImport+1)))
	if err != nil {
		t.Fatal(err)
	}
	if res, err := h.client.Do(req); err == nil {
		res.Body.Close()
		if res.StatusCode != 413 {
			t.Errorf("%d", res.StatusCode)
		}
	}
	if a := h.do(ask{method: "GET", path: "/healthz"}); a.status != 200 {
		t.Errorf("afterwards: %d", a.status)
	}
}

// Nobody's announcement of a large body makes the server keep room for it; a list from whoever may
// bring one is read.
func TestOnlyWhoMayBringAFileIsHeard(t *testing.T) {
	h := open(t, nil)
	for _, head := range []string{
		"POST /api/v1/wards HTTP/1.1", "POST /api/v1/session HTTP/1.1", "GET / HTTP/1.1", "POST /api/v1/stays/import HTTP/1.1",
		"POST /api/v1/stays/import HTTP/1.1\r\nCookie: wardwatch=made-up", "POST /api/v1/stays/import HTTP/1.1\r\nCookie: wardwatch=" + h.book.enter("p-nurse"),
	} {
		c, err := net.Dial("tcp", strings.TrimPrefix(h.base, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		// The body never comes: whoever answers has not waited for it.
		fmt.Fprintf(c, "%s\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: %d\r\n\r\n", head, maxBody+1)
		if err := c.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || !strings.Contains(line, " 413 ") {
			t.Errorf("%s: %q, %v", head, line, err)
		}
	}
	list := "hospital_id\n" + strings.Repeat("x", 2*maxBody)
	if a := h.do(ask{method: "POST", path: "/api/v1/stays/import", as: "p-nurse_in_charge", kind: "text/csv", body: list}); a.status != 200 {
		t.Errorf("a list: %d %s", a.status, a.body)
	}
}

// A start that fails right behind the board's own ends: Shutdown may come before Serve has begun.
func TestShutdownBeforeServe(t *testing.T) {
	h := open(t, nil)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(h.s.o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(ln); err != nil { // would never return
		t.Error(err)
	}
}

// A few bytes that unpack to a great many are not unpacked.
func TestPackedBodiesAreNotUnpacked(t *testing.T) {
	h := open(t, nil)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(`{"lang":"en"}`)); err != nil {
		t.Fatal(err)
	}
	z.Close()
	a := h.do(ask{method: "PATCH", path: "/api/v1/session", as: "p-nurse", body: b.String(), header: map[string]string{"Content-Encoding": "gzip"}})
	if a.status != 400 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// What a person writes is data, whatever it looks like.
func TestMarkupStaysData(t *testing.T) {
	h := open(t, nil)
	evil := `<script>alert(1)</script>`
	body := fmt.Sprintf(`{"hospital_id":"BN-9","family_name":"Lê","given_name":%q,"birth_date":"1960-01-01","sex":"female","ward":"icu","bed":"3"}`, evil)
	a := h.do(ask{method: "POST", path: "/api/v1/stays", as: "p-nurse", body: body})
	if a.status != 201 || strings.Contains(a.body, "<script>") || a.head.Get("Content-Type") != "application/json" {
		t.Fatalf("%d %s %s", a.status, a.head.Get("Content-Type"), a.body)
	}
	if got := decode[StayReply](t, a).GivenName; got != evil {
		t.Errorf("the name came back as %q", got)
	}
}

// Promise 8: no names or numbers of patients in logs, whatever goes wrong.
func TestLogsNameNobody(t *testing.T) {
	h := open(t, func(o *Options) {
		o.Submit = func(context.Context, []ward.Reading) error { return fmt.Errorf("disk full") }
	})
	h.do(ask{method: "POST", path: "/api/v1/stays/s1/observations", as: "p-nurse", body: `{"values":{"rr":20},"partial":"asleep","note":"BN-SECRET-s1 An is worse"}`})
	h.do(ask{method: "POST", path: "/api/v1/stays", as: "p-nurse", body: `{"hospital_id":"BN-SECRET-2","family_name":"Nguyễn Văn","given_name":"An","ward":"icu","bed":"1"}`})
	h.do(ask{method: "POST", path: "/api/v1/session", body: `{"login":"nurse","password":"BN-SECRET-password"}`})
	text := h.log.String()
	if !strings.Contains(text, "disk full") {
		t.Errorf("the failure was not logged: %s", text)
	}
	for _, word := range []string{"SECRET", "Nguyễn", "An is"} {
		if strings.Contains(text, word) {
			t.Errorf("the log holds %q: %s", word, text)
		}
	}
	h.book.mu.Lock()
	defer h.book.mu.Unlock()
	for _, r := range h.book.audit {
		if strings.Contains(fmt.Sprint(r), "SECRET") || strings.Contains(fmt.Sprint(r), "Nguyễn") {
			t.Errorf("the audit names somebody: %+v", r)
		}
	}
}
