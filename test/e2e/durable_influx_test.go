//go:build e2e

package e2e

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wardwatch/devices/publish"
)

// oddInflux takes lines as InfluxDB does, or misbehaves as it is told.
type oddInflux struct {
	*httptest.Server
	mu       sync.Mutex
	mode     string
	turned   chan struct{}     // closed when the mode changes
	lines    map[string]string // tags and time to fields
	requests map[string]int    // by mode
	poison   string            // in mode "422", lines with it are refused
}

func newOddInflux(t testing.TB) *oddInflux {
	f := &oddInflux{mode: "well", turned: make(chan struct{}), lines: map[string]string{}, requests: map[string]int{}}
	f.Server = httptest.NewServer(http.HandlerFunc(f.answer))
	t.Cleanup(func() { f.turn("well"); f.Close() })
	return f
}

// turn changes the mode; requests that hang are cut off.
func (f *oddInflux) turn(mode string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mode = mode
	close(f.turned)
	f.turned = make(chan struct{})
}

func (f *oddInflux) answer(w http.ResponseWriter, r *http.Request) {
	body, err := bodyOf(r)
	f.mu.Lock()
	mode, turned := f.mode, f.turned
	if r.URL.Path != "/api/v2/write" || err != nil {
		f.mu.Unlock()
		http.Error(w, "what is this?", http.StatusNotFound)
		return
	}
	f.requests[mode]++
	status := http.StatusNoContent
	switch {
	case mode == "503":
		status = http.StatusServiceUnavailable
	case mode == "422" && strings.Contains(body, f.poison):
		status = http.StatusUnprocessableEntity
	case mode != "hanging":
		f.keep(body)
	}
	f.mu.Unlock()
	if mode == "hanging" {
		<-turned
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(status)
}

func bodyOf(r *http.Request) (string, error) {
	var in io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			return "", err
		}
		in = z
	}
	raw, err := io.ReadAll(in)
	return string(raw), err
}

func (f *oddInflux) keep(body string) {
	for line := range strings.Lines(body) {
		parts := strings.Fields(line)
		f.lines[parts[0]+" "+parts[2]] = parts[1]
	}
}

func (f *oddInflux) seen(mode string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.requests[mode]
}

func (f *oddInflux) kept() map[string]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.lines)
}

// line is the point that one message must become: its tags and time, and its fields.
func line(i int, state map[string]any, taken time.Time) (key string, fields map[string]float64) {
	fields = maps.Clone(state["vitals"].(map[string]float64))
	fields["acvpu"] = float64(strings.Index("ACVPU", state["consciousness"].(string)))
	fields["o2_device"] = 0 // room air
	return fmt.Sprintf("vitals,ward=W1,bed=%s,device=%s,source=device %d", bed(i), monitor(i), taken.UnixMilli()), fields
}

// fieldsOf reads "a=1,b=2".
func fieldsOf(text string) map[string]float64 {
	out := map[string]float64{}
	for pair := range strings.SplitSeq(text, ",") {
		name, number, _ := strings.Cut(pair, "=")
		out[name], _ = strconv.ParseFloat(number, 64)
	}
	return out
}

// totals asks the board for each bed's complete score.
func (s *server) totals() map[string]int {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.http+"/api/v1/wards/W1/stream", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	in := bufio.NewScanner(resp.Body)
	in.Buffer(nil, 16<<20)
	for in.Scan() {
		data, ok := strings.CutPrefix(in.Text(), "data:")
		if !ok {
			continue
		}
		var snapshot struct {
			Tiles []struct {
				Bed   string
				Score *struct{ Total *int }
			}
		}
		if err := json.Unmarshal([]byte(data), &snapshot); err != nil {
			s.t.Fatal(err)
		}
		out := map[string]int{}
		for _, tile := range snapshot.Tiles {
			if tile.Score != nil && tile.Score.Total != nil {
				out[tile.Bed] = *tile.Score.Total
			}
		}
		return out
	}
	s.t.Fatalf("no snapshot: %s %v", resp.Status, in.Err())
	return nil
}

