package smtp

import (
	netmail "net/mail"
	"strings"

	"github.com/wneessen/go-mail"

	"wardwatch/alerts/wording"
	"wardwatch/ward"
)

// message is the notice as a mail to one address, in the person's language first and the other after
// it. The same notice to the same address has the same Message-ID again, so that a repeat is known.
func (s *Sender) message(n ward.Notice, c ward.Contact) (*mail.Msg, error) {
	to, err := Address(c.Address)
	if err != nil {
		return nil, err
	}
	first, second := wording.Vietnamese, wording.English
	if s.o.Lang != nil && s.o.Lang(n.To) == wording.English {
		first, second = second, first
	}
	m := mail.NewMsg(mail.WithCharset(mail.CharsetUTF8), mail.WithEncoding(mail.EncodingQP), mail.WithNoDefaultUserAgent())
	m.FromMailAddress(s.from)
	m.ToMailAddress(&netmail.Address{Address: to})
	m.SetMessageIDWithValue(messageID(n, c) + "@" + domain(s.from.Address))
	m.SetDateWithValue(s.o.Now())
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: absence notes do not answer it
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	if n.Band == ward.High && n.Why == ward.WhyAlert {
		m.SetImportance(mail.ImportanceHigh)
	}
	m.Subject(wording.Title(first, n, s.o.Simulation))
	m.SetBodyString(mail.TypeTextPlain, s.body(n, first, second))
	return m, nil
}

func (s *Sender) body(n ward.Notice, first, second string) string {
	lines := []string{wording.Line(first, n, s.o.Simulation), wording.Line(second, n, s.o.Simulation)}
	if s.o.Link != nil {
		if link := s.o.Link(n); link != "" {
			lines = append(lines, "", link)
		}
	}
	return strings.Join(lines, "\r\n") + "\r\n"
}

func messageID(n ward.Notice, c ward.Contact) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && (r == '.' || ward.ValidID(string(r))) {
			return r
		}
		return '_'
	}, string(n.ID)+"."+c.ID)
}

// Address is a mail address without the name that may stand before it. One beyond ASCII is refused:
// servers on the way cannot carry it.
func Address(s string) (string, error) {
	a, err := netmail.ParseAddress(s)
	if err != nil || !ascii(a.Address) {
		return "", bad("that is not a mail address", "write it in plain letters, for example lan.nguyen@benhvien.vn")
	}
	return a.Address, nil
}

// Check reports an address that is no mail address.
func (s *Sender) Check(c ward.Contact) error {
	_, err := Address(c.Address)
	return err
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}
