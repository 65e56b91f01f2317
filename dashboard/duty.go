package dashboard

import (
	"context"
	"io"
	"time"

	"wardwatch/ward"
)

// Duty is who answers for whom: the roster, whose patients are whose, hand-overs, and where people
// are reached. Each change it makes is audited by it, in the transaction of the change. Its errors
// are *ward.Error where a person can mend them.
type Duty interface {
	Roster
	Assignments
	HandOvers
	Contacts
	Symptoms
	Told
}

// Roster is who is on duty when.
type Roster interface {
	// Shifts are the ward's that touch the span, the earliest first. w empty: those of the whole hospital.
	Shifts(ctx context.Context, w ward.WardID, from, to time.Time) ([]ward.Shift, error)
	Shift(ctx context.Context, id string) (ward.Shift, error)
	AddShift(ctx context.Context, s ward.Shift, by ward.PersonID) (ward.Shift, error)
	RemoveShift(ctx context.Context, id string, by ward.PersonID) error
	ImportRoster(ctx context.Context, csv io.Reader, by ward.PersonID) (RosterReport, error)
	ExportRoster(ctx context.Context, w ward.WardID, from, to time.Time, out io.Writer) error
	DutyDefaults(ctx context.Context, w ward.WardID) ([]ward.DutyDefault, error)
	SetDutyDefault(ctx context.Context, d ward.DutyDefault, by ward.PersonID) error
	// OnDuty is who answers for a duty at a place now, from memory; stay empty: of nobody in particular.
	OnDuty(role ward.Role, stay ward.StayID, place ward.Place, at time.Time) ward.OnDuty
}

// Assignments are whose patients are whose.
type Assignments interface {
	// Assign gives a stay its nurse and doctor of this shift. nil: leave as it is; empty: nobody.
	Assign(ctx context.Context, stay ward.StayID, nurse, doctor *ward.PersonID, at time.Time, by ward.PersonID) (ward.Stay, error)
}

// HandOvers are patients given to the next.
type HandOvers interface {
	OfferHandOver(ctx context.Context, h ward.HandOver) (ward.HandOver, error)
	// AnswerHandOver ends an offer. Accepting assigns its stays in the same transaction.
	AnswerHandOver(ctx context.Context, id string, state ward.HandOverState, reason string, by ward.PersonID, at time.Time) (ward.HandOver, error)
	HandOver(ctx context.Context, id string) (ward.HandOver, error)
	// HandOvers are a ward's that were offered at or after from, and those still open.
	HandOvers(ctx context.Context, w ward.WardID, from time.Time) ([]ward.HandOver, error)
}

// Contacts are where people are told.
type Contacts interface {
	// Contacts are a person's that are in use; channel empty: of every channel.
	Contacts(ctx context.Context, p ward.PersonID, channel string) ([]ward.Contact, error)
	AddContact(ctx context.Context, c ward.Contact, by ward.PersonID) (ward.Contact, error)
	EndContact(ctx context.Context, id, why string, by ward.PersonID) error
}

// Symptoms are what is looked at in comfort care in place of a score.
type Symptoms interface {
	AddSymptomCheck(ctx context.Context, c ward.SymptomCheck) error
	// SymptomChecks are a stay's, the newest first.
	SymptomChecks(ctx context.Context, stay ward.StayID) ([]ward.SymptomCheck, error)
}

// Told is who was told of an alert, and what became of it.
type Told interface {
	NoticesOf(ctx context.Context, a ward.AlertID) ([]ward.Notice, error)
	ReceiptsOf(ctx context.Context, a ward.AlertID) (map[ward.NoticeID][]ward.Receipt, error)
}

// RosterReport is what became of an imported roster.
type RosterReport struct {
	Rows, Added, Unchanged int
	Refused                []RosterRefusal
}

// RosterRefusal is one line of the list that was not taken, and how to mend it.
type RosterRefusal struct {
	Line   int // of the file, the header being 1
	Reason string
}

// Evidence is how alerts reached people, in figures.
type Evidence interface {
	// Report is what was measured of a ward in a span, as it goes out in JSON; w empty: of every ward.
	Report(ctx context.Context, w ward.WardID, from, to time.Time) (any, error)
	// Tables are the names that WriteCSV takes.
	Tables() []string
	WriteCSV(ctx context.Context, out io.Writer, w ward.WardID, from, to time.Time, table string) error
}

// Channels are the ways in which people are told.
type Channels interface {
	Channels(ctx context.Context) ([]Channel, error)
	// Test promises a test message: to the person, or to the ward's group, or to the channel's own
	// receiver when both are empty. It answers ward.NotFound when there is no such channel.
	Test(ctx context.Context, name string, to ward.PersonID, w ward.WardID, by ward.PersonID) error
}

// Channel is one way in which people are told, and how it fares.
type Channel struct {
	Name      string
	Kind      string // webhook, webpush, ntfy, smtp, sms
	Personal  bool   // it reaches one person; otherwise a group
	Audible   bool   // it can be heard without looking
	Internet  bool   // it needs the internet
	LastOK    time.Time
	LastError string // words that name nobody
	State     string // ok, failing or untried
}

// Digester composes what is said at a hand-over of a ward, for a duty, in a language (vi or en).
type Digester func(ctx context.Context, w ward.WardID, role ward.Role, lang string) (DigestReply, error)

// DigestReply is what is said at a hand-over: by patient, and as a text to read out.
type DigestReply struct {
	At       int64           `json:"at"`
	Patients []DigestPatient `json:"patients"`
	Text     string          `json:"text"`
}

// DigestPatient is one patient in a hand-over.
type DigestPatient struct {
	Stay    string        `json:"stay"`
	Bed     string        `json:"bed"`
	Label   string        `json:"label"`
	Name    string        `json:"name"`
	Band    string        `json:"band"`
	Points  *int          `json:"points"`   // null: no score
	AtLeast bool          `json:"at_least"` // inputs are missing: the points are a lower bound
	Alert   *DigestAlert  `json:"alert"`    // null: none is open
	LastSet *int64        `json:"last_set"`
	NextSet *int64        `json:"next_set"`
	Care    string        `json:"care"`
	Limits  []string      `json:"limits"` // the person's own, in words
	Tasks   []string      `json:"tasks"`  // codes of what is left to do
	Events  []DigestEvent `json:"events"`
}

// DigestAlert is a patient's open alert.
type DigestAlert struct {
	State string `json:"state"`
	Since *int64 `json:"since"`
	Owner string `json:"owner"` // name of who accepted it; empty: nobody
}

// DigestEvent is one thing that happened in the shift.
type DigestEvent struct {
	At   int64  `json:"at"`
	Text string `json:"text"`
}
