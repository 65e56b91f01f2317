// Package pacs asks a picture archive over DICOMweb, at an interval, what it has of the last days (QIDO-RS,
// PS3.18 §10.6), and fetches the instances that are not here yet (WADO-RS, §10.4) into the intake.
//
// A study is looked into when it is new, when the archive counts other numbers of series or instances in it
// than at the last look, and once an hour. QIDO-RS tells no more: an instance that was replaced under the
// same UID is not noticed, because an instance that is here is not fetched again. Sources that correct what
// they sent must give it a new SOP Instance UID, as PS3.4 asks, or send it to us by STOW-RS.
package pacs

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"wardwatch/ingest/imaging/intake"
	"wardwatch/ward"
)

// Keeper makes what was fetched durable.
type Keeper interface {
	Instance(ctx context.Context, from intake.From, r io.Reader) (intake.Receipt, error)
}

// Known picks those of some instances that a source has delivered already.
type Known func(ctx context.Context, source string, instances []string) (map[string]bool, error)

// Options says which archive to ask for what. Source, URL, Keeper, Known and Now are required.
type Options struct {
	Source string // name in the configuration
	URL    string // of its DICOMweb service, for example https://pacs.example/dicom-web
	User   string // with Password: basic authentication
	Token  string // bearer authentication

	Password string
	CAFile   string // PEM certificates that the archive is trusted by; empty: those of the system

	Modalities []string       // DICOM modalities to fetch; DX, CR and SR when empty
	Days       int            // how many days back study dates go, today being the first; 2 when zero
	Zone       *time.Location // of the archive's study dates; UTC when nil
	Every      time.Duration  // from the end of a poll to the next; 30 s when zero
	Wait       time.Duration  // for the archive to answer a search, or to begin to give an instance; 1 min when zero
	MaxBytes   int64          // of one instance; 256 MiB when zero

	Keeper Keeper
	Known  Known
	Now    func() time.Time
	Log    *slog.Logger
}

// Bounds. Ours.
const (
	pageLength   = 100
	maxStudies   = 10_000           // of one modality in one poll
	maxInstances = 20_000           // of one series
	maxAnswer    = 16 << 20         // bytes of one page of a QIDO-RS answer
	fetchLimit   = 10 * time.Minute // a large instance over a slow line
	sweepEvery   = time.Hour
	lastRetry    = 5 * time.Minute
)

// Poller asks one archive. Make it with New.
type Poller struct {
	o      Options
	client client
	poll   sync.Mutex // one poll at a time; guards seen, failed and swept
	seen   map[string]counts
	failed map[string]failure // instances that could not be fetched, by UID
	swept  time.Time

	state state
	count struct{ polls, errors, fetched, instanceErrors, transcoded atomic.Uint64 }
}

// New checks the options. Nothing runs until Run.
func New(o Options) (*Poller, error) {
	if o.Source == "" || o.Keeper == nil || o.Known == nil || o.Now == nil {
		return nil, errors.New("pacs: Source, Keeper, Known and Now are required")
	}
	o.setDefaults()
	c, err := newClient(o)
	if err != nil {
		return nil, err
	}
	return &Poller{o: o, client: c, seen: map[string]counts{}, failed: map[string]failure{}}, nil
}

func (o *Options) setDefaults() {
	if len(o.Modalities) == 0 {
		o.Modalities = []string{"DX", "CR", "SR"}
	}
	if o.Days == 0 {
		o.Days = 2
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Every == 0 {
		o.Every = 30 * time.Second
	}
	if o.Wait == 0 {
		o.Wait = time.Minute
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 256 << 20
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

// Run polls until ctx ends. While the archive or our own disk gives errors it waits longer, up to five
// minutes; an instance that cannot be fetched has a wait of its own and holds up no other.
func (p *Poller) Run(ctx context.Context) error {
	defer p.client.http.CloseIdleConnections()
	wait := p.o.Every
	for ctx.Err() == nil {
		err := p.Poll(ctx)
		var one *instanceError
		if err == nil || errors.As(err, &one) {
			wait = p.o.Every
		} else {
			wait = min(2*wait, max(lastRetry, p.o.Every))
		}
		sleep(ctx, wait*9/10+rand.N(wait/5+1)) // several archives are not asked in step
	}
	return nil
}

// Poll asks once. An instance that cannot be fetched does not keep the others from being fetched, and is
// tried again at a later poll. The error says why not all that is there is here.
func (p *Poller) Poll(ctx context.Context) error {
	p.poll.Lock()
	defer p.poll.Unlock()
	err := p.once(ctx)
	p.count.polls.Add(1)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	p.note(err)
	return err
}

// note remembers how a poll went, and logs when that changes. An instance that cannot be fetched is counted
// and logged by itself: the archive is well.
func (p *Poller) note(err error) {
	if err != nil {
		p.count.errors.Add(1)
	}
	var one *instanceError
	if errors.As(err, &one) {
		err = nil
	}
	was := p.state.set(p.o.Now(), err)
	switch {
	case err != nil:
		if was == nil {
			p.o.Log.Warn("the picture archive cannot be polled", "source", p.o.Source, "error", err)
		}
	case was != nil:
		p.o.Log.Info("the picture archive is polled again", "source", p.o.Source)
	}
}

// State says why the last poll brought nothing, or not from every study; nil when it did. An instance that
// the archive cannot give is none of that.
func (p *Poller) State() error { return p.state.get() }

// Figures reports the state and the counts. The label is the name of the source.
func (p *Poller) Figures() []ward.Figure {
	of := func(name, help string, gauge bool, v float64) ward.Figure {
		return ward.Figure{Name: "wardwatch_imaging_pacs_" + name, Help: help, Label: "source", Of: p.o.Source, Gauge: gauge, Value: v}
	}
	fs := []ward.Figure{
		of("polls_total", "Polls of a picture archive.", false, float64(p.count.polls.Load())),
		of("poll_errors_total", "Polls that failed, in whole or in part.", false, float64(p.count.errors.Load())),
		of("fetched_total", "Instances fetched.", false, float64(p.count.fetched.Load())),
		of("fetch_errors_total", "Instances that could not be fetched; they are tried again.", false, float64(p.count.instanceErrors.Load())),
		of("transcoded_total", "Instances fetched again in another encoding.", false, float64(p.count.transcoded.Load())),
		of("up", "1 when the last poll succeeded, else 0.", true, truth(p.state.good())),
	}
	if last := p.state.lastGood(); !last.IsZero() {
		fs = append(fs, of("last_poll_age_seconds", "Time since the last poll that succeeded.", true, p.o.Now().Sub(last).Seconds()))
	}
	return fs
}

// state is how the last poll went.
type state struct {
	mu   sync.Mutex
	any  bool
	err  error
	last time.Time // of the last success
}

func (s *state) set(now time.Time, err error) (was error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was, s.err, s.any = s.err, err, true
	if err == nil {
		s.last = now
	}
	return was
}

func (s *state) get() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.any {
		return errors.New("the archive has not been asked yet")
	}
	return s.err
}

func (s *state) good() bool { return s.get() == nil }

func (s *state) lastGood() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// sleep waits for d or until ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
