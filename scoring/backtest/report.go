package backtest

import (
	"wardwatch/scoring/backtest/stat"
)

// Format is the version of the report's JSON form.
const Format = 1

// Report is what a backtest found. Unknown figures are null. Intervals are 95 %: Wilson's for
// shares of patients, otherwise percentiles of a bootstrap that draws whole patients.
type Report struct {
	Format   int      `json:"format"`
	Set      Set      `json:"set"`
	Method   Method   `json:"method"`
	Policies []Policy `json:"policies"`
}

// Set is the data that was used.
type Set struct {
	Name     string `json:"name"`   // filled in by the caller
	Layout   string `json:"layout"` // filled in by the caller
	Event    string `json:"event"`  // what the event is: "sepsis", "death"; filled in by the caller
	Timed    bool   `json:"timed"`  // the events' times are known
	Clock    bool   `json:"clock"`  // the times of day are real, so that nights can be told from days
	Patients int    `json:"patients"`
	Followed int    `json:"followed"` // patients of whom it is known whether the event came
	Events   int    `json:"events"`

	Prevalence  stat.Number `json:"prevalence"` // events per followed patient
	PatientDays stat.Number `json:"patient_days"`

	Rows         int64       `json:"rows"`
	LabelledRows int64       `json:"labelled_rows"`
	PositiveRows int64       `json:"positive_rows"`
	RowShare     stat.Number `json:"positive_row_share"`

	Values  map[string]int64 `json:"values"`  // measured, by vital
	Lacks   []string         `json:"lacks"`   // vitals that never occur
	Skipped map[string]int64 `json:"skipped"` // rows or values left out, by reason; filled in by the caller
}

// Method is how the figures were made.
type Method struct {
	// The staff of the model: from being told to accepting, to a charted set and to the bedside, and how long the score is
	// under the alerting bands before they close; minutes.
	Accept  stat.Number `json:"staff_accept_min"`
	Charted stat.Number `json:"staff_charted_min"`
	Bedside stat.Number `json:"staff_bedside_min"`
	Quiet   stat.Number `json:"staff_close_min"`
	Plan    stat.Number `json:"staff_plan_min"`   // for which a doctor at something high puts off reviews; 0: never
	Miss    stat.Number `json:"staff_miss_share"` // of tellings that a role does not answer

	Resamples   int         `json:"resamples"`
	Seed        uint64      `json:"seed"`
	Horizons    []int       `json:"horizons_h"`         // of the windows before an event
	PPVHorizon  int         `json:"ppv_horizon_h"`      // an alert is right when the event follows within it
	LabelWindow stat.Number `json:"rows_after_label_h"` // rows later than this after the first positive one are dropped
}

// Policy is what one policy would have done.
type Policy struct {
	Name    string   `json:"name"`
	Version string   `json:"version"`
	Charts  []string `json:"charts"` // that its live score used

	Burden   Burden     `json:"burden"`
	Accuracy []Accuracy `json:"accuracy"` // by the least band that counts as an alert, the widest first
	Crossing []Accuracy `json:"crossing"` // the same for "alert at every threshold crossing" of the same scores
	Sweep    []Point    `json:"sweep"`    // crossing one threshold of points, by threshold
	Matched  []Matched  `json:"matched"`  // this policy against every crossing, at equal sensitivity

	BandChanges stat.Estimate          `json:"band_changes_per_patient_day"`
	TimeInBand  map[string]stat.Number `json:"time_in_band"`   // shares of the scored time
	Complete    stat.Number            `json:"complete_share"` // of the scored time
	LowerBound  stat.Number            `json:"lower_bound_share"`

	Scores []Score  `json:"scores"`
	Groups []Group  `json:"groups"`
	Missed []Missed `json:"missed"`
}

// Burden is how often people were interrupted, and how often told again. Interruptive is a first
// telling or a rise; per patient-day of observation.
type Burden struct {
	Interruptive stat.Estimate `json:"interruptive_per_patient_day"` // the patient's: clinical and the device's own alarms
	Technical    stat.Estimate `json:"technical_per_patient_day"`
	Escalations  stat.Estimate `json:"escalations_per_patient_day"`
	Reviews      stat.Estimate `json:"reviews_per_patient_day"` // told again without news
	Kinds        []Share       `json:"kinds"`
	Bands        []Share       `json:"bands"`
	Causes       []Share       `json:"causes"` // the most frequent first

	Roles []RoleBurden `json:"roles"` // the ladder's, whether told or not
	Rungs []RungBurden `json:"rungs"`
	Goals []Goal       `json:"goals"`
}

// RoleBurden is how often one role was told. A round of telling tells a role once, by however many
// channels, and whether the policy has any; who accepted before is not told by a climb.
type RoleBurden struct {
	Role     string        `json:"role"`
	Tellings int           `json:"tellings"`
	PerDay   stat.Estimate `json:"per_patient_day"`
	// Night is per 40 beds and night (22:00 to 06:00). Where the set has no times of day it is a third
	// of a day's.
	Night stat.Estimate `json:"per_40_beds_and_night"`

	// What the tellings were for, per patient-day.
	Calls     stat.Number `json:"calls"`     // a first telling about the patient, or a rise
	Climbs    stat.Number `json:"climbs"`    // the rung before did not answer, confirm or come in time
	Reviews   stat.Number `json:"reviews"`   // another look, without news
	Technical stat.Number `json:"technical"` // the monitor, the network, us

	Notices stat.Number `json:"notices"` // promised by the policy's channels, per patient-day
}

