package door

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// How slowly a sender may send. Ours: the slowest line of a hospital is faster.
const (
	grace       = 30 * time.Second
	minRate     = 16 << 10         // bytes a second
	answerLimit = 30 * time.Second // for taking the answer
)

// pace ends a request whose sender dawdles.
func (d *Door) pace(w http.ResponseWriter, r *http.Request) {
	r.Body = &paced{body: r.Body, control: http.NewResponseController(w), left: grace}
}

// paced is a body that must come at a rate. Only time spent waiting for the sender counts: a slow disk of
// ours is not the sender's fault.
type paced struct {
	body    io.ReadCloser
	control *http.ResponseController
	left    time.Duration
}

// Read implements io.Reader.
func (p *paced) Read(b []byte) (int, error) {
	began := time.Now()
	if err := p.control.SetReadDeadline(began.Add(p.left)); err != nil {
		return 0, err
	}
	n, err := p.body.Read(b)
	p.left += time.Duration(n)*time.Second/minRate - time.Since(began)
	p.left = min(p.left, grace) // what came quickly buys no pause later
	if err != nil {
		// The server goes on reading to notice a sender that hangs up; keeping what was sent takes its time.
		_ = p.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

// Close implements io.Closer.
func (p *paced) Close() error { return p.body.Close() }

// slow reports whether a sender was too slow.
func slow(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
