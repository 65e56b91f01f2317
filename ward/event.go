package ward

import "time"

// Event is the one thing a screen's feed receives. Exactly one pointer is set.
type Event struct {
	Ward       WardID
	At         time.Time
	Reading    *Reading
	Score      *Score
	Alert      *Alert
	Assessment *Assessment
	Stay       *Stay
	Status     *DeviceStatus
	System     *System
}

// Record is one record of the journal, as it is read back. Exactly one pointer is set.
type Record struct {
	Reading    *Reading
	Score      *Score
	Assessment *Assessment // of its risks: where, whose, when, what and by which model
}

// System is the state of Wardwatch itself, shown on every screen: silence is an alarm.
type System struct {
	Code   string // for example "storage_full", "influx_lag", "ingest_stalled", "channel_down"
	Bad    bool   // false: it has recovered
	Since  time.Time
	Detail string
}

// Figure is one number that a part of Wardwatch reports about itself, shown under /metrics and to
// doctor. It never carries a patient's or a bed's name.
type Figure struct {
	Name  string // in Prometheus form, for example "wardwatch_ingest_rejected_total"
	Help  string
	Label string // name of its one label; empty for none
	Of    string // the label's value, from a closed list
	Gauge bool   // may fall; otherwise it only rises
	Value float64
}

// Reject is a message or element that could not be taken. It is kept in quarantine with its bytes
// and acknowledged, so that it cannot loop.
type Reject struct {
	At      time.Time
	Topic   string
	Device  DeviceID
	Reason  string // machine word, one of a closed list; counted by it
	Message string // how to mend it
	Payload []byte // at most 4 KiB of it
}

// Error speaks to three readers: Code to programs, Message to the person at the screen, Hint to
// whoever must mend it.
type Error struct {
	Code    ErrorCode
	Message string
	Hint    string
	Err     error
}

// ErrorCode is the kind of an Error.
type ErrorCode string

// Error codes.
const (
	NotFound    ErrorCode = "not_found"
	BadInput    ErrorCode = "bad_input"
	Conflict    ErrorCode = "conflict"
	Forbidden   ErrorCode = "forbidden"
	Unavailable ErrorCode = "unavailable"
)

// Error is the message, with its cause.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }
