package broker

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/nats-io/nats.go"
)

// Messages for our session, the session's name and retained messages outlive a restart.
func TestKeepsOverRestart(t *testing.T) {
	dir := t.TempDir()
	first := start(t, func(o *Options) { o.Dir = dir })
	own(t, first).mqtt.Disconnect(50)
	first.Admit()
	dev := connect(t, first, "dev", "gateway", "pw", nil)
	const n = 200
	for k := range n {
		if !publish(dev, fmt.Sprintf("ward/v1/icu/bed%d/vitals", k), "{}", 5*time.Second) {
			t.Fatal("not acknowledged")
		}
	}
	if got := figure(first, "pending_messages"); got != n {
		t.Errorf("%v pending, want %d", got, n)
	}
	id := first.ClientID()
	_, secret := first.Internal()
	first.Close()
	second := start(t, func(o *Options) { o.Dir, o.Sync = dir, true })
	if _, again := second.Internal(); second.ClientID() != id || again == secret {
		t.Error("the session's name must be kept, its password must not")
	}
	i := own(t, second)
	eventually(t, "all messages", func() bool { return i.count() == n })
}

// A session that an older version made takes the present settings, and keeps its messages.
func TestSettingsOfAnOldSessionAreRenewed(t *testing.T) {
	dir := t.TempDir()
	first := start(t, func(o *Options) { o.Dir = dir })
	own(t, first).mqtt.Disconnect(50)
	first.Admit()
	if !publish(connect(t, first, "dev", "gateway", "pw", nil), "ward/v1/icu/bed01/vitals", "{}", 5*time.Second) {
		t.Fatal("not acknowledged")
	}
	old := session(t, first).Config
	old.AckWait, old.MaxAckPending = 2*time.Second, 100
	if _, err := store(t, first).UpdateConsumer(messages, &old); err != nil {
		t.Fatal(err)
	}
	first.Close()
	second := start(t, func(o *Options) { o.Dir = dir })
	if c := session(t, second).Config; c.AckWait != ackWait || c.MaxAckPending != window {
		t.Errorf("sent again after %v, %d at a time; want %v and %d", c.AckWait, c.MaxAckPending, ackWait, window)
	}
	i := own(t, second)
	eventually(t, "what was kept", func() bool { return i.count() == 1 })
}

// What was sent to us and not acknowledged when everything was killed comes again at once, not after
// the rest of its ackWait.
func TestWhatWasOnItsWayComesAgainAtOnce(t *testing.T) {
	dir := t.TempDir()
	first := start(t, func(o *Options) { o.Dir = dir })
	user, password := first.Internal()
	got := make(chan struct{}, 10)
	mute := connect(t, first, first.ClientID(), user, password, func(o *mqtt.ClientOptions) {
		o.SetCleanSession(false).SetAutoAckDisabled(true).SetDefaultPublishHandler(func(mqtt.Client, mqtt.Message) { got <- struct{}{} })
	})
	if token := mute.Subscribe("ward/v1/+/+/+", 1, nil); !token.WaitTimeout(5*time.Second) || token.Error() != nil {
		t.Fatalf("subscribe: %v", token.Error())
	}
	first.Admit()
	dev := connect(t, first, "dev", "gateway", "pw", nil)
	for range 3 {
		if !publish(dev, "ward/v1/icu/bed01/vitals", "{}", 5*time.Second) {
			t.Fatal("not acknowledged")
		}
		<-got
	}
	first.Close()
	second := start(t, func(o *Options) { o.Dir = dir })
	if c := session(t, second); c.NumAckPending != 0 || c.NumPending != 3 {
		t.Errorf("%d wait for their time to be sent again and %d are to be sent; want 0 and 3", c.NumAckPending, c.NumPending)
	}
	i := own(t, second)
	eventually(t, "what was on its way", func() bool { return i.count() == 3 })
	eventually(t, "the acknowledgements", func() bool { return figure(second, "pending_messages") == 0 })
}

// session is what the server keeps for our session.
func session(t *testing.T, b *Broker) *nats.ConsumerInfo {
	t.Helper()
	for c := range store(t, b).Consumers(messages) {
		return c
	}
	t.Fatal("nothing is kept for our session")
	return nil
}

func store(t *testing.T, b *Broker) nats.JetStreamContext {
	t.Helper()
	user, password := b.Internal()
	nc, err := nats.Connect("", nats.InProcessServer(b.current()), nats.UserInfo(user, password), nats.NoReconnect())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := nc.JetStream()
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// When the store is full, publishers are not acknowledged and nothing kept is lost; when there is
// room again, they are.
func TestFullStoreStopsAcknowledging(t *testing.T) {
	b := start(t, func(o *Options) { o.MaxStore = 1 << 20 })
	own(t, b).mqtt.Disconnect(50)
	b.Admit()
	payload := strings.Repeat("x", 60_000)
	kept := 0
	send := func() bool { // each by a name of its own: the server puts off one that comes back too soon
		c, err := dial(b, rand.Text(), "gateway", "pw", nil)
		defer c.Disconnect(10)
		return err == nil && publish(c, "ward/v1/icu/bed01/vitals", payload, 2*time.Second)
	}
	for full := false; !full; {
		if send() {
			if kept++; kept > 40 {
				t.Fatal("the limit does not hold")
			}
		} else { // it may only have been slow; what nobody was told of may be kept as well
			full = figure(b, "store_filled_ratio") >= nearlyFull
		}
	}
	if kept == 0 {
		t.Fatal("nothing was kept")
	}
	if b.Ready() == nil {
		t.Errorf("a full store does not show: %v", figure(b, "store_filled_ratio"))
	}
	i := own(t, b)
	eventually(t, "what was kept", func() bool { return i.count() >= kept })
	eventually(t, "acknowledgements to resume", send)
	eventually(t, "readiness", func() bool { return b.Ready() == nil })
}
