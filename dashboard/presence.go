package dashboard

import (
	"context"
	"sync"
	"time"

	"wardwatch/ward"
)

// Who had which ward on a screen is on the record, from when until when: a row when they begin, one again
// every viewEvery while they go on, and one when the last of their screens on the ward has closed. A
// screen that comes back within leaveAfter never left: a bad network must not flood the record. So one
// person makes at most two rows a minute for a ward, however often their screens come and go. After a
// crash there is no last row: then they looked for at most viewEvery after the one before.
const (
	viewEvery  = 10 * time.Minute
	leaveAfter = time.Minute
)

// presence remembers who is looking at which ward.
type presence struct {
	now  func() time.Time
	note func(context.Context, ...ward.AuditEntry)

	mu   sync.Mutex
	here map[onScreen]*look
}

// onScreen is one person's look at one ward, by however many screens.
type onScreen struct {
	person ward.PersonID
	ward   ward.WardID
}

type look struct {
	screens int
	noted   time.Time   // when it was last put on the record
	left    time.Time   // since when no screen is open; zero while one is
	timer   *time.Timer // until they count as gone
}

func newPresence(now func() time.Time, note func(context.Context, ...ward.AuditEntry)) *presence {
	return &presence{now: now, note: note, here: map[onScreen]*look{}}
}

// enter notes that a screen has opened.
func (p *presence) enter(ctx context.Context, k onScreen) {
	p.mu.Lock()
	l := p.here[k]
	if l == nil {
		l = &look{}
		p.here[k] = l
	}
	if l.timer != nil {
		l.timer.Stop()
	}
	l.screens++
	l.left, l.timer = time.Time{}, nil
	p.mu.Unlock()
	p.goOn(ctx, k)
}

// goOn notes that a screen is still open, where that is due.
func (p *presence) goOn(ctx context.Context, k onScreen) {
	p.mu.Lock()
	now := p.now()
	l := p.here[k]
	due := l != nil && (l.noted.IsZero() || now.Sub(l.noted) >= viewEvery)
	if due {
		l.noted = now
	}
	p.mu.Unlock()
	if due {
		p.note(ctx, ward.AuditEntry{At: now, By: k.person, Deed: "board.view", Object: "ward:" + string(k.ward)})
	}
}

// leave notes that a screen has closed. Waiting runs on the real clock: that is the one networks keep.
func (p *presence) leave(k onScreen) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.here[k]
	if l == nil {
		return
	}
	if l.screens--; l.screens > 0 {
		return
	}
	l.left = p.now()
	l.timer = time.AfterFunc(leaveAfter, func() { p.gone(k, l) })
}

// gone puts the end of a look on the record, unless a screen has opened again.
func (p *presence) gone(k onScreen, l *look) {
	p.mu.Lock()
	over := p.here[k] == l && l.screens == 0
	if over {
		delete(p.here, k)
	}
	p.mu.Unlock()
	if !over {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	p.note(ctx, k.end(l))
}

// stop ends every look that there is: the server goes, and no screen outlives it.
func (p *presence) stop(ctx context.Context) {
	p.mu.Lock()
	now, ended := p.now(), p.here
	p.here = map[onScreen]*look{}
	p.mu.Unlock()
	rows := make([]ward.AuditEntry, 0, len(ended))
	for k, l := range ended {
		if l.timer != nil {
			l.timer.Stop()
		}
		if l.left.IsZero() {
			l.left = now
		}
		rows = append(rows, k.end(l))
	}
	if len(rows) > 0 {
		p.note(ctx, rows...)
	}
}

// end is the row of a look that is over.
func (k onScreen) end(l *look) ward.AuditEntry {
	return ward.AuditEntry{At: l.left, By: k.person, Deed: "board.leave", Object: "ward:" + string(k.ward)}
}
