package reader

import (
	"context"
	"fmt"
	"strings"
	"time"

	"wardwatch/ingest/imaging/ident"
	"wardwatch/ward"
)

// report is what the models say of a delivered picture, and whose it is.
func (r *Reader) report(ctx context.Context, d *ward.Delivery, a *answer) (ward.ImagingReport, error) {
	f, now := a.Facts, r.o.Now()
	out := ward.ImagingReport{
		Delivery: d.ID, Of: f.Of,
		Study: ward.Study{UID: f.StudyUID, Modality: f.Modality, Region: strings.ToLower(f.BodyPart), Acquired: f.Acquired},
	}
	for i := range a.Models {
		m := &a.Models[i]
		if m.Refused != nil {
			out.Refused = append(out.Refused, ward.GateRefusal{
				Model: m.ID, Version: m.Version, InstanceUID: f.InstanceUID, StudyUID: f.StudyUID,
				Modality: f.Modality, Device: f.Device, Code: m.Refused.Code, Detail: m.Refused.Detail, At: now,
			})
			continue
		}
		findings, err := r.findings(ctx, d, f, m, now)
		if err != nil {
			return ward.ImagingReport{}, err
		}
		if len(findings) > 0 {
			out.Study.Region = findings[0].Region
		}
		out.Findings = append(out.Findings, findings...)
	}
	return out, nil
}

// findings are a model's, with whose and which picture they are of.
func (r *Reader) findings(ctx context.Context, d *ward.Delivery, f *ward.ImageFacts, m *looked, now time.Time) ([]ward.Finding, error) {
	for i := range m.Findings {
		one := &m.Findings[i]
		one.Source, one.Delivery = d.Source, d.ID
		one.StudyUID, one.SeriesUID, one.InstanceUID = f.StudyUID, f.SeriesUID, f.InstanceUID
		one.Accession, one.HospitalID = f.Of.Accession, f.Of.HospitalID
		one.Acquired, one.Produced, one.Received = f.Acquired, now, d.Received
		one.ID = ident.Finding(one)
	}
	if len(m.Map) > 0 && m.Strong < len(m.Findings) {
		name, err := r.o.Keep(ctx, m.Map)
		if err != nil {
			return nil, fmt.Errorf("keeping the map of a finding: %w", err)
		}
		m.Findings[m.Strong].Map = name
	}
	return m.Findings, nil
}
