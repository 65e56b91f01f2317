package ward

import "time"

// Shift is one row of the duty roster: a person holds a duty from From (included) until To.
type Shift struct {
	ID     string
	Ward   WardID // empty: for the whole hospital
	Role   Role
	Person PersonID
	From   time.Time
	To     time.Time
}

// DutyDefault is who is told of a ward's alerts when the roster names nobody for a duty.
type DutyDefault struct {
	Ward   WardID
	Role   Role
	People []PersonID
}

// Roster is who may answer for which duty, as the book has it. It is shared: nobody changes it.
type Roster struct {
	Shifts   []Shift // those of some days before and after the moment it was read
	Defaults []DutyDefault
	People   []Person
}

// Holding says how the people who answer for a duty were found.
type Holding string

// Ways of holding a duty, the best first. All but the first two are said to everybody who looks: the
// roster has a hole.
const (
	HeldByAssignment Holding = "assigned" // the stay's own nurse or doctor of this shift
	HeldByRoster     Holding = "roster"   // on duty by the roster
	HeldByDefault    Holding = "default"  // nobody is on duty: the ward's default
	HeldByAll        Holding = "all"      // there is no default either: everybody with this duty who works on the ward
	HeldByNobody     Holding = "nobody"   // nobody has this duty: the board and the group channels alone
)

// OnDuty is who answers for a duty of one patient at one moment.
type OnDuty struct {
	Role   Role
	How    Holding
	People []PersonID // without repeats, sorted; empty with HeldByNobody
}

// Contact is one address at which a person is told by one channel. Addresses identify: they stay in
// the book and go to the channel alone.
type Contact struct {
	ID      string
	Person  PersonID
	Channel string
	Address string // a telephone number (E.164), a mail address, a topic, a push subscription's endpoint
	P256dh  string // Web Push: the receiver's public key (RFC 8291), base64url
	Auth    string // Web Push: the receiver's authentication secret, base64url
	Label   string // what the person calls it, for example "Điện thoại trực"
	Added   time.Time
	Ended   time.Time // removed by a person, or found dead; zero while it is in use
	Why     string    // why it ended
}

// HandOver is one person's patients given to the next: it counts once the receiver has accepted it.
type HandOver struct {
	ID       string
	Ward     WardID
	Role     Role // in which duty: nurse or doctor
	From     PersonID
	To       PersonID
	Stays    []StayID
	Note     string // clinical free text: stays in the book
	Offered  time.Time
	State    HandOverState
	Answered time.Time
	Reason   string   // why it was declined
	By       PersonID // who offered it in the name of From; empty: From
	Left     []StayID // of Stays, once accepted: those that were gone or another's by then, and stayed as they were
}

// HandOverState is where a hand-over stands.
type HandOverState string

// Hand-over states.
const (
	HandOverOffered   HandOverState = "offered"
	HandOverAccepted  HandOverState = "accepted"
	HandOverDeclined  HandOverState = "declined"
	HandOverWithdrawn HandOverState = "withdrawn"
)

// SymptomCheck is what is looked at in comfort care in place of a score: each symptom from 0 (none)
// to 3 (severe).
type SymptomCheck struct {
	ID         string
	Stay       StayID
	At         time.Time // when they were looked at
	Entered    time.Time
	By         PersonID
	Pain       int
	Breathless int
	Agitation  int
	Nausea     int
	Secretions int
	Note       string
}

// Worst is the worst symptom found, 0 to 3.
func (c SymptomCheck) Worst() int {
	return max(c.Pain, c.Breathless, c.Agitation, c.Nausea, c.Secretions)
}

// Hold keeps everything about one stay in a span of time from being pruned, until it is released.
type Hold struct {
	ID       string
	Stay     StayID
	From     time.Time
	To       time.Time
	By       PersonID
	Reason   string
	Made     time.Time
	Released time.Time // zero while it holds
}
