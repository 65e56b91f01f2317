package dashboard

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

// record takes rows as the audit does.
type record struct {
	mu   sync.Mutex
	rows []ward.AuditEntry
}

func (r *record) note(_ context.Context, rows ...ward.AuditEntry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows = append(r.rows, rows...)
}

func (r *record) deeds() (out []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.rows {
		out = append(out, e.Deed+" "+e.At.Format("15:04"))
	}
	return out
}

var nurseAtICU = onScreen{"p-nurse", "icu"}

func TestFromWhenUntilWhenSomebodyLooked(t *testing.T) {
	c, r := &clock{t: noon}, &record{}
	p := newPresence(c.now, r.note)
	ctx := t.Context()
	p.enter(ctx, nurseAtICU) // a tablet
	c.pass(2 * time.Minute)
	p.enter(ctx, nurseAtICU) // and a wall
	c.pass(9 * time.Minute)
	p.goOn(ctx, nurseAtICU)
	p.leave(nurseAtICU)
	c.pass(3 * time.Minute)
	p.leave(nurseAtICU) // the last one
	look := p.here[nurseAtICU]
	c.pass(time.Minute)
	p.gone(nurseAtICU, look) // as its timer does
	want := []string{"board.view 12:00", "board.view 12:11", "board.leave 12:14"}
	if got := r.deeds(); !slices.Equal(got, want) {
		t.Errorf("\n%q\n%q", got, want)
	}
	p.gone(nurseAtICU, look)
	p.leave(nurseAtICU)
	p.stop(ctx)
	if got := r.deeds(); len(got) != 3 {
		t.Errorf("it ended twice: %q", got)
	}
}

// A screen that comes back soon never left, and a server that stops says how long its screens looked.
func TestAScreenThatComesBack(t *testing.T) {
	c, r := &clock{t: noon}, &record{}
	p := newPresence(c.now, r.note)
	for range 20 {
		p.enter(t.Context(), nurseAtICU)
		c.pass(5 * time.Second)
		p.leave(nurseAtICU)
		c.pass(5 * time.Second)
	}
	if got := r.deeds(); !slices.Equal(got, []string{"board.view 12:00"}) {
		t.Errorf("%q", got)
	}
	doctor := onScreen{"p-doctor", "icu"}
	p.enter(t.Context(), doctor)
	p.enter(t.Context(), doctor)
	p.leave(doctor) // one of two
	c.pass(time.Minute)
	p.stop(t.Context())
	got := r.deeds()[2:]
	slices.Sort(got)
	if want := []string{"board.leave 12:03", "board.leave 12:04"}; !slices.Equal(got, want) {
		t.Errorf("\n%q\n%q", got, want)
	}
}

// However screens come and go, the rows of one look alternate as they must: it begins before it ends.
func TestLooksBeginAndEnd(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c, r := &clock{t: noon}, &record{}
		p := newPresence(c.now, r.note)
		screens := 0
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			c.pass(time.Duration(rapid.IntRange(0, 400).Draw(rt, "s")) * time.Second)
			switch rapid.IntRange(0, 3).Draw(rt, "what") {
			case 0:
				p.enter(rt.Context(), nurseAtICU)
				screens++
			case 1:
				p.goOn(rt.Context(), nurseAtICU)
			case 2:
				if screens > 0 {
					p.leave(nurseAtICU)
					screens--
				}
			case 3:
				if l := p.here[nurseAtICU]; l != nil {
					p.gone(nurseAtICU, l)
				}
			}
		}
		p.stop(rt.Context())
		looking := false
		for _, e := range r.rows {
			if e.Deed == "board.leave" && !looking {
				rt.Fatalf("it ended before it began: %v", r.deeds())
			}
			looking = e.Deed == "board.view"
		}
		if looking {
			rt.Fatalf("it never ended: %v", r.deeds())
		}
	})
}

// The stream itself: it begins with its screen and ends with the server.
func TestTheRecordOfAScreen(t *testing.T) {
	h := open(t, nil)
	h.stream("p-nurse", "/api/v1/wards/icu/stream", "").want("snapshot")
	h.clock.pass(4 * time.Minute)
	if err := h.s.Shutdown(t.Context()); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	h.book.mu.Lock()
	defer h.book.mu.Unlock()
	last := h.book.audit[len(h.book.audit)-1]
	if last.Deed != "board.leave" || last.By != "p-nurse" || last.Object != "ward:icu" || !last.At.Equal(noon.Add(4*time.Minute)) {
		t.Errorf("%+v", last)
	}
}
