package alerts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"wardwatch/ward"
)

// NoticeBook is where promised notices are kept. DueNotices are pending ones whose time has come,
// oldest due first; NextNotice is when the first pending one is due (zero: none is). Settle writes
// what one try came to and returns the notice as it then stands.
type NoticeBook interface {
	DueNotices(ctx context.Context, now time.Time, max int) ([]ward.Notice, error)
	NextNotice(ctx context.Context) (time.Time, error)
	Settle(ctx context.Context, r ward.Receipt) (ward.Notice, error)
}

// OutboxOptions is what an outbox needs. Now, Settled, Log and Probe may be nil.
type OutboxOptions struct {
	Book     NoticeBook
	Senders  map[string]Sender // by channel
	Now      func() time.Time
	Settled  func(ward.Notice, ward.Receipt) // each try's outcome, after it is in the book; called by several goroutines
	Parallel int                             // tries at once on one channel; default 8
	Log      *slog.Logger
	Probe    func(point string) // "sent", after a channel took a notice and before that is written down
}

// Outbox delivers promised notices, at least once each. A crash between delivery and its receipt
// sends again under the same notice id.
type Outbox struct {
	o    OutboxOptions
	wake chan struct{}

	mu       sync.Mutex
	inFlight map[ward.NoticeID]bool
	busy     map[string]int // tries under way, by channel
	sent     map[string]int
	failed   map[string]int
	retried  map[string]int
	oldest   time.Time // when the oldest pending notice seen was made
}

// Bounds of the outbox. Notices beyond them wait in the book.
const (
	outboxBatch    = 256
	outboxParallel = 8
	outboxPoll     = time.Second // the longest sleep: clocks may be scaled, and a Kick may be missed
)

// NewOutbox returns an outbox that is not running yet.
func NewOutbox(o OutboxOptions) *Outbox {
	if o.Parallel <= 0 {
		o.Parallel = outboxParallel
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Settled == nil {
		o.Settled = func(ward.Notice, ward.Receipt) {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Probe == nil {
		o.Probe = func(string) {}
	}
	return &Outbox{
		o: o, wake: make(chan struct{}, 1), inFlight: map[ward.NoticeID]bool{},
		busy: map[string]int{}, sent: map[string]int{}, failed: map[string]int{}, retried: map[string]int{},
	}
}

// Kick says that there may be new notices. It never blocks.
func (b *Outbox) Kick() {
	select {
	case b.wake <- struct{}{}:
	default: // a kick is waiting already
	}
}

// Run delivers until ctx ends, then waits for the tries under way.
func (b *Outbox) Run(ctx context.Context) {
	var tries sync.WaitGroup
	defer tries.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.wake:
		case <-timer.C:
		}
		timer.Reset(b.round(ctx, &tries))
	}
}

// round starts a try for each due notice that has a free place on its channel, and returns how
// long to sleep.
func (b *Outbox) round(ctx context.Context, tries *sync.WaitGroup) time.Duration {
	now := b.o.Now()
	// One that is under way now may be settled before its row, read as pending, is looked at below:
	// it must not be sent a second time on the strength of that.
	b.mu.Lock()
	under := maps.Clone(b.inFlight)
	b.mu.Unlock()
	due, err := b.due(ctx, now, len(under)+outboxBatch)
	if err != nil {
		if ctx.Err() == nil {
			b.o.Log.Error("due notices cannot be read", "error", err)
		}
		return outboxPoll
	}
	b.note(due)
	for _, n := range due {
		if under[n.ID] || !b.start(n) {
			continue
		}
		tries.Go(func() {
			b.try(ctx, n)
			b.finish(n)
		})
	}
	next, err := b.o.Book.NextNotice(ctx)
	if err != nil || next.IsZero() || !next.After(now) { // those already due wake us when a place is free
		return outboxPoll
	}
	return min(next.Sub(now), outboxPoll)
}

// due reads what could be tried now, and goes on reading while a channel with a free place may have
// something behind all that waits for the others.
func (b *Outbox) due(ctx context.Context, now time.Time, most int) ([]ward.Notice, error) {
	for ; ; most *= 2 {
		due, err := b.o.Book.DueNotices(ctx, now, most)
		if err != nil || len(due) < most || b.supplied(due) {
			return due, err
		}
	}
}

// supplied says that each channel has as much to try as it has free places.
func (b *Outbox) supplied(due []ward.Notice) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	waiting := map[string]int{}
	for i := range due {
		if !b.inFlight[due[i].ID] {
			waiting[due[i].Channel]++
		}
	}
	for channel := range b.o.Senders {
		if waiting[channel]+b.busy[channel] < b.o.Parallel {
			return false
		}
	}
	return true
}

