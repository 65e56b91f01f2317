// Package outgoing is what every channel's way out obeys: a simulation reaches this machine only,
// nothing follows a redirect or a proxy that nobody configured, and errors say what happened without
// an address.
package outgoing

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"syscall"
	"time"
)

// ErrNotLoopback is a simulation's attempt to reach another machine.
var ErrNotLoopback = errors.New("a simulation may connect to this machine only")

// Loopback reports whether a host as written is this machine.
func Loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// Dialer connects within timeout; in a simulation to this machine only, whatever a name resolves to.
func Dialer(timeout time.Duration, simulation bool) *net.Dialer {
	d := &net.Dialer{Timeout: timeout, KeepAlive: 30 * time.Second}
	if simulation {
		d.Control = func(_, address string, _ syscall.RawConn) error {
			if at, err := netip.ParseAddrPort(address); err != nil || !at.Addr().Unmap().IsLoopback() {
				return ErrNotLoopback
			}
			return nil
		}
	}
	return d
}

// Options are those of an HTTP client.
type Options struct {
	Timeout    time.Duration  // of one request, answer included
	Roots      *x509.CertPool // nil: the machine's
	Proxy      *url.URL       // nil: none, whatever the environment names
	Simulation bool
}

// Client is an HTTP client that goes to the configured receiver or nowhere.
func Client(o Options) *http.Client {
	t := &http.Transport{
		DialContext:         Dialer(o.Timeout, o.Simulation).DialContext,
		TLSClientConfig:     &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:   true,
		TLSHandshakeTimeout: o.Timeout,
		MaxIdleConnsPerHost: 8,
		IdleConnTimeout:     90 * time.Second,
	}
	if o.Proxy != nil && !o.Simulation {
		t.Proxy = http.ProxyURL(o.Proxy)
	}
	return &http.Client{
		Timeout:       o.Timeout,
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// RetryAfter reads seconds or an HTTP date (RFC 9110, 10.2.3), at most a day; anything else is no
// wish.
func RetryAfter(v string, now time.Time) time.Duration {
	wait := time.Duration(0)
	if n, err := strconv.Atoi(v); err == nil {
		wait = time.Duration(min(max(n, 0), 86400)) * time.Second
	} else if at, err := http.ParseTime(v); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), 24*time.Hour)
}

// Failure is why there was no answer, without an address: errors are stored and logged.
type Failure struct {
	What  string
	cause error
}

// Error is what happened.
func (f *Failure) Error() string { return f.What }

// Unwrap is the cause, which may hold an address.
func (f *Failure) Unwrap() error { return f.cause }

// Plain says in words without an address why there was no answer.
func Plain(err error) error { return &Failure{What: why(err), cause: err} }

func why(err error) string {
	var (
		timeout     interface{ Timeout() bool }
		dns         *net.DNSError
		notTLS      tls.RecordHeaderError
		certificate *tls.CertificateVerificationError
		operation   *net.OpError
	)
	switch {
	case errors.Is(err, ErrNotLoopback):
		return ErrNotLoopback.Error()
	case errors.As(err, &certificate):
		return "its certificate is not good: " + certificateFault(certificate.Err)
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &notTLS),
		errors.As(err, &operation) && (operation.Op == "remote error" || operation.Op == "local error"): // alerts of crypto/tls
		return "the encryption (TLS) could not be agreed on"
	case errors.Is(err, context.Canceled):
		return "we stopped before it answered"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.As(err, &dns):
		return "its name is not known to the name server"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "it broke off the connection"
	}
	return "the connection failed"
}

func certificateFault(err error) string {
	var (
		invalid x509.CertificateInvalidError
		name    x509.HostnameError
	)
	switch {
	case errors.As(err, &name):
		return "it is made out for another name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "it is out of date"
	}
	return "nobody whom this machine trusts has signed it"
}
