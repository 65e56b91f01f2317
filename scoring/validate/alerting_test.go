package validate

import (
	"math"
	"testing"

	"wardwatch/scoring/backtest/stat"
	"wardwatch/ward"
)

// Two patients have the event. Patient 1 is called first at hour 2, four hours before; the alert of hour 1 stands
// on no row labelled event. Patient 2 is never called.
func TestLeadTime(t *testing.T) {
	row := func(patient, hour int32, p float64, event bool, to float64) Row {
		return Row{Patient: patient, Hour: hour, P: p, News2: 0, Logistic: math.NaN(), Age: 50, Label: Label{Eligible: true, Event: event, HoursToEvent: to}}
	}
	r := measure(t, []Row{
		row(1, 0, 0.9, false, 30), row(1, 1, 0.9, false, 24), row(1, 2, 0.9, true, 4), row(1, 3, 0.9, true, 3),
		row(2, 0, 0.1, true, 6), row(2, 1, 0.1, true, 5), row(3, 0, 0.9, false, math.NaN()),
	}, 0.5, 0)
	a := &r.Alerting
	if a.Lead.N != 1 || a.Lead.Median != 4 || a.LeadDay.Median != 24 {
		t.Errorf("lead %+v, of the last day %+v; want 4 and 24", a.Lead, a.LeadDay)
	}
	if a.Alerts != 5 || a.SensitivityPatients.Value != 0.5 || a.SensitivityRows.Value != 0.5 || a.PPV.Value != 0.4 || !near(a.PerDay.Value, stat.Number(5./7*24)) {
		t.Errorf("got %+v", a)
	}
}

// Three thresholds: 2, 4 and 8 of 24 rows, which find 1, 1 and 3 of four patients.
func TestMatchedFrequency(t *testing.T) {
	var rows []Row
	add := func(patient int32, p float64, event bool) {
		rows = append(rows, Row{Patient: patient, Hour: int32(len(rows)), P: p, News2: 0, Logistic: math.NaN(), Label: Label{Eligible: true, Event: event, HoursToEvent: math.NaN()}})
	}
	add(0, 0.9, true)
	add(0, 0.9, false)
	add(0, 0.5, true)
	add(4, 0.5, false)
	for p := range int32(4) {
		add(p, 0.3, p == 1 || p == 2)
	}
	for range 15 {
		add(5, 0.1, false)
	}
	add(3, 0.1, true)
	m := &measurer{study: studyOf(rows, numbered(rows), 6)}
	once := stat.Once(6)
	for _, c := range []struct{ alerts, events, patients float64 }{
		{0, 0, 0}, {1, 0.5, 0.5}, {2, 1, 1}, {3, 1.5, 1}, {4, 2, 1}, {6, 3, 2}, {8, 4, 3}, {24, 5, 4}, {100, 5, 4},
	} {
		if got := within(m.model, once, c.alerts); got.Events != c.events || got.Patients != c.patients {
			t.Errorf("with %v alerts it finds %v rows and %v patients, want %v and %v", c.alerts, got.Events, got.Patients, c.events, c.patients)
		}
	}
}

// At its own frequency NEWS2 has its own sensitivity.
func TestMatchedToNews2(t *testing.T) {
	r := measure(t, generated(60, 20, 2), 0.05, 30)
	at, m := &r.News2Alerting, &r.Matched[0]
	if m.At != AtNews2 || !near(m.PerDay, at.PerDay.Value) || m.News2.Rows != at.SensitivityRows || !near(m.News2.Patients.Value, at.SensitivityPatients.Value) {
		t.Errorf("matched %+v, alerting %+v", m, at)
	}
	for i, want := range fixedRates() {
		if x := r.Matched[i+1]; x.At != AtFixed || float64(x.PerDay) != want || x.Logistic == nil {
			t.Errorf("got %+v", x)
		}
	}
}

// A model that says what NEWS2 says alerts as often as NEWS2.
func TestTheRatioOfNews2ToItself(t *testing.T) {
	rows := generated(60, 20, 2)
	for i := range rows {
		rows[i].P = float64(rows[i].News2+1) / 22
	}
	if r := measure(t, rows, 6./22, 30); r.AlertsRatio != 1 || r.Intervals.AlertsRatio.Low > 1 || r.Differences.News2.AUROC.Value != 0 || r.Differences.News2.AUPRC.High != 0 {
		t.Errorf("ratio %v (%v), differences %+v", r.AlertsRatio, r.Intervals.AlertsRatio, r.Differences.News2)
	}
}

