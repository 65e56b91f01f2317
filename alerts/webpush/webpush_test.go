package webpush

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/alerts"
	"wardwatch/alerts/outgoing"
	"wardwatch/ward"
)

// TestBrowser has a message decrypted and its signature checked by other people's programs.
func TestBrowser(t *testing.T) {
	sub, err := browser(t, "subscribe", nil)
	if err != nil {
		t.Fatal(err)
	}
	push := newService(t, nil)
	b := &book{contacts: []ward.Contact{{ID: "c1", Person: "p7", Channel: "webpush", Address: push.URL + "/sub/1", P256dh: sub["p256dh"].(string), Auth: sub["auth"].(string)}}}
	s := sender(t, b, func(o *Options) {
		o.Roots = push.roots()
		o.Link = func(n ward.Notice) string { return "https://ward.benhvien.vn/a/t-" + string(n.To) }
	})
	if err := s.Send(context.Background(), notice()); err != nil {
		t.Fatal(err)
	}
	m := push.got()[0]
	in := map[string]any{
		"private": sub["private"], "auth": sub["auth"], "body": base64.StdEncoding.EncodeToString(m.body),
		"authorization": m.header.Get("Authorization"), "audience": push.URL, "key": s.o.Keys.Public,
	}
	got, err := browser(t, "open", in)
	if err != nil {
		t.Fatal(err)
	}
	var payload map[string]any
	if err := json.Unmarshal([]byte(got["payload"].(string)), &payload); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"v": 1.0, "notice": "N1", "alert": "A1", "ward": "hstc", "bed": "12A", "kind": "clinical", "band": "high", "level": 2.0,
		"role": "doctor_on_duty", "why": "", "link": "https://ward.benhvien.vn/a/t-p7", "simulation": false, "require": true,
		"title_vi": "Nguy cơ cao · khoa hstc · giường 12A", "title_en": "High risk · ward hstc · bed 12A",
		"text_vi": "Cảnh báo · nguy cơ cao · khoa hstc · giường 12A · bậc báo 2", "text_en": "Alert · high risk · ward hstc · bed 12A · level 2",
		"tag": topic(notice()), "at": float64(notice().Made.UnixMilli()),
	}
	if !maps.Equal(payload, want) {
		t.Errorf("the browser reads %v, want %v", payload, want)
	}
	claims := got["claims"].(map[string]any)
	if claims["sub"] != "mailto:cntt@benhvien.vn" || claims["aud"] != push.URL {
		t.Errorf("the signature's claims are %v", claims)
	}
	if left := time.Until(time.Unix(int64(claims["exp"].(float64)), 0)); left <= 0 || left > 24*time.Hour { // RFC 8292, 2
		t.Errorf("the signature holds for %v", left)
	}
	for name, change := range map[string]func(map[string]any){
		"a changed byte":      func(x map[string]any) { x["body"] = base64.StdEncoding.EncodeToString(flip(m.body)) },
		"another browser":     func(x map[string]any) { x["auth"] = base64.RawURLEncoding.EncodeToString([]byte("another secret..")) },
		"another service":     func(x map[string]any) { x["audience"] = "https://push.example.org" },
		"another server":      func(x map[string]any) { x["key"] = base64.RawURLEncoding.EncodeToString([]byte("another key")) },
		"a changed signature": func(x map[string]any) { x["authorization"] = forged(m.header.Get("Authorization")) },
	} {
		t.Run(name, func(t *testing.T) {
			x := maps.Clone(in)
			change(x)
			if _, err := browser(t, "open", x); err == nil {
				t.Error("the browser took it")
			}
		})
	}
}

func flip(body []byte) []byte {
	b := append([]byte(nil), body...)
	b[200] ^= 1
	return b
}

// forged moves the signature's subject to somebody else.
func forged(authorization string) string {
	jwt, rest, _ := strings.Cut(authorization, ", ")
	parts := strings.Split(jwt, ".")
	parts[1] = base64.RawURLEncoding.EncodeToString([]byte(`{"aud":"x","exp":9999999999,"sub":"mailto:other@benhvien.vn"}`))
	return strings.Join(parts, ".") + ", " + rest
}

