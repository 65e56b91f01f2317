package door

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Bounds of the listener. Ours.
const (
	headerLimit    = 10 * time.Second
	idleLimit      = time.Minute
	maxHeaderBytes = 16 << 10
	maxConnections = 256
	partingLimit   = 10 * time.Second
)

// Serve answers on a listener until ctx ends, and then finishes what it has begun. It closes the listener.
func (d *Door) Serve(ctx context.Context, l net.Listener) error {
	l = &bounded{Listener: l, slots: make(chan struct{}, maxConnections)}
	if d.o.TLS != nil {
		l = tls.NewListener(l, d.o.TLS)
	}
	server := &http.Server{
		Handler: d, ReadHeaderTimeout: headerLimit, IdleTimeout: idleLimit, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(d.o.Log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	parting, cancel := context.WithTimeout(context.WithoutCancel(ctx), partingLimit)
	defer cancel()
	err := server.Shutdown(parting)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close() // an upload that is cut off was not acknowledged
	}
	<-ended
	return err
}

// bounded is a listener that holds only so many connections: those over it wait unaccepted, so that they
// cannot use up the files that the vital signs need.
type bounded struct {
	net.Listener
	slots chan struct{}
}

// Accept waits for a place, then for a connection.
func (b *bounded) Accept() (net.Conn, error) {
	b.slots <- struct{}{}
	c, err := b.Listener.Accept()
	if err != nil {
		<-b.slots
		return nil, err
	}
	return &counted{Conn: c, leave: sync.OnceFunc(func() { <-b.slots })}, nil
}

// counted gives its place back when it is closed.
type counted struct {
	net.Conn
	leave func()
}

// Close implements net.Conn.
func (c *counted) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
