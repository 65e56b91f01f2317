package dashboard

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"wardwatch/dashboard/live"
	"wardwatch/ward"
)

// sse is an open stream, read as a browser reads it.
type sse struct {
	t   testing.TB
	res *http.Response
	in  *bufio.Reader
}

type sseEvent struct{ name, id, data string }

func (h *house) stream(p ward.PersonID, path, lastID string) *sse {
	h.t.Helper()
	req, _ := http.NewRequest("GET", h.base+path, nil)
	req.AddCookie(&http.Cookie{Name: "wardwatch", Value: h.book.enter(p)})
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	res, err := h.client.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		h.t.Fatalf("%d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	s := &sse{t: h.t, res: res, in: bufio.NewReader(res.Body)}
	h.t.Cleanup(s.close)
	return s
}

func (s *sse) close() { s.res.Body.Close() }

func (s *sse) next() (e sseEvent, err error) {
	for {
		line, err := s.in.ReadString('\n')
		if err != nil {
			return e, err
		}
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch key {
		case "event":
			e.name = value
		case "id":
			e.id = value
		case "data":
			e.data = value
		case "":
			return e, nil
		}
	}
}

func (s *sse) want(name string) sseEvent {
	s.t.Helper()
	e, err := s.next()
	if err != nil || e.name != name {
		s.t.Fatalf("got %q (%v), want %s", e.name, err, name)
	}
	return e
}

func (h *house) publish(bed ward.BedID, stay ward.StayID, rr float64) {
	at := h.clock.now()
	h.live.Publish(ward.Event{Ward: "icu", At: at, Reading: &ward.Reading{
		Place: ward.Place{Ward: "icu", Bed: bed}, Stay: stay, Device: "mon-1", Arrived: at, At: at,
		Values: []ward.Value{{Vital: ward.RR, Number: rr, At: at}},
	}})
}

func TestStream(t *testing.T) {
	h := open(t, func(o *Options) { o.Heartbeat = time.Minute })
	s := h.stream("p-nurse", "/api/v1/wards/icu/stream?names=given", "")
	first := s.want("snapshot")
	var snap live.SnapshotView
	if err := json.Unmarshal([]byte(first.data), &snap); err != nil {
		t.Fatal(err)
	}
	if len(snap.Tiles) != 4 || snap.Tiles[0].Stay.Name != "An" || len(snap.Tiles[0].Alerts) != 1 || snap.Tiles[0].Spark == nil || len(snap.Tiles[1].Alerts) != 1 || snap.Version != "v1" || snap.Ward.Name != "Khoa icu" {
		t.Errorf("%s", first.data)
	}
	h.publish("1", "s1", 31)
	e := s.want("delta")
	var d live.DeltaView
	if err := json.Unmarshal([]byte(e.data), &d); err != nil || len(d.Tiles) != 1 || d.Tiles[0].Vitals["rr"].V != 31 || d.Tiles[0].Spark != nil {
		t.Errorf("%v %s", err, e.data)
	}
	s.close()

	h.publish("1", "s1", 32) // while away
	s = h.stream("p-nurse", "/api/v1/wards/icu/stream?names=given", e.id)
	if missed := s.want("delta"); !strings.Contains(missed.data, `"v":32`) {
		t.Errorf("%s", missed.data)
	}
	s = h.stream("p-nurse", "/api/v1/wards/icu/stream?names=given", "other-1")
	s.want("snapshot")
	if n := h.book.recorded("board.view"); n != 1 {
		t.Errorf("looking three times within ten minutes was recorded %d times", n)
	}
	h.clock.pass(11 * time.Minute)
	h.stream("p-nurse", "/api/v1/wards/icu/stream", "").want("snapshot")
	if n := h.book.recorded("board.view"); n != 2 {
		t.Errorf("looking again later was recorded %d times", n)
	}
}

func TestHeartbeat(t *testing.T) {
	h := open(t, func(o *Options) { o.Heartbeat = 10 * time.Millisecond })
	s := h.stream("p-display", "/api/v1/wards/icu/stream", "")
	s.want("snapshot")
	for range 3 {
		if e := s.want("heartbeat"); e.data != fmt.Sprintf(`{"time":%d}`, noon.UnixMilli()) || e.id != "" {
			t.Errorf("%+v", e)
		}
	}
	h.publish("1", "s1", 20)
	for {
		e, err := s.next()
		if err != nil {
			t.Fatal(err)
		}
		if e.name == "delta" {
			return
		}
	}
}

// Whoever mends machines sees no names, whatever they ask for.
func TestNamesOnTheStream(t *testing.T) {
	h := open(t, nil)
	for _, c := range []struct {
		who   ward.PersonID
		query string
		name  string
	}{
		{"p-nurse", "given", "An"}, {"p-nurse", "initials", "N.V.A."}, {"p-nurse", "none", ""},
		{"p-display", "given", "An"},
		{"p-engineer", "given", ""}, {"p-administrator", "initials", ""},
	} {
		s := h.stream(c.who, "/api/v1/wards/icu/stream?names="+c.query, "")
		e := s.want("snapshot")
		var snap live.SnapshotView
		if err := json.Unmarshal([]byte(e.data), &snap); err != nil {
			t.Fatal(err)
		}
		if got := snap.Tiles[0].Stay.Name; got != c.name {
			t.Errorf("%s asking for %s sees %q, want %q", c.who, c.query, got, c.name)
		}
		if strings.Contains(e.data, "SECRET") {
			t.Errorf("%s sees the hospital number", c.who)
		}
		s.close()
	}
}

func TestScreensOfOnePersonAreCapped(t *testing.T) {
	h := open(t, func(o *Options) { o.StreamsPerPerson, o.Heartbeat = 2, 5*time.Millisecond })
	a := h.stream("p-nurse", "/api/v1/wards/icu/stream", "")
	h.stream("p-nurse", "/api/v1/wards/icu/stream", "")
	if got := h.do(ask{method: "GET", path: "/api/v1/wards/icu/stream", as: "p-nurse"}); got.status != 429 {
		t.Fatalf("the third: %d", got.status)
	}
	h.stream("p-doctor", "/api/v1/wards/icu/stream", "").want("snapshot")
	a.close()
	// The heartbeat finds that it has gone.
	h.until("a place is free again", func() bool {
		return h.do(ask{method: "GET", path: "/api/v1/wards/icu/stream", as: "p-nurse"}).status == 200
	})
}

// until waits for what another goroutine does, polling on a ticker.
func (h *house) until(what string, done func() bool) {
	h.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(10 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-limit:
			h.t.Fatalf("it never happened that %s", what)
		}
	}
}

