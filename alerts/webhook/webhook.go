// Package webhook tells by an HTTP POST, signed so that the receiver can check who sent it. It
// carries the bed, never a name.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"wardwatch/alerts"
	"wardwatch/ward"
)

// Options says where to post and how to sign.
type Options struct {
	URL    string
	Secret []byte // shared with the receiver; at least MinSecret bytes
	// Board is the address under which people reach Wardwatch; empty: notices carry no link.
	Board string
	// Simulation marks every notice and refuses any receiver that is not this machine: made-up
	// patients must never page a real person.
	Simulation bool
	Timeout    time.Duration // of one try; default 10 s
	Now        func() time.Time
}

// MinSecret is the shortest secret accepted, in bytes.
const MinSecret = 16

// Headers of a notice.
const (
	SignatureHeader   = "Wardwatch-Signature"
	IdempotencyHeader = "Idempotency-Key"
)

// Sender posts notices to one receiver. It is safe for several goroutines.
type Sender struct {
	o      Options
	client *http.Client
}

// New checks the options and returns a sender.
func New(o Options) (*Sender, error) {
	u, err := url.Parse(o.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, bad("the webhook has no usable address", "give a full URL, for example https://pager.example.vn/wardwatch")
	case u.User != nil || u.Fragment != "":
		return nil, bad("the webhook's address holds a password or a fragment", "leave them out: notices are signed instead")
	case len(o.Secret) < MinSecret:
		return nil, bad("the webhook's secret is too short", fmt.Sprintf("use at least %d random bytes", MinSecret))
	case o.Simulation && !loopbackName(u.Hostname()):
		return nil, bad("a simulation may notify this machine only", "use a receiver on 127.0.0.1, or run without simulation")
	}
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Sender{o: o, client: newClient(o)}, nil
}

func bad(message, hint string) error {
	return &ward.Error{Code: ward.BadInput, Message: message, Hint: hint}
}

func loopbackName(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

var errNotLoopback = errors.New("a simulation may connect to this machine only")

// newClient neither follows redirects nor obeys proxies: the signed body goes to the configured
// receiver or nowhere.
func newClient(o Options) *http.Client {
	dialer := &net.Dialer{Timeout: o.Timeout, KeepAlive: 30 * time.Second}
	if o.Simulation {
		// The name was checked in New; what it resolves to is checked here.
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			if at, err := netip.ParseAddrPort(address); err != nil || !at.Addr().Unmap().IsLoopback() {
				return errNotLoopback
			}
			return nil
		}
	}
	return &http.Client{
		Timeout: o.Timeout,
		Transport: &http.Transport{
			DialContext:         dialer.DialContext,
			TLSHandshakeTimeout: o.Timeout,
			MaxIdleConnsPerHost: 8,
			IdleConnTimeout:     90 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// payload is the body of a notice. It is a contract: fields are added, never renamed.
type payload struct {
	Notice     ward.NoticeID  `json:"notice"`
	Alert      ward.AlertID   `json:"alert"`
	Ward       ward.WardID    `json:"ward"`
	Bed        ward.BedID     `json:"bed"`
	Kind       ward.AlertKind `json:"kind"`
	Band       string         `json:"band"`
	Level      int            `json:"level"`
	Role       ward.Role      `json:"role"`
	Made       string         `json:"made"`
	Expires    string         `json:"expires"`
	Link       string         `json:"link,omitempty"`
	Simulation bool           `json:"simulation"`
	TextVI     string         `json:"text_vi"`
	TextEN     string         `json:"text_en"`
}

// Body is the JSON posted for a notice.
func (s *Sender) Body(n ward.Notice) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(payload{
		Notice: n.ID, Alert: n.Alert, Ward: n.Place.Ward, Bed: n.Place.Bed, Kind: n.Kind, Band: n.Band.String(),
		Level: n.Level, Role: n.Role, Made: n.Made.UTC().Format(time.RFC3339Nano), Expires: n.Expires.UTC().Format(time.RFC3339Nano),
		Link: s.link(n), Simulation: s.o.Simulation,
		TextVI: text(vietnamese(), n, s.o.Simulation), TextEN: text(english(), n, s.o.Simulation),
	})
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

func (s *Sender) link(n ward.Notice) string {
	if s.o.Board == "" {
		return ""
	}
	return strings.TrimRight(s.o.Board, "/") + "/board/" + url.PathEscape(string(n.Place.Ward)) + "?alert=" + url.QueryEscape(string(n.Alert))
}

// Sign is the signature header's value: the time of signing in Unix seconds and the HMAC-SHA256 of
// "time.body" in hexadecimal. The time lets a receiver refuse what somebody recorded and replays.
func Sign(secret, body []byte, at time.Time) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// Send posts the notice once. 2xx is delivered; no answer, 408, 425, 429 and 5xx may be tried
// again; every other answer is final.
func (s *Sender) Send(ctx context.Context, n ward.Notice) error {
	body, err := s.Body(n)
	if err != nil {
		return &alerts.SendError{Permanent: true, Err: err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.o.URL, bytes.NewReader(body))
	if err != nil {
		return &alerts.SendError{Permanent: true, Err: errors.New("the request could not be made")}
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "wardwatch")
	req.Header.Set(IdempotencyHeader, string(n.ID))
	req.Header.Set(SignatureHeader, Sign(s.o.Secret, body, s.o.Now()))
	resp, err := s.client.Do(req)
	if err != nil {
		return &alerts.SendError{Permanent: errors.Is(err, errNotLoopback), Err: plain(err)}
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, 4096)) // so that the connection can be used again
	return s.judge(resp)
}

// plain drops the address from the error: it may hold a token, and errors are stored and logged.
func plain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		if u.Timeout() {
			return errors.New("no answer in time")
		}
		return u.Err
	}
	return err
}

func (s *Sender) judge(resp *http.Response) error {
	code := resp.StatusCode
	if code >= 200 && code < 300 {
		return nil
	}
	e := &alerts.SendError{Err: fmt.Errorf("the receiver answered %d", code)}
	switch {
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code >= 500:
		e.RetryAfter = s.retryAfter(resp.Header.Get("Retry-After"))
	default:
		e.Permanent = true
	}
	return e
}

// retryAfter reads seconds or an HTTP date (RFC 9110, 10.2.3), at most a day; anything else is no
// wish.
func (s *Sender) retryAfter(v string) time.Duration {
	wait := time.Duration(0)
	if n, err := strconv.Atoi(v); err == nil {
		wait = time.Duration(min(max(n, 0), 86400)) * time.Second
	} else if at, err := http.ParseTime(v); err == nil {
		wait = at.Sub(s.o.Now())
	}
	return min(max(wait, 0), 24*time.Hour)
}
