package ingest

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"
	"pgregory.net/rapid"
)

// What goes in comes out, in whatever pieces it is read.
func TestConnReadsWhatWasSent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		near, far := net.Pipe()
		c := newConn(near)
		defer c.Close()
		want := rapid.SliceOfN(rapid.Byte(), 0, 5000).Draw(t, "bytes")
		var wg sync.WaitGroup
		wg.Go(func() {
			rest := want
			for len(rest) > 0 {
				n := min(len(rest), 700)
				far.Write(rest[:n])
				rest = rest[n:]
			}
			far.Close()
		})
		var got []byte
		for {
			p := make([]byte, rapid.IntRange(1, 900).Draw(t, "piece"))
			n, err := c.Read(p)
			got = append(got, p[:n]...)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		wg.Wait()
		if !bytes.Equal(got, want) {
			t.Fatalf("read %d bytes, %d were sent", len(got), len(want))
		}
	})
}

// Packets of several writers never mix.
func TestConnWritesWholePackets(t *testing.T) {
	near, far := net.Pipe()
	c := newConn(near)
	const writers, packets = 4, 50
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for range packets {
				if _, err := c.Write(bytes.Repeat([]byte{byte(w)}, 64)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range writers * packets {
		p := make([]byte, 64)
		// Small reads give another writer every chance to come between.
		for i := range p {
			if _, err := far.Read(p[i : i+1]); err != nil {
				t.Fatal(err)
			}
			if p[i] != p[0] {
				t.Fatal("a packet was interleaved with another")
			}
		}
	}
	wg.Wait()
	c.Close()
	far.Close()
}

// A peer that takes nothing is given up, and whoever reads learns of it.
func TestConnGivesUpADeafPeer(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	c := newConn(near)
	defer c.Close()
	c.limit = 10 * time.Millisecond
	if _, err := c.Write([]byte("puback")); err == nil {
		t.Fatal("a write that nobody took succeeded")
	}
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Fatal("the reader was not told")
	}
	if _, err := c.Write([]byte("more")); err == nil {
		t.Fatal("a later write succeeded")
	}
}

// What a broker sent before it was killed is read, although a write of ours has already failed: the
// broker may have acknowledged it to the device and kept it nowhere.
func TestConnReadsWhatADeadPeerSent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c := newConn(near)
	defer c.Close()
	far, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	const sent = "a reading that is acknowledged"
	if _, err := far.Write([]byte(sent)); err != nil {
		t.Fatal(err)
	}
	far.Close() // what is written from here on is answered with a reset
	eventually(t, "a write to fail", func() bool { _, err := c.Write([]byte("puback")); return err != nil })
	got, _ := io.ReadAll(c)
	if string(got) != sent {
		t.Errorf("read %q, want %q", got, sent)
	}
}

// A write of ours that fails ends the session at once, as paho sees it too. The committer is often
// the first to notice that a broker is gone; the link must not wait for a ping to say so.
func TestFailedWriteEndsTheSession(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var wg sync.WaitGroup
	wg.Go(func() { // a broker that says yes to CONNECT and nothing more
		far, err := l.Accept()
		if err != nil {
			return
		}
		defer far.Close()
		packets.ReadPacket(far)
		packets.NewControlPacket(packets.Connack).Write(far)
		io.Copy(io.Discard, far)
	})
	var c *conn
	lost := make(chan error, 1)
	o := mqtt.NewClientOptions().AddBroker("tcp://" + l.Addr().String()).SetAutoReconnect(false)
	o.SetConnectionLostHandler(func(_ mqtt.Client, err error) { lost <- err })
	o.SetCustomOpenConnectionFn(func(u *url.URL, _ mqtt.ClientOptions) (net.Conn, error) {
		raw, err := net.Dial("tcp", u.Host)
		c = newConn(raw)
		return c, err
	})
	client := mqtt.NewClient(o)
	if token := client.Connect(); !token.WaitTimeout(patience) || token.Error() != nil {
		t.Fatalf("connect: %v", token.Error())
	}
	c.limit = -time.Second
	if _, err := c.Write([]byte("puback")); err == nil {
		t.Fatal("a write past its limit succeeded")
	}
	select {
	case <-lost:
	case <-time.After(patience):
		t.Error("paho was never told that the connection is gone")
		client.Disconnect(0)
	}
	wg.Wait()
}

func TestConnDeadlineBoundsReading(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	c := newConn(near)
	defer c.Close()
	c.SetDeadline(time.Now().Add(-time.Second))
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Fatal("read without data after its deadline")
	}
}
