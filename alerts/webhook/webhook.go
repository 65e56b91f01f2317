// Package webhook tells by an HTTP POST, signed so that the receiver can check who sent it. It
// carries the bed, never a name.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"wardwatch/alerts"
	"wardwatch/alerts/outgoing"
	"wardwatch/alerts/wording"
	"wardwatch/ward"
)

// Options says where to post and how to sign.
type Options struct {
	URL    string
	Secret []byte                     // shared with the receiver; at least MinSecret bytes
	Roots  *x509.CertPool             // nil: the machine's
	Link   func(n ward.Notice) string // nil, or an empty string: the notice carries no link
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
	case o.Simulation && !outgoing.Loopback(u.Hostname()):
		return nil, bad("a simulation may notify this machine only", "use a receiver on 127.0.0.1, or run without simulation")
	}
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Sender{o: o, client: outgoing.Client(outgoing.Options{Timeout: o.Timeout, Roots: o.Roots, Simulation: o.Simulation})}, nil
}

func bad(message, hint string) error {
	return &ward.Error{Code: ward.BadInput, Message: message, Hint: hint}
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
	To         ward.PersonID  `json:"to,omitempty"`  // one person; absent: whoever holds the role
	How        ward.Holding   `json:"how,omitempty"` // how they were found; default, all and nobody: the roster has a hole
	Why        string         `json:"why"`           // alert, snooze_ends or test
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
		Level: n.Level, Role: n.Role, To: n.To, How: n.How, Why: why(n), Made: n.Made.UTC().Format(time.RFC3339Nano), Expires: n.Expires.UTC().Format(time.RFC3339Nano),
		Link: s.link(n), Simulation: s.o.Simulation,
		TextVI: wording.Line(wording.Vietnamese, n, s.o.Simulation), TextEN: wording.Line(wording.English, n, s.o.Simulation),
	})
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

func (s *Sender) link(n ward.Notice) string {
	if s.o.Link == nil {
		return ""
	}
	return s.o.Link(n)
}

func why(n ward.Notice) string {
	if n.Why == ward.WhyAlert {
		return "alert"
	}
	return string(n.Why)
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
		return &alerts.SendError{Permanent: errors.Is(err, outgoing.ErrNotLoopback), Err: fmt.Errorf("the receiver: %w", outgoing.Plain(err))}
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, 4096)) // so that the connection can be used again
	return s.judge(resp)
}

func (s *Sender) judge(resp *http.Response) error {
	code := resp.StatusCode
	if code >= 200 && code < 300 {
		return nil
	}
	e := &alerts.SendError{Err: fmt.Errorf("the receiver answered %d", code)}
	switch {
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code >= 500:
		e.RetryAfter = outgoing.RetryAfter(resp.Header.Get("Retry-After"), s.o.Now())
	default:
		e.Permanent = true
	}
	return e
}
