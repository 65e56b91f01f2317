package broker

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// logger passes the server's words on to slog, and hears in them what the server tells nobody else:
// a forbidden publish, and that it cannot start.
type logger struct {
	log   *slog.Logger
	guard *guard
	fatal atomic.Pointer[error]

	storeErrors atomic.Uint64
	broken      atomic.Bool // the store has failed to write and will not by itself again
}

func newLogger(log *slog.Logger, g *guard) *logger { return &logger{log: log, guard: g} }

// The beginnings of what the server says of a forbidden act, after the name of the connection.
const (
	publishViolation   = "Publish Violation - Subject "
	subscribeViolation = "Subscription Violation - Subject "
)

// Errorf implements server.Logger.
func (l *logger) Errorf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	if id, subject, ok := violation(text); ok {
		if user, first := l.guard.violate(id, subject, time.Now()); first {
			l.log.Warn("a credential may not do what it tries; the broker drops it", "user", user, "subject", subject)
		}
		return
	}
	if l.broken.Load() || storeFault(text) {
		l.storeErrors.Add(1)
	}
	if strings.Contains(strings.ToLower(text), "critical write error") && l.broken.Swap(true) {
		return // said once
	}
	l.log.Error("broker: " + text)
}

// renew forgets what an earlier server said of itself.
func (l *logger) renew() {
	l.fatal.Store(nil)
	l.broken.Store(false)
}

// violation reads the connection and the subject from the server's words:
// `127.0.0.1:4000 - mid:12 - "client id" - Publish Violation - Subject "ward.v1.A.1.vitals"`.
// A client id cannot forge one: it may hold neither spaces nor quotes.
func violation(text string) (id uint64, subject string, ok bool) {
	_, what, ok := strings.Cut(text, publishViolation)
	if !ok {
		if _, what, ok = strings.Cut(text, subscribeViolation); !ok {
			return 0, "", false
		}
	}
	if s, err := strconv.QuotedPrefix(what); err == nil {
		subject, _ = strconv.Unquote(s)
	}
	_, rest, found := strings.Cut(text, "mid:")
	if !found {
		return 0, subject, true
	}
	digits, _, _ := strings.Cut(rest, " ")
	id, _ = strconv.ParseUint(digits, 10, 64)
	return id, subject, true
}

// storeFault recognises the server's complaints about its store.
func storeFault(text string) bool {
	for _, sign := range []string{"no space left", "write error", "maximum bytes", "resources", "failed to store"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

// Fatalf implements server.Logger. The server calls it instead of ending; Start makes it an error.
func (l *logger) Fatalf(format string, v ...any) {
	err := fmt.Errorf(format, v...)
	l.fatal.CompareAndSwap(nil, &err)
	l.log.Error("broker: " + err.Error())
}

// failed is the first fatal error; nil when there was none.
func (l *logger) failed() error {
	if err := l.fatal.Load(); err != nil {
		return *err
	}
	return nil
}

// Noticef implements server.Logger.
func (l *logger) Noticef(format string, v ...any) {
	l.log.Debug("broker: " + fmt.Sprintf(format, v...))
}

// Warnf implements server.Logger.
func (l *logger) Warnf(format string, v ...any) { l.log.Warn("broker: " + fmt.Sprintf(format, v...)) }

// Debugf implements server.Logger.
func (l *logger) Debugf(string, ...any) {}

// Tracef implements server.Logger.
func (l *logger) Tracef(string, ...any) {}
