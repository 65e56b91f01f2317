package publish

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"
)

// Receipt follows one message until the broker has acknowledged it.
type Receipt struct {
	done chan struct{}
	err  error // set before done is closed
}

// Done is closed when the message is settled.
func (r *Receipt) Done() <-chan struct{} { return r.done }

// Err is nil once the broker has acknowledged; it may be asked after Done.
func (r *Receipt) Err() error { return r.err }

// Wait waits until the message is settled or ctx ends.
func (r *Receipt) Wait(ctx context.Context) error {
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return fmt.Errorf("publish: not acknowledged: %w", ctx.Err())
	}
}

// ledger is the client's store of messages, and knows which receipt goes with each. The client's
// own tokens cannot be used for that: on a reconnect it completes the token of every kept message
// without error and sends the message again, so a token says "acknowledged" too early. A message
// is deleted from the store for one reason only: its PUBACK has come.
type ledger struct {
	mqtt.Store
	onAck func()

	mu           sync.Mutex
	entering     *Receipt // of the message the client is being given
	failed       error    // why it could not be stored
	receipts     map[string]*Receipt
	acknowledged atomic.Uint64
}

var errNotTaken = errors.New("not connected yet, or no longer")

func newLedger(dir string, onAck func()) *ledger {
	l := &ledger{onAck: onAck, receipts: make(map[string]*Receipt)}
	if dir != "" {
		l.Store = mqtt.NewFileStore(dir)
	} else {
		l.Store = mqtt.NewOrderedMemoryStore()
	}
	return l
}

// enter calls publish and ties r to the message that it stores. Only one enter may run at a time.
func (l *ledger) enter(r *Receipt, publish func() error) error {
	l.mu.Lock()
	l.entering, l.failed = r, nil
	l.mu.Unlock()
	err := publish()
	l.mu.Lock()
	defer l.mu.Unlock()
	stored := l.entering == nil
	l.entering = nil
	switch {
	case l.failed != nil:
		return l.failed
	case stored:
		return nil // a later error of the client's is its own affair: the message is kept
	case err != nil:
		return err
	}
	return errNotTaken
}

// Put stores an outbound message. It is called from inside enter.
func (l *ledger) Put(key string, m packets.ControlPacket) {
	err := put(l.Store, key, m)
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := m.(*packets.PublishPacket); !ok || l.entering == nil {
		return
	}
	if err != nil {
		l.failed = err
		return
	}
	l.receipts[key], l.entering = l.entering, nil
}

// put turns the file store's panic on a full or broken disk into an error.
func put(s mqtt.Store, key string, m packets.ControlPacket) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("keep the message: %v", r)
		}
	}()
	s.Put(key, m)
	return nil
}

// Del is called for each PUBACK, also for messages kept from an earlier run, which have no receipt.
func (l *ledger) Del(key string) {
	l.Store.Del(key)
	l.mu.Lock()
	r := l.receipts[key]
	delete(l.receipts, key)
	l.mu.Unlock()
	l.acknowledged.Add(1)
	if r != nil {
		l.onAck()
		close(r.done)
	}
}

// open lists the receipts that wait.
func (l *ledger) open() []*Receipt {
	l.mu.Lock()
	defer l.mu.Unlock()
	rs := make([]*Receipt, 0, len(l.receipts))
	for _, r := range l.receipts {
		rs = append(rs, r)
	}
	return rs
}

// abandon settles every open receipt with err.
func (l *ledger) abandon(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, r := range l.receipts {
		r.err = err
		close(r.done)
		delete(l.receipts, key)
	}
}
