package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"wardwatch/cmd/wardwatch/channels"
	"wardwatch/dashboard"
	"wardwatch/ward"
)

// fare is how each channel has fared lately.
type fare struct {
	mu sync.Mutex
	of map[string]*faring
}

// faring is one channel's last success and its failure since, if there is one.
type faring struct {
	ok, failed time.Time
	err        string
}

// fareSince is how far back a start looks for how the channels fare.
const fareSince = 36 * time.Hour // so that the daily test is among it

type noticeBook interface {
	NoticesBetween(ctx context.Context, w ward.WardID, from, to time.Time) ([]ward.Notice, error)
}

func newFare(ctx context.Context, b noticeBook, now time.Time) (*fare, error) {
	f := &fare{of: map[string]*faring{}}
	list, err := b.NoticesBetween(ctx, "", now.Add(-fareSince), now.Add(time.Minute))
	if err != nil {
		return nil, fmt.Errorf("reading how the channels fared: %w", err)
	}
	for i := range list {
		// A failure may have been a person's without an address, which a notice does not tell apart: the
		// next try, or the daily test, does.
		if n := &list[i]; n.State == ward.NoticeDelivered {
			f.note(n, &ward.Receipt{At: n.Settled, OK: true})
		}
	}
	return f, nil
}

// note takes what one try came to. That a person has no address says nothing of the channel.
func (f *fare) note(n *ward.Notice, r *ward.Receipt) {
	if r.Nobody {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	x := f.of[n.Channel]
	if x == nil {
		x = &faring{}
		f.of[n.Channel] = x
	}
	switch {
	case r.OK && !r.At.Before(x.ok):
		x.ok = r.At
	case !r.OK && !r.At.Before(x.failed):
		x.failed, x.err = r.At, r.Error
	}
}

func (f *fare) channel(d channels.Description) dashboard.Channel {
	c := dashboard.Channel{Name: d.Name, Kind: string(d.Kind), Personal: d.Personal, Audible: d.Audible, Internet: d.Internet, State: "untried"}
	f.mu.Lock()
	defer f.mu.Unlock()
	x := f.of[d.Name]
	switch {
	case x == nil:
	case x.failed.After(x.ok):
		c.LastOK, c.LastError, c.State = x.ok, x.err, "failing"
	default:
		c.LastOK, c.State = x.ok, "ok"
	}
	return c
}

// failing names the channels of a set whose last try failed.
func (f *fare) failing(set []channels.Description) (names []string) {
	for _, d := range set {
		if f.channel(d).State == "failing" {
			names = append(names, d.Name)
		}
	}
	return names
}

// screenChannels are the channels as the screens know them.
type screenChannels struct{ a *App }

// Channels describes each channel and how it fares.
func (s screenChannels) Channels(context.Context) (list []dashboard.Channel, err error) {
	for _, d := range s.a.telling.set.Describe() {
		list = append(list, s.a.telling.fare.channel(d))
	}
	return list, nil
}

// Test promises a test message.
func (s screenChannels) Test(ctx context.Context, name string, to ward.PersonID, w ward.WardID, by ward.PersonID) error {
	if _, ok := s.a.telling.set.Find(name); !ok {
		return &ward.Error{Code: ward.NotFound, Message: "there is no such channel", Hint: "the channels are those of the channels file"}
	}
	n := channels.TestNotice(name, "by-"+string(by)+"-"+rand.Text()[:8], s.person(to), s.a.clock.now())
	n.Place.Ward = w
	if err := s.a.book.AddNotice(ctx, n); err != nil {
		return err
	}
	s.a.outbox.Kick()
	return nil
}

func (s screenChannels) person(id ward.PersonID) ward.Person {
	for _, p := range s.a.book.Roster().People {
		if p.ID == id {
			return p
		}
	}
	return ward.Person{ID: id}
}
