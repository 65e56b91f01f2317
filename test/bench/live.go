package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// latency is the time from just before a publish to the screen's event, at 1,000 beds × 1 Hz over
// the embedded broker.
func (b *bench) latency() error {
	s, err := b.prepare(cpuBeds, true)
	if err != nil {
		return err
	}
	if _, err := b.serve(s); err != nil {
		return err
	}
	defer stop(s.server, syscall.SIGKILL)
	return b.timed(s, "publish → screen event, 1,000 beds × 1 Hz", "p50 ≤ 20 ms, p99 ≤ 100 ms")
}

// timed loads a server at 1,000 beds × 1 Hz and times what reaches a screen.
func (b *bench) timed(s *site, what, goal string) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	screen := &screen{sent: map[string]time.Time{}}
	if err := screen.open(ctx, s); err != nil {
		return err
	}
	if _, _, err := (load{broker: s.mqtt, user: s.user, password: s.password, beds: cpuBeds, perBed: b.scale(40), conns: 50, rate: 1000, sent: screen.note}).run(); err != nil {
		return err
	}
	time.Sleep(time.Second)
	cancel()
	screen.mu.Lock()
	defer screen.mu.Unlock()
	slices.Sort(screen.took)
	n := len(screen.took)
	if n == 0 {
		return fmt.Errorf("no event reached the screen")
	}
	at := func(q float64) time.Duration {
		return screen.took[min(n-1, int(q*float64(n)))].Round(100 * time.Microsecond)
	}
	b.add(what, goal, "p50 %v, p99 %v (%d events)", at(0.5), at(0.99), n)
	return nil
}

// screen reads the live stream and times each reading by its bed and device time.
type screen struct {
	mu   sync.Mutex
	sent map[string]time.Time
	took []time.Duration
}

func (x *screen) note(bed string, at time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.sent[fmt.Sprint(bed, at.UnixMilli())] = time.Now()
}

func (x *screen) open(ctx context.Context, s *site) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.http+"/api/v1/wards/W1/stream", nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the stream answers %s", resp.Status)
	}
	go func() {
		defer resp.Body.Close()
		r := bufio.NewReaderSize(resp.Body, 4<<20)
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			if data, ok := strings.CutPrefix(line, "data: "); ok {
				x.event([]byte(data), time.Now())
			}
		}
	}()
	return nil
}

func (x *screen) event(data []byte, now time.Time) {
	var d struct {
		Tiles []struct {
			Bed    string
			Vitals struct{ HR *struct{ At int64 } }
		}
	}
	if json.Unmarshal(data, &d) != nil {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, t := range d.Tiles {
		if t.Vitals.HR == nil {
			continue
		}
		key := fmt.Sprint(t.Bed, t.Vitals.HR.At)
		if at, ok := x.sent[key]; ok {
			x.took = append(x.took, now.Sub(at))
			delete(x.sent, key)
		}
	}
}

// notice is the time from a crossing to its first notice at a real receiver.
func (b *bench) notice() error {
	arrived := make(chan time.Time, 100)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	receiver := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case arrived <- time.Now():
		default:
		}
		w.WriteHeader(http.StatusNoContent)
	})}
	go func() { _ = receiver.Serve(ln) }()
	defer receiver.Close()
	s, err := b.prepare(40, true)
	if err != nil {
		return err
	}
	const persist = 5 * time.Second
	policy := filepath.Join(s.dir, "policy.yaml") // the newest value counts: the crossing is the score's, not the median's
	if err := os.WriteFile(policy, []byte("version: bench\nscoring: {signal: {window: 1s}}\nalerts: {persist_score: "+persist.String()+"}\n"), 0o600); err != nil {
		return err
	}
	if _, err := b.serve(s, "--webhook", "http://"+ln.Addr().String(), "--policy", policy); err != nil {
		return err
	}
	defer stop(s.server, syscall.SIGKILL)
	send := func(first, times int, vitals, extra string) (time.Time, error) {
		began := time.Now()
		_, _, err := load{broker: s.mqtt, user: s.user, password: s.password, first: first, beds: 1, perBed: times, conns: 1, rate: 1, vitals: vitals, extra: extra}.run()
		return began, err
	}
	began, err := send(0, 1, "", `,"alarms":[{"code":"asystole","priority":"high","state":"on"}]`)
	if err != nil {
		return err
	}
	at, err := first(arrived)
	if err != nil {
		return fmt.Errorf("device alarm: %w", err)
	}
	b.add("device alarm → first notice at its receiver", "≤ 1 s", "%v", at.Sub(began).Round(time.Millisecond))
	time.Sleep(2 * time.Second) // the first alert's other notices
	for len(arrived) > 0 {
		<-arrived
	}
	began = time.Now()
	go func() { _, _ = send(1, 20, `"hr":135,"rr":30,"spo2":88,"sbp":85,"temp":39.5,"fio2":0.4`, "") }()
	if at, err = first(arrived); err != nil {
		return fmt.Errorf("score crossing: %w", err)
	}
	b.add("score crossing → first notice, beyond its persistence", "≤ 2 s", "%v (persistence %v)", (at.Sub(began) - persist).Round(time.Millisecond), persist)
	return nil
}

func first(arrived <-chan time.Time) (time.Time, error) {
	select {
	case at := <-arrived:
		return at, nil
	case <-time.After(patience):
		return time.Time{}, fmt.Errorf("no notice within %v", patience)
	}
}