// TestInfluxMisbehaves: InfluxDB answers 503, hangs, is away, and refuses some lines. Meanwhile
// readings are acknowledged and scored; afterwards every one has arrived, or stands in the
// quarantine file if it was refused.
func TestInfluxMisbehaves(t *testing.T) {
	x, door, cable := newTrial(t, 5), newRelay(t), newRelay(t)
	influx := newOddInflux(t)
	influx.poison = "bed=" + bed(4)
	cable.to(influx.URL)
	srv := x.serve(nil, door, "--influx", "http://"+cable.Addr().String())
	g := newGateway(t, publish.Options{URL: door.url(), User: x.site.user, Password: x.site.password}, "boot", 5)

	want := map[string]map[string]float64{}
	var stamp time.Time
	send := func(i int, state map[string]any) (key string) {
		// One point a millisecond, and never ahead of the server's clock: it would be set back.
		stamp = later(stamp.Add(time.Millisecond), time.Now().Add(-time.Second).Truncate(time.Millisecond))
		g.send(i, state, stamp)
		key, fields := line(i, state, stamp)
		want[key] = fields
		return key
	}
	arrived := func() bool {
		have := influx.kept()
		for key := range want {
			if _, ok := have[key]; !ok && !strings.Contains(key, influx.poison) {
				return false
			}
		}
		return true
	}
	for i, mode := range []string{"503", "hanging", "away", "422"} {
		before := influx.seen(mode)
		failures := srv.metric("wardwatch_influx_failures_total")
		influx.turn(mode)
		if mode == "away" {
			cable.cut()
		}
		for n := range 100 {
			send(n%5, healthy)
		}
		until(t, "InfluxDB misbehaves: "+mode, func() bool {
			return influx.seen(mode) > before || srv.metric("wardwatch_influx_failures_total") > failures
		})
		ill := send(i, sick)
		g.flush()
		until(t, "the sick person's score is on the board", func() bool { return srv.totals()[bed(i)] == sickTotal })
		if _, there := influx.kept()[ill]; there && mode != "422" {
			t.Errorf("%s: InfluxDB took a line meanwhile: this shows nothing", mode)
		}
		if mode == "422" {
			until(t, "all but what is refused has arrived", arrived)
		}
		cable.to(influx.URL)
		influx.turn("well")
		until(t, "everything has arrived after "+mode, arrived)
	}
	for n := range 50 {
		send(n%5, healthy)
	}
	g.flush()
	until(t, "InfluxDB is up to date", func() bool { return arrived() && srv.metric("wardwatch_influx_behind_bytes") == 0 })
	scoredBy := time.Now()
	until(t, "InfluxDB is up to date", func() bool { return srv.metric("wardwatch_influx_behind_bytes") == 0 })
	srv.stop()
	x.forwarded(influx, want, scoredBy)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// forwarded compares what InfluxDB and the quarantine file have with what was sent and scored.
func (x *trial) forwarded(influx *oddInflux, want map[string]map[string]float64, scoredBy time.Time) {
	x.Helper()
	have := influx.kept()
	quarantined := 0
	for key, fields := range x.refusedLines(influx.poison) {
		if _, twice := have[key]; !twice {
			have[key] = fields
			quarantined++
		}
	}
	vitals := 0
	for key, text := range have {
		if !strings.HasPrefix(key, "vitals,") {
			continue
		}
		vitals++
		if got := fieldsOf(text); !maps.Equal(got, want[key]) {
			x.Errorf("%s is %v, want %v", key, got, want[key])
		}
	}
	if vitals != len(want) || quarantined == 0 {
		x.Errorf("InfluxDB and the quarantine have %d points, %d were sent; %d refused", vitals, len(want), quarantined)
	}
	_, scores := readJournal(x, x.site.data)
	checked := 0
	for i := range scores {
		s := &scores[i]
		if s.At.After(scoredBy) {
			continue
		}
		checked++
		key := fmt.Sprintf("score,ward=W1,bed=%s,chart=news2 %d", s.Place.Bed, s.At.UnixMilli())
		if got, ok := have[key]; !ok || fieldsOf(got)["lower_bound"] != float64(s.LowerBound) {
			x.Errorf("the score %d of %s at %v is %q in InfluxDB", s.LowerBound, s.Place.Bed, s.At, got)
		}
	}
	if checked == 0 {
		x.Error("nothing was scored")
	}
	x.Logf("%d points, of which %d in quarantine; %d scores", vitals, quarantined, checked)
}

// refusedLines reads the quarantine file.
func (x *trial) refusedLines(poison string) map[string]string {
	x.Helper()
	raw, err := os.ReadFile(filepath.Join(x.site.data, "influx", "influx.quarantine.jsonl"))
	if err != nil {
		x.Fatal(err)
	}
	out := map[string]string{}
	for text := range strings.Lines(string(raw)) {
		var r struct {
			Status int
			Line   string
		}
		if err := json.Unmarshal([]byte(text), &r); err != nil || r.Status != http.StatusUnprocessableEntity || !strings.Contains(r.Line, poison) {
			x.Errorf("in quarantine: %s %v", text, err)
			continue
		}
		parts := strings.Fields(r.Line)
		out[parts[0]+" "+parts[2]] = parts[1]
	}
	return out
}
