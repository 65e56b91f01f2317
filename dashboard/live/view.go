package live

import (
	"math"
	"strconv"
	"time"
)

// Names says how much of a person's name a screen may show.
type Names string

// Privacy modes.
const (
	NamesGiven    Names = "given"    // given name and birth year
	NamesInitials Names = "initials" // initials, no birth year
	NamesNone     Names = "none"     // neither
)

// NamesNamed finds a privacy mode by its word.
func NamesNamed(word string) (Names, bool) {
	for _, m := range modes {
		if string(m) == word {
			return m, true
		}
	}
	return NamesNone, false
}

// modes are the privacy modes in the order of their index in a frame.
var modes = [numModes]Names{NamesGiven, NamesInitials, NamesNone}

const numModes = 3

func (m Names) index() int {
	for i, x := range modes {
		if x == m {
			return i
		}
	}
	return numModes - 1
}

// SnapshotView is the whole ward, sent when a screen opens.
type SnapshotView struct {
	Ward       WardView         `json:"ward"`
	Time       int64            `json:"time"`
	Version    string           `json:"version"`
	Simulation bool             `json:"simulation"`
	Limits     map[string]int64 `json:"limits"`
	System     []SystemView     `json:"system"`
	Tiles      []Tile           `json:"tiles"`
}

// DeltaView is what changed since the event before. System is the whole list, or nil when it is
// as before.
type DeltaView struct {
	Time   int64        `json:"time"`
	Tiles  []Tile       `json:"tiles"`
	Gone   []string     `json:"gone"`
	System []SystemView `json:"system,omitzero"`
}

// WardView names a ward.
type WardView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// SystemView is one state of Wardwatch itself.
type SystemView struct {
	Code   string `json:"code"`
	Bad    bool   `json:"bad"`
	Since  *int64 `json:"since"`
	Detail string `json:"detail"`
}

// Tile is one bed.
type Tile struct {
	Bed    string               `json:"bed"`
	Label  string               `json:"label"`
	Order  int                  `json:"order"`
	Stay   *StayView            `json:"stay"`
	Apart  string               `json:"apart"`
	Score  *ScoreView           `json:"score"`
	Vitals map[string]VitalView `json:"vitals"`
	Alarms []AlarmView          `json:"alarms"`
	Alerts []AlertView          `json:"alerts"`
	Device *DeviceView          `json:"device"`
	Spark  *SparkView           `json:"spark,omitempty"`

	Assessed *AssessedView `json:"assessed"` // null: nothing is foretold of whoever lies there
}

// StayView is who lies there, as far as the privacy mode allows.
type StayView struct {
	ID        string      `json:"id"`
	Name      string      `json:"name"`
	BirthYear *int        `json:"birth_year"`
	Age       *int        `json:"age"`
	Sex       string      `json:"sex"`
	Scale     int         `json:"scale"`
	Limits    []LimitView `json:"limits"`
	Care      string      `json:"care"`
	Off       *OffView    `json:"off"`
	SameName  bool        `json:"same_name"`
	Nurse     *StaffView  `json:"nurse"` // of this shift; null: nobody is assigned
	Doctor    *StaffView  `json:"doctor"`
}

// StaffView is a member of staff. The name is empty where names are hidden.
type StaffView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// LimitView is a doctor's order of limits for one vital, in force. A null number is not given.
type LimitView struct {
	Vital  string   `json:"vital"`
	Low    *float64 `json:"low"`
	High   *float64 `json:"high"`
	Usual  *float64 `json:"usual"`
	Until  *int64   `json:"until"`
	Reason string   `json:"reason"` // empty where names are hidden
	By     string   `json:"by"`
}

// OffView is an absence from the ward.
type OffView struct {
	Destination string `json:"destination"`
	Since       *int64 `json:"since"`
	Until       *int64 `json:"until"`
}

// ScoreView is a score with what it was made from and what it lacks.
type ScoreView struct {
	Chart      string       `json:"chart"`
	Variant    string       `json:"variant"`
	Total      *int         `json:"total"`
	LowerBound int          `json:"lower_bound"`
	Complete   bool         `json:"complete"`
	Have       int          `json:"have"`
	Need       int          `json:"need"`
	Band       string       `json:"band"`
	Held       bool         `json:"held"`
	HeldSince  *int64       `json:"held_since"`
	Refused    string       `json:"refused"`
	Lost       bool         `json:"lost"`
	At         *int64       `json:"at"`
	LastData   *int64       `json:"last_data"`
	Check      string       `json:"check"`
	Parts      []PartView   `json:"parts"`
	Flags      []FlagView   `json:"flags"`
	Charted    *ChartedView `json:"charted"`
	Trend      *int         `json:"trend"`
}

