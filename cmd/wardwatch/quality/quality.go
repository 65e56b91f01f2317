// Package quality takes from the book what alerts came to: the evidence of a span, and what one shift
// hands to the next. The reckoning is alerts/evidence's; here are the questions to the book.
package quality

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"wardwatch/alerts"
	"wardwatch/alerts/evidence"
	"wardwatch/store/book/audit"
	"wardwatch/ward"
)

// Book is what is asked of the book.
type Book interface {
	AlertsBetween(ctx context.Context, w ward.WardID, from, to time.Time) iter.Seq2[ward.Alert, error]
	TestsBetween(ctx context.Context, from, to time.Time) ([]ward.Notice, map[ward.NoticeID][]ward.Receipt, error)
	NoticesOf(ctx context.Context, a ward.AlertID) ([]ward.Notice, error)
	ReceiptsOf(ctx context.Context, a ward.AlertID) (map[ward.NoticeID][]ward.Receipt, error)
	LyingsSince(ctx context.Context, since time.Time) ([]ward.Lying, error)
	Audit(ctx context.Context, f audit.Filter) ([]audit.Row, error)
	StaysOn(ctx context.Context, w ward.WardID) ([]ward.Stay, error)
}

// Records answers questions about how alerts fared.
type Records struct {
	Book   Book
	Policy alerts.Policy // what response times are measured against
	Zone   *time.Location
	Now    func() time.Time
}

// pageRows is how many audit rows are read at once.
const pageRows = 1000

// Report is the evidence of a ward in [from, to); w empty: of every ward. How long a span may be is the
// caller's to bound, and how long the reckoning may take is ctx's.
func (r *Records) Report(ctx context.Context, w ward.WardID, from, to time.Time) (any, error) {
	rep, err := r.measure(ctx, w, from, to)
	return rep, err
}

// Tables are the names that WriteCSV takes.
func (r *Records) Tables() []string { return evidence.Tables() }

// WriteCSV writes one table of the evidence.
func (r *Records) WriteCSV(ctx context.Context, out io.Writer, w ward.WardID, from, to time.Time, table string) error {
	rep, err := r.measure(ctx, w, from, to)
	if err != nil {
		return err
	}
	return evidence.WriteCSV(out, &rep, table, evidence.CSVOptions{BOM: true})
}

func (r *Records) measure(ctx context.Context, w ward.WardID, from, to time.Time) (rep evidence.Report, err error) {
	defer func() {
		if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = &ward.Error{Code: ward.Unavailable, Message: "there are too many alerts in this span to measure in time", Hint: "ask for a shorter span, or for one ward", Err: err}
		}
	}()
	m := evidence.NewMeter(evidence.Span{From: from, To: to, Now: r.Now(), Zone: r.Zone}, r.goals())
	lyings, err := r.Book.LyingsSince(ctx, from)
	if err != nil {
		return rep, fmt.Errorf("reading who lay where: %w", err)
	}
	m.Lyings(slices.DeleteFunc(lyings, func(l ward.Lying) bool { return w != "" && l.Place.Ward != w })...)
	for a, err := range r.Book.AlertsBetween(ctx, w, from, to) {
		if err != nil {
			return rep, fmt.Errorf("reading the alerts: %w", err)
		}
		c, err := r.caseOf(ctx, a)
		if err != nil {
			return rep, err
		}
		m.Add(c)
	}
	if err := r.tests(ctx, w, from, to, m); err != nil {
		return rep, err
	}
	return m.Report(), nil
}

// tests adds the test messages, behind which no alert stands. Those of no ward go by channels that
// serve every ward.
func (r *Records) tests(ctx context.Context, w ward.WardID, from, to time.Time, m *evidence.Meter) error {
	tests, receipts, err := r.Book.TestsBetween(ctx, from, to)
	if err != nil {
		return fmt.Errorf("reading the test messages: %w", err)
	}
	for _, n := range tests {
		if w == "" || n.Place.Ward == "" || n.Place.Ward == w {
			m.Test(n, receipts[n.ID])
		}
	}
	return nil
}

func (r *Records) caseOf(ctx context.Context, a ward.Alert) (c evidence.Case, err error) {
	c.Alert = a
	if c.Notices, err = r.Book.NoticesOf(ctx, a.ID); err != nil {
		return c, fmt.Errorf("reading the notices: %w", err)
	}
	if c.Receipts, err = r.Book.ReceiptsOf(ctx, a.ID); err != nil {
		return c, fmt.Errorf("reading the receipts: %w", err)
	}
	if c.Audit, err = r.rows(ctx, audit.Filter{Object: "alert:" + string(a.ID)}); err != nil {
		return c, err
	}
	if a.Stay != "" && slices.ContainsFunc(a.Causes, calledInComfort) {
		orders, err := r.rows(ctx, audit.Filter{Object: "stay:" + string(a.Stay), Deed: "stay.care"})
		if err != nil {
			return c, err
		}
		c.Comfort = comfort(orders)
	}
	return c, nil
}

// rows are all audit rows of a filter, oldest first.
func (r *Records) rows(ctx context.Context, f audit.Filter) (all []ward.AuditEntry, err error) {
	for f.Limit = pageRows; ; {
		page, err := r.Book.Audit(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("reading the audit: %w", err)
		}
		for i := range page {
			all = append(all, page[i].AuditEntry)
		}
		if len(page) < pageRows {
			slices.Reverse(all)
			return all, nil
		}
		f.Before = page[len(page)-1].Seq
	}
}

// calledInComfort says whether people are told of a cause in comfort care as elsewhere, but by
// another ladder.
func calledInComfort(c ward.Cause) bool {
	return strings.HasPrefix(c.Code, "device:") || c.Code == alerts.CauseReturn
}

// comfort is when a patient was in comfort care, by the orders in their order.
func comfort(orders []ward.AuditEntry) (spells []evidence.Spell) {
	for _, o := range orders {
		open := len(spells) > 0 && spells[len(spells)-1].To.IsZero()
		switch in := ward.CareStatus(o.Detail) == ward.ComfortCare; {
		case in && !open:
			spells = append(spells, evidence.Spell{From: o.At})
		case !in && open:
			spells[len(spells)-1].To = o.At
		}
	}
	return spells
}

// goals are the policy's own times: an alert is measured against what it was told to wait for.
func (r *Records) goals() (g evidence.Goals) {
	add := func(l evidence.Limit, rungs []alerts.Rung) {
		if len(rungs) > 0 {
			l.Accept, l.Bedside, l.Must = rungs[0].Accept, rungs[0].Bedside, rungs[0].Must
			g.Limits = append(g.Limits, l)
		}
	}
	for step, rungs := range r.Policy.Ladder {
		add(evidence.Limit{Kind: step.Kind, Band: step.Band}, rungs)
	}
	add(evidence.Limit{Comfort: true}, r.Policy.Comfort)
	add(evidence.Limit{Cause: alerts.CauseSymptoms}, r.Policy.Comfort)
	add(evidence.Limit{Cause: alerts.CauseSevere}, r.Policy.ComfortSevere)
	add(evidence.Limit{Cause: alerts.CauseCareReview}, r.Policy.ComfortReview)
	return g
}
