// Package sms tells by text messages through an HTTP gateway: a modem's on the hospital's network, or a
// vendor's. What a gateway wants and answers is a template, so that a new one needs no new code. It
// carries the bed, never a name.
package sms

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"wardwatch/alerts"
	"wardwatch/alerts/outgoing"
	"wardwatch/alerts/wording"
	"wardwatch/ward"
)

// Options says which gateway, and in which words.
type Options struct {
	Template Template
	From     string            // the sender as the gateway knows it: a brand name or number; empty: the gateway's own
	Country  string            // calling code of numbers that begin with a 0, for example 84; empty: such numbers are refused
	Unicode  bool              // Vietnamese with its marks: mostly two messages where plain letters need one
	Secrets  map[string]string // by the name that the template gives them

	Contacts outgoing.Lookup
	Gone     outgoing.Gone
	Link     func(n ward.Notice) string
	Lang     func(ward.PersonID) string // "vi" or "en"; nil: Vietnamese

	Roots *x509.CertPool // nil: the machine's
	Proxy *url.URL       // nil: none
	// Simulation marks every notice and refuses any gateway that is not this machine.
	Simulation bool
	Timeout    time.Duration // of one try; default 10 s
	Now        func() time.Time
}

// Sender sends text messages. It is safe for several goroutines.
type Sender struct {
	o        Options
	template *template
	client   *http.Client
}

// New checks the options and returns a sender.
func New(o Options) (*Sender, error) {
	t, err := parse(o.Template, o.Secrets)
	if err != nil {
		return nil, err
	}
	switch {
	case o.Simulation && !outgoing.Loopback(t.host):
		return nil, bad("a simulation may notify this machine only", "use a gateway on 127.0.0.1, or run without simulation")
	case !digits(o.Country) || len(o.Country) > 3:
		return nil, bad(fmt.Sprintf("the country %q is no calling code", o.Country), "give its digits alone, for example 84")
	case o.Contacts == nil || o.Gone == nil:
		return nil, errors.New("sms: Contacts and Gone are needed")
	}
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Sender{o: o, template: t, client: outgoing.Client(outgoing.Options{
		Timeout: o.Timeout, Roots: o.Roots, Proxy: o.Proxy, Simulation: o.Simulation,
	})}, nil
}

func bad(message, hint string) error {
	return &ward.Error{Code: ward.BadInput, Message: message, Hint: hint}
}

// Send sends the notice once to every number of its person. It is delivered when the gateway took one
// of them; that it reached the telephone nobody promises. A number that cannot be one, or that the
// gateway calls invalid, is given to Gone.
func (s *Sender) Send(ctx context.Context, n ward.Notice) error {
	return outgoing.Person(ctx, n, s.o.Contacts, s.o.Gone, func(ctx context.Context, c ward.Contact) error {
		return s.try(ctx, n, c)
	})
}

// Check reports an address that is no telephone number.
func (s *Sender) Check(c ward.Contact) error {
	_, err := Normalise(c.Address, s.o.Country)
	return err
}

// maxAnswer is how much of a gateway's answer is read, in bytes.
const maxAnswer = 64 << 10

func (s *Sender) try(ctx context.Context, n ward.Notice, c ward.Contact) error {
	to, err := Normalise(c.Address, s.o.Country)
	if err != nil {
		return &outgoing.Dead{Why: "not a telephone number"}
	}
	req, err := s.template.request(ctx, s.values(n, c.ID, to))
	if err != nil {
		return &alerts.SendError{Permanent: true, Err: err}
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return &alerts.SendError{Permanent: errors.Is(err, outgoing.ErrNotLoopback), Err: gatewayError(err)}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return &alerts.SendError{Err: gatewayError(err)}
	}
	return s.answer(resp, body)
}

func gatewayError(err error) error { return fmt.Errorf("the SMS gateway: %w", outgoing.Plain(err)) }

func (s *Sender) answer(resp *http.Response, body []byte) error {
	code := resp.StatusCode
	failed := &alerts.SendError{Err: fmt.Errorf("the SMS gateway answered %d", code)}
	switch s.template.judge(code, body) {
	case taken:
		return nil
	case dead:
		return &outgoing.Dead{Why: "the SMS gateway says that the number is not valid"}
	case again:
		failed.RetryAfter = outgoing.RetryAfter(resp.Header.Get("Retry-After"), s.o.Now())
	default:
		failed.Permanent = true
		failed.Err = fmt.Errorf("the SMS gateway answered %d and did not take it: compare its settings and its balance with what it expects", code)
	}
	return failed
}

// values are what a template's fields stand for. A gateway that drops repeats must not take a second
// number for one, so the notice's id is joined with the contact's.
func (s *Sender) values(n ward.Notice, contact, to string) map[string]string {
	return map[string]string{
		"to": to, "to_digits": to[1:], "to_national": national(to, s.o.Country),
		"text": s.text(n), "notice": string(n.ID) + "-" + contact, "from": s.o.From,
		"coding": pick(s.o.Unicode, "2", "0"), "unicode": pick(s.o.Unicode, "1", "0"),
	}
}

func pick(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

func (s *Sender) text(n ward.Notice) string {
	lang, link := wording.Vietnamese, ""
	if s.o.Lang != nil {
		lang = s.o.Lang(n.To)
	}
	if s.o.Link != nil {
		link = s.o.Link(n)
	}
	if s.o.Unicode {
		return wording.ShortUnicode(lang, n, s.o.Simulation, link)
	}
	return wording.Short(lang, n, s.o.Simulation, link)
}