// FlagView is a reason for concern beside the points.
type FlagView struct {
	Code   string   `json:"code"`
	Band   string   `json:"band"`
	Number *float64 `json:"number"`
	Limit  *float64 `json:"limit"`
	Since  *int64   `json:"since"`
	Held   bool     `json:"held"`
}

// ChartedView is the last set that a person confirmed, as the chart scores it.
type ChartedView struct {
	At         *int64 `json:"at"`
	Total      *int   `json:"total"`
	LowerBound int    `json:"lower_bound"`
	Complete   bool   `json:"complete"`
	Band       string `json:"band"`
	Partial    string `json:"partial"`
	Due        *int64 `json:"due"`
}

// PartView is one input's share.
type PartView struct {
	Input  string   `json:"input"`
	Points int      `json:"points"`
	State  string   `json:"state"`
	Doubt  string   `json:"doubt,omitempty"` // why it is not believed
	Value  *float64 `json:"value"`
	At     *int64   `json:"at"`
	Source string   `json:"source"`
}

// VitalView is the last value seen, whatever its age.
type VitalView struct {
	V       float64 `json:"v"`
	At      int64   `json:"at"`
	Source  string  `json:"source"`
	Quality string  `json:"quality"`
	Doubt   string  `json:"doubt,omitempty"` // why it is not believed
}

// AlarmView is an alarm of the bedside device itself.
type AlarmView struct {
	Code     string `json:"code"`
	Priority string `json:"priority"`
	Since    int64  `json:"since"`
}

// DeviceView is the monitor at the bed.
type DeviceView struct {
	ID        string   `json:"id"`
	State     string   `json:"state"`
	Battery   *float64 `json:"battery"`
	Seen      *int64   `json:"seen"`
	Confirmed bool     `json:"confirmed"`
}

// AlertView is an alert as screens and programs read it.
type AlertView struct {
	ID         string      `json:"id"`
	Ward       string      `json:"ward"`
	Bed        string      `json:"bed"`
	Stay       string      `json:"stay"`
	Kind       string      `json:"kind"`
	State      string      `json:"state"`
	Band       string      `json:"band"`
	Points     int         `json:"points"`
	Causes     []CauseView `json:"causes"`
	Level      int         `json:"level"`
	Raised     *int64      `json:"raised"`
	Told       *int64      `json:"told"`
	Next       string      `json:"next"`
	NextAt     *int64      `json:"next_at"`
	Roles      []DutyView  `json:"roles"`
	AcceptedBy string      `json:"accepted_by"`
	AcceptedAt *int64      `json:"accepted_at"`
	BedsideBy  string      `json:"bedside_by"`
	BedsideAt  *int64      `json:"bedside_at"`
	Until      *int64      `json:"until"`
	Rule       string      `json:"rule"`
	Owner      *StaffView  `json:"owner"`      // who accepted it last; null: nobody has
	OnWay      *int64      `json:"on_way"`     // when the owner said that they were coming
	Unrostered bool        `json:"unrostered"` // a duty was told without anybody on the roster for it
	Version    int64       `json:"version"`
}

// CauseView is one reason for an alert.
type CauseView struct {
	Code  string `json:"code"`
	Band  string `json:"band"`
	Since *int64 `json:"since"`
	Ended *int64 `json:"ended"`
}

// DutyView is one role's part in an alert.
type DutyView struct {
	Role     string      `json:"role"`
	Level    int         `json:"level"`
	Told     *int64      `json:"told"`
	How      string      `json:"how"`    // how those told were found, one of ward.Holding; empty: not said
	People   []StaffView `json:"people"` // who was told; empty: the role as a whole
	Accepted *int64      `json:"accepted"`
	Declined *int64      `json:"declined"`
	OnWay    *int64      `json:"on_way"`
	By       string      `json:"by"`
	ByName   string      `json:"by_name"`
}

// SparkView is the last four hours, oldest first; a nil slot had no value.
type SparkView struct {
	Start int64  `json:"start"`
	Step  int64  `json:"step"`
	RR    Series `json:"rr"`
	SpO2  Series `json:"spo2"`
	HR    Series `json:"hr"`
	SBP   Series `json:"sbp"`
	Score Series `json:"score"`
}

// Series is a line of numbers in which NaN is a gap, written as null.
type Series []float64

// MarshalJSON writes the numbers with gaps as null.
func (s Series) MarshalJSON() ([]byte, error) {
	out := make([]byte, 0, 2+6*len(s))
	out = append(out, '[')
	for i, v := range s {
		if i > 0 {
			out = append(out, ',')
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			out = append(out, "null"...)
			continue
		}
		out = strconv.AppendFloat(out, v, 'f', -1, 64)
	}
	return append(out, ']'), nil
}

// Ms is t in Unix milliseconds; nil for the zero time.
func Ms(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}

// finite guards the encoder: one number JSON cannot hold would cost every screen of the ward its
// event.
func finite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }
