package report

import (
	"bytes"
	"strings"
	"testing"

	"wardwatch/scoring/backtest"
	"wardwatch/scoring/backtest/report/page/pagetest"
	"wardwatch/scoring/backtest/stat"
)

func est(v float64) stat.Estimate {
	return stat.Estimate{Value: stat.Number(v), Low: stat.Number(v * 0.9), High: stat.Number(v * 1.1)}
}

// sample has everything in it: two policies, curves, groups, missed patients, unknown figures.
func sample(timed bool) *backtest.Report {
	r := &backtest.Report{
		Set: backtest.Set{Name: "ward 7 <b>", Layout: "long", Event: "death", Timed: timed, Patients: 1200, Followed: 1100, Events: 90,
			Prevalence: 0.0818, PatientDays: 3456.5, Rows: 1234567, LabelledRows: 1000, PositiveRows: 20, RowShare: 0.02,
			Lacks: []string{"acvpu"}, Skipped: map[string]int64{"not_a_number": 3, "outside_limits": 1500}},
		Method: backtest.Method{Accept: 2, Charted: 8, Bedside: 10, Quiet: 60, Miss: 0.1, Resamples: 1000, Seed: 1, Horizons: []int{24, 12, 6}, PPVHorizon: 24, LabelWindow: 6},
	}
	for _, n := range []string{"shipped", `<script>alert("x")</script>`} {
		p := backtest.Policy{Name: n, Complete: 0.4, LowerBound: 0.6, BandChanges: est(3),
			Burden: backtest.Burden{Interruptive: est(1.5), Technical: est(0.1), Escalations: est(0.2), Reviews: est(0.3),
				Kinds:  []backtest.Share{{Name: "clinical", Alerts: 1500, PerDay: est(1.4)}, {Name: "device_alarm", Alerts: 2, PerDay: est(0.01)}},
				Bands:  []backtest.Share{{Name: "high", Alerts: 400, PerDay: est(0.4)}},
				Causes: []backtest.Share{{Name: "limit:spo2:low", Alerts: 12, PerDay: est(0.012)}},
				Roles: []backtest.RoleBurden{{Role: "nurse", Tellings: 3100, PerDay: est(1.2), Night: est(16), Calls: 1, Climbs: 0.1, Reviews: 0.1, Notices: 2.4},
					{Role: "doctor_on_duty", Tellings: 700, PerDay: est(0.3), Night: stat.NoEstimate()}, {Role: "nurse_charge"}, {Role: "duty_lead"}, {Role: "intensive_care"}, {Role: "engineer"}},
				Rungs: []backtest.RungBurden{{Rung: 1, Rounds: 3000, PerDay: est(1.1)}, {Rung: 2, Rounds: 100, PerDay: est(0.03)}},
				Goals: []backtest.Goal{{Name: "nurse_interruptions_per_patient_day", Role: "nurse", AtMost: 1, Value: est(1.2), Met: backtest.NotMet, Sensitivity: est(0.8)},
					{Name: "doctor_pages_per_40_beds_and_night", Role: "doctor_on_duty", AtMost: 4, Value: est(3.6), Met: backtest.Unclear, Sensitivity: est(0.8)}}},
			TimeInBand: map[string]stat.Number{"low": 0.5, "unknown": 0.2, "low_medium": 0.1, "medium": 0.1, "high": 0.1},
			Sweep:      []backtest.Point{{Points: 1, Sensitivity: 1, PerDay: 4}, {Points: 5, Sensitivity: 0.8, PerDay: 2}},
		}
		for i, b := range []string{"low_medium", "medium", "high"} {
			a := backtest.Accuracy{Band: b, Alerts: 9, PerDay: est(2 - float64(i)/2), Sensitivity: est(0.8 - float64(i)/5), Specificity: est(0.5), PPVPatient: est(0.2), PPVAlert: est(0.1),
				Lead: stat.QuartilesOf(nil), LeadDay: stat.QuartilesOf(nil)}
			for _, h := range r.Method.Horizons {
				a.Within = append(a.Within, backtest.Within{Hours: h, Sensitivity: est(0.5)})
			}
			if timed {
				a.Lead, a.LeadDay = stat.QuartilesOf([]float64{1, 8, 30}), stat.QuartilesOf([]float64{1, 8})
				a.LeadBins = []backtest.LeadBin{{From: 0, To: 24, Patients: 2}, {From: 24, To: stat.Unknown(), Patients: 1}}
			}
			p.Accuracy, p.Crossing = append(p.Accuracy, a), append(p.Crossing, a)
			p.Matched = append(p.Matched, backtest.Matched{Band: b, Sensitivity: 0.8, PerDay: 1, Crossing: 2, Ratio: est(0.5), SweepRatio: est(1.3), FirstRatio: stat.NoEstimate()})
		}
		for _, on := range []string{backtest.OnRows, backtest.OnLast, backtest.OnWorst, backtest.OnDay} {
			for _, s := range []string{backtest.Live, "news2", "si"} {
				p.Scores = append(p.Scores, backtest.Score{Score: s, On: on, N: 900, Events: 80, Prevalence: 0.09, Step: 1, AUROC: est(0.7), AUPRC: est(0.2),
					Curve: []backtest.CurvePoint{{Threshold: 9, Sensitivity: 0.3, FalseRate: 0.05, Precision: 0.4}, {Threshold: 0, Sensitivity: 1, FalseRate: 1, Precision: 0.09}}})
			}
		}
		for _, g := range [][2]string{{"age", "65-79"}, {"age", "unknown"}, {"sex", "female"}, {"sex", "male"}, {"sex", "other"}, {"sex", "unknown"}} {
			p.Groups = append(p.Groups, backtest.Group{By: g[0], Name: g[1], Patients: 10, PerDay: est(1), Sensitivity: stat.NoEstimate(), AUROC: est(0.7)})
		}
		for range mostMissed + 5 {
			p.Missed = append(p.Missed, backtest.Missed{Case: "p7", Age: 70.5, Sex: "female", Points: 3, Band: "unknown", Lacks: []string{"temp"}, Told: true})
		}
		r.Policies = append(r.Policies, p)
	}
	return r
}

