package sms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"wardwatch/alerts"
	"wardwatch/alerts/outgoing"
	"wardwatch/ward"
)

func notice() ward.Notice {
	made := time.Date(2026, 11, 21, 8, 2, 0, 0, time.UTC)
	return ward.Notice{
		ID: "N1", Alert: "A1", Place: ward.Place{Ward: "hstc", Bed: "12A"}, Kind: ward.Clinical, Band: ward.High,
		Level: 2, Role: ward.RoleDoctor, To: "P7", Channel: "sms", Made: made, Due: made, Expires: made.Add(2 * time.Minute),
	}
}

// sender tells a person with these numbers; the first contact is c1.
func sender(t *testing.T, o Options, numbers ...string) *Sender {
	t.Helper()
	o.Contacts = func(context.Context, ward.PersonID, string) (list []ward.Contact, err error) {
		for i, n := range numbers {
			list = append(list, ward.Contact{ID: fmt.Sprintf("c%d", i+1), Address: n})
		}
		return list, nil
	}
	if o.Gone == nil {
		o.Gone = func(context.Context, string, string) error { return nil }
	}
	o.Link = func(ward.Notice) string { return "https://w.vn/a/t" }
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.client.CloseIdleConnections)
	return s
}

func send(t *testing.T, req *http.Request) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}

func fate(err error) (string, time.Duration) {
	var e *alerts.SendError
	switch {
	case err == nil:
		return "delivered", 0
	case !errors.As(err, &e):
		return err.Error(), 0
	case e.Nobody:
		return "dead", 0
	case e.Permanent:
		return "final", e.RetryAfter
	}
	return "again", e.RetryAfter
}

// TestAnswers: what each answer of a gateway means.
func TestAnswers(t *testing.T) {
	own := func(t *Template) {
		*t = plainJSON()
		t.Dead = Rule{Status: []int{400, 422}, JSON: map[string]string{"errors.0.code": "bad_number|no_such_number"}}
		t.Again = Rule{Match: `(?i)modem busy`}
	}
	vendor := func(name string) func(*Template) {
		return func(t *Template) { *t, _ = Vendor(name) }
	}
	cases := []struct {
		name     string
		template func(*Template)
		code     int
		body     string
		want     string
		wait     time.Duration
	}{
		{"no rules, taken", vendor("json"), 200, "", "delivered", 0},
		{"no rules, taken later", vendor("json"), 202, "queued", "delivered", 0},
		{"no rules, refused", vendor("json"), 403, "", "final", 0},
		{"no rules, moved", vendor("json"), 302, "", "final", 0},
		{"no rules, slow down", vendor("json"), 429, "", "again", 7 * time.Second},
		{"no rules, broken", vendor("json"), 500, "", "again", 7 * time.Second},
		{"own rules, dead number", own, 422, `{"errors":[{"code":"no_such_number"}]}`, "dead", 0},
		{"own rules, another error", own, 422, `{"errors":[{"code":"no_balance"}]}`, "final", 0},
		{"own rules, dead number with another status", own, 404, `{"errors":[{"code":"bad_number"}]}`, "final", 0},
		{"own rules, worth another try", own, 400, "Modem Busy", "again", 7 * time.Second},
		{"own rules, not the shape", own, 422, `{"errors":"bad_number"}`, "final", 0},
		{"own rules, not JSON", own, 422, `<html>`, "final", 0},
		{"Kannel takes it", vendor("kannel"), 202, "0: Accepted for delivery", "delivered", 0},
		{"Kannel has no line to the network", vendor("kannel"), 202, "3: Queued for later delivery", "final", 0},
		{"Kannel refuses us", vendor("kannel"), 403, "Authorization failed for sendsms", "final", 0},
		{"Kannel is stopping", vendor("kannel"), 503, "Temporal failure, try again later.", "again", 7 * time.Second},
		{"Gammu takes it", vendor("gammu-gateway"), 200, `{"status": 200, "message": "[255]"}`, "delivered", 0},
		{"Gammu has no modem", vendor("gammu-gateway"), 500, `{"message": "Internal Server Error"}`, "again", 7 * time.Second},
		{"eSMS takes it", vendor("esms"), 200, `{"CodeResult":"100","CountRegenerate":0,"SMSID":"d5"}`, "delivered", 0},
		{"eSMS had it already", vendor("esms"), 200, `{"CodeResult":"124","ErrorMessage":"Request exist 1"}`, "delivered", 0},
		{"eSMS: no number", vendor("esms"), 200, `{"CodeResult":"108"}`, "dead", 0},
		{"eSMS: no balance", vendor("esms"), 200, `{"CodeResult":"103"}`, "final", 0},
		{"eSMS: wrong words", vendor("esms"), 200, `{"CodeResult":"146"}`, "final", 0},
		{"eSMS: nothing we know", vendor("esms"), 200, `{"error":"Invalid request"}`, "final", 0},
		{"SpeedSMS takes it", vendor("speedsms"), 200, `{"status":"success","code":"00","data":{"tranId":123456}}`, "delivered", 0},
		{"SpeedSMS: no number", vendor("speedsms"), 200, `{"status":"error","code":"105","message":"Phone number invalid"}`, "dead", 0},
		{"SpeedSMS: asks to try again", vendor("speedsms"), 200, `{"status":"error","code":"500"}`, "again", 7 * time.Second},
		{"SpeedSMS: no balance", vendor("speedsms"), 200, `{"status":"error","code":"300"}`, "final", 0},
		{"SpeedSMS: too many", vendor("speedsms"), 429, `{"name":"Too Many Requests","code":0,"status":429}`, "again", 7 * time.Second},
	}
	secrets := map[string]string{"username": "u", "password": "p", "api_key": "a", "secret_key": "s", "access_token": "t"}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "7")
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(c.code)
				_, _ = io.WriteString(w, c.body)
			}))
			defer g.Close()
			var template Template
			c.template(&template)
			template.URL = g.URL
			gone := ""
			s := sender(t, Options{Template: template, Country: "84", Secrets: secrets, Gone: func(_ context.Context, id, why string) error {
				gone = id
				return nil
			}}, "0912345678")
			err := s.Send(context.Background(), notice())
			if got, wait := fate(err); got != c.want || wait != c.wait {
				t.Errorf("%s, wait %v; want %s, wait %v (%v)", got, wait, c.want, c.wait, err)
			}
			if (gone == "c1") != (c.want == "dead") {
				t.Errorf("gone: %q", gone)
			}
		})
	}
}

