package channels

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"wardwatch/alerts/ntfy"
	"wardwatch/alerts/outgoing"
	"wardwatch/alerts/smtp"
	"wardwatch/ward"
)

// Finding is what an examination found of one channel.
type Finding struct {
	Channel string
	Detail  string
	Remedy  string // empty: it is well
}

// examineLimit is how long one channel may take to answer.
const examineLimit = 10 * time.Second

// Examine looks at every channel as far as can be without telling anybody: settings and secrets,
// and whether its server answers.
func (s *Set) Examine(ctx context.Context) (list []Finding) {
	for i := range s.channels {
		c := &s.channels[i]
		ctx, cancel := context.WithTimeout(ctx, examineLimit)
		list = append(list, s.examine(ctx, c))
		cancel()
	}
	return list
}

func (s *Set) examine(ctx context.Context, c *channel) Finding {
	f := Finding{Channel: c.Name}
	made, err := s.sender(c, nobody())
	if err != nil {
		f.Detail, f.Remedy = err.Error(), "correct the channels file"
		var e *ward.Error
		if errors.As(err, &e) && e.Hint != "" {
			f.Remedy = e.Hint
		}
		return f
	}
	f.Remedy = "start its server, or correct the channels file"
	switch made := made.(type) {
	case *smtp.Sender:
		f.Detail, err = "the mail server lets us in", made.Greet(ctx)
	case *ntfy.Sender:
		f.Detail, err = "the ntfy server is healthy", made.Check(ctx)
	default:
		f.Detail, err = s.reach(ctx, c)
	}
	if err != nil {
		f.Detail = err.Error()
		return f
	}
	f.Remedy = ""
	return f
}

// nobody is for senders that are asked for nothing but whether they could.
func nobody() Deps {
	return Deps{
		Contacts: func(context.Context, ward.PersonID, string) ([]ward.Contact, error) { return nil, nil },
		Gone:     func(context.Context, string, string) error { return nil },
	}
}

// reach opens and closes a connection to where a channel posts, or to the proxy on the way there.
func (s *Set) reach(ctx context.Context, c *channel) (string, error) {
	address, ca, proxy := c.webhook.URL, c.webhook.CAFile, ""
	switch c.Kind {
	case KindSMS:
		address, ca, proxy = c.sms.template().URL, c.sms.CAFile, c.sms.Proxy
	case KindWebPush:
		address, ca, proxy = "", "", c.webpush.Proxy
	}
	if address == "" && proxy == "" {
		return "the key pair is good; each telephone's push service is found out when it is told", nil
	}
	if proxy != "" {
		return "its proxy answers", s.connect(ctx, proxy, "")
	}
	return "its server answers", s.connect(ctx, address, ca)
}

func (s *Set) connect(ctx context.Context, address, ca string) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("its address cannot be read")
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	conn, err := outgoing.Dialer(examineLimit, s.site.Simulation).DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return outgoing.Plain(err)
	}
	defer conn.Close()
	if u.Scheme != "https" {
		return nil
	}
	pool, err := roots(ca)
	if err != nil {
		return err
	}
	if err := tls.Client(conn, &tls.Config{ServerName: u.Hostname(), RootCAs: pool, MinVersion: tls.VersionTLS12}).HandshakeContext(ctx); err != nil {
		return outgoing.Plain(err)
	}
	return nil
}
