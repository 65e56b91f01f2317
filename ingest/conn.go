package ingest

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// readBuffer holds some two hundred messages. paho reads each packet in three or more small
// pieces; from this buffer they cost no system call.
const readBuffer = 64 << 10

// writeLimit is the longest that one write may block. A broker that takes nothing for so long is
// given up, so that a dead link never holds the committer.
const writeLimit = 10 * time.Second

// conn is a network connection with buffered reads and whole, bounded writes. Several goroutines
// may write; no packet is ever interleaved with another. Once closed it says so on gone.
type conn struct {
	net.Conn
	reader *bufio.Reader

	mu    sync.Mutex // one writer at a time
	limit time.Duration

	once  sync.Once
	gone  chan struct{}
	err   error // of Close, and
	fault error // the failed write that closed it, nil where somebody asked; both set before gone is closed
}

func newConn(c net.Conn) *conn {
	return &conn{Conn: c, reader: bufio.NewReaderSize(c, readBuffer), limit: writeLimit, gone: make(chan struct{})}
}

// Read reads what is buffered before it asks the network. Only one goroutine may read. After a failed
// write it returns that write's error: of a closed connection paho thinks that it was its own doing
// and tells nobody, and the link would look alive and bring nothing until a ping went unanswered.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.reader.Read(p)
	if errors.Is(err, net.ErrClosed) {
		<-c.gone // nobody but close closes it; it may still be at it
		if c.fault != nil {
			err = c.fault
		}
	}
	return n, err
}

// Write sends all of p in one piece or closes the connection: half a packet leaves the stream
// useless, and the reader must learn of it too.
func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.Conn.SetWriteDeadline(time.Now().Add(c.limit)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(p)
	if err != nil {
		c.close(fmt.Errorf("write: %w", err))
	}
	return n, err
}

// SetDeadline bounds reads; writes keep their own limit.
func (c *conn) SetDeadline(t time.Time) error { return c.Conn.SetReadDeadline(t) }

// SetWriteDeadline does nothing: each write has its own limit.
func (c *conn) SetWriteDeadline(time.Time) error { return nil }

// Close ends the connection and releases whoever waits on gone. It may be called repeatedly.
func (c *conn) Close() error { return c.close(nil) }

func (c *conn) close(fault error) error {
	c.once.Do(func() {
		c.fault, c.err = fault, c.Conn.Close()
		close(c.gone)
	})
	return c.err
}
