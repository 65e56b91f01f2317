package ingest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wardwatch/devices"
	"wardwatch/ward"
)

func TestBatchIsWrittenThenAcknowledgedThenDelivered(t *testing.T) {
	b := newBench(t)
	b.take(vitals("1", 1), vitals("2", 2), vitals("1", 3))
	if got := b.acked(3); !slices.Equal(got, []uint16{1, 2, 3}) {
		t.Errorf("acknowledged %v, want them in order", got)
	}
	if want := []string{"received", "received", "received", "committed", "acknowledged"}; !slices.Equal(b.order, want) {
		t.Errorf("order %v, want %v", b.order, want)
	}
	if b.notebook.batches != 1 || len(b.delivered) != 3 {
		t.Errorf("%d writes, %d delivered; want 1 and 3", b.notebook.batches, len(b.delivered))
	}
	r := b.delivered[1]
	if r.Place != (ward.Place{Ward: "icu", Bed: "2"}) || r.Device != "mon-2" || r.Stay != "stay-2" || r.Position != 2 || !r.Arrived.Equal(noon) {
		t.Errorf("delivered %+v", r)
	}
	if b.house.sights != 3 {
		t.Errorf("%d sightings, want 3", b.house.sights)
	}
}

// Acknowledged means durable: while the journal cannot write, nothing is acknowledged or delivered,
// and when it can, everything is, once.
func TestNothingIsAcknowledgedBeforeItIsWritten(t *testing.T) {
	b := newBench(t)
	b.notebook.entered, b.notebook.hold = make(chan struct{}), make(chan struct{})
	b.receive(b.session, vitals("1", 1))
	var wg sync.WaitGroup
	wg.Go(func() { b.drain(t.Context(), &batch{}, &workspace{}) })
	<-b.notebook.entered
	select {
	case id := <-b.acks:
		t.Errorf("message %d was acknowledged before the journal had it", id)
	case <-time.After(50 * time.Millisecond):
	}
	close(b.notebook.hold)
	wg.Wait()
	b.acked(1)
}

func TestStalledStorage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.notebook.setFail(errDisk)
		for i := range 10 {
			b.receive(b.session, vitals("1", i+1))
		}
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			var bt batch
			var w workspace
			for b.gather(ctx, &bt) {
				b.commit(ctx, &bt, &w)
			}
		})
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := len(b.acks); n != 0 || len(b.delivered) != 0 {
			t.Errorf("%d acknowledged, %d delivered while nothing could be written", n, len(b.delivered))
		}
		if got := figure(b.Ingest, "storage_stalled", ""); got != 1 {
			t.Errorf("storage_stalled is %v", got)
		}
		// The broker sends it all again on the same connection; we still hold the first copies.
		for i := range 10 {
			m := vitals("1", i+1)
			m.dup = true
			b.receive(b.session, m)
		}
		if got := figure(b.Ingest, "queue", ""); got != 0 {
			t.Errorf("%v copies were queued", got)
		}
		b.notebook.setFail(nil)
		time.Sleep(lastAppendRetry)
		synctest.Wait()
		if b.notebook.count() != 10 || len(b.delivered) != 10 || len(b.acks) != 10 {
			t.Errorf("%d written, %d delivered, %d acknowledged after the stall; want 10 each", b.notebook.count(), len(b.delivered), len(b.acks))
		}
		if want := []string{"storage_stalled true / ", "storage_stalled false / "}; !slices.Equal(b.concerns, want) {
			t.Errorf("concerns %q, want %q", b.concerns, want)
		}
		stop()
		wg.Wait()
		b.session.conn.Close()
	})
}

// Told to end while the journal cannot write, Run gives up without acknowledging.
func TestEndDuringStallAcknowledgesNothing(t *testing.T) {
	b := newBench(t)
	b.notebook.setFail(errDisk)
	b.receive(b.session, vitals("1", 1))
	ctx, stop := context.WithCancel(t.Context())
	stop()
	err := b.commitOne(ctx)
	if !errors.Is(err, errDisk) || len(b.acks) != 0 {
		t.Errorf("error %v, %d acknowledged", err, len(b.acks))
	}
}

func (b *bench) commitOne(ctx context.Context) error {
	bt := batch{}
	b.fill(&bt, 0)
	return b.commit(ctx, &bt, &workspace{})
}

