package smtp

import (
	"context"
	"crypto/tls"
	"net"
	"sync"

	"github.com/wneessen/go-mail/smtp"

	"wardwatch/alerts/outgoing"
)

// talk is one connection. It remembers what the client library forgets when greeting, encryption or
// sign-in fails, so that no connection is left open.
type talk struct {
	client *smtp.Client // nil until we are signed in

	mu   sync.Mutex
	conn net.Conn
	over bool
}

func (t *talk) dial(ctx context.Context, o Options, config *tls.Config, network, address string) (net.Conn, error) {
	conn, err := outgoing.Dialer(o.Timeout, o.Simulation).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	t.keep(conn)
	if o.TLS != Implicit {
		return conn, nil
	}
	encrypted := tls.Client(conn, config)
	return encrypted, encrypted.HandshakeContext(ctx)
}

func (t *talk) keep(conn net.Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.conn = conn
	if t.over {
		_ = conn.Close()
	}
}

// cut ends whatever is being read or written, now.
func (t *talk) cut() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
	if t.conn != nil {
		_ = t.conn.Close()
	}
}

// hangUp says good-bye where there is somebody to say it to.
func (t *talk) hangUp() {
	if t.client != nil {
		_ = t.client.Quit()
	}
	t.cut()
}
