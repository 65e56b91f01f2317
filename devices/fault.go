package devices

// Fault is something on the wire that could not be used, and how to mend it. It never carries
// what was sent, except a number that was out of range.
type Fault struct {
	Reason  string // one of Reasons
	Message string // how to mend it, for whoever set the device up
	Vital   string // name of the vital it is about; empty when about something else
}

// Error is the message.
func (f *Fault) Error() string {
	if f.Vital != "" {
		return f.Vital + ": " + f.Message
	}
	return f.Message
}

// The reasons of a Fault: a closed list, so that they can be counted by name.
const (
	ReasonTopic      = "bad_topic"
	ReasonTooLarge   = "too_large"
	ReasonUTF8       = "bad_utf8"
	ReasonJSON       = "bad_json"
	ReasonDeep       = "too_deep"
	ReasonElements   = "too_many_elements"
	ReasonEmpty      = "no_content"
	ReasonType       = "wrong_type"
	ReasonDuplicate  = "duplicate_key"
	ReasonNoTime     = "no_time"
	ReasonTime       = "bad_time"
	ReasonNoZone     = "time_without_zone"
	ReasonID         = "bad_id"
	ReasonSeq        = "bad_seq"
	ReasonNumber     = "not_a_number"
	ReasonRange      = "out_of_range"
	ReasonPercent    = "percent_fio2"
	ReasonFraction   = "fraction_spo2"
	ReasonFahrenheit = "fahrenheit"
	ReasonWord       = "unknown_word"
	ReasonMeasured   = "bad_measured"
	ReasonAlarm      = "bad_alarm"
	ReasonAlarms     = "too_many_alarms"
)

// Reasons lists every reason a Fault can have.
func Reasons() []string {
	return []string{
		ReasonTopic, ReasonTooLarge, ReasonUTF8, ReasonJSON, ReasonDeep, ReasonElements, ReasonEmpty,
		ReasonType, ReasonDuplicate, ReasonNoTime, ReasonTime, ReasonNoZone, ReasonID, ReasonSeq,
		ReasonNumber, ReasonRange, ReasonPercent, ReasonFraction, ReasonFahrenheit, ReasonWord,
		ReasonMeasured, ReasonAlarm, ReasonAlarms,
	}
}
