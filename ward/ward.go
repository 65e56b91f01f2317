// Package ward holds the words everybody in Wardwatch shares: places, readings, stays, scores,
// alerts, notices and people. It is pure: the standard library only, no I/O, no goroutines, no
// clock of its own. Every other package sees this one; it sees none of them.
package ward

// WardID names a ward (department) as it stands in an MQTT topic: [A-Za-z0-9_-]{1,64}.
type WardID string

// BedID names a place a person can lie in, as it stands in an MQTT topic. A crowded bed holds two
// places, for example "12A" and "12B".
type BedID string

// DeviceID names a monitor or gateway as it names itself on the wire.
type DeviceID string

// StayID names one person's stay in hospital. It carries nothing identifying.
type StayID string

// PersonID names a member of staff (or a program acting for one).
type PersonID string

// Place is where something happened, and the partition key of everything live.
type Place struct {
	Ward WardID `json:"ward"`
	Bed  BedID  `json:"bed"`
}

// String is "ward/bed".
func (p Place) String() string { return string(p.Ward) + "/" + string(p.Bed) }

// MaxID is the longest identifier accepted on the wire, in bytes.
const MaxID = 64

// ValidID reports whether s may be a ward, bed or device identifier: [A-Za-z0-9_-]{1,64}.
func ValidID(s string) bool {
	if len(s) == 0 || len(s) > MaxID {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-') {
			return false
		}
	}
	return true
}
