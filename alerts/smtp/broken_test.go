package smtp

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"wardwatch/alerts/outgoing"
	"wardwatch/ward"
)

// broken is a server that goes wrong in ways that a real one cannot be brought to: it speaks the lines,
// one an answer to one line of ours, and then does the last thing.
func broken(t *testing.T, end func(net.Conn, *bufio.Reader), lines ...string) (port int, heard func() string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		r := bufio.NewReader(c)
		for i, line := range lines {
			if i > 0 {
				said, err := r.ReadString('\n')
				if err != nil {
					return
				}
				all.WriteString(said)
			}
			fmt.Fprintf(c, "%s\r\n", line)
		}
		end(c, r)
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	return l.Addr().(*net.TCPAddr).Port, func() string {
		<-done
		return all.String()
	}
}

func hangUp(net.Conn, *bufio.Reader) {}

// wait keeps silent until the other side leaves.
func wait(_ net.Conn, r *bufio.Reader) {
	for {
		if _, err := r.ReadByte(); err != nil {
			return
		}
	}
}

// babble answers a TLS greeting with something else.
func babble(c net.Conn, r *bufio.Reader) {
	_, _ = r.ReadByte()
	fmt.Fprint(c, "this is not TLS, but something else entirely\r\n")
	wait(c, r)
}

// takeAndDrop reads a whole message and says nothing more.
func takeAndDrop(_ net.Conn, r *bufio.Reader) {
	for line := ""; line != ".\r\n"; {
		var err error
		if line, err = r.ReadString('\n'); err != nil {
			return
		}
	}
}

// TestBroken: every way in which a server can fail leaves the notice to be tried again in time.
func TestBroken(t *testing.T) {
	cases := []struct {
		name  string
		tls   Encryption
		end   func(net.Conn, *bufio.Reader)
		lines []string
		want  string
		says  string
	}{
		{"it hangs up at once", None, hangUp, nil, "again", "broke off"},
		{"it never greets", None, wait, nil, "again", "in time"},
		{"it greets and falls silent", None, wait, []string{"220 mail"}, "again", "in time"},
		{"it is full", None, hangUp, []string{"421 4.3.2 too many connections"}, "again", "421"},
		{"it wants nobody", None, hangUp, []string{"554 5.3.2 no service here"}, "final", "554"},
		{"it is no mail server", None, hangUp, []string{"HTTP/1.1 400 Bad Request"}, "again", ""},
		{"it agrees to TLS and speaks none", StartTLS, babble, []string{"220 mail", "250-mail\r\n250 STARTTLS", "220 go on"}, "again", "TLS"},
		{"it agrees to TLS and hangs up", StartTLS, hangUp, []string{"220 mail", "250-mail\r\n250 STARTTLS", "220 go on"}, "again", "broke off"},
		{"it cannot do the TLS that it offers", StartTLS, hangUp, []string{"220 mail", "250-mail\r\n250 STARTTLS", "454 4.7.0 TLS not available"}, "again", "454"},
		{"TLS from the first byte, and silence", Implicit, wait, nil, "again", "in time"},
		{"it falls silent after the recipient", None, wait, []string{"220 mail", "250 mail", "250 sender", "250 recipient"}, "again", "in time"},
		{"it hangs up after the recipient", None, hangUp, []string{"220 mail", "250 mail", "250 sender", "250 recipient"}, "again", "broke off"},
		{"it takes the message and hangs up", None, takeAndDrop, []string{"220 mail", "250 mail", "250 sender", "250 recipient", "354 go on"}, "again", "broke off"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			port, heard := broken(t, c.end, c.lines...)
			p := &people{addresses: []string{"nurse@bv.test"}}
			o := Options{Host: "127.0.0.1", Port: port, TLS: c.tls, From: "wardwatch@bv.test", Contacts: p.contacts, Gone: p.bury}
			if c.says == "in time" {
				o.Timeout = 300 * time.Millisecond
			}
			s, err := New(o)
			if err != nil {
				t.Fatal(err)
			}
			err = s.Send(context.Background(), notice())
			if got := fate(err); got != c.want || !strings.Contains(err.Error(), c.says) || len(p.gone) != 0 {
				t.Errorf("%s, %q, gave up %v; want %s and %q", got, err, p.gone, c.want, c.says)
			}
			if strings.Contains(err.Error(), "127.0.0.1") || strings.Contains(err.Error(), "@") {
				t.Errorf("the error holds an address: %v", err)
			}
			heard() // the connection is closed, whatever went wrong
		})
	}
}

// TestSaidYes: what breaks after the server took the message is no failure: nobody is told twice.
func TestSaidYes(t *testing.T) {
	end := func(c net.Conn, r *bufio.Reader) {
		takeAndDrop(c, r)
		fmt.Fprint(c, "250 taken\r\n")
	}
	port, _ := broken(t, end, "220 mail", "250 mail", "250 sender", "250 recipient", "354 go on")
	p := &people{addresses: []string{"nurse@bv.test"}}
	s, err := New(Options{Host: "127.0.0.1", Port: port, TLS: None, From: "wardwatch@bv.test", Contacts: p.contacts, Gone: p.bury})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(context.Background(), notice()); err != nil {
		t.Error(err)
	}
}