func TestRepeatsAreAcknowledgedAndKeptOnce(t *testing.T) {
	b := newBench(t)
	b.take(vitals("1", 1))
	again := vitals("1", 1)
	again.dup, again.id = true, 77
	b.take(again, vitals("1", 2))
	if got := b.acked(3); !slices.Equal(got, []uint16{1, 77, 2}) {
		t.Errorf("acknowledged %v", got)
	}
	if b.notebook.count() != 2 || figure(b.Ingest, "repeats_total", "") != 1 {
		t.Errorf("%d kept, want 2", b.notebook.count())
	}
}

func TestNumberUsedTwiceKeepsBoth(t *testing.T) {
	b := newBench(t)
	other := vitals("1", 1)
	other.payload = []byte(strings.Replace(string(other.payload), `"hr":80`, `"hr":120`, 1))
	b.take(vitals("1", 1), other)
	if b.notebook.count() != 2 || figure(b.Ingest, "seq_reuse_total", "") != 1 {
		t.Errorf("%d kept, %v reuses counted", b.notebook.count(), figure(b.Ingest, "seq_reuse_total", ""))
	}
	b.now = noon.Add(time.Hour)
	b.take(vitals("1", 3600))
	if want := []string{"seq_reuse true icu/1 mon-1", "seq_reuse false icu/1 mon-1"}; !slices.Equal(b.concerns, want) {
		t.Errorf("concerns %q, want %q", b.concerns, want)
	}
}

func TestRetainedVitalsAreHistory(t *testing.T) {
	b := newBench(t)
	m := vitals("1", 0)
	m.retained = true
	b.take(m)
	if r := b.delivered[0]; !r.Late || b.house.sights != 0 {
		t.Errorf("a retained message is late %v, sightings %d", r.Late, b.house.sights)
	}
}

// A clock that is years off costs no vital: the value is kept as of now, a cuff pressure taken a
// quarter of an hour before stays a quarter of an hour old, and the clock is reported once.
func TestImpossibleClockKeepsTheValues(t *testing.T) {
	b := newBench(t)
	for i := range 3 {
		b.now = noon.Add(time.Duration(i) * time.Second)
		b.take(&message{topic: "ward/v1/icu/1/vitals", qos: 1, id: uint16(i + 1), payload: fmt.Appendf(nil,
			`{"device":"m","time":"1970-01-01T00:20:0%dZ","vitals":{"hr":80,"sbp":120},"measured":{"sbp":"1970-01-01T00:05:0%dZ"}}`, i, i)})
	}
	r := b.delivered[2]
	sbp, _ := r.Value(ward.SBP)
	if r.Late || r.Clock != ward.ClockImpossible || !r.At.Equal(b.now) || r.Taken.Year() != 1970 || sbp.At.Sub(r.At) != -15*time.Minute {
		t.Errorf("late %v, clock %v, at %v, taken %v, pressure %v before", r.Late, r.Clock, r.At, r.Taken, r.At.Sub(sbp.At))
	}
	if want := []string{"clock_impossible true icu/1 m"}; !slices.Equal(b.concerns, want) {
		t.Errorf("concerns %q, want %q", b.concerns, want)
	}
}

func TestStatusIsPassedOn(t *testing.T) {
	b := newBench(t)
	b.take(
		&message{topic: "ward/v1/icu/1/status", qos: 1, id: 1, retained: true, payload: []byte(`{"state":"online","time":"2026-11-21T11:00:00Z","battery":0.5}`)},
		&message{topic: "ward/v1/icu/1/status", qos: 1, id: 2}, // taken back
		&message{topic: "ward/v1/icu/1/status", qos: 1, id: 3, payload: []byte(`{"state":"lost"}`)},
	)
	if len(b.statuses) != 1 || b.statuses[0].Place.Bed != "1" || b.statuses[0].State != ward.DeviceOnline {
		t.Errorf("statuses %+v", b.statuses)
	}
	if len(b.rejects) != 1 {
		t.Errorf("rejects %+v", b.rejects)
	}
	b.acked(3)
}