// TestHeaders: what a push service is asked for.
func TestHeaders(t *testing.T) {
	cases := []struct {
		name         string
		change       func(*ward.Notice)
		urgency, ttl string
	}{
		{"a high score", func(*ward.Notice) {}, "high", "120"},
		{"a medium score: a normal message would lie in a sleeping telephone", func(n *ward.Notice) { n.Band = ward.Medium }, "high", "120"},
		{"the monitor's own alarm", func(n *ward.Notice) { n.Kind = ward.DeviceRaise }, "high", "120"},
		{"a fault", func(n *ward.Notice) { n.Kind = ward.Technical }, "normal", "120"},
		{"a test takes the way of an alert", func(n *ward.Notice) { n.Kind, n.Why = ward.Technical, ward.WhyTest }, "high", "120"},
		{"half a second left", func(n *ward.Notice) { n.Expires = noon.Add(time.Second / 2) }, "high", "1"},
		{"no time left", func(n *ward.Notice) { n.Expires = noon.Add(-time.Second) }, "high", "0"},
	}
	push := newService(t, nil)
	b := &book{contacts: []ward.Contact{phone(t, "c1", push.URL+"/sub/1")}}
	s := sender(t, b, func(o *Options) { o.Roots = push.roots() })
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			n := notice()
			c.change(&n)
			if err := s.Send(context.Background(), n); err != nil {
				t.Fatal(err)
			}
			all := push.got()
			h := all[len(all)-1].header
			if h.Get("Urgency") != c.urgency || h.Get("TTL") != c.ttl || h.Get("Content-Encoding") != "aes128gcm" || h.Get("Topic") != topic(n) {
				t.Errorf("headers %v, want urgency %s, TTL %s, topic %s", h, c.urgency, c.ttl, topic(n))
			}
		})
	}
}

// TestInsists: which notifications stay on the screen until somebody answers.
func TestInsists(t *testing.T) {
	for _, c := range []struct {
		name string
		n    ward.Notice
		want bool
	}{
		{"a high score", ward.Notice{Kind: ward.Clinical, Band: ward.High}, true},
		{"the monitor's own alarm of high priority", ward.Notice{Kind: ward.DeviceRaise, Band: ward.High}, true},
		{"a medium score", ward.Notice{Kind: ward.Clinical, Band: ward.Medium}, false},
		{"a fault", ward.Notice{Kind: ward.Technical, Band: ward.High}, false},
		{"a test", ward.Notice{Kind: ward.Clinical, Band: ward.High, Why: ward.WhyTest}, false},
		{"a snooze of a high score ends", ward.Notice{Kind: ward.Clinical, Band: ward.High, Why: ward.WhySnoozeEnds}, false},
	} {
		if got := insists(c.n); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestHTTP2: push services speak HTTP/2, and so do we.
func TestHTTP2(t *testing.T) {
	var proto string
	push := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proto = r.Proto
		w.WriteHeader(http.StatusCreated)
	}))
	push.EnableHTTP2 = true
	push.StartTLS()
	defer push.Close()
	roots := x509.NewCertPool()
	roots.AddCert(push.Certificate())
	b := &book{contacts: []ward.Contact{phone(t, "1", push.URL+"/1")}}
	if err := sender(t, b, func(o *Options) { o.Roots = roots }).Send(context.Background(), notice()); err != nil || proto != "HTTP/2.0" {
		t.Errorf("by %s: %v", proto, err)
	}
}

