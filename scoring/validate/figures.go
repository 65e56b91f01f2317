package validate

import (
	"wardwatch/scoring/backtest/stat"
	"wardwatch/ward"
)

// Format is the version of the report's JSON form.
const Format = 1

// Report is what a validation found. Unknown figures are null. Intervals are 95 %: Wilson's for
// shares of patients, otherwise percentiles of a bootstrap that draws whole patients.
type Report struct {
	Format int       `json:"format"`
	Task   ward.Task `json:"task"`
	Set    Set       `json:"set"` // filled in by the caller
	Model  Model     `json:"model"`
	Method Method    `json:"method"`

	Headline

	CalibrationCurve CalibrationCurve `json:"calibration_curve"`
	Curves           Curves           `json:"curves"`
	Decision         []Decision       `json:"decision_curve"`
	Alerting         Alerting         `json:"at_threshold"` // the model at its own threshold
	News2Alerting    Alerting         `json:"at_news2_5"`
	Matched          []Matched        `json:"matched"`
	Groups           []Group          `json:"groups"`
	Withheld         Withheld         `json:"withheld"`
	Masked           *Masked          `json:"masked_by_oxygen,omitempty"`
}

// Set is the data that was used.
type Set struct {
	Name    string           `json:"name"`
	Layout  string           `json:"layout"`
	Rows    int              `json:"rows"`    // read, eligible or not
	Skipped map[string]int64 `json:"skipped"` // rows or values left out, by reason
	// Training: this is the very file that the model was trained on. Its figures flatter the model and
	// are no validation.
	Training bool `json:"training"`
}

// Model is the model that was judged and what it was trained on.
type Model struct {
	ID        string      `json:"id"`
	Version   string      `json:"version"`
	TrainedAt string      `json:"trained_at"` // date
	Patients  int         `json:"patients"`   // of the training data
	N         int         `json:"n"`          // rows of the training data
	Events    int         `json:"events"`     // of them with the event
	Threshold stat.Number `json:"threshold"`  // at or over it the model alerts
	Foreign   bool        `json:"foreign"`    // not one of those that come with Wardwatch: its training is not known to us
}

// Method is how the figures were made.
type Method struct {
	Resamples  int    `json:"resamples"`
	Seed       uint64 `json:"seed"`
	DayRows    int    `json:"rows_per_patient_day"`
	News2Least int    `json:"news2_alert"` // a NEWS2 of so much or more is an alert
}

// Headline is what is measured first, on the same rows for the model and what it must beat.
type Headline struct {
	N             int         `json:"n"`
	Events        int         `json:"events"`
	Patients      int         `json:"patients"`
	EventPatients int         `json:"event_patients"`
	Prevalence    stat.Number `json:"prevalence"`

	AUROC       stat.Number `json:"auroc"`
	AUPRC       stat.Number `json:"auprc"`
	Brier       stat.Number `json:"brier"`
	ScaledBrier stat.Number `json:"scaled_brier"` // 1 − Brier / that of always saying the prevalence

	Calibration Calibration `json:"calibration"`
	Reference   Reference   `json:"reference"`

	// AlertsRatio is the model's alerts over those of NEWS2 ≥ 5, where the model's threshold is the
	// highest that finds as many patients: those with an alert on a row labelled event. Rows that score
	// alike alert together, so it may find a few more.
	AlertsRatio stat.Number `json:"alerts_ratio_at_news2_5"`

	Intervals   Intervals   `json:"intervals"`
	Differences Differences `json:"differences"`
}

// Calibration is the logistic regression of the event on the predicted log-odds.
type Calibration struct {
	Slope            stat.Number `json:"slope"`             // 1 is right; under 1: predictions too extreme
	Intercept        stat.Number `json:"intercept"`         // of the same fit as the slope
	InTheLarge       stat.Number `json:"in_the_large"`      // the intercept with the slope held at 1: over 0, predictions too low
	ObservedExpected stat.Number `json:"observed_expected"` // events over the sum of predictions
}

