// Package ntfy tells by an ntfy server, the hospital's own or a public one: a topic that a ward and role
// listen to, or a topic of each person's own. On the hospital's network it needs no internet, and its
// highest priority is heard. It carries the bed, never a name.
package ntfy

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"wardwatch/alerts"
	"wardwatch/alerts/outgoing"
	"wardwatch/ward"
)

// Options says which server, which topics, and in which language.
type Options struct {
	URL   string // of the server, for example https://ntfy.benhvien.vn
	Token string // access token; empty: the server asks for none
	// Topic is a ward's and role's topic with {ward} and {role} in it; empty: "{ward}-{role}". A notice
	// of no ward has "hospital" there. Whoever knows a topic can listen unless the server asks who
	// they are: protect topics there.
	Topic string
	// Personal tells each person at their own topics (the addresses that Contacts finds) instead.
	Personal bool
	Contacts outgoing.Lookup
	Gone     outgoing.Gone

	Link  func(n ward.Notice) string
	Lang  string // "vi" or "en"; empty: Vietnamese
	Roots *x509.CertPool
	Proxy *url.URL
	// Simulation marks every notice and refuses any server that is not this machine.
	Simulation bool
	Timeout    time.Duration // of one try; default 10 s
	Now        func() time.Time
}

const (
	defaultTopic = "{ward}-{role}"
	noWard       = "hospital"
)

// Sender publishes notices. It is safe for several goroutines.
type Sender struct {
	o    Options
	http *http.Client
}

// New checks the options and returns a sender.
func New(o Options) (*Sender, error) {
	u, err := url.Parse(o.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, bad("the ntfy server has no usable address", "give a full URL, for example https://ntfy.benhvien.vn")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/":
		return nil, bad("the ntfy server's address holds more than the server", "leave out the topic, the password and all that follows: topic and token have settings of their own")
	case o.Simulation && !outgoing.Loopback(u.Hostname()):
		return nil, bad("a simulation may notify this machine only", "use an ntfy server on 127.0.0.1, or run without simulation")
	case strings.ContainsFunc(o.Token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return nil, bad("the ntfy token holds a space or a character that no token has", "put the token alone in its file, for example tk_… as `ntfy token add` printed it")
	case o.Personal && (o.Contacts == nil || o.Gone == nil):
		return nil, errors.New("ntfy: Contacts and Gone are needed for personal topics")
	}
	if o.Topic == "" {
		o.Topic = defaultTopic
	}
	if !o.Personal && !ward.ValidID(fill(o.Topic, "a", "b")) {
		return nil, bad(fmt.Sprintf("the ntfy topic %q is not one", o.Topic), "use letters, digits, - and _ with {ward} and {role} in their places, at most 64 in all")
	}
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.URL = u.Scheme + "://" + u.Host
	return &Sender{o: o, http: outgoing.Client(outgoing.Options{Timeout: o.Timeout, Roots: o.Roots, Proxy: o.Proxy, Simulation: o.Simulation})}, nil
}

func bad(message, hint string) error {
	return &ward.Error{Code: ward.BadInput, Message: message, Hint: hint}
}

func fill(template, w, role string) string {
	return strings.NewReplacer("{ward}", w, "{role}", role).Replace(template)
}

// topicOf is the group's topic of a notice.
func (s *Sender) topicOf(n ward.Notice) (string, error) {
	w := string(n.Place.Ward)
	if w == "" {
		w = noWard
	}
	topic := fill(s.o.Topic, w, string(n.Role))
	if !ward.ValidID(topic) { // ntfy's topics and our ids have the same alphabet and length
		return "", errors.New("the ntfy topic made for this ward and role is too long: shorten the channel's topic setting")
	}
	return topic, nil
}

// Send publishes the notice once. There is no promise in ntfy that a repeat is recognised: the notice's
// id goes along as sequence id, by which servers from 2.16 on replace the earlier message, and as a
// tag, which people see.
func (s *Sender) Send(ctx context.Context, n ward.Notice) error {
	if s.o.Personal {
		return outgoing.Person(ctx, n, s.o.Contacts, s.o.Gone, func(ctx context.Context, c ward.Contact) error {
			if !ward.ValidID(c.Address) {
				return &outgoing.Dead{Why: "the address is not an ntfy topic: it may hold letters, digits, - and _ alone, at most 64"}
			}
			return s.publish(ctx, n, c.Address)
		})
	}
	topic, err := s.topicOf(n)
	if err != nil {
		return &alerts.SendError{Permanent: true, Err: err}
	}
	return s.publish(ctx, n, topic)
}

func (s *Sender) publish(ctx context.Context, n ward.Notice, topic string) error {
	body, err := s.Body(n, topic)
	if err != nil {
		return &alerts.SendError{Permanent: true, Err: err}
	}
	req, err := s.request(ctx, http.MethodPost, "/", body)
	if err != nil {
		return &alerts.SendError{Permanent: true, Err: err}
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := s.http.Do(req)
	if err != nil {
		return unanswered(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return s.refusal(resp)
	}
	return published(resp.Body, topic)
}

func (s *Sender) request(ctx context.Context, method, path string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.o.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the request could not be made")
	}
	req.Header.Set("User-Agent", "wardwatch")
	if s.o.Token != "" {
		req.Header.Set("Authorization", "Bearer "+s.o.Token)
	}
	return req, nil
}

// Check asks the server whether it is well, without telling anybody.
func (s *Sender) Check(ctx context.Context) error {
	req, err := s.request(ctx, http.MethodGet, "/v1/health", nil)
	if err != nil {
		return err
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return unanswered(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Healthy bool `json:"healthy"`
	}
	if err := read(resp.Body, &answer); err != nil || resp.StatusCode != http.StatusOK || !answer.Healthy {
		return fmt.Errorf("the server answered %d to the health check: check that the address is an ntfy server's, and the server itself", resp.StatusCode)
	}
	return nil
}
