package alerts

import (
	"context"
	"errors"
	"time"

	"wardwatch/ward"
)

// Sender tells by one channel. It must be safe to call twice with the same notice, and by several
// goroutines at once. Nil means that the channel took it. An error is retried until the notice
// expires unless it is Permanent; RetryAfter asks for a longer wait.
type Sender interface {
	Send(ctx context.Context, n ward.Notice) error
}

// SendError is why a notice could not be sent.
type SendError struct {
	Permanent  bool          // trying again cannot help
	Nobody     bool          // there was no address to send to: final, and the channel is well
	RetryAfter time.Duration // the receiver asked not to be tried before; zero: it did not say
	Err        error         // no identifying words: it is stored with the notice
}

// Error is the cause's message.
func (e *SendError) Error() string { return e.Err.Error() }

// Unwrap is the cause.
func (e *SendError) Unwrap() error { return e.Err }

// Waits between tries of one notice: doubled from the first to the last.
const (
	firstRetry = 500 * time.Millisecond
	lastRetry  = 15 * time.Second
)

// receiptOf says what one try means for the notice. tries is how many there were before it.
func receiptOf(n *ward.Notice, err error, at time.Time) ward.Receipt {
	r := ward.Receipt{Notice: n.ID, At: at, OK: err == nil}
	if err == nil {
		return r
	}
	r.Error = err.Error()
	wait := lastRetry
	if n.Tries < 6 {
		wait = min(firstRetry<<n.Tries, lastRetry)
	}
	var se *SendError
	if errors.As(err, &se) {
		r.Final, r.Nobody = se.Permanent || se.Nobody, se.Nobody
		wait = max(wait, se.RetryAfter)
	}
	r.RetryAt = at.Add(wait)
	if r.Final || !r.RetryAt.Before(n.Expires) { // no later try in time: the ladder moves on now
		r.Final, r.RetryAt = true, time.Time{}
	}
	return r
}
