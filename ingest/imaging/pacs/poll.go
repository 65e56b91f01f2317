package pacs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"time"

	"wardwatch/ingest/imaging/intake"
	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ward"
)

// counts is what an archive counts in a study.
type counts struct{ series, instances string }

// study is one study as an archive lists it.
type study struct {
	uid    string
	counts counts
	when   string
}

// instance names one instance in an archive.
type instance struct{ study, series, uid string }

func (i instance) path() string {
	return "/studies/" + i.study + "/series/" + i.series + "/instances/" + i.uid
}

// failure is an instance that could not be fetched.
type failure struct {
	times int
	after time.Time // not to be tried before
	why   error
}

// instanceError is about one instance: it does not keep the others from being fetched.
type instanceError struct{ err error }

// Error is why the instance cannot be fetched.
func (e *instanceError) Error() string { return "an instance cannot be fetched: " + e.err.Error() }

// Unwrap is why the instance cannot be fetched.
func (e *instanceError) Unwrap() error { return e.err }

// once is one poll. The error is the one that ended it, or else the first about an instance.
func (p *Poller) once(ctx context.Context) error {
	studies, err := p.studies(ctx)
	if err != nil {
		return err
	}
	now := p.o.Now()
	sweep := now.Sub(p.swept) >= sweepEvery
	seen := make(map[string]counts, len(studies))
	var first error
	for _, s := range studies {
		if p.unchanged(s) && !sweep {
			seen[s.uid] = s.counts
			continue
		}
		err := p.look(ctx, s.uid)
		var one *instanceError
		switch {
		case err == nil:
			seen[s.uid] = s.counts
		case errors.As(err, &one):
			first = cmp.Or(first, err)
		default:
			return err
		}
	}
	p.seen = seen // of studies that are listed no more nothing need be remembered
	if sweep {
		p.swept = now
		maps.DeleteFunc(p.failed, func(_ string, f failure) bool { return now.Sub(f.after) > 2*sweepEvery })
	}
	return first
}

// unchanged reports whether all of a study is here, as far as the archive's counts tell.
func (p *Poller) unchanged(s study) bool {
	before, known := p.seen[s.uid]
	return known && before == s.counts && s.counts.instances != ""
}

// studies lists the studies of the last days that hold a wanted modality, the newest first. One modality is
// asked for at a time: archives differ in how they take a list.
func (p *Poller) studies(ctx context.Context) ([]study, error) {
	var all []study
	listed := map[string]bool{}
	for _, modality := range p.o.Modalities {
		before := map[string]bool{}
		err := p.client.pages(ctx, "/studies", url.Values{
			"StudyDate":         {dateRange(p.o.Now().In(p.o.Zone), p.o.Days)},
			"ModalitiesInStudy": {modality},
		}, maxStudies, func(d dataset) bool {
			uid := d.uid(tagStudyUID)
			if uid == "" || before[uid] {
				return false
			}
			before[uid] = true
			if !listed[uid] {
				listed[uid] = true
				all = append(all, study{uid, counts{d.text(tagStudySeries), d.text(tagStudyInstances)}, d.when()})
			}
			return true
		})
		if err != nil {
			return nil, fmt.Errorf("listing studies: %w", err)
		}
	}
	slices.SortStableFunc(all, func(a, b study) int { return cmp.Compare(b.when, a.when) })
	return all, nil
}

// look fetches what is not here yet of one study. The error is the one that ended it, or else the first
// about an instance.
func (p *Poller) look(ctx context.Context, uid string) error {
	series, err := p.series(ctx, uid)
	if err != nil {
		return err
	}
	var first error
	for _, s := range series {
		instances, err := p.instances(ctx, uid, s)
		if err != nil {
			return err
		}
		err = p.fetchNew(ctx, instances)
		var one *instanceError
		if err != nil && !errors.As(err, &one) {
			return err
		}
		first = cmp.Or(first, err)
	}
	return first
}

// series lists the series of the wanted modalities of one study.
func (p *Poller) series(ctx context.Context, uid string) ([]string, error) {
	var found []string
	listed := map[string]bool{}
	err := p.client.pages(ctx, "/studies/"+uid+"/series", url.Values{}, maxInstances, func(d dataset) bool {
		series := d.uid(tagSeriesUID)
		if series == "" || listed[series] {
			return false
		}
		listed[series] = true
		if slices.Contains(p.o.Modalities, d.text(tagModality)) {
			found = append(found, series)
		}
		return true
	})
	if err != nil {
		return nil, fmt.Errorf("listing series: %w", err)
	}
	return found, nil
}

