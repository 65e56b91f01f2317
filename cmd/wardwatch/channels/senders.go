package channels

import (
	"errors"
	"fmt"
	"time"

	"wardwatch/alerts"
	"wardwatch/alerts/ntfy"
	"wardwatch/alerts/outgoing"
	"wardwatch/alerts/sms"
	"wardwatch/alerts/smtp"
	"wardwatch/alerts/webhook"
	"wardwatch/alerts/webpush"
	"wardwatch/ward"
)

// Deps is what senders need of the rest.
type Deps struct {
	Contacts outgoing.Lookup            // a person's addresses in use
	Gone     outgoing.Gone              // takes a dead address out of use
	Link     func(ward.Notice) string   // empty string: no link; nil: never one
	Lang     func(ward.PersonID) string // "vi" or "en"; nil: Vietnamese
	Now      func() time.Time           // nil: the machine's clock
}

// Senders makes the sender of every channel by its name. Secrets are read now, and made where the file
// names none. An error names the channel and the remedy.
func (s *Set) Senders(d Deps) (map[string]alerts.Sender, error) {
	senders := map[string]alerts.Sender{}
	for i := range s.channels {
		c := &s.channels[i]
		made, err := s.sender(c, d)
		if err != nil {
			return nil, s.about(c, err)
		}
		senders[c.Name] = made
	}
	return senders, nil
}

// about says which channel an error is of, and its remedy where it has one.
func (s *Set) about(c *channel, err error) error {
	var e *ward.Error
	if errors.As(err, &e) && e.Hint != "" {
		err = fmt.Errorf("%w (%s)", err, e.Hint)
	}
	err = fmt.Errorf("channel %s: %w", c.Name, err)
	if c.line == 0 {
		return err
	}
	return fmt.Errorf("%s:%d: %w", s.file, c.line, err)
}

func (s *Set) sender(c *channel, d Deps) (alerts.Sender, error) {
	switch c.Kind {
	case KindWebPush:
		return s.webpush(c, d)
	case KindNtfy:
		return s.ntfy(c, d)
	case KindSMTP:
		return s.smtp(c, d)
	case KindSMS:
		return s.sms(c, d)
	}
	return s.webhook(c, d)
}

func (s *Set) webpush(c *channel, d Deps) (alerts.Sender, error) {
	o := webpush.Options{
		Subject: c.webpush.Subject, AllowHosts: c.webpush.AllowHosts, Timeout: c.webpush.Timeout,
		Contacts: d.Contacts, Gone: d.Gone, Link: d.Link, Simulation: s.site.Simulation, Now: d.Now,
	}
	var err error
	if o.Keys, err = s.keys(c); err != nil {
		return nil, err
	}
	if o.Proxy, err = through(c.webpush.Proxy); err != nil {
		return nil, err
	}
	if o.Roots, err = roots(c.webpush.CAFile); err != nil {
		return nil, err
	}
	return some(webpush.New(o))
}

func (s *Set) ntfy(c *channel, d Deps) (alerts.Sender, error) {
	o := ntfy.Options{
		URL: c.ntfy.URL, Topic: c.ntfy.Topic, Personal: c.ntfy.Personal, Lang: c.ntfy.Lang, Timeout: c.ntfy.Timeout,
		Contacts: d.Contacts, Gone: d.Gone, Link: d.Link, Simulation: s.site.Simulation, Now: d.Now,
	}
	var err error
	if o.Token, err = secret(c.ntfy.TokenFile); err != nil {
		return nil, err
	}
	if o.Proxy, err = through(c.ntfy.Proxy); err != nil {
		return nil, err
	}
	if o.Roots, err = roots(c.ntfy.CAFile); err != nil {
		return nil, err
	}
	return some(ntfy.New(o))
}

func (s *Set) webhook(c *channel, d Deps) (alerts.Sender, error) {
	key, err := s.webhookSecret(c)
	if err != nil {
		return nil, err
	}
	pool, err := roots(c.webhook.CAFile)
	if err != nil {
		return nil, err
	}
	return some(webhook.New(webhook.Options{
		URL: c.webhook.URL, Secret: []byte(key), Roots: pool, Timeout: c.webhook.Timeout,
		Link: d.Link, Simulation: s.site.Simulation, Now: d.Now,
	}))
}

func (s *Set) smtp(c *channel, d Deps) (alerts.Sender, error) {
	o, err := s.mail(c, d)
	if err != nil {
		return nil, err
	}
	return some(smtp.New(o))
}

func (s *Set) mail(c *channel, d Deps) (o smtp.Options, err error) {
	o = smtp.Options{
		Host: c.smtp.Host, Port: c.smtp.Port, TLS: smtp.Encryption(c.smtp.TLS), Insecure: c.smtp.Insecure, User: c.smtp.User,
		From: c.smtp.From, Timeout: c.smtp.Timeout,
		Contacts: d.Contacts, Gone: d.Gone, Link: d.Link, Lang: d.Lang, Simulation: s.site.Simulation, Now: d.Now,
	}
	if o.Password, err = secret(c.smtp.PasswordFile); err != nil {
		return o, err
	}
	o.Roots, err = roots(c.smtp.CAFile)
	return o, err
}

func (s *Set) sms(c *channel, d Deps) (alerts.Sender, error) {
	o := sms.Options{
		Template: c.sms.template(), From: c.sms.From, Country: c.sms.Country, Unicode: c.sms.Text == textVietnamese,
		Secrets: map[string]string{}, Timeout: c.sms.Timeout,
		Contacts: d.Contacts, Gone: d.Gone, Link: d.Link, Lang: d.Lang, Simulation: s.site.Simulation, Now: d.Now,
	}
	var err error
	for name, file := range c.sms.Secrets {
		if o.Secrets[name], err = secret(file); err != nil {
			return nil, err
		}
	}
	if o.Proxy, err = through(c.sms.Proxy); err != nil {
		return nil, err
	}
	if o.Roots, err = roots(c.sms.CAFile); err != nil {
		return nil, err
	}
	return some(sms.New(o))
}

// some keeps a nil pointer from becoming a sender.
func some[S alerts.Sender](made S, err error) (alerts.Sender, error) {
	if err != nil {
		return nil, err
	}
	return made, nil
}