// Reference is what the model must beat.
type Reference struct {
	News2    News2           `json:"news2"`
	Logistic *Discrimination `json:"trend_logistic"` // null where there is none
}

// News2 is the reference chart. Its lower bound is used; rows of which nothing is known stand below 0.
type News2 struct {
	Name     string `json:"name"` // what it is, as it lacks inputs that the data lacks
	Unscored int    `json:"unscored"`
	Discrimination
}

// Discrimination is how well a score tells rows with the event from those without.
type Discrimination struct {
	AUROC stat.Number `json:"auroc"`
	AUPRC stat.Number `json:"auprc"`
}

// Interval is a 95 % interval.
type Interval struct {
	Low  stat.Number `json:"low"`
	High stat.Number `json:"high"`
}

// Intervals are those of the headline's figures.
type Intervals struct {
	AUROC            Interval  `json:"auroc"`
	AUPRC            Interval  `json:"auprc"`
	Brier            Interval  `json:"brier"`
	ScaledBrier      Interval  `json:"scaled_brier"`
	Slope            Interval  `json:"calibration_slope"`
	Intercept        Interval  `json:"calibration_intercept"`
	InTheLarge       Interval  `json:"calibration_in_the_large"`
	ObservedExpected Interval  `json:"observed_expected"`
	News2AUROC       Interval  `json:"news2_auroc"`
	News2AUPRC       Interval  `json:"news2_auprc"`
	LogisticAUROC    *Interval `json:"trend_logistic_auroc"`
	LogisticAUPRC    *Interval `json:"trend_logistic_auprc"`
	AlertsRatio      Interval  `json:"alerts_ratio_at_news2_5"`
}

// Differences are the model's figures less those of a reference, patient by patient in the same
// resamples: over 0 the model is better.
type Differences struct {
	News2    Difference  `json:"news2"`
	Logistic *Difference `json:"trend_logistic"`
}

// Difference is one of Differences.
type Difference struct {
	AUROC stat.Estimate `json:"auroc"`
	AUPRC stat.Estimate `json:"auprc"`
}

// CalibrationCurve sets predictions against what came.
type CalibrationCurve struct {
	Deciles []Decile      `json:"deciles"`
	Smooth  []SmoothPoint `json:"smooth"` // local logistic regression on the predicted log-odds
}

// Decile is a tenth of the rows by prediction; rows predicted alike stay together, so that there may
// be fewer than ten.
type Decile struct {
	N         int           `json:"n"`
	Events    int           `json:"events"`
	Predicted stat.Number   `json:"predicted"` // mean
	Observed  stat.Estimate `json:"observed"`  // with the interval of the bootstrap
	Wilson    Interval      `json:"wilson"`    // as if rows of one patient had nothing to do with each other
}

// SmoothPoint is a point of a smooth curve.
type SmoothPoint struct {
	Predicted stat.Number `json:"predicted"`
	Observed  stat.Number `json:"observed"`
}

// Curves are the points of the ROC and precision-recall curves, from the strictest threshold down,
// thinned to what a plot can show.
type Curves struct {
	Model    []CurvePoint `json:"model"`
	News2    []CurvePoint `json:"news2"`
	Logistic []CurvePoint `json:"trend_logistic"`
}

// CurvePoint is one threshold on a curve.
type CurvePoint struct {
	Threshold   stat.Number `json:"threshold"`
	Sensitivity stat.Number `json:"sensitivity"`
	FalseRate   stat.Number `json:"false_positive_rate"`
	Precision   stat.Number `json:"precision"`
}

// Decision is the net benefit per row of acting when the risk is at or over a threshold: true alerts
// less false ones, those weighed by the odds of the threshold (Vickers and Elkin, 2006). Acting on
// nobody is worth 0.
type Decision struct {
	Threshold stat.Number   `json:"threshold"`
	Model     stat.Estimate `json:"model"`
	News2     stat.Estimate `json:"news2_5"`
	All       stat.Number   `json:"all"`
	Better    stat.Estimate `json:"model_less_news2_5"`
}

