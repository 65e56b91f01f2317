package alerts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wardwatch/ward"
)

// channel is a sender that does as it is told, and remembers.
type channel struct {
	mu    sync.Mutex
	sent  []ward.NoticeID
	times []time.Time
	do    func(ctx context.Context, n ward.Notice, try int) error
}

func (c *channel) Send(ctx context.Context, n ward.Notice) error {
	c.mu.Lock()
	c.sent = append(c.sent, n.ID)
	c.times = append(c.times, time.Now())
	try := len(c.sent)
	c.mu.Unlock()
	if c.do == nil {
		return nil
	}
	return c.do(ctx, n, try)
}

func (c *channel) tries() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []time.Duration
	for _, t := range c.times {
		out = append(out, t.Sub(c.times[0]))
	}
	return out
}

func promise(b *memBook, id, channel string, at time.Time, life time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notices = append(b.notices, ward.Notice{
		ID: ward.NoticeID(id), Alert: "a", Channel: channel, Role: ward.RoleNurse, Level: 1, Made: at, Due: at,
		Expires: at.Add(life), State: ward.NoticePending,
	})
}

func (b *memBook) notice(id string) ward.Notice {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.notices, func(n ward.Notice) bool { return n.ID == ward.NoticeID(id) })
	return b.notices[i]
}

// deliver runs an outbox for a while of fake time.
func deliver(t *testing.T, o OutboxOptions, during time.Duration, then func(*Outbox)) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	box := NewOutbox(o)
	done := make(chan struct{})
	go func() { defer close(done); box.Run(ctx) }()
	time.Sleep(during) // fake: the bubble's clock
	if then != nil {
		then(box)
	}
	stop()
	<-done
}

func TestOutboxRetriesUntilDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := newMemBook()
		promise(book, "n1", "webhook", time.Now(), 2*time.Minute)
		c := &channel{do: func(_ context.Context, _ ward.Notice, try int) error {
			switch try {
			case 1, 2:
				return errors.New("refused")
			case 3:
				return &SendError{RetryAfter: 20 * time.Second, Err: errors.New("busy")}
			}
			return nil
		}}
		deliver(t, OutboxOptions{Book: book, Senders: map[string]Sender{"webhook": c}}, time.Minute, nil)
		want := []time.Duration{0, 500 * time.Millisecond, 1500 * time.Millisecond, 21500 * time.Millisecond}
		if got := c.tries(); !slices.Equal(got, want) {
			t.Errorf("tried after %v, want %v", got, want)
		}
		if n := book.notice("n1"); n.State != ward.NoticeDelivered || n.Tries != 4 {
			t.Errorf("the notice is %s after %d tries", n.State, n.Tries)
		}
	})
}

func TestOutboxGivesUp(t *testing.T) {
	cases := []struct {
		name    string
		channel string
		err     error
		within  time.Duration
		tries   int
	}{
		{"refused for good", "webhook", &SendError{Permanent: true, Err: errors.New("410")}, time.Second, 1},
		{"no such channel", "pigeon", nil, time.Second, 0},
		{"refused until no try is left before it expires", "webhook", errors.New("refused"), 46 * time.Second, 8},
		{"asked to wait longer than it lives", "webhook", &SendError{RetryAfter: time.Hour, Err: errors.New("busy")}, time.Second, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				book := newMemBook()
				promise(book, "n1", c.channel, time.Now(), time.Minute)
				ch := &channel{do: func(context.Context, ward.Notice, int) error { return c.err }}
				var told []ward.NoticeState
				o := OutboxOptions{Book: book, Senders: map[string]Sender{"webhook": ch}, Settled: func(n ward.Notice, _ ward.Receipt) {
					told = append(told, n.State)
				}}
				deliver(t, o, c.within, nil)
				if n := book.notice("n1"); n.State != ward.NoticeFailed || n.Error == "" || len(told) == 0 || told[len(told)-1] != ward.NoticeFailed {
					t.Errorf("the notice is %s (%q), told %v", n.State, n.Error, told)
				}
				if len(ch.sent) != c.tries {
					t.Errorf("%d tries, want %d", len(ch.sent), c.tries)
				}
			})
		})
	}
}

// A promise made just before a long downtime is still kept.
func TestOutboxSendsWhatWasNeverTried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := newMemBook()
		promise(book, "n1", "webhook", time.Now().Add(-2*time.Hour), 2*time.Minute)
		c := &channel{}
		deliver(t, OutboxOptions{Book: book, Senders: map[string]Sender{"webhook": c}}, time.Second, nil)
		if len(c.sent) != 1 || book.notice("n1").State != ward.NoticeDelivered {
			t.Errorf("sent %d times, %s", len(c.sent), book.notice("n1").State)
		}
	})
}

