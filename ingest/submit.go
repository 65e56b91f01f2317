package ingest

import (
	"context"
	"slices"
	"strings"
	"time"

	"wardwatch/ward"
)

// submission is a set of readings that a caller waits for.
type submission struct {
	readings []ward.Reading
	done     chan error // of one place, so that the committer never waits
}

// Submit makes charted or hospital-system readings durable by the committer and returns once they
// are. Place, Source, Taken and Values must be set; Arrived, At, Stay and Apart are filled where
// they are not. Late is left as it is: a charted value has an age, and no link to be late by. A
// repeat is not kept twice and is not an error. The readings must not be changed while Submit runs.
//
// Partial is empty for a complete set and one of ward.PartialReasons for another; which set is complete
// is for the caller to judge, who knows the person's chart.
//
// It returns a ward.Error of BadInput for readings that lack a place, a source or a believable time or
// have an unknown reason, and of Unavailable when ctx ends or ingest stops first; then they may or may not be durable, and
// may be submitted again.
func (in *Ingest) Submit(ctx context.Context, rs []ward.Reading) error {
	if err := in.checkSubmission(rs); err != nil {
		return err
	}
	s := &submission{readings: rs, done: make(chan error, 1)}
	select {
	case in.submits <- s:
	case <-ctx.Done():
		return unavailable(ctx.Err())
	case <-in.stopped:
		return unavailable(nil)
	}
	select {
	case err := <-s.done:
		if err != nil {
			return unavailable(err)
		}
		return nil
	case <-ctx.Done():
		return unavailable(ctx.Err())
	case <-in.stopped:
	}
	select { // it may have been among the last
	case err := <-s.done:
		if err == nil {
			return nil
		}
		return unavailable(err)
	default:
		return unavailable(nil)
	}
}

func (in *Ingest) checkSubmission(rs []ward.Reading) error {
	now := in.options.Now()
	for i := range rs {
		r := &rs[i]
		switch {
		case !ward.ValidID(string(r.Place.Ward)) || !ward.ValidID(string(r.Place.Bed)):
			return &ward.Error{Code: ward.BadInput, Message: "the observation names no bed"}
		case r.Source == ward.FromDevice:
			return &ward.Error{Code: ward.BadInput, Message: "a charted observation must say that it was charted"}
		case r.Taken.IsZero() || r.Taken.Sub(now) > maxAhead:
			return &ward.Error{Code: ward.BadInput, Message: "the time of the observation is missing or in the future"}
		case r.Partial != "" && !slices.Contains(ward.PartialReasons, r.Partial):
			return &ward.Error{
				Code: ward.BadInput, Message: "there is no such reason for a set that is not complete",
				Hint: "choose one of " + strings.Join(ward.PartialReasons, ", "),
			}
		}
	}
	return nil
}

func unavailable(cause error) error {
	return &ward.Error{
		Code: ward.Unavailable, Message: "the observation is not known to be stored",
		Hint: "send it again; a repeat is not kept twice", Err: cause,
	}
}

// submit adds a caller's readings to t. A caller that no longer waits changes nothing: the readings
// are good.
func (a *accepter) submit(s *submission, t *taken) {
	arrived := stamp(a.now())
	for _, r := range s.readings {
		if r.Arrived.IsZero() {
			r.Arrived = arrived
		}
		if r.At.IsZero() {
			r.At = r.Taken
			if r.At.After(r.Arrived) {
				r.At = r.Arrived
			}
		}
		repeat, reused := a.journal.Admit(&r)
		if repeat {
			a.count.repeats.Add(1)
			continue
		}
		if reused {
			a.count.reused.Add(1)
		}
		if r.Stay == "" && r.Apart == ward.NotApart {
			r.Stay, r.Apart = a.registry.Resolve(r.Place, r.Device, r.At, withinCharted)
		}
		a.count.reading(&r)
		t.readings = append(t.readings, r)
	}
}

// withinCharted is how well the time of a charted value is known: it is written to the minute.
const withinCharted = time.Minute
