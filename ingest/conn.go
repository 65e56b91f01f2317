package ingest

import (
	"bufio"
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

	mu     sync.Mutex // one writer at a time
	limit  time.Duration
	failed error // the first failed write; there is no other after it

	once sync.Once
	gone chan struct{}
	err  error // of Close; set before gone is closed
}

func newConn(c net.Conn) *conn {
	return &conn{Conn: c, reader: bufio.NewReaderSize(c, readBuffer), limit: writeLimit, gone: make(chan struct{})}
}

// Read reads what is buffered before it asks the network. Only one goroutine may read.
func (c *conn) Read(p []byte) (int, error) { return c.reader.Read(p) }

// Write sends all of p in one piece; after a failure, which may have left half a packet on its way,
// nothing more is sent. It does not close the connection, for two reasons. What a broker sent before
// it was killed still waits to be read, and may be kept nowhere else. And of a closed connection
// paho thinks that it was its own doing and tells nobody, so that the link would look alive and bring
// nothing. So the reader reads on, and comes upon the end by itself or after the limit.
func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed != nil {
		return 0, c.failed
	}
	if err := c.Conn.SetWriteDeadline(time.Now().Add(c.limit)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(p)
	if err != nil {
		c.failed = fmt.Errorf("an earlier write failed: %w", err)
		c.Conn.SetReadDeadline(time.Now().Add(c.limit))
	}
	return n, err
}

// SetDeadline bounds reads; writes keep their own limit.
func (c *conn) SetDeadline(t time.Time) error { return c.Conn.SetReadDeadline(t) }

// SetWriteDeadline does nothing: each write has its own limit.
func (c *conn) SetWriteDeadline(time.Time) error { return nil }

// Close ends the connection and releases whoever waits on gone. It may be called repeatedly.
func (c *conn) Close() error {
	c.once.Do(func() {
		c.err = c.Conn.Close()
		close(c.gone)
	})
	return c.err
}
