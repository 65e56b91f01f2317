package webpush

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"wardwatch/alerts"
	"wardwatch/alerts/outgoing"
)

// unanswered is what it means that there was no answer; the words hold no address.
func unanswered(err error) error {
	if errors.Is(err, errNotPublic) {
		return &alerts.SendError{Permanent: true, Err: fmt.Errorf("the push service was not asked: %w", errNotPublic)}
	}
	return &alerts.SendError{Permanent: errors.Is(err, outgoing.ErrNotLoopback), Err: fmt.Errorf("the push service: %w", outgoing.Plain(err))}
}

// judge says what an answer means (RFC 8030, 5 and 8.4; RFC 8292, 4.2).
func (s *Sender) judge(resp *http.Response) error {
	code := resp.StatusCode
	final := func(format string, args ...any) error {
		return &alerts.SendError{Permanent: true, Err: fmt.Errorf(format, args...)}
	}
	switch {
	case code == http.StatusOK, code == http.StatusCreated, code == http.StatusAccepted:
		return nil
	case code == http.StatusNotFound, code == http.StatusGone:
		return &outgoing.Dead{Why: fmt.Sprintf("the push service no longer knows the subscription (%d)", code)}
	case refusesKey(code):
		return final("the push service refuses our key (%d%s): the subscription was made for another VAPID key, the subject is not a real address, or this machine's clock is wrong", code, reason(resp.Body))
	case code == http.StatusRequestEntityTooLarge:
		return final("the push service finds the message too long (413)")
	case code >= 300 && code < 400:
		return final("the push service points elsewhere (%d), and that is not followed", code)
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code >= 500:
		return &alerts.SendError{RetryAfter: outgoing.RetryAfter(resp.Header.Get("Retry-After"), s.o.Now()), Err: fmt.Errorf("the push service answered %d", code)}
	}
	return final("the push service answered %d", code)
}

// reason is the one word by which Apple's push service says what is wrong, for example BadJwtToken. Any
// other text stays unread by people: it might hold the endpoint.
func reason(body io.Reader) string {
	var answer struct{ Reason string }
	if json.NewDecoder(io.LimitReader(body, 4096)).Decode(&answer) != nil || len(answer.Reason) > 40 ||
		strings.ContainsFunc(answer.Reason, func(r rune) bool { return !(r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') }) || answer.Reason == "" {
		return ""
	}
	return ", " + answer.Reason
}
