package ingest

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"wardwatch/ward"
)

// Promise 3 on the wire: whenever a PUBACK goes by, the journal already holds that many readings.
func TestEdgeAcknowledgesOnlyWhatIsWritten(t *testing.T) {
	t.Parallel()
	edges(t, func(t *testing.T, e edge) {
		n := newNotebook()
		var mu sync.Mutex
		acks, early := 0, 0
		p := newTap(t, e.url(), func() {
			mu.Lock()
			defer mu.Unlock()
			if acks++; acks > n.count() {
				early++
			}
		})
		startIngest(t, e, p.url(), n)
		e.admit()
		c := monitor(t, e, "dev-1")
		for i := range 200 {
			topic, payload := current("1", i+1)
			send(t, c, topic, payload, false)
		}
		eventually(t, "200 acknowledgements", func() bool { mu.Lock(); defer mu.Unlock(); return acks >= 200 })
		if early > 0 {
			t.Errorf("%d of %d acknowledgements came before the journal had written", early, acks)
		}
		complete(t, n.all(), "1", 200)
	})
}

// The broker goes away in mid-stream and comes back: nothing is lost, nothing is kept twice.
func TestEdgeBrokerRestart(t *testing.T) {
	t.Parallel()
	edges(t, func(t *testing.T, e edge) {
		n := newNotebook()
		in := startIngest(t, e, "", n)
		e.admit()
		c := monitor(t, e, "dev-1")
		var wg sync.WaitGroup
		const total = 600
		wg.Go(func() { stream(t, c, total) })
		eventually(t, "the stream to flow", func() bool { return n.count() > 100 })
		e.stop(t)
		e.start(t)
		if e, ok := e.(*embedded); ok {
			// The internal password is new after a restart; only the process that holds both restarts both.
			in.stop()
			startIngest(t, e, "", n)
			e.Admit()
		}
		wg.Wait()
		acknowledged(t, c)
		eventually(t, "all messages", func() bool { return n.count() >= total })
		complete(t, n.all(), "1", total)
	})
}

// Mosquitto is killed in mid-stream with the settings that we ship, under which it keeps messages in
// memory: what it had acknowledged was on its way to us, and is lost neither by it nor by us.
func TestEdgeMosquittoKilled(t *testing.T) {
	t.Parallel()
	e := newMosquitto(t)
	e.start(t)
	defer e.stop(t)
	n := newNotebook()
	startIngest(t, e, "", n)
	c := monitor(t, e, "dev-1")
	var wg sync.WaitGroup
	const total = 600
	wg.Go(func() { stream(t, c, total) })
	for _, kept := range []int{100, 300} {
		eventually(t, "the stream to flow", func() bool { return n.count() > kept })
		e.kill(t)
		e.start(t)
	}
	wg.Wait()
	acknowledged(t, c)
	eventually(t, "all messages", func() bool { return n.count() >= total })
	complete(t, n.all(), "1", total)
}

// Our process goes away with messages unacknowledged, and the embedded broker with it; the next one
// gets them all.
func TestEdgeOurRestart(t *testing.T) {
	t.Parallel()
	edges(t, func(t *testing.T, e edge) {
		n := newNotebook()
		in := startIngest(t, e, "", n)
		e.admit()
		c := monitor(t, e, "dev-1")
		n.setFail(errDisk)
		for i := range 100 {
			topic, payload := current("1", i+1)
			send(t, c, topic, payload, false)
		}
		acknowledged(t, c)
		eventually(t, "the stall to show", func() bool { return in.Ready() != nil })
		if err := in.stop(); !errors.Is(err, errDisk) {
			t.Errorf("ended with %v", err)
		}
		if e, ok := e.(*embedded); ok {
			e.stop(t)
			e.start(t)
		}
		next := newNotebook() // a journal opened anew: what was not written is not known
		startIngest(t, e, "", next)
		began := time.Now()
		eventually(t, "the messages that were never acknowledged", func() bool { return next.count() >= 100 })
		t.Logf("all were sent again within %v", time.Since(began).Round(time.Millisecond))
		complete(t, next.all(), "1", 100)
	})
}

// The network is cut again and again under load, with the broker up.
func TestEdgeLinkCuts(t *testing.T) {
	t.Parallel()
	edges(t, func(t *testing.T, e edge) {
		n := newNotebook()
		p := newTap(t, e.url(), func() {})
		in := startIngest(t, e, p.url(), n)
		e.admit()
		c := monitor(t, e, "dev-1")
		var wg sync.WaitGroup
		const total = 900
		wg.Go(func() { stream(t, c, total) })
		for _, kept := range []int{150, 350, 550} {
			eventually(t, "the stream to flow", func() bool { return n.count() > kept })
			p.cut()
		}
		wg.Wait()
		acknowledged(t, c)
		eventually(t, "all messages", func() bool { return n.count() >= total })
		complete(t, n.all(), "1", total)
		if got := figure(in.Ingest, "link_forgotten_total", ""); got != 0 {
			t.Errorf("the broker forgot our session %v times", got)
		}
	})
}

