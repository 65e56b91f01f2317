// Package webpush tells people on their own telephones and browsers by Web Push: encrypted for the one
// browser (RFC 8291), signed with the server's key (RFC 8292), and of one length whatever it says. It
// needs the internet: a push service stands between. It carries the bed, never a name.
package webpush

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"

	push "github.com/SherClockHolmes/webpush-go"

	"wardwatch/alerts"
	"wardwatch/alerts/outgoing"
	"wardwatch/ward"
)

// Options says who sends, to whom, and by which way.
type Options struct {
	Keys Keys
	// Subject is who answers for the messages: a mail address or an https address. Push services
	// write there; Apple's refuses one that does not exist.
	Subject  string
	Contacts outgoing.Lookup // subscriptions of a person
	Gone     outgoing.Gone   // told of a subscription that the push service no longer knows
	Link     func(n ward.Notice) string
	// AllowHosts are the push services that may be used, as a host or "*.domain"; empty: those of the
	// browsers (BrowserServices); "*": any public one. A host written out in full may be at a private
	// address and on any port: it is the hospital's own.
	AllowHosts []string
	Proxy      *url.URL       // the hospital's, on the way to the internet; nil: none
	Roots      *x509.CertPool // nil: the machine's
	// Simulation marks every notice and refuses any push service that is not on this machine.
	Simulation bool
	Timeout    time.Duration // of one try; default 10 s
	// Now counts down a notice's deadline. The signature's own expiry goes by the machine's clock.
	Now func() time.Time
}

// Sender pushes notices to the subscriptions of one person each. It is safe for several goroutines.
type Sender struct {
	o     Options
	http  *http.Client
	blame blame
}

// New checks the options and returns a sender.
func New(o Options) (*Sender, error) {
	if err := o.Keys.Check(); err != nil {
		return nil, err
	}
	subject, err := subjectOf(o.Subject)
	if err != nil {
		return nil, err
	}
	o.Subject = subject
	o.AllowHosts = slices.Clone(o.AllowHosts)
	for i, h := range o.AllowHosts {
		o.AllowHosts[i] = strings.ToLower(h)
		if err := checkHost(o.AllowHosts[i], o.Proxy != nil); err != nil {
			return nil, err
		}
	}
	if p := o.Proxy; p != nil && (p.Host == "" || p.Scheme != "http" && p.Scheme != "https") {
		return nil, bad("the proxy has no usable address", "give a full URL, for example http://proxy.benhvien.vn:3128")
	}
	if o.Contacts == nil || o.Gone == nil {
		return nil, errors.New("webpush: Contacts and Gone are needed")
	}
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Sender{o: o}
	s.http = s.client()
	return s, nil
}

func bad(message, hint string) error {
	return &ward.Error{Code: ward.BadInput, Message: message, Hint: hint}
}

// checkHost checks one entry of AllowHosts. Behind a proxy it is the proxy that looks the name up, so
// that we cannot see where "any host" leads.
func checkHost(h string, proxied bool) error {
	if h == anyHost {
		if proxied {
			return bad("any push service (allow_hosts: *) cannot be allowed behind a proxy", "name the push services, or leave allow_hosts out for those of the browsers")
		}
		return nil
	}
	if name := strings.TrimPrefix(h, "*."); name == "" || strings.ContainsAny(name, "*/@ ") {
		return bad(fmt.Sprintf("%q in allow_hosts is not a host", h), "write a host alone, for example push.benhvien.vn or *.push.apple.com")
	}
	return nil
}

// subjectOf is the subject as the library wants it: it puts "mailto:" before whatever is not https.
func subjectOf(s string) (string, error) {
	host := ""
	if strings.HasPrefix(s, "https://") {
		if u, err := url.Parse(s); err == nil {
			host = u.Hostname()
		}
	} else {
		s = strings.TrimPrefix(s, "mailto:")
		if a, err := mail.ParseAddress(s); err == nil && a.Name == "" {
			s = a.Address
			host = s[strings.LastIndexByte(s, '@')+1:]
		}
	}
	if !strings.Contains(host, ".") || strings.HasSuffix(host, ".invalid") || strings.HasSuffix(host, ".local") || outgoing.Loopback(host) {
		return "", bad("the push channel's subject is not a mail address or https address that exists",
			"give one that somebody reads, for example cntt@benhvien.vn: Apple's push service refuses messages without it")
	}
	return s, nil
}

// Send pushes the notice once to every subscription of its person. It is delivered when one push
// service took it; a subscription that is void is given to Gone.
func (s *Sender) Send(ctx context.Context, n ward.Notice) error {
	body, err := s.Body(n)
	if err != nil {
		return &alerts.SendError{Permanent: true, Err: err}
	}
	return outgoing.Person(ctx, n, s.o.Contacts, s.o.Gone, func(ctx context.Context, c ward.Contact) error {
		return s.push(ctx, n, c, body)
	})
}

// push sends to one subscription.
func (s *Sender) push(ctx context.Context, n ward.Notice, c ward.Contact, body []byte) error {
	u, err := endpoint(c)
	if err != nil {
		return &outgoing.Dead{Why: err.Error()}
	}
	if err := s.allowed(u); err != nil { // not dead: another setting may allow it again
		if s.blame.refused(everywhere, c.ID, s.o.Now()) {
			return ownFault(err)
		}
		return &alerts.SendError{Permanent: true, Err: err}
	}
	p256dh, auth, err := subscription(c.P256dh, c.Auth)
	if err != nil {
		return &outgoing.Dead{Why: err.Error()}
	}
	// Clipped: the library pads in place, and the other subscriptions are sent the same body.
	resp, err := push.SendNotificationWithContext(ctx, slices.Clip(body), &push.Subscription{Endpoint: c.Address, Keys: push.Keys{P256dh: p256dh, Auth: auth}}, &push.Options{
		HTTPClient: s.http, RecordSize: recordSize, Subscriber: s.o.Subject, Topic: topic(n), TTL: ttl(n, s.o.Now()), Urgency: urgency(n),
		VAPIDPublicKey: s.o.Keys.Public, VAPIDPrivateKey: s.o.Keys.Private,
	})
	if err != nil {
		return unanswered(err)
	}
	defer resp.Body.Close()
	err = s.judge(resp)
	switch {
	case err == nil:
		s.blame.took(u.Host, c.ID, s.o.Now())
	case refusesKey(resp.StatusCode) && s.blame.refused(u.Host, c.ID, s.o.Now()):
		return ownFault(err)
	}
	return err
}
