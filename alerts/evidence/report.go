package evidence

// Report is what a span of time shows. Times are Unix milliseconds, durations seconds. A rate stands
// with what it was made from; one that cannot be made is null.
type Report struct {
	From int64  `json:"from"`
	To   int64  `json:"to"`
	Now  int64  `json:"now"`
	Zone string `json:"zone"` // of hours of the day and nights

	Alerts      int     `json:"alerts"` // raised in the span and told to somebody
	Brief       int     `json:"brief"`  // raised and over before anybody was told
	Rounds      int     `json:"rounds"`
	PatientDays float64 `json:"patient_days"`

	Goals      []Goal       `json:"goals"`
	Responses  Responses    `json:"responses"`
	Breaches   []Breach     `json:"breaches"`
	Burden     Burden       `json:"burden"`
	Yield      Yield        `json:"yield"`
	Unanswered Share        `json:"unanswered"` // rounds whose time to accept passed and that nobody ever took over
	Holding    []Share      `json:"holding"`    // tellings by how the people were found; "default", "all" and "nobody" are holes of the roster
	Channels   []Channel    `json:"channels"`
	Storms     []Storm      `json:"storms"`
	Rows       []AlertRow   `json:"-"` // one an alert, for the table
	Tellings   []TellingRow `json:"-"`
}

// Goal is one figure against its goal. Met is null where there is nothing to judge.
type Goal struct {
	Name          string   `json:"name"` // "nurse_interruptions" a patient-day, "doctor_pages" for 40 beds and night
	Limit         float64  `json:"limit"`
	Rate          Rate     `json:"rate"`
	Met           *bool    `json:"met"`
	Sensitivity   *float64 `json:"sensitivity"`    // at which the policy was tried; null: not measurable live, and no backtest was named
	SensitivityOf string   `json:"sensitivity_of"` // the backtest it is from
}

// Rate is a count over what it was counted in.
type Rate struct {
	N     int      `json:"n"`
	Of    float64  `json:"of"`    // patient-days, or the unit the field names
	Value *float64 `json:"value"` // null when Of is 0
}

// Share is a part of a whole with its 95 % interval (Wilson 1927).
type Share struct {
	Name  string   `json:"name,omitempty"`
	N     int      `json:"n"`
	Of    int      `json:"of"`
	Value *float64 `json:"value"` // null when Of is 0
	Low   *float64 `json:"low"`
	High  *float64 `json:"high"`
}

// Stage is how long one step took: N rounds in which both its ends are known.
type Stage struct {
	N      int      `json:"n"`
	Median *float64 `json:"median"` // seconds; null when N is 0
	P90    *float64 `json:"p90"`
	P95    *float64 `json:"p95"`
	Max    *float64 `json:"max"`
	Within *Share   `json:"within,omitempty"` // those that kept their limit, of those that had one and whose time is over
}

// Response is every step of the rounds of one group. Accepted is when somebody took the round over:
// accepted, was at the bedside, planned, snoozed or closed it. Its limit is kept when every role that
// must accept has. Seen is any deed of a person.
type Response struct {
	Name            string `json:"name,omitempty"`
	Rounds          int    `json:"rounds"`
	TriggerTold     Stage  `json:"trigger_told"` // first rounds only: from the crossing to the telling
	ToldDelivered   Stage  `json:"told_delivered"`
	ToldSeen        Stage  `json:"told_seen"`
	ToldAccepted    Stage  `json:"told_accepted"`
	AcceptedBedside Stage  `json:"accepted_bedside"`
	ToldBedside     Stage  `json:"told_bedside"`
}

// Responses are the rounds' steps, altogether and split. Hours are local, of the telling. By role a
// telling is measured from when that role was told to its own answer: it kept its limit when the role
// answered in time, broke it when time passed and nobody had answered, and is not counted when
// another role answered first.
type Responses struct {
	All  Response   `json:"all"`
	Ward []Response `json:"by_ward"`
	Hour []Response `json:"by_hour"` // "00" to "23", those that occur
	Role []Response `json:"by_role"`
	Band []Response `json:"by_band"`
	Kind []Response `json:"by_kind"`
}