// Promise 7: a name that cannot be read may be any monitor's, so its values are kept and passed on to
// be scored, but under no stay. Naming none at all is another thing.
func TestUnreadableDeviceIsKeptApart(t *testing.T) {
	for _, c := range []struct {
		name, device string
		stay         ward.StayID
		apart        ward.Apart
	}{
		{"a name", `"device":"mon-07",`, "stay-1", ward.NotApart},
		{"no name", ``, "stay-1", ward.NotApart},
		{"null says no name", `"device":null,`, "stay-1", ward.NotApart},
		{"a name with a space", `"device":"mon 07",`, "", ward.Unconfirmed},
		{"an empty name", `"device":"",`, "", ward.Unconfirmed},
		{"a number", `"device":7,`, "", ward.Unconfirmed},
		{"two names", `"device":"mon-07","device":"mon-08",`, "", ward.Unconfirmed},
		{"a name, and a boot that cannot be read", `"device":"mon-07","boot":"a b",`, "stay-1", ward.NotApart},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.take(&message{topic: "ward/v1/icu/1/vitals", qos: 1, id: 1, payload: []byte(`{` + c.device + `"time":"2026-11-21T12:00:00Z","vitals":{"hr":80}}`)})
			b.acked(1)
			if len(b.delivered) != 1 {
				t.Fatalf("%d delivered", len(b.delivered))
			}
			if r := b.delivered[0]; r.Stay != c.stay || r.Apart != c.apart || len(r.Values) != 1 {
				t.Errorf("stay %q, apart %v, %d values", r.Stay, r.Apart, len(r.Values))
			}
		})
	}
}

// A flood of rubbish is acknowledged, counted and kept within bounds, and the good vitals between
// it pass.
func TestPoisonFlood(t *testing.T) {
	b := newBench(t)
	const n = 2000
	for i := range n {
		if i%100 == 50 {
			m := vitals("1", i/100)
			m.id = uint16(i + 1)
			b.receive(b.session, m)
			continue
		}
		b.receive(b.session, &message{topic: "ward/v1/icu/9/vitals", qos: 1, id: uint16(i + 1), payload: []byte(`{"time":"yesterday"}`)})
	}
	b.take()
	b.acked(n)
	if b.notebook.count() != n/100 || len(b.rejects) != n-n/100 {
		t.Errorf("%d accepted, %d kept apart", b.notebook.count(), len(b.rejects))
	}
	if want := []string{"poison_device true icu/9 "}; !slices.Equal(b.concerns, want) {
		t.Errorf("concerns %q, want %q", b.concerns, want)
	}
	b.take(vitals("9", 3))
	if got := b.concerns[len(b.concerns)-1]; got != "poison_device false icu/9 " {
		t.Errorf("last concern %q", got)
	}
}

// A quarantine that fails does not let poison come back for ever, and says what it lost.
func TestFailingQuarantineLosesNothingSilently(t *testing.T) {
	b := newBench(t)
	b.quarFail = errDisk
	b.take(&message{topic: "ward/v1/icu/1/vitals", qos: 1, id: 1, payload: []byte(`?`)}, vitals("1", 2))
	b.acked(2)
	if got := figure(b.Ingest, "quarantine_lost_total", ""); got != 1 || b.notebook.count() != 1 {
		t.Errorf("%v counted as lost, %d accepted", got, b.notebook.count())
	}
}

func TestRefusalsNameTheirReason(t *testing.T) {
	for _, c := range []struct {
		name, topic, payload, reason string
		kept                         int
	}{
		{"topic of another kind", "ward/v1/icu/1/alarms", `{}`, devices.ReasonTopic, 0},
		{"topic with an odd bed", "ward/v1/icu/1 2/vitals", `{}`, devices.ReasonTopic, 0},
		{"oversized", "ward/v1/icu/1/vitals", `{"x":"` + strings.Repeat("x", devices.MaxPayload) + `"}`, devices.ReasonTooLarge, 0},
		{"not JSON", "ward/v1/icu/1/vitals", `hello`, devices.ReasonJSON, 0},
		{"percent FiO2, good heart rate", "ward/v1/icu/1/vitals", `{"time":"2026-11-21T12:00:00Z","vitals":{"hr":80,"fio2":40}}`, devices.ReasonPercent, 1},
		{"Fahrenheit, nothing else", "ward/v1/icu/1/vitals", `{"time":"2026-11-21T12:00:00Z","vitals":{"temp":98.6}}`, devices.ReasonFahrenheit, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.take(&message{topic: c.topic, payload: []byte(c.payload), qos: 1, id: 1})
			b.acked(1)
			if len(b.rejects) == 0 || b.rejects[0].Reason != c.reason || b.rejects[0].Topic != c.topic || len(b.rejects[0].Payload) > rejectBytes {
				t.Fatalf("rejects %.300v", b.rejects)
			}
			if got := figure(b.Ingest, "rejected_total", c.reason); got < 1 || b.notebook.count() != c.kept {
				t.Errorf("counted %v, %d kept", got, b.notebook.count())
			}
		})
	}
}

