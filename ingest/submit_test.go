package ingest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wardwatch/ward"
)

func TestSubmitReturnsWhenDurable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { b.commitUntil(ctx); close(b.stopped) })
		charted := ward.Reading{Place: ward.Place{Ward: "icu", Bed: "4"}, Source: ward.Manual, Taken: noon.Add(-10 * time.Minute), Partial: "asleep",
			Values: []ward.Value{{Vital: ward.RR, Number: 22, At: noon.Add(-10 * time.Minute)}}}
		if err := b.Submit(t.Context(), []ward.Reading{charted}); err != nil || b.notebook.count() != 1 {
			t.Fatalf("error %v, %d durable", err, b.notebook.count())
		}
		if err := b.Submit(t.Context(), []ward.Reading{charted}); err != nil || b.notebook.count() != 1 {
			t.Errorf("a repeat: error %v, %d durable", err, b.notebook.count())
		}
		if r := b.notebook.all()[0]; r.Late || r.Partial != "asleep" || r.Stay != "stay-4" || !r.Arrived.Equal(noon) || !r.At.Equal(charted.Taken) {
			t.Errorf("durable %+v", r)
		}
		b.notebook.setFail(errDisk)
		charted.Taken = noon
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var e *ward.Error
		if err := b.Submit(short, []ward.Reading{charted}); !errors.As(err, &e) || e.Code != ward.Unavailable {
			t.Errorf("while storage stalls: %v", err)
		}
		for _, bad := range []ward.Reading{{}, {Place: charted.Place, Taken: noon}, {Place: charted.Place, Source: ward.Manual, Taken: noon.Add(time.Hour)}, {Place: charted.Place, Source: ward.Manual, Taken: noon, Partial: "no time"}} {
			if err := b.Submit(t.Context(), []ward.Reading{bad}); !errors.As(err, &e) || e.Code != ward.BadInput {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		stop()
		wg.Wait()
		if err := b.Submit(t.Context(), []ward.Reading{charted}); !errors.As(err, &e) || e.Code != ward.Unavailable {
			t.Errorf("after the end: %v", err)
		}
		b.session.conn.Close()
	})
}

func TestNewRefusesBadOptions(t *testing.T) {
	now, journal, registry := time.Now, newNotebook(), &house{}
	for _, c := range []struct {
		name string
		o    Options
	}{
		{"no address", Options{Now: now, Journal: journal, Registry: registry}},
		{"websocket", Options{URL: "ws://broker:80", Now: now, Journal: journal, Registry: registry}},
		{"no host", Options{URL: "tcp://:1883", Now: now, Journal: journal, Registry: registry}},
		{"no journal", Options{URL: "tcp://broker", Now: now, Registry: registry}},
	} {
		if _, err := New(c.o); err == nil {
			t.Errorf("%s: accepted", c.name)
		}
	}
	if u, err := parseURL("mqtts://broker"); err != nil || u.Host != "broker:8883" {
		t.Errorf("default port: %v, %v", u, err)
	}
	if _, err := parseURL("tcp://user:secret@ho st"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("error %v", err)
	}
}