// TestTopic: a newer notice of an alert replaces the older, and only that; the push service does not
// learn the alert's id.
func TestTopic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := notice(), notice()
		a.Alert, b.Alert = ward.AlertID(rapid.String().Draw(t, "a")), ward.AlertID(rapid.String().Draw(t, "b"))
		b.Level, b.ID, b.Role = 3, "N2", ward.RoleLead
		x, y := topic(a), topic(b)
		if raw, err := base64.RawURLEncoding.DecodeString(x); err != nil || len(x) > 32 || len(raw) != 24 { // RFC 8030, 5.4
			t.Fatalf("topic %q", x)
		}
		if (x == y) != (a.Alert == b.Alert) {
			t.Fatalf("alerts %q and %q have topics %q and %q", a.Alert, b.Alert, x, y)
		}
		if len(a.Alert) > 3 && strings.Contains(x, string(a.Alert)) {
			t.Fatalf("topic %q shows the alert %q", x, a.Alert)
		}
	})
}

// TestOneLength: whatever a message says, it is as long as every other.
func TestOneLength(t *testing.T) {
	push := newService(t, nil)
	b := &book{contacts: []ward.Contact{phone(t, "c1", push.URL+"/sub/1")}}
	s := sender(t, b, func(o *Options) { o.Roots = push.roots() })
	id := rapid.StringMatching(`[A-Za-z0-9_-]{1,64}`)
	rapid.Check(t, func(t *rapid.T) {
		n := notice()
		n.Place = ward.Place{Ward: ward.WardID(id.Draw(t, "ward")), Bed: ward.BedID(id.Draw(t, "bed"))}
		n.Kind = rapid.SampledFrom([]ward.AlertKind{ward.Clinical, ward.DeviceRaise, ward.Technical}).Draw(t, "kind")
		if err := s.Send(context.Background(), n); err != nil {
			t.Fatal(err)
		}
		all := push.got()
		if got := len(all[len(all)-1].body); got != recordSize {
			t.Fatalf("%d bytes, want %d", got, recordSize)
		}
	})
}

// The longest notice there can be, with a long link, still fits; a link that does not is said so.
func TestLongest(t *testing.T) {
	n := notice()
	long := strings.Repeat("W", ward.MaxID)
	n.ID, n.Alert, n.Place, n.Kind = ward.NoticeID(long), ward.AlertID(long), ward.Place{Ward: ward.WardID(long), Bed: ward.BedID(long)}, ward.DeviceRaise
	link := strings.Repeat("x", 700)
	s := sender(t, &book{}, func(o *Options) { o.Link = func(ward.Notice) string { return link } })
	if body, err := s.Body(n); err != nil || len(body) > MaxPayload {
		t.Errorf("%d bytes, %v", len(body), err)
	}
	link = strings.Repeat("x", MaxPayload)
	err := s.Send(context.Background(), n)
	if e := failure(t, err); !e.Permanent || !strings.Contains(err.Error(), "public_url") {
		t.Errorf("got %v", err)
	}
}

func failure(t *testing.T, err error) *alerts.SendError {
	t.Helper()
	var e *alerts.SendError
	if !errors.As(err, &e) {
		t.Fatalf("got %v", err)
	}
	return e
}

// TestPeople: what one notice becomes of several subscriptions.
func TestPeople(t *testing.T) {
	push := newService(t, answerByPath)
	at := func(path ...string) []ward.Contact {
		var all []ward.Contact
		for i, p := range path {
			all = append(all, phone(t, strconv.Itoa(i), push.URL+"/"+p))
		}
		return all
	}
	broken := phone(t, "0", push.URL+"/201")
	broken.P256dh = "AAAA"
	cases := []struct {
		name     string
		contacts []ward.Contact
		want     string
		gone     int
	}{
		{"one telephone", at("201"), "delivered", 0},
		{"two telephones, one void", at("410", "201"), "delivered", 1},
		{"two telephones, one unreachable for now", at("503", "201"), "delivered", 0},
		{"two telephones, one refused", at("403", "201"), "delivered", 0},
		{"one void", at("410"), "nobody", 1},
		{"all void", at("404", "410"), "nobody", 2},
		{"one void, one to be tried again", at("410", "503"), "again", 1},
		{"one void, one refused", at("410", "403"), "final", 1},
		{"keys that are none", []ward.Contact{broken}, "nobody", 1},
		{"no telephone at all", nil, "nobody", 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := &book{contacts: c.contacts}
			err := sender(t, b, func(o *Options) { o.Roots = push.roots() }).Send(context.Background(), notice())
			if got := verdict(err); got != c.want || len(b.gone) != c.gone {
				t.Errorf("%s (%v), %d taken out of use; want %s, %d", got, err, len(b.gone), c.want, c.gone)
			}
		})
	}
}

