// Package influx keeps InfluxDB in step with the journal, however long InfluxDB was away, and
// reads long history back from it.
//
// The journal is the queue: the forwarder reads it by a cursor, writes batches, and moves the
// cursor only after InfluxDB has taken a batch. Writing a batch again is harmless, because a
// point with the same measurement, tags and time replaces itself.
//
// Vitals stand in the measurement vitals under their names, all as floats: coded ones (acvpu,
// o2_device, resp_distress) by their numbers. Scores stand in score under the tag chart: a live one
// under its chart's id, that of a charted set under the id with "-charted" behind it, a model's risk
// under the name of its task, that of a further model of the same task under the model's id.
package influx

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	influxdb2 "github.com/influxdata/influxdb-client-go/v2"
	"github.com/influxdata/influxdb-client-go/v2/api"

	"wardwatch/ward"
)

// Source is the journal. Read calls fn for at most max records from position from on, oldest
// first, until fn returns false; what r points to is good only within fn; next is where to read on
// after this record. from 0 is the oldest record kept. End is the
// position after the last record.
type Source interface {
	Read(from uint64, max int, fn func(next uint64, r ward.Record) bool) error
	End() uint64
}

// Options says where InfluxDB is and what to send it.
type Options struct {
	URL      string
	Token    string // for InfluxDB 1.8: user:password, or empty
	Org      string
	Bucket   string // for InfluxDB 1.8: database, or database/retention policy
	Database string // to read history from by InfluxQL; empty: the bucket's first part

	Dir     string // cursor and quarantine files
	Source  Source
	Log     *slog.Logger     // nil: silent
	Batch   int              // most lines a request; 0: 5000
	Timeout time.Duration    // of one request; 0: 20 s
	Now     func() time.Time // for ages and the quarantine's times; nil: time.Now
	Tick    <-chan time.Time // looks for new records at each; nil: once a second
}

// maxBytes bounds a request beside Batch; InfluxDB's own limit is 25 MB.
const maxBytes = 4 << 20

// Forwarder sends the journal to InfluxDB. Run may be called once.
type Forwarder struct {
	o          Options
	client     influxdb2.Client
	http       *http.Client
	write      api.WriteAPIBlocking
	quarantine *quarantine
	cursorPath string

	// Waiting between tries; tests set them.
	sleep  func(context.Context, time.Duration) error
	jitter func() float64 // in [0, 1)

	enc encoder // used by Run only

	mu    sync.Mutex
	state state
}

// state is what others may ask for while Run works.
type state struct {
	cursor  uint64
	oldest  time.Time // arrival of the oldest record not yet taken; zero when there is none
	trouble error     // of the last try; nil when it went well
	counts  counts
}

// New prepares a forwarder and reads its cursor; it does not connect.
func New(o Options) (*Forwarder, error) {
	if o.URL == "" || o.Bucket == "" || o.Dir == "" || o.Source == nil {
		return nil, errors.New("influx: URL, Bucket, Dir and Source are required")
	}
	defaults(&o)
	if err := os.MkdirAll(o.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("influx: %w", err)
	}
	f := &Forwarder{o: o, http: newHTTP(o.Timeout), cursorPath: cursorPath(o.Dir), quarantine: newQuarantine(o.Dir), sleep: sleep, jitter: rand.Float64}
	f.client = influxdb2.NewClientWithOptions(o.URL, o.Token,
		influxdb2.DefaultOptions().SetHTTPClient(f.http).SetPrecision(time.Millisecond))
	f.write = f.client.WriteAPIBlocking(o.Org, o.Bucket)
	cursor, err := f.firstCursor()
	if err != nil {
		return nil, err
	}
	f.state.cursor = cursor
	return f, nil
}

func defaults(o *Options) {
	if o.Batch <= 0 {
		o.Batch = 5000
	}
	if o.Timeout <= 0 {
		o.Timeout = 20 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Database == "" {
		o.Database, _, _ = strings.Cut(o.Bucket, "/")
	}
}

// newHTTP never follows a redirect: a write that is answered by one would be repeated as a GET
// without its body, and a 200 to that would look like success.
func newHTTP(timeout time.Duration) *http.Client {
	return &http.Client{
		Timeout:   timeout,
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 2, IdleConnTimeout: 90 * time.Second, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

// Run forwards until ctx ends; then it returns nil. Nothing is lost by ending at any moment.
func (f *Forwarder) Run(ctx context.Context) error {
	tick := f.o.Tick
	if tick == nil {
		t := time.NewTicker(time.Second)
		defer t.Stop()
		tick = t.C
	}
	for ctx.Err() == nil {
		more, err := f.step(ctx)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			f.unreadable(err)
		}
		if more && err == nil {
			continue
		}
		select {
		case <-tick:
		case <-ctx.Done():
		}
	}
	return nil
}

// step sends one batch; more reports that it was a full one. The error is the journal's.
func (f *Forwarder) step(ctx context.Context) (more bool, err error) {
	from := f.Position()
	next, oldest, more, err := f.fill(from)
	if next == from {
		if err == nil {
			f.upToDate(from)
		}
		return false, err
	}
	f.behind(oldest)
	if n := f.enc.lines(); n > 0 {
		if err := f.deliver(ctx, 0, n); err != nil {
			return false, err
		}
	}
	f.advance(next)
	return more, err
}

// fill encodes records from the cursor on until the batch is full or the journal ends.
func (f *Forwarder) fill(from uint64) (next uint64, oldest time.Time, full bool, err error) {
	f.enc.reset()
	next = from
	records := 0
	err = f.o.Source.Read(from, f.o.Batch, func(after uint64, r ward.Record) bool {
		at := f.enc.record(r)
		if oldest.IsZero() || at.Before(oldest) {
			oldest = at
		}
		next = after
		records++
		full = records == f.o.Batch || f.enc.lines() >= f.o.Batch || len(f.enc.buf) >= maxBytes
		return !full
	})
	if err != nil {
		err = fmt.Errorf("influx: read the journal from %d: %w", from, err)
	}
	return next, oldest, full, err
}

// Position is the journal position up to which InfluxDB has everything. The journal must keep
// what comes after it.
func (f *Forwarder) Position() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state.cursor
}

// Lag says how far InfluxDB is behind: the distance to the journal's end, in the journal's
// positions, how long the oldest record not taken has waited, and what stands in the way.
func (f *Forwarder) Lag() (behind uint64, age time.Duration, err error) {
	end := f.o.Source.End()
	f.mu.Lock()
	defer f.mu.Unlock()
	if end > f.state.cursor {
		behind = end - f.state.cursor
		if !f.state.oldest.IsZero() {
			age = max(0, f.o.Now().Sub(f.state.oldest))
		}
	}
	return behind, age, f.state.trouble
}

// Close lets go of connections and files. Call it after Run has returned.
func (f *Forwarder) Close() error {
	f.client.Close()
	f.http.CloseIdleConnections()
	return f.quarantine.close()
}

func (f *Forwarder) upToDate(at uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state.oldest = time.Time{}
	if at >= f.o.Source.End() {
		f.state.trouble = nil
	}
}

func (f *Forwarder) behind(oldest time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state.oldest = oldest
}

// unreadable notes that the journal cannot be read; it is said once, when it begins.
func (f *Forwarder) unreadable(err error) {
	f.mu.Lock()
	was := f.state.trouble
	f.state.trouble = err
	f.mu.Unlock()
	if was == nil {
		f.o.Log.Error("influx forwarder cannot read the journal", "error", err)
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
