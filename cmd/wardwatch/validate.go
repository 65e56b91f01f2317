package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"wardwatch/devices/recording"
	"wardwatch/scoring"
	"wardwatch/scoring/backtest/stat"
	"wardwatch/scoring/chart"
	"wardwatch/scoring/risk"
	"wardwatch/scoring/validate"
	"wardwatch/scoring/validate/report"
	"wardwatch/ward"
)

type validateCmd struct {
	Model string `required:"" help:"deterioration, respiratory, the id of a model that is part of the program, or an ONNX file with its metadata." placeholder:"MODEL"`

	recordedFlags `embed:""`

	JSON      string `name:"json" help:"Write the report as JSON." placeholder:"FILE"`
	HTML      string `name:"html" help:"Write the report as one self-contained page." placeholder:"FILE"`
	ONNXLib   string `name:"onnx-lib" help:"Shared library of ONNX Runtime; found in the usual places when not given." placeholder:"FILE"`
	Resamples int    `default:"200" help:"Bootstrap samples of patients behind each interval; 0: no intervals."`
	Seed      uint64 `default:"1" help:"Of the bootstrap."`
	Workers   int    `help:"Bootstrap samples drawn at a time; 0: as many as there are processors. The result is the same."`

	altered bool // the model given bears the id of one of ours
}

// Help says what is measured on which rows.
func (validateCmd) Help() string {
	return "On the CinC 2019 layout the labels are the set's own (sepsis) or made of its vitals (respiratory decline). Elsewhere deterioration is what became of the patient: the event within 24 h, or at any time where it is not dated."
}

// Run measures a model on recorded data.
func (c *validateCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	debug.SetGCPercent(400)
	bar := newBar(os.Stderr)
	r, err := c.run(ctx, bar)
	bar.done()
	if err != nil {
		return err
	}
	if err := c.write(r); err != nil {
		return err
	}
	return c.summarise(os.Stdout, r)
}

func (c *validateCmd) run(ctx context.Context, bar *bar) (*validate.Report, error) {
	models, about, err := c.open()
	if err != nil {
		return nil, err
	}
	defer models.Close()
	device := ward.FromDevice // the rules of a monitor's values are those that training believes by
	set, err := c.recordedFlags.open(recording.Options{Source: &device, Labs: true, Progress: bar.bytes})
	if err != nil {
		return nil, err
	}
	rows, err := c.drive(models, about)
	if err != nil {
		return nil, err
	}
	if err := rows.all(set); err != nil {
		return nil, err
	}
	m := about.About
	r, err := validate.Measure(ctx, rows.rows, validate.Options{
		Task: m.Task, News2: reference(set.rec.Layout()), Resamples: c.Resamples, Seed: c.Seed, Workers: c.Workers,
		Model: validate.Model{
			ID: m.ID, Version: about.Version, TrainedAt: m.TrainedAt, Patients: m.Patients, N: m.Rows, Events: m.Events,
			Threshold: stat.Number(m.Threshold), Foreign: about.Role == risk.Extra,
		},
	})
	if err != nil {
		return nil, err
	}
	training, err := hashOf(c.Data)
	if err != nil {
		return nil, err
	}
	r.Set = validate.Set{Training: training == m.DataSHA256, Name: setName(c.Data), Layout: set.rec.Layout(), Rows: rows.read, Skipped: set.skipped()}
	return r, nil
}