// A screen that stops reading is cut; the others and the engine do not notice.
func TestAScreenThatDoesNotReadIsCut(t *testing.T) {
	h := open(t, func(o *Options) { o.Heartbeat = time.Minute; o.StallTimeout = 200 * time.Millisecond })
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET /api/v1/wards/icu/stream HTTP/1.1\r\nHost: x\r\nCookie: wardwatch=%s\r\n\r\n", h.book.enter("p-nurse"))
	h.until("the screen is open", func() bool { return h.screens() == 1 })
	good := h.stream("p-doctor", "/api/v1/wards/icu/stream", "")
	good.want("snapshot")
	seen := make(chan struct{})
	go func() {
		defer close(seen)
		for {
			if _, err := good.next(); err != nil {
				return
			}
		}
	}()
	rr := 0
	h.until("it is cut", func() bool {
		for range 20 {
			rr++
			h.publish("1", "s1", float64(rr%60))
		}
		return h.screens() == 1
	})
	good.close()
	<-seen
}

func (h *house) screens() int {
	figures := h.live.Figures()
	i := slices.IndexFunc(figures, func(f ward.Figure) bool { return f.Name == "wardwatch_live_screens" })
	return int(figures[i].Value)
}

// A session that has ended stops showing patients.
func TestAStreamEndsWithItsSession(t *testing.T) {
	h := open(t, func(o *Options) { o.Heartbeat, o.Recheck = 5*time.Millisecond, time.Nanosecond })
	s := h.stream("p-nurse", "/api/v1/wards/icu/stream", "")
	s.want("snapshot")
	s.want("heartbeat")
	h.clock.pass(24 * time.Hour)
	for {
		if _, err := s.next(); err != nil {
			return
		}
	}
}

func TestStoppingEndsStreamsFirst(t *testing.T) {
	h := open(t, func(o *Options) { o.Heartbeat = time.Hour })
	s := h.stream("p-nurse", "/api/v1/wards/icu/stream", "")
	s.want("snapshot")
	began := time.Now()
	h.s.streams.stop()
	if _, err := s.next(); err == nil {
		t.Fatal("the stream went on")
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
	if a := h.do(ask{method: "GET", path: "/api/v1/wards/icu/stream", as: "p-nurse"}); a.status != 503 {
		t.Errorf("a new stream while stopping: %d", a.status)
	}
}
