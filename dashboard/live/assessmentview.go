package live

import (
	"time"

	"wardwatch/ward"
)

// AssessedView is the little that a tile shows of an assessment; the rest is asked for by bed.
type AssessedView struct {
	Version    int        `json:"version"` // another one: what is asked for by bed has changed
	At         int64      `json:"at"`
	FreshUntil int64      `json:"fresh_until"` // then greyed, with its age
	ShownUntil int64      `json:"shown_until"` // then gone
	Risks      []RiskMark `json:"risks"`       // those that ask for concern, and those whose model cannot speak
	Imaging    string     `json:"imaging"`     // unread, confirmed or context; empty: no finding counts
}

// RiskMark is a risk on a tile.
type RiskMark struct {
	Task     string   `json:"task"`
	Raised   bool     `json:"raised"`
	Value    *float64 `json:"value"` // 0–1
	Withheld string   `json:"withheld"`
}

// AssessmentView is what models, trends and the respiratory view say of one person at one moment.
type AssessmentView struct {
	Stay        string           `json:"stay"`
	At          int64            `json:"at"`
	FreshUntil  int64            `json:"fresh_until"`
	ShownUntil  int64            `json:"shown_until"`
	Policy      string           `json:"policy"`
	Risks       []RiskView       `json:"risks"`
	Trends      []TrendView      `json:"trends"`
	Forecasts   []ForecastView   `json:"forecasts"`
	Respiratory *RespiratoryView `json:"respiratory"`
}

// RiskView is a model's opinion with what it rests on.
type RiskView struct {
	Task      string          `json:"task"`
	Model     string          `json:"model"`
	Version   string          `json:"version"`
	Value     *float64        `json:"value"` // a calibrated probability, 0–1; null when withheld
	Threshold float64         `json:"threshold"`
	Raised    bool            `json:"raised"`
	Withheld  string          `json:"withheld"` // why there is no value
	Because   []string        `json:"because"`  // the inputs that withheld speaks of
	Reasons   []ReasonView    `json:"reasons"`  // the strongest first
	Inputs    []RiskInputView `json:"inputs"`
}

// ReasonView is what one input adds to a risk, in log-odds.
type ReasonView struct {
	Input  string   `json:"input"`
	Push   float64  `json:"push"`
	Value  *float64 `json:"value"` // null: not known
	At     *int64   `json:"at"`
	Level  string   `json:"level"`
	Course string   `json:"course"`
}

// RiskInputView is one value that a risk was made from.
type RiskInputView struct {
	Input string   `json:"input"`
	Value *float64 `json:"value"`
	At    *int64   `json:"at"`
}

// TrendView is where one vital is going. Times to the limit are in milliseconds from at.
type TrendView struct {
	Vital string   `json:"vital"`
	At    *int64   `json:"at"`
	Means string   `json:"means"`
	Slope *float64 `json:"slope"` // an hour
	Span  int64    `json:"span"`
	Limit *float64 `json:"limit"`
	Reach *int64   `json:"reach"` // null: nothing is said
	Early *int64   `json:"early"`
	Late  *int64   `json:"late"` // null: it may not get there at all
}

// ForecastView is where one vital is expected to be.
type ForecastView struct {
	Vital    string             `json:"vital"`
	Model    string             `json:"model"`
	Version  string             `json:"version"`
	Withheld string             `json:"withheld"`
	Because  []string           `json:"because"`
	Hours    []ForecastHourView `json:"hours"`
}

