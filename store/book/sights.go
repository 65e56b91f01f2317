package book

import (
	"sync"
	"time"

	"wardwatch/ward"
)

// sights remembers sightings that were judged to be no news, so that a burst of them (a backlog
// from a former place, a flood of made-up ids) does not ask the book for each.
type sights struct {
	mu    sync.Mutex
	until map[sighted]time.Time // data time up to which there is no news
	retry time.Time             // after a failed write, not before

	failures uint64 // writes that failed
}

type sighted struct {
	device ward.DeviceID
	place  ward.Place
}

// Bounds of the above, ours.
const (
	maxQuiet   = 10_000      // sightings remembered; then all are forgotten
	quietFor   = time.Minute // how much later data is judged anew
	retryAfter = time.Second // after a failed write
)

func (s *sights) init() { s.until = make(map[sighted]time.Time) }

func (s *sights) quiet(d ward.DeviceID, p ward.Place, at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return at.Before(s.until[sighted{d, p}])
}

func (s *sights) mayTry(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !now.Before(s.retry)
}

func (s *sights) failed(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retry = now.Add(retryAfter)
	s.failures++
}

func (s *sights) failureCount() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failures
}

func (s *sights) succeeded(d ward.DeviceID, p ward.Place, at time.Time, news bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retry = time.Time{}
	if news {
		return
	}
	if len(s.until) >= maxQuiet {
		clear(s.until)
	}
	s.until[sighted{d, p}] = at.Add(quietFor)
}

func (s *sights) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.until)
}