func written(t *testing.T, r *backtest.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Every tag is closed, every text has its words, nothing is loaded from elsewhere, and what a file
// is called cannot become a script.
func TestThePage(t *testing.T) {
	bare := sample(false)
	bare.Set.Events, bare.Set.Prevalence, bare.Policies[0].Missed = 0, stat.Unknown(), nil
	for what, r := range map[string]*backtest.Report{"with times": sample(true), "without times": sample(false), "without events": bare} {
		pagetest.Whole(t, what, written(t, r))
	}
}

func TestTheCatalogue(t *testing.T) { pagetest.Words(t, words) }

// What the first sentence says is what a nurse reads: checked word for word.
func TestInPlainWords(t *testing.T) {
	r := sample(true)
	page := written(t, r)
	for _, want := range []string{
		"<b>shipped</b> would have called staff 1.50 times per patient per day (95 % interval 1.35–1.65).",
		"It would have warned in advance of 80 in 100 patients who died (72–88).",
		"Half of the first warnings came at least 8 hours before.",
		"Of 100 other patients, 50 would have caused at least one call (45–55).",
		"Nurses would have been interrupted 1.2 times per patient per day, every reason counted; the goal is at most 1: not met.",
		"The doctor on duty would have been paged 3.6 times a night for 40 beds; the goal is at most 4: not certain.",
		"At the same share of patients warned of, that is 50 % fewer calls than telling staff at every threshold crossing (45 to 55 %).",
		"<b>shipped</b> sẽ gọi nhân viên 1,50 lần cho mỗi người bệnh mỗi ngày",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say: %s", want)
		}
	}
	r.Policies[0].Matched[0].Ratio = stat.Estimate{Value: 1.2, Low: 1.1, High: 1.3}
	if want := "that is 20 % more calls than telling staff at every threshold crossing (10 to 30 %)."; !strings.Contains(written(t, r), want) {
		t.Errorf("the page does not say: %s", want)
	}
}
