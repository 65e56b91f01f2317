package imaging

import (
	"context"
	"errors"
	"time"

	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ingest/imaging/report"
	"wardwatch/ward"
)

// retry is a delivery that could not be read for a reason that may pass.
type retry struct {
	times  int
	after  time.Time // not to be tried before
	reader bool      // it is a picture, and nobody reads pictures
}

// putOff reports whether a delivery is not to be tried yet.
func (p *Processor) putOff(d *ward.Delivery) bool {
	r := p.retries[d.ID]
	return p.o.Now().Before(r.after) || r.reader && p.o.Now().Before(p.rest)
}

// Process looks once at what waits and reads all of it whose time has come. more is false when nothing was
// done and no more waits behind what was put off. An error is of the book; the deliveries wait on.
func (p *Processor) Process(ctx context.Context) (more bool, err error) {
	// twice those put off, so that a long queue of them is passed in few looks
	limit := min(batchLength+2*len(p.retries), longestBatch)
	waiting, err := p.o.Store.Waiting(ctx, limit)
	if err != nil {
		return false, err
	}
	p.lookedAt(waiting)
	more = len(waiting) == limit && limit < longestBatch
	for _, d := range waiting {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if p.putOff(&d) {
			continue
		}
		done, err := p.one(ctx, d)
		if err != nil {
			return more, err
		}
		more = more || done
	}
	return more, nil
}

// one reads one delivery, and keeps what it says or why it cannot be read. done is false when it must be
// tried again. An error is of the book.
func (p *Processor) one(ctx context.Context, d ward.Delivery) (done bool, err error) {
	reports, err := p.read(ctx, d)
	if r := refuse.As(err); r != nil && r.Code == ward.RefusedSyntax {
		err = p.transcode(ctx, d, r)
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	p.o.Probe("read")
	if err != nil {
		return p.unread(ctx, d, err)
	}
	if err = p.report(ctx, d, reports); err == nil {
		delete(p.retries, d.ID)
		return true, nil
	}
	if no := refusalOf(err); no != nil { // what the book cannot keep must not hold up what comes after it
		return p.unread(ctx, d, no)
	}
	return false, err
}

// report matches what a delivery says and keeps it.
func (p *Processor) report(ctx context.Context, d ward.Delivery, reports []ward.ImagingReport) error {
	placed := make([]ward.PlacedReport, len(reports))
	for i, r := range reports {
		verdict, err := p.decide(ctx, d.Source, r.Of, r.Study)
		if err != nil {
			return err
		}
		r.Findings = append(r.Findings, report.Spoken(&r, report.Options{Source: d.Source, Delivery: d.ID, Received: d.Received})...)
		placed[i] = ward.PlacedReport{ImagingReport: r, Stay: verdict.Stay, Why: verdict.Why, Guesses: verdict.Guesses}
	}
	p.o.Probe("matched")
	changed, err := p.o.Store.Report(ctx, d.ID, placed)
	if err != nil {
		return err
	}
	p.o.Probe("reported")
	p.count.read(placed)
	p.changed(changed)
	return nil
}

// unread refuses a delivery for good, or lets it wait where the reason may pass.
func (p *Processor) unread(ctx context.Context, d ward.Delivery, why error) (done bool, err error) {
	if errors.Is(why, refuse.ErrNoReader) { // not its fault: it costs no attempt
		r := p.retries[d.ID]
		r.reader = true
		p.retries[d.ID] = r
		return false, nil
	}
	refusal := refusalOf(why)
	if refusal == nil {
		r := p.retries[d.ID]
		r.times++
		if r.times < maxAttempts {
			r.after = p.o.Now().Add(min(firstRetry<<min(r.times-1, 12), lastRetry))
			p.retries[d.ID] = r
			p.count.retried.Add(1)
			p.o.Log.Warn("an imaging delivery cannot be read now and is tried again", "delivery", d.ID, "source", d.Source, "attempt", r.times, "error", why)
			return false, nil
		}
		refusal = refuse.Because(ward.RefusedFailed, "reading it failed %d times, at last because: %v", r.times, why)
	}
	if err := p.o.Store.RefuseDelivery(ctx, d.ID, refusal.Code, refusal.Message); err != nil {
		return false, err
	}
	delete(p.retries, d.ID)
	p.count.refuse(refusal.Code)
	p.o.Log.Info("an imaging delivery was refused", "delivery", d.ID, "source", d.Source, "code", refusal.Code, "detail", refusal.Message)
	return true, nil
}

// refusalOf is what is wrong with a delivery for good; nil for a reason that may pass.
func refusalOf(err error) *refuse.Refusal {
	if r := refuse.As(err); r != nil {
		return r
	}
	var e *ward.Error
	if errors.As(err, &e) && e.Code == ward.BadInput {
		return content(e)
	}
	return nil
}
