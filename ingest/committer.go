package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wardwatch/ward"
)

// Times of the committer. Ours.
const (
	firstAppendRetry = 100 * time.Millisecond // between two attempts to write a batch,
	lastAppendRetry  = 5 * time.Second        // doubling up to this
	quarantineLimit  = 5 * time.Second
)

// commitUntil commits batch after batch until ctx ends, and then what is queued. The only error is
// that the last of it could not be written.
func (in *Ingest) commitUntil(ctx context.Context) error {
	var b batch
	var w workspace
	for in.gather(ctx, &b) {
		if err := in.commit(ctx, &b, &w); err != nil {
			in.closing.Store(true)
			return err
		}
	}
	in.closing.Store(true)
	return in.drain(ctx, &b, &w)
}

// drain commits what was queued when ctx ended.
func (in *Ingest) drain(ctx context.Context, b *batch, w *workspace) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainLimit)
	defer cancel()
	for {
		b.deliveries, b.submits = b.deliveries[:0], b.submits[:0]
		in.fill(b, 0)
		if len(b.deliveries)+len(b.submits) == 0 {
			return nil
		}
		if err := in.commit(ctx, b, w); err != nil {
			return err
		}
	}
}

// workspace is memory that one batch leaves to the next.
type workspace struct {
	taken taken
	ids   []uint16
	acks  []byte
}

// commit takes one batch from bytes to delivered readings. The order is the promise: quarantine,
// append, and only then acknowledge. An error means that ctx ended before the batch was durable;
// then nothing of it was acknowledged.
func (in *Ingest) commit(ctx context.Context, b *batch, w *workspace) error {
	t := &w.taken
	t.reset(len(b.deliveries))
	for i := range b.deliveries {
		in.accepter.accept(&b.deliveries[i], t)
	}
	in.accepter.attribute(t)
	for _, s := range b.submits {
		in.accepter.submit(s, t)
	}
	in.quarantine(ctx, t.rejects)
	if err := in.append(ctx, t.readings); err != nil {
		for _, s := range b.submits {
			s.done <- err
		}
		return err
	}
	in.probe("committed")
	in.acknowledge(b, w)
	in.probe("acknowledged")
	in.count.batch(len(b.deliveries), len(t.readings))
	for _, s := range b.submits {
		s.done <- nil
	}
	for _, s := range t.statuses {
		in.options.Status(s)
	}
	if len(t.readings) > 0 {
		in.options.Deliver(t.readings)
	}
	return nil
}

// quarantine keeps what was refused. When that fails the refused messages are acknowledged all the
// same, or they would come back for ever; the loss is counted and logged. Being told to end does not
// make it fail.
func (in *Ingest) quarantine(ctx context.Context, rejects []ward.Reject) {
	if len(rejects) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), quarantineLimit)
	defer cancel()
	if err := in.options.Quarantine(ctx, rejects); err != nil {
		in.count.unkept.Add(uint64(len(rejects)))
		in.log.Error("quarantine cannot keep refused messages", "count", len(rejects), "error", err)
	}
}

// append writes the batch, trying for ever: while it cannot, nothing is acknowledged, and the
// broker and the devices keep what they have.
func (in *Ingest) append(ctx context.Context, readings []ward.Reading) error {
	if len(readings) == 0 {
		return nil
	}
	wait := firstAppendRetry
	for {
		err := in.options.Journal.Append(readings)
		if err == nil {
			in.stall(false, "")
			return nil
		}
		in.count.appendErrors.Add(1)
		in.stall(true, err.Error())
		sleep(ctx, wait)
		if ctx.Err() != nil {
			return errors.Join(fmt.Errorf("ingest: %d readings were not written and not acknowledged: %w", len(readings), err), ctx.Err())
		}
		wait = min(2*wait, lastAppendRetry)
	}
}

func (in *Ingest) stall(bad bool, why string) {
	if in.stalled.Swap(bad) == bad {
		return
	}
	if bad {
		in.log.Error("the journal cannot write; nothing is acknowledged until it can", "error", why)
	} else {
		in.log.Info("the journal writes again")
	}
	in.concern.set(StorageStalled, bad, ward.Place{}, "", why)
}

// acknowledge sends the PUBACKs of a batch, in order, to the connections the messages came by. A
// failure is the link's to notice; the broker will send again what it does not know to be taken,
// and those will be repeats.
func (in *Ingest) acknowledge(b *batch, w *workspace) {
	ds := b.deliveries
	for len(ds) > 0 {
		from := ds[0].from
		w.ids = w.ids[:0]
		for len(ds) > 0 && ds[0].from == from {
			if m := ds[0].message; m.Qos() > 0 {
				w.ids = append(w.ids, m.MessageID())
			}
			ds = ds[1:]
		}
		if len(w.ids) == 0 {
			continue
		}
		from.pending.done(w.ids)
		var err error
		if w.acks, err = from.acknowledge(w.ids, w.acks); err != nil {
			in.count.ackErrors.Add(uint64(len(w.ids)))
		}
	}
}
