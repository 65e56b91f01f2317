package imaging

import (
	"context"
	"fmt"
	"math"
	"time"

	"wardwatch/dashboard"
	"wardwatch/dashboard/live"
	"wardwatch/ingest/imaging/ident"
	"wardwatch/scoring/agreement"
	"wardwatch/store/book/findings"
	"wardwatch/ward"
)

// recent is what drift is looked for in: these last weeks against those before; ours.
const recent = 28 * 24 * time.Hour

func (s Screens) rows(ctx context.Context, q dashboard.ImagingQuery) ([]ward.AgreementRow, error) {
	return s.o.Book.AgreementRows(ctx, findings.AgreementFilter{
		Ward: q.Ward, From: q.From, To: q.To, Least: s.o.Table.LeastScore(), Meaning: s.meaning,
	})
}

// meaning lets a radiologist's code and a model's be of the same thing where the respiratory table
// takes them for one.
func (s Screens) meaning(system, code string) string {
	if kind := s.o.Table.Kind(code); kind != "" {
		return "kind:" + kind
	}
	return system + "|" + code
}

// Quality is how imaging AI does here.
func (s Screens) Quality(ctx context.Context, q dashboard.ImagingQuery) (r dashboard.ImagingQualityReply, err error) {
	rows, err := s.rows(ctx, q)
	if err != nil {
		return r, err
	}
	by := agreement.By(q.By)
	for _, g := range agreement.Judge(rows, by) {
		r.Agreement = append(r.Agreement, viewGroup(&g))
	}
	for _, t := range agreement.Turnarounds(rows, by) {
		r.Turnaround = append(r.Turnaround, viewTurnaround(&t))
	}
	for _, d := range agreement.Drift(rows, q.To.Add(-recent)) {
		r.Drift = append(r.Drift, viewShift(&d))
	}
	r.Refused, err = s.refused(ctx, q.From)
	return r, err
}

func viewGroup(g *agreement.Group) dashboard.AgreementView {
	return dashboard.AgreementView{
		Model: g.Model, Group: g.Of, System: g.System, Code: g.Code, Label: g.Label, Findings: g.Said, N: g.TP + g.FP + g.FN + g.TN,
		TP: g.TP, FP: g.FP, FN: g.FN, TN: g.TN,
		Sensitivity: interval(g.Sensitivity), Specificity: interval(g.Specificity), Kappa: interval(g.Kappa),
		Confirmed: g.Confirmed, Rejected: g.Rejected, PPV: interval(g.PPV),
	}
}

func viewTurnaround(t *agreement.Turnaround) dashboard.TurnaroundView {
	v := dashboard.TurnaroundView{Group: t.Of, N: t.Studies, Unseen: t.Unseen}
	v.ResultP50, v.ResultP90 = seconds(t.Result)
	v.SeenP50, v.SeenP90 = seconds(t.Seen)
	return v
}

func viewShift(d *agreement.Shift) dashboard.ImagingDriftView {
	v := dashboard.ImagingDriftView{Model: d.Model, Version: d.Version}
	v.Code, v.Input, v.Verdict = "psi", d.What, string(d.Verdict)
	v.Detail = fmt.Sprintf("%d in the last four weeks against %d before", d.After, d.Before)
	if d.Verdict != agreement.TooLittle {
		v.Value, v.Limit = &d.PSI, &d.Limit
	}
	return v
}

func interval(i agreement.Interval) dashboard.Interval {
	if math.IsNaN(i.Value) {
		return dashboard.Interval{}
	}
	return dashboard.Interval{Value: &i.Value, Low: &i.Low, High: &i.High}
}

func seconds(s agreement.Spread) (p50, p90 *float64) {
	if s.N == 0 {
		return nil, nil
	}
	a, b := s.P50.Seconds(), s.P90.Seconds()
	return &a, &b
}

// Disagreements are what AI and people disagree on, the newest first.
func (s Screens) Disagreements(ctx context.Context, q dashboard.ImagingQuery) ([]dashboard.Disagreement, error) {
	rows, err := s.rows(ctx, q)
	if err != nil {
		return nil, err
	}
	var out []dashboard.Disagreement
	for _, r := range agreement.Errors(rows) {
		f, err := s.o.Book.Finding(ctx, r.Finding)
		if err != nil {
			return nil, err
		}
		d := dashboard.Disagreement{Finding: f, AgeYears: -1, Sex: r.Sex, There: r.Present, ReadThere: !r.Present}
		if r.Stay != "" {
			d.Person = ident.Of("person", string(r.Stay))[:12]
		}
		if r.HasAge {
			d.AgeYears = r.Years
		}
		d.HospitalID, d.Accession = "", ""
		out = append(out, d)
	}
	return out, nil
}

// State is how the sources and models are.
func (s Screens) State(ctx context.Context) (r dashboard.ImagingStateReply, err error) {
	counts, err := s.o.Book.DeliveryCounts(ctx)
	if err != nil {
		return r, err
	}
	heard := map[string]time.Time{}
	var oldest time.Time
	for _, c := range counts {
		if c.Last.After(heard[c.Source]) {
			heard[c.Source] = c.Last
		}
		if c.State != ward.DeliveryWaiting {
			continue
		}
		r.Waiting += int(c.Count)
		if oldest.IsZero() || c.First.Before(oldest) {
			oldest = c.First
		}
	}
	r.Oldest = live.Ms(oldest)
	for i := range s.o.Settings.Sources {
		src := &s.o.Settings.Sources[i]
		v := dashboard.ImagingSourceView{Name: src.Name, Kind: string(src.Kind), Heard: live.Ms(heard[src.Name])}
		if p := s.pollers[src.Name]; p != nil {
			if err := p.State(); err != nil {
				v.Fault = err.Error()
			}
		}
		r.Sources = append(r.Sources, v)
	}
	if err := s.reader.State(); err != nil {
		r.Problems = append(r.Problems, dashboard.ModelProblem{
			Code: string(ward.WithheldFailed), Detail: err.Error(), Hint: "pictures wait and are read once that is mended; wardwatch doctor tries the models",
		})
	}
	r.Refused, err = s.refused(ctx, s.o.Now().Add(-24*time.Hour))
	return r, err
}

// refused is what could not be read and what models would not look at, since a time.
func (s Screens) refused(ctx context.Context, since time.Time) (out []dashboard.RefusedView, err error) {
	counts, err := s.o.Book.RefusedDeliveries(ctx, since)
	if err != nil {
		return nil, err
	}
	for _, c := range counts {
		out = append(out, dashboard.RefusedView{Source: c.Source, Code: c.Code, N: int(c.Count)})
	}
	gates, err := s.o.Book.GateRefusals(ctx, since)
	if err != nil {
		return nil, err
	}
	for _, g := range gates {
		out = append(out, dashboard.RefusedView{Model: g.Model, Version: g.Version, Code: g.Code, N: int(g.Count)})
	}
	return out, nil
}