// verdict is what the outbox makes of an error.
func verdict(err error) string {
	var e *alerts.SendError
	switch {
	case err == nil:
		return "delivered"
	case !errors.As(err, &e):
		return "again"
	case e.Nobody:
		return "nobody"
	case e.Permanent:
		return "final"
	}
	return "again"
}

// A notice to a role as a whole has nobody to push to, and a book that cannot be read is tried again.
func TestNobodyToAsk(t *testing.T) {
	b := &book{}
	s := sender(t, b, nil)
	n := notice()
	n.To = ""
	if got := verdict(s.Send(context.Background(), n)); got != "nobody" {
		t.Errorf("without a person: %s", got)
	}
	b.err = errors.New("disk I/O error")
	if got := verdict(s.Send(context.Background(), notice())); got != "again" {
		t.Errorf("without the book: %s", got)
	}
}

// TestTogether: many notices at once, each to two telephones.
func TestTogether(t *testing.T) {
	push := newService(t, nil)
	b := &book{contacts: []ward.Contact{phone(t, "1", push.URL+"/1"), phone(t, "2", push.URL+"/2")}}
	s := sender(t, b, func(o *Options) { o.Roots = push.roots() })
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := s.Send(context.Background(), notice()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := len(push.got()); got != 40 {
		t.Errorf("%d messages, want 40", got)
	}
}

// A simulation reaches no push service but one on this machine, even when a name leads elsewhere.
func TestSimulationStaysHere(t *testing.T) {
	for _, endpoint := range []string{"https://fcm.googleapis.com/fcm/send/x", "https://192.0.2.1/x", "https://127.0.0.1.example.vn/x"} {
		b := &book{contacts: []ward.Contact{phone(t, "1", endpoint)}}
		s := sender(t, b, func(o *Options) { o.Simulation = true })
		if err := s.Send(context.Background(), notice()); verdict(err) != "final" || !strings.Contains(err.Error(), "simulation") || len(b.gone) != 0 {
			t.Errorf("%s: got %v, %d taken out of use", endpoint, err, len(b.gone))
		}
	}
	s := sender(t, &book{}, func(o *Options) { o.Simulation = true })
	if _, err := s.http.Get("https://192.0.2.1/x"); !errors.Is(err, outgoing.ErrNotLoopback) { // as if a name had led there
		t.Errorf("got %v", err)
	}
	push := newService(t, nil)
	b := &book{contacts: []ward.Contact{phone(t, "1", push.URL+"/1")}}
	s = sender(t, b, func(o *Options) { o.Simulation, o.Roots, o.AllowHosts = true, push.roots(), nil })
	if err := s.Send(context.Background(), notice()); err != nil {
		t.Error(err)
	}
	if body, _ := s.Body(notice()); !strings.Contains(string(body), "MÔ PHỎNG") || !strings.Contains(string(body), `"simulation":true`) {
		t.Errorf("%s is not marked", body)
	}
}

// BenchmarkSend is one notice to one telephone: key agreement, encryption, signature, one request.
func BenchmarkSend(b *testing.B) {
	push := newService(b, nil)
	phones := &book{contacts: []ward.Contact{phone(b, "1", push.URL+"/1")}}
	s := sender(b, phones, func(o *Options) { o.Roots = push.roots() })
	for b.Loop() {
		if err := s.Send(context.Background(), notice()); err != nil {
			b.Fatal(err)
		}
	}
}