// Breach is one limit that one round did not keep.
type Breach struct {
	Alert string   `json:"alert"`
	Ward  string   `json:"ward"`
	Bed   string   `json:"bed"`
	Stay  string   `json:"stay"`
	Kind  string   `json:"kind"`
	Band  string   `json:"band"`
	What  string   `json:"what"`  // "accept", "bedside"
	Roles []string `json:"roles"` // told in time and silent; for the bedside: who had accepted
	Told  int64    `json:"told"`
	Due   int64    `json:"due"`
	Met   int64    `json:"met"`  // when it was done after all; 0: never in this round
	Late  float64  `json:"late"` // seconds past Due, until it was done or the round was over
}

// Burden is what alerts ask of people.
type Burden struct {
	Kinds         []CountRate `json:"kinds"`               // alerts by kind, a patient-day
	Beds          []BedLoad   `json:"beds"`                // every bed with an alert or a patient, the most alerts first
	TopBeds       Share       `json:"top_beds"`            // alerts of the tenth of beds that has the most
	Interruptions []CountRate `json:"interruptions"`       // tellings by role, a patient-day
	Nurses        Rate        `json:"nurse_interruptions"` // of the patient's nurse and the nurse in charge, a patient-day
	People        *float64    `json:"people_per_telling"`  // where people were named; null: never
	Pages         Rate        `json:"doctor_pages"`        // of the doctor on duty from 22:00 to 06:00; Of: 40 beds and nights
	Escalations   Rate        `json:"escalations"`         // tellings of a rung above the first, a patient-day
}

// CountRate is a named count a patient-day.
type CountRate struct {
	Name string `json:"name"`
	Rate
}

// BedLoad is one bed's alerts.
type BedLoad struct {
	Ward        string  `json:"ward"`
	Bed         string  `json:"bed"`
	PatientDays float64 `json:"patient_days"`
	Clinical    int     `json:"clinical"`
	Device      int     `json:"device_alarm"`
	Technical   int     `json:"technical"`
	Rate        Rate    `json:"rate"` // all kinds, a patient-day
}

func (b *BedLoad) all() int { return b.Clinical + b.Device + b.Technical }

// Yield is how many alerts were worth it, by the reason given when they were closed. PPV is of those
// closed with a coded reason that says yes or no; the rest is counted apart and never guessed.
type Yield struct {
	PPV     Share     `json:"ppv"` // clinical and device alarms
	Kind    []Share   `json:"by_kind"`
	Band    []Share   `json:"by_band"`
	Cause   []Share   `json:"by_cause"` // of the first cause told
	Reasons []ReasonN `json:"reasons"`
	Uncoded int       `json:"uncoded"`   // closed by a person in words of their own
	Unknown int       `json:"unknown"`   // closed with a code that says neither
	Itself  int       `json:"by_itself"` // ended without anybody closing them
	Open    int       `json:"open"`
}

// ReasonN is how often a code was given.
type ReasonN struct {
	Code string `json:"code"`
	Says Says   `json:"says"`
	N    int    `json:"n"`
}

// Channel is what became of one channel's notices.
type Channel struct {
	Name        string `json:"name"`
	Made        int    `json:"made"`
	Delivered   int    `json:"delivered"`
	Failed      int    `json:"failed"`
	Withdrawn   int    `json:"withdrawn"` // answered before they left
	Pending     int    `json:"pending"`
	Tests       int    `json:"tests"` // of Made
	Tries       int    `json:"tries"`
	Delay       Stage  `json:"delay"`       // from promised to delivered
	Undelivered Share  `json:"undelivered"` // failed, of those delivered or failed
}

// Storm is a burst of technical alerts of one cause in one ward.
type Storm struct {
	Ward     string `json:"ward"` // empty: of no ward
	Code     string `json:"code"`
	From     int64  `json:"from"`
	To       int64  `json:"to"`
	Alerts   int    `json:"alerts"`
	Tellings int    `json:"tellings"`
	Merged   bool   `json:"merged"` // one alert spoke for them all
}

// AlertRow is one alert as the table shows it. Times are Unix milliseconds, 0: never.
type AlertRow struct {
	ID, Ward, Bed, Stay, Kind, Band, Cause string
	Raised, Told, Delivered, Seen          int64
	Accepted, Bedside, Ended               int64
	Rounds, Level, Tellings                int
	Reason, Says                           string
}

// TellingRow is one telling as the table shows it.
type TellingRow struct {
	Alert, Ward, Bed, Kind, Band, Role, How string
	Level, People                           int
	Told, Delivered, Answered               int64
	Answer                                  string // "accepted", "declined" or empty
}