func (b *Outbox) note(due []ward.Notice) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.oldest = time.Time{}
	for i := range due {
		if b.oldest.IsZero() || due[i].Made.Before(b.oldest) {
			b.oldest = due[i].Made
		}
	}
}

// start takes a place on the notice's channel, so that a hanging channel holds up only itself.
func (b *Outbox) start(n ward.Notice) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.busy[n.Channel] >= b.o.Parallel {
		return false
	}
	b.inFlight[n.ID] = true
	b.busy[n.Channel]++
	return true
}

func (b *Outbox) finish(n ward.Notice) {
	b.mu.Lock()
	delete(b.inFlight, n.ID)
	b.busy[n.Channel]--
	b.mu.Unlock()
	b.Kick()
}

// try sends once and writes down what came of it.
func (b *Outbox) try(ctx context.Context, n ward.Notice) {
	err := b.send(ctx, n)
	if err != nil && ctx.Err() != nil {
		return // stopping: the notice is still pending in the book
	}
	if err == nil {
		b.o.Probe("sent")
	}
	r := receiptOf(&n, err, b.o.Now())
	// A delivery is written down even while stopping, or it would be sent again.
	settled, err := b.o.Book.Settle(context.WithoutCancel(ctx), r)
	if err != nil {
		b.o.Log.Error("a notice's outcome was not written down: it will be sent again", "notice", n.ID, "channel", n.Channel, "error", err)
		b.pause(ctx)
		return
	}
	b.count(n.Channel, r)
	if r.Final {
		b.o.Log.Warn("a notice could not be delivered", "notice", n.ID, "alert", n.Alert, "channel", n.Channel, "role", n.Role, "tries", n.Tries+1, "error", r.Error)
	}
	b.o.Settled(settled, r)
}

// pause holds a place for a moment when the book cannot write, so that the receiver is not
// flooded with repeats.
func (b *Outbox) pause(ctx context.Context) {
	t := time.NewTimer(outboxPoll)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

var errExpired = errors.New("expired undelivered")

func (b *Outbox) send(ctx context.Context, n ward.Notice) error {
	// One that was never tried is sent however late: we were down, and that is no reason not to tell.
	if n.Tries > 0 && !b.o.Now().Before(n.Expires) {
		return &SendError{Permanent: true, Err: errExpired}
	}
	sender, ok := b.o.Senders[n.Channel]
	if !ok {
		return &SendError{Permanent: true, Err: fmt.Errorf("there is no channel %q here", n.Channel)}
	}
	return sender.Send(ctx, n)
}

func (b *Outbox) count(channel string, r ward.Receipt) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case r.OK:
		b.sent[channel]++
	case r.Final:
		b.failed[channel]++
	default:
		b.retried[channel]++
	}
}

// Figures are the outbox's numbers for /metrics.
func (b *Outbox) Figures() []ward.Figure {
	b.mu.Lock()
	defer b.mu.Unlock()
	age := 0.0
	if !b.oldest.IsZero() {
		age = max(0, b.o.Now().Sub(b.oldest).Seconds())
	}
	out := []ward.Figure{
		{Name: "wardwatch_outbox_in_flight", Help: "Tries under way.", Gauge: true, Value: float64(len(b.inFlight))},
		{Name: "wardwatch_outbox_oldest_due_seconds", Help: "Age of the oldest notice that was due and undelivered when last looked.", Gauge: true, Value: age},
	}
	for channel := range b.o.Senders {
		figure := func(name, help string, n int) ward.Figure {
			return ward.Figure{Name: name, Help: help, Label: "channel", Of: channel, Value: float64(n)}
		}
		out = append(out,
			figure("wardwatch_outbox_delivered_total", "Notices a channel took.", b.sent[channel]),
			figure("wardwatch_outbox_failed_total", "Notices that expired or were refused for good.", b.failed[channel]),
			figure("wardwatch_outbox_retried_total", "Tries that failed and were put off.", b.retried[channel]))
	}
	return out
}
