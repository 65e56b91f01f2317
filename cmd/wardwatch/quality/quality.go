// Package quality takes from the book what alerts came to: the evidence of a span, and what one shift
// hands to the next. The reckoning is alerts/evidence's; here are the questions to the book.
package quality

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"wardwatch/alerts"
	"wardwatch/alerts/evidence"
	"wardwatch/store/book/audit"
	"wardwatch/store/book/episodes"
	"wardwatch/ward"
)

// Book is what is asked of the book.
type Book interface {
	AlertsBetween(ctx context.Context, w ward.WardID, from, to time.Time) iter.Seq2[ward.Alert, error]
	NoticesBetween(ctx context.Context, w ward.WardID, from, to time.Time) ([]ward.Notice, error)
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

// maxSpan bounds one report: a quarter of a year of a busy hospital is minutes of work.
const maxSpan = 100 * 24 * time.Hour

// testAlert is what test messages name in place of an alert.
const testAlert = episodes.TestAlert

// maxRows bounds the audit rows of one alert that are read.
const maxRows = 1000

// Report is the evidence of a ward in [from, to); w empty: of every ward.
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
	if to.Sub(from) > maxSpan {
		return rep, &ward.Error{Code: ward.BadInput, Message: "the span is too long", Hint: "ask for at most 100 days at a time"}
	}
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

// tests adds the test messages, behind which no alert stands.
func (r *Records) tests(ctx context.Context, w ward.WardID, from, to time.Time, m *evidence.Meter) error {
	notices, err := r.Book.NoticesBetween(ctx, w, from, to)
	if err != nil {
		return fmt.Errorf("reading the test messages: %w", err)
	}
	receipts, err := r.Book.ReceiptsOf(ctx, testAlert)
	if err != nil {
		return fmt.Errorf("reading what became of the test messages: %w", err)
	}
	for _, n := range notices {
		if n.Why == ward.WhyTest {
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
	rows, err := r.Book.Audit(ctx, audit.Filter{Object: "alert:" + string(a.ID), Limit: maxRows})
	if err != nil {
		return c, fmt.Errorf("reading the audit: %w", err)
	}
	for _, row := range slices.Backward(rows) {
		c.Audit = append(c.Audit, row.AuditEntry)
	}
	return c, nil
}

// goals are the policy's own times: an alert is measured against what it was told to wait for.
func (r *Records) goals() (g evidence.Goals) {
	for step, rungs := range r.Policy.Ladder {
		if len(rungs) > 0 {
			g.Limits = append(g.Limits, evidence.Limit{Kind: step.Kind, Band: step.Band, Accept: rungs[0].Accept, Bedside: rungs[0].Bedside, Must: rungs[0].Must})
		}
	}
	return g
}
