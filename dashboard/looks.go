package dashboard

import (
	"sync"
	"time"
)

// looks remembers who was recorded as looking at what, so that a page that asks again every few seconds
// is one look in viewEvery.
type looks struct {
	mu   sync.Mutex
	seen map[lookAt]time.Time
}

type lookAt struct{ person, object string }

const maxLooks = 4096

// due reports whether the look is to be recorded.
func (l *looks) due(k lookAt, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at, ok := l.seen[k]; ok && now.Sub(at) < viewEvery {
		return false
	}
	if l.seen == nil || len(l.seen) >= maxLooks {
		l.seen = map[lookAt]time.Time{} // recording once more is better than holding more
	}
	l.seen[k] = now
	return true
}