// TestStopped: a send that is stopped ends at once, though the server says nothing.
func TestStopped(t *testing.T) {
	greeted := make(chan struct{})
	port, heard := broken(t, func(c net.Conn, r *bufio.Reader) {
		close(greeted)
		wait(c, r)
	}, "220 mail", "250 mail", "250 sender")
	p := &people{addresses: []string{"nurse@bv.test"}}
	s, err := New(Options{Host: "127.0.0.1", Port: port, TLS: None, From: "wardwatch@bv.test", Timeout: time.Hour, Contacts: p.contacts, Gone: p.bury})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		<-greeted
		stop()
	}()
	if got := fate(s.Send(ctx, notice())); got != "again" {
		t.Errorf("got %s", got)
	}
	heard()
}

func TestRefusedConnection(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	p := &people{addresses: []string{"nurse@bv.test"}}
	s, err := New(Options{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, From: "wardwatch@bv.test", Contacts: p.contacts, Gone: p.bury})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Send(context.Background(), notice())
	if got := fate(err); got != "again" || !strings.Contains(err.Error(), "refused") {
		t.Errorf("%s: %v", got, err)
	}
}

func TestNewRefuses(t *testing.T) {
	cases := []struct {
		name   string
		change func(*Options)
	}{
		{"no host", func(o *Options) { o.Host = "" }},
		{"a URL as host", func(o *Options) { o.Host = "smtp://mail" }},
		{"a bad port", func(o *Options) { o.Port = 70000 }},
		{"another encryption", func(o *Options) { o.TLS = "ssl" }},
		{"no sender", func(o *Options) { o.From = "" }},
		{"a sender that is no address", func(o *Options) { o.From = "wardwatch" }},
		{"a sender with a second header", func(o *Options) { o.From = "a@b.vn\r\nBcc: c@d.vn" }},
		{"no encryption to another machine", func(o *Options) { o.TLS = None }},
		{"a password without encryption", func(o *Options) { o.TLS, o.Insecure, o.User, o.Password = None, true, "u", "p" }},
		{"a user without a password", func(o *Options) { o.User = "u" }},
		{"a simulation to another machine", func(o *Options) { o.Simulation = true }},
	}
	p := &people{}
	good := Options{Host: "mail.bv.test", From: "Wardwatch <wardwatch@bv.test>", Contacts: p.contacts, Gone: p.bury}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	insecure := good
	insecure.TLS, insecure.Insecure = None, true
	if _, err := New(insecure); err != nil {
		t.Errorf("what somebody accepts in so many words: %v", err)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			o := good
			c.change(&o)
			var e *ward.Error
			if _, err := New(o); !errors.As(err, &e) || e.Hint == "" {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestSimulationStaysHere: even when the name resolves to another machine.
func TestSimulationStaysHere(t *testing.T) {
	p := &people{addresses: []string{"nurse@bv.test"}}
	s, err := New(Options{Host: "localhost", Port: 9, From: "wardwatch@bv.test", Simulation: true, Contacts: p.contacts, Gone: p.bury})
	if err != nil {
		t.Fatal(err)
	}
	s.o.Host = "192.0.2.1" // as if the name had resolved so
	err = s.Send(context.Background(), notice())
	if got := fate(err); got != "final" || !errors.Is(err, outgoing.ErrNotLoopback) {
		t.Errorf("%s: %v", got, err)
	}
}

// TestNobodyThere: an address is given up only where the server speaks of the address itself.
func TestNobodyThere(t *testing.T) {
	cases := []struct {
		code     int
		enhanced string
		words    string
		want     bool
	}{
		{550, "5.1.1", "User unknown", true},
		{550, "5.1.10", "Recipient not found by SMTP address lookup", true},
		{550, "5.2.1", "mailbox disabled", true},
		{550, "", "Unknown user", true},
		{550, "", "Unrouteable address", true},
		{553, "", "no mailbox here by that name", true},
		{551, "", "user not local", true},
		{550, "5.7.1", "Relaying denied", false},
		{554, "5.7.1", "Client host rejected: Access denied", false},
		{552, "5.2.2", "Mailbox full", false},
		{550, "5.7.0", "rejected", false},
		{550, "", "relay not permitted", false},
		{553, "5.7.1", "Sender address rejected: not owned by user", false},
		{550, "", "Sender verify failed", false},
		{504, "5.5.2", "Helo command rejected", false},
		{530, "", "Authentication required", false},
		{550, "", "listed at zen", false},
		{452, "", "too many recipients", false},
	}
	for _, c := range cases {
		if got := nobodyThere(c.code, c.enhanced, c.words); got != c.want {
			t.Errorf("%d %s %s: %v", c.code, c.enhanced, c.words, got)
		}
	}
}
