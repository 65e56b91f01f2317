package influx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wardwatch/ward"
)

// book is a journal in memory: position n is after n records.
type book struct {
	mu     sync.Mutex
	rs     []ward.Reading
	broken error
}

func (b *book) Read(from uint64, most int, fn func(uint64, ward.Record) bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken != nil {
		return b.broken
	}
	for i := int(from); i < len(b.rs) && i-int(from) < most; i++ {
		if !fn(uint64(i+1), ward.Record{Reading: &b.rs[i]}) {
			break
		}
	}
	return nil
}

func (b *book) End() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return uint64(len(b.rs))
}

func (b *book) add(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for range n {
		i := len(b.rs)
		r := reading(value(ward.HR, float64(i), at.Add(time.Duration(i)*time.Second)))
		r.At = r.Values[0].At
		r.Point, r.Arrived = r.At, r.At
		b.rs = append(b.rs, r)
	}
}

// server is an InfluxDB that misbehaves as told: answer gets the lines of each request and says
// what to do; it may be nil. A line is stored when the answer is 204, or when stores says so.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	answer   func(n int, lines []string) (status int, header http.Header, body string)
	partial  func(line string) bool // with a 4xx: lines that are stored all the same
	requests int
	stored   map[string]int
}

func serve(t *testing.T) *server {
	s := &server{stored: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.handle))
	t.Cleanup(s.Close)
	return s
}

func (s *server) handle(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	lines := strings.Split(strings.TrimSuffix(string(body), "\n"), "\n")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	status, header, text := http.StatusNoContent, http.Header(nil), ""
	if s.answer != nil {
		status, header, text = s.answer(s.requests, lines)
	}
	for _, line := range lines {
		if status == http.StatusNoContent || s.partial != nil && status/100 == 4 && s.partial(line) {
			s.stored[line]++
		}
	}
	for k, v := range header {
		w.Header()[k] = v
	}
	w.WriteHeader(status)
	io.WriteString(w, text)
}

func (s *server) count() (requests, stored int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests, len(s.stored)
}

func forwarder(t *testing.T, s *server, b *book, dir string) *Forwarder {
	t.Helper()
	f, err := New(Options{URL: s.URL, Org: "o", Bucket: "db", Dir: dir, Source: b, Batch: 100, Now: func() time.Time { return at }, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	f.jitter = func() float64 { return 0.5 }
	f.sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return f
}

// drain steps until the cursor stands at the end.
func drain(t *testing.T, f *Forwarder, b *book) {
	t.Helper()
	for f.Position() < b.End() {
		if _, err := f.step(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

func status(code int) (int, http.Header, string) { return code, nil, "" }

func TestServerTroubleLosesNothing(t *testing.T) {
	for _, code := range []int{500, 502, 503, 504, 429, 408, 401, 403, 404, 301, 302, 307, 418} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			s, b := serve(t), &book{}
			b.add(250)
			s.answer = func(n int, _ []string) (int, http.Header, string) {
				if n <= 12 {
					return code, http.Header{"Location": {s.URL + "/elsewhere"}}, "no"
				}
				return status(204)
			}
			f := forwarder(t, s, b, t.TempDir())
			drain(t, f, b)
			requests, stored := s.count()
			if stored != 250 || requests != 12+3 || quarantined(t, f) != nil {
				t.Errorf("%d stored by %d requests", stored, requests)
			}
			kind := 2
			if code/100 == 4 && code != 429 && code != 408 || code/100 == 3 {
				kind = 3
			}
			if got := f.Figures(); got[kind].Value != 12 {
				t.Errorf("failures: %+v", got)
			}
		})
	}
}

func TestTroubleIsVisibleWhileItLasts(t *testing.T) {
	s, b := serve(t), &book{}
	b.add(3)
	s.answer = func(int, []string) (int, http.Header, string) { return 401, nil, "unauthorized" }
	f := forwarder(t, s, b, t.TempDir())
	f.o.Now = func() time.Time { return at.Add(time.Minute) }
	ctx, cancel := context.WithCancel(context.Background())
	var behind uint64
	var age time.Duration
	var trouble error
	f.sleep = func(ctx context.Context, _ time.Duration) error {
		behind, age, trouble = f.Lag()
		cancel()
		return ctx.Err()
	}
	if _, err := f.step(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if behind != 3 || age != time.Minute || trouble == nil || !strings.Contains(trouble.Error(), "unauthorized") {
		t.Errorf("behind %d, age %s, %v", behind, age, trouble)
	}
	s.answer = nil
	f.sleep = sleep
	drain(t, f, b)
	if behind, age, trouble = f.Lag(); behind != 0 || age != 0 || trouble != nil {
		t.Errorf("afterwards: behind %d, age %s, %v", behind, age, trouble)
	}
}

func TestBadLinesAreFoundAndPutAside(t *testing.T) {
	bad := map[float64]bool{0: true, 57: true, 58: true, 99: true, 140: true}
	isBad := func(line string) bool {
		var n float64
		_, after, _ := strings.Cut(line, " hr=")
		fmt.Sscanf(after, "%g", &n)
		return bad[n]
	}
	for _, code := range []int{400, 422, 413} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			s, b := serve(t), &book{}
			b.add(150)
			s.answer = func(_ int, lines []string) (int, http.Header, string) {
				if slices.ContainsFunc(lines, isBad) {
					return code, nil, "partial write: field type conflict dropped=1"
				}
				return status(204)
			}
			s.partial = func(line string) bool { return code == 422 && !isBad(line) }
			f := forwarder(t, s, b, t.TempDir())
			drain(t, f, b)
			aside := quarantined(t, f)
			_, stored := s.count()
			if len(aside) != len(bad) || stored != 150-len(bad) {
				t.Fatalf("%d stored, %d put aside", stored, len(aside))
			}
			for _, r := range aside {
				if !isBad(r.Line) || r.Status != code || r.Reason == "" || !r.At.Equal(at) {
					t.Errorf("%+v", r)
				}
			}
		})
	}
}