// Being told to end does not lose what the quarantine should keep.
func TestQuarantineOutlivesTheEnd(t *testing.T) {
	b := newBench(t)
	kept := false
	b.options.Quarantine = func(ctx context.Context, _ []ward.Reject) error { kept = ctx.Err() == nil; return ctx.Err() }
	b.receive(b.session, &message{topic: "ward/v1/icu/1/vitals", qos: 1, id: 1, payload: []byte(`?`)})
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := b.commitOne(ctx); err != nil || !kept {
		t.Errorf("error %v, kept %v", err, kept)
	}
}

// 10,000 mutated payloads: no crash, every message acknowledged, every one either kept, repeated or
// refused with a reason, and nothing kept that is not finite.
func TestMutatedPayloads(t *testing.T) {
	b := newBench(t)
	rng := rand.New(rand.NewPCG(1, 2))
	const n = 10_000
	for i := range n {
		m := vitals("1", i+1)
		for range 1 + rng.IntN(4) {
			mutate(rng, &m.payload)
		}
		b.take(m)
	}
	b.acked(n)
	for _, r := range b.delivered {
		for _, v := range r.Values {
			if v.Number != v.Number || v.Number > 1e9 || v.Number < -1e9 {
				t.Fatalf("kept %v", v)
			}
		}
	}
	t.Logf("%d kept, %d refused, %v repeats", b.notebook.count(), len(b.rejects), figure(b.Ingest, "repeats_total", ""))
}

func mutate(rng *rand.Rand, p *[]byte) {
	b := *p
	if len(b) == 0 {
		return
	}
	switch i := rng.IntN(len(b)); rng.IntN(4) {
	case 0:
		b[i] = byte(rng.IntN(256))
	case 1:
		b = append(b[:i], b[i+1:]...)
	case 2:
		b = slices.Insert(b, i, []byte(`[{"}]:,9e-`)[rng.IntN(10)])
	case 3:
		b = b[:i]
	}
	*p = b
}

// A full queue drops only what nobody has a promise for, and holds the rest back until the
// connection is gone.
func TestFullQueue(t *testing.T) {
	b := newBench(t)
	for i := range queueLength {
		b.receive(b.session, &message{topic: "t", id: uint16(i), qos: 1})
	}
	b.receive(b.session, &message{topic: "t"})
	if got := figure(b.Ingest, "messages_dropped_total", ""); got != 1 {
		t.Errorf("%v dropped, want the one without a promise", got)
	}
	var wg sync.WaitGroup
	wg.Go(func() { b.receive(b.session, &message{topic: "t", id: 65535, qos: 1}) })
	b.session.conn.Close()
	wg.Wait() // released, unacknowledged
	if got := figure(b.Ingest, "messages_held_total", ""); got != 1 {
		t.Errorf("%v held, want 1", got)
	}
}

func BenchmarkCommit(b *testing.B) {
	for _, size := range []int{1, 64, 1024} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			in, _ := New(Options{URL: "tcp://127.0.0.1:1", Now: time.Now, Journal: blank{}, Registry: &house{}})
			var bt batch
			var w workspace
			for i := range size {
				m := vitals(fmt.Sprint(i), i)
				m.qos = 0 // nothing to acknowledge
				bt.deliveries = append(bt.deliveries, delivery{message: m, arrived: noon})
			}
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				in.commit(b.Context(), &bt, &w)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/message")
		})
	}
}

// blank is a journal that keeps nothing.
type blank struct{}

func (blank) Admit(*ward.Reading) (repeat, reused bool) { return false, false }
func (blank) Append([]ward.Reading) error               { return nil }
