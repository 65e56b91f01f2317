package dashboard

import (
	"context"
	"io"
	"time"

	"wardwatch/dashboard/signin"
	"wardwatch/ward"
)

// Book is what the screens read and write of what is kept. Each change it makes is audited by it,
// in the transaction of the change. Its errors are *ward.Error where a person can mend them.
type Book interface {
	signin.Keys
	Wards
	Stays
	Moves
	Orders
	Alerts
	Equipment
	Staff
	Programs
	Audit
}

// Wards are the departments and their places.
type Wards interface {
	Wards(ctx context.Context) ([]ward.Ward, error)
	Beds(ctx context.Context, w ward.WardID) ([]ward.Bed, error)
}

// Stays are the people who lie there.
type Stays interface {
	Stay(ctx context.Context, id ward.StayID) (ward.Stay, error)
	// StaysOn are the stays that have not ended.
	StaysOn(ctx context.Context, w ward.WardID) ([]ward.Stay, error)
	// History is where the stay has lain, oldest first.
	History(ctx context.Context, id ward.StayID) ([]ward.Lying, error)
	// Chart keeps a set of observations with who wrote it down, and answers which version of it this
	// is. The same set again changes nothing; another one of the same ID corrects it, and both are kept.
	Chart(ctx context.Context, o ward.Observation) (version int64, err error)
}

// Moves are the ways into, between and out of beds.
type Moves interface {
	Admit(ctx context.Context, s ward.Stay, by ward.PersonID) (ward.Stay, error)
	Transfer(ctx context.Context, id ward.StayID, to ward.Place, at time.Time, by ward.PersonID) (ward.Stay, error)
	Discharge(ctx context.Context, id ward.StayID, at time.Time, reason string, by ward.PersonID) (ward.Stay, error)
	// Undo takes the last move back within a minute.
	Undo(ctx context.Context, id ward.StayID, by ward.PersonID) (ward.Stay, error)
	ImportStays(ctx context.Context, csv io.Reader, by ward.PersonID) (ImportReport, error)
}

// Orders are what is decided about a stay.
type Orders interface {
	OffWard(ctx context.Context, id ward.StayID, destination string, until time.Time, by ward.PersonID) (ward.Stay, error)
	Return(ctx context.Context, id ward.StayID, by ward.PersonID) (ward.Stay, error)
	// SetScale takes the scale's number and reason; by is its prescriber.
	SetScale(ctx context.Context, id ward.StayID, s ward.SpO2Scale, by ward.PersonID) (ward.Stay, error)
	// SetCare takes the status and review; by is who ordered it.
	SetCare(ctx context.Context, id ward.StayID, c ward.Care, by ward.PersonID) (ward.Stay, error)
	// SetLimit takes vital, numbers, reason and end; by is its author. An earlier one of the vital ends.
	SetLimit(ctx context.Context, id ward.StayID, l ward.Limit, by ward.PersonID) (ward.Stay, error)
	EndLimit(ctx context.Context, id ward.StayID, v ward.Vital, by ward.PersonID) (ward.Stay, error)
}

// Alerts are read here and changed at the Desk.
type Alerts interface {
	Alert(ctx context.Context, id ward.AlertID) (ward.Alert, error)
	OpenAlerts(ctx context.Context) ([]ward.Alert, error)
	// AlertsOn are the ward's newest alerts, open or not, at most max.
	AlertsOn(ctx context.Context, w ward.WardID, max int) ([]ward.Alert, error)
}

// Equipment is the devices: what they show the broker, and where they stand.
type Equipment interface {
	Credentials(ctx context.Context) ([]ward.Credential, error)
	// AddCredential keeps signin.SecretHash of the secret, never the secret.
	AddCredential(ctx context.Context, c ward.Credential, secretHash string, by ward.PersonID) error
	RevokeCredential(ctx context.Context, user string, by ward.PersonID) error
	// PutDevice says that the device stands at the place from now on and, when confirmed, that a
	// person at the bedside has seen so. What stood there before, and where it stood, ends.
	PutDevice(ctx context.Context, d ward.DeviceID, p ward.Place, at time.Time, confirmed bool, by ward.PersonID) error
}

// Staff are the people who may sign in.
type Staff interface {
	People(ctx context.Context) ([]ward.Person, error)
	AddPerson(ctx context.Context, p ward.Person, passwordHash string, by ward.PersonID) (ward.Person, error)
	SetLang(ctx context.Context, id ward.PersonID, lang string) error
}

// Programs act for a person with a token.
type Programs interface {
	// Tokens are a person's, or everybody's when p is empty.
	Tokens(ctx context.Context, p ward.PersonID) ([]Token, error)
	NewToken(ctx context.Context, hash []byte, p ward.PersonID, name string) (Token, error)
	RevokeToken(ctx context.Context, id string, by ward.PersonID) error
}

// Audit is the record of who did what.
type Audit interface {
	AppendAudit(ctx context.Context, entries ...ward.AuditEntry) error
	// ReadAudit lists rows, newest first.
	ReadAudit(ctx context.Context, f AuditFilter) ([]AuditRow, error)
}

// AuditFilter chooses rows; empty fields choose everything.
type AuditFilter struct {
	By       ward.PersonID
	Object   string // exactly
	Deed     string // exactly, or a family by its dot: "alert."
	From, To time.Time
	Before   int64 // only rows older than this one: the next page
	Limit    int
}

// AuditRow is one row of the record, with its number.
type AuditRow struct {
	Seq int64
	ward.AuditEntry
}

// Token is a program's token without its secret.
type Token struct {
	ID      string
	Person  ward.PersonID
	Name    string // what the program is
	Made    time.Time
	Revoked time.Time // zero while it is good
}

// ImportReport is what became of an imported list.
type ImportReport struct {
	Rows, Admitted, Transferred, Corrected, Unchanged int
	Refused                                           []ImportRefusal
}

// ImportRefusal is one row that was not taken, and how to mend it.
type ImportRefusal struct {
	Line          int // of the file, the header being 1
	Message, Hint string
}

// Desk takes what people do to alerts, and what they do that alerts wait for.
type Desk interface {
	Act(ctx context.Context, a ward.Action) (ward.Alert, error)
	// HandOver moves what an accepted hand-over moves of open alerts. Twice is as once.
	HandOver(ctx context.Context, h ward.HandOver, at time.Time) error
	// Charted takes that a person in a duty has charted a set.
	Charted(ctx context.Context, o ward.Observation, role ward.Role) error
	// Symptoms takes a symptom check in comfort care.
	Symptoms(ctx context.Context, c ward.SymptomCheck) error
}

// Trends is history of the last days in minutes; minutes without data may be left out.
type Trends interface {
	Range(p ward.Place, v ward.Vital, from, to time.Time) []ward.Minute
	Scores(p ward.Place, from, to time.Time) []ward.ScoreMinute
}

// Check is one condition of being ready.
type Check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"` // why not, and what to do; nothing identifying
}
