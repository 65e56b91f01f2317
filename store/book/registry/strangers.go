package registry

import (
	"sync"
	"time"

	"wardwatch/ward"
)

// Bounds of the places that the book does not know and that are scored and shown all the same,
// because somebody may lie there, and a hospital may begin before its beds are entered. A gateway
// may speak for any bed of its ward: one that makes bed names up must not fill the memory. Ours:
// more than the beds of any hospital, and some hundred megabytes at the worst.
const (
	maxStrangers    = 20_000 // on one ward
	maxStrangersAll = 25_000 // on all together: who may name any ward could make those up too
	strangerLife    = 24 * time.Hour
	sweepEvery      = time.Minute // a flood of names must not pay for a sweep each
)

// strangers are the places that the book does not know and that have been heard of.
type strangers struct {
	mu    sync.Mutex
	heard map[ward.Place]int64 // when last, Unix ms
	on    map[ward.WardID]int  // how many of them
	swept int64                // when last, Unix ms
}

func (s *strangers) init() { s.heard, s.on = map[ward.Place]int64{}, map[ward.WardID]int{} }

// judge gives the place one of the slots while there are any. A slot is free again when the place
// enters the book, or, once others need it, when it has been silent for a day.
func (s *strangers) judge(p ward.Place, ms int64) ward.Apart {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last, ok := s.heard[p]; ok {
		s.heard[p] = max(last, ms)
		return ward.UnknownBed
	}
	if s.full(p.Ward) && ms-s.swept >= sweepEvery.Milliseconds() {
		s.swept = ms
		s.sweep(ms - strangerLife.Milliseconds())
	}
	if s.full(p.Ward) {
		return ward.Crowded
	}
	s.heard[p] = ms
	s.on[p.Ward]++
	return ward.UnknownBed
}

func (s *strangers) full(w ward.WardID) bool {
	return s.on[w] >= maxStrangers || len(s.heard) >= maxStrangersAll
}

func (s *strangers) sweep(before int64) {
	for p, last := range s.heard {
		if last < before {
			s.drop(p)
		}
	}
}

func (s *strangers) drop(p ward.Place) {
	if _, ok := s.heard[p]; !ok {
		return
	}
	delete(s.heard, p)
	if s.on[p.Ward]--; s.on[p.Ward] == 0 {
		delete(s.on, p.Ward)
	}
}

// met drops the places that are in the book now.
func (s *strangers) met(known map[ward.Place]*bed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p := range s.heard {
		if known[p] != nil {
			s.drop(p)
		}
	}
}

// Strangers is how many places that the book does not know have been heard of lately.
func (r *Registry) Strangers() int {
	r.strangers.mu.Lock()
	defer r.strangers.mu.Unlock()
	return len(r.strangers.heard)
}
