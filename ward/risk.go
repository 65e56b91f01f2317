package ward

import "time"

// Task is what a learned model foretells.
type Task string

// Tasks. Both are learned from intensive care and are named to staff as what they are.
const (
	Deterioration      Task = "deterioration" // onset of sepsis (Sepsis-3) within some six hours
	RespiratoryDecline Task = "respiratory"   // RR ≥ 30 or SpO2 ≤ 90 in at least two of the next six hours
)

// Forecasting is the task of a model that foretells RR and SpO2 themselves.
const Forecasting Task = "forecast"

// Tasks are all tasks with a risk, in the order in which they are shown.
var Tasks = []Task{Deterioration, RespiratoryDecline}

// Risk is a learned model's opinion of one person at one moment. It may raise concern, never lower
// it: the published chart has the last word downwards.
type Risk struct {
	Task      Task
	Model     string // id; empty when there is no model
	Version   string // of the model, with the beginning of its file's hash
	Value     float64
	Threshold float64  // at or over it the risk is raised
	Withheld  Withheld // why Value says nothing
	Because   []string // the inputs that Withheld speaks of
	Reasons   []Contribution
	Inputs    []RiskInput
	Silent    bool // computed and kept, not shown to treating staff
}

// Raised reports whether the risk asks for concern. Value is a calibrated probability, 0–1.
func (r *Risk) Raised() bool { return r.Withheld == NotWithheld && r.Value >= r.Threshold }

// Withheld is why a model says nothing of a person.
type Withheld string

// Reasons to withhold a prediction.
const (
	NotWithheld        Withheld = ""
	WithheldRuntime    Withheld = "no_runtime"     // the runtime's shared library is missing or does not fit
	WithheldModel      Withheld = "no_model"       // the model's file is missing, altered or does not fit
	WithheldFailed     Withheld = "failed"         // the model did not answer
	WithheldSlow       Withheld = "slow"           // the model did not answer in time
	WithheldDrift      Withheld = "drift"          // what is measured here has moved away from what it was trained on
	WithheldTooLittle  Withheld = "too_little"     // too few inputs are known
	WithheldPattern    Withheld = "unseen_pattern" // this set of missing inputs was not in the training data
	WithheldRange      Withheld = "out_of_range"   // an input is beyond what was in the training data
	WithheldScale2     Withheld = "scale2"
	WithheldVentilated Withheld = "ventilated" // or on NIV or CPAP
	WithheldAge        Withheld = "under_18"
	WithheldAgeUnknown Withheld = "age_unknown"
	WithheldPregnancy  Withheld = "pregnancy" // or within six weeks after
	WithheldComfort    Withheld = "comfort_care"
	WithheldNobody     Withheld = "nobody" // nobody is known to lie there
)

// Contribution is what one input, with its recent course, adds to a risk: the log-odds less what
// they would be had that input been usual.
type Contribution struct {
	Input  string // "hr", "rr", "spo2", "bp", "temp", "etco2", "oxygen", "age", "sex", or a laboratory value
	Push   float64
	Value  float64       // the newest value used; NaN when there is none
	Age    time.Duration // of the value
	Level  Level
	Course Course
}

// Level is where a value lies among those of the training data.
type Level string

// Levels.
const (
	LevelUsual Level = ""
	LevelLow   Level = "low"  // under the 10th centile
	LevelHigh  Level = "high" // over the 90th
)

// Course is where a value is going.
type Course string

// Courses.
const (
	CourseSteady  Course = ""
	CourseRising  Course = "rising"
	CourseFalling Course = "falling"
)

// RiskInput is one value that a prediction was made from.
type RiskInput struct {
	Input string
	Value float64
	Age   time.Duration
}

// Trend is where one vital is going.
type Trend struct {
	Vital       Vital
	At          time.Time // newest point
	Points      int
	Span        time.Duration // from the oldest to the newest point
	Slope       float64       // in the vital's unit an hour
	SE          float64       // standard error of Slope
	Means       TrendMeans
	Limit       float64       // that the vital is heading for; 0: none
	Reach       time.Duration // until it gets there, about; 0: says nothing
	Early, Late time.Duration // the range of Reach; Late 0: it may not get there at all
}

// TrendMeans says what may be said of a trend.
type TrendMeans string

// What may be said.
const (
	TrendUnknown TrendMeans = ""       // too little, too short or too old
	TrendSteady  TrendMeans = "steady" // no clear direction
	TrendRising  TrendMeans = "rising"
	TrendFalling TrendMeans = "falling"
)

// Forecast is where one vital is expected to be, hour by hour.
type Forecast struct {
	Vital    Vital
	Model    string
	Version  string
	Withheld Withheld
	Because  []string
	Hours    []ForecastHour
	Silent   bool // computed and kept, not shown to treating staff
}

// ForecastHour is the expected value some hours ahead, with the interval that holds four of five.
type ForecastHour struct {
	Ahead          time.Duration
	Mid, Low, High float64
}

// Respiratory is all that is known of one person's breathing in one view. Its table may only raise
// concern.
type Respiratory struct {
	Table     string // version of the table
	Band      Band   // the worst of its rows
	Complete  bool   // nothing it rests on is missing or withheld: only then is a better band believed
	Withheld  Withheld
	ROX, SF   float64 // 0: not known
	Estimated bool    // the inspired fraction is an estimate from the flow …
	ROXLow    float64 // … and these are ROX and SF at the most oxygen that the flow may give; 0: not estimated
	SFLow     float64
	Device    O2Device
	HasDevice bool
	Rows      []RespiratoryRow // those that apply, the worst first
	Silent    bool             // some rows rest on a silent model: Band leaves them out
	Blind     bool             // what imaging says could not be read: that no row rests on it says nothing
}

// RespiratoryRow is one line of the table that applies.
type RespiratoryRow struct {
	Code    string // of the row
	Band    Band
	Number  float64   // what was measured
	Limit   float64   // what it passed
	At      time.Time // of what was measured
	Finding string    // id of the imaging finding, when it rests on one
	Unread  bool      // nobody has confirmed that finding
	Joint   bool      // what was measured counts beside that finding
	Waiting int       // how many findings it may rest on that raise concern and that nobody has read
	Age     FindingAge
	Source  string // where the row is from; "proposal" when it is ours
	Silent  bool   // it rests on a silent model: it counts for no band, and treating staff do not see it
}

// Assessment is what models, trends and the respiratory view say of one person at one moment.
type Assessment struct {
	Place       Place
	Stay        StayID
	At          time.Time
	Policy      string
	Risks       []Risk
	Trends      []Trend
	Forecasts   []Forecast
	Respiratory Respiratory
}

// Lab is one laboratory result, as the hospital's system supplies it.
type Lab struct {
	Name   string // as in the features' specification, for example "lactate"
	Number float64
	At     time.Time // when the sample was taken
}

// Gate is whether treating staff see a model's predictions in a ward. Without an open gate they are
// computed and kept, and not shown.
type Gate struct {
	Ward     WardID
	Task     Task
	Model    string
	Version  string
	Open     bool
	By       PersonID // empty: closed by Wardwatch itself
	At       time.Time
	Override string // why it was opened before four weeks and fifty events; empty when it was not
	Reason   string // why it was closed
}
