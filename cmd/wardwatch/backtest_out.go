package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"wardwatch/scoring/backtest"
	"wardwatch/scoring/backtest/report"
)

func (c *backtestCmd) write(r *backtest.Report) error {
	return writeReports(c.JSON, c.HTML, r, func(w io.Writer) error { return report.Write(w, r) })
}

// writeReports writes a report as JSON and as a page, each where a file is named for it.
func writeReports(jsonFile, pageFile string, r any, page func(io.Writer) error) error {
	if jsonFile != "" {
		err := writeFile(jsonFile, func(w io.Writer) error {
			enc := json.NewEncoder(w)
			enc.SetIndent("", " ")
			return enc.Encode(r)
		})
		if err != nil {
			return err
		}
	}
	if pageFile == "" {
		return nil
	}
	return writeFile(pageFile, page)
}

// writeFile leaves no half a file behind that looks like a whole one.
func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".wardwatch-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	defer os.Remove(f.Name())
	err = write(f)
	if e := f.Chmod(0o644); err == nil {
		err = e
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

// summarise says the most important in a few lines.
func summarise(w io.Writer, r *backtest.Report) error {
	s := &r.Set
	fmt.Fprintf(w, "%s (%s): %d patients, %d with the event (%s), %.0f patient-days, %d rows; never measured: %s\n",
		s.Name, s.Layout, s.Patients, s.Events, s.Event, s.PatientDays, s.Rows, strings.Join(s.Lacks, " "))
	if len(s.Skipped) > 0 {
		fmt.Fprintf(w, "left out:")
		for _, reason := range slices.Sorted(maps.Keys(s.Skipped)) {
			fmt.Fprintf(w, " %s %d", reason, s.Skipped[reason])
		}
		fmt.Fprintln(w)
	}
	if s.Events == 0 {
		fmt.Fprintln(w, "nobody had the event, or it is not known who had: give the outcomes with --outcomes FILE; only the calls are told")
	}
	for i := range r.Policies {
		p := &r.Policies[i]
		if s.Events == 0 {
			fmt.Fprintf(w, "%s: %.2f calls a patient-day; every crossing: %.2f\n", p.Name, p.Accuracy[0].PerDay.Value, p.Crossing[0].PerDay.Value)
			told(w, p)
			continue
		}
		a, x, m := &p.Accuracy[0], &p.Crossing[0], &p.Matched[0]
		fmt.Fprintf(w, "%s: %.2f calls a patient-day, sensitivity %.1f %%, specificity %.1f %%; every crossing: %.2f, %.1f %%; ratio at equal sensitivity %.2f (%.2f–%.2f)\n",
			p.Name, a.PerDay.Value, 100*a.Sensitivity.Value, 100*a.Specificity.Value, x.PerDay.Value, 100*x.Sensitivity.Value, m.Ratio.Value, m.Ratio.Low, m.Ratio.High)
		told(w, p)
		for _, score := range p.Scores {
			fmt.Fprintf(w, "  %-16s %-8s n %7d  events %6d  AUROC %.3f (%.3f–%.3f)  AUPRC %.3f (%.3f–%.3f)\n", score.Score, score.On, score.N, score.Events,
				score.AUROC.Value, score.AUROC.Low, score.AUROC.High, score.AUPRC.Value, score.AUPRC.Low, score.AUPRC.High)
		}
	}
	return nil
}

// told says how often each role was told, and what that is against the goals.
func told(w io.Writer, p *backtest.Policy) {
	fmt.Fprint(w, "  told a patient-day:")
	for _, r := range p.Burden.Roles {
		fmt.Fprintf(w, " %s %.2f", r.Role, r.PerDay.Value)
	}
	fmt.Fprint(w, "; rounds by rung:")
	for _, r := range p.Burden.Rungs {
		fmt.Fprintf(w, " %.3f", r.PerDay.Value)
	}
	fmt.Fprintln(w)
	for _, g := range p.Burden.Goals {
		fmt.Fprintf(w, "  %s %.2f (%.2f–%.2f), goal at most %g: %s\n", strings.ReplaceAll(g.Name, "_", " "), g.Value.Value, g.Value.Low, g.Value.High, g.AtMost, g.Met)
	}
}

// bar draws how far the run has come, on a terminal only.
type bar struct {
	w    io.Writer // nil: nobody looks
	part atomic.Uint64
	last time.Time
}

func newBar(f *os.File) *bar {
	b := &bar{}
	if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		b.w = f
	}
	return b
}

// bytes is told by the reader how much of the file it has read.
func (b *bar) bytes(read, size int64) {
	if size > 0 {
		b.part.Store(math.Float64bits(float64(read) / float64(size)))
	}
}

// patients is told after each patient.
func (b *bar) patients(p backtest.Progress) {
	if b.w == nil || time.Since(b.last) < 100*time.Millisecond {
		return
	}
	b.last = time.Now()
	const width = 30
	part := math.Float64frombits(b.part.Load())
	full := min(int(part*width), width)
	fmt.Fprintf(b.w, "\r[%s%s] %3.0f %%  %d patients, %d rows", strings.Repeat("#", full), strings.Repeat(".", width-full), 100*part, p.Patients, p.Rows)
}

func (b *bar) done() {
	if b.w != nil {
		fmt.Fprintln(b.w)
	}
}
