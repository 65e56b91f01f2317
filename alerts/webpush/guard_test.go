package webpush

import (
	"context"
	"encoding/base64"
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"wardwatch/ward"
)

// TestPublic: which addresses the server may be sent to by what a browser registered.
func TestPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"142.250.71.74": true, "17.188.143.34": true, "2404:6800:4005::200a": true, "::ffff:142.250.71.74": true, "2620:149:a44::1": true,
		"127.0.0.1": false, "127.8.8.8": false, "0.0.0.0": false, "10.0.0.5": false, "172.16.3.4": false, "172.31.255.255": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "192.0.2.7": false, "198.18.0.1": false, "203.0.113.9": false, "224.0.0.1": false, "255.255.255.255": false, "240.0.0.1": false,
		"::": false, "::1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.5": false, "::127.0.0.1": false, "fe80::1": false, "fe80::1%eth0": false, "fec0::1": false,
		"fc00::1": false, "fd12:3456::1": false, "ff02::1": false, "64:ff9b::7f00:1": false, "64:ff9b:1::a00:5": false, "2002:7f00:1::1": false, "2001:0:7f00:1::": false, "2001:db8::1": false, "3fff::1": false,
	} {
		if got := public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
	if public(netip.Addr{}) {
		t.Error("no address at all is public")
	}
}

// TestCheck: which subscriptions may be registered.
func TestCheck(t *testing.T) {
	browsers, own, wild := []string(nil), []string{"push.benhvien.vn", "*.push.example.org"}, []string{"*"}
	cases := []struct {
		endpoint string
		allow    []string
		want     bool
	}{
		{"https://fcm.googleapis.com/fcm/send/x", browsers, true}, {"https://FCM.googleapis.com:443/x", browsers, true},
		{"https://updates.push.services.mozilla.com/wpush/v2/x", browsers, true}, {"https://web.push.apple.com/x", browsers, true}, {"https://wns2-pn1p.notify.windows.com/w/?token=x", browsers, true},
		{"https://fcm.googleapis.com:8443/x", browsers, false}, {"https://fcm.googleapis.com.example.org/x", browsers, false}, {"https://evilpush.apple.com/x", browsers, false},
		{"https://push.apple.com.evil.org/", browsers, false}, {"https://push.example.org/x", browsers, false}, {"http://fcm.googleapis.com/x", browsers, false},
		{"https://user:pass@fcm.googleapis.com/x", browsers, false}, {"https://fcm.googleapis.com@10.0.0.5/x", browsers, false},
		{"https://127.0.0.1/x", browsers, false}, {"https://10.0.0.5/x", browsers, false}, {"https://[::1]/x", browsers, false}, {"https://2130706433/x", browsers, false},
		{"file:///etc/passwd", browsers, false}, {"gopher://10.0.0.5:11211/x", browsers, false}, {"https:fcm.googleapis.com", browsers, false}, {"//fcm.googleapis.com/x", browsers, false}, {"", browsers, false}, {"https://:443/x", browsers, false},
		{"https://fcm.googleapis.com/" + strings.Repeat("x", 3000), browsers, false},
		{"https://push.benhvien.vn:8443/x", own, true}, {"https://eu.push.example.org/x", own, true}, {"https://eu.push.example.org:8443/x", own, false}, {"https://fcm.googleapis.com/x", own, false}, {"https://push.example.org/x", own, false},
		{"https://anything.example.org/x", wild, true}, {"https://anything.example.org:22/x", wild, false},
	}
	for _, c := range cases {
		s := sender(t, &book{}, func(o *Options) { o.AllowHosts = c.allow })
		err := s.Check(phone(t, "1", c.endpoint))
		if (err == nil) != c.want {
			t.Errorf("%.60s with %v: %v, want %v", c.endpoint, c.allow, err, c.want)
		}
		var e *ward.Error
		if err != nil && (!errors.As(err, &e) || e.Hint == "") {
			t.Errorf("%.60s: %v does not say how to mend it", c.endpoint, err)
		}
	}
}

