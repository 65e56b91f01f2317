package webpush

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"wardwatch/alerts/outgoing"
	"wardwatch/ward"
)

// anyHost in AllowHosts lets every public host be a push service.
const anyHost = "*"

// BrowserServices are the push services of the browsers in use: Chrome and its kin, Firefox, Safari,
// Edge. They are what may be used where AllowHosts names none.
func BrowserServices() []string {
	return []string{"fcm.googleapis.com", "*.push.services.mozilla.com", "*.push.apple.com", "*.notify.windows.com"}
}

// Check reports a subscription that will not be used, and how to mend it: for whoever registers one.
func (s *Sender) Check(c ward.Contact) error {
	u, err := endpoint(c)
	if err != nil {
		return err
	}
	if err := s.allowed(u); err != nil {
		return err
	}
	_, _, err = subscription(c.P256dh, c.Auth)
	return err
}

func endpoint(c ward.Contact) (*url.URL, error) {
	u, err := url.Parse(c.Address)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Opaque != "" || len(c.Address) > 2048 {
		return nil, bad("the push subscription has no usable address", subscribeAgain)
	}
	return u, nil
}

// allowed refuses an address that we would not ask. Addresses come from browsers, that is, from
// anybody who may sign in: without this they could make the server ask inside the hospital's network.
func (s *Sender) allowed(u *url.URL) error {
	host := strings.ToLower(u.Hostname())
	switch {
	case s.o.Simulation:
		if !outgoing.Loopback(host) || u.Scheme != "https" && u.Scheme != "http" {
			return bad("a simulation may notify this machine only", "use a push service on 127.0.0.1, or run without simulation")
		}
	case u.Scheme != "https":
		return bad("the push subscription's address is not https", subscribeAgain)
	case !s.named(host) && (!s.permitted(host) || u.Port() != "" && u.Port() != "443"):
		return bad("the push subscription is with a push service that may not be used here",
			"use a browser whose push service is allowed, or add that service to allow_hosts of the push channel")
	}
	return nil
}

// named reports whether the hospital wrote the host out in full: then it vouches for where it is.
func (s *Sender) named(host string) bool { return slices.Contains(s.o.AllowHosts, host) }

// permitted reports whether the host may be a push service at a public address.
func (s *Sender) permitted(host string) bool {
	allow := s.o.AllowHosts
	if len(allow) == 0 {
		allow = BrowserServices()
	}
	for _, a := range allow {
		if a == anyHost || a == host || strings.HasPrefix(a, "*.") && strings.HasSuffix(host, a[1:]) {
			return true
		}
	}
	return false
}

var errNotPublic = errors.New("its name leads to an address inside a network: name the host in full in allow_hosts if the push service is the hospital's own")

// dialer refuses what a name resolves to when that is no public address, at the moment of
// connecting, so that a name cannot change its mind after a check. A host that the hospital named
// itself, and its proxy, may be anywhere.
func (s *Sender) dialer(timeout time.Duration) func(ctx context.Context, network, address string) (net.Conn, error) {
	free := outgoing.Dialer(timeout, false)
	guarded := outgoing.Dialer(timeout, false)
	guarded.Control = func(_, address string, _ syscall.RawConn) error {
		if at, err := netip.ParseAddrPort(address); err != nil || !public(at.Addr()) {
			return errNotPublic
		}
		return nil
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err == nil && (s.o.Proxy != nil && host == s.o.Proxy.Hostname() || s.named(strings.ToLower(host))) {
			return free.DialContext(ctx, network, address)
		}
		return guarded.DialContext(ctx, network, address)
	}
}

// public reports whether an address is of the internet at large: none of the special-purpose blocks
// of the IANA registries (RFC 6890), and none that wraps another address.
func public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsValid() || a.Zone() != "" || !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	return !slices.ContainsFunc(special(), func(p netip.Prefix) bool { return p.Contains(a) })
}

func special() []netip.Prefix {
	blocks := []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/3", "4000::/2", "8000::/1", // all that is not global unicast 2000::/3: NAT64, discard, SRv6, site-local …
		"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", // Teredo and other protocols, documentation, 6to4
	}
	out := make([]netip.Prefix, len(blocks))
	for i, b := range blocks {
		out[i] = netip.MustParsePrefix(b)
	}
	return out
}

// client goes to a push service or nowhere: a simulation stays on this machine.
func (s *Sender) client() *http.Client {
	c := outgoing.Client(outgoing.Options{Timeout: s.o.Timeout, Roots: s.o.Roots, Proxy: s.o.Proxy, Simulation: s.o.Simulation})
	if t, ok := c.Transport.(*http.Transport); ok && !s.o.Simulation {
		t.DialContext = s.dialer(s.o.Timeout)
	}
	return c
}
