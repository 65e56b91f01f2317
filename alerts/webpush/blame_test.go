package webpush

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"wardwatch/ward"
)

// TestWhoseFault: one bad subscription among good ones is its own fault, and the channel is well. A
// wrong key, subject or clock of ours, which every subscription refuses, shows.
func TestWhoseFault(t *testing.T) {
	cases := []struct {
		name  string
		sends string // subscription and answer, A and B at one push service, X and Y at another, Z at one that may not be asked; +h: hours pass
		want  string // d delivered, f final (the channel fails), n nobody (it is well), a tried again
	}{
		{"a key of ours that nobody takes", "A403 B403 C401 A400", "f f f f"},
		{"one subscription of an old key", "A201 B403 A201 B403 B401", "d n d n n"},
		{"the same, told first after a start", "B403 A201 B403 B403", "f d n n"},
		{"our clock goes wrong", "A201 B201 A403 B403 C403", "d d n f f"},
		{"two of an old key, one after the other", "A201 B403 C403 A201 B403 C403", "d n f d n n"},
		{"signed up anew", "A201 B403 A201 B201 B403", "d n d d n"},
		{"only one telephone, which goes on refusing", "A201 A403 +27 A403", "d n f"},
		{"nobody was told for two days", "A201 B403 A201 +48 B403", "d n d f"},
		{"one push service refuses our subject, another takes it", "A201 X403 A201 X403 Y403", "d f d f f"},
		{"one person's push service may not be asked", "A201 Z201 B201 Z201", "d n d n"},
		{"none may be asked", "Z201 Z201", "f f"},
		{"other answers say nothing of our key", "A201 A500 A410 B413", "d a n f"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			push, other := newService(t, answerByPath), newService(t, answerByPath)
			roots, now := push.roots(), noon
			roots.AddCert(other.Certificate())
			b := &book{}
			s := sender(t, b, func(o *Options) { o.Roots, o.Now = roots, func() time.Time { return now } })
			var got []string
			for x := range strings.FieldsSeq(c.sends) {
				id, answer := x[:1], x[1:]
				at := push.URL
				switch id {
				case "+":
					hours, _ := strconv.Atoi(answer)
					now = now.Add(time.Duration(hours) * time.Hour)
					continue
				case "X", "Y":
					at = other.URL
				case "Z":
					at = "https://push.elsewhere.example"
				}
				b.contacts, b.gone = []ward.Contact{phone(t, id, at+"/secret-subscription/"+answer)}, nil
				err := s.Send(context.Background(), notice())
				got = append(got, verdict(err)[:1])
				if err != nil {
					keepsQuiet(t, err, at)
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s: %s, want %s", c.sends, strings.Join(got, " "), c.want)
			}
		})
	}
}