// hashOf is the SHA-256 of a file.
func hashOf(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("reading %s: %w", name, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// reference names the NEWS2 of a layout that has more of it than validate.News2Name says.
func reference(layout string) string {
	if layout == "cinc2019" {
		return ""
	}
	return "NEWS2, the lower bound from what the data has"
}

// drive sets up the walk: the model, the plain logistic regression of its task, the reference chart.
func (c *validateCmd) drive(models *risk.Models, about risk.Info) (*rowsOf, error) {
	lib, err := chart.Embedded()
	if err != nil {
		return nil, err
	}
	news2, _ := lib.Find(scoring.NEWS2)
	r := &rowsOf{task: about.About.Task, policy: scoring.DefaultPolicy(lib), news2: news2, model: about.About.ID}
	ids := []string{r.model}
	for _, m := range models.List() {
		if m.Role == risk.Reference && m.About.Task == r.task {
			r.plain = m.About.ID
			if r.plain != r.model {
				ids = append(ids, r.plain)
			}
		}
	}
	r.panel, err = models.Panel(ids...)
	return r, err
}

// open loads the models and finds the one that is meant.
func (c *validateCmd) open() (*risk.Models, risk.Info, error) {
	o := risk.Options{Library: c.ONNXLib}
	if strings.HasSuffix(c.Model, ".onnx") {
		raw, err := os.ReadFile(c.Model)
		if err != nil {
			return nil, risk.Info{}, fmt.Errorf("reading the model: %w", err)
		}
		o.Extra = raw
	}
	models := risk.Open(o)
	list := models.List()
	var known []string
	for _, m := range list {
		switch {
		case m.Role != risk.Extra && m.About.Task != risk.Forecasting:
			known = append(known, m.About.ID)
		case m.Role == risk.Extra:
			c.altered = slices.ContainsFunc(list, func(o risk.Info) bool { return o.Role != risk.Extra && o.About.ID == m.About.ID })
		}
	}
	for _, m := range list {
		if m.About.Task != risk.Forecasting && (o.Extra != nil && m.Role == risk.Extra ||
			o.Extra == nil && (m.About.ID == c.Model || m.Role == risk.Serve && string(m.About.Task) == c.Model)) {
			return models, m, nil
		}
	}
	defer models.Close()
	for _, p := range models.Problems() {
		switch {
		case p.Role == risk.Extra:
			return nil, risk.Info{}, fmt.Errorf("%s is not a model that can be measured, or is damaged: %s (%s)", c.Model, p.Detail, p.Hint)
		case len(known) == 0:
			return nil, risk.Info{}, fmt.Errorf("%s: %s", p.Detail, p.Hint)
		}
	}
	return nil, risk.Info{}, fmt.Errorf("there is no model %q to measure: give deterioration, respiratory, one of %s, or an .onnx file with its metadata (a forecast has no probability: its card has its figures)", c.Model, strings.Join(known, ", "))
}

func (c *validateCmd) write(r *validate.Report) error {
	return writeReports(c.JSON, c.HTML, r, func(w io.Writer) error { return report.Write(w, r) })
}

// summarise says the most important in a few lines.
func (c *validateCmd) summarise(w io.Writer, r *validate.Report) error {
	fmt.Fprintf(w, "%s %s on %s (%s): %d rows of %d patients, %d with the event (%d patients)\n",
		r.Model.ID, r.Model.Version, r.Set.Name, r.Set.Layout, r.N, r.Patients, r.Events, r.EventPatients)
	if r.Set.Training {
		fmt.Fprintln(w, "THESE ARE THE PATIENTS THAT THE MODEL WAS TRAINED ON: the figures flatter it and are no validation")
	}
	if c.altered {
		fmt.Fprintln(w, "this file bears the id of a model that comes with Wardwatch and is not that model")
	}
	if r.Events == 0 {
		_, err := fmt.Fprintln(w, "no row has the event, so the model cannot be judged on this set")
		return err
	}
	span := func(i validate.Interval) string {
		if c.Resamples == 0 {
			return ""
		}
		return fmt.Sprintf(" (%.3f–%.3f)", i.Low, i.High)
	}
	fmt.Fprintf(w, "AUROC %.3f%s  AUPRC %.3f%s\n", r.AUROC, span(r.Intervals.AUROC), r.AUPRC, span(r.Intervals.AUPRC))
	fmt.Fprintf(w, "%s: AUROC %.3f  AUPRC %.3f\n", r.Reference.News2.Name, r.Reference.News2.AUROC, r.Reference.News2.AUPRC)
	if l := r.Reference.Logistic; l != nil {
		fmt.Fprintf(w, "plain logistic regression: AUROC %.3f  AUPRC %.3f\n", l.AUROC, l.AUPRC)
	}
	fmt.Fprintf(w, "calibration: slope %.2f%s  observed/expected %.2f\n", r.Calibration.Slope, span(r.Intervals.Slope), r.Calibration.ObservedExpected)
	_, err := fmt.Fprintf(w, "alerts over those of NEWS2 ≥ 5 at its sensitivity: %.2f%s\n", r.AlertsRatio, span(r.Intervals.AlertsRatio))
	return err
}