func (p *Poller) instances(ctx context.Context, uid, series string) ([]instance, error) {
	var found []instance
	listed := map[string]bool{}
	err := p.client.pages(ctx, "/studies/"+uid+"/series/"+series+"/instances", url.Values{}, maxInstances, func(d dataset) bool {
		i := d.uid(tagInstanceUID)
		if i == "" || listed[i] {
			return false
		}
		listed[i] = true
		found = append(found, instance{uid, series, i})
		return true
	})
	if err != nil {
		return nil, fmt.Errorf("listing instances: %w", err)
	}
	return found, nil
}

// fetchNew fetches those instances that are not here. The error is the one that ended it, or else the
// first about an instance.
func (p *Poller) fetchNew(ctx context.Context, instances []instance) error {
	uids := make([]string, len(instances))
	for i := range instances {
		uids[i] = instances[i].uid
	}
	known, err := p.o.Known(ctx, p.o.Source, uids)
	if err != nil {
		return err
	}
	var first error
	for _, i := range instances {
		if known[i.uid] {
			continue
		}
		err := p.fetchOne(ctx, i)
		var one *instanceError
		if err != nil && !errors.As(err, &one) {
			return err
		}
		first = cmp.Or(first, err)
	}
	return first
}

// fetchOne fetches one instance, unless it failed before and its time has not come.
func (p *Poller) fetchOne(ctx context.Context, i instance) error {
	before := p.failed[i.uid]
	if p.o.Now().Before(before.after) {
		return &instanceError{before.why}
	}
	_, err := p.fetch(ctx, i, "*")
	switch {
	case err == nil:
		delete(p.failed, i.uid)
		p.count.fetched.Add(1)
		return nil
	case !ofInstance(err):
		return fmt.Errorf("fetching an instance: %w", err)
	}
	p.count.instanceErrors.Add(1)
	if before.times == 0 {
		p.o.Log.Warn("an instance cannot be fetched from the picture archive and is tried again later", "source", p.o.Source, "error", err)
	}
	wait := min(p.o.Every<<min(before.times, 10), sweepEvery)
	p.failed[i.uid] = failure{times: before.times + 1, after: p.o.Now().Add(wait), why: err}
	return &instanceError{err}
}

// ofInstance tells an archive that cannot give one instance from one that cannot give any, and from a disk
// or a book of ours that cannot keep any.
func ofInstance(err error) bool {
	var cut *intake.SenderError
	var answer *answerError
	var status *statusError
	switch {
	case errors.As(err, &cut), errors.As(err, &answer):
		return true
	case errors.As(err, &status):
		return status.ofInstance()
	}
	return false
}

// fetch brings one instance into the intake in a transfer syntax, "*" for the one it is kept in.
func (p *Poller) fetch(ctx context.Context, i instance, syntax string) (rec intake.Receipt, err error) {
	from := intake.From{Source: p.o.Source, Limit: p.o.MaxBytes, Study: i.study, Instance: i.uid}
	if syntax != "*" {
		from.Syntax = syntax
	}
	err = p.client.instance(ctx, i, syntax, func(r io.Reader) (err error) {
		rec, err = p.o.Keeper.Instance(ctx, from, r)
		return err
	})
	return rec, err
}

// explicitLittleEndian is the encoding that every archive can give and every reader can read (PS3.5 §10.1).
const explicitLittleEndian = "1.2.840.10008.1.2.1"

// Transcode fetches an instance again, uncompressed, because the one that was fetched is compressed in a
// way that is not read here. It becomes a delivery of its own. The error is a refuse.Refusal when the
// archive will not do it.
func (p *Poller) Transcode(ctx context.Context, d ward.Delivery) error {
	series, err := p.seriesOf(ctx, d)
	if err != nil {
		return err
	}
	rec, err := p.fetch(ctx, instance{d.StudyUID, series, d.InstanceUID}, explicitLittleEndian)
	var status *statusError
	switch {
	case errors.As(err, &status) && status.status < 500:
		return refuse.Because(ward.RefusedSyntax, "the archive does not transcode it (HTTP %d); switch transcoding on there, or send it uncompressed", status.status)
	case err != nil:
		return err
	case rec.Refused():
		return refuse.Because(rec.Delivery.Code, "%s", rec.Delivery.Detail)
	}
	p.count.transcoded.Add(1)
	return nil
}

// seriesOf asks in which series an instance is.
func (p *Poller) seriesOf(ctx context.Context, d ward.Delivery) (series string, err error) {
	page, err := p.client.list(ctx, "/studies/"+d.StudyUID+"/instances", url.Values{"SOPInstanceUID": {d.InstanceUID}}, 0)
	if err != nil {
		return "", err
	}
	for _, r := range page {
		if r.uid(tagInstanceUID) == d.InstanceUID && r.uid(tagSeriesUID) != "" {
			return r.uid(tagSeriesUID), nil
		}
	}
	return "", refuse.Because(ward.RefusedSyntax, "the archive does not find the instance again, to give it uncompressed")
}
