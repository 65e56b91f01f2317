// Package reader reads pictures in a process of its own, so that a hostile file or a crash of the library
// that runs the models never touches the vital signs. The child is this same program; it has little of
// the machine's time, bounded memory, none of the server's secrets in its environment, and is started
// again when it dies or hangs.
package reader

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"wardwatch/ingest/imaging/refuse"
	"wardwatch/scoring/imaging"
	"wardwatch/ward"
)

// Options say how to read. Now and Log are required.
type Options struct {
	Models         []string // built-ins' names or directories; none: only what the files say is read
	Library        string   // path of the shared library of ONNX Runtime; empty: the usual places
	Demonstrations bool     // let demonstration models look; never for real patients

	// Keep keeps a PNG and names it for ward.Finding.Map; nil: no maps are made.
	Keep func(ctx context.Context, png []byte) (name string, err error)

	Now func() time.Time
	Log *slog.Logger

	Limit   time.Duration // for one file; 0: 60 s, a proposal
	Start   time.Duration // for the child to be ready; 0: 60 s, a proposal
	Memory  uint64        // bytes of the child's resident memory; 0: 2 GiB, a proposal
	Pause   time.Duration // before the child is started again, doubled each time; 0: 1 s
	Command []string      // the child; empty: this program's `read-images`
}

// longestPause is how long a child that keeps dying is left alone at most.
const longestPause = time.Minute

// Reader reads pictures one at a time, by its child.
type Reader struct {
	o    Options
	turn chan *child // holds the child, or nil, while nobody reads

	pause  time.Duration // before the next start
	after  time.Time     // the next start is not before
	nextID uint64

	mu    sync.Mutex
	fault error // why pictures wait
}

// ErrClosed says that the reader was closed.
var ErrClosed = errors.New("the reader of pictures was closed")

// New checks the models' manifests; the child starts with the first picture. Unless demonstrations are
// let in, naming one is imaging.ErrDemonstration.
func New(o Options) (*Reader, error) {
	for _, name := range o.Models {
		if err := check(name, o.Demonstrations); err != nil {
			return nil, fmt.Errorf("model %s: %w", name, err)
		}
	}
	if len(o.Command) == 0 {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("finding our own program: %w", err)
		}
		o.Command = []string{self, "read-images"}
		if o.Library != "" {
			o.Command = append(o.Command, "--onnx-lib", o.Library)
		}
		for _, name := range o.Models {
			o.Command = append(o.Command, "--model", name)
		}
	}
	defaults(&o)
	r := &Reader{o: o, turn: make(chan *child, 1), pause: o.Pause}
	r.turn <- nil
	return r, nil
}

func check(model string, demonstrations bool) error {
	files, err := imaging.Files(model)
	if err != nil {
		return err
	}
	m, err := imaging.ReadManifest(files)
	if err != nil || demonstrations {
		return err
	}
	return m.ForPatients()
}

func defaults(o *Options) {
	if o.Limit <= 0 {
		o.Limit = time.Minute
	}
	if o.Start <= 0 {
		o.Start = time.Minute
	}
	if o.Memory == 0 {
		o.Memory = 2 << 30
	}
	if o.Pause <= 0 {
		o.Pause = time.Second
	}
}

// Read reads one delivered picture. A file that is no picture that is read here, and one that ended the
// child twice, is a *refuse.Refusal; a model that would not look is in the report. While the child does not
// start, or a model cannot be loaded, it is refuse.ErrNoReader. Any other error may pass: try again.
func (r *Reader) Read(ctx context.Context, d ward.Delivery, path string) (ward.ImagingReport, error) {
	a, err := r.ask(ctx, request{Path: path, Do: read, Maps: r.o.Keep != nil})
	if err != nil {
		return ward.ImagingReport{}, err
	}
	return r.report(ctx, &d, &a)
}

