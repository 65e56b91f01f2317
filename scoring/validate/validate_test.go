package validate

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"wardwatch/scoring/backtest/stat"
	"wardwatch/ward"
)

// told is a row as a table has it: patient, event, prediction, NEWS2, logistic regression.
type told struct {
	patient  int32
	event    bool
	p        float64
	news2    int
	logistic float64
}

func rowsOf(table []told) (rows []Row) {
	for i, t := range table {
		rows = append(rows, Row{
			Patient: t.patient, Hour: int32(i), P: t.p, News2: t.news2, Logistic: t.logistic, Age: 50, Sex: ward.Female,
			Label: Label{Eligible: true, Event: t.event, HoursToEvent: math.NaN()},
		})
	}
	return rows
}

func measure(t testing.TB, rows []Row, threshold float64, resamples int) *Report {
	t.Helper()
	o := options()
	o.Model.Threshold, o.Resamples = stat.Number(threshold), resamples
	r, err := Measure(t.Context(), rows, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func distinct() []told {
	return []told{
		{0, false, 0.811, 5, 0.81}, {0, false, 0.05, -1, 0.05}, {0, false, 0.475, 5, 0.56}, {0, false, 0.26, 4, 0.19},
		{1, false, 0.282, 1, 0.13}, {1, false, 0.33, 3, 0.28}, {1, false, 0.08, 0, 0.02}, {1, false, 0.327, 2, 0.39},
		{2, false, 0.209, 4, 0.06}, {2, true, 0.936, 8, 0.96}, {2, false, 0.43, 4, 0.3}, {2, false, 0.302, 2, 0.29},
		{3, false, 0.316, 4, 0.25}, {3, false, 0.242, 2, 0.68}, {3, false, 0.181, 1, 0.32}, {3, false, 0.294, 1, 0.51},
		{4, true, 0.491, 6, 0.08}, {4, false, 0.325, 4, 0.16}, {4, true, 0.603, 6, 0.39}, {4, false, 0.334, 4, 0.33},
		{5, false, 0.383, 4, 0.04}, {5, false, 0.728, 6, 0.88}, {5, true, 0.506, 4, 0.67}, {5, false, 0.272, 2, 0.05},
		{6, false, 0.337, 5, 0.1}, {6, false, 0.505, 3, 0.24}, {6, true, 0.795, 6, 0.8}, {6, true, 0.319, 3, 0.34},
		{7, false, 0.324, 3, 0.68}, {7, false, 0.614, 6, 0.5}, {7, false, 0.206, 1, 0.21}, {7, false, 0.314, 1, 0.23},
	}
}

func tied() []told {
	return []told{
		{0, false, 0.8, 6, 0.92}, {0, false, 0.6, 4, 0.11}, {0, true, 0.7, 5, 0.69}, {0, true, 0.2, 0, 0.08},
		{1, false, 0.3, 3, 0.09}, {1, false, 0.2, 3, 0.19}, {1, true, 0.7, 6, 0.59}, {1, false, 0.5, 5, 0.12},
		{2, false, 0.3, 5, 0.16}, {2, false, 0.3, 3, 0.16}, {2, false, 0.5, 5, 0.42}, {2, false, 0.2, 2, 0.04},
		{3, false, 0.2, 0, 0.18}, {3, false, 0.5, 5, 0.58}, {3, true, 0.9, 6, 0.69}, {3, false, 0.3, 4, 0.12},
		{4, false, 0.3, 2, 0.15}, {4, false, 0.2, 3, 0.05}, {4, false, 0.1, 1, 0.3}, {4, false, 0.5, 4, 0.46},
		{5, false, 0.6, 5, 0.27}, {5, false, 0.4, 3, 0.14}, {5, true, 0.5, 4, 0.34}, {5, false, 0.4, 4, 0.81},
		{6, false, 0.4, 4, 0.27}, {6, false, 0.1, 1, 0.06}, {6, false, 0.3, 2, 0.26}, {6, false, 0.4, 4, 0.29},
		{7, false, 0.2, 0, 0.58}, {7, false, 0.3, 2, 0.11}, {7, false, 0.2, 1, 0.22}, {7, false, 0.3, 4, 0.22},
	}
}

// The figures are those of scikit-learn 1.9.1 (roc_auc_score, average_precision_score,
// brier_score_loss, LogisticRegression without penalty) and, for calibration in the large, SciPy's brentq;
// those of alerting are counted with NumPy.
func TestAgainstScikitLearn(t *testing.T) {
	for _, c := range []struct {
		what  string
		table []told

		auroc, auprc, brier, scaled       float64
		slope, intercept, large, oe       float64
		news2ROC, news2PR, plainROC, plPR float64
		ratio                             float64 // by counting
		sens, sensPatients, spec, ppv     float64 // at 0.5
		perDay                            float64
		benefit20, benefit50              float64 // net, at 0.2 and 0.5
	}{
		{"all different", distinct(), 0.8461538461538463, 0.6015733778891674, 0.15570765625000002, -0.022081025641025764,
			1.3374468573912583, -1.2617181967858873, -1.26494804013197, 0.47690962562594386,
			0.8397435897435898, 0.5966386554621849, 0.7275641025641025, 0.47812372812372816,
			0.6666666666666666, 0.6666666666666666, 1, 0.8461538461538461, 0.5, 6, 0.0078125, 0},
		{"many alike", tied(), 0.7851851851851851, 0.6060606060606061, 0.15812500000000002, -0.19940740740740748,
			1.3414754894487506, -1.4805272309488737, -1.4640956126926867, 0.4032258064516128,
			0.7037037037037036, 0.4116421568627451, 0.7333333333333334, 0.43448275862068964,
			0.4444444444444444, 0.8, 1, 0.7407407407407407, 0.36363636363636365, 8.25, -0.0390625, -0.09375},
	} {
		r := measure(t, rowsOf(c.table), 0.5, 0)
		a := &r.Alerting
		decision := measure(t, rowsOf(c.table), 0.4, 0).Decision // up to 0.5, in steps of 0.025
		for name, x := range map[string][2]float64{
			"AUROC": {float64(r.AUROC), c.auroc}, "AUPRC": {float64(r.AUPRC), c.auprc}, "Brier": {float64(r.Brier), c.brier}, "scaled Brier": {float64(r.ScaledBrier), c.scaled},
			"slope": {float64(r.Calibration.Slope), c.slope}, "intercept": {float64(r.Calibration.Intercept), c.intercept},
			"in the large": {float64(r.Calibration.InTheLarge), c.large}, "O/E": {float64(r.Calibration.ObservedExpected), c.oe},
			"NEWS2's AUROC": {float64(r.Reference.News2.AUROC), c.news2ROC}, "NEWS2's AUPRC": {float64(r.Reference.News2.AUPRC), c.news2PR},
			"logistic AUROC": {float64(r.Reference.Logistic.AUROC), c.plainROC}, "logistic AUPRC": {float64(r.Reference.Logistic.AUPRC), c.plPR},
			"more AUROC than NEWS2":        {float64(r.Differences.News2.AUROC.Value), c.auroc - c.news2ROC},
			"more AUPRC than the logistic": {float64(r.Differences.Logistic.AUPRC.Value), c.auprc - c.plPR},
			"ratio of alerts":              {float64(r.AlertsRatio), c.ratio},
			"sensitivity, rows":            {float64(a.SensitivityRows.Value), c.sens}, "sensitivity, patients": {float64(a.SensitivityPatients.Value), c.sensPatients},
			"specificity": {float64(a.Specificity.Value), c.spec}, "PPV": {float64(a.PPV.Value), c.ppv}, "alerts a day": {float64(a.PerDay.Value), c.perDay},
			"net benefit at 0.2": {float64(decision[7].Model.Value), c.benefit20}, "net benefit at 0.5": {float64(decision[19].Model.Value), c.benefit50},
		} {
			if math.Abs(x[0]-x[1]) > 1e-9 {
				t.Errorf("%s: %s is %v, want %v", c.what, name, x[0], x[1])
			}
		}
	}
}

// The first place to look is the contract: names and shapes as others read them.
func TestTheContract(t *testing.T) {
	b, err := json.Marshal(measure(t, rowsOf(distinct()), 0.5, 50))
	if err != nil {
		t.Fatal(err)
	}
	var r struct {
		N, Events, Patients *int
		AUROC, AUPRC        *float64
		Calibration         struct{ Slope, Intercept *float64 }
		Reference           map[string]struct{ AUROC, AUPRC *float64 }
		Ratio               *float64 `json:"alerts_ratio_at_news2_5"`
	}
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	if r.N == nil || *r.N != 32 || *r.Events != 6 || *r.Patients != 8 || r.AUROC == nil || r.AUPRC == nil || r.Ratio == nil ||
		r.Calibration.Slope == nil || r.Calibration.Intercept == nil || r.Reference["news2"].AUPRC == nil || r.Reference["trend_logistic"].AUROC == nil {
		t.Errorf("a name of the contract is missing: %s", b)
	}
}

// What cannot be known is null and never a figure.
func TestNothingToTell(t *testing.T) {
	quiet, all, alike, parted := distinct(), distinct(), distinct(), distinct()
	for i := range quiet {
		quiet[i].event, all[i].event = false, true
		alike[i].p = 0.2
		parted[i].p = 0.1
		if parted[i].event {
			parted[i].p = 0.2
		}
	}
	for _, c := range []struct {
		what                      string
		table                     []told
		auroc, slope, large, many bool // known
	}{
		{"no events", quiet, false, false, false, true}, {"only events", all, false, false, false, true},
		{"one prediction for all", alike, true, false, true, false}, {"parted by a threshold", parted, true, false, true, false},
	} {
		r := measure(t, rowsOf(c.table), 0.15, 20)
		if r.AUROC.Known() != c.auroc || r.Calibration.Slope.Known() != c.slope || r.Calibration.InTheLarge.Known() != c.large {
			t.Errorf("%s: AUROC %v, slope %v, in the large %v", c.what, r.AUROC, r.Calibration.Slope, r.Calibration.InTheLarge)
		}
		if c.what == "one prediction for all" && (r.AUROC != 0.5 || r.AUPRC != r.Prevalence || len(r.CalibrationCurve.Deciles) != 1) {
			t.Errorf("%s: AUROC %v, AUPRC %v, %d tenths", c.what, r.AUROC, r.AUPRC, len(r.CalibrationCurve.Deciles))
		}
		if c.what == "parted by a threshold" && (r.AUROC != 1 || r.AUPRC != 1) {
			t.Errorf("%s: AUROC %v, AUPRC %v", c.what, r.AUROC, r.AUPRC)
		}
		if _, err := json.Marshal(r); err != nil {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	for _, c := range []struct {
		what string
		spot func(*told)
	}{{"no NEWS2 of 5 or more", func(x *told) { x.news2 = 4 }}, {"none of them right", func(x *told) {
		if x.event {
			x.news2 = 0
		}
	}}} {
		table := distinct()
		for i := range table {
			c.spot(&table[i])
		}
		if r := measure(t, rowsOf(table), 0.5, 20); r.AlertsRatio.Known() {
			t.Errorf("%s: the ratio is %v", c.what, r.AlertsRatio)
		}
	}
}

func TestMeasureRefuses(t *testing.T) {
	for _, c := range []struct {
		what, says string
		spoil      func(*told)
		threshold  float64
	}{
		{"a prediction is missing", "row 3: the prediction is NaN", func(x *told) { x.p = math.NaN() }, 0.5},
		{"a prediction is log-odds", "not a probability", func(x *told) { x.p = -2.5 }, 0.5},
		{"NEWS2 is out of its range", "row 3: NEWS2 is 21", func(x *told) { x.news2 = 21 }, 0.5},
		{"the logistic regression left a row out", "row 3: the logistic regression must judge all rows or none", func(x *told) { x.logistic = math.NaN() }, 0.5},
		{"the logistic regression says too much", "row 3: the logistic regression says 1.5", func(x *told) { x.logistic = 1.5 }, 0.5},
		{"no threshold", "give one between 0 and 1", func(*told) {}, 0},
		{"the threshold is not a number", "give one between 0 and 1", func(*told) {}, math.NaN()},
	} {
		table := distinct()
		c.spoil(&table[2])
		o := options()
		o.Model.Threshold = stat.Number(c.threshold)
		if _, err := Measure(t.Context(), rowsOf(table), o); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want it to say: %s", c.what, err, c.says)
		}
	}
	if _, err := Measure(t.Context(), nil, options()); err == nil || !strings.Contains(err.Error(), "no eligible rows") {
		t.Errorf("no rows: %v", err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	o := options()
	o.Resamples = 10
	if _, err := Measure(stopped, rowsOf(distinct()), o); !errors.Is(err, context.Canceled) {
		t.Errorf("it went on: %v", err)
	}
}

// Neither the order of the rows nor what patients are called nor the number of workers may change a figure.
func TestTheOrderDoesNotMatter(t *testing.T) {
	rows := generated(40, 12, 5)
	want, _ := json.Marshal(measure(t, rows, 0.05, 40))
	mixed := slices.Clone(rows)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
	for i := range mixed {
		mixed[i].Patient = 1000 + 3*mixed[i].Patient
	}
	o := options()
	o.Resamples, o.Workers = 40, 7
	r, err := Measure(t.Context(), mixed, o)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := json.Marshal(r); string(got) != string(want) {
		t.Errorf("the same rows in another order say otherwise:\n%s\n%s", got, want)
	}
}

// Stretching the predictions without changing their order leaves how well they discriminate; calling
// events what is none turns it about.
func TestDiscriminationProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rows := generated(rapid.IntRange(2, 12).Draw(rt, "patients"), 8, rapid.Uint64().Draw(rt, "seed"))
		before := measure(t, rows, 0.05, 0)
		if !before.AUROC.Known() {
			return
		}
		stretched, turned := slices.Clone(rows), slices.Clone(rows)
		for i := range rows {
			stretched[i].P = sigmoid(2*logit(rows[i].P) + 1)
			turned[i].Event = !rows[i].Event
		}
		s, u := measure(t, stretched, 0.05, 0), measure(t, turned, 0.05, 0)
		if !near(s.AUROC, before.AUROC) || !near(s.AUPRC, before.AUPRC) {
			rt.Fatalf("stretched: %v and %v, before %v and %v", s.AUROC, s.AUPRC, before.AUROC, before.AUPRC)
		}
		if !near(u.AUROC, 1-before.AUROC) {
			rt.Fatalf("turned about: %v, before %v", u.AUROC, before.AUROC)
		}
		if before.Calibration.Slope.Known() && math.Abs(float64(s.Calibration.Slope-before.Calibration.Slope/2)) > 1e-6 {
			rt.Fatalf("predictions twice as extreme have the slope %v, before %v", s.Calibration.Slope, before.Calibration.Slope)
		}
	})
}

func near(a, b stat.Number) bool { return math.Abs(float64(a-b)) < 1e-9 }

// Predictions from which the events were drawn are calibrated: all that says so must agree within its
// interval, also the smooth curve and the tenths.
func TestACalibratedModel(t *testing.T) {
	r := measure(t, generated(400, 30, 3), 0.05, 100)
	for what, c := range map[string]struct {
		interval Interval
		right    stat.Number
	}{
		"slope": {r.Intervals.Slope, 1}, "intercept": {r.Intervals.Intercept, 0},
		"in the large": {r.Intervals.InTheLarge, 0}, "observed over expected": {r.Intervals.ObservedExpected, 1},
	} {
		if !(c.interval.Low < c.right && c.right < c.interval.High) {
			t.Errorf("%s: %v is not in %v", what, c.right, c.interval)
		}
	}
	if n := len(r.CalibrationCurve.Deciles); n != 10 {
		t.Fatalf("%d tenths", n)
	}
	for i, d := range r.CalibrationCurve.Deciles {
		if d.N != 1200 || d.Predicted < d.Wilson.Low*0.7 || d.Predicted > d.Wilson.High*1.3 {
			t.Errorf("tenth %d: %+v", i+1, d)
		}
	}
	if len(r.CalibrationCurve.Smooth) != smoothPoints {
		t.Errorf("the smooth curve has %d points", len(r.CalibrationCurve.Smooth))
	}
	for _, p := range r.CalibrationCurve.Smooth {
		if ratio := p.Observed / p.Predicted; ratio < 0.6 || ratio > 1.6 {
			t.Errorf("the smooth curve says %v where %v is right", p.Observed, p.Predicted)
		}
	}
	if !(r.Differences.News2.AUROC.Low > 0 && r.Differences.Logistic.AUROC.Low > 0) {
		t.Errorf("the model knows more than its references, but: %+v %+v", r.Differences.News2, r.Differences.Logistic)
	}
}

// Rows of one patient that say the same three times over tell nothing new: every interval stays as
// wide. One over rows would shrink.
func TestIntervalsRespectPatients(t *testing.T) {
	rows := generated(60, 10, 9)
	once, thrice := measure(t, rows, 0.05, 60), measure(t, slices.Concat(rows, rows, rows), 0.05, 60)
	for what, pair := range map[string][2]Interval{
		"AUROC": {once.Intervals.AUROC, thrice.Intervals.AUROC}, "NEWS2's AUROC": {once.Intervals.News2AUROC, thrice.Intervals.News2AUROC},
		"Brier": {once.Intervals.Brier, thrice.Intervals.Brier}, "slope": {once.Intervals.Slope, thrice.Intervals.Slope},
		"in the large": {once.Intervals.InTheLarge, thrice.Intervals.InTheLarge}, "ratio of alerts": {once.Intervals.AlertsRatio, thrice.Intervals.AlertsRatio},
	} {
		if math.Abs(float64(pair[0].Low-pair[1].Low)) > 1e-6 || math.Abs(float64(pair[0].High-pair[1].High)) > 1e-6 || !(pair[0].Low < pair[0].High) {
			t.Errorf("%s: %v, with every row three times %v", what, pair[0], pair[1])
		}
	}
}