// Alerting is what alerting at one threshold does. An alert is a row at or over it.
type Alerting struct {
	Threshold           stat.Number    `json:"threshold"`
	Alerts              int            `json:"alerts"`
	PerDay              stat.Estimate  `json:"per_patient_day"`
	SensitivityRows     stat.Estimate  `json:"sensitivity_rows"`
	SensitivityPatients stat.Estimate  `json:"sensitivity_patients"` // event patients with an alert on a row labelled event
	Specificity         stat.Estimate  `json:"specificity"`          // rows
	PPV                 stat.Estimate  `json:"ppv"`                  // rows
	Lead                stat.Quartiles `json:"lead_h"`               // from a patient's first alert on a row labelled event to the event, hours
	LeadDay             stat.Quartiles `json:"lead_last_day_h"`      // from the first alert of the last 24 h, labelled event or not
}

// Matched compares sensitivities where every score alerts equally often. Between two thresholds it is
// interpolated in a straight line, as if each were used for a part of the patients.
type Matched struct {
	At       string         `json:"at"` // AtNews2 or AtFixed
	PerDay   stat.Number    `json:"alerts_per_patient_day"`
	Model    Sensitivities  `json:"model"`
	News2    Sensitivities  `json:"news2"`
	Logistic *Sensitivities `json:"trend_logistic"`
}

// What the frequency of alerts is matched to.
const (
	AtNews2 = "news2_5" // that of NEWS2 ≥ 5
	AtFixed = "fixed"   // a round number
)

// Sensitivities are those of rows and of patients.
type Sensitivities struct {
	Rows     stat.Estimate `json:"rows"`
	Patients stat.Estimate `json:"patients"`
}

// Group is one age band or sex. PPV and alerts are at the model's threshold.
type Group struct {
	By               string        `json:"by"` // ByAge or BySex
	Name             string        `json:"name"`
	N                int           `json:"n"`
	Events           int           `json:"events"`
	Patients         int           `json:"patients"`
	EventPatients    int           `json:"event_patients"`
	AUROC            stat.Estimate `json:"auroc"`
	AUPRC            stat.Estimate `json:"auprc"`
	Slope            stat.Estimate `json:"calibration_slope"`
	ObservedExpected stat.Estimate `json:"observed_expected"`
	Sensitivity      stat.Estimate `json:"sensitivity_patients"`
	PPV              stat.Estimate `json:"ppv"`
	PerDay           stat.Estimate `json:"per_patient_day"`
}

// What groups are made by.
const (
	ByAge = "age"
	BySex = "sex"
)

// Withheld is how often the engine would have said nothing, and the headline without those rows.
// All other figures count what the model said of every row.
type Withheld struct {
	Rows    int              `json:"rows"`
	Share   stat.Number      `json:"share"`
	Reasons []WithheldReason `json:"reasons"`          // the most frequent first
	Kept    *Headline        `json:"without_withheld"` // null where nothing was withheld
	// Alerting is the model at its threshold as staff would see it: withheld rows do not alert.
	Alerting *Alerting `json:"at_threshold_as_shown"`
}

// WithheldReason counts the rows withheld for one reason.
type WithheldReason struct {
	Reason ward.Withheld `json:"reason"`
	Rows   int           `json:"rows"`
	Events int           `json:"events"`
}

// Masked counts the rows without respiratory decline of which it is known whether more oxygen was given.
// Decline that more oxygen hides is not in the label; a model that alerts there is counted as wrong.
type Masked struct {
	Known   int           `json:"known"`
	Rows    int           `json:"rows"` // with more oxygen
	People  int           `json:"patients"`
	Alerted stat.Estimate `json:"alerted"`        // share of those rows at or over the model's threshold
	Others  stat.Estimate `json:"others_alerted"` // the same of known rows without more oxygen
}
