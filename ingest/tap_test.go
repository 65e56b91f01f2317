package ingest

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// tap passes bytes between ingest and a broker and looks at the PUBACKs that go by.
type tap struct {
	listener net.Listener
	wg       sync.WaitGroup
	mu       sync.Mutex
	conns    []net.Conn
}

func newTap(t *testing.T, target string, puback func()) *tap {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &tap{listener: l}
	p.wg.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", u.Host)
			if err != nil {
				near.Close()
				continue
			}
			p.mu.Lock()
			p.conns = append(p.conns, near, far)
			p.mu.Unlock()
			p.wg.Go(func() { io.Copy(near, far); near.Close() })
			p.wg.Go(func() { watch(far, near, puback); far.Close() })
		}
	})
	t.Cleanup(func() { l.Close(); p.cut(); p.wg.Wait() })
	return p
}

// cut breaks all connections.
func (p *tap) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
	p.conns = nil
}

func (p *tap) url() string { return "tcp://" + p.listener.Addr().String() }

// watch copies MQTT packets and calls puback before it passes one on.
func watch(to io.Writer, from io.Reader, puback func()) {
	head := make([]byte, 1)
	for {
		if _, err := io.ReadFull(from, head); err != nil {
			return
		}
		packet, length := append([]byte(nil), head...), 0
		for shift := 0; ; shift += 7 {
			if _, err := io.ReadFull(from, head); err != nil {
				return
			}
			packet = append(packet, head[0])
			length |= int(head[0]&0x7f) << shift
			if head[0] < 0x80 {
				break
			}
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(from, body); err != nil {
			return
		}
		if packet[0]>>4 == 4 {
			puback()
		}
		if _, err := to.Write(append(packet, body...)); err != nil {
			return
		}
	}
}
