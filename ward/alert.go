package ward

import "time"

// AlertID names an alert. It is made from what caused it, so that the same cause scored again
// after a crash is the same alert.
type AlertID string

// AlertKind says who an alert is for.
type AlertKind string

// Kinds.
const (
	Clinical    AlertKind = "clinical"     // the patient: a score, a lost signal at 5 or more, a value too low to believe
	DeviceRaise AlertKind = "device_alarm" // the device's own alarm, passed on at once
	Technical   AlertKind = "technical"    // the monitor, the network, us
)

// AlertState is where an alert stands.
type AlertState string

// States. Open ones are candidate to at_bedside, snoozed and suppressed; resolved is the end.
const (
	Candidate  AlertState = "candidate"  // seen, waiting out its persistence time; tells nobody
	Persisted  AlertState = "persisted"  // lasted; about to be told
	Active     AlertState = "active"     // notices are promised
	Delivered  AlertState = "delivered"  // a channel took at least one
	Seen       AlertState = "seen"       // a person opened it
	Accepted   AlertState = "accepted"   // an owner is on the way; the bedside clock runs
	AtBedside  AlertState = "at_bedside" // someone is there
	Resolved   AlertState = "resolved"
	Snoozed    AlertState = "snoozed"
	Suppressed AlertState = "suppressed"
)

// Open reports whether the state still needs somebody or something.
func (s AlertState) Open() bool { return s != Resolved }

// Cause is one reason for an alert.
type Cause struct {
	Code   string    `json:"code"`             // for example "news2", "signal_lost", "check_patient", "device:asystole", "silent_device"
	Band   Band      `json:"band"`             // how bad this cause alone is
	Detail string    `json:"detail,omitempty"` // for people with the engineer's role; no identifying words
	Since  time.Time `json:"since"`
	Ended  time.Time `json:"ended,omitzero"`

	Told  Band      `json:"told,omitempty"` // the band people were last told of; Low: nobody was told of this cause
	Due   time.Time `json:"due,omitzero"`   // when it has lasted long enough to be told; zero once told
	Eased time.Time `json:"eased,omitzero"` // since when it has been milder than Told; zero while it is not
	Clear time.Time `json:"clear,omitzero"` // since when it has been quiet; zero while it is not
}

// Live reports whether the cause has not ended.
func (c Cause) Live() bool { return c.Ended.IsZero() }

// Alert is one episode at one place for one stay, with its causes inside.
type Alert struct {
	ID     AlertID
	Place  Place
	Stay   StayID // empty for technical alerts and unassigned places
	Kind   AlertKind
	State  AlertState
	Band   Band // the worst reached in this episode
	Points int  // score total, or its lower bound, when last told
	Score  Score
	Causes []Cause
	Level  int // rung of the ladder last told; 0 before the first

	Raised time.Time
	Told   time.Time // when the present rung was told
	NextAt time.Time // absolute; the first of all that is due (persistence, rung, bedside …); zero: never
	Next   Due       // what is due then
	Duties []Duty    // one a role told

	// The deadlines that run, absolute; zero: none. Next and NextAt are the first of them.
	AcceptDue  time.Time // those who must accept the present rung have not
	ConfirmDue time.Time // nobody has charted a set since the present rung was told
	BedsideDue time.Time // somebody has accepted and nobody is there; a later acceptance does not move it
	ReviewDue  time.Time // somebody was there, and it stands; or their plan ends
	WarnDue    time.Time // who snoozed it is told that the snooze ends soon

	Bedside   time.Time // when someone was there; zero before
	BedsideBy PersonID
	Until     time.Time // snoozed or suppressed until; when a plan ends
	Rule      string    // name of the suppressing rule, the snooze's reason, or plan_in_place
	SnoozedBy PersonID  // who snoozed it, while it is snoozed
	SnoozedAs Role      // in which duty
	Ended     time.Time
	Reason    string // why it ended
	EndedBy   PersonID

	Clear    time.Time // since when the score has been below; zero while it is not
	Position uint64    // journal position this alert has taken into account
	Version  int64     // rises by one a commit; guards against a second writer
}

// Due says what falls due at an alert's NextAt.
type Due string

// What can fall due.
const (
	DueNothing Due = ""
	DuePersist Due = "persist" // the candidate has lasted
	DueAccept  Due = "accept"  // nobody accepted the present rung
	DueBedside Due = "bedside" // nobody reached the bedside
	DueWake    Due = "wake"    // a snooze or suppression ends
	DueReview  Due = "review"  // what stands since they were at the bedside asks for a new look
	DueConfirm Due = "confirm" // nobody charted a set of observations
	DueWarn    Due = "warn"    // a snooze ends soon
)

