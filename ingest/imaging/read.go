package imaging

import (
	"context"
	"errors"
	"fmt"
	"io"

	"wardwatch/ingest/imaging/dicom"
	"wardwatch/ingest/imaging/fhir"
	"wardwatch/ingest/imaging/intake"
	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ingest/imaging/report"
	"wardwatch/ingest/imaging/sr"
	"wardwatch/ward"
)

// read reads one delivery. The error is a refuse.Refusal or a ward.BadInput for what is wrong with it for
// good; any other may pass.
func (p *Processor) read(ctx context.Context, d ward.Delivery) ([]ward.ImagingReport, error) {
	source, known := p.o.Sources[d.Source]
	if !known {
		return nil, refuse.Because(RefusedSource, "the imaging source %q is not in the configuration any more; put it back, and have it send again", d.Source)
	}
	o := report.Options{Source: d.Source, Delivery: d.ID, Received: d.Received, Zone: source.Zone, PatientSystem: source.PatientSystem}
	switch d.Kind {
	case ward.DeliveryDICOM:
		return p.readInstance(ctx, d, o)
	case ward.DeliveryFHIR:
		body, err := p.document(d)
		if err != nil {
			return nil, err
		}
		return fhir.Read(body, o)
	case ward.DeliveryVendor:
		if source.Mapping == nil {
			return nil, refuse.Because(RefusedSource, "the imaging source %q has no mapping file any more; give it one, and have it send again", d.Source)
		}
		body, err := p.document(d)
		if err != nil {
			return nil, err
		}
		return single(source.Mapping.Read(body, o))
	}
	return nil, fmt.Errorf("a delivery of kind %q is not known here", d.Kind)
}

// readInstance reads a structured report here, and has a picture read where it can do no harm.
func (p *Processor) readInstance(ctx context.Context, d ward.Delivery, o report.Options) ([]ward.ImagingReport, error) {
	who, err := p.identify(d)
	if err != nil {
		return nil, err
	}
	if who.Report() {
		body, err := p.document(d)
		if err != nil {
			return nil, err
		}
		return single(sr.Read(body, o))
	}
	if p.o.Now().Before(p.rest) {
		return nil, refuse.ErrNoReader
	}
	path, err := p.o.Objects.Path(d.Object)
	if err != nil {
		return nil, err
	}
	r, err := p.o.Picture(ctx, d, path)
	if errors.Is(err, refuse.ErrNoReader) {
		p.rest = p.o.Now().Add(idle)
	}
	if err != nil {
		return nil, err
	}
	return single(r, report.Finish(&r, o))
}

func single(r ward.ImagingReport, err error) ([]ward.ImagingReport, error) {
	return []ward.ImagingReport{r}, err
}

// identify reads the header of an instance.
func (p *Processor) identify(d ward.Delivery) (dicom.Identity, error) {
	f, err := p.o.Objects.Open(d.Object)
	if err != nil {
		return dicom.Identity{}, gone(err)
	}
	defer f.Close()
	return dicom.Scan(f, dicom.Limits{})
}

// document reads a report into memory.
func (p *Processor) document(d ward.Delivery) ([]byte, error) {
	f, err := p.o.Objects.Open(d.Object)
	if err != nil {
		return nil, gone(err)
	}
	defer f.Close()
	body, err := io.ReadAll(io.LimitReader(f, maxDocument+1))
	if err == nil && len(body) > maxDocument {
		err = refuse.Because(ward.RefusedTooBig, "a report of more than %d MiB is not read; send fewer results at a time", maxDocument>>20)
	}
	return body, err
}

// gone makes a kept file that is missing a refusal; any other error may pass.
func gone(err error) error {
	var e *ward.Error
	if errors.As(err, &e) && e.Code == ward.NotFound {
		return refuse.Because(RefusedLost, "its bytes are not kept any more; have its source send it again")
	}
	return err
}

// content is the refusal of a report that does not say what it must.
func content(e *ward.Error) *refuse.Refusal {
	return refuse.Because(intake.RefusedContent, "%s: %s", e.Message, e.Hint)
}

// transcode asks for a picture that is compressed in a way that is not read here in another encoding. What
// comes is a delivery of its own; this one is refused all the same, and says what became of it.
func (p *Processor) transcode(ctx context.Context, d ward.Delivery, why *refuse.Refusal) error {
	asked, err := p.o.Transcode(ctx, d)
	switch {
	case err != nil:
		return err
	case !asked:
		return why
	}
	p.count.transcoded.Add(1)
	return refuse.Because(why.Code, "%s; its archive gave it again in another encoding, which is read instead", why.Message)
}