// TestNoAnswer: a gateway that is away, hangs, breaks off or never ends is tried again, and the error
// that is stored holds neither address nor number nor secret.
func TestNoAnswer(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	release := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer hanging.Close()
	defer close(release)
	breaking := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer breaking.Close()
	cut := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "0: Acc")
	}))
	defer cut.Close()
	for name, address := range map[string]string{"refused": closed.URL, "hanging": hanging.URL, "breaks off": breaking.URL, "cut short": cut.URL} {
		t.Run(name, func(t *testing.T) {
			template := kannel()
			template.URL = address + "/token-in-path"
			s := sender(t, Options{Template: template, Country: "84", Timeout: 100 * time.Millisecond, Secrets: map[string]string{"username": "u-secret", "password": "p-secret"}}, "0912345678")
			err := s.Send(context.Background(), notice())
			if got, _ := fate(err); got != "again" {
				t.Fatalf("%s: %v", got, err)
			}
			for _, private := range []string{"token-in-path", "127.0.0.1", "912345678", "secret"} {
				if strings.Contains(err.Error(), private) {
					t.Errorf("the error holds %q: %v", private, err)
				}
			}
		})
	}
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "0: Accepted for delivery\n")
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, strings.Repeat("x", 4096)); err != nil {
				return
			}
		}
	}))
	defer endless.Close()
	template := kannel()
	template.URL = endless.URL
	if err := sender(t, Options{Template: template, Country: "84", Secrets: map[string]string{"username": "u", "password": "p"}}, "0912345678").Send(context.Background(), notice()); err != nil {
		t.Errorf("an answer that never ends, but says yes: %v", err)
	}
}

// TestEveryNumber: one message a number, each with an id of its own, and what is no number is given up.
func TestEveryNumber(t *testing.T) {
	var mu sync.Mutex
	got := map[string]string{}
	g := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		got[r.FormValue("to")] = r.FormValue("id")
	}))
	defer g.Close()
	gone := map[string]bool{}
	template := Template{URL: g.URL, Form: map[string]string{"to": "{to}", "id": "{notice}", "text": "{text}"}}
	s := sender(t, Options{Template: template, Country: "84", Gone: func(_ context.Context, id, _ string) error {
		gone[id] = true
		return nil
	}}, "0912345678", "+65 6123 4567", "12345")
	for range 2 { // a repeat has the same ids
		if err := s.Send(context.Background(), notice()); err != nil {
			t.Fatal(err)
		}
	}
	if len(got) != 2 || got["+84912345678"] != "N1-c1" || got["+6561234567"] != "N1-c2" || len(gone) != 1 || !gone["c3"] {
		t.Errorf("sent %v, gone %v", got, gone)
	}
}

// TestWords: plain letters in one message, or the marks; in the person's language.
func TestWords(t *testing.T) {
	cases := []struct {
		lang    string
		unicode bool
		want    string
	}{
		{"vi", false, "nguy co cao"}, {"vi", true, "nguy cơ cao"}, {"en", false, "high risk"}, {"en", true, "high risk"},
	}
	for _, c := range cases {
		s := sender(t, Options{Template: withURL(plainJSON(), "http://127.0.0.1:9/"), Unicode: c.unicode, Simulation: true, Lang: func(p ward.PersonID) string {
			if p != "P7" {
				t.Errorf("whose language? %q", p)
			}
			return c.lang
		}})
		v := s.values(notice(), "c1", "+84912345678")
		if got := v["text"]; !strings.Contains(strings.ToLower(got), c.want) || !strings.Contains(got, "12A") || !strings.HasSuffix(got, "https://w.vn/a/t") {
			t.Errorf("%s: %q", c.lang, got)
		}
		if c.unicode != (v["coding"] == "2") || c.unicode != (v["unicode"] == "1") {
			t.Errorf("coding %s, unicode %s", v["coding"], v["unicode"])
		}
	}
}

func withURL(t Template, address string) Template {
	t.URL = address
	return t
}

// TestSimulationStaysHere: made-up patients never reach a telephone.
func TestSimulationStaysHere(t *testing.T) {
	none := func(context.Context, ward.PersonID, string) ([]ward.Contact, error) { return nil, nil }
	gone := func(context.Context, string, string) error { return nil }
	for _, address := range []string{"https://rest.esms.vn/", "http://10.0.0.9/", "http://127.0.0.1.example.vn/"} {
		if _, err := New(Options{Template: withURL(plainJSON(), address), Simulation: true, Contacts: none, Gone: gone}); err == nil {
			t.Errorf("%s was taken", address)
		}
	}
	s := sender(t, Options{Template: withURL(plainJSON(), "http://localhost:9/"), Country: "84", Simulation: true}, "0912345678")
	s.template.url.Host = "192.0.2.1:80" // as if the name had resolved so
	err := s.Send(context.Background(), notice())
	if got, _ := fate(err); got != "final" || !errors.Is(err, outgoing.ErrNotLoopback) {
		t.Errorf("%s: %v", got, err)
	}
}
