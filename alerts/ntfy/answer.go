package ntfy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"wardwatch/alerts"
	"wardwatch/alerts/outgoing"
)

func unanswered(err error) error {
	return &alerts.SendError{Permanent: errors.Is(err, outgoing.ErrNotLoopback), Err: fmt.Errorf("the ntfy server: %w", outgoing.Plain(err))}
}

// maxAnswer is the most read of an answer, in bytes: ntfy's is the message again.
const maxAnswer = 16 << 10

func read(body io.Reader, v any) error {
	b, err := io.ReadAll(io.LimitReader(body, maxAnswer))
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

// published checks that it was an ntfy server that took the message: a sign-in page of the network or
// another program at that address also answers 200.
func published(body io.Reader, topic string) error {
	var answer struct{ ID, Event, Topic string }
	err := read(body, &answer)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err != nil && !errors.As(err, &syntax) && !errors.As(err, &kind):
		return unanswered(err)
	case err != nil || answer.ID == "" || answer.Event != "message" || answer.Topic != topic:
		return &alerts.SendError{Permanent: true, Err: errors.New("what answered is not an ntfy server: check the address, and whether the network asks for a sign-in")}
	}
	return nil
}

// refusal says what a code other than 200 means. ntfy's own words are not passed on: they may hold
// the topic.
func (s *Sender) refusal(resp *http.Response) error {
	code := resp.StatusCode
	e := &alerts.SendError{Permanent: true}
	switch {
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		e.Err = fmt.Errorf("the ntfy server lets us not publish (%d): check the token, and that its user may write to the topic", code)
	case code == http.StatusRequestEntityTooLarge:
		e.Err = errors.New("the ntfy server finds the message too long (413)")
	case code == http.StatusInsufficientStorage:
		e.Err = errors.New("the ntfy server says that no device listens to the topic (507)")
	case code >= 300 && code < 400:
		e.Err = fmt.Errorf("the ntfy server points elsewhere (%d), and that is not followed: give the final address", code)
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code >= 500:
		e.Permanent, e.RetryAfter = false, outgoing.RetryAfter(resp.Header.Get("Retry-After"), s.o.Now())
		e.Err = fmt.Errorf("the ntfy server answered %d", code)
	default:
		e.Err = fmt.Errorf("the ntfy server answered %d", code)
	}
	return e
}
