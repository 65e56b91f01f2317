package influx

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wardwatch/ward"
)

// influxd runs a real InfluxDB 1.8 with a database of the name db; kill ends it as a power cut
// would, and start brings it back.
type influxd struct {
	t          *testing.T
	path, conf string
	url        string
	cmd        *exec.Cmd
}

func newInfluxd(t *testing.T) *influxd {
	t.Helper()
	path := os.Getenv("WARDWATCH_INFLUXD")
	if path == "" {
		var err error
		if path, err = exec.LookPath("influxd"); err != nil {
			t.Skip("no real InfluxDB: set WARDWATCH_INFLUXD or put influxd 1.8.10 in PATH: ", err)
		}
	}
	dir := t.TempDir()
	api, rpc := freePort(t), freePort(t)
	conf := fmt.Sprintf(`reporting-disabled = true
bind-address = "127.0.0.1:%d"
[meta]
dir = %q
[data]
dir = %q
wal-dir = %q
[http]
bind-address = "127.0.0.1:%d"
log-enabled = false
[monitor]
store-enabled = false
`, rpc, dir+"/meta", dir+"/data", dir+"/wal", api)
	i := &influxd{t: t, path: path, conf: filepath.Join(dir, "influxd.conf"), url: fmt.Sprintf("http://127.0.0.1:%d", api)}
	if err := os.WriteFile(i.conf, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(i.kill)
	i.start()
	i.ask("CREATE DATABASE db")
	return i
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (i *influxd) start() {
	i.t.Helper()
	i.cmd = exec.Command(i.path, "-config", i.conf)
	if err := i.cmd.Start(); err != nil {
		i.t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; {
		resp, err := http.Get(i.url + "/ping")
		if err == nil {
			resp.Body.Close()
			return
		}
		if time.Now().After(deadline) {
			i.t.Fatal("influxd does not answer: ", err)
		}
		<-time.After(20 * time.Millisecond)
	}
}

func (i *influxd) kill() {
	if i.cmd != nil {
		i.cmd.Process.Kill()
		i.cmd.Wait()
		i.cmd = nil
	}
}

// ask runs an InfluxQL statement and gives back each row as column → value, tags included.
func (i *influxd) ask(q string) (rows []map[string]any) {
	i.t.Helper()
	resp, err := http.PostForm(i.url+"/query", url.Values{"db": {"db"}, "epoch": {"ms"}, "q": {q}})
	if err != nil {
		i.t.Fatal(err)
	}
	defer resp.Body.Close()
	var a struct {
		Results []struct {
			Error  string
			Series []struct {
				Columns []string
				Values  [][]any
			}
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
		i.t.Fatal(err)
	}
	for _, r := range a.Results {
		if r.Error != "" {
			i.t.Fatal(q, ": ", r.Error)
		}
		for _, s := range r.Series {
			for _, v := range s.Values {
				row := map[string]any{}
				for k, c := range s.Columns {
					row[c] = v[k]
				}
				rows = append(rows, row)
			}
		}
	}
	return rows
}

func (i *influxd) forwarder(b Source, dir string) *Forwarder {
	i.t.Helper()
	f, err := New(Options{URL: i.url, Bucket: "db/autogen", Dir: dir, Source: b, Batch: 500})
	if err != nil {
		i.t.Fatal(err)
	}
	i.t.Cleanup(func() { f.Close() })
	f.sleep = func(ctx context.Context, _ time.Duration) error { return sleep(ctx, 20*time.Millisecond) }
	return f
}

// ward1 fills a journal with two beds, values that are not whole, a cuff pressure now and then,
// and a monitor without a name. It gives back what must stand in InfluxDB.
func ward1(b *book) (want map[string]float64) {
	want = map[string]float64{}
	for i := range 2000 {
		when := at.Add(time.Duration(i) * 700 * time.Millisecond)
		cuffed := at.Add(time.Duration(i/200*200)*700*time.Millisecond - time.Minute)
		r := reading(value(ward.HR, float64(60+i%90)+0.1, when), value(ward.SpO2, float64(90+i%11), when), value(ward.SBP, float64(100+i/200), cuffed))
		r.Place.Bed = ward.BedID([]string{"1", "12A"}[i%2])
		if i%2 == 1 {
			r.Device = ""
		}
		r.At, r.Point, r.Arrived = when, when, when
		b.rs = append(b.rs, r)
		key := func(v ward.Value, at time.Time) string {
			return fmt.Sprintf("%s|%s|%s|%d|%s", r.Place, r.Device, r.Source, at.UnixMilli(), v.Vital)
		}
		for _, v := range r.Values {
			want[key(v, v.At)] = v.Number
		}
	}
	return want
}

func (i *influxd) stored() map[string]float64 {
	got := map[string]float64{}
	for _, row := range i.ask(`SELECT * FROM vitals`) {
		device, _ := row["device"].(string)
		head := fmt.Sprintf("%s/%s|%s|%s|%d", row["ward"], row["bed"], device, row["source"], int64(row["time"].(float64)))
		for c, v := range row {
			if x, ok := v.(float64); ok && c != "time" {
				got[head+"|"+c] = x
			}
		}
	}
	return got
}

func compare(t *testing.T, got, want map[string]float64) {
	t.Helper()
	missing, extra, other := 0, 0, 0
	for k, x := range want {
		switch y, ok := got[k]; {
		case !ok:
			missing++
		case x != y:
			other++
		}
	}
	for k := range got {
		if _, ok := want[k]; !ok {
			extra++
		}
	}
	if missing+extra+other > 0 {
		t.Errorf("of %d values: %d missing, %d extra, %d other", len(want), missing, extra, other)
	}
}

func TestRealInfluxDBHoldsWhatTheJournalHolds(t *testing.T) {
	i := newInfluxd(t)
	b := &book{}
	want := ward1(b)
	f := i.forwarder(b, t.TempDir())
	drain(t, f, b)
	compare(t, i.stored(), want)

	again := i.forwarder(b, t.TempDir()) // a lost cursor: everything is sent twice
	drain(t, again, b)
	compare(t, i.stored(), want)

	checkHistory(t, f, b)
	_, err := (&Forwarder{o: Options{URL: i.url, Database: "nowhere"}, http: f.http}).History(context.Background(), b.rs[0].Place, ward.HR, at, at.Add(time.Hour))
	if err == nil {
		t.Error("history of a database that does not exist")
	}
}

func checkHistory(t *testing.T, f *Forwarder, b *book) {
	t.Helper()
	place := b.rs[0].Place
	byMinute := map[time.Time]*ward.Minute{}
	from, to := at.Add(5*time.Minute).Truncate(time.Minute), at.Add(15*time.Minute).Truncate(time.Minute)
	for k := range b.rs {
		r := &b.rs[k]
		v, _ := r.Value(ward.HR)
		if r.Place != place || v.At.Before(from) || !v.At.Before(to) {
			continue
		}
		start := v.At.Truncate(time.Minute)
		m := byMinute[start]
		if m == nil {
			m = &ward.Minute{Start: start, Vital: ward.HR, Min: v.Number, Max: v.Number}
			byMinute[start] = m
		}
		m.Min, m.Max = min(m.Min, v.Number), max(m.Max, v.Number)
		m.Mean += v.Number
		m.Count++
	}
	minutes, err := f.History(context.Background(), place, ward.HR, from, to)
	if err != nil || len(minutes) != len(byMinute) || len(minutes) != 10 {
		t.Fatalf("%d minutes of %d, %v", len(minutes), len(byMinute), err)
	}
	for _, m := range minutes {
		w := byMinute[m.Start]
		if w == nil || m.Min != w.Min || m.Max != w.Max || m.Count != w.Count || m.Vital != ward.HR || m.Mean-w.Mean/float64(w.Count) > 1e-9 || w.Mean/float64(w.Count)-m.Mean > 1e-9 {
			t.Errorf("%+v, want %+v", m, w)
		}
	}
	none, err := f.History(context.Background(), ward.Place{Ward: `i'cu\`, Bed: "x' OR 'a'='a"}, ward.HR, from, to)
	if err != nil || len(none) != 0 {
		t.Errorf("a place made to be part of the query: %d minutes, %v", len(none), err)
	}
}

func TestRealInfluxDBKilledUnderWay(t *testing.T) {
	i := newInfluxd(t)
	b := &book{}
	want := ward1(b)
	f := i.forwarder(b, t.TempDir())
	if _, err := f.step(context.Background()); err != nil {
		t.Fatal(err)
	}
	i.kill()
	var once sync.Once
	f.sleep = func(ctx context.Context, _ time.Duration) error { once.Do(i.start); return nil }
	drain(t, f, b)
	compare(t, i.stored(), want)
}

func TestRealInfluxDBRefusesALine(t *testing.T) {
	i := newInfluxd(t)
	// Somebody wrote hr as text before us: the field keeps that type.
	resp, err := http.Post(i.url+"/write?db=db", "text/plain", strings.NewReader(`vitals,ward=icu,bed=12A,device=mon-7,source=device hr="88" `+fmt.Sprint(at.UnixNano())))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	b := &book{}
	b.add(3)
	b.rs[1] = reading(value(ward.SpO2, 97, at))
	f := i.forwarder(b, t.TempDir())
	drain(t, f, b)
	aside := quarantined(t, f)
	if len(aside) != 2 || !strings.Contains(aside[0].Reason, "conflict") {
		t.Errorf("put aside: %+v", aside)
	}
	if rows := i.ask("SELECT spo2 FROM vitals"); len(rows) != 1 || rows[0]["spo2"] != 97.0 {
		t.Errorf("the good line: %v", rows)
	}
}

func TestRealInfluxDBWithoutOurDatabase(t *testing.T) {
	i := newInfluxd(t)
	i.ask("DROP DATABASE db")
	b := &book{}
	b.add(3)
	f := i.forwarder(b, t.TempDir())
	tries := 0
	f.sleep = func(context.Context, time.Duration) error {
		if tries++; tries == 2 {
			i.ask("CREATE DATABASE db")
		}
		return nil
	}
	drain(t, f, b)
	if n := len(i.ask("SELECT hr FROM vitals")); n != 3 || tries != 2 || quarantined(t, f) != nil {
		t.Errorf("%d stored after %d tries", n, tries)
	}
}
