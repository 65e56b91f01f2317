package dashboard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"wardwatch/dashboard/live"
	"wardwatch/dashboard/signin"
	"wardwatch/ward"
)

// maxStreams bounds the open streams; each is a connection and a goroutine of the server.
const maxStreams = 2000

// streams counts the open ones and ends them together.
type streams struct {
	perPerson int
	stopped   chan struct{}

	mu     sync.Mutex
	open   map[ward.PersonID]int
	total  int
	ending bool
}

func newStreams(perPerson int) *streams {
	return &streams{perPerson: perPerson, stopped: make(chan struct{}), open: map[ward.PersonID]int{}}
}

func (s *streams) enter(p ward.PersonID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ending:
		return &ward.Error{Code: ward.Unavailable, Message: "the server is stopping", Hint: "try again in a moment"}
	case s.total >= maxStreams || s.open[p] >= s.perPerson:
		return &refusal{fiber.StatusTooManyRequests, "too_many_screens", "too many screens are open", "close a board that is not needed"}
	}
	s.open[p]++
	s.total++
	return nil
}

func (s *streams) leave(p ward.PersonID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total--
	if s.open[p]--; s.open[p] <= 0 {
		delete(s.open, p)
	}
}

func (s *streams) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ending {
		s.ending = true
		close(s.stopped)
	}
}

// stream answers with the ward's feed. After it returns the request is Fiber's again: the feed
// keeps nothing of it but the connection, for its write deadline.
func stream(q *call) error {
	w, err := q.wardID()
	if err != nil {
		return err
	}
	mode, ok := live.NamesNamed(q.c.Query("names", string(live.NamesGiven)))
	if !ok {
		return badInput("there is no such way to show names", "names is given, initials or none")
	}
	p := q.who.Person
	if !seesNames(p.Access) {
		mode = live.NamesNone
	}
	if err := q.s.streams.enter(p.ID); err != nil {
		return err
	}
	screen, err := q.s.o.Live.Subscribe(w, mode, q.c.Get("Last-Event-ID"))
	if err != nil {
		q.s.streams.leave(p.ID)
		return err
	}
	f := &feed{
		s: q.s, screen: screen, conn: q.c.Context().Conn(), ward: w, who: q.who, token: q.bearer(),
		beat: time.NewTicker(q.s.o.Heartbeat), checked: time.Now(),
	}
	q.s.presence.enter(q.ctx, f.look())
	q.c.Set(fiber.HeaderContentType, "text/event-stream")
	q.c.Set("X-Accel-Buffering", "no") // a proxy must not hold events back
	q.c.Context().SetConnectionClose()
	q.c.Context().SetBodyStream(f, -1)
	return nil
}

// feed is the body of one stream. fasthttp reads it in the connection's own goroutine, so a stream
// costs no other; it closes the feed when the connection fails, which a heartbeat brings out.
type feed struct {
	s       *Server
	screen  *live.Screen
	conn    net.Conn
	ward    ward.WardID
	who     signin.Identity
	token   string
	beat    *time.Ticker
	checked time.Time

	events [][]byte // taken, not yet read
	rest   []byte   // of the event being read
	more   <-chan struct{}
	once   sync.Once
}

func (f *feed) look() onScreen { return onScreen{f.who.Person.ID, f.ward} }

// Read gives what there is to send and waits when there is nothing.
func (f *feed) Read(into []byte) (int, error) {
	for len(f.rest) == 0 {
		if err := f.next(); err != nil {
			return 0, io.EOF // an orderly end: the screen opens a new stream
		}
	}
	n := copy(into, f.rest)
	f.rest = f.rest[n:]
	// A screen that takes nothing for so long fails the write, which ends the stream.
	if err := f.conn.SetWriteDeadline(time.Now().Add(f.s.o.StallTimeout)); err != nil {
		return 0, io.EOF
	}
	return n, nil
}

// next puts the next event into rest.
func (f *feed) next() error {
	if len(f.events) > 0 {
		f.rest, f.events = f.events[0], f.events[1:]
		return nil
	}
	events, more, err := f.screen.Take()
	if err != nil {
		return err
	}
	if f.events, f.more = events, more; len(events) > 0 {
		return nil
	}
	select {
	case <-f.more:
	case <-f.s.streams.stopped:
		return live.ErrClosed
	case <-f.beat.C:
		if err := f.stillIn(); err != nil {
			return err
		}
		f.rest = fmt.Appendf(nil, "event: heartbeat\ndata: {\"time\":%d}\n\n", f.s.o.Now().UnixMilli())
	}
	return nil
}

// stillIn asks now and then whether the person may still look: a session that has ended must not
// keep showing patients.
func (f *feed) stillIn() error {
	if time.Since(f.checked) < f.s.o.Recheck || f.who.Session == "" && f.token == "" {
		return nil
	}
	f.checked = time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	id, err := f.s.gate.Who(ctx, f.who.Session, f.token)
	if errors.Is(err, signin.ErrNobody) || err == nil && !id.Person.MayEnter(f.ward) {
		return signin.ErrNobody
	}
	// A book that cannot answer now is no reason to darken the board.
	f.s.presence.goOn(ctx, f.look())
	return nil
}

// Close ends the stream.
func (f *feed) Close() error {
	f.once.Do(func() {
		f.beat.Stop()
		f.screen.Close()
		f.s.streams.leave(f.who.Person.ID)
		f.s.presence.leave(f.look())
	})
	return nil
}

// note writes rows to the audit; one without a time is of now.
func (s *Server) note(ctx context.Context, rows ...ward.AuditEntry) {
	for i := range rows {
		if rows[i].At.IsZero() {
			rows[i].At = s.o.Now()
		}
	}
	if err := s.o.Book.AppendAudit(ctx, rows...); err != nil {
		s.meter.Unaudited()
		s.log.Error("the audit could not be written", "deed", rows[0].Deed, "error", err)
	}
}

// Figures are the server's own numbers.
func (s *Server) Figures() []ward.Figure {
	s.streams.mu.Lock()
	defer s.streams.mu.Unlock()
	return []ward.Figure{{Name: "wardwatch_http_streams", Help: "Live streams open now.", Gauge: true, Value: float64(s.streams.total)}}
}