// ForecastHourView is the expected value some hours ahead; four of five lie between low and high.
type ForecastHourView struct {
	Ahead int64   `json:"ahead"` // ms
	Mid   float64 `json:"mid"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// RespiratoryView is what is known of one person's breathing.
type RespiratoryView struct {
	Table     string               `json:"table"`
	Band      string               `json:"band"`
	Withheld  string               `json:"withheld"`
	ROX       *float64             `json:"rox"`
	SF        *float64             `json:"sf"`
	Estimated bool                 `json:"estimated"` // the inspired fraction is estimated from the flow …
	ROXLow    *float64             `json:"rox_low"`   // … and these are both at the most oxygen that the flow may give
	SFLow     *float64             `json:"sf_low"`
	Device    string               `json:"device"` // empty: not known
	Rows      []RespiratoryRowView `json:"rows"`   // the worst first
}

// RespiratoryRowView is one line of the table that applies.
type RespiratoryRowView struct {
	Code    string   `json:"code"`
	Band    string   `json:"band"`
	Number  *float64 `json:"number"`
	Limit   *float64 `json:"limit"`
	At      *int64   `json:"at"`
	Finding string   `json:"finding"` // id of the imaging finding it rests on
	Unread  bool     `json:"unread"`  // nobody has confirmed that finding
	Age     string   `json:"age"`     // of that finding: fresh, fading or context
	Source  string   `json:"source"`
}

// PredictionView is one bed's risk for those who judge a model, silent or not.
type PredictionView struct {
	Bed    string   `json:"bed"`
	Stay   string   `json:"stay"`
	At     int64    `json:"at"`
	Silent bool     `json:"silent"`
	Risk   RiskView `json:"risk"`
}

func viewAssessed(a *ward.Assessment, version int) *AssessedView {
	if a == nil {
		return nil
	}
	v := &AssessedView{Version: version, At: a.At.UnixMilli(), FreshUntil: a.At.Add(AssessmentFresh).UnixMilli(), ShownUntil: a.At.Add(AssessmentShown).UnixMilli(), Risks: []RiskMark{}}
	for i := range a.Risks {
		r := &a.Risks[i]
		if r.Silent || !r.Raised() && !speechless(r.Withheld) {
			continue
		}
		v.Risks = append(v.Risks, RiskMark{Task: string(r.Task), Raised: r.Raised(), Value: valueOf(r), Withheld: string(r.Withheld)})
	}
	v.Imaging = imagingMark(a.Respiratory.Rows)
	return v
}

// imagingMark says of the imaging findings that rows rest on what a tile should: one that nobody has
// confirmed goes before one that somebody has, and both before what is only background.
func imagingMark(rows []ward.RespiratoryRow) string {
	mark := ""
	for i := range rows {
		r := &rows[i]
		switch {
		case r.Finding == "" || r.Silent:
		case r.Age == ward.AgeContext:
			if mark == "" {
				mark = "context"
			}
		case r.Unread:
			return "unread"
		default:
			mark = "confirmed"
		}
	}
	return mark
}

// speechless reports whether the fault is the model's or ours. That a model does not apply to a person
// is no news for a tile.
func speechless(w ward.Withheld) bool {
	switch w {
	case ward.WithheldRuntime, ward.WithheldModel, ward.WithheldFailed, ward.WithheldSlow, ward.WithheldDrift:
		return true
	}
	return false
}

// valueOf is nil when the value says nothing: it must not be read all the same.
func valueOf(r *ward.Risk) *float64 {
	if r.Withheld != ward.NotWithheld {
		return nil
	}
	return shownNumber(r.Value)
}

func viewAssessment(a *ward.Assessment) AssessmentView {
	v := AssessmentView{
		Stay: string(a.Stay), At: a.At.UnixMilli(), FreshUntil: a.At.Add(AssessmentFresh).UnixMilli(), ShownUntil: a.At.Add(AssessmentShown).UnixMilli(),
		Policy: a.Policy, Risks: []RiskView{}, Trends: make([]TrendView, 0, len(a.Trends)), Forecasts: []ForecastView{}, Respiratory: viewRespiratory(&a.Respiratory),
	}
	for i := range a.Risks {
		if !a.Risks[i].Silent {
			v.Risks = append(v.Risks, viewRisk(&a.Risks[i], a.At))
		}
	}
	for i := range a.Trends {
		v.Trends = append(v.Trends, viewTrend(&a.Trends[i]))
	}
	for i := range a.Forecasts {
		if !a.Forecasts[i].Silent {
			v.Forecasts = append(v.Forecasts, viewForecast(&a.Forecasts[i]))
		}
	}
	return v
}

func viewRisk(r *ward.Risk, at time.Time) RiskView {
	v := RiskView{
		Task: string(r.Task), Model: r.Model, Version: r.Version, Value: valueOf(r), Threshold: orZero(r.Threshold), Raised: r.Raised(),
		Withheld: string(r.Withheld), Because: append([]string{}, r.Because...),
		Reasons: make([]ReasonView, 0, len(r.Reasons)), Inputs: make([]RiskInputView, 0, len(r.Inputs)),
	}
	for _, c := range r.Reasons {
		value, measured := aged(c.Value, c.Age, at)
		v.Reasons = append(v.Reasons, ReasonView{Input: c.Input, Push: orZero(c.Push), Value: value, At: measured, Level: string(c.Level), Course: string(c.Course)})
	}
	for _, x := range r.Inputs {
		value, measured := aged(x.Value, x.Age, at)
		v.Inputs = append(v.Inputs, RiskInputView{Input: x.Input, Value: value, At: measured})
	}
	return v
}

// aged is a value with the time of its measurement; neither when there is no value.
func aged(x float64, age time.Duration, at time.Time) (*float64, *int64) {
	if !finite(x) {
		return nil, nil
	}
	return &x, Ms(at.Add(-age))
}

func orZero(x float64) float64 {
	if !finite(x) {
		return 0
	}
	return x
}

func viewTrend(t *ward.Trend) TrendView {
	v := TrendView{Vital: t.Vital.String(), At: Ms(t.At), Means: string(t.Means), Slope: shownNumber(t.Slope), Span: t.Span.Milliseconds()}
	if t.Reach > 0 {
		v.Limit, v.Reach, v.Early, v.Late = Given(t.Limit), ahead(t.Reach), ahead(t.Early), ahead(t.Late)
	}
	return v
}

// ahead is a time to come; nil for none.
func ahead(d time.Duration) *int64 {
	if d <= 0 {
		return nil
	}
	ms := d.Milliseconds()
	return &ms
}

func viewForecast(f *ward.Forecast) ForecastView {
	v := ForecastView{Vital: f.Vital.String(), Model: f.Model, Version: f.Version, Withheld: string(f.Withheld), Because: append([]string{}, f.Because...), Hours: []ForecastHourView{}}
	if f.Withheld != ward.NotWithheld {
		return v
	}
	for _, h := range f.Hours {
		if finite(h.Mid) && finite(h.Low) && finite(h.High) {
			v.Hours = append(v.Hours, ForecastHourView{Ahead: h.Ahead.Milliseconds(), Mid: h.Mid, Low: h.Low, High: h.High})
		}
	}
	return v
}

func viewRespiratory(r *ward.Respiratory) *RespiratoryView {
	if r.Table == "" {
		return nil
	}
	v := &RespiratoryView{
		Table: r.Table, Band: r.Band.String(), Withheld: string(r.Withheld), ROX: Given(r.ROX), SF: Given(r.SF),
		Estimated: r.Estimated, ROXLow: Given(r.ROXLow), SFLow: Given(r.SFLow), Rows: []RespiratoryRowView{},
	}
	if r.HasDevice {
		v.Device = r.Device.String()
	}
	for _, x := range r.Rows {
		if !x.Silent {
			v.Rows = append(v.Rows, RespiratoryRowView{
				Code: x.Code, Band: x.Band.String(), Number: shownNumber(x.Number), Limit: shownNumber(x.Limit),
				At: Ms(x.At), Finding: x.Finding, Unread: x.Unread, Age: string(x.Age), Source: x.Source,
			})
		}
	}
	return v
}
