package smtp

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"strings"

	"github.com/wneessen/go-mail"

	"wardwatch/alerts"
	"wardwatch/alerts/outgoing"
)

// judgeGreeting says what it means that we did not get as far as sending: a server that is away, slow or
// has trouble with its encryption may come back; one that refuses us does not change its mind.
func judgeGreeting(ctx context.Context, err error) error {
	var said *textproto.Error
	switch {
	case errors.As(err, &said) && said.Code >= 500 && authCode(said.Code):
		return final("the mail server refused the user and password (%d): correct user and password_file", said.Code)
	case errors.As(err, &said) && said.Code >= 500:
		return final("the mail server refused us (%d): ask its keepers whether this machine may send", said.Code)
	case errors.As(err, &said) && said.Code > 0:
		return later("the mail server is busy (%d)", said.Code)
	case errors.Is(err, mail.ErrNoSupportedAuthDiscovered), strings.Contains(err.Error(), "does not support SMTP AUTH"): // the library has no error value for the second
		return final("the mail server takes no user and password in a way we know: leave out user, or ask its keepers")
	case strings.Contains(err.Error(), "does not support STARTTLS"):
		return later("the mail server offered no encryption: use tls: implicit if it has that; it may also be an attack")
	}
	return silent(ctx, err)
}

// authCode recognises the answers to a bad sign-in (RFC 4954, 6).
func authCode(code int) bool { return code == 530 || code == 534 || code == 535 || code == 538 }

// judge says what it means that the message was not taken. Where the connection broke after the last
// byte it may have been taken all the same: the repeat has the same Message-ID.
func judge(ctx context.Context, err error) error {
	var said *mail.SendError
	if !errors.As(err, &said) || said.ErrorCode() == 0 {
		return silent(ctx, err)
	}
	code := said.ErrorCode()
	switch {
	case code < 500:
		return later("the mail server asked to come back later (%d)", code)
	case said.Reason == mail.ErrSMTPRcptTo && nobodyThere(code, said.EnhancedStatusCode(), said.Error()):
		return &outgoing.Dead{Why: fmt.Sprintf("the mail server knows no such address (%d)", code)}
	case said.Reason == mail.ErrSMTPMailFrom:
		return final("the mail server does not let us send from our address (%d): correct from", code)
	}
	return final("the mail server refused the message (%d %s): ask its keepers", code, said.EnhancedStatusCode())
}

// nobodyThere tells an address that does not exist from a server that wants nothing from us: many
// servers wait until the recipient is named before they say that they do not relay, or do not like
// who sends, and nobody's address must be given up for that. Where there is an enhanced status code
// (RFC 3463) it decides; otherwise the words do.
func nobodyThere(code int, enhanced, words string) bool {
	switch enhanced {
	case "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1":
		return true
	case "":
	default:
		return false
	}
	if code != 550 && code != 551 && code != 553 {
		return false
	}
	words = strings.ToLower(words)
	for _, w := range []string{"relay", "sender", "helo", "access", "denied", "block", "spam", "auth", "policy", "prohibited", "listed"} {
		if strings.Contains(words, w) {
			return false
		}
	}
	return true
}

// silent is for no answer at all, or one cut short.
func silent(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	var lost *mail.SendError
	if errors.As(err, &lost) { // the library keeps the cause to itself
		return later("the mail server broke off the connection")
	}
	return &alerts.SendError{
		Permanent: errors.Is(err, outgoing.ErrNotLoopback),
		Err:       fmt.Errorf("the mail server: %w", outgoing.Plain(err)),
	}
}

func final(format string, args ...any) error {
	return &alerts.SendError{Permanent: true, Err: fmt.Errorf(format, args...)}
}

func later(format string, args ...any) error {
	return &alerts.SendError{Err: fmt.Errorf(format, args...)}
}