// Storage fails for a while: publishers go on being acknowledged by the broker, we acknowledge
// nothing, the link stays up, and afterwards everything is there once.
func TestEdgeStorageStall(t *testing.T) {
	t.Parallel()
	edges(t, func(t *testing.T, e edge) {
		n := newNotebook()
		in := startIngest(t, e, "", n)
		e.admit()
		c := monitor(t, e, "dev-1")
		n.setFail(errDisk)
		for i := range 300 {
			topic, payload := current("1", i+1)
			send(t, c, topic, payload, false)
		}
		acknowledged(t, c)
		eventually(t, "the stall to show", func() bool { return in.Ready() != nil })
		n.setFail(nil)
		eventually(t, "all messages", func() bool { return n.count() >= 300 })
		complete(t, n.all(), "1", 300)
		eventually(t, "readiness", func() bool { return in.Ready() == nil })
		if got := figure(in.Ingest, "link_connects_total", ""); got != 1 {
			t.Errorf("connected %v times, want 1", got)
		}
	})
}

// While storage stalls the embedded broker sends everything again, on the same connection and under
// the same packet ids. We still hold the first copies, so the others are not even queued.
func TestEdgeCopiesOfWhatWeHold(t *testing.T) {
	t.Parallel()
	e := &embedded{dir: t.TempDir(), listen: "127.0.0.1:0"}
	e.start(t)
	defer e.stop(t)
	n := newNotebook()
	in := startIngest(t, e, "", n)
	e.admit()
	c := monitor(t, e, "dev-1")
	n.setFail(errDisk)
	const total = 100
	for i := range total {
		topic, payload := current("1", i+1)
		send(t, c, topic, payload, false)
	}
	acknowledged(t, c)
	eventually(t, "a copy of each", func() bool { return figure(in.Ingest, "messages_resent_total", "") >= total })
	if queued := figure(in.Ingest, "queue", ""); queued >= total {
		t.Errorf("%v messages wait in the queue, copies among them", queued)
	}
	n.setFail(nil)
	eventually(t, "all messages", func() bool { return n.count() >= total })
	complete(t, n.all(), "1", total)
	t.Logf("%v copies passed over, %v processed", figure(in.Ingest, "messages_resent_total", ""), figure(in.Ingest, "repeats_total", ""))
}

// Retained vitals are history, a last will is a status, rubbish is acknowledged and kept apart.
func TestEdgeRetainedWillsAndRubbish(t *testing.T) {
	t.Parallel()
	edges(t, func(t *testing.T, e edge) {
		n := newNotebook()
		first := startIngest(t, e, "", n) // so that the embedded broker keeps what is published
		e.admit()
		c := monitor(t, e, "dev-1")
		topic, payload := current("1", 1)
		send(t, c, topic, payload, true)
		send(t, c, "ward/v1/icu/1/status", []byte(`{"state":"online"}`), true)
		send(t, c, "ward/v1/icu/1/vitals", []byte(`{"time":0}`), false)
		send(t, c, "ward/v1/icu/1/vitals", make([]byte, 200<<10), false)
		eventually(t, "the first round", func() bool { return n.count() == 1 && len(first.rejects()) == 2 })
		first.stop()

		next := newNotebook()
		second := startIngest(t, e, "", next)
		eventually(t, "the retained messages", func() bool { return next.count() == 1 && len(second.statuses()) == 1 })
		if r := next.all()[0]; !r.Late {
			t.Error("a retained reading is current")
		}
		if s := second.statuses()[0]; s.State != ward.DeviceOnline || s.Place.Bed != "1" {
			t.Errorf("status %+v", s)
		}
		second.stop()
		third := startIngest(t, e, "", newNotebook())
		eventually(t, "the status once more", func() bool { return len(third.statuses()) == 1 })
		if len(third.rejects()) != 0 {
			t.Errorf("rubbish comes back for ever: %+v", third.rejects()[0].Reason)
		}
	})
}

// The whole way once more over TLS.
func TestEdgeOverTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := &embedded{dir: dir, listen: "127.0.0.1:0", cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem")}
	lent := httptest.NewTLSServer(nil)
	pair := lent.TLS.Certificates[0]
	lent.Close()
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{e.cert: {Type: "CERTIFICATE", Bytes: pair.Certificate[0]}, e.key: {Type: "PRIVATE KEY", Bytes: key}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	e.start(t)
	defer e.stop(t)
	n := newNotebook()
	startIngest(t, e, "", n)
	e.admit()
	c := monitor(t, e, "dev-1")
	for i := range 50 {
		topic, payload := current("1", i+1)
		send(t, c, topic, payload, false)
	}
	eventually(t, "all messages", func() bool { return n.count() >= 50 })
	complete(t, n.all(), "1", 50)
}