func TestCheckKeys(t *testing.T) {
	s := sender(t, &book{}, func(o *Options) { o.AllowHosts = nil })
	good := phone(t, "1", "https://fcm.googleapis.com/x")
	point, _ := unbase64(good.P256dh)
	outside := append([]byte(nil), point...)
	outside[64] ^= 1 // another y: no point of the curve
	padded := base64.StdEncoding.EncodeToString
	cases := []struct {
		name, p256dh, auth string
		want               bool
	}{
		{"as browsers give them", good.P256dh, good.Auth, true}, {"in the other base64", padded(point), padded([]byte("\xff\xfe23456789abcdef")), true},
		{"none", "", "", false}, {"no auth", good.P256dh, "", false}, {"a short auth", good.P256dh, "AAAA", false}, {"not base64", "!" + good.P256dh, good.Auth, false},
		{"not on the curve", base64.RawURLEncoding.EncodeToString(outside), good.Auth, false}, {"at infinity", "AA", good.Auth, false}, {"cut short", good.P256dh[:40], good.Auth, false},
	}
	for _, c := range cases {
		x := good
		x.P256dh, x.Auth = c.p256dh, c.auth
		if err := s.Check(x); (err == nil) != c.want {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// TestNamesThatLeadInside: a name that passes and then leads into a network connects to nobody there,
// and the subscription is kept: it is the channel that somebody must look at.
func TestNamesThatLeadInside(t *testing.T) {
	push := newService(t, nil)
	u, _ := url.Parse(push.URL)
	inside := "https://localhost:" + u.Port() + "/secret-subscription"
	b := &book{contacts: []ward.Contact{phone(t, "1", inside)}}
	s := sender(t, b, func(o *Options) { o.AllowHosts, o.Roots = []string{"*"}, push.roots() })
	resp, err := s.http.Get(inside) // as if the name had passed
	if err == nil {
		resp.Body.Close()
	}
	if !errors.Is(err, errNotPublic) || len(push.got()) != 0 {
		t.Errorf("got %v, %d requests", err, len(push.got()))
	}
	if got := unanswered(err); verdict(got) != "final" || !strings.Contains(got.Error(), "allow_hosts") {
		t.Errorf("got %v", got)
	} else {
		keepsQuiet(t, got, inside)
	}
	if err := s.Send(context.Background(), notice()); verdict(err) != "final" || len(b.gone) != 0 || len(push.got()) != 0 {
		t.Errorf("got %v, %d taken out of use, %d requests", err, len(b.gone), len(push.got()))
	}
}

func TestNewRefuses(t *testing.T) {
	keys, _ := NewKeys()
	other, _ := NewKeys()
	proxy := &url.URL{Scheme: "http", Host: "proxy.benhvien.vn:3128"}
	b := &book{}
	good := Options{Keys: keys, Subject: "cntt@benhvien.vn", Contacts: b.look, Gone: b.end}
	cases := []struct {
		name   string
		change func(*Options)
		ok     bool
	}{
		{"nothing wrong", func(*Options) {}, true},
		{"an https subject", func(o *Options) { o.Subject = "https://benhvien.vn/lien-he" }, true},
		{"a subject with mailto", func(o *Options) { o.Subject = "mailto:cntt@benhvien.vn" }, true},
		{"a proxy and the browsers' services", func(o *Options) { o.Proxy = proxy }, true},
		{"no keys", func(o *Options) { o.Keys = Keys{} }, false},
		{"keys that are no pair", func(o *Options) { o.Keys.Public = other.Public }, false},
		{"a key that is not one", func(o *Options) { o.Keys.Private = "AAAA" }, false},
		{"no subject", func(o *Options) { o.Subject = "" }, false},
		{"a subject that does not exist", func(o *Options) { o.Subject = "admin@localhost" }, false},
		{"a subject nobody can reach", func(o *Options) { o.Subject = "admin@ward.invalid" }, false},
		{"an http subject", func(o *Options) { o.Subject = "http://benhvien.vn" }, false},
		{"a subject with a name", func(o *Options) { o.Subject = "CNTT <cntt@benhvien.vn>" }, false},
		{"an address for a host", func(o *Options) { o.AllowHosts = []string{"https://push.benhvien.vn/"} }, false},
		{"an empty host", func(o *Options) { o.AllowHosts = []string{""} }, false},
		{"any host behind a proxy", func(o *Options) { o.AllowHosts, o.Proxy = []string{"*"}, proxy }, false},
		{"a proxy that is not one", func(o *Options) { o.Proxy = &url.URL{Path: "proxy:3128"} }, false},
		{"no book", func(o *Options) { o.Contacts = nil }, false},
	}
	for _, c := range cases {
		o := good
		c.change(&o)
		s, err := New(o)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
		if err != nil && o.Keys.Private != "" && strings.Contains(err.Error(), o.Keys.Private) {
			t.Errorf("%s: the error holds the private key", c.name)
		}
		if s != nil && strings.HasPrefix(s.o.Subject, "mailto:") { // the library would write mailto:mailto:
			t.Errorf("%s: subject %q", c.name, s.o.Subject)
		}
	}
}

// FuzzCheck: whatever a browser registers, what passes is https, at a permitted host, with usable keys.
func FuzzCheck(f *testing.F) {
	good := phone(f, "1", "https://fcm.googleapis.com/x")
	f.Add(good.Address, good.P256dh, good.Auth)
	f.Add("https://10.0.0.5/x", good.P256dh, good.Auth)
	f.Add("https://fcm.googleapis.com@10.0.0.5/x", "", "AAAA")
	s := sender(f, &book{}, func(o *Options) { o.AllowHosts = nil })
	f.Fuzz(func(t *testing.T, endpoint, p256dh, auth string) {
		if s.Check(ward.Contact{Address: endpoint, P256dh: p256dh, Auth: auth}) != nil {
			return
		}
		u, err := url.Parse(endpoint)
		if err != nil || u.Scheme != "https" || u.User != nil || !s.permitted(strings.ToLower(u.Hostname())) {
			t.Errorf("%q passed", endpoint)
		}
		if _, _, err := subscription(p256dh, auth); err != nil {
			t.Errorf("keys %q and %q passed: %v", p256dh, auth, err)
		}
	})
}
