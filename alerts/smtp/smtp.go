// Package smtp tells by mail: one message a person's address, through the hospital's own mail server.
// It carries the bed, never a name.
package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"wardwatch/alerts"
	"wardwatch/alerts/outgoing"
	"wardwatch/ward"
)

// Encryption is how the way to the server is kept private.
type Encryption string

// Ways.
const (
	StartTLS Encryption = "starttls" // RFC 3207, and nothing is sent without it; port 587
	Implicit Encryption = "implicit" // from the first byte (RFC 8314); port 465
	None     Encryption = "none"     // to this machine, or where Insecure says so; port 25
)

// Options says which server, and who sends.
type Options struct {
	Host     string
	Port     int        // 0: the usual one of the encryption
	TLS      Encryption // empty: StartTLS
	Insecure bool       // None is wanted although the server is another machine
	User     string     // empty: the server asks for none
	Password string
	From     string         // an address that the server lets us send from
	Roots    *x509.CertPool // nil: the machine's

	Contacts outgoing.Lookup
	Gone     outgoing.Gone
	Link     func(n ward.Notice) string
	Lang     func(ward.PersonID) string // "vi" or "en": which comes first; nil: Vietnamese

	// Simulation marks every notice and refuses any server that is not this machine.
	Simulation bool
	Timeout    time.Duration // of one try; default 20 s, because servers make strangers wait
	Now        func() time.Time
}

// Sender sends mail. It is safe for several goroutines.
type Sender struct {
	o    Options
	from *netmail.Address
}

// New checks the options and returns a sender.
func New(o Options) (*Sender, error) {
	if o.TLS == "" {
		o.TLS = StartTLS
	}
	usual := map[Encryption]int{StartTLS: 587, Implicit: 465, None: 25}
	if o.Port == 0 {
		o.Port = usual[o.TLS]
	}
	from, err := netmail.ParseAddress(o.From)
	switch {
	case usual[o.TLS] == 0:
		return nil, bad(fmt.Sprintf("the mail server's tls is %q", o.TLS), "give starttls, implicit or none")
	case o.Host == "" || strings.ContainsAny(o.Host, " /@") || o.Port < 1 || o.Port > 65535:
		return nil, bad("the mail server has no usable address", "give its host alone, for example mail.benhvien.vn, and its port, for example 587")
	case err != nil || !domainName(domain(from.Address)):
		return nil, bad("the sender of mail is no mail address", "give from: an address that the mail server lets us send from, for example wardwatch@benhvien.vn")
	case o.TLS == None && !o.Insecure && !outgoing.Loopback(o.Host):
		return nil, bad("mail would cross the network unencrypted", "use tls: starttls or implicit, or say insecure: true if you accept that anybody on the way reads and changes it")
	case o.Simulation && !outgoing.Loopback(o.Host):
		return nil, bad("a simulation may notify this machine only", "use a mail server on 127.0.0.1, or run without simulation")
	case (o.User == "") != (o.Password == ""):
		return nil, bad("the mail server has a user without a password, or the reverse", "give both or neither")
	case o.User != "" && o.TLS == None && !outgoing.Loopback(o.Host):
		return nil, bad("the mail password would cross the network unencrypted", "use tls: starttls or implicit")
	case o.Contacts == nil || o.Gone == nil:
		return nil, errors.New("smtp: Contacts and Gone are needed")
	}
	if o.Timeout <= 0 {
		o.Timeout = 20 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Sender{o: o, from: from}, nil
}

func bad(message, hint string) error {
	return &ward.Error{Code: ward.BadInput, Message: message, Hint: hint}
}

// domainName says whether a domain may stand in a message id as it is.
func domainName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.')
	})
}

func domain(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// Send sends the notice once to every mail address of its person. It is delivered when the server took
// one of them; when it is read nobody knows.
func (s *Sender) Send(ctx context.Context, n ward.Notice) error {
	return outgoing.Person(ctx, n, s.o.Contacts, s.o.Gone, func(ctx context.Context, c ward.Contact) error {
		m, err := s.message(n, c)
		if err != nil {
			return &outgoing.Dead{Why: "not a mail address"}
		}
		return s.hand(ctx, m)
	})
}

// hand gives the message to the server, on a connection of its own: a notice a minute needs no other,
// and a connection that is kept is one that may be dead when it counts.
func (s *Sender) hand(ctx context.Context, m *mail.Msg) error {
	return s.connected(ctx, func(ctx context.Context, c *mail.Client, at *talk) error {
		if err := c.SendWithSMTPClient(at.client, m); err != nil {
			return judge(ctx, err)
		}
		return nil
	})
}

// connected does something on an encrypted connection on which we have said who we are.
func (s *Sender) connected(ctx context.Context, do func(context.Context, *mail.Client, *talk) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	at := &talk{}
	defer at.hangUp()
	c, err := s.newClient(at)
	if err != nil {
		return &alerts.SendError{Permanent: true, Err: errors.New("the mail client could not be made")}
	}
	stop := context.AfterFunc(ctx, at.cut) // the client looks at the context while it dials and no longer
	defer stop()
	if at.client, err = c.DialToSMTPClientWithContext(ctx); err != nil {
		return judgeGreeting(ctx, err)
	}
	return do(ctx, c, at)
}

func (s *Sender) newClient(at *talk) (*mail.Client, error) {
	config := &tls.Config{ServerName: s.o.Host, RootCAs: s.o.Roots, MinVersion: tls.VersionTLS12}
	policy := mail.TLSMandatory
	if s.o.TLS != StartTLS {
		policy = mail.NoTLS
	}
	options := []mail.Option{
		mail.WithPort(s.o.Port), mail.WithTimeout(s.o.Timeout),
		mail.WithTLSPolicy(policy), mail.WithTLSConfig(config),
		mail.WithoutNoop(),
		mail.WithoutRset(),     // once the server has said yes nothing that follows may make it a failure
		mail.WithoutSMTPUTF8(), // our addresses are ASCII, and a server behind that cannot would send all back
		mail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			return at.dial(ctx, s.o, config, network, address)
		}),
	}
	if s.o.User != "" {
		ways := []mail.SMTPAuthType{mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlain, mail.SMTPAuthLogin, mail.SMTPAuthCramMD5}
		options = append(options, mail.WithOpportunisticSMTPAuth(ways...), mail.WithUsername(s.o.User), mail.WithPassword(s.o.Password))
	}
	return mail.NewClient(s.o.Host, options...)
}

// Greet connects, encrypts, signs in and leaves without sending anything: what `wardwatch doctor` asks.
func (s *Sender) Greet(ctx context.Context) error {
	return s.connected(ctx, func(context.Context, *mail.Client, *talk) error { return nil })
}

// Address is the server's host and port.
func (s *Sender) Address() string { return net.JoinHostPort(s.o.Host, strconv.Itoa(s.o.Port)) }