// Preview is a small picture of a file, as PNG, for a screen. Its errors are those of Read.
func (r *Reader) Preview(ctx context.Context, path string) ([]byte, error) {
	a, err := r.ask(ctx, request{Path: path, Do: preview})
	return a.Preview, err
}

// Close ends the child once it has answered.
func (r *Reader) Close() error {
	c, open := <-r.turn
	if !open {
		return nil
	}
	close(r.turn)
	if c != nil {
		c.end()
	}
	return nil
}

// attempts is how often a file may end the child before it is refused.
const attempts = 2

// ask waits for the child's turn and asks it; a file that ends it gets a second chance.
func (r *Reader) ask(ctx context.Context, q request) (answer, error) {
	var c *child
	var open bool
	select {
	case c, open = <-r.turn:
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
	if !open {
		return answer{}, ErrClosed
	}
	defer func() { r.turn <- c }()
	var why error
	for range attempts {
		var err error
		if c, err = r.ready(ctx, c, q.Do); err != nil {
			return answer{}, err
		}
		r.nextID++
		q.ID = r.nextID
		var a answer
		if a, why = c.ask(ctx, q, r.o.Limit); why == nil {
			if c.missing == nil {
				r.pause = r.o.Pause
			}
			return judged(a)
		}
		c.end()
		c = nil
		if ctx.Err() != nil {
			return answer{}, ctx.Err()
		}
		r.o.Log.Warn("the process that reads pictures ended over a file and is started again", "why", why)
	}
	return answer{}, refuse.Because(ward.RefusedFailed, "reading the picture ended its process %d times (%v); send it again in another encoding", attempts, why)
}

func judged(a answer) (answer, error) {
	if a.Refused != nil {
		return answer{}, &refuse.Refusal{Code: a.Refused.Code, Message: a.Refused.Detail}
	}
	return a, nil
}

// ready is a child that waits for a request: the one that there is, or a new one. A child without one of
// its models shows pictures and reads none: what a model never saw would not be looked at again.
func (r *Reader) ready(ctx context.Context, c *child, do task) (*child, error) {
	rests := r.o.Now().Before(r.after)
	if c != nil && (c.dead() || do == read && c.missing != nil && !rests) {
		c.end() // it died with nothing to do, so that no file is to blame, or the models are tried again
		c = nil
	}
	if c == nil {
		if rests {
			return nil, fmt.Errorf("%w: the process that reads them is started again at %s", refuse.ErrNoReader, r.after.Format(time.TimeOnly))
		}
		var err error
		if c, err = r.start(ctx); err != nil {
			return nil, err
		}
	}
	if do == read && c.missing != nil {
		return c, fmt.Errorf("%w: %w", refuse.ErrNoReader, c.missing)
	}
	return c, nil
}

// start starts the child. One that does not start, or has not all its models, is left alone for a while.
func (r *Reader) start(ctx context.Context) (*child, error) {
	c, err := start(ctx, &r.o)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		err = fmt.Errorf("%w: the process that reads them does not start: %w", refuse.ErrNoReader, err)
		r.rest(err)
		return nil, err
	}
	if c.missing != nil {
		r.rest(fmt.Errorf("%w: %w", refuse.ErrNoReader, c.missing))
		return c, nil
	}
	r.note(nil)
	return c, nil
}

// rest puts the next start off.
func (r *Reader) rest(why error) {
	r.after = r.o.Now().Add(r.pause)
	r.pause = min(2*r.pause, longestPause)
	r.note(why)
}

// note remembers why pictures wait, and logs when that changes.
func (r *Reader) note(why error) {
	r.mu.Lock()
	was := r.fault
	r.fault = why
	r.mu.Unlock()
	switch {
	case why != nil && (was == nil || was.Error() != why.Error()):
		r.o.Log.Error("pictures wait", "why", why)
	case why == nil && was != nil:
		r.o.Log.Info("pictures are read again")
	}
}

// State says why pictures wait; nil while they are read, and before the first came.
func (r *Reader) State() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fault
}
