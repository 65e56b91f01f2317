package report

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"wardwatch/scoring/backtest/report/page/pagetest"
	"wardwatch/scoring/backtest/stat"
	"wardwatch/scoring/validate"
	"wardwatch/ward"
)

// measured is a report with everything in it: withheld rows, masked decline, every group.
func measured(t *testing.T, task ward.Task, change func(*validate.Row)) *validate.Report {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 1))
	var rows []validate.Row
	for p := range 150 {
		base := -3 + rng.NormFloat64()
		for h := range 30 {
			x := base + 0.7*rng.NormFloat64()
			row := validate.Row{
				Patient: int32(p), Hour: int32(h), P: 1 / (1 + math.Exp(-x)), News2: min(max(int(5+x+rng.NormFloat64()), validate.Unscored), 20),
				Logistic: 1 / (1 + math.Exp(-x-0.5*rng.NormFloat64())), Age: float64(10 + p%85), Sex: []ward.Sex{ward.Female, ward.Male, ward.OtherSex, ward.SexUnknown}[p%4],
				Label: validate.Label{Eligible: true, Event: rng.Float64() < 1/(1+math.Exp(-x)), HoursToEvent: math.NaN(), Oxygen: validate.Oxygen(h % 3)},
			}
			if p%50 == 0 {
				row.Age = math.NaN()
			}
			if row.Event {
				row.HoursToEvent = float64(1 + h%6)
			}
			if h%7 == 0 {
				row.Withheld = []ward.Withheld{ward.WithheldPattern, ward.WithheldTooLittle, ward.WithheldRange, ward.WithheldNobody}[p%4]
			}
			if change != nil {
				change(&row)
			}
			rows = append(rows, row)
		}
	}
	r, err := validate.Measure(t.Context(), rows, validate.Options{
		Task: task, Resamples: 100, Seed: 1, Workers: 2,
		Model: validate.Model{ID: "deterioration-vitals", Version: "1", TrainedAt: "2026-11-22", Patients: 13937, N: 530418, Events: 4689, Threshold: 0.08},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Set = validate.Set{Name: `held-out <script>alert("x")</script>`, Layout: "cinc2019", Rows: 5000, Skipped: map[string]int64{"not_a_number": 3, "b": 2}}
	return r
}

func written(t *testing.T, r *validate.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestThePage(t *testing.T) {
	full := measured(t, ward.Deterioration, nil)
	none := measured(t, ward.RespiratoryDecline, func(r *validate.Row) { r.Event, r.HoursToEvent = false, math.NaN() })
	none.Model.Foreign = true
	alike := measured(t, ward.RespiratoryDecline, func(r *validate.Row) { r.P, r.Logistic, r.Withheld, r.News2 = 0.05, math.NaN(), "", 2 })
	for what, r := range map[string]*validate.Report{"with everything": full, "without events": none, "with one prediction for all": alike} {
		pagetest.Whole(t, what, written(t, r))
	}
}

func TestTheCatalogue(t *testing.T) { pagetest.Words(t, words) }

// What the model is and where it was learned stands before any figure.
func TestWhatItIsComesFirst(t *testing.T) {
	r := measured(t, ward.Deterioration, nil)
	for _, c := range []struct {
		foreign bool
		want    string
	}{
		{false, "It was trained on intensive-care data of one hospital in the USA (530,418 hours of 13,937 patients). It has not been validated on wards, nor in Vietnam."},
		{true, "Do not take it to have been validated on wards, or in Vietnam."},
	} {
		r.Model.Foreign = c.foreign
		page := written(t, r)
		at := strings.Index(page, c.want)
		if at < 0 || at > strings.Index(page, "Of 100 pairs") {
			t.Errorf("the page does not say first: %s", c.want)
		}
	}
}

func number(v float64) stat.Number { return stat.Number(v) }

func est(v, low, high float64) stat.Estimate {
	return stat.Estimate{Value: number(v), Low: number(low), High: number(high)}
}

// The first sentences are what people act on: checked word for word.
func TestInPlainWords(t *testing.T) {
	r := measured(t, ward.RespiratoryDecline, nil)
	r.AUROC, r.Intervals.AUROC, r.Reference.News2.AUROC = 0.824, validate.Interval{Low: 0.81, High: 0.84}, 0.677
	r.Differences.News2 = validate.Difference{AUROC: est(0.15, 0.13, 0.17), AUPRC: est(0.1, 0.08, 0.12)}
	*r.Differences.Logistic = validate.Difference{AUROC: est(0.02, 0.01, 0.03), AUPRC: est(0.02, 0.01, 0.03)}
	r.AlertsRatio, r.Intervals.AlertsRatio = 0.4, validate.Interval{Low: 0.35, High: 0.48}
	r.Alerting.Threshold, r.Alerting.PerDay, r.Alerting.SensitivityPatients, r.Alerting.PPV = 0.05, est(2.25, 2, 2.5), est(0.7, 0.6, 0.8), est(0.11, 0.1, 0.12)
	r.Alerting.Lead = stat.QuartilesOf([]float64{2, 3, 4})
	r.Calibration.ObservedExpected, r.Intervals.ObservedExpected = 1.04, validate.Interval{Low: 0.97, High: 1.1}
	r.Withheld.Share = 0.123
	says := func(wants ...string) {
		t.Helper()
		page := written(t, r)
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("the page does not say: %s", want)
			}
		}
	}
	says("Of 100 pairs of an hour with the event ahead and one without, the model ranks 82 rightly (81–84), NEWS2 68.",
		"It is better than NEWS2 and than the plain logistic regression on these rows, beyond chance.",
		"To find as many patients as NEWS2 ≥ 5 finds, it alerts 60 % less often (52 to 65 %).",
		"At its threshold of 5.0 % it alerts in 2.2 of 24 hours; 70 of 100 patients with the event get an alert in time, and 11 of 100 alerts are right.",
		"Half of the first right alerts come at least 3 hours before.",
		"For every 100 events that it expects, 104 came (97–110).", "Staff would not have seen the figure in 12.3 of 100 hours.",
		"Ở ngưỡng 5,0 %, mô hình cảnh báo 2,2 trong 24 giờ")
	r.AlertsRatio, r.Intervals.AlertsRatio = 1.2, validate.Interval{Low: 1.1, High: 1.3}
	says("it alerts 20 % more often (10 to 30 %).")
	r.AlertsRatio, r.Intervals.AlertsRatio = 0.9, validate.Interval{Low: 0.7, High: 1.3}
	says("it alerts 0.90 times as often (0.70–1.30): no clear difference.")
	r.Differences.Logistic.AUPRC = est(0.02, -0.01, 0.03)
	says("That it is better than logistic regression on trends on these rows may be chance.")
	r.Differences.Logistic.AUROC = est(-0.02, -0.03, -0.01)
	says("It is no better than logistic regression on trends on these rows: staff should not be shown it.")
	r.Differences.Logistic, r.Reference.Logistic = nil, nil
	says("There is no plain logistic regression beside it here; against NEWS2 it is better on these rows, beyond chance.")
}
