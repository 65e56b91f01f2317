package ingest

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"
	"time"

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

// A peer that takes nothing is given up, and whoever reads or waits learns of it.
func TestConnGivesUpADeafPeer(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	c := newConn(near)
	c.limit = 10 * time.Millisecond
	if _, err := c.Write([]byte("puback")); err == nil {
		t.Fatal("a write that nobody took succeeded")
	}
	<-c.gone
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Fatal("the reader was not told")
	}
	if _, err := c.Write([]byte("more")); err == nil {
		t.Fatal("a later write succeeded")
	}
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