func TestOutboxHangingChannelHoldsUpOnlyItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := newMemBook()
		for i := range 5 * outboxBatch { // more than one look at the book brings
			promise(book, fmt.Sprint("slow", i), "slow", time.Now().Add(-time.Minute), time.Hour)
		}
		promise(book, "n1", "quick", time.Now(), time.Minute)
		slow := &channel{do: func(ctx context.Context, _ ward.Notice, _ int) error {
			<-ctx.Done()
			return ctx.Err()
		}}
		quick := &channel{}
		deliver(t, OutboxOptions{Book: book, Senders: map[string]Sender{"slow": slow, "quick": quick}}, time.Second, func(b *Outbox) {
			if len(slow.tries()) != outboxParallel {
				t.Errorf("%d tries at once on one channel", len(slow.tries()))
			}
		})
		if len(quick.sent) != 1 {
			t.Error("the quick channel waited for the slow one")
		}
		if book.notice("slow0").State != ward.NoticePending {
			t.Error("a try cut off by stopping must stay pending")
		}
	})
}

// A crash after the channel took a notice and before that is written down sends it again under
// the same id: that is what "at least once" means.
func TestOutboxRepeatIsRecognisable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := newMemBook()
		promise(book, "n1", "webhook", time.Now(), time.Minute)
		c := &channel{}
		o := OutboxOptions{Book: forgetful{book}, Senders: map[string]Sender{"webhook": c}}
		deliver(t, o, 100*time.Millisecond, nil)
		o.Book = book
		deliver(t, o, 100*time.Millisecond, nil)
		if !slices.Equal(c.sent, []ward.NoticeID{"n1", "n1"}) || book.notice("n1").State != ward.NoticeDelivered {
			t.Errorf("sent %v", c.sent)
		}
	})
}

// forgetful is a book whose disk is full when a receipt comes.
type forgetful struct{ *memBook }

func (forgetful) Settle(context.Context, ward.Receipt) (ward.Notice, error) {
	return ward.Notice{}, errors.New("the disk is full")
}

// TestCrossingToChannel measures, on the fake clock and with everything running, how long a
// crossing takes to the hand of its channel: a device alarm at most a second, a score its
// persistence and two more.
func TestCrossingToChannel(t *testing.T) {
	cases := []struct {
		name   string
		score  func(time.Time) ward.Score
		alarms []ward.DeviceAlarm
		within time.Duration
	}{
		{"device alarm", func(at time.Time) ward.Score { return complete(at, 0) }, []ward.DeviceAlarm{{Code: "asystole", Priority: ward.HighPriority, On: true}}, time.Second},
		{"score of 8", func(at time.Time) ward.Score { return complete(at, 8) }, nil, 2*time.Minute + 2*time.Second},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, Default("webhook"))
				ch := &channel{}
				box := NewOutbox(OutboxOptions{
					Book: r.book, Senders: map[string]Sender{"webhook": ch},
					Settled: func(n ward.Notice, rec ward.Receipt) { r.desk.Receipt(context.Background(), n, rec) },
				})
				r.desk.o.Announce = func(ward.Alert) { box.Kick() }
				ctx, stop := context.WithCancel(t.Context())
				done := make(chan struct{})
				go func() { defer close(done); box.Run(ctx) }()
				began := time.Now()
				r.observe(c.score(began), c.alarms...)
				for range 150 {
					time.Sleep(time.Second)
					r.tick(time.Now())
				}
				stop()
				<-done
				if len(ch.times) == 0 {
					t.Fatal("nobody was told")
				}
				if took := ch.times[0].Sub(began); took > c.within {
					t.Errorf("took %v, want at most %v", took, c.within)
				}
			})
		})
	}
}

// A thousand alerts in one second: every first notice is handed over within five.
func TestStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := newMemBook()
		for i := range 1000 {
			promise(book, string(rune('一'+i)), "webhook", time.Now(), time.Minute)
		}
		c := &channel{do: func(context.Context, ward.Notice, int) error { time.Sleep(30 * time.Millisecond); return nil }}
		deliver(t, OutboxOptions{Book: book, Senders: map[string]Sender{"webhook": c}}, 5*time.Second, func(b *Outbox) {
			if n := len(c.tries()); n != 1000 {
				t.Errorf("%d sent of 1,000 in 5 s", n)
			}
		})
	})
}
