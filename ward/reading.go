package ward

import "time"

// Reading is one element of one message: all that one source knew about one place at one moment.
// devices fills what was sent, ingest what it judges, the journal Position; after that it is
// never changed.
type Reading struct {
	Place  Place
	Device DeviceID // empty when the sender does not name itself
	Boot   string   // changes each time the device restarts; empty when not sent
	Seq    uint64   // rises by one per message within a boot
	HasSeq bool     // Seq was sent
	Source Source

	Taken   time.Time // by the sender's clock, untouched
	Arrived time.Time // by ours
	At      time.Time // when we hold it to be true: Taken corrected for a wrong clock
	Point   time.Time // its time in history: At, moved by whole milliseconds where the place has one already
	Clock   Clock
	Late    bool // kept as history, never scored as current: a backlog, a retained message

	Stay   StayID // who lay there at At; empty when nobody or when it is uncertain
	Apart  Apart  // why Stay is empty
	Values []Value
	Alarms []DeviceAlarm

	Partial string // of a charted set: the coded reason why it is not complete

	Position uint64 // in the journal; zero until committed
}

// Clock is what ingest made of the sender's clock.
type Clock uint8

// Clock judgements.
const (
	ClockGood       Clock = iota
	ClockSkewed           // a steady offset learned from live messages; At is corrected by it
	ClockImpossible       // more than 5 min ahead or 24 h behind: At is the time of arrival
)

var clockNames = [...]string{"good", "skewed", "impossible"}

// String is the judgement's name.
func (c Clock) String() string { return clockNames[min(int(c), len(clockNames)-1)] }

// Apart says why a reading is kept under no stay.
type Apart uint8

// Reasons to keep a reading apart. Such readings are kept and scored for the place, never shown
// under a name.
const (
	NotApart    Apart = iota
	EmptyBed          // nobody was admitted to the place then
	UnknownBed        // the place is not in the book
	AtBoundary        // a stay began or ended within the clock's uncertainty
	Unconfirmed       // the device moved or came back after a long gap, and nobody has confirmed it
	Crowded           // the place is not in the book, and too many are not: history in the journal, never scored
)

var apartNames = [...]string{"", "empty_bed", "unknown_bed", "stay_boundary", "unconfirmed_device", "too_many_unknown_beds"}

// String is the reason's name; empty for NotApart.
func (a Apart) String() string { return apartNames[min(int(a), len(apartNames)-1)] }

// Value finds the reading's value of v.
func (r *Reading) Value(v Vital) (Value, bool) {
	for i := range r.Values {
		if r.Values[i].Vital == v {
			return r.Values[i], true
		}
	}
	return Value{}, false
}

// Priority is a device alarm's own priority (IEC 60601-1-8).
type Priority uint8

// Priorities, lowest first.
const (
	LowPriority Priority = iota
	MediumPriority
	HighPriority
)

var priorityNames = [...]string{"low", "medium", "high"}

// String is the priority's name on the wire.
func (p Priority) String() string { return priorityNames[min(int(p), len(priorityNames)-1)] }

// PriorityNamed finds a priority by its name on the wire.
func PriorityNamed(name string) (Priority, bool) {
	for i, n := range priorityNames {
		if n == name {
			return Priority(i), true
		}
	}
	return 0, false
}

// DeviceAlarm is an alarm that the device itself raised: kept, shown, passed on without waiting.
type DeviceAlarm struct {
	Code     string // the device's own, for example "asystole"
	Priority Priority
	On       bool // false: the device says it has ended
}

// AlarmWorried is the code under which a person's worry travels, as an alarm of a charted set: it
// tells people by itself, whatever the score says, and ends with the next set without it.
const AlarmWorried = "worried"

// DeviceStatus is what a device or its last will says of itself.
type DeviceStatus struct {
	Place   Place
	Device  DeviceID
	State   DeviceState
	At      time.Time
	Battery float64 // fraction 0–1; negative when not sent
}

// DeviceState is a device's own word on whether it is there.
type DeviceState uint8

// Device states.
const (
	DeviceUnknown DeviceState = iota
	DeviceOnline
	DeviceOffline
	DeviceStandby
)

var deviceStateNames = [...]string{"unknown", "online", "offline", "standby"}

// String is the state's name on the wire.
func (s DeviceState) String() string { return deviceStateNames[min(int(s), len(deviceStateNames)-1)] }

// DeviceStateNamed finds a state by its name on the wire.
func DeviceStateNamed(name string) (DeviceState, bool) {
	for i, n := range deviceStateNames[1:] {
		if n == name {
			return DeviceState(i + 1), true
		}
	}
	return DeviceUnknown, false
}

// Minute is one vital of one place over one minute of history.
type Minute struct {
	Start          time.Time // whole minute
	Vital          Vital
	Min, Max, Mean float64
	Count          uint32 // readings behind it; zero means a gap, and then the rest says nothing
}