// Acting on everybody is worth what a model is worth that always says 1; NEWS2's worth falls with the
// threshold as its false alerts weigh more.
func TestDecisionCurve(t *testing.T) {
	rows := generated(60, 20, 2)
	for i := range rows {
		rows[i].P = 1
	}
	r := measure(t, rows, 0.05, 10)
	for i, d := range r.Decision {
		if !near(d.Model.Value, d.All) || !near(d.Better.Value, d.Model.Value-d.News2.Value) {
			t.Errorf("at %v: %+v", d.Threshold, d)
		}
		if i > 0 && d.News2.Value >= r.Decision[i-1].News2.Value {
			t.Errorf("at %v NEWS2 is worth %v, before %v", d.Threshold, d.News2.Value, r.Decision[i-1].News2.Value)
		}
	}
	for _, c := range []struct{ prevalence, threshold, want float64 }{{0.0088, 0.03, 0.1}, {0.0214, 0.05, 0.2}, {0.0001, 0.03, 0.05}, {0.3, 0.2, 0.5}, {0.3, 0.7, 0.9}} {
		if got := decisionTop(c.prevalence, c.threshold); got != c.want {
			t.Errorf("for %v events and a threshold of %v the curve ends at %v, want %v", c.prevalence, c.threshold, got, c.want)
		}
	}
}

// Groups split the rows; none is lost, and the unknown are a group of their own.
func TestGroups(t *testing.T) {
	rows := generated(80, 10, 4)
	for i := range rows {
		switch rows[i].Patient {
		case 0:
			rows[i].Age, rows[i].Sex = math.NaN(), ward.SexUnknown
		case 1:
			rows[i].Age = 17.9
		case 2:
			rows[i].Age = 18
		case 3:
			rows[i].Age = 80
		}
	}
	r := measure(t, rows, 0.05, 20)
	n, events, names := map[string]int{}, map[string]int{}, map[string]bool{}
	for _, g := range r.Groups {
		n[g.By] += g.N
		events[g.By] += g.Events
		names[g.By+" "+g.Name] = true
	}
	for _, by := range []string{ByAge, BySex} {
		if n[by] != r.N || events[by] != r.Events || !names[by+" "+UnknownGroup] {
			t.Errorf("by %s: %d rows with %d events of %d with %d; %v", by, n[by], events[by], r.N, r.Events, names)
		}
	}
	for age, want := range map[float64]string{17.9: "0-17", 18: "18-44", 44.9: "18-44", 45: "45-64", 64.9: "45-64", 65: "65-79", 80: "80+", -1: UnknownGroup} {
		if got := ageBand(age); got != want {
			t.Errorf("%v is in %s, want %s", age, got, want)
		}
	}
	// A group of all is the whole.
	for i := range rows {
		rows[i].Sex = ward.Male
	}
	r = measure(t, rows, 0.05, 20)
	g := r.Groups[len(r.Groups)-1]
	if g.Name != "male" || g.AUROC.Value != r.AUROC || g.AUROC.Low != r.Intervals.AUROC.Low || g.Slope.Value != r.Calibration.Slope || g.PPV != r.Alerting.PPV || g.Sensitivity != r.Alerting.SensitivityPatients {
		t.Errorf("the group of all is %+v", g)
	}
}

// Withheld rows are counted by reason; without them the headline is that of the others alone.
func TestWithheld(t *testing.T) {
	rows := generated(60, 20, 6)
	if r := measure(t, rows, 0.05, 0); r.Withheld.Rows != 0 || r.Withheld.Kept != nil || r.Withheld.Alerting != nil {
		t.Errorf("nothing was withheld, but: %+v", r.Withheld)
	}
	var kept []Row
	for i := range rows {
		switch {
		case i%10 == 0:
			rows[i].Withheld = ward.WithheldPattern
		case i%15 == 1:
			rows[i].Withheld = ward.WithheldRange
		default:
			kept = append(kept, rows[i])
		}
	}
	r, alone := measure(t, rows, 0.05, 20), measure(t, kept, 0.05, 20)
	w := &r.Withheld
	if w.Rows != len(rows)-len(kept) || len(w.Reasons) != 2 || w.Reasons[0].Reason != ward.WithheldPattern || w.Reasons[0].Rows != 120 {
		t.Errorf("got %+v", w)
	}
	if w.Kept.N != len(kept) || w.Kept.AUROC != alone.AUROC || w.Kept.Calibration != alone.Calibration || w.Kept.Intervals.AUROC != alone.Intervals.AUROC {
		t.Errorf("without withheld rows %+v, alone %+v", w.Kept, alone.Headline)
	}
	if r.N != len(rows) || w.Alerting.Alerts != alone.Alerting.Alerts || w.Alerting.PerDay.Value >= r.Alerting.PerDay.Value {
		t.Errorf("as shown it alerts %+v, on every row %+v", w.Alerting, r.Alerting)
	}
}

func TestMaskedByOxygen(t *testing.T) {
	rows := generated(20, 10, 6)
	if r := measure(t, rows, 0.05, 0); r.Masked != nil {
		t.Errorf("no oxygen is known, but: %+v", r.Masked)
	}
	for i := range rows {
		rows[i].Event, rows[i].P = i%9 == 8, 0.01
		switch i % 4 {
		case 1:
			rows[i].Oxygen = OxygenSame
		case 2:
			rows[i].Oxygen = OxygenMore
			if i%8 == 2 {
				rows[i].P = 0.9
			}
		}
	}
	m := measure(t, rows, 0.05, 0).Masked
	if m == nil || m.Known != 100 || m.Rows != 50 || m.People != 20 || m.Alerted.Value != 0.5 || m.Others.Value != 0 {
		t.Errorf("got %+v", m)
	}
}