// A backlog older than the retention policy is refused as a whole; InfluxDB says how many it
// dropped, so nobody has to ask line by line.
func TestABatchRefusedWholeTakesOneRequest(t *testing.T) {
	s, b := serve(t), &book{}
	b.add(100)
	s.answer = func(_ int, lines []string) (int, http.Header, string) {
		return 400, nil, fmt.Sprintf(`partial write: points beyond retention policy dropped=%d`, len(lines))
	}
	f := forwarder(t, s, b, t.TempDir())
	drain(t, f, b)
	if requests, _ := s.count(); requests != 1 || len(quarantined(t, f)) != 100 {
		t.Errorf("%d requests, %d put aside", requests, len(quarantined(t, f)))
	}
}

func TestARequestThatHangsIsGivenUpAndRepeated(t *testing.T) {
	s, b := serve(t), &book{}
	b.add(5)
	release := make(chan struct{})
	hung := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-release }))
	defer hung.Close()
	defer close(release)
	f, err := New(Options{URL: hung.URL, Bucket: "db", Dir: t.TempDir(), Source: b, Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	tries := 0
	f.sleep = func(ctx context.Context, _ time.Duration) error {
		tries++
		if tries == 3 {
			f.write = forwarder(t, s, b, t.TempDir()).write
		}
		return nil
	}
	drain(t, f, b)
	if _, stored := s.count(); stored != 5 || tries != 3 {
		t.Errorf("%d stored after %d tries", stored, tries)
	}
}

func TestPauses(t *testing.T) {
	s, b := serve(t), &book{}
	b.add(1)
	headers := []http.Header{nil, {"Retry-After": {"7"}}, {"Retry-After": {at.Add(90 * time.Second).Format(http.TimeFormat)}}, {"Retry-After": {"86400"}}, {"Retry-After": {"soon"}}, nil, nil, nil, nil, nil}
	s.answer = func(n int, _ []string) (int, http.Header, string) {
		if n <= len(headers) {
			return 503, headers[n-1], ""
		}
		return status(204)
	}
	f := forwarder(t, s, b, t.TempDir())
	f.o.Now = func() time.Time { return at.Truncate(time.Second) }
	var pauses []time.Duration
	f.sleep = func(_ context.Context, d time.Duration) error { pauses = append(pauses, d); return nil }
	drain(t, f, b)
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	want := []time.Duration{ms(375), ms(7000), ms(90000), maxAfter, ms(6000), ms(12000), ms(24000), ms(45000), ms(45000), ms(45000)}
	if !slices.Equal(pauses, want) {
		t.Errorf("%v\nwant %v", pauses, want)
	}
}

// A crash at any moment: the next run begins at the saved cursor, and every record arrives.
func TestTheCursorOutlivesTheProcess(t *testing.T) {
	s, b, dir := serve(t), &book{}, t.TempDir()
	b.add(250)
	f := forwarder(t, s, b, dir)
	if more, err := f.step(context.Background()); err != nil || !more {
		t.Fatal(more, err)
	}
	s.answer = func(int, []string) (int, http.Header, string) { return status(503) }
	ctx, cancel := context.WithCancel(context.Background())
	f.sleep = func(ctx context.Context, _ time.Duration) error { cancel(); return ctx.Err() }
	f.step(ctx)
	s.answer = nil
	again := forwarder(t, s, b, dir)
	if again.Position() != 100 {
		t.Fatalf("begins at %d", again.Position())
	}
	drain(t, again, b)
	if _, stored := s.count(); stored != 250 {
		t.Errorf("%d stored", stored)
	}
	if again.Position() != 250 {
		t.Errorf("ends at %d", again.Position())
	}
}

func TestACursorThatCannotBeTrusted(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       uint64
	}{
		{"empty, as after a power cut", "", 0},
		{"cut off", cursorHead + "12", 0},
		{"rubbish", "hello\n", 0},
		{"good", cursorHead + "12\n", 12},
		{"beyond the end: the journal lost its tail", cursorHead + "999\n", 50},
	} {
		b, dir := &book{}, t.TempDir()
		b.add(50)
		if err := os.WriteFile(cursorPath(dir), []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := forwarder(t, serve(t), b, dir).Position(); got != c.want {
			t.Errorf("%s: begins at %d, want %d", c.name, got, c.want)
		}
	}
}

func TestRunWakesAndEnds(t *testing.T) {
	s, b := serve(t), &book{}
	tick := make(chan time.Time)
	f := forwarder(t, s, b, t.TempDir())
	f.o.Tick = tick
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- f.Run(ctx) }()
	tick <- at
	b.add(250)
	tick <- at // Run was waiting for this one …
	tick <- at // … and takes this one only after all three batches
	if requests, stored := s.count(); stored != 250 || requests != 3 {
		t.Errorf("%d stored by %d requests", stored, requests)
	}
	b.mu.Lock()
	b.broken = errors.New("disk on fire")
	b.mu.Unlock()
	tick <- at
	tick <- at
	if _, _, trouble := f.Lag(); trouble == nil {
		t.Error("a journal that cannot be read is not shown")
	}
	b.mu.Lock()
	b.broken = nil
	b.mu.Unlock()
	tick <- at
	tick <- at
	if _, _, trouble := f.Lag(); trouble != nil {
		t.Errorf("still shown: %v", trouble)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for _, o := range []Options{{}, {URL: "http://x", Bucket: "b", Dir: t.TempDir()}, {URL: "http://x", Dir: t.TempDir(), Source: &book{}}} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}
