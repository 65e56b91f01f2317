// Package imaging is how imaging results come in. A door (door) takes what sources send, a poller (pacs)
// fetches what an archive has; both hand it to the intake, which makes it durable before anybody is told
// that it arrived. The Processor of this package then reads what waits, one at a time and the oldest first,
// decides whose it is (match), and keeps what it says in one transaction of the book.
//
//	door ─┐
//	      ├─> intake: file, row ─> acknowledged      Processor: read ─> match ─> Report ─> Changed
//	pacs ─┘                                ^ waits for
//
// A crash at any point loses nothing: what waits is read again, and ids are made of what they identify, so
// that the same again changes nothing.
package imaging

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"wardwatch/ingest/imaging/match"
	"wardwatch/ingest/imaging/vendor"
	"wardwatch/ward"
)

// Source says how what one source sends is read and matched.
type Source struct {
	Rules         match.Rules
	Zone          *time.Location  // of times that name none; UTC when nil
	PatientSystem string          // FHIR identifier system of the hospital's patient numbers
	Mapping       *vendor.Mapping // of a source that sends a vendor's own JSON
}

// Options says how to process. Store, Objects, Now and Picture are required; any other nil function is not
// called.
type Options struct {
	Store   Store
	Objects Objects
	Sources map[string]Source // by name
	Now     func() time.Time

	// Picture reads a picture: what models say of it, and whose it is. A refuse.Refusal says that it cannot
	// be read; every other error is taken for a passing one. Without a model it says only whose picture it
	// is, so that results that come later find their study. While it says refuse.ErrNoReader pictures wait.
	Picture func(ctx context.Context, d ward.Delivery, path string) (ward.ImagingReport, error)
	// Transcode asks the source to give a picture once more in an encoding that is read here. asked is
	// false for a source that cannot be asked; a refuse.Refusal says that it will not do it.
	Transcode func(ctx context.Context, d ward.Delivery) (asked bool, err error)
	// Changed hears of stays whose findings are others now. It is called after they are durable.
	Changed func([]ward.StayID)

	Log   *slog.Logger
	Probe func(point string) // "read", "matched", "reported"; for tests
}

// Bounds of processing. Ours.
const (
	batchLength  = 256             // waiting deliveries looked at together, beside those put off
	longestBatch = 50_000          // with those put off
	idle         = 5 * time.Second // between looks without a call of Wake
	rematchEvery = time.Minute
	firstRetry   = time.Second
	lastRetry    = 30 * time.Minute
	maxAttempts  = 20 // at reading one delivery, over some five hours
	maxDocument  = 32 << 20
)

// Codes of refused deliveries beside those of ward and of intake.
const (
	RefusedLost   = "bytes_missing"  // the kept file is gone
	RefusedSource = "unknown_source" // the configuration knows the source no more
)

// Processor reads what waits. Make it with New and start it with Run.
type Processor struct {
	o       Options
	wake    chan struct{}
	stays   chan struct{}
	retries map[string]retry // by delivery; Run's goroutine only, as is rest
	rest    time.Time        // pictures are not asked of before: nobody reads them
	count   counters
}

// New checks the options. Nothing runs until Run.
func New(o Options) (*Processor, error) {
	if o.Store == nil || o.Objects == nil || o.Now == nil || o.Picture == nil {
		return nil, errors.New("imaging: Store, Objects, Now and Picture are required")
	}
	if o.Transcode == nil {
		o.Transcode = func(context.Context, ward.Delivery) (bool, error) { return false, nil }
	}
	if o.Changed == nil {
		o.Changed = func([]ward.StayID) {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Probe == nil {
		o.Probe = func(string) {}
	}
	return &Processor{o: o, wake: make(chan struct{}, 1), stays: make(chan struct{}, 1), retries: map[string]retry{}}, nil
}

// Wake says that something waits. It never blocks.
func (p *Processor) Wake() { signal(p.wake) }

// StaysChanged says that somebody was admitted, discharged, corrected or merged, so that what waits in the
// worklist may have found its owner. It never blocks.
func (p *Processor) StaysChanged() { signal(p.stays) }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run processes until ctx ends. It may be called once.
func (p *Processor) Run(ctx context.Context) error {
	look, again := time.NewTicker(idle), time.NewTicker(rematchEvery)
	defer look.Stop()
	defer again.Stop()
	p.rematch(ctx)
	for {
		p.drain(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-p.wake:
		case <-look.C:
		case <-p.stays:
			p.rematch(ctx)
		case <-again.C:
			p.rematch(ctx)
		}
	}
}

// drain reads what waits until nothing is left that may be read now.
func (p *Processor) drain(ctx context.Context) {
	for ctx.Err() == nil {
		more, err := p.Process(ctx)
		p.note(ctx, err)
		if err != nil || !more {
			return
		}
	}
}

// Rematch places what waits in the worklist and fits somebody now, and puts back what fits no more.
func (p *Processor) Rematch(ctx context.Context) error {
	changed, err := p.o.Store.Recheck(ctx)
	p.changed(changed)
	if err != nil {
		return err
	}
	items, err := p.o.Store.Unplaced(ctx)
	if err != nil {
		return err
	}
	for _, item := range items {
		verdict, err := p.decide(ctx, item.Source, item.Of, item.Study)
		if err != nil {
			return err
		}
		if verdict.Why != ward.Matched {
			continue
		}
		changed, err := p.o.Store.Place(ctx, item.ID, verdict.Stay)
		if err != nil {
			return err
		}
		p.count.placed.Add(1)
		p.changed(changed)
	}
	return nil
}

func (p *Processor) rematch(ctx context.Context) { p.note(ctx, p.Rematch(ctx)) }

func (p *Processor) changed(stays []ward.StayID) {
	if len(stays) > 0 {
		p.o.Changed(stays)
	}
}

// decide asks the book for candidates and the rule for its verdict.
func (p *Processor) decide(ctx context.Context, source string, of ward.Claim, study ward.Study) (match.Verdict, error) {
	c, err := p.o.Store.Candidates(ctx, of, study.UID)
	if err != nil {
		return match.Verdict{}, err
	}
	same, err := p.sameStudy(ctx, of, study, c)
	if err != nil {
		return match.Verdict{}, err
	}
	return match.Decide(of, study, c, same, p.o.Sources[source].Rules), nil
}

// sameStudy reports whether a candidate is bound by the study's UID, not only by the accession.
func (p *Processor) sameStudy(ctx context.Context, of ward.Claim, study ward.Study, c ward.Candidates) (bool, error) {
	if study.UID == "" || len(c.Bound) == 0 || of.Accession == "" {
		return study.UID != "" && len(c.Bound) > 0, nil
	}
	byUID, err := p.o.Store.Candidates(ctx, ward.Claim{}, study.UID)
	return len(byUID.Bound) > 0, err
}

// note remembers whether the book lets us work, and logs when that changes.
func (p *Processor) note(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	was := p.count.setBlocked(err)
	switch {
	case err != nil && was == nil:
		p.o.Log.Error("imaging results wait: the book cannot be used", "error", err)
	case err == nil && was != nil:
		p.o.Log.Info("imaging results are processed again")
	}
}