// Duty is one role's part in an alert: told, and settled by accepting or declining.
type Duty struct {
	Role     Role      `json:"role"`
	Level    int       `json:"level"`
	Told     time.Time `json:"told"`
	Accepted time.Time `json:"accepted,omitzero"`
	Declined time.Time `json:"declined,omitzero"`
	By       PersonID  `json:"by,omitempty"`
	Reason   string    `json:"reason,omitempty"`

	How      Holding    `json:"how,omitempty"`      // how those told were found
	People   []PersonID `json:"people,omitempty"`   // who was told; empty: the role as a whole
	OnWay    time.Time  `json:"on_way,omitzero"`    // when By said that they were coming
	Arrived  time.Time  `json:"arrived,omitzero"`   // when somebody was at the bedside in this duty
	Promised int        `json:"promised,omitempty"` // notices made for the role on this rung
	Lapsed   bool       `json:"lapsed,omitempty"`   // accepted and not kept: nobody came, or charted, in time

	Undelivered []string `json:"undelivered,omitempty"` // ways that failed to reach the role: a channel, or channel/person
}

// Held reports whether somebody has taken the duty on, and has come as they said they would.
func (d Duty) Held() bool { return !d.Accepted.IsZero() && !d.Lapsed }

// NoticeID names a notice; the same promise made again has the same id, so that a receiver can
// recognise a repeat.
type NoticeID string

// Notice is one promise to tell one role by one channel. It is a row until it is settled.
type Notice struct {
	ID      NoticeID
	Alert   AlertID
	Place   Place
	Kind    AlertKind
	Band    Band
	Level   int
	Role    Role
	To      PersonID // empty: whoever holds the role
	How     Holding  // how To was found
	Why     NoticeWhy
	Channel string // "webhook", "webpush", "sms" …
	Made    time.Time
	Due     time.Time // not before
	Expires time.Time // after this it has failed and the ladder moves on
	Tries   int
	State   NoticeState
	Settled time.Time
	Error   string // of the last try; no identifying words
}

// NoticeWhy is what a notice is for.
type NoticeWhy string

// What notices are for.
const (
	WhyAlert      NoticeWhy = ""            // somebody must come
	WhySnoozeEnds NoticeWhy = "snooze_ends" // a snooze of theirs is about to end
	WhyTest       NoticeWhy = "test"        // the daily test, or one that a person asked for: no alert stands behind it
)

// NoticeState is where a notice stands.
type NoticeState string

// Notice states.
const (
	NoticePending   NoticeState = "pending"
	NoticeDelivered NoticeState = "delivered"
	NoticeFailed    NoticeState = "failed"    // expired unsent
	NoticeWithdrawn NoticeState = "withdrawn" // its role's duty was settled first
)

// Receipt is what a channel says of one try.
type Receipt struct {
	Notice  NoticeID
	At      time.Time
	OK      bool
	Final   bool      // not OK, and trying again cannot help
	Nobody  bool      // not OK, and final: there was no address to send to; the channel itself is well
	RetryAt time.Time // when to try again if not OK and not Final
	Error   string
}

// Action is what a person does to an alert.
type Action struct {
	Alert  AlertID
	Do     Deed
	By     PersonID
	Role   Role // the duty role they act in
	At     time.Time
	Reason string    // required to decline, resolve, snooze
	Until  time.Time // for a snooze or a plan
	Level  int       // to escalate: the rung that the person saw, so that the same again climbs once; 0: not said
}

// Deed is the kind of an action.
type Deed string

// Deeds.
const (
	DoSee      Deed = "see"
	DoAccept   Deed = "accept"
	DoDecline  Deed = "decline"
	DoBedside  Deed = "at_bedside"
	DoResolve  Deed = "resolve"
	DoSnooze   Deed = "snooze"
	DoEscalate Deed = "escalate"
	DoOnWay    Deed = "on_way" // who accepted is coming; changes no deadline
	DoPlan     Deed = "plan"   // seen, and a plan is in place until a time: no further review before it
)

// AuditEntry is one line of the record of who did what. It carries ids, never names.
type AuditEntry struct {
	At     time.Time
	By     PersonID // empty: the system itself
	Deed   string   // for example "alert.accept", "stay.admit", "board.view"
	Object string   // for example "alert:K3…", "stay:…"
	Detail string
}

// Change is everything one decision writes, in one transaction.
type Change struct {
	Alert    Alert
	Audit    []AuditEntry
	Notices  []Notice
	Withdraw []Role // roles whose pending notices for this alert are withdrawn
	Recall   []Addressee
}

// Addressee is one person in one duty: a hand-over withdraws what is pending for them.
type Addressee struct {
	Role   Role
	Person PersonID
}
