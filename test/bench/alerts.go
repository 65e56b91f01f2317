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

// Beds of the two scenes: everybody falls ill at once, and the monitors of a part fall silent.
const (
	silentBeds   = 200
	alertsGoal   = 5 * time.Second
	silence      = 5 * time.Second // of a monitor, and how long it must last to be told; shortened
	firstTold    = 3               // roles that the default policy's first rung tells of an alarm
	quietVitals  = `"hr":78,"rr":16,"spo2":97,"sbp":121,"temp":36.8,"fio2":0.21`
	alarmAtOnce  = `,"alarms":[{"code":"asystole","priority":"high","state":"on"}]`
	alertsPolicy = "version: bench\nscoring: {silence: %v}\nalerts: {persist_technical: %[1]v}\n"
)

// alerts is what a ward of 1,000 beds does when every monitor alarms within one second, and when a
// part of them falls silent.
func (b *bench) alerts() error {
	pager, err := newPager()
	if err != nil {
		return err
	}
	defer pager.server.Close()
	s, err := b.prepare(cpuBeds, true)
	if err != nil {
		return err
	}
	policy := filepath.Join(s.dir, "policy.yaml")
	if err := os.WriteFile(policy, fmt.Appendf(nil, alertsPolicy, silence), 0o600); err != nil {
		return err
	}
	if _, err := b.serve(s, append([]string{"--webhook", pager.url, "--policy", policy}, b.profileArgs()...)...); err != nil {
		return err
	}
	defer stop(s.server, syscall.SIGTERM)
	if err := b.allSilent(s, pager); err != nil {
		return err
	}
	return b.allAtOnce(s, pager)
}

// allAtOnce: 1,000 monitors say asystole within one second, and go on sending.
func (b *bench) allAtOnce(s *site, pager *pager) error {
	pager.forget()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	board := &pulse{}
	if err := board.watch(ctx, s); err != nil {
		return err
	}
	began, before := time.Now(), cpuOf(s.server.Process.Pid)
	everybody := load{broker: s.mqtt, user: s.user, password: s.password, beds: cpuBeds, conns: 50, rate: cpuBeds, vitals: quietVitals}
	alarm := everybody
	alarm.perBed, alarm.extra, alarm.sent = 1, alarmAtOnce, pager.crossed
	if _, _, err := alarm.run(); err != nil {
		return err
	}
	took := time.Since(began)
	everybody.perBed = 30 // the ward's monitors do not stop for it
	monitors := make(chan error, 1)
	go func() { _, _, err := everybody.run(); monitors <- err }()
	if err := until("everybody of the first rung was told", func() bool { return pager.heard() == firstTold*cpuBeds }); err != nil {
		return fmt.Errorf("%w: %d of %d notices came", err, pager.heard(), firstTold*cpuBeds)
	}
	used := cpuOf(s.server.Process.Pid) - before
	if err := <-monitors; err != nil {
		return err
	}
	first, all := pager.delays()
	b.add(fmt.Sprintf("%d alarms within %v → first notice of each at its receiver", len(first), took.Round(10*time.Millisecond)),
		fmt.Sprintf("≤ %v", alertsGoal), "p50 %v, p99 %v, last %v", at(first, 0.5), at(first, 0.99), at(first, 1))
	b.add(fmt.Sprintf("→ each of its first rung's %d notices", len(all)), "", "p50 %v, p99 %v, last %v; CPU of the server by then %v", at(all, 0.5), at(all, 0.99), at(all, 1), used)
	n, gap := board.since(began)
	b.add("the board meanwhile", "alive", "%d deltas, the longest wait for one %v", n, gap.Round(time.Millisecond))
	return nil
}

// allSilent: 200 of the 1,000 monitors stop.
func (b *bench) allSilent(s *site, pager *pager) error {
	well := load{broker: s.mqtt, user: s.user, password: s.password, conns: 50, rate: cpuBeds, vitals: quietVitals}
	all := well
	all.beds, all.perBed = cpuBeds, 3
	if _, _, err := all.run(); err != nil {
		return err
	}
	began := time.Now()
	others := well
	others.first, others.beds, others.rate = silentBeds, cpuBeds-silentBeds, cpuBeds-silentBeds
	others.perBed = int(3*silence/time.Second) + 5
	if _, _, err := others.run(); err != nil {
		return err
	}
	var list []struct {
		Kind, State, Rule string
		Bed               string
	}
	if err := s.read("/api/v1/wards/W1/alerts?limit=2000", &list); err != nil {
		return err
	}
	held, told := 0, 0
	for _, a := range list {
		switch {
		case a.Kind != "technical":
		case a.State == "suppressed":
			held++
		case a.State != "candidate" && a.State != "resolved":
			told++
		}
	}
	b.add(fmt.Sprintf("%d monitors fall silent: technical notices", silentBeds), "told together", "%d, of %d alerts; %d alerts are kept under the storm's; %v after",
		pager.told("technical"), told, held, time.Since(began).Round(time.Second))
	return nil
}

func (s *site) read(path string, into any) error {
	req, err := http.NewRequest(http.MethodGet, s.http+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", path, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

// pager receives notices and times them by the moment their bed crossed.
type pager struct {
	server *http.Server
	url    string

	mu    sync.Mutex
	began map[string]time.Time
	first map[string]time.Duration
	all   []time.Duration
	kinds map[string]int
}

func newPager() (*pager, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &pager{url: "http://" + ln.Addr().String()}
	p.forget()
	p.server = &http.Server{Handler: http.HandlerFunc(p.take)}
	go func() { _ = p.server.Serve(ln) }()
	return p, nil
}

func (p *pager) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.began, p.first, p.all, p.kinds = map[string]time.Time{}, map[string]time.Duration{}, nil, map[string]int{}
}

func (p *pager) crossed(bed string, _ time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.began[bed] = time.Now()
}

func (p *pager) take(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	var n struct{ Bed, Kind string }
	err := json.NewDecoder(r.Body).Decode(&n)
	w.WriteHeader(http.StatusNoContent)
	if err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kinds[n.Kind]++
	began, ok := p.began[n.Bed]
	if !ok || n.Kind != "device_alarm" || len(p.all) == firstTold*cpuBeds { // later rungs are not counted
		return
	}
	p.all = append(p.all, now.Sub(began))
	if _, again := p.first[n.Bed]; !again {
		p.first[n.Bed] = now.Sub(began)
	}
}

// heard is how many notices of the first rung came.
func (p *pager) heard() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.all)
}

func (p *pager) told(kind string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kinds[kind]
}

// delays are those of each bed's first notice, and of all, sorted.
func (p *pager) delays() (first, all []time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range p.first {
		first = append(first, d)
	}
	all = slices.Clone(p.all)
	slices.Sort(first)
	slices.Sort(all)
	return first, all
}

// at is a quantile of sorted times.
func at(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))].Round(time.Millisecond)
}

// pulse notes when the board's deltas come.
type pulse struct {
	mu   sync.Mutex
	came []time.Time
}

func (x *pulse) watch(ctx context.Context, s *site) error {
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
			if strings.HasPrefix(line, "event: delta") {
				x.mu.Lock()
				x.came = append(x.came, time.Now())
				x.mu.Unlock()
			}
		}
	}()
	return nil
}

// since counts the deltas from a moment on, and finds the longest wait for one.
func (x *pulse) since(from time.Time) (n int, gap time.Duration) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, t := range x.came {
		if t.Before(from) {
			continue
		}
		n, gap, from = n+1, max(gap, t.Sub(from)), t
	}
	return n, gap
}
