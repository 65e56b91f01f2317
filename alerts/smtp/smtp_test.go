package smtp

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"strings"
	"testing"
	"time"

	"wardwatch/alerts"
	"wardwatch/alerts/wording"
	"wardwatch/ward"
)

func notice() ward.Notice {
	made := time.Date(2026, 11, 21, 8, 2, 0, 0, time.UTC)
	return ward.Notice{
		ID: "N1", Alert: "A1", Place: ward.Place{Ward: "hstc", Bed: "12A"}, Kind: ward.Clinical, Band: ward.High,
		Level: 2, Role: ward.RoleDoctor, To: "P7", Channel: "mail", Made: made, Due: made, Expires: made.Add(2 * time.Minute),
	}
}

// people are the addresses of the notice's person, and what becomes of them.
type people struct {
	addresses []string
	gone      []string
}

func (p *people) contacts(context.Context, ward.PersonID, string) (list []ward.Contact, err error) {
	for i, a := range p.addresses {
		list = append(list, ward.Contact{ID: fmt.Sprintf("c%d", i+1), Address: a})
	}
	return list, nil
}

func (p *people) bury(_ context.Context, id, _ string) error {
	p.gone = append(p.gone, id)
	return nil
}

// sender sends by the server, signed in, as the hospital would.
func (e *exim) sender(t *testing.T, p *people, change func(*Options)) *Sender {
	t.Helper()
	o := Options{
		Host: "127.0.0.1", Port: e.port, User: "wardwatch", Password: "hush", From: "wardwatch@bv.test", Roots: e.roots,
		Contacts: p.contacts, Gone: p.bury, Link: func(ward.Notice) string { return "https://w.bv.test/a/token" },
	}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func fate(err error) string {
	var e *alerts.SendError
	switch {
	case err == nil:
		return "delivered"
	case !errors.As(err, &e):
		return err.Error()
	case e.Nobody:
		return "dead"
	case e.Permanent:
		return "final"
	}
	return "again"
}

// TestMail: what a person finds in their mailbox.
func TestMail(t *testing.T) {
	for _, way := range []struct {
		name   string
		s      eximSettings
		change func(*Options)
	}{
		{"STARTTLS", eximSettings{}, nil},
		{"TLS from the first byte", eximSettings{implicit: true}, func(o *Options) { o.TLS = Implicit }},
		{"no encryption on this machine", eximSettings{noTLS: true}, func(o *Options) { o.TLS, o.User, o.Password = None, "", "" }},
	} {
		t.Run(way.name, func(t *testing.T) {
			e := startExim(t, way.s)
			p := &people{addresses: []string{"Bác sĩ trực <doctor@bv.test>", "nurse@bv.test"}}
			s := e.sender(t, p, func(o *Options) {
				o.Lang = func(ward.PersonID) string { return "en" }
				o.Simulation = true
				if way.change != nil {
					way.change(o)
				}
			})
			for range 2 { // the second is a repeat
				if err := s.Send(context.Background(), notice()); err != nil {
					t.Fatalf("%v\n%s", err, e.log())
				}
			}
			got := e.box(t, "doctor")
			if len(got) != 2 || len(e.box(t, "nurse")) != 2 {
				t.Fatalf("%d and %d letters\n%s", len(got), len(e.box(t, "nurse")), e.log())
			}
			l := got[0]
			if l.subject != wording.Title("en", notice(), true) || !strings.Contains(l.subject, "12A") {
				t.Errorf("subject %q", l.subject)
			}
			want := wording.Line("en", notice(), true) + "\r\n" + wording.Line("vi", notice(), true) + "\r\n\r\nhttps://w.bv.test/a/token\r\n"
			if body := strings.ReplaceAll(strings.ReplaceAll(l.body, "\r\n", "\n"), "\n", "\r\n"); body != want {
				t.Errorf("body %q", l.body)
			}
			for k, v := range map[string]string{
				"To": "<doctor@bv.test>", "From": "<wardwatch@bv.test>", "Message-ID": "<N1.c1@bv.test>", "Auto-Submitted": "auto-generated",
				"Cc": "", "Bcc": "", "Importance": "high", "Envelope-To": "doctor@bv.test",
			} {
				if l.header.Get(k) != v {
					t.Errorf("%s: %q, want %q", k, l.header.Get(k), v)
				}
			}
			if kind, params, _ := mime.ParseMediaType(l.header.Get("Content-Type")); kind != "text/plain" || !strings.EqualFold(params["charset"], "utf-8") {
				t.Errorf("type %q %v", kind, params)
			}
			if got[1].header.Get("Message-ID") != l.header.Get("Message-ID") {
				t.Error("the repeat cannot be recognised")
			}
			if other := e.box(t, "nurse")[0]; other.header.Get("Message-ID") == l.header.Get("Message-ID") || strings.Contains(fmt.Sprint(other.header), "doctor@") {
				t.Error("two receivers share one message")
			}
		})
	}
}

// TestRefusals: what a real server says, and what that means for the notice and the address.
func TestRefusals(t *testing.T) {
	e := startExim(t, eximSettings{})
	elsewhere := startExim(t, eximSettings{certName: "mail.elsewhere.test"})
	plain := startExim(t, eximSettings{noTLS: true})
	cases := []struct {
		name   string
		to     string
		at     *exim
		change func(*Options)
		want   string
		says   string
	}{
		{"taken", "nurse@bv.test", e, nil, "delivered", ""},
		{"nobody there", "ghost@bv.test", e, nil, "dead", ""},
		{"nobody there, with its code", "left@bv.test", e, nil, "dead", ""},
		{"mailbox full", "full@bv.test", e, nil, "final", "552"},
		{"we are blocked", "disliked@bv.test", e, nil, "final", "550"},
		{"it does not relay for us", "doctor@other.test", e, nil, "final", "550"},
		{"greylisted", "greylisted@bv.test", e, nil, "again", "450"},
		{"undecided", "undecided@bv.test", e, nil, "again", "451"},
		{"stopping", "stopping@bv.test", e, nil, "again", "421"},
		{"wrong password", "nurse@bv.test", e, func(o *Options) { o.Password = "wrong" }, "final", "user and password"},
		{"not signed in", "nurse@bv.test", e, func(o *Options) { o.User, o.Password = "", "" }, "final", "530"},
		{"another sender", "nurse@bv.test", e, func(o *Options) { o.From = "nobody@bv.test" }, "final", "from"},
		{"no mail address", "not an address", e, nil, "dead", ""},
		{"an address beyond ASCII", "trực@bv.test", e, nil, "dead", ""},
		{"a second recipient smuggled in", "nurse@bv.test>\r\nRCPT TO:<doctor@bv.test", e, nil, "dead", ""},
		{"certificate for another name", "nurse@bv.test", elsewhere, nil, "again", "another name"},
		{"certificate of nobody's", "nurse@bv.test", e, func(o *Options) { o.Roots = nil }, "again", "certificate"},
		{"no encryption offered", "nurse@bv.test", plain, nil, "again", "encryption"},
		{"no sign-in offered", "nurse@bv.test", plain, func(o *Options) { o.TLS = None }, "final", "user"},
		{"TLS from the first byte where it is not spoken", "nurse@bv.test", e, func(o *Options) { o.TLS = Implicit }, "again", "TLS"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := &people{addresses: []string{c.to}}
			err := c.at.sender(t, p, c.change).Send(context.Background(), notice())
			if got := fate(err); got != c.want {
				t.Fatalf("%s, want %s: %v\n%s", got, c.want, err, c.at.log())
			}
			if dead := len(p.gone) == 1; dead != (c.want == "dead") {
				t.Errorf("given up: %v", p.gone)
			}
			if err == nil {
				return
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("%q does not speak of %q", err, c.says)
			}
			for _, private := range []string{"@", "127.0.0.1", "hush", "wardwatch"} {
				if strings.Contains(err.Error(), private) {
					t.Errorf("the error holds %q: %v", private, err)
				}
			}
		})
	}
	if n := len(e.box(t, "doctor")); n != 0 {
		t.Errorf("%d letters to somebody whom nobody wrote to", n)
	}
}

// TestOneDead: the address that lives is told, the dead one is given up.
func TestOneDead(t *testing.T) {
	e := startExim(t, eximSettings{})
	p := &people{addresses: []string{"ghost@bv.test", "nurse@bv.test"}}
	if err := e.sender(t, p, nil).Send(context.Background(), notice()); err != nil {
		t.Fatalf("%v\n%s", err, e.log())
	}
	if len(p.gone) != 1 || p.gone[0] != "c1" || len(e.box(t, "nurse")) != 1 {
		t.Errorf("gone %v, %d letters", p.gone, len(e.box(t, "nurse")))
	}
}

// TestGreet: what the doctor asks sends nothing.
func TestGreet(t *testing.T) {
	e := startExim(t, eximSettings{})
	p := &people{addresses: []string{"nurse@bv.test"}}
	if err := e.sender(t, p, nil).Greet(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := fate(e.sender(t, p, func(o *Options) { o.Password = "wrong" }).Greet(context.Background())); got != "final" {
		t.Errorf("a wrong password: %s", got)
	}
	if n := len(e.box(t, "nurse")); n != 0 {
		t.Errorf("%d letters", n)
	}
}
