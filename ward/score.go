package ward

import "time"

// Band is how worried to be. Unknown is not low: it is its own kind of bad, and ranks above low.
type Band uint8

// Bands, in order of concern.
const (
	Low       Band = iota
	Unknown        // not enough is known to say low
	LowMedium      // 3 in a single parameter (NEWS2)
	Medium         // urgent (NEWS2 5–6)
	High           // emergency (NEWS2 ≥ 7)
)

var bandNames = [...]string{"low", "unknown", "low_medium", "medium", "high"}

// String is the band's name in every contract.
func (b Band) String() string { return bandNames[min(int(b), len(bandNames)-1)] }

// BandNamed finds a band by its name.
func BandNamed(name string) (Band, bool) {
	for i, n := range bandNames {
		if n == name {
			return Band(i), true
		}
	}
	return Unknown, false
}

// Score is a published chart applied to one place at one moment. It is never a bare number: it
// carries what it was made from and what it lacks.
type Score struct {
	Place   Place
	Stay    StayID
	At      time.Time // the moment it speaks of
	Chart   string    // chart id, for example "news2"
	Variant string    // for example "scale1"
	Version string    // of the chart
	Policy  string    // version of the limits in force
	Origin  Origin    // OriginCharted: one set that a person confirmed, at its own time; otherwise live

	Total      int  // valid only when Complete
	Complete   bool // every required input present and fresh
	LowerBound int  // the points that are certain; equals Total when Complete
	Band       Band // from the total, or from the lower bound where that already crosses a trigger
	Held       bool // Band is held from an earlier set: an input was lost since
	HeldSince  time.Time
	Refused    Refusal // why this chart may not be used; then the points say nothing

	Parts  [MaxParts]Part
	NParts int

	Flags   [MaxFlags]Flag // what asks for concern beside the points
	NFlags  int
	Doubts  [NumVitals]Doubt // why the newest value of a vital is not believed
	Charted Charted          // the last set that a person confirmed; a live score only

	Check    string    // input whose value is too low to believe: check the patient now; empty when none
	Lost     bool      // nothing fresh from this place's device
	LastData time.Time // arrival of the last reading scored
	Position uint64    // journal position of the reading that caused it; zero for a tick
}

// MaxParts is the most parts any chart has; MaxFlags the most flags a score carries, the worst first.
const (
	MaxParts = 8
	MaxFlags = 6
)

// FlagList is the used part of Flags.
func (s *Score) FlagList() []Flag { return s.Flags[:s.NFlags] }

// PartList is the used part of Parts.
func (s *Score) PartList() []Part { return s.Parts[:s.NParts] }

// Refusal is why a chart may not be used for a person.
type Refusal string

// Refusals.
const (
	NotRefused       Refusal = ""
	RefusedAge       Refusal = "under_16"
	RefusedAdult     Refusal = "16_or_over" // a children's chart
	RefusedPregnancy Refusal = "pregnancy"
	RefusedNoChart   Refusal = "no_chart" // the policy has no chart for this person: limits go on
)

// Flag is a reason for concern beside a chart's points: a limit crossed, oxygen need that rises, an
// order that needs a doctor's look. It adds a cause to an alert and takes none away.
type Flag struct {
	Code   string // one of the Flag constants; for limits followed by the vital and the side: "limit:spo2:low"
	Band   Band
	Number float64   // what was measured
	Limit  float64   // what it passed
	Since  time.Time // when it began
	Due    time.Time // when it has lasted long enough to tell
	Held   bool      // its input was lost since: neither confirmed nor over
}

// Codes of flags.
const (
	FlagLimit        = "limit"         // limit:{vital}:{low|high}: beyond the ward's limit or the person's own
	FlagUsual        = "usual"         // usual:{vital}:{low|high}: far from what is usual for this person
	FlagOxygenDevice = "oxygen_device" // moved up to a stronger oxygen device
	FlagOxygenRise   = "oxygen_rise"   // more inspired oxygen than in the hours before
	FlagOxygenHigh   = "oxygen_high"   // much inspired oxygen, however steady
	FlagScaleReview  = "scale2_review" // SpO2 scale 2 waits for its daily look
	FlagLimitsLapse  = "limits_lapse"  // the person's own limits end soon
	FlagRisk         = "risk"          // risk:{task}: a model that staff may see says so
	FlagRespiratory  = "respiratory"   // the respiratory view asks for concern
	FlagReview       = "image_review"  // an imaging finding that nobody has read asks for a doctor's look
)

// Charted is a set of observations confirmed by a person, as the chart scores it. It decides when
// the next one is due.
type Charted struct {
	At         time.Time // when the set was true; zero: none yet
	Total      int       // valid only when Complete
	LowerBound int
	Complete   bool
	Band       Band
	Partial    string    // coded reason when it is not complete
	Due        time.Time // when the next set is due; zero: not known
}

// Doubt is why a value is not believed. It is kept with the value and shown.
type Doubt uint8

// Doubts.
const (
	Believed        Doubt = iota
	OutOfRange            // beyond what is possible at this age
	PoorSignal            // the device itself says so
	TooFewGood            // fewer than enough good samples in the last minute
	PressureOrder         // diastolic, mean and systolic do not fit each other
	PulseMismatch         // ECG and pleth disagree: the saturation is suspect
	SuddenFall            // saturation fell faster than blood can, with a poor signal
	CardiacArtefact       // the respiratory rate follows the heart rate
	StuckValue            // the same number for too long
	ProbeOff              // a temperature that fell faster than a body can
	LineFlush             // an arterial line being flushed
	LineDamped            // an arterial line without its pulse
	numDoubts
)

var doubtNames = [numDoubts]string{
	"", "out_of_range", "poor_signal", "too_few_good", "pressure_order", "pulse_mismatch", "sudden_fall",
	"cardiac_artefact", "stuck_value", "probe_off", "line_flush", "line_damped",
}

// String is the doubt's name in every contract; empty when believed.
func (d Doubt) String() string { return doubtNames[min(int(d), len(doubtNames)-1)] }

// Part is one input's share in a score.
type Part struct {
	Input  string // "rr", "spo2", "o2", "sbp", "hr", "consciousness", "temp"
	Points int
	State  PartState
	Doubt  Doubt     // why it is Implausible
	Number float64   // in the vital's unit, or its code; of a continuous vital the median of its last minute
	At     time.Time // when it was measured
	Source Source
}

// PartState says whether an input counts.
type PartState uint8

// Part states. Only Present counts points; none of the others is ever scored as 0.
const (
	Missing     PartState = iota // never seen
	Present                      // fresh and believed
	Stale                        // past its limit
	Implausible                  // too low or too high to believe, or marked bad by the device
)

var partStateNames = [...]string{"missing", "present", "stale", "implausible"}

// String is the state's name on the screen's data.
func (s PartState) String() string { return partStateNames[min(int(s), len(partStateNames)-1)] }

// ScoreMinute is the worst score of one place over one minute of history.
type ScoreMinute struct {
	Start    time.Time // whole minute
	Points   int       // total when Complete, otherwise the lower bound
	Complete bool
	Band     Band
	Known    bool // false: no score in that minute, and the rest says nothing
}
