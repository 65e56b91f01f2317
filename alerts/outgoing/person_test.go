package outgoing

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wardwatch/alerts"
	"wardwatch/ward"
)

// TestPerson: what became of each address, and what that means for the notice.
func TestPerson(t *testing.T) {
	taken := error(nil)
	dead := &Dead{Why: "no such number"}
	final := &alerts.SendError{Permanent: true, Err: errors.New("refused")}
	own := &alerts.SendError{Permanent: true, Nobody: true, Err: errors.New("this one is void")}
	later := &alerts.SendError{Err: errors.New("busy"), RetryAfter: 9 * time.Second}
	sooner := &alerts.SendError{Err: errors.New("busy"), RetryAfter: 3 * time.Second}
	plain := errors.New("some error")
	cases := []struct {
		name    string
		answers []error
		want    string
		wait    time.Duration
		gone    string
	}{
		{"no address", nil, "nobody", 0, ""},
		{"one took it", []error{taken}, "delivered", 0, ""},
		{"the second took it", []error{final, taken}, "delivered", 0, ""},
		{"one took it, one is dead", []error{dead, taken}, "delivered", 0, "c0"},
		{"all are dead", []error{dead, dead}, "nobody", 0, "c0 c1"},
		{"one is dead, one is refused", []error{dead, final}, "final", 0, "c0"},
		{"each is at fault itself", []error{own, own}, "nobody", 0, ""},
		{"one is dead, one at fault itself", []error{dead, own}, "nobody", 0, "c0"},
		{"one is refused, one at fault itself", []error{final, own}, "final", 0, ""},
		{"one is busy, one at fault itself", []error{later, own}, "again", 9 * time.Second, ""},
		{"one is dead, one is busy", []error{later, dead}, "again", 9 * time.Second, "c1"},
		{"both are busy", []error{later, sooner}, "again", 3 * time.Second, ""},
		{"refused and busy", []error{final, later}, "again", 9 * time.Second, ""},
		{"an error without more", []error{plain}, "again", 0, ""},
		{"busy, or an error without more", []error{later, plain}, "again", 0, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var contacts []ward.Contact
			byID := map[string]error{}
			for i, a := range c.answers {
				id := "c" + string(rune('0'+i))
				contacts = append(contacts, ward.Contact{ID: id})
				byID[id] = a
			}
			var mu sync.Mutex
			var gone []string
			err := Person(context.Background(), ward.Notice{To: "P1", Channel: "sms"},
				func(_ context.Context, p ward.PersonID, channel string) ([]ward.Contact, error) {
					if p != "P1" || channel != "sms" {
						t.Errorf("asked for %s by %s", p, channel)
					}
					return contacts, nil
				},
				func(_ context.Context, id, why string) error {
					mu.Lock()
					defer mu.Unlock()
					gone = append(gone, id)
					if why == "" {
						t.Error("no reason was given")
					}
					return nil
				},
				func(_ context.Context, c ward.Contact) error { return byID[c.ID] })
			got, wait := verdict(err)
			slices.Sort(gone)
			if got != c.want || wait != c.wait || strings.Join(gone, " ") != c.gone {
				t.Errorf("%s, wait %v, gone %v; want %s, wait %v, gone %v (%v)", got, wait, gone, c.want, c.wait, c.gone, err)
			}
		})
	}
}

func verdict(err error) (string, time.Duration) {
	var e *alerts.SendError
	switch {
	case err == nil:
		return "delivered", 0
	case !errors.As(err, &e):
		return "no SendError", 0
	case e.Nobody:
		return "nobody", e.RetryAfter
	case e.Permanent:
		return "final", e.RetryAfter
	}
	return "again", e.RetryAfter
}

// TestBookAway: without the addresses nobody is told, and that is not for ever.
func TestBookAway(t *testing.T) {
	away := errors.New("the book is away")
	lookup := func(context.Context, ward.PersonID, string) ([]ward.Contact, error) { return nil, away }
	if got, _ := verdict(Person(context.Background(), ward.Notice{To: "P1"}, lookup, nil, nil)); got != "again" {
		t.Errorf("the lookup failed: %s", got)
	}
	one := func(context.Context, ward.PersonID, string) ([]ward.Contact, error) {
		return []ward.Contact{{ID: "c"}}, nil
	}
	gone := func(context.Context, string, string) error { return away }
	dead := func(context.Context, ward.Contact) error { return &Dead{Why: "dead"} }
	if got, _ := verdict(Person(context.Background(), ward.Notice{To: "P1"}, one, gone, dead)); got != "again" {
		t.Errorf("the address could not be taken out of use: %s", got)
	}
	if got, _ := verdict(Person(context.Background(), ward.Notice{}, one, gone, dead)); got != "nobody" {
		t.Errorf("a notice to nobody: %s", got)
	}
}

// TestSideBySide: an address that hangs holds up no other.
func TestSideBySide(t *testing.T) {
	second := make(chan struct{})
	lookup := func(context.Context, ward.PersonID, string) ([]ward.Contact, error) {
		return []ward.Contact{{ID: "hangs"}, {ID: "answers"}}, nil
	}
	err := Person(context.Background(), ward.Notice{To: "P1"}, lookup, nil, func(_ context.Context, c ward.Contact) error {
		if c.ID == "answers" {
			close(second)
			return nil
		}
		<-second // for ever, if they came one after the other
		return errors.New("hung")
	})
	if err != nil {
		t.Error(err)
	}
}
