//go:build e2e

package e2e

import (
	"bytes"
	"net"
	"strings"
	"sync"
	"testing"
)

// relay is a TCP relay with a fixed address, whose far end may move, vanish and come back: a server
// that is started anew on another port, a cable that is pulled.
type relay struct {
	net.Listener
	mu     sync.Mutex
	target string // host:port; empty: connections are closed at once
	open   map[net.Conn]bool
	ears   func() (up, down func([]byte)) // what hears each new connection; may be nil
}

func newRelay(t testing.TB) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{Listener: l, open: map[net.Conn]bool{}}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { r.carry(c) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); r.cut(); all.Wait() })
	return r
}

func (r *relay) url() string { return "tcp://" + r.Addr().String() }

// to carries everything from now on to a URL or host:port.
func (r *relay) to(address string) {
	_, host, found := strings.Cut(address, "://")
	if !found {
		host = address
	}
	r.mu.Lock()
	r.target = host
	r.mu.Unlock()
}

// cut pulls the cable: what is open breaks, and nothing connects until to is called.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.target = ""
	for c := range r.open {
		_ = c.Close()
	}
}

// keep notes a connection that cut must break; false when the cable is out already.
func (r *relay) keep(c net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open[c] = true
	return r.target != ""
}

func (r *relay) drop(c net.Conn) {
	_ = c.Close()
	r.mu.Lock()
	delete(r.open, c)
	r.mu.Unlock()
}

func (r *relay) carry(near net.Conn) {
	defer r.drop(near)
	r.mu.Lock()
	target := r.target
	r.mu.Unlock()
	if target == "" || !r.keep(near) {
		return
	}
	far, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer r.drop(far)
	if !r.keep(far) {
		return
	}
	up, down := func([]byte) {}, func([]byte) {}
	if r.ears != nil {
		up, down = r.ears()
	}
	var both sync.WaitGroup
	both.Go(func() { pump(far, near, up) })
	both.Go(func() { pump(near, far, down) })
	both.Wait()
}

// pump copies one direction; its end is the end of both. It is heard before it is carried on.
func pump(to, from net.Conn, hear func([]byte)) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			hear(buf[:n])
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// packets cuts one direction of an MQTT 3.1.1 connection into its packets (§2.2): give is called
// with the packet type and what follows the fixed header.
type packets struct {
	rest []byte
	give func(kind byte, body []byte)
}

func (p *packets) hear(b []byte) {
	p.rest = append(p.rest, b...)
	for {
		length, shift, at := 0, 0, 1
		for ; ; at, shift = at+1, shift+7 {
			if at >= len(p.rest) {
				return
			}
			length |= int(p.rest[at]&0x7f) << shift
			if p.rest[at] < 0x80 {
				break
			}
		}
		end := at + 1 + length
		if len(p.rest) < end {
			return
		}
		p.give(p.rest[0]>>4, bytes.Clone(p.rest[at+1:end]))
		p.rest = p.rest[end:]
	}
}

// MQTT packet types.
const (
	publishPacket = 3
	pubackPacket  = 4
)

// opened takes a PUBLISH of QoS 1 apart.
func opened(body []byte) (id uint16, payload []byte) {
	topic := int(body[0])<<8 | int(body[1])
	rest := body[2+topic:]
	return uint16(rest[0])<<8 | uint16(rest[1]), rest[2:]
}

func packetID(body []byte) uint16 { return uint16(body[0])<<8 | uint16(body[1]) }

// promises hears the link between a broker and our server and notes which messages our own PUBACK
// has passed for: whatever the broker does afterwards, those must be in the journal.
type promises struct {
	mu    sync.Mutex
	acked map[string]bool // payloads
}

func (p *promises) ears() (up, down func([]byte)) {
	var mu sync.Mutex // of one connection
	open := map[uint16]string{}
	from := &packets{give: func(kind byte, body []byte) {
		if kind == publishPacket {
			id, payload := opened(body)
			mu.Lock()
			open[id] = string(payload)
			mu.Unlock()
		}
	}}
	to := &packets{give: func(kind byte, body []byte) {
		if kind == pubackPacket {
			mu.Lock()
			payload, ok := open[packetID(body)]
			mu.Unlock()
			if ok {
				p.mu.Lock()
				p.acked[payload] = true
				p.mu.Unlock()
			}
		}
	}}
	return to.hear, from.hear
}
