package webpush

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"wardwatch/alerts"
)

// blame tells one subscription's fault from ours. A refusal of our key means that the subscription was
// made for another one, or that our key, our subject or this machine's clock is wrong; one that may
// not be asked is an odd browser's, or the list of push services is wrong. The answer does not say
// which; what else is taken does. So it is the subscription's fault while
//
//   - its push service has taken another one lately, and has refused no second one since; or
//   - its push service has taken another one after refusing it.
//
// Everything else is ours, and shows as a failing channel: nothing was taken yet, or two or more in a
// row were refused. What is known is forgotten at a stop: the first message taken begins anew.
type blame struct {
	mu sync.Mutex
	of map[string]*standing // by push service; "": of all of them together
}

// standing is how we stand with one push service.
type standing struct {
	taken  time.Time
	doubts map[string]bool // subscriptions refused since it last took one
	theirs map[string]bool // refused, and others were taken after
}

// lately is how long a message that was taken speaks for us: so that a daily test is among it. Ours.
const lately = 26 * time.Hour

// everywhere is how we stand with all push services together.
const everywhere = ""

func (b *blame) standing(service string) *standing {
	if b.of == nil {
		b.of = map[string]*standing{}
	}
	s := b.of[service]
	if s == nil {
		s = &standing{doubts: map[string]bool{}, theirs: map[string]bool{}}
		b.of[service] = s
	}
	return s
}

// took notes that a push service took a message for a subscription.
func (b *blame) took(service, contact string, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, name := range []string{service, everywhere} {
		s := b.standing(name)
		s.taken = at
		for id := range s.doubts {
			s.theirs[id] = true
		}
		clear(s.doubts)
		delete(s.theirs, contact)
	}
}

// refused notes a refusal, and says whether it is the subscription's own fault.
func (b *blame) refused(service, contact string, at time.Time) (theirs bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.standing(service)
	spoken := !s.taken.IsZero() && at.Sub(s.taken) < lately
	if spoken && s.theirs[contact] {
		return true
	}
	s.doubts[contact] = true
	return spoken && len(s.doubts) == 1
}

// refusesKey says whether an answer refuses our signature (RFC 8292, 4.2).
func refusesKey(code int) bool {
	return code == http.StatusBadRequest || code == http.StatusUnauthorized || code == http.StatusForbidden
}

// ownFault is an error of one subscription's: there is no use in asking it, and the channel is well.
func ownFault(err error) error {
	return &alerts.SendError{Permanent: true, Nobody: true, Err: fmt.Errorf("others are taken, so it is this subscription alone: %w", err)}
}
