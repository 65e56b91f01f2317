package live

import "wardwatch/ward"

// Screen is one reader of a ward's feed. It holds no queue of its own: it reads the ward's newest
// frames at its own pace, and is cut off when what it needs is no longer among them.
type Screen struct {
	b        *board
	mode     Names
	next     uint64
	snapshot []byte // still to be taken
	closed   bool
}

// Subscribe opens a screen on the ward. Its first events and its feed are one cut of time: nothing
// falls between. With the id of the last event seen it goes on after that one where what follows is
// still held, and otherwise begins with a snapshot. The error is a *ward.Error.
func (l *Live) Subscribe(id ward.WardID, m Names, lastID string) (*Screen, error) {
	b := l.board(id)
	if b == nil {
		return nil, &ward.Error{Code: ward.NotFound, Message: "there is no such ward", Hint: "GET /api/v1/wards lists the wards you may see"}
	}
	b.out.Lock()
	defer b.out.Unlock()
	if b.feed.closed {
		return nil, &ward.Error{Code: ward.Unavailable, Message: "the server is stopping", Hint: "try again in a moment", Err: ErrClosed}
	}
	b.feed.watched[m.index()]++
	b.mu.Lock()
	b.watched = true
	b.mu.Unlock()
	l.screens.Add(1)
	s := &Screen{b: b, mode: m}
	b.flushLocked() // what changed while nobody watched
	if next, ok := b.after(m, lastID); ok && b.resumable(m, next) {
		s.next = next
		return s, nil
	}
	s.snapshot = b.snapshot(m)
	s.next = b.feed.next()
	return s, nil
}

// resumable reports whether every frame from next on is held in the mode; with out held.
func (b *board) resumable(m Names, next uint64) bool {
	f := &b.feed
	if next < f.first || next > f.next() {
		return false
	}
	for _, fr := range f.frames[next-f.first:] {
		if fr[m.index()] == nil {
			return false
		}
	}
	return true
}

// Take is the events that the screen has not had, and a channel that is closed when there are
// more. The events are shared with other screens and must not be changed. ErrBehind and ErrClosed
// end the screen.
func (s *Screen) Take() (events [][]byte, more <-chan struct{}, err error) {
	s.b.out.Lock()
	defer s.b.out.Unlock()
	f := &s.b.feed
	if f.closed {
		return nil, nil, ErrClosed
	}
	if s.next < f.first {
		s.b.live.cut.Add(1)
		return nil, nil, ErrBehind
	}
	if s.snapshot != nil {
		events = append(events, s.snapshot)
		s.snapshot = nil
	}
	for _, fr := range f.frames[s.next-f.first:] {
		events = append(events, fr[s.mode.index()])
	}
	s.next = f.next()
	return events, f.fresh, nil
}

// Close ends the screen.
func (s *Screen) Close() {
	s.b.out.Lock()
	defer s.b.out.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	s.b.live.screens.Add(-1)
	f := &s.b.feed
	f.watched[s.mode.index()]--
	if f.watched == [numModes]int{} {
		s.b.mu.Lock()
		s.b.watched = false
		s.b.mu.Unlock()
	}
}

// Snapshot is the ward as it is now.
func (l *Live) Snapshot(id ward.WardID, m Names) (SnapshotView, bool) {
	b := l.board(id)
	if b == nil {
		return SnapshotView{}, false
	}
	b.out.Lock()
	defer b.out.Unlock()
	v, _ := b.snapshotView(m)
	return v, true
}

func (b *board) close() {
	b.timer.Stop()
	b.out.Lock()
	defer b.out.Unlock()
	if !b.feed.closed {
		b.feed.closed = true
		close(b.feed.fresh)
	}
}
