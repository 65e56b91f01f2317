package outgoing

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"wardwatch/alerts"
	"wardwatch/ward"
)

// Lookup finds a person's addresses in one channel.
type Lookup func(ctx context.Context, person ward.PersonID, channel string) ([]ward.Contact, error)

// Gone takes an address out of use, and says why.
type Gone func(ctx context.Context, contact, why string) error

// Dead is an address that will never take anything again.
type Dead struct{ Why string }

// Error is why.
func (d *Dead) Error() string { return d.Why }

// Person tells one person at every address of theirs in the notice's channel. One that took it is
// enough. An address that send finds Dead is given to gone. Where no address is left, or send says of
// each that there was nobody, it is no fault of the channel's; where only final answers came, it is
// final.
func Person(ctx context.Context, n ward.Notice, lookup Lookup, gone Gone, send func(context.Context, ward.Contact) error) error {
	if n.To == "" {
		return nobody("the notice names no person, and this channel tells one person at a time")
	}
	contacts, err := lookup(ctx, n.To, n.Channel)
	if err != nil {
		return &alerts.SendError{Err: fmt.Errorf("looking up the addresses: %w", err)}
	}
	if len(contacts) == 0 {
		return nobody("the person has no address in this channel")
	}
	answers := make([]error, len(contacts))
	var all sync.WaitGroup
	for i, c := range contacts {
		all.Go(func() { answers[i] = send(ctx, c) }) // side by side: a slow address holds up no other
	}
	all.Wait()
	var f failures
	for i, err := range answers {
		f.add(retire(ctx, contacts[i].ID, err, gone))
	}
	return f.result(len(contacts))
}

var errRetired = errors.New("the address was dead")

// retire takes an address that was found dead out of use.
func retire(ctx context.Context, contact string, err error, gone Gone) error {
	var dead *Dead
	if !errors.As(err, &dead) {
		return err
	}
	if err := gone(ctx, contact, dead.Why); err != nil {
		return fmt.Errorf("taking a dead address out of use: %w", err)
	}
	return errRetired
}

func nobody(why string) error {
	return &alerts.SendError{Permanent: true, Nobody: true, Err: errors.New(why)}
}

// failures joins what became of each address.
type failures struct {
	taken, nobody int
	errs          []error
	again         bool
	wait          time.Duration // the shortest that anybody asked for
}

func (f *failures) add(err error) {
	switch {
	case err == nil:
		f.taken++
		return
	case errors.Is(err, errRetired):
		f.nobody++
		return
	}
	f.errs = append(f.errs, err)
	var se *alerts.SendError
	switch {
	case !errors.As(err, &se):
	case se.Nobody:
		f.nobody++
		return
	case se.Permanent:
		return
	}
	wait := time.Duration(0)
	if se != nil {
		wait = se.RetryAfter
	}
	if !f.again || wait < f.wait {
		f.wait = wait
	}
	f.again = true
}

func (f *failures) result(of int) error {
	switch {
	case f.taken > 0:
		return nil
	case f.nobody == of && len(f.errs) == 0:
		return nobody("every address of the person was dead")
	case f.nobody == of:
		return &alerts.SendError{Permanent: true, Nobody: true, Err: errors.Join(f.errs...)}
	}
	return &alerts.SendError{Permanent: !f.again, RetryAfter: f.wait, Err: errors.Join(f.errs...)}
}