// RungBurden is the rounds of telling about a patient on one rung; the last one has those beyond it.
type RungBurden struct {
	Rung   int           `json:"rung"`
	Rounds int           `json:"rounds"`
	PerDay stat.Estimate `json:"per_patient_day"`
}

// Goal sets one figure of the burden against its goal, at the sensitivity it was reached at.
type Goal struct {
	Name        string        `json:"name"`
	Role        string        `json:"role"`
	AtMost      stat.Number   `json:"at_most"`
	Value       stat.Estimate `json:"value"`
	Met         string        `json:"met"`         // Met, NotMet or Unclear
	Sensitivity stat.Estimate `json:"sensitivity"` // of all calls, by patient; null where nobody had the event
}

// Whether a goal is met: for certain when the whole interval is on one side.
const (
	Met     = "yes"
	NotMet  = "no"
	Unclear = "unclear"
)

// Share is the interruptive alerts of one kind, band or cause.
type Share struct {
	Name   string        `json:"name"`
	Alerts int           `json:"alerts"`
	PerDay stat.Estimate `json:"per_patient_day"`
}

// Accuracy sets alerts against events. Only alerts before a patient's event count for it; where the
// event's time is unknown any alert in the record does, and everything that needs the time is null.
type Accuracy struct {
	Band        string         `json:"band"` // alerts of this band or a worse one
	Alerts      int            `json:"alerts"`
	PerDay      stat.Estimate  `json:"per_patient_day"`
	Sensitivity stat.Estimate  `json:"sensitivity"` // event patients with an alert before the event
	Within      []Within       `json:"within"`
	Specificity stat.Estimate  `json:"specificity"`     // patients without the event and without an alert
	PPVPatient  stat.Estimate  `json:"ppv_patient"`     // alerted patients who had the event
	PPVAlert    stat.Estimate  `json:"ppv_alert"`       // alerts that the event followed within the PPV horizon
	Lead        stat.Quartiles `json:"lead_h"`          // from the first alert to the event, hours
	LeadDay     stat.Quartiles `json:"lead_last_day_h"` // from the first alert within the last 24 h
	LeadBins    []LeadBin      `json:"lead_bins"`       // null where no time is known
}

// LeadBin is how many event patients were first told of so long before the event.
type LeadBin struct {
	From     int         `json:"from_h"`
	To       stat.Number `json:"to_h"` // null: without end
	Patients int         `json:"patients"`
}

// Within is the sensitivity of alerts in the last hours before the event.
type Within struct {
	Hours       int           `json:"hours"`
	Sensitivity stat.Estimate `json:"sensitivity"`
}

// Point is one threshold of points: alert at each crossing of it.
type Point struct {
	Points      int         `json:"points"`
	Sensitivity stat.Number `json:"sensitivity"`
	PerDay      stat.Number `json:"per_patient_day"`
}

// Matched compares a policy with alerting at every crossing where both warn of as many event patients
// in advance.
type Matched struct {
	Band        string        `json:"band"`
	Sensitivity stat.Number   `json:"sensitivity"`
	PerDay      stat.Number   `json:"per_patient_day"`
	Crossing    stat.Number   `json:"crossing_per_patient_day"` // interpolated between its bands
	Ratio       stat.Estimate `json:"ratio"`                    // PerDay over Crossing: under 1 is fewer alerts
	Sweep       stat.Number   `json:"sweep_per_patient_day"`    // the same for one threshold of points
	SweepRatio  stat.Estimate `json:"sweep_ratio"`
	FirstRatio  stat.Estimate `json:"ratio_to_first_policy"` // the same against the first policy's own calls; null for itself
}

// Score is how well one score tells who will have the event.
type Score struct {
	Score      string        `json:"score"`
	On         string        `json:"on"` // OnRows, OnLast, OnWorst or OnDay
	N          int           `json:"n"`
	Events     int           `json:"events"`
	Prevalence stat.Number   `json:"prevalence"`
	Step       float64       `json:"step"`              // values are rounded to it
	LowerBound stat.Number   `json:"lower_bound_share"` // of the times it was worked out, how often an input was missing
	AUROC      stat.Estimate `json:"auroc"`
	AUPRC      stat.Estimate `json:"auprc"`
	Curve      []CurvePoint  `json:"curve"`
}

// CurvePoint is one threshold on the ROC and precision-recall curves.
type CurvePoint struct {
	Threshold   stat.Number `json:"threshold"`
	Sensitivity stat.Number `json:"sensitivity"`
	FalseRate   stat.Number `json:"false_positive_rate"`
	Precision   stat.Number `json:"precision"`
}

// Group is one age band or sex.
type Group struct {
	By          string        `json:"by"` // "age", "sex"
	Name        string        `json:"name"`
	Patients    int           `json:"patients"`
	Events      int           `json:"events"`
	PerDay      stat.Estimate `json:"per_patient_day"`
	Sensitivity stat.Estimate `json:"sensitivity"`
	Specificity stat.Estimate `json:"specificity"`
	PPVPatient  stat.Estimate `json:"ppv_patient"`
	AUROC       stat.Estimate `json:"auroc"` // of the live score
}

// Missed is a patient with the event and no alert before it.
type Missed struct {
	Case   string      `json:"case"`
	Age    stat.Number `json:"age"`
	Sex    string      `json:"sex"`
	Points int         `json:"highest_points"`
	Band   string      `json:"highest_band"`
	Lacks  []string    `json:"lacks"` // parts of the chart that never counted
	Told   bool        `json:"told_later"`
}
